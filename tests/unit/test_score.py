import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from bot.commands.score import run
from bot.dance.care import DOUBT_WEIGHT
from bot.dance.course import Course, advance
from bot.dance.walk import Form, Stage, Walk
from bot.scenes import privacy, results
from prompts.instrument import INSTRUMENT
from storage.records import CheckIn

SOME_DAY = datetime(2026, 11, 22, tzinfo=UTC)
KEYS = {item.id: item.key for item in INSTRUMENT.items}
FIRST = {item_id: 3 if KEYS[item_id] > 0 else 1 for item_id in INSTRUMENT.first_order}
WEEKLY = {"I04": 3, "I05": 2, "I06": 3, "Y09": None}


def line(**changes: object) -> str:
    """Return a good line with some fields changed; None takes a field away."""
    entry = {"person": "p1", "week": 0, "form": "first", "answers": FIRST} | changes
    return json.dumps({name: value for name, value in entry.items() if value is not None})


def scored(text: str, *argv: str) -> tuple[int, list[dict[str, object]], str]:
    """Return the exit status, the lines written, and what was said about errors."""
    out, err = io.StringIO(), io.StringIO()
    status = run(argv, stdin=io.StringIO(text), stdout=out, stderr=err)
    return status, [json.loads(entry) for entry in out.getvalue().splitlines()], err.getvalue()


def test_a_first_form() -> None:
    """A line gives both sizes, the usual, the patterns and the words, rounded."""
    status, entries, err = scored(line())
    assert (status, err) == (0, "")
    axis = {
        "size": 70.73,
        "low": 59.77,
        "high": 80.87,
        "usual": 68.24,
        "usual_low": 53.48,
        "usual_high": 82.3,
        "p_big": 0.9824,
    }
    patterns = {"integrated": 0.9651, "engulfed": 0.0173, "isolated": 0.0173, "adrift": 0.0003}
    assert entries == [
        {"person": "p1", "week": 0, "I": axis, "you": axis, "patterns": patterns, "wording": ["named", "integrated"]}
    ]


def test_weeks_continue_what_was_told() -> None:
    """Later lines of a person continue the earlier ones; other people's lines between them do not matter."""
    text = "\n".join([line(), line(person="p2"), "", line(week=1, form="weekly", answers=WEEKLY), line(week=1)])
    status, entries, _ = scored(text)
    assert status == 0
    assert [entry["person"] for entry in entries] == ["p1", "p2", "p1", "p1"]
    week = entries[2]["I"]
    assert isinstance(week, dict)
    assert (week["size"], week["low"], week["high"], week["usual"]) == (59.27, 45.73, 72.59, 61.54)
    you = entries[2]["you"]
    assert isinstance(you, dict)
    assert you["high"] - you["low"] > 80.87 - 59.77


def lived_weeks(steps: int = 24) -> list[CheckIn]:
    """Return the finished check-ins of one simulated person as storage keeps them.

    Some weeks are missed, some statements skipped, and one form counts as doubtful.
    """
    chance = Random(24)  # noqa: S311 - a simulation
    kept: list[CheckIn] = []
    for week in range(steps + 1):
        if week in {3, 8, 17}:
            continue
        form = Form.WEEKLY if week % 9 else (Form.FULL if week else Form.FIRST)
        walk = Walk.begin(form, week, SOME_DAY)
        while walk.stage is Stage.STATEMENTS:
            value = chance.choice([None, 1, 2, 3, 3, 4])
            walk = walk.answer(walk.position, value, walk.shown_at + timedelta(seconds=4))
        walk = walk.with_wish("fine") if form is Form.FIRST else walk.with_wish("fine").with_odd("no")
        weight = DOUBT_WEIGHT if week == 11 else 1.0
        before = Course.from_bytes(kept[-1].grids or b"") if kept else None
        course = advance(before, form=form, week=week, raw=walk.raw(), weight=weight)
        result = results.score(course.grids, weight=weight, week=week, wish=walk.wish, unusual=False)
        kept.append(
            CheckIn(
                id=week,
                person_id=1,
                form=form,
                week=week,
                started_at=SOME_DAY,
                finished_at=SOME_DAY,
                walk=walk.to_json(),
                result=result.to_json(),
                grids=course.to_bytes(),
            )
        )
    return kept


def test_an_export_scores_as_the_bot_did() -> None:
    """24 weeks of check-ins, exported and scored again, give the sizes and words that the bot kept week by week."""
    kept = lived_weeks()
    status, entries, err = scored("\n".join(json.dumps(privacy._line(one)) for one in kept))
    assert (status, err, len(entries)) == (0, "", 22)
    for check_in, entry in zip(kept, entries, strict=True):
        result = json.loads(check_in.result or "")
        assert entry["week"] == check_in.week
        for axis in ("I", "you"):
            # the bot keeps its grids in single precision from week to week, this run does not
            assert entry[axis] == pytest.approx(result[axis], abs=0.011)
        assert entry["wording"] == result["wording"]


def test_doubtful_lines_weigh_less() -> None:
    """A weight of 0.3 is taken into account, and 1 is what a line has without one."""
    _, (full,), _ = scored(line(weight=1))
    _, (plain,), _ = scored(line())
    _, (doubtful,), _ = scored(line(weight=0.3))
    assert full == plain != doubtful


def test_unclear_and_between_are_said() -> None:
    """Wording holds no state when there is no clear pattern and two when it is between."""
    _, (unclear,), _ = scored(line(answers={}))
    assert unclear["wording"] == ["unclear"]
    only_you = {item_id: value for item_id, value in FIRST.items() if item_id.startswith("Y")}
    _, (between,), _ = scored(line(answers=only_you))
    assert between["wording"] == ["between", "integrated", "engulfed"]


def test_other_fields_are_left_alone() -> None:
    """A line of an export, with fields of its own, can be read as it is."""
    status, entries, _ = scored(line(finished_at="2026-11-22", person="Zoë\u2028"))
    assert (status, entries[0]["person"]) == (0, "Zoë\u2028")


def test_a_file_is_read(tmp_path: Path) -> None:
    """A path is read instead of the standard input, a byte order mark and Windows line ends included."""
    path = tmp_path / "answers.jsonl"
    path.write_bytes(("\ufeff" + line() + "\r\n" + line(week=1) + "\r\n").encode())
    assert [entry["week"] for entry in scored("", str(path))[1]] == [0, 1]
    assert scored(line(), "-")[0] == 0


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (line(answers={"X01": 1}), "unknown item 'X01'"),
        (line(answers={"I01": 5}), "the answer to I01 must be 0 to 4 or null, not 5"),
        (line(answers={"I01": -1}), "not -1"),
        (line(answers={"I01": True}), "not True"),
        (line(answers={"I01": 2.0}), "not 2.0"),
        (line(answers={"I01": "3"}), "not '3'"),
        (line(answers=[1]), '"answers" must be an object'),
        (line(person=None), 'the field "person" is missing'),
        (line(week=None), 'the field "week" is missing'),
        (line(form=None), 'the field "form" is missing'),
        (line(answers=None), 'the field "answers" is missing'),
        (line(person=7), '"person" must be'),
        (line(person=""), '"person" must be'),
        (line(week=-1), '"week" must be'),
        (line(week=0.5), '"week" must be'),
        (line(week=True), '"week" must be'),
        (line(week=10**6), '"week" must be'),
        (line(form="monthly"), '"form" must be one of first, weekly, full'),
        (line(form=[]), '"form" must be'),
        (line(weight=0.5), '"weight" must be 1 or 0.3'),
        (line(weight=True), '"weight" must be'),
        (line(weight=[]), '"weight" must be'),
        ('{"person": "p1",', "no valid JSON"),
        ('{"person": "p1", "person": "p2"}', "a field comes twice"),
        ("9" * 5000, "no JSON that can be read"),
        ("[]", "a JSON object is needed"),
    ],
)
def test_bad_input_names_its_line(bad: str, said: str) -> None:
    """A line that cannot be used is named by number, nothing is written and the status is 2."""
    status, entries, err = scored(f"{line()}\n\n{bad}\n")
    assert (status, entries) == (2, [])
    assert err.startswith("score: line 3: ")
    assert said in err


def test_weeks_must_go_forward() -> None:
    """A person's week before an earlier line's is an error, another person's is not."""
    status, entries, err = scored("\n".join([line(week=3), line(person="p2", week=1), line(week=2)]))
    assert (status, entries) == (2, [])
    assert "line 3: week 2 of 'p1' comes after week 3" in err


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    """A path that cannot be read gives a sentence and status 2."""
    status, _, err = scored("", str(tmp_path / "none.jsonl"))
    assert status == 2
    assert "none.jsonl" in err
    broken = tmp_path / "broken.jsonl"
    broken.write_bytes(b"\xff\xfe")
    assert scored("", str(broken))[0] == 2


def test_usage() -> None:
    """Asking for help is no error, a second path is."""
    assert run(["--help"], stdin=io.StringIO(), stdout=io.StringIO(), stderr=io.StringIO()) == 0
    status, _, err = scored("", "one", "two")
    assert (status, err) == (2, "usage: python -m bot score [FILE]\n")
