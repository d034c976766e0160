"""`python -m bot`: the commands; each loads what it needs, and nothing of the others."""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from dotenv import dotenv_values

from bot.settings import Settings, read
from bot.telegram.redaction import wordless, wordless_ends
from bot.trouble import Breakdown, Trouble
from prompts.catalogue import CatalogueError
from storage.errors import StorageError

BROKEN = 1
"""Exit code when something broke while the bot ran: start it again."""

FIXABLE = 2
"""Exit code for everything that the operator can mend before."""

ENV_FILE = Path(".env")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns:
        The exit code: 0 when all went well, 2 with one clear line when something is to be mended, 1 when
        something broke on the way.
    """
    arguments = _parser().parse_args(argv)
    try:
        with wordless_ends():
            return _dispatch(arguments)
    except (StorageError, CatalogueError, Trouble) as problem:
        sys.stderr.write(f"{problem}\n")
        return FIXABLE
    except Breakdown as problem:
        print(problem, file=sys.stderr)
        return BROKEN
    except KeyboardInterrupt:
        return 0
    except Exception as error:  # noqa: BLE001 -- a mistake of the program; what it quotes may be what somebody said
        print(f"{wordless(error)}\nThis is a mistake in the program. Please report the lines above.", file=sys.stderr)
        return BROKEN


def _dispatch(arguments: argparse.Namespace) -> int:
    if arguments.command == "score":
        from bot.commands import score

        return score.run(
            [arguments.file] if arguments.file else [], stdin=sys.stdin, stdout=sys.stdout, stderr=sys.stderr
        )
    settings = _settings()
    match arguments.command:
        case "run":
            from bot.commands import run

            return run.run(settings, ENV_FILE)
        case "demo":
            from bot.commands import demo

            return demo.run(settings, port=arguments.port)
        case "check":
            from bot.commands import check

            return asyncio.run(check.check(settings))
        case "migrate":
            from bot.commands import migrate

            return asyncio.run(migrate.migrate(settings))
        case "backup":
            from bot.commands import backup

            return asyncio.run(backup.backup(settings, arguments.file))
        case "restore":
            from bot.commands import backup

            return asyncio.run(backup.restore(settings, arguments.file, force=arguments.force))
        case "keys":
            from bot.commands import keys

            return asyncio.run(keys.rotate(settings))
        case _:
            from bot.commands import webhook

            return asyncio.run(webhook.change(settings, arguments.action))


def _settings() -> Settings:
    try:
        from_file = {name: value for name, value in dotenv_values(ENV_FILE).items() if value is not None}
    except (OSError, UnicodeDecodeError) as error:
        raise Trouble(f".env cannot be read ({type(error).__name__}). Let it be a text file of your own.") from error
    return read({**from_file, **os.environ})


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot", description="You & I, a Telegram bot for couples.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("run", help="run the bot on Telegram")
    demo_parser = commands.add_parser("demo", help="two phones on one page, no token needed")
    demo_parser.add_argument("--port", type=int, default=8000, help="first port to try (default 8000)")
    commands.add_parser("check", help="prove token, database, keys, clock, disk, fonts and text shaping")
    commands.add_parser("migrate", help="bring the tables up to date")
    copied = commands.add_parser("backup", help="copy the data to FILE, and the keys to a file of their own beside it")
    copied.add_argument("file", type=Path, metavar="FILE")
    restored = commands.add_parser("restore", help="take both back")
    restored.add_argument("file", type=Path, metavar="FILE")
    restored.add_argument("--force", action="store_true", help="replace the data that is there")
    scored = commands.add_parser("score", help="turn answers (JSON lines) into sizes")
    scored.add_argument("file", nargs="?", metavar="FILE", help="default: standard input")
    rotated = commands.add_parser("keys", help="care for the keys")
    rotated.add_argument("action", choices=["rotate"])
    hooked = commands.add_parser("webhook", help="tell Telegram where to send updates, or to stop")
    hooked.add_argument("action", choices=["set", "delete"])
    return parser


if __name__ == "__main__":
    sys.exit(main())
