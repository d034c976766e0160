"""The edge to Telegram: the only package that imports the library of that name."""

import os
import sys

# The library's own way to say: give spans of time as timedelta, and do not warn about it.
os.environ["PTB_TIMEDELTA"] = "true"

# The library brings httpx along, and httpx its command line wherever it could run: ninety modules, five megabytes, and nothing
# of it is used here. None is how Python is told that a module is not to be had; httpx does without this one.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
