import asyncio

import pytest

from bot.delivery.pace import CHATS_KEPT, LEFT_SHARE, LONGEST_DEBT_SECONDS, Pace
from tests.bench import virtual


class Time:
    """A monotonic clock that sleeping moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        """Seconds that are never set back."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Let the time pass at once."""
        self.now += seconds
        await asyncio.sleep(0)


def pace(rate: float, time: Time) -> Pace:
    """A pace in a time that only sleeping moves."""
    return Pace(rate, monotonic=time.monotonic, sleep=time.sleep)


async def test_never_more_than_telegram_takes_in_any_second() -> None:
    """At 25 a second no window of one second sees more than 30, and in the long run it is 25."""
    time = Time()
    bucket = pace(25, time)
    sent = []
    for chat in range(250):
        await bucket.wait(chat)
        sent.append(time.now)
    assert max(sum(start <= at < start + 1 for at in sent) for start in sent) <= 30
    assert sent[-1] - sent[0] == pytest.approx(250 / 25, abs=0.3)


async def test_one_chat_gets_one_message_a_second() -> None:
    """Two messages to the same chat are a second apart, however full the bucket is."""
    time = Time()
    bucket = pace(25, time)
    await bucket.wait(7)
    first = time.now
    await bucket.wait(7)
    assert time.now - first == pytest.approx(1.0)


async def test_another_chat_does_not_wait_for_a_busy_one() -> None:
    """The second of one chat holds nobody else up."""
    time = Time()
    bucket = pace(25, time)
    await bucket.wait(7)
    before = time.now
    await bucket.wait(8)
    assert time.now == before


async def test_a_pause_holds_everybody_and_never_shrinks() -> None:
    """After a 429 nothing goes out until the latest deadline, even if a shorter pause comes later."""
    time = Time()
    bucket = pace(25, time)
    bucket.pause(30)
    bucket.pause(2)
    assert bucket.pausing
    await bucket.wait(1)
    assert time.now == pytest.approx(130)
    assert not bucket.pausing


async def test_who_taps_goes_first_and_the_others_go_later_for_it() -> None:
    """Messages to people who tap do not wait, and together with the others they are never more than the rate."""
    time = Time()
    bucket = pace(25, time)
    for _ in range(30):
        bucket.count()
    assert time.now == 100
    for chat in range(100):
        await bucket.wait(chat)
    assert time.now - 100 == pytest.approx(130 / 25, abs=0.3)


async def test_a_rush_of_taps_holds_the_others_up_for_a_moment_only() -> None:
    """However many people tap, the others make up for the longest debt and no more."""
    time = Time()
    bucket = pace(25, time)
    for _ in range(1000):
        bucket.count()
    for chat in range(100):
        await bucket.wait(chat)
    assert time.now - 100 == pytest.approx(LONGEST_DEBT_SECONDS + 100 / 25, abs=0.1)


def test_taps_that_never_end_leave_a_share_to_the_others() -> None:
    """People who tap go first; but were they to take all there is for ever, a tenth of the rate would still be left."""

    async def story() -> float:
        clock = virtual.clock()
        bucket = Pace(25, monotonic=clock.monotonic)

        async def tap() -> None:
            while True:
                bucket.count()
                await asyncio.sleep(1 / 60)

        tapping = asyncio.create_task(tap())
        await asyncio.sleep(10)
        async with asyncio.timeout(60):
            for chat in range(50):
                await bucket.wait(chat)
        tapping.cancel()
        return clock.monotonic() - 10

    assert virtual.run(story()) == pytest.approx(50 / (25 * LEFT_SHARE), rel=0.1)


async def test_a_slow_rate_still_sends() -> None:
    """Below one a second the bucket holds one message, then waits as long as the rate says."""
    time = Time()
    bucket = pace(0.5, time)
    await bucket.wait(1)
    await bucket.wait(2)
    assert time.now == pytest.approx(102)


async def test_chats_whose_second_has_passed_are_forgotten() -> None:
    """Memory does not grow with everybody who ever got a message."""
    time = Time()
    bucket = pace(1_000_000, time)
    for chat in range(CHATS_KEPT + 1):
        await bucket.wait(chat)
    time.now += 2
    await bucket.wait(-1)
    assert len(bucket._chats) == 1


@pytest.mark.parametrize("rate", [0, -1])
def test_a_rate_is_more_than_nothing(rate: float) -> None:
    """A rate that would never send is refused by name."""
    with pytest.raises(ValueError, match="SEND_RATE"):
        Pace(rate, monotonic=lambda: 0.0)


def test_whoever_waits_longest_goes_first() -> None:
    """Those who wait are served in the order in which they came; a chat that rests holds nobody up."""

    async def story() -> list[int]:
        bucket, went = Pace(5, monotonic=virtual.clock().monotonic), list[int]()

        async def go(chat: int) -> None:
            await bucket.wait(chat)
            went.append(chat)

        await bucket.wait(0)
        await asyncio.gather(*(go(chat) for chat in range(20)))
        return went

    went = virtual.run(story())
    assert [chat for chat in went if chat != 0] == list(range(1, 20))


def test_room_is_what_may_go_soon() -> None:
    """What is saved up and what will flow in: of a slow rate one at least in the time that one takes."""
    time = Time()
    assert pace(25, time).room(10) == 5 + 250
    slow = pace(0.05, time)
    assert slow.room(10) == 1
    for _ in range(30):
        slow.count()
    assert slow.room(10) == 0
    time.now += 12
    assert slow.room(10) == 1
