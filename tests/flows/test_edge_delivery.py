import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Row, select

from bot.delivery.courier import Blocked, Later, Outcome, Refused, Sent, Unknown
from bot.delivery.leader import TTL, Leader
from bot.delivery.pace import Pace
from bot.delivery.sender import LEASE, LONGEST_RENDER_PAUSE, RENDER_PAUSE, RENDER_TRIES, UNKNOWN_PAUSE, Rendered, Sender
from bot.demo.faults import CutAfter, Instead, retry_after
from bot.scenes.screen import Button, Screen, Tap
from bot.telegram.courier import TelegramCourier
from storage import messages, outbox, people
from storage.records import OnUnknown, Parcel, Person
from storage.store import Tx
from storage.tables import outbox as outbox_table
from tests.flows.edge_place import KIM, SAM, Edge, edge, until
from tests.flows.edge_scenes import DRAWING
from tests.leases import time_passes

pytestmark = pytest.mark.faulty

NUDGE = Screen("Time for your questions", ((Button("Begin", tap=Tap("count", ("0",))),),), Tap("home"))


@dataclass
class Scripted:
    """A courier that answers as it was told."""

    outcomes: list[Outcome]
    sent: list[tuple[int, Screen, bool]] = field(default_factory=list)
    held: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, person: Person, screen: Screen, *, silent: bool) -> Outcome:
        """Note what was to be sent."""
        self.sent.append((person.telegram_id, screen, silent))
        await self.held.wait()
        return self.outcomes.pop(0) if self.outcomes else Sent(len(self.sent))


class Post:
    """A sender beside the running edge, with a courier that answers as it was told."""

    def __init__(self, edge: Edge, owner: str = "me") -> None:
        self.edge = edge
        self.courier = Scripted([])
        self.courier.held.set()
        self.pace = Pace(1000, monotonic=edge.clock.monotonic)
        self.leader = Leader(edge.store, owner=owner, clock=edge.clock)
        self.sender = Sender(
            store=edge.store,
            courier=self.courier,
            render=self.render,
            pace=self.pace,
            leader=self.leader,
            clock=edge.clock,
            owner=owner,
        )
        self.people: dict[int, Person] = {}
        self.mistakes: list[Exception] = []
        self.passing = timedelta()
        self.silent = False
        self.screen: Screen | None = NUDGE

    def render(self, parcel: Parcel, tx: Tx) -> Rendered | None:
        """Open a parcel, which may fail, or take its time."""
        self.edge.clock.shift += self.passing
        if self.mistakes:
            raise self.mistakes.pop()
        return None if self.screen is None else Rendered(people.get(tx, parcel.person_id), self.screen, self.silent)

    async def put(self, key: str, who: int = KIM, on_unknown: OnUnknown = OnUnknown.DROP) -> None:
        """Put a parcel into the outbox."""
        now = self.edge.clock.now()
        unit = partial(
            outbox.put,
            key=key,
            kind="nudge",
            person_id=self.people[who].id,
            ref=None,
            on_unknown=on_unknown,
            priority=2,
            available_at=now,
            expires_at=now + timedelta(days=1),
            now=now,
        )
        assert await self.edge.store.write(unit)

    async def row(self, key: str) -> Row[Any]:
        """A parcel as it stands in the outbox."""
        query = select(outbox_table).where(outbox_table.c.key == key)
        return await self.edge.store.read(lambda tx: tx.connection.execute(query).one())


@pytest.fixture(name="post")
async def _post(tmp_path: Path) -> AsyncIterator[Post]:
    """A leading sender; Kim and Sam are at home."""
    async with edge(tmp_path) as running:
        await running.say("/start let-me-in", who=SAM)
        post = Post(running)
        post.people = {who: await running.person(who) for who in (KIM, SAM)}
        await post.leader.renew()
        yield post


async def test_a_parcel_is_sent_once(post: Post) -> None:
    """What is due goes out, silently where it must, is noted for hiding, and does not become the panel."""
    post.silent = True
    person = post.people[KIM]
    since = post.edge.clock.now() - timedelta(hours=1)
    noted = partial(messages.recent, person_id=person.id, since=since)
    before = await post.edge.store.read(noted)
    await post.put("a")
    await post.sender.tick()
    await post.sender.tick()
    assert post.courier.sent == [(KIM, NUDGE, True)]
    row = await post.row("a")
    assert (row.state, row.message_id, row.last_error) == ("sent", 1, None)
    assert sorted(await post.edge.store.read(noted)) == sorted([*before, 1])
    assert (await post.edge.person()).panel == person.panel


@pytest.mark.parametrize(
    ("outcome", "on_unknown", "told", "wait"),
    [
        (Later(20), OnUnknown.DROP, ("ready", "later"), 20),
        (Blocked(), OnUnknown.DROP, ("dead", "blocked"), 0),
        (Refused("Chat not found"), OnUnknown.RETRY, ("dead", "Chat not found"), 0),
        (Unknown("TimedOut"), OnUnknown.DROP, ("unknown", "TimedOut"), None),
        (Unknown("TimedOut"), OnUnknown.RETRY, ("ready", "TimedOut"), UNKNOWN_PAUSE.total_seconds()),
    ],
)
async def test_every_outcome_is_written_down(
    post: Post, outcome: Outcome, on_unknown: OnUnknown, told: tuple[str, str], wait: float | None
) -> None:
    """The row says what became of a parcel, and when it goes again if it does."""
    post.courier.outcomes.append(outcome)
    await post.put("a", on_unknown=on_unknown)
    await post.sender.tick()
    row = await post.row("a")
    assert (row.state, row.last_error) == told
    if wait is not None:
        assert (row.available_at - post.edge.clock.now()).total_seconds() == pytest.approx(wait, abs=2)


async def test_patience_holds_for_every_parcel(post: Post) -> None:
    """After a 429 nothing is leased until the pause is over."""
    post.courier.outcomes.append(Later(20))
    await post.put("a")
    await post.sender.tick()
    await post.put("b", SAM)
    await post.sender.tick()
    assert post.pace.pausing
    assert (await post.row("b")).state == "ready"


async def test_who_blocked_the_bot_gets_no_more_parcels(post: Post) -> None:
    """A block is noted, and what still waits for the person dies unsent."""
    post.courier.outcomes.append(Blocked())
    await post.put("a")
    await post.sender.tick()
    assert not (await post.edge.person()).reachable
    await post.put("b")
    await post.sender.tick()
    row = await post.row("b")
    assert (row.state, row.last_error) == ("dead", "unreachable")
    assert len(post.courier.sent) == 1


async def test_a_parcel_with_nothing_to_say_is_dropped(post: Post) -> None:
    """What it was about may be over by the time it is opened."""
    post.screen = None
    await post.put("a")
    await post.sender.tick()
    row = await post.row("a")
    assert (row.state, row.last_error) == ("dead", "nothing to say")


async def test_a_parcel_that_cannot_be_opened_is_tried_again_and_given_up(
    post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    """A scene's mistake holds nobody else up, and is logged by type."""
    post.mistakes += [ValueError("private") for _ in range(3)]
    await post.put("a")
    for state in ("ready", "ready", "dead"):
        await post.sender.tick()
        row = await post.row("a")
        assert (row.state, row.last_error) == (state, "ValueError")
        post.edge.clock.shift += 3 * RENDER_PAUSE
    assert "ValueError" in caplog.text
    assert "private" not in caplog.text


@pytest.mark.parametrize(
    ("on_unknown", "mistake"),
    [(OnUnknown.RETRY, ValueError("a mistake")), (OnUnknown.DROP, OSError("no disk"))],
    ids=["what both wait for", "a broken database"],
)
async def test_what_is_not_given_up(post: Post, on_unknown: OnUnknown, mistake: Exception) -> None:
    """A mistake that stays until the next version costs nobody a comparison, and a database that fails no nudge."""
    await post.put("a", on_unknown=on_unknown)
    for _ in range(2 * RENDER_TRIES):
        post.mistakes = [mistake]
        await post.sender.tick()
        assert (await post.row("a")).state == "ready"
        post.edge.clock.shift += LONGEST_RENDER_PAUSE
        await post.leader.renew()
    await post.sender.tick()
    assert (await post.row("a")).state == "sent"


async def test_only_the_leader_sends(post: Post) -> None:
    """A second process waits until the first gives up, or its time is over."""
    other = Post(post.edge, "other")
    assert not await other.leader.renew()
    await post.put("a")
    await other.sender.tick()
    assert (await post.row("a")).state == "ready"
    await post.edge.store.write(partial(time_passes, by=TTL))
    assert await other.leader.renew()
    assert not await post.leader.renew()
    await post.sender.tick()
    assert (await post.row("a")).state == "ready"
    await other.leader.release()
    assert await post.leader.renew()


async def test_a_lease_that_ran_out_is_not_sent(post: Post) -> None:
    """Between lease and point of no return time may pass: then somebody else decides."""
    post.passing = LEASE
    await post.put("a")
    await post.sender.tick()
    assert post.courier.sent == []
    assert (await post.row("a")).state == "leased"


async def test_what_a_dead_process_held_is_taken_back(post: Post, caplog: pytest.LogCaptureFixture) -> None:
    """Leased goes again; what was being sent is unknown, or goes again if the row says so; unknown is told."""
    for key, on_unknown in (("a", OnUnknown.DROP), ("b", OnUnknown.DROP), ("c", OnUnknown.RETRY)):
        await post.put(key, on_unknown=on_unknown)
    now = post.edge.clock.now()
    parcels = await post.edge.store.write(partial(outbox.lease, owner="dead", now=now, until=now + LEASE, limit=9))
    for parcel in parcels[1:]:
        assert await post.edge.store.write(partial(outbox.commit_to_send, parcel=parcel, owner="dead", now=now))
    post.edge.clock.shift += LEASE
    await post.sender.reclaim()
    assert [(await post.row(key)).state for key in "abc"] == ["ready", "unknown", "ready"]
    assert "Nobody knows whether 1 parcels arrived" in caplog.text


async def test_stopping_finishes_what_is_on_its_way_and_gives_the_rest_back(post: Post) -> None:
    """A graceful stop leaves no parcel leased, sends none twice, and hands the role on."""
    post.courier.held.clear()
    await post.put("a")
    await post.put("b", SAM)
    post.pace.pause(0)
    sending = asyncio.create_task(post.sender.tick())
    await until(lambda: len(post.courier.sent) == 2)
    await post.put("c")
    stopping = asyncio.create_task(post.sender.stop())
    await asyncio.sleep(0.02)
    assert not stopping.done()
    post.courier.held.set()
    await asyncio.gather(sending, stopping)
    assert [(await post.row(key)).state for key in "abc"] == ["sent", "sent", "ready"]
    assert await Post(post.edge, "next").leader.renew()


async def test_stopping_does_not_wait_for_a_long_pause(post: Post) -> None:
    """A parcel that waits for its turn is given back at once."""
    await post.put("a")
    await post.put("b")
    await post.put("c")
    post.courier.outcomes += [Later(60)]
    sending = asyncio.create_task(post.sender.tick())
    await until(lambda: post.pace.pausing)
    async with asyncio.timeout(5):
        await post.sender.stop()
        await sending
    assert {(await post.row(key)).state for key in "abc"} == {"ready"}


async def test_the_courier_carries_pictures_and_texts(post: Post) -> None:
    """Over the real Bot API a parcel is a new message; its button leads on; the panel stays until then."""
    courier = TelegramCourier(post.edge.bot, post.edge.store, post.edge.album)
    kim = post.people[KIM]
    drawn = Screen("For you both", NUDGE.rows, Tap("home"), picture=DRAWING, protect=True)
    first = await courier.send(kim, drawn, silent=True)
    second = await courier.send(kim, drawn, silent=False)
    assert isinstance(first, Sent)
    assert isinstance(second, Sent)
    *_, one, two = post.edge.from_bot()
    assert (one["message_id"], two["message_id"]) == (first.message_id, second.message_id)
    assert one["disable_notification"]
    assert one["has_protected_content"]
    assert post.edge.painted == [DRAWING]
    assert isinstance(await courier.send(kim, NUDGE, silent=False), Sent)
    await post.edge.tap("v1:count:0")
    assert post.edge.texts()[-1] == "Count 0"


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (retry_after(7), Later(7)),
        (
            Instead(400, {"ok": False, "error_code": 400, "description": "Bad Request: chat not found"}),
            Refused("Chat not found"),
        ),
        (CutAfter(), Unknown("NetworkError from Cut")),
    ],
)
async def test_the_courier_never_raises(post: Post, fault: Instead | CutAfter, outcome: Outcome) -> None:
    """Whatever Telegram or the network does, the courier says what became of the message."""
    courier = TelegramCourier(post.edge.bot, post.edge.store, post.edge.album)
    post.edge.stand_in.faults.add("sendMessage", fault)
    assert await courier.send(post.people[KIM], NUDGE, silent=False) == outcome
    post.edge.stand_in.deactivate(KIM)
    assert await courier.send(post.people[KIM], NUDGE, silent=False) == Blocked()


async def test_a_parcel_whose_button_cannot_be_built_is_refused(post: Post) -> None:
    """A mistake of the scene is no reason to send the same parcel for ever."""
    courier = TelegramCourier(post.edge.bot, post.edge.store, post.edge.album)
    wrong = Screen("Hello", ((Button("Go", tap=Tap("a:b")),),), Tap("home"))
    outcome = await courier.send(post.people[KIM], wrong, silent=False)
    assert isinstance(outcome, Refused)
    assert outcome.reason.startswith("ValueError at callbacks.py")
