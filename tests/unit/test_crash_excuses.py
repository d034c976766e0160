"""What the crash town lets pass must be as narrow as it says: an excuse that is too wide would hide what was lost."""

from typing import Any

import pytest

from tests.crash.books import A_STEP, NOTHING_TO_SAY, Books, Parcel
from tests.crash.partners import _left_of

GIVEN = 1_796_754_169
STEP = round(A_STEP.total_seconds())


def parcel(kind: str = "thanks", *, reader: int = 6, at: int = GIVEN, error: str | None = NOTHING_TO_SAY) -> Parcel:
    """A parcel that did not go."""
    return Parcel(f"{kind}:{reader}:{at}", kind, reader, at, "dead", None, error)


@pytest.mark.parametrize(
    ("lost", "other", "excused"),
    [
        (parcel(), parcel(at=GIVEN + STEP), True),
        (parcel(), parcel(at=GIVEN + STEP + 1), False),
        (parcel(), parcel(at=GIVEN - 1), False),
        (parcel(), parcel(at=GIVEN + 60, reader=7), False),
        (parcel(), parcel("talk.over", at=GIVEN + 60), False),
        (parcel("talk.over"), parcel("talk.over", at=GIVEN + 60), False),
        (parcel(error="expired"), parcel(at=GIVEN + 60), False),
    ],
)
def test_only_the_next_days_thank_you_takes_ones_place(lost: Parcel, other: Parcel, excused: bool) -> None:
    """A lost thank-you is excused by one to the same reader within a step of time, and by nothing else."""
    nowhere: Any = None
    books = Books(nowhere, nowhere, {each.key: each for each in (lost, other)})
    assert books._overtaken(lost) is excused


@pytest.mark.parametrize(
    ("chosen", "kept", "in_doubt", "right"),
    [
        (["words", "nothing"], ["nothing"], False, True),
        (["words", "nothing"], ["words"], False, False),
        (["words", "nothing"], ["words"], True, True),
        (["words", "nothing"], ["sizes"], True, False),
        (["words", "nothing"], ["nothing", "words"], True, False),
    ],
)
def test_a_choice_in_doubt_may_be_missing_and_no_other(
    chosen: list[str],
    kept: list[str],
    in_doubt: bool,
    right: bool,
) -> None:
    """What is kept must have been chosen, in order; the last one may be missing only where it may have come too late."""
    assert (_left_of(chosen, kept, in_doubt=in_doubt) == kept) is right
