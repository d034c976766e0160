"""A story that is told twice, as a value."""

from dataclasses import dataclass
from random import Random


def dice_of(seed: int) -> Random:
    """Chance that falls the same every time."""
    return Random(seed)  # noqa: S311 - a story, no secret


@dataclass(frozen=True, slots=True)
class Secret:
    """Something that the other does in one of the worlds.

    Attributes:
        after: How much of the step's time passes before, in percent.
        move: A row of `SECRETS`.
        seed: Decides what it leaves open.
    """

    after: int
    move: str
    seed: int


@dataclass(frozen=True, slots=True)
class Step:
    """A while, in which the other does different things in both worlds, and then what happens in both alike.

    Attributes:
        minutes: How long the while is.
        secrets: What the other does meanwhile, in either world.
        move: A row of `READS` or of `SHARED`.
        seed: Decides what it leaves open.
    """

    minutes: int
    secrets: tuple[tuple[Secret, ...], tuple[Secret, ...]]
    move: str
    seed: int


@dataclass(frozen=True, slots=True)
class Script:
    """A story that is told twice.

    Attributes:
        beginning: A row of `beginnings.BEGINNINGS`.
        reader: Whether Kim reads and Noor has secrets; else the other way round.
        steps: What happens.
    """

    beginning: str
    kim_reads: bool
    steps: tuple[Step, ...]
