"""A tap costs little: at most six statements for what a person waits for, on both databases."""

import itertools
from datetime import timedelta
from functools import partial

from bot import app
from bot.scenes.screen import Button, Screen, Tap
from bot.scenes.turn import House, Visitor
from bot.telegram.panel import Shown, settle
from bot.telegram.router import Doing, Tapped
from bot.telegram.stage import Stage, play, voices
from prompts.catalogue import load
from storage import couples, inbox, people
from storage.store import Store, Tx
from tests.contract.people import NOW
from tests.databases import Place

BUDGET = 6
"""Statements of one unit of work (the design, 4.4)."""

CLOSING_BUDGET = 15
"""The one tap a week that ends a check-in scores it, files it, moves what was planned, and chooses a thought."""

OFFER_BUDGET = 12
"""The one tap that offers a talk makes its rows, its plan and its parcel."""

KIM = 5_000_000_001
STAGE = Stage(
    app.routes(),
    voices({"en": load("en")}),
    House(bot_username="bot", operator_name="", open_to_everyone=True, help_country="", retention_days=60),
)
ANSWERS = ("Mostly true", "Half true", "Skip", "Very true", "A little true", "Mostly true", "Half true")
ON_THE_WAY = {4: ("Back",), 5: ("Back",), 8: ("Pause",), 20: ("Sketch",), 21: ("Sketch",)}
"""What is tapped instead of an answer, by the number of the tap."""


class Phone:
    """One person's taps, played as units of work, and what each of them cost."""

    def __init__(self, store: Store, telegram_id: int = KIM) -> None:
        self._store = store
        self._telegram_id = telegram_id
        self._now = NOW
        self._numbers = itertools.count(telegram_id)
        self.costs: dict[str, int] = {}
        self.screen: Screen | None = None

    async def start(self) -> None:
        """Send /start; who comes for the first time is made known, which is no tap."""
        await self._do("/start", command="start", text="")

    async def command(self, name: str) -> None:
        """Send a command."""
        await self._do(f"/{name}", command=name, text="")

    async def type(self, text: str) -> None:
        """Type a text."""
        await self._do("a text", text=text)

    async def tap(self, label: str) -> None:
        """Tap the button with these words."""
        await self._do(label, tap=self._means(label), tapped=Tapped(7, is_text=True, protected=False), query_id="q")

    def _means(self, label: str) -> Tap:
        assert self.screen is not None
        for button in itertools.chain.from_iterable(self.screen.rows):
            if isinstance(button, Button) and button.label == label and button.tap is not None:
                return button.tap
        raise AssertionError(f"no button {label!r} in {self.labels}")

    @property
    def labels(self) -> list[str]:
        """The words of all buttons."""
        return [button.label for row in self.screen.rows for button in row] if self.screen else []

    async def _do(self, what: str, **doing: object) -> None:
        self._now += timedelta(seconds=4)
        number = next(self._numbers)
        letters = await self._store.write(
            partial(inbox.store, updates=[(number, self._telegram_id, "{}")], now=self._now)
        )
        done = Doing(telegram_id=self._telegram_id, visitor=Visitor(language_code="en", first_name="Kim"), **doing)  # type: ignore[arg-type]
        with self._store.count_statements() as statements:
            unit = partial(play, stage=STAGE, letter_id=letters[0].id, doing=done, now=self._now)
            played = await self._store.write(unit)
        assert played is not None
        cost = len(statements)
        self.costs[what] = max(cost, self.costs.get(what, 0))
        self.screen = played.screen
        if played.person is not None:
            shown = Shown(7, "text", "digest", sent=False)
            await self._store.write(partial(settle, person_id=played.person.id, shown=shown, now=self._now))


async def walk_to_the_end(kim: Phone) -> None:
    """Every kind of tap that there is on the way to the first picture."""
    await kim.start()
    kim.costs.clear()
    await kim.tap("I'm 18 or over, let's begin")
    for number in range(60):
        wanted = [label for label in ON_THE_WAY.get(number, ()) if label in kim.labels]
        if wanted:
            await kim.tap(wanted[0])
        elif "Very true" in kim.labels:
            await kim.tap(ANSWERS[number % len(ANSWERS)])
        elif closing := {"Fine as it is", "Go on"} & {*kim.labels}:
            await kim.tap(closing.pop())
        else:
            return


async def two(store: Store) -> tuple[Phone, Phone]:
    """Kim and Noor are a pair; nothing that they did until now counts."""
    kim, noor = Phone(store), Phone(store, KIM + 1_000_000)
    for one in (kim, noor):
        await one.start()
        await one.tap("I'm 18 or over, let's begin")

    def pair(tx: Tx) -> None:
        first, second = people.find(tx, KIM), people.find(tx, KIM + 1_000_000)
        assert first is not None
        assert second is not None
        couples.pair(tx, inviter=first, invitee=second, inviter_name="Kim", invitee_name="Noor", now=NOW)

    await store.write(pair)
    for one in (kim, noor):
        one.costs.clear()
    return kim, noor


async def talk_apart(kim: Phone, noor: Phone) -> None:
    """Every kind of tap that there is in a talk apart, and most of those that open one."""
    for speaker, listener in ((kim, noor), (noor, kim)):
        for text in ("you came home late", "alone", "a message"):
            await speaker.type(text)
        await speaker.tap("Send it")
        await listener.command("talk")
        await listener.type("that you were alone")
        await listener.tap("Send it")
        await speaker.command("talk")
        await speaker.tap("Yes, that is it")
        await listener.command("talk")
    await kim.type("how you laugh")
    await kim.tap("Change it")
    await kim.type("your patience")
    await kim.tap("Send it")
    await noor.command("talk")
    await noor.tap("Nothing to add")
    await noor.tap("A little")


async def test_a_move_of_a_talk_costs_few_statements(store: Store) -> None:
    """A text and a look cost no more than any tap; a move that the other hears of costs a parcel and a lock more.

    Opening a talk, naming a time and ending it happen once a talk, and each has a plan to make or to drop.
    """
    kim, noor = await two(store)
    await kim.command("talk")
    await kim.tap("Apart, each in your own chat")
    await kim.tap("Ask Noor")
    await noor.command("talk")
    await noor.tap("Yes, now")
    await kim.command("talk")
    await talk_apart(kim, noor)
    dearest = {what: max(kim.costs.get(what, 0), noor.costs.get(what, 0)) for what in {*kim.costs, *noor.costs}}
    assert dearest.pop("Ask Noor") <= OFFER_BUDGET
    assert dearest.pop("Apart, each in your own chat") <= BUDGET + 1
    assert dearest.pop("Nothing to add") <= BUDGET + 2
    assert {what: cost for what, cost in dearest.items() if cost > BUDGET + 1} == {}
    assert {what for what, cost in dearest.items() if cost > BUDGET} <= {
        "Send it",
        "Yes, now",
        "Yes, that is it",
    }


async def test_a_tap_of_a_talk_in_one_room_costs_few_statements(store: Store, place: Place) -> None:
    """A tap changes both phones for the price of one; where a turn begins or the talk ends there is a plan, too."""
    kim, noor = await two(store)
    await kim.command("talk")
    await kim.tap("Together, in one room")
    await kim.tap("Ask Noor")
    await noor.command("talk")
    await noor.tap("Yes, now")
    await kim.command("talk")
    for label in ("10 min", "The other first", "Begin", "Done", "Not quite", "Done", "Yes, that is it"):
        await kim.tap(label)
    await kim.tap("Begin")
    await kim.tap("Done")
    await kim.tap("Yes, that is it")
    await kim.tap("Close the talk")
    await kim.tap("A little")
    assert {"Begin", "Done", "Not quite", "Yes, that is it", "10 min", "Close the talk"} < {*kim.costs}
    # On PostgreSQL each move locks the talk's row by a statement of its own.
    lock = int(place.on_postgres)
    assert kim.costs.pop("Ask Noor") <= OFFER_BUDGET
    assert kim.costs.pop("Together, in one room") <= BUDGET + 1
    dear = {what: cost for what, cost in kim.costs.items() if cost > BUDGET + lock}
    assert dear == dict.fromkeys(("Begin", "Not quite", "Close the talk"), BUDGET + lock + 1)
    assert max(noor.costs.values()) <= BUDGET + lock


async def test_saying_thanks_costs_few_statements(store: Store) -> None:
    """To look at what can be said stays within the budget; the one tap a day that sends it has a parcel to pack."""
    kim, _noor = await two(store)
    await kim.command("thanks")
    await kim.tap("For listening")
    await kim.tap("Send it")
    await kim.command("thanks")
    assert {"/thanks", "For listening"} < {*kim.costs}
    assert kim.costs.pop("Send it") <= BUDGET + 1
    assert {what: cost for what, cost in kim.costs.items() if cost > BUDGET} == {}


async def test_no_tap_of_the_walk_costs_more_than_six_statements(store: Store) -> None:
    """Every answer, Skip, Back, Pause, Sketch and Go on stay within the budget; only the last tap has one of its own."""
    kim = Phone(store)
    await walk_to_the_end(kim)
    assert "Invite your partner" in kim.labels
    assert {"Back", "Pause", "Sketch", "Skip", "Go on"} < {*kim.costs}
    assert kim.costs.pop("Fine as it is") <= CLOSING_BUDGET
    assert {what: cost for what, cost in kim.costs.items() if cost > BUDGET} == {}


async def test_the_history_stays_within_the_budget(store: Store) -> None:
    """All weeks come in one statement and all that was shown in another."""
    kim = Phone(store)
    await walk_to_the_end(kim)
    await kim.command("history")
    assert "The dance so far" in kim.screen.text if kim.screen else False
    assert kim.costs["/history"] <= BUDGET
