"""What is kept, taking it along, hiding the chat, and being forgotten."""

import json
from collections import Counter
from datetime import datetime

from bot.dance.walk import Walk
from bot.scenes import diaries
from bot.scenes.drawings import drawing, figure
from bot.scenes.keyboard import beside, button, column, footer, for_good, row
from bot.scenes.results import Result
from bot.scenes.screen import Document, Screen, Tap
from bot.scenes.talk_matter import Note
from bot.scenes.turn import Turn
from prompts.catalogue import Catalogue
from storage import checkins, couples, people, rounds, shared, talks
from storage import thanks as given
from storage.records import CheckIn
from storage.store import Tx

TELEGRAM_DELETES_WITHIN = 48
"""Hours for which Telegram lets a bot delete its own messages (Bot API, deleteMessage)."""

_EVERY_KEEPSAKE = 1000


def privacy(turn: Turn, _tx: Tx) -> Screen:
    """`/privacy`: what is kept, for how long, and who could read it."""
    text = turn.words.render("privacy", retention_days=turn.house.retention_days, operator=turn.house.operator_name)
    if turn.person.adult_at is None:
        return Screen(
            text, (row(button(turn, "button.back", "start"), button(turn, "button.safety", "safety")),), Tap("privacy")
        )
    rows = (
        *beside(button(turn, "button.export", "export"), button(turn, "button.hide", "hide")),
        row(button(turn, "button.delete", "delete")),
        footer(turn),
    )
    return Screen(text, rows, Tap("privacy"))


def export(turn: Turn, tx: Tx) -> Screen:
    """`/export`: my pictures; everything else with a second tap."""
    names: Counter[str] = Counter()
    pictures = tuple(
        (_file_name(result.week, check_in.finished_at, names), drawing(turn, figure(turn, result)))
        for check_in, result in _results(tx, turn.person.id)
        if check_in.finished_at
    )
    rows = (row(button(turn, "button.export_all", "export.all")), footer(turn))
    if not pictures:
        return Screen(turn.words.render("export_none"), rows, Tap("export"))
    return Screen(
        turn.words.render("export", count=len(pictures)),
        rows,
        Tap("privacy"),
        document=Document("you-and-i-pictures.zip", b"", pictures),
        fresh=True,
    )


def _file_name(week: int, finished_at: datetime, names: Counter[str]) -> str:
    """A name for each picture; a second one of the same day says so."""
    name = f"week-{week:03d}-{finished_at:%Y-%m-%d}"
    names[name] += 1
    return f"{name}.jpg" if names[name] == 1 else f"{name}-{names[name]}.jpg"


def _results(tx: Tx, person_id: int) -> list[tuple[CheckIn, Result]]:
    return [(one, Result.from_json(one.result)) for one in checkins.finished(tx, person_id) if one.result is not None]


def export_all(turn: Turn, tx: Tx) -> Screen:
    """Everything that is kept of the person, as one JSON file."""
    content = json.dumps(_everything(turn, tx), ensure_ascii=False, indent=2).encode()
    return Screen(
        turn.words.render("export_all"),
        (footer(turn),),
        Tap("privacy"),
        document=Document("you-and-i.json", content),
        fresh=True,
    )


def _everything(turn: Turn, tx: Tx) -> dict[str, object]:
    person = turn.person
    couple = couples.of(tx, person.id)
    return {
        "exported_at": turn.now.isoformat(timespec="seconds"),
        "settings": {
            "telegram_id": person.telegram_id,
            "language": person.language,
            "zone": person.zone,
            "weekday": person.weekday,
            "minute": person.minute,
            "quiet_from": person.quiet_from,
            "quiet_to": person.quiet_to,
            "paused": person.paused,
            "text_only": person.text_only,
            "since": person.created_at.isoformat(timespec="seconds"),
        },
        "pair": None
        if couple is None
        else {
            "partner": couples.partner_name(tx, couple, person.id),
            "called": couples.own_name(tx, couple, person.id),
            "since": couple.created_at.isoformat(timespec="seconds"),
        },
        "checkins": [_line(one) for one in checkins.finished(tx, person.id) if one.walk],
        "pictures": [
            {"week": one.week, "finished_at": _iso(one), **json.loads(one.result or "{}")}
            for one, _ in _results(tx, person.id)
        ],
        "choices": [
            {"level": choice.level.value, "chosen_at": choice.chosen_at.isoformat(timespec="seconds")}
            for choice in rounds.choices_of(tx, person.id)
        ],
        "shown_to_me": [
            {"opened_at": kept.opened_at.isoformat(timespec="seconds"), **json.loads(kept.content)}
            for kept in shared.kept(tx, person.id, limit=_EVERY_KEEPSAKE)
        ],
        "talk": _talk(tx, turn.person.id),
        "thanks": _thanks(tx, turn.person.id),
        "starters": {
            "own": [entry.id for entry in diaries.load(tx, person.id, "own")],
            "joint": [entry.id for entry in diaries.load(tx, person.id, "joint")],
        },
    }


def _talk(tx: Tx, person_id: int) -> dict[str, list[str]] | None:
    """One's own words in the talk that is open: what is being written, and what was sent last."""
    own = talks.of(tx, person_id)
    if own is None:
        return None
    return {"writing": [*Note.from_json(own.draft).texts], "sent": [*Note.from_json(own.said).texts]}


def _thanks(tx: Tx, person_id: int) -> dict[str, str] | None:
    """The last thank-you that the person gave."""
    last = given.last(tx, person_id)
    return None if last is None else {"for": last[0], "given_at": last[1].isoformat(timespec="seconds")}


def _iso(check_in: CheckIn) -> str | None:
    return check_in.finished_at.isoformat(timespec="seconds") if check_in.finished_at else None


def _line(check_in: CheckIn) -> dict[str, object]:
    """A check-in as `python -m bot score` reads it; once its answers have dissolved, only its picture is left."""
    walk = Walk.from_json(check_in.walk or "")
    weight = Result.from_json(check_in.result).weight if check_in.result else 1
    return {
        "person": "me",
        "week": check_in.week,
        "form": check_in.form,
        "answers": walk.raw(),
        "weight": weight,
        "wish": walk.wish,
        "odd_week": walk.odd_week,
        "guesses": walk.guesses_raw(),
        "finished_at": _iso(check_in),
    }


def delete(turn: Turn, _tx: Tx) -> Screen:
    """`/delete`: what goes, what stays, and one more tap."""
    return Screen(
        turn.words.render("delete"),
        (
            *column(for_good(button(turn, "button.delete_yes", "delete.yes")), button(turn, "button.keep", "home")),
            footer(turn),
        ),
        Tap("delete"),
    )


def deleted(turn: Turn, tx: Tx) -> Screen:
    """The second tap: the key goes first, then every row."""
    people.forget(tx, turn.person.id, turn.now)
    return farewell(turn.words)


def farewell(words: Catalogue) -> Screen:
    """What somebody reads who is not known here any more."""
    return Screen(words.render("deleted"), (), Tap("gone"), fresh=True)


def hide(turn: Turn, _tx: Tx) -> Screen:
    """`/hide`: the bot's recent messages here go, as far as Telegram allows."""
    return Screen(turn.words.render("hidden"), (footer(turn),), Tap("home"), fresh=True, clears=TELEGRAM_DELETES_WITHIN)
