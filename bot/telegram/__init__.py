"""The edge to Telegram: the only package that imports the library of that name."""

import os

# The library's own way to say: give spans of time as timedelta, and do not warn about it.
os.environ["PTB_TIMEDELTA"] = "true"
