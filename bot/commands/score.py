"""`python -m bot score [FILE]`: answers as JSON lines in, sizes and words as JSON lines out.

A line of input is one check-in of one person:

    {"person": "p1", "week": 0, "form": "first", "answers": {"I01": 3, "Y06": null}, "weight": 1}

Answers are raw, 0 to 4 as tapped, null for Skip; the weight may be left out. The weeks of a person go forward; whatever
form a line has, it continues what the person's earlier lines told. Other fields are left alone, so that the check-ins
of an export can be read as they are. Nothing is written before every line was understood.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO, cast

from bot.dance.care import DOUBT_WEIGHT
from bot.dance.course import Course, advance
from bot.dance.patterns import patterns, wording
from bot.dance.sizes import FULL_WEIGHT, Reading
from bot.dance.walk import Form
from prompts.instrument import ANSWER_VALUES, INSTRUMENT

USAGE: Final = "usage: python -m bot score [FILE]"
BAD_INPUT: Final = 2  # exit status
LATEST_WEEK: Final = 5_200  # a century: a later week is a slip of the pen, not a check-in
SIZE_DECIMALS: Final = 2
CHANCE_DECIMALS: Final = 4
_ITEM_IDS = frozenset(item.id for item in INSTRUMENT.items)


class LineError(ValueError):
    """A line of input cannot be used; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One check-in as read.

    Attributes:
        person: Whose, any text.
        week: 7-day steps since the person's first check-in.
        form: Which form was answered.
        answers: Raw answers by item id, None for Skip.
        weight: 1, or 0.3 for doubtful answers.
    """

    person: str
    week: int
    form: Form
    answers: dict[str, int | None]
    weight: float


def run(argv: Sequence[str], *, stdin: TextIO, stdout: TextIO, stderr: TextIO) -> int:
    """Score a file, or what comes in.

    Args:
        argv: What follows the word ``score``: at most one path; none or "-" reads ``stdin``.
        stdin: Where lines come from without a path.
        stdout: Where scored lines go.
        stderr: Where the one sentence about bad input goes.

    Returns:
        0 when every line was scored, 2 when one could not be and nothing was written.
    """
    if list(argv) in (["-h"], ["--help"]):
        print(USAGE, file=stdout)
        return 0
    if len(argv) > 1:
        print(USAGE, file=stderr)
        return BAD_INPUT
    try:
        scored = score(_lines(argv, stdin))
    except (OSError, ValueError) as error:
        print(f"score: {error}", file=stderr)
        return BAD_INPUT
    for entry in scored:
        print(json.dumps(entry), file=stdout)
    return 0


def _lines(argv: Sequence[str], stdin: TextIO) -> list[str]:
    if not argv or argv[0] == "-":
        return stdin.read().split("\n")  # not splitlines: a JSON text may hold other line ends
    return Path(argv[0]).read_text(encoding="utf-8-sig").split("\n")


def score(texts: Iterable[str]) -> list[dict[str, object]]:
    """Return the scored line of each line; empty lines are passed over.

    Raises:
        LineError: A line cannot be used; the message begins with its number.
    """
    courses: dict[str, Course] = {}
    scored: list[dict[str, object]] = []
    for number, text in enumerate(texts, start=1):
        if not text.strip():
            continue
        try:
            line = read_line(text)
            before = courses.get(line.person)
            _require_forward(line, before)
        except LineError as error:
            raise LineError(f"line {number}: {error}") from error
        course = advance(before, form=line.form, week=line.week, raw=line.answers, weight=line.weight)
        courses[line.person] = course
        scored.append(_scored(line, course))
    return scored


def _require_forward(line: Line, before: Course | None) -> None:
    if before is not None and line.week < before.week:
        raise LineError(f"week {line.week} of {line.person!r} comes after week {before.week}")


def read_line(text: str) -> Line:
    """Return the check-in that a line of JSON holds.

    Raises:
        LineError: It is no JSON, a field is missing, or a value is impossible.
    """
    entry = _json(text)
    if not isinstance(entry, dict):
        raise LineError("a JSON object is needed")
    for name in ("person", "week", "form", "answers"):
        if name not in entry:
            raise LineError(f'the field "{name}" is missing')
    return Line(
        person=_person(entry["person"]),
        week=_week(entry["week"]),
        form=_form(entry["form"]),
        answers=_answers(entry["answers"]),
        weight=_weight(entry.get("weight", FULL_WEIGHT)),
    )


def _json(text: str) -> object:
    try:
        return json.loads(text, object_pairs_hook=_without_doubles)
    except LineError:
        raise
    except json.JSONDecodeError as error:
        raise LineError(f"no valid JSON: {error.msg} at character {error.pos + 1}") from error
    except (ValueError, RecursionError) as error:  # a number of thousands of digits, thousands of brackets
        raise LineError("no JSON that can be read") from error


def _without_doubles(pairs: list[tuple[str, object]]) -> dict[str, object]:
    entry = dict(pairs)
    if len(entry) < len(pairs):
        raise LineError("a field comes twice")
    return entry


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _person(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise LineError('"person" must be a text that is not empty')
    return value


def _week(value: object) -> int:
    if not _is_whole(value) or not 0 <= cast("int", value) <= LATEST_WEEK:
        raise LineError(f'"week" must be a whole number from 0 to {LATEST_WEEK}')
    return cast("int", value)


def _form(value: object) -> Form:
    if value not in list(Form):
        raise LineError(f'"form" must be one of {", ".join(Form)}')
    return Form(str(value))


def _answers(value: object) -> dict[str, int | None]:
    if not isinstance(value, dict):
        raise LineError('"answers" must be an object of item ids and answers')
    for item_id, answer in value.items():
        if item_id not in _ITEM_IDS:
            raise LineError(f"unknown item {item_id!r}")
        if answer is not None and not (_is_whole(answer) and 0 <= answer < ANSWER_VALUES):
            raise LineError(f"the answer to {item_id} must be 0 to {ANSWER_VALUES - 1} or null, not {answer!r}")
    return value


def _weight(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value not in {FULL_WEIGHT, DOUBT_WEIGHT}:
        raise LineError(f'"weight" must be 1 or {DOUBT_WEIGHT}')
    return float(value)


def _scored(line: Line, course: Course) -> dict[str, object]:
    sizes = course.grids.sizes()
    chances = patterns(sizes.i.now.p_big, sizes.you.now.p_big)
    words = wording(chances)
    return {
        "person": line.person,
        "week": line.week,
        "I": _axis(sizes.i),
        "you": _axis(sizes.you),
        "patterns": {state.value: round(chance, CHANCE_DECIMALS) for state, chance in chances.items()},
        "wording": [words.kind, *(state.value for state in words.states)],
    }


def _axis(reading: Reading) -> dict[str, float]:
    points = {
        "size": reading.now.mean,
        "low": reading.now.low,
        "high": reading.now.high,
        "usual": reading.usual.mean,
        "usual_low": reading.usual.low,
        "usual_high": reading.usual.high,
    }
    rounded = {name: round(value, SIZE_DECIMALS) for name, value in points.items()}
    return rounded | {"p_big": round(reading.now.p_big, CHANCE_DECIMALS)}
