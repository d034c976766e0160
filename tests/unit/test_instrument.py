from importlib.resources import files

import pytest

from prompts.instrument import CYCLE_WEEKS, INSTRUMENT, Axis, InstrumentError, parse

TEXT = files("prompts").joinpath("instrument.yaml").read_text(encoding="utf-8")


def test_sensitive_statements_are_never_guessed() -> None:
    """No guess may touch a statement that could put somebody at risk."""
    assert {item.id for item in INSTRUMENT.items if not item.guess_ok} == {"I02", "I03", "I08", "I10", "Y10"}


def test_a_week_asks_six_in_turn() -> None:
    """A weekly form has three statements of each axis, I first, in turn."""
    assert INSTRUMENT.weekly(1) == ("I01", "Y06", "I02", "Y07", "I03", "Y08")
    assert INSTRUMENT.weekly(2) == ("I04", "Y09", "I05", "Y10", "I06", "Y01")


def test_the_rotation_comes_round() -> None:
    """After ten weeks the rotation begins again."""
    assert INSTRUMENT.weekly(1 + CYCLE_WEEKS) == INSTRUMENT.weekly(1)


def test_weekly_guesses_take_turns() -> None:
    """A week has one guess of each axis, and four weeks have four different ones."""
    assert [INSTRUMENT.weekly_guesses(week) for week in range(1, 6)] == [
        ("I01", "Y01"),
        ("I04", "Y04"),
        ("I07", "Y05"),
        ("I06", "Y08"),
        ("I01", "Y01"),
    ]


@pytest.mark.parametrize("week", [0, -1])
def test_a_weekly_form_needs_a_week(week: int) -> None:
    """Weeks of the rotation count from one."""
    with pytest.raises(ValueError, match="from 1 on"):
        INSTRUMENT.weekly(week)
    with pytest.raises(ValueError, match="from 1 on"):
        INSTRUMENT.weekly_guesses(week)


def test_items_are_found_by_id() -> None:
    """An item is found by its id and an unknown id says so."""
    assert INSTRUMENT.item("Y06").axis is Axis.YOU
    with pytest.raises(KeyError):
        INSTRUMENT.item("X01")


@pytest.mark.parametrize(
    ("found", "put", "rule"),
    [
        (
            "I02, axis: I, facet: own_voice, key: -1",
            "I02, axis: I, facet: own_voice, key: 1",
            "Keys must alternate; I02",
        ),
        ("I07, axis: I, facet: own_voice", "I07, axis: I, facet: agency", "Facets must repeat every five; I07"),
        ("  - {id: Y10, axis: you, facet: whole_person, key: -1, guess_ok: false}\n", "", "20 items are needed"),
        ("{id: I02,", "{id: I01,", "share an id"),
        ("{id: I02,", "{id: I12,", "I12 stands where I02 belongs"),
        ("{id: Y01, axis: you", "{id: Y01, axis: I", "Axis I needs 10 items"),
        ("facet: agency", "facet: boundaries", "needs 5 facets"),
        ("first_order: [I01, Y06,", "first_order: [I01, I01,", "exactly once"),
        ("first_order: [I01, Y06,", "first_order: [Y06, I01,", "alternate the axes"),
        ("full_again_every_weeks: 8", "full_again_every_weeks: 0", "come again"),
        ("per_axis: 3", "per_axis: 0", "1 to 10 items"),
        ("per_axis: 3", "per_axis: 2", "every item comes 3 times; I01 comes 2"),
        ("offset: {I: 0, you: 5}", "offset: {I: 0, you: 6}", "as many positive as reversed"),
        ("guess_order: [I01, Y08,", "guess_order: [I02, Y08,", "I02 is sensitive"),
        ("guess_order: [I01, Y08,", "guess_order: [I99, Y08,", "I99, which is not an item"),
        ("guess_order: [I01, Y08,", "guess_order: [Y08, Y08,", "A guess comes twice"),
        ("guess_rotation: {I: [I01, I04, I07, I06]", "guess_rotation: {I: []", "no weekly guesses"),
        ("guess_rotation: {I: [I01,", "guess_rotation: {I: [Y01,", "wrong axis"),
        ("thresholds: [-1.8, -0.6", "thresholds: [-0.6, -1.8", "thresholds must rise"),
        ("thresholds: [-1.8, ", "thresholds: [", "cannot be read"),
        ("slope: 1.4", "slope: 0", "slope must be positive"),
        ("week_sd: 0.50", "week_sd: 0", "week_sd must be positive"),
        ("power: 0.65", "power: 1.5", "power must lie"),
        ("floor_grown_points: 5", "floor_grown_points: 3", "must not shrink"),
        ("floor_grows_after: 13", "floor_grows_after: 9", "before a statement can come again"),
        ("scoring:", "scores:", "cannot be read"),
        ("axis: you, facet: carrying, key: 1", "axis: we, facet: carrying, key: 1", "cannot be read"),
        ("items:", "items: {", "cannot be read"),
    ],
)
def test_a_broken_questionnaire_says_which_rule(found: str, put: str, rule: str) -> None:
    """Each rule of the questionnaire is held when it is read, in a sentence that names the place."""
    assert found in TEXT
    with pytest.raises(InstrumentError, match=rule):
        parse(TEXT.replace(found, put))


def test_one_facet_of_an_axis_never_comes_twice_in_a_week() -> None:
    """A rotation of six an axis would ask one facet twice and is refused."""
    with pytest.raises(InstrumentError, match="Week 1 asks one facet of I twice"):
        parse(TEXT.replace("per_axis: 3", "per_axis: 6"))
