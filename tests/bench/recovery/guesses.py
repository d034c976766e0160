"""Simulated guesses: one partner answers eight statements as the other one might."""

from dataclasses import dataclass

import numpy as np

from bot.dance.couple import GUESS_APART, GUESS_AT
from bot.dance.sizes import normal_below
from prompts.instrument import INSTRUMENT
from tests.bench.recovery.forms import Flags, first_forms
from tests.bench.recovery.twin import Read, Twin
from tests.bench.recovery.worlds import (
    ABSENT,
    PLACES,
    Floats,
    World,
    answered,
    drawn_crowd,
    size_of,
)

FAR = 25.0  # points: a gap that a guess should not miss


@dataclass(frozen=True, slots=True, kw_only=True)
class Belief:
    """How far what somebody believes of a partner is from the truth.

    The defaults mix truth and assumed similarity so that gaps are spoken of about as often as in the study behind this
    project, which gives that share but not its model.

    Attributes:
        truth: Weight of where the partner is.
        likeness: Weight of where the guesser is: assumed similarity.
        noise_sd: What is left to chance, on theta.
    """

    truth: float = 0.5
    likeness: float = 0.3
    noise_sd: float = 0.5


@dataclass(frozen=True, slots=True)
class Gaps:
    """What is said of guesses in one draw: shares.

    Attributes:
        spoken: Of all guesses of an axis, those with a gap that is spoken of.
        right: Of the spoken ones, those in whose direction belief and truth do differ.
        beyond: Of the spoken ones, those truly more than 10 points apart in that direction.
        found: Of the guesses truly more than 25 points apart, those spoken of in that direction.
    """

    spoken: float
    right: float
    beyond: float
    found: float


def gaps(world: World, rng: np.random.Generator, people: int, twin: Twin, belief: Belief) -> Gaps:
    """Let some people guess how their partners, who answer the same questionnaire, would answer."""
    partner = first_forms(world, rng, people, twin)
    guesser = drawn_crowd(world, rng, people)
    toward = world.mean + belief.truth * (partner.theta - world.mean) + belief.likeness * (guesser.usual - world.mean)
    believed = toward + rng.normal(0, belief.noise_sd, toward.shape)
    keyed = answered(partner.wording, guesser, believed, rng)
    never = np.ones(len(PLACES), dtype=bool)
    never[[PLACES[item_id] for item_id in INSTRUMENT.guess_order]] = False
    keyed[:, never] = ABSENT
    guess = twin.now(twin.answered(twin.start(people), keyed))
    said = spoken(guess, partner.read)
    true = partner.true - size_of(believed)
    right = said * true > 0
    far = np.abs(true) > FAR
    return Gaps(
        spoken=float(np.mean(said != 0)),
        right=_share(right, said != 0),
        beyond=_share(said * true > GUESS_APART, said != 0),
        found=_share(right, far),
    )


def _share(what: Flags, of: Flags) -> float:
    """Return the share, NaN of nothing."""
    return float(what[of].mean()) if of.any() else float("nan")


def spoken(guess: Read, own: Read) -> Floats:
    """Return 1 where the partner's own circle is said to be larger than guessed, -1 for smaller, else 0.

    The rule of `bot.dance.couple.guess_gap`.
    """
    gap, sd = own.mean - guess.mean, np.hypot(guess.sd, own.sd)
    below = np.vectorize(normal_below)
    larger, smaller = below((gap - GUESS_APART) / sd) >= GUESS_AT, below((-gap - GUESS_APART) / sd) >= GUESS_AT
    said: Floats = larger.astype(np.float64) - smaller
    return said
