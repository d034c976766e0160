"""Where the bot's processes are born: imported once, in the process that forks them, and nowhere else."""

import functools

from bot import app
from tests.crash import mortal

__all__ = ["mortal"]

# The words never change, and compiling them takes longer than everything else at start.
app.load = functools.cache(app.load)
for _language in app.languages():
    app.load(_language)
