"""The questionnaire without its words: items, keys, facets, forms, rotation and scoring constants.

The numbers stand in ``instrument.yaml``; docs/measurement.md explains them. The sentences live in the folder of
each language. The file is read and checked once, when this module is imported.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from importlib.resources import files
from itertools import chain, pairwise
from typing import cast

import yaml

ITEMS_PER_AXIS = 10  # two short axes of ten: docs/measurement.md, "The statements"
FACETS_PER_AXIS = 5  # each facet holds one statement as it is and one reversed
CYCLE_WEEKS = 10  # after so many weeks every statement came equally often
USES_PER_CYCLE = 3  # 10 weeks of 3 + 3 statements, 10 + 10 in all
ANSWER_VALUES = 5  # raw answers 0 to 4: from "Not true" to "Very true"


class InstrumentError(ValueError):
    """The questionnaire breaks one of its own rules; the message says which and where."""


class Axis(StrEnum):
    """The two dimensions: autonomy ("I") and intimacy ("you")."""

    I = "I"  # noqa: E741 - the article's own word for it
    YOU = "you"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One statement, without its words.

    Attributes:
        id: "I01" to "I10", "Y01" to "Y10".
        axis: The size it belongs to.
        facet: The side of that axis it touches; never reported by itself.
        key: 1 when agreement makes the size larger, -1 when it makes it smaller.
        guess_ok: Whether a partner may be asked to guess it; false for sensitive statements.
    """

    id: str
    axis: Axis
    facet: str
    key: int
    guess_ok: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Scoring:
    """Constants of the model; meaning, units and reasons in docs/measurement.md.

    Attributes:
        slope: Discrimination of every item, in logits a unit of theta.
        thresholds: The four places on theta where the next answer becomes likelier than not.
        prior_mean: Mean of the usual before any answer, on theta.
        usual_sd: Standard deviation of the usual between people, on theta.
        week_sd: Standard deviation of a week around the usual, on theta.
        week_carry: Correlation of a week's difference with the next week's.
        usual_drift_sd: Weekly drift of the usual, on theta.
        power: Exponent of the likelihood, 0 to 1.
        floor_points: Standard error that no repetition removes, in points of size, while little was repeated.
        floor_grown_points: What that error grows towards as the same statements come again, in points of size.
        floor_grows_after: Answers of an axis before it begins to grow; doubtful ones count by their weight.
        line: Middle between small and big, in points of size.
        line_softness: Standard deviation of that line, in points of size.
        name_at: Least probability at which one state is named.
        between_at: Least sum of the two likeliest states at which both are named.
    """

    slope: float
    thresholds: tuple[float, float, float, float]
    prior_mean: float
    usual_sd: float
    week_sd: float
    week_carry: float
    usual_drift_sd: float
    power: float
    floor_points: float
    floor_grown_points: float
    floor_grows_after: float
    line: float
    line_softness: float
    name_at: float
    between_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """Which few statements and guesses a week has.

    Attributes:
        per_axis: Statements of each axis in a weekly form.
        offset: Place within each axis at which week 1 begins.
        guesses: Items of each axis that weekly guesses go through in turn.
    """

    per_axis: int
    offset: Mapping[Axis, int]
    guesses: Mapping[Axis, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """The whole questionnaire.

    Attributes:
        items: All statements; within an axis in rotation order.
        first_order: Ids in the order of the first and of every full form.
        guess_order: Ids of the guesses after such a form.
        rotation: The weekly selection.
        scoring: Constants of the model.
        full_again_every_weeks: After how many weeks the full form is offered again.
    """

    items: tuple[Item, ...]
    first_order: tuple[str, ...]
    guess_order: tuple[str, ...]
    rotation: Rotation
    scoring: Scoring
    full_again_every_weeks: int

    def item(self, item_id: str) -> Item:
        """Return the item of this id.

        Raises:
            KeyError: There is none.
        """
        for item in self.items:
            if item.id == item_id:
                return item
        raise KeyError(item_id)

    def of_axis(self, axis: Axis) -> tuple[Item, ...]:
        """Return the items of an axis in rotation order."""
        return tuple(item for item in self.items if item.axis is axis)

    def weekly(self, week: int) -> tuple[str, ...]:
        """Return the ids of a week's form, "I" and "you" in turn.

        Args:
            week: 1 for the first week after the first form.

        Raises:
            ValueError: The week is not positive.
        """
        _require_week(week)
        chosen = []
        for axis in Axis:
            own = self.of_axis(axis)
            start = self.rotation.per_axis * (week - 1) + self.rotation.offset[axis]
            chosen.append([own[(start + step) % len(own)].id for step in range(self.rotation.per_axis)])
        return tuple(chain.from_iterable(zip(*chosen, strict=True)))

    def weekly_guesses(self, week: int) -> tuple[str, ...]:
        """Return the ids of a week's guesses, one of each axis.

        Args:
            week: 1 for the first week after the first form.

        Raises:
            ValueError: The week is not positive.
        """
        _require_week(week)
        rotations = (self.rotation.guesses[axis] for axis in Axis)
        return tuple(turn[(week - 1) % len(turn)] for turn in rotations)


def _require_week(week: int) -> None:
    if week < 1:
        raise ValueError(f"A weekly form needs a week from 1 on, not {week}.")


def parse(text: str) -> Instrument:
    """Read and check a questionnaire.

    Args:
        text: YAML with ``items``, ``forms`` and ``scoring``.

    Raises:
        InstrumentError: It cannot be read or breaks a rule.
    """
    try:
        document = yaml.safe_load(text)
        instrument = _read(document)
    except (yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise InstrumentError(f"The questionnaire cannot be read: {error!r}.") from error
    check(instrument)
    return instrument


def _read(document: Mapping[str, object]) -> Instrument:
    forms = cast("Mapping[str, Sequence[str]]", document["forms"])
    every_weeks = cast("int", forms["full_again_every_weeks"])
    items = cast("Sequence[Mapping[str, object]]", document["items"])
    return Instrument(
        items=tuple(_read_item(item) for item in items),
        first_order=tuple(forms["first_order"]),
        guess_order=tuple(forms["guess_order"]),
        rotation=_read_rotation(cast("Mapping[str, object]", forms["weekly"])),
        scoring=_read_scoring(cast("Mapping[str, object]", document["scoring"])),
        full_again_every_weeks=every_weeks,
    )


def _read_item(entry: Mapping[str, object]) -> Item:
    return Item(
        id=str(entry["id"]),
        axis=Axis(str(entry["axis"])),
        facet=str(entry["facet"]),
        key=cast("int", entry["key"]),
        guess_ok=entry["guess_ok"] is True,
    )


def _read_rotation(entry: Mapping[str, object]) -> Rotation:
    offset = cast("Mapping[str, int]", entry["offset"])
    guesses = cast("Mapping[str, Sequence[str]]", entry["guess_rotation"])
    return Rotation(
        per_axis=cast("int", entry["per_axis"]),
        offset={axis: offset[axis.value] for axis in Axis},
        guesses={axis: tuple(guesses[axis.value]) for axis in Axis},
    )


def _read_scoring(entry: Mapping[str, object]) -> Scoring:
    numbers = {field.name: entry[field.name] for field in fields(Scoring) if field.name != "thresholds"}
    values = {name: float(cast("float", number)) for name, number in numbers.items()}
    first, second, third, fourth = (float(place) for place in cast("Sequence[float]", entry["thresholds"]))
    return Scoring(thresholds=(first, second, third, fourth), **values)


def check(instrument: Instrument) -> None:
    """Hold a questionnaire to its rules.

    Raises:
        InstrumentError: It breaks one; the message names the rule and the place.
    """
    _check_items(instrument)
    _check_forms(instrument)
    _check_rotation(instrument)
    _check_guesses(instrument)
    _check_scoring(instrument.scoring)


def _require(holds: bool, rule: str) -> None:
    if not holds:
        raise InstrumentError(rule)


def _check_items(instrument: Instrument) -> None:
    ids = [item.id for item in instrument.items]
    _require(len(ids) == ITEMS_PER_AXIS * len(Axis), f"20 items are needed, there are {len(ids)}.")
    _require(len(set(ids)) == len(ids), "Two items share an id.")
    for axis in Axis:
        own = instrument.of_axis(axis)
        _require(len(own) == ITEMS_PER_AXIS, f"Axis {axis} needs 10 items, it has {len(own)}.")
        for place, item in enumerate(own):
            expected = f"{axis[0].upper()}{place + 1:02d}"
            _require(item.id == expected, f"Item {item.id} stands where {expected} belongs.")
            _require(item.key == (-1) ** place, f"Keys must alternate; {item.id} has key {item.key}.")
            twin = own[place % FACETS_PER_AXIS].facet
            _require(item.facet == twin, f"Facets must repeat every five; {item.id} is {item.facet}, not {twin}.")
        facets = {item.facet for item in own}
        _require(len(facets) == FACETS_PER_AXIS, f"Axis {axis} needs 5 facets, it has {len(facets)}.")


def _check_forms(instrument: Instrument) -> None:
    ids = sorted(item.id for item in instrument.items)
    _require(sorted(instrument.first_order) == ids, "The first form must ask every item exactly once.")
    axes = [instrument.item(item_id).axis for item_id in instrument.first_order]
    _require(all(left is not right for left, right in pairwise(axes)), "The first form must alternate the axes.")
    _require(instrument.full_again_every_weeks >= 1, "The full form must come again after one week or more.")


def _check_rotation(instrument: Instrument) -> None:
    _require(1 <= instrument.rotation.per_axis <= ITEMS_PER_AXIS, "A week has 1 to 10 items of an axis.")
    uses: Counter[str] = Counter()
    for week in range(1, CYCLE_WEEKS + 1):
        asked = [instrument.item(item_id) for item_id in instrument.weekly(week)]
        uses.update(item.id for item in asked)
        _require(sum(item.key for item in asked) == 0, f"Week {week} needs as many positive as reversed items.")
        for axis in Axis:
            facets = [item.facet for item in asked if item.axis is axis]
            _require(len(set(facets)) == len(facets), f"Week {week} asks one facet of {axis} twice.")
    for item in instrument.items:
        _require(
            uses[item.id] == USES_PER_CYCLE,
            f"In {CYCLE_WEEKS} weeks every item comes {USES_PER_CYCLE} times; {item.id} comes {uses[item.id]} times.",
        )


def _check_guesses(instrument: Instrument) -> None:
    known = {item.id: item for item in instrument.items}
    turns = instrument.rotation.guesses
    for item_id in chain(instrument.guess_order, *turns.values()):
        _require(item_id in known, f"A guess asks for {item_id}, which is not an item.")
        _require(known[item_id].guess_ok, f"Item {item_id} is sensitive and must not be guessed.")
    _require(len(set(instrument.guess_order)) == len(instrument.guess_order), "A guess comes twice.")
    for axis in Axis:
        _require(bool(turns[axis]), f"Axis {axis} has no weekly guesses.")
        for item_id in turns[axis]:
            _require(known[item_id].axis is axis, f"Guess {item_id} stands under the wrong axis.")


def _check_scoring(scoring: Scoring) -> None:
    _require(list(scoring.thresholds) == sorted(set(scoring.thresholds)), "The thresholds must rise.")
    _require(scoring.slope > 0, "The slope must be positive.")
    for name in ("usual_sd", "week_sd", "usual_drift_sd", "floor_points", "line_softness"):
        _require(getattr(scoring, name) > 0, f"{name} must be positive.")
    _require(scoring.floor_grown_points >= scoring.floor_points, "The floor must not shrink.")
    _require(scoring.floor_grows_after >= ITEMS_PER_AXIS, "The floor must not grow before a statement can come again.")
    for name in ("power", "week_carry", "name_at", "between_at"):
        _require(0 < getattr(scoring, name) <= 1, f"{name} must lie between 0 and 1.")


INSTRUMENT: Instrument = parse(files(__package__).joinpath("instrument.yaml").read_text(encoding="utf-8"))
