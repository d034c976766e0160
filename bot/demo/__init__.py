"""A local stand-in for Telegram, with two phones on one page."""
