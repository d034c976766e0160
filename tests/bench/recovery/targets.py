"""The targets T1 to T16 of the measurement: what must hold, what would be excellent."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from tests.bench.recovery.measure import Found, Quantities
from tests.bench.recovery.proof import ALIKE

CHANCE: Final = 2.0  # standard errors: a smaller miss may be gone with another seed
MISSES: Final = "MISSES"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Where a quantity should lie, ends included."""

    low: float | None = None
    high: float | None = None

    def hold(self, value: float) -> bool:
        """Tell whether the value lies there."""
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)

    def __str__(self) -> str:
        if self.low is not None and self.high is not None:
            return f"{self.low:g} to {self.high:g}"
        return f"≥ {self.low:g}" if self.low is not None else f"≤ {self.high:g}"


def least(low: float, high: float | None = None) -> Limits:
    """Return limits from below, and from above where given."""
    return Limits(low=low, high=high)


def most(high: float) -> Limits:
    """Return a limit from above."""
    return Limits(high=high)


@dataclass(frozen=True, slots=True)
class Goal:
    """One quantity with its target; the messy world unless the text says otherwise."""

    target: str
    text: str
    key: str
    must: Limits | None
    excellent: Limits | None


GOALS: Final = (
    Goal("T1", "first form: typical error, points", "messy.first.rmse", most(9.5), most(8.0)),
    Goal("T2", "correlation with the true size", "messy.first.correlation", least(0.86), least(0.92)),
    Goal("T3", "80 % band holds, first form", "messy.first.holds", least(0.78, 0.88), least(0.79, 0.82)),
    Goal("", "… now, lowest of weeks 1 to 24", "messy.weeks.now.holds_least", least(0.78, 0.88), least(0.79, 0.82)),
    Goal("", "… now, highest", "messy.weeks.now.holds_most", least(0.78, 0.88), least(0.79, 0.82)),
    Goal("", "… usual, lowest of weeks 1 to 24", "messy.weeks.usual.holds_least", least(0.78, 0.88), least(0.79, 0.82)),
    Goal("", "… usual, highest", "messy.weeks.usual.holds_most", least(0.78, 0.88), least(0.79, 0.82)),
    Goal("T4", "harsh world: band holds, first form", "harsh.first.holds", least(0.74), least(0.78)),
    Goal("", "… now, lowest of weeks 1 to 24", "harsh.weeks.now.holds_least", least(0.74), least(0.78)),
    Goal("", "… usual, lowest of weeks 1 to 24", "harsh.weeks.usual.holds_least", least(0.74), least(0.78)),
    Goal("T5", "right when one state is named", "messy.first.named_right", least(0.90), least(0.93)),
    Goal("", "share named", "messy.first.named", least(0.50), least(0.60)),
    Goal("T6", "true state among the two of “between”", "messy.first.between_right", least(0.93), least(0.96)),
    Goal("T7", "the opposite corner named", "messy.first.opposite", most(0.005), most(0.001)),
    Goal("T8", "likeliest right, both true sizes clear", "messy.first.clear_right", least(0.92), least(0.96)),
    Goal("T9", "another name on an immediate retest", "messy.first.other_name", most(0.03), most(0.01)),
    Goal("", "… harsh world", "harsh.first.other_name", None, None),
    Goal("T10", "calibration: said minus right, at most", "messy.first.calibration", most(0.08), most(0.03)),
    Goal("T11", "error now, worst of weeks 1 to 24, points", "messy.weeks.now.rmse_worst", most(10.5), most(9)),
    Goal("", "error of the usual, week 12, points", "messy.weeks.usual.rmse_12", most(8), most(6.5)),
    Goal("", "error of the usual, week 24, points", "messy.weeks.usual.rmse_24", most(7.2), most(5.5)),
    Goal("T12", "“changed” with no change", "change.0.changed", most(0.06), most(0.05)),
    Goal("", "“changed” with 20 points", "change.20.changed", least(0.40), least(0.60)),
    Goal("", "“changed” with 30 points", "change.30.changed", least(0.70), least(0.90)),
    Goal("", "“may be changing” or more with no change", "change.0.maybe", None, None),
    Goal("", "“may be changing” or more with 20 points", "change.20.maybe", None, None),
    Goal("", "people told “changed” in two comparisons with no change", "change.0.anybody", None, None),
    Goal("", "check-ins where twin and `shifts` differ", "proof.change", most(0), None),
    Goal("T13", "straight line found", "lines.found", least(0.99), least(1)),
    Goal("", "nearly straight line found", "lines.nearly", None, None),
    Goal("", "attentive doubted, long form", "lines.attentive", most(0.01), most(0.001)),
    Goal("", "attentive doubted, weekly form", "lines.attentive_weekly", None, None),
    Goal("T14", "guess: direction right when spoken of", "guess.right", least(0.88), least(0.94)),
    Goal("", "… spoken of", "guess.spoken", None, None),
    Goal("T15", "clean world: band holds, first form", "clean.first.holds", least(0.80), least(0.80, 0.85)),
    Goal("", "… now, lowest of weeks 1 to 24", "clean.weeks.now.holds_least", least(0.80), None),
    Goal("", "… usual, lowest of weeks 1 to 24", "clean.weeks.usual.holds_least", least(0.80), None),
    Goal("T16", "twin against `bot.dance`, points", "proof.sizes", most(ALIKE), None),
)


def verdict(goal: Goal, found: Found) -> str:
    """Return "excellent", "holds", "misses, within chance", "MISSES", or nothing without a target."""
    if goal.must is None:
        return ""
    if not goal.must.hold(found.value):
        room = CHANCE * found.error
        near = goal.must.hold(found.value - room) or goal.must.hold(found.value + room)
        return "misses, within chance" if near else MISSES
    return "excellent" if goal.excellent is not None and goal.excellent.hold(found.value) else "holds"


def failing(quantities: Quantities, goals: Iterable[Goal] = GOALS) -> list[str]:
    """Return the keys of quantities that miss what must hold, by more than chance."""
    return [goal.key for goal in goals if verdict(goal, quantities[goal.key]) == MISSES]


def table(quantities: Quantities) -> list[str]:
    """Return the rows of a Markdown table of targets and what was obtained."""
    rows = [
        "| | quantity | must | excellent | obtained | ± | over draws | verdict |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for goal in GOALS:
        found = quantities[goal.key]
        limits = [str(limit) if limit else "" for limit in (goal.must, goal.excellent)]
        spread = f"{_number(min(found.draws))} to {_number(max(found.draws))}" if found.draws else ""
        error = _number(found.error) if found.error else ""
        cells = (goal.target, goal.text, *limits, _number(found.value), error, spread, verdict(goal, found))
        rows.append(f"| {' | '.join(cells)} |")
    return rows


def _number(value: float) -> str:
    if value and abs(value) < 1e-4:
        return f"{value:.0e}"
    return f"{value:.2f}" if abs(value) >= 2 else f"{value:.4f}".rstrip("0").rstrip(".")
