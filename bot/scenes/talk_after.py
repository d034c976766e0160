"""After a talk, to each privately: did it help? It steers one's own starters and nothing else."""

from bot.scenes import diaries
from bot.scenes.diaries import Entry
from bot.scenes.keyboard import button, footer, row
from bot.scenes.screen import Screen, Tap
from bot.scenes.talk_matter import of_a_talk
from bot.scenes.turn import Turn
from storage.store import Tx

HELPED = ("yes", "little", "no", "quiet")
"""What one may answer; the last is "Rather not say"."""


def complete(turn: Turn) -> Screen:
    """The talk is complete: what was kept of it has gone."""
    rows = (
        row(*(button(turn, f"button.helped.{code}", "talk.helped", code) for code in HELPED[:2])),
        row(*(button(turn, f"button.helped.{code}", "talk.helped", code) for code in HELPED[2:])),
        footer(turn),
    )
    return of_a_talk(turn.words.render("talk_complete"), rows, Tap("talk.after"))


def after(turn: Turn, _tx: Tx) -> Screen:
    """Paint the question again, or send it to the one who did not tap last."""
    return complete(turn)


def helped(turn: Turn, tx: Tx) -> Screen:
    """Keep the answer among one's own starters; "rather not say" keeps nothing."""
    answer = turn.tap.args[0]
    if answer != HELPED[-1]:
        entry = Entry(id=diaries.TALK, week=diaries.week_number(turn.now), reason=answer)
        entries = [one for one in diaries.load(tx, turn.person.id, "own") if one.id != diaries.TALK]
        diaries.save(tx, turn.person.id, "own", [*entries, entry])
    rows = (row(button(turn, "button.own_starter", "starter")), footer(turn))
    return Screen(turn.words.render("talk_helped"), rows, Tap("home"))


def over(turn: Turn, _tx: Tx) -> Screen:
    """A talk has ended before its close: the same words for every cause."""
    return Screen(turn.words.render("talk_over"), (footer(turn),), Tap("home"))
