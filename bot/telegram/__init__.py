"""The edge to Telegram: the only package that imports the library of that name."""
