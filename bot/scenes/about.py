"""The idea in five short screens, how it works, and the help card."""

from bot.scenes.keyboard import button, footer, row
from bot.scenes.screen import Screen, Tap
from bot.scenes.turn import Turn
from storage.store import Tx

PAGES = 5

COMMANDS = (
    "start",
    "checkin",
    "picture",
    "invite",
    "compare",
    "starter",
    "talk",
    "thanks",
    "history",
    "settings",
    "leave",
    "hide",
    "privacy",
    "export",
    "delete",
    "safety",
    "help",
    "about",
)
"""The commands in Telegram's menu, in this order; each has a label ``command.<name>``."""


def about(turn: Turn, _tx: Tx) -> Screen:
    """`/about`: one of the five screens."""
    said = turn.tap.args[0] if turn.tap.args else "1"
    page = min(max(int(said), 1), PAGES) if said.isdecimal() else 1
    moves = []
    if page > 1:
        moves.append(button(turn, "button.back", "about", page - 1))
    if page < PAGES:
        moves.append(button(turn, "button.next", "about", page + 1))
    return Screen(turn.words.render(f"about_{page}"), (tuple(moves), footer(turn)), Tap("about", (str(page),)))


def help_page(turn: Turn, _tx: Tx) -> Screen:
    """`/help`: how it works; with the way back for whoever comes from choosing what to show."""
    where = turn.tap.args if turn.tap.args == ("share",) else ()
    back = (row(button(turn, "button.back", *where)),) if where else ()
    more = row(button(turn, "button.about", "about"), button(turn, "button.kept", "privacy"))
    text = turn.words.render("help", commands=COMMANDS)
    return Screen(text, (*back, more, footer(turn)), Tap("help", where))


def safety(turn: Turn, _tx: Tx) -> Screen:
    """`/safety`: the same card for everybody, never pushed, one tap away."""
    text = turn.words.render("safety", help=turn.words.help_lines, country=turn.house.help_country)
    return Screen(text, (row(button(turn, "button.menu", "home")),), Tap("safety"))
