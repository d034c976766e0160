"""`python -m bot run`: the bot on Telegram; the first time it asks for the token."""

import asyncio
import gc
import os
import sys
from dataclasses import replace
from pathlib import Path

import segno

from bot import app
from bot.commands.stopping import run_until_stopped
from bot.memory import share_one_heap
from bot.settings import Settings
from bot.telegram.access import MISSING, prove_token
from bot.trouble import Trouble

BOTFATHER = """\
You & I needs a bot of its own on Telegram. Three steps:

  1. In Telegram, open @BotFather and send /newbot
  2. Choose a name and a username that ends in "bot"
  3. Copy the token that BotFather answers with, and paste it here
"""


SWITCH_SECONDS = 0.0005
"""How long one thread keeps Python to itself while another waits for it. With Python's own 5 ms each of the many steps of a tap
waited that long behind the painting and the writing thread: while a comparison opened every 60 ms, a tap took twice as long."""


def run(settings: Settings, env_file: Path) -> int:
    """Run until stopped; ask for the token first where there is none."""
    if not settings.bot_token:
        settings = ask_for_token(settings, env_file)
    share_one_heap()
    sys.setswitchinterval(SWITCH_SECONDS)
    run_until_stopped(_serve(settings))
    return 0


def ask_for_token(settings: Settings, env_file: Path) -> Settings:
    """Lead through BotFather, prove the token, and keep it in `.env`, readable by its owner only.

    Raises:
        Trouble: If nobody is there to answer, or Telegram refuses the token.
    """
    print(BOTFATHER)
    if not sys.stdin.isatty():
        raise Trouble(MISSING)
    given = replace(settings, bot_token=_typed())
    if not given.bot_token:
        raise Trouble("No token was given. Start again when you have it.")
    asyncio.run(prove_token(given))
    keep_token(env_file, given.bot_token)
    print(f"Kept in {env_file}, readable by you only.\n")
    return given


def _typed() -> str:
    try:
        return input("Token: ").strip()
    except EOFError:
        return ""


def keep_token(env_file: Path, token: str) -> None:
    """Add the token to `.env`, made with mode 0600, and leave its other lines as they are."""
    lines = env_file.read_text(encoding="utf-8").splitlines() if env_file.exists() else []
    kept = [line for line in lines if not line.lstrip().startswith("BOT_TOKEN=")]
    text = "\n".join([*kept, f"BOT_TOKEN={token}", ""])
    partial = env_file.with_name(f"{env_file.name}.new")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    partial.replace(env_file)
    env_file.chmod(0o600)


def keep_for_good() -> None:
    """Let the garbage collector pass over what is there now: words, templates and libraries stay until the end.

    Looking at all of it again halts every tap; measured: 90 ms each time.
    """
    gc.freeze()


async def _serve(settings: Settings) -> None:
    async with app.running(settings) as bot:
        keep_for_good()
        link = await bot.way_in()
        print(f"You & I is running: {link}")
        segno.make(link).terminal(compact=True)
        print("Stop with Ctrl+C.")
        await bot.until_broken()
