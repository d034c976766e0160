import math
import struct

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.dance.sizes import Filter, Grids, Reading, Size, Sizes, enough, floor_after, guessed, keyed, size_at
from prompts.instrument import INSTRUMENT, Axis

TWO_DECIMALS = 0.00501
ONE_DECIMAL = 0.0501

answers = st.lists(st.integers(0, 4), max_size=10)
forms = st.dictionaries(
    st.sampled_from([item.id for item in INSTRUMENT.items]), st.none() | st.integers(0, 4), max_size=20
)
histories = st.lists(st.tuples(st.integers(0, 3), st.lists(st.integers(0, 4), max_size=5)), max_size=5)


def lived(history: list[tuple[int, list[int]]]) -> Filter:
    """Return one axis after some weeks with answers."""
    known = Filter.start()
    for weeks, keyed_answers in history:
        known = known.weeks(weeks).answered(keyed_answers)
    return known


def every_size(sizes: Sizes) -> list[Size]:
    """Return the four sizes of a person."""
    return [sizes.i.now, sizes.i.usual, sizes.you.now, sizes.you.usual]


@pytest.mark.parametrize(("theta", "points"), [(-2, 14.6), (-1, 30.8), (0, 50.0), (0.5, 59.7), (1, 69.2), (2, 85.4)])
def test_the_curve_from_theta_to_size(theta: float, points: float) -> None:
    """Places on theta have the sizes that docs/measurement.md lists."""
    assert size_at(theta) == pytest.approx(points, abs=ONE_DECIMAL)


@pytest.mark.parametrize(
    ("value", "mean", "sd", "low", "high"),
    [(3, 70.73, 8.20, 59.77, 80.87), (2, 50.50, 8.82, 38.86, 62.01)],
)
def test_golden_first_forms(value: int, mean: float, sd: float, low: float, high: float) -> None:
    """Ten equal answers on an axis give the golden size, error and band."""
    now = Filter.start().answered([value] * 10).reading().now
    assert (now.mean, now.sd, now.low, now.high) == pytest.approx((mean, sd, low, high), abs=TWO_DECIMALS)


@pytest.mark.parametrize(
    ("values", "mean", "low", "high"),
    [([], 54.3, 23.2, 84.6), ([4] * 10, 94.0, 86.2, 99.8), ([0] * 10, 7.1, 1.0, 15.0)],
)
def test_golden_extremes(values: list[int], mean: float, low: float, high: float) -> None:
    """No answers at all and the two extreme forms give their golden sizes and bands."""
    now = Filter.start().answered(values).reading().now
    assert (now.mean, now.low, now.high) == pytest.approx((mean, low, high), abs=ONE_DECIMAL)


@pytest.mark.parametrize("stored", [False, True])
def test_golden_week(*, stored: bool) -> None:
    """A first form and one week give the golden week and usual, stored in between or not."""
    known = Filter.start().answered([3] * 10)
    known = Filter.from_bytes(known.to_bytes()) if stored else known
    reading = known.weeks(1).answered([1, 2, 1]).reading()
    now, usual = reading.now, reading.usual
    assert (now.mean, now.low, now.high) == pytest.approx((59.27, 45.73, 72.59), abs=TWO_DECIMALS)
    assert (usual.mean, usual.low, usual.high) == pytest.approx((61.54, 47.22, 75.65), abs=TWO_DECIMALS)


def test_yea_saying_lands_near_the_middle() -> None:
    """Very true to everything, reversed statements included, gives about 52 with a wide band on each axis."""
    sizes = Grids.start().answered(dict.fromkeys(INSTRUMENT.first_order, 4)).sizes()
    for now in (sizes.i.now, sizes.you.now):
        assert now.mean == pytest.approx(52, abs=0.5)
        assert (now.low, now.high) == pytest.approx((32, 71), abs=1)


def test_reversed_statements_are_turned_round() -> None:
    """Raw answers are turned round by key, skipped ones left out, and kept to their axis."""
    raw = {"I01": 3, "I02": 1, "I03": None, "Y06": 0, "Y07": 4}
    assert keyed(raw, Axis.I) == [3, 3]
    assert keyed(raw, Axis.YOU) == [4, 4]
    with pytest.raises(KeyError):
        keyed({"X01": 1}, Axis.I)


def test_enough_answers_on_each_axis() -> None:
    """A first form shows sizes from six answers on each axis on."""
    raw: dict[str, int | None] = dict.fromkeys(INSTRUMENT.first_order[:12], 2)
    assert enough(raw)
    assert not enough(raw | {"I01": None})


def test_guesses_are_scored_like_answers() -> None:
    """Guesses go through the same model, fresh from the start."""
    raw: dict[str, int | None] = dict.fromkeys(INSTRUMENT.guess_order, 3)
    assert guessed(raw) == Grids.start().answered(raw).sizes()


def test_doubtful_answers_weigh_less() -> None:
    """Answers with a weight of 0.3 move the size less and leave the band wider."""
    full = Filter.start().answered([4] * 10).reading().now
    doubtful = Filter.start().answered([4] * 10, 0.3).reading().now
    assert Filter.start().reading().now.mean < doubtful.mean < full.mean
    assert doubtful.sd > full.sd


def test_silence_widens_the_band() -> None:
    """Six silent weeks take the error of this week from about 8 to about 14 points."""
    known = Filter.start().answered([3] * 10)
    spans = [known.weeks(number).reading().now.sd for number in range(7)]
    assert spans == sorted(spans)
    assert spans[6] == pytest.approx(14, abs=1)


@pytest.mark.parametrize(
    ("number", "points"), [(0, 3.5), (10, 3.5), (13, 3.5), (26, 4.316), (52, 4.670), (104, 4.838), (10**9, 5.0)]
)
def test_the_floor_grows_with_repetition(number: int, points: float) -> None:
    """The floor is 3.5 points up to 13 answers of an axis and then grows towards 5."""
    assert floor_after(number) == pytest.approx(points, abs=1e-3)


@given(number=st.floats(0, 10_000), more=st.floats(0, 100))
def test_the_floor_never_shrinks(number: float, more: float) -> None:
    """More answers never lower the floor, and it stays within its two ends."""
    assert 3.5 <= floor_after(number) <= floor_after(number + more) <= 5


@settings(deadline=None)  # the machine may be busy
@given(history=histories, again=st.integers(0, 20))
def test_bands_are_never_narrower_than_with_a_floor_that_stays(
    history: list[tuple[int, list[int]]], again: int
) -> None:
    """A growing floor widens bands and errors, and leaves sizes and chances of being big as they are."""
    known = lived([*history, *[(0, [2, 3, 1])] * again])
    grown = known.reading()
    stays = Filter(known.cells, answers=0).reading()
    for wide, narrow in ((grown.now, stays.now), (grown.usual, stays.usual)):
        assert wide.low <= narrow.low
        assert wide.high >= narrow.high
        assert wide.sd >= narrow.sd
        assert (wide.mean, wide.p_big) == (narrow.mean, narrow.p_big)


def test_doubtful_answers_count_by_their_weight_and_silence_not_at_all() -> None:
    """The floor grows with what was answered: ten doubtful answers count as three, silent weeks as none."""
    assert Filter.start().answered([3] * 10).weeks(5).answered([3] * 10, 0.3).answered([]).answers == pytest.approx(13)


def test_the_first_week_has_the_floor_it_had() -> None:
    """A first form and one week of three answers an axis are read with exactly 3.5 points."""
    known = Filter.start().answered([3] * 10).weeks(1).answered([1, 2, 1])
    assert known.reading() == Filter(known.cells, answers=0).reading()
    assert known.answered([2]).reading().now.sd > Filter(known.answered([2]).cells, answers=0).reading().now.sd


def test_without_the_floor_repetition_is_not_seen() -> None:
    """With the floor off, as two blocks are compared, the number of answers changes nothing."""
    known = lived([(1, [2, 3, 1])] * 9)
    assert known.reading(floor=False) == Filter(known.cells, answers=0).reading(floor=False)


def test_without_the_floor_the_error_is_smaller() -> None:
    """The floor of 3.5 points adds to the error and can be left off."""
    known = Filter.start().answered([3] * 10)
    with_floor, without = known.reading().now, known.reading(floor=False).now
    assert with_floor.sd**2 - without.sd**2 == pytest.approx(3.5**2)
    assert with_floor.mean == without.mean


@pytest.mark.parametrize(("values", "weight"), [([5], 1.0), ([-1], 1.0), ([1], 0.0), ([1], 1.5), ([], -1.0)])
def test_impossible_answers_are_refused(values: list[int], weight: float) -> None:
    """Answers outside 0 to 4 and weights outside 0 to 1 are errors."""
    with pytest.raises(ValueError, match=r"from 0 to 4|weight"):
        Filter.start().answered(values, weight)


def test_weeks_do_not_run_backwards() -> None:
    """A negative number of weeks is an error."""
    with pytest.raises(ValueError, match="backwards"):
        Grids.start().weeks(-1)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"too short",
        bytes(1984 * 2),
        struct.pack("<992f", *[float("nan")] * 992),
        struct.pack("<992f", *[1.0] * 992),
        struct.pack("<992f", *[1.0, *[0.0] * 494, -1.0] * 2),
        struct.pack("<992f", *[1.0, *[0.0] * 494, math.inf] * 2),
        struct.pack("<992f", *[1.0, *[0.0] * 494, math.nan] * 2),
    ],
)
def test_damaged_bytes_are_refused(content: bytes) -> None:
    """Bytes that hold no probabilities are an error."""
    with pytest.raises(ValueError, match="filter"):
        Grids.from_bytes(content)


@settings(deadline=None)  # the machine may be busy
@given(history=histories)
def test_bands_hold_their_size(history: list[tuple[int, list[int]]]) -> None:
    """A size lies within its band, the band within 0 to 100, and the chance of being big within 0 to 1."""
    reading: Reading = lived(history).reading()
    for size in (reading.now, reading.usual):
        assert 0 <= size.low <= size.mean <= size.high <= 100
        assert 0 <= size.p_big <= 1
        assert size.sd > 3.5


@settings(deadline=None)  # the machine may be busy
@given(values=st.lists(st.integers(0, 4), min_size=1, max_size=10), place=st.integers(0, 9), earlier=histories)
def test_a_higher_answer_never_makes_a_circle_smaller(
    values: list[int], place: int, earlier: list[tuple[int, list[int]]]
) -> None:
    """One answer raised raises this week and the usual, whatever else was answered."""
    place %= len(values)
    assume(values[place] < 4)
    raised = [*values[:place], values[place] + 1, *values[place + 1 :]]
    known = lived(earlier)
    lower, higher = known.answered(values).reading(), known.answered(raised).reading()
    assert lower.now.mean < higher.now.mean
    assert lower.usual.mean < higher.usual.mean
    assert lower.now.p_big < higher.now.p_big


@settings(deadline=None)  # the machine may be busy
@given(values=answers)
def test_the_order_of_answers_does_not_matter(values: list[int]) -> None:
    """The same answers in another order give the same size."""
    known = Filter.start()
    assert known.answered(values) == known.answered(values[::-1])


@settings(deadline=None)  # the machine may be busy
@given(raw=forms, weeks=st.integers(0, 3))
def test_grids_survive_being_stored(raw: dict[str, int | None], weeks: int) -> None:
    """Grids come back from their bytes with the same sizes, and a second time with the same bytes."""
    grids = Grids.start().answered(raw).weeks(weeks)
    content = grids.to_bytes()
    again = Grids.from_bytes(content)
    assert again.to_bytes() == content
    assert (again.i.answers, again.you.answers) == pytest.approx((grids.i.answers, grids.you.answers))
    for before, after in zip(every_size(grids.sizes()), every_size(again.sizes()), strict=True):
        assert (after.mean, after.sd, after.low, after.high) == pytest.approx(
            (before.mean, before.sd, before.low, before.high), abs=1e-3
        )


@settings(deadline=None)  # the machine may be busy
@given(raw=forms)
def test_one_axis_never_moves_the_other(raw: dict[str, int | None]) -> None:
    """What somebody says about closeness leaves their I as it was."""
    only_i = {item_id: value for item_id, value in raw.items() if item_id.startswith("I")}
    assert Grids.start().answered(raw).i == Grids.start().answered(only_i).i
