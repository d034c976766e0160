"""What is kept can be taken along, hidden and forgotten."""

import io
import json
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

from bot.commands import score
from tests.beginnings import compared_in_berlin, kim_alone, since
from tests.driver import Person, World, world_at
from tests.pairs import NUDGE, answer, arrivals, begin, chat_of


def file_of(person: Person) -> tuple[str, bytes]:
    """Name and content of the file in the newest message."""
    document = person.last["document"]
    return document["file_name"], person.world.stand_in.file_with_id(document["file_id"])


async def test_pictures_come_as_one_file(tmp_path: Path) -> None:
    """/export packs every picture of one's own into one archive, each named by its week and day."""
    async with since(kim_alone, tmp_path) as world, world.running():
        kim = world.people["Kim"]
        await kim.send("/export")
        name, content = file_of(kim)
        assert name == "you-and-i-pictures.zip"
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            assert archive.namelist() == ["week-000-2027-01-13.jpg"]
            assert archive.read("week-000-2027-01-13.jpg").startswith(b"\xff\xd8\xff")


async def test_whoever_has_no_picture_gets_no_file(tmp_path: Path) -> None:
    """Without a check-in /export says that there are no pictures, and offers the rest."""
    async with world_at(tmp_path) as world, world.running():
        kim = world.person("Kim")
        await kim.send("/start")
        await kim.tap("I'm 18 or over, let's begin")
        await kim.send("/export")
        assert kim.screen.startswith("There are no pictures yet.")
        assert "Everything as a file" in kim.labels


async def test_everything_comes_as_one_file_that_can_be_scored(tmp_path: Path) -> None:
    """Everything that is kept comes as JSON, its check-ins are lines for `score`, and they tell the same sizes."""
    async with since(compared_in_berlin, tmp_path) as world, world.running():
        kim = world.people["Kim"]
        await world.until(arrival := world.clock.now().replace(day=18))
        assert world.clock.now() == arrival
        await answer(kim)
        await kim.send("/export")
        await kim.tap("Everything as a file")
        name, content = file_of(kim)
        assert name == "you-and-i.json"
        kept = json.loads(content)
        assert kept["pair"]["partner"] == "Noor"
        assert kept["settings"]["zone"] == "Europe/Berlin"
        assert len(kept["shown_to_me"]) == 1
        assert kept["choices"]
        scored = scored_lines(kept["checkins"])
        assert [line["week"] for line in scored] == [line["week"] for line in kept["checkins"]]
        for line, picture in zip(scored, kept["pictures"], strict=True):
            assert abs(line["I"]["size"] - picture["I"]["size"]) < 0.01
            assert abs(line["you"]["size"] - picture["you"]["size"]) < 0.01


async def test_answers_that_have_gone_are_not_in_the_file(tmp_path: Path) -> None:
    """After two months only the picture of a check-in is left, and what is exported can still be scored."""
    async with since(kim_alone, tmp_path) as world, world.running():
        kim = world.people["Kim"]
        world.clock.forward_to(world.clock.now().replace(month=3, day=20))
        assert world.bot is not None
        await world.bot.clockwork.run("renew")  # only whoever leads tidies, and time has leapt
        await world.bot.clockwork.run("tidy")
        await kim.send("/checkin")
        await kim.tap("The six")
        await kim.walk()
        await kim.send("/export")
        await kim.tap("Everything as a file")
        kept = json.loads(file_of(kim)[1])
        assert len(kept["pictures"]) == 2
        assert [line["form"] for line in kept["checkins"]] == ["weekly"]
        assert len(scored_lines(kept["checkins"])) == 1


def scored_lines(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What `python -m bot score` makes of check-ins."""
    told, complaints = io.StringIO(), io.StringIO()
    given = io.StringIO("\n".join(json.dumps(line) for line in lines))
    assert score.run([], stdin=given, stdout=told, stderr=complaints) == 0, complaints.getvalue()
    return [json.loads(line) for line in told.getvalue().splitlines()]


async def test_two_taps_and_nothing_is_left(tmp_path: Path) -> None:
    """After /delete no row and no key of the person is left; the partner's chat and what it holds stay as they were."""
    async with since(compared_in_berlin, tmp_path) as world:
        kim, noor = world.people["Kim"], world.people["Noor"]
        async with world.running():
            await noor.send("/compare")
            before, shown = chat_of(noor), noor.screen
            await kim.send("/delete")
            assert "It cannot be undone." in kim.screen
            await kim.tap("Yes, delete everything")
            assert kim.screen.startswith("Everything about you has been deleted.")
            assert kim.labels == []
            assert chat_of(noor) == before
            await noor.send("/compare")
            assert noor.screen == shown
        assert rows_of(tmp_path / "data.db", kim.user_id, 1) == {}
        assert rows_of(tmp_path / "data.db", noor.user_id, 2)
        with closing(sqlite3.connect(tmp_path / "keys.db")) as keys:
            (table,) = [
                name
                for (name,) in keys.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
                if "person" in name
            ]
            assert len(keys.execute(f"SELECT * FROM {table}").fetchall()) == 1  # noqa: S608 -- a name of ours


def rows_of(data: Path, telegram_id: int, person_id: int) -> dict[str, int]:
    """How many rows of a person each table holds, where it holds any."""
    found = {}
    with closing(sqlite3.connect(data)) as database:
        for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            columns = [column[1] for column in database.execute(f"PRAGMA table_info({table})")]
            own = {"person_id": person_id, "reader_id": person_id, "inviter_id": person_id}
            own |= {"telegram_id": telegram_id, "chat_id": telegram_id}
            wanted = {name: value for name, value in own.items() if name in columns}
            if table == "person":
                wanted["id"] = person_id
            for column, value in wanted.items():
                query = f"SELECT count(*) FROM {table} WHERE {column} = ?"  # noqa: S608 -- names of ours
                (count,) = database.execute(query, (value,)).fetchone()
                if count:
                    found[f"{table}.{column}"] = count
    return found


async def test_keep_it_keeps_everything(tmp_path: Path) -> None:
    """One tap on /delete changes nothing yet."""
    async with since(kim_alone, tmp_path) as world, world.running():
        kim = world.people["Kim"]
        await kim.send("/delete")
        await kim.tap("Keep it")
        await kim.send("/picture")
        assert kim.screen.startswith("Only you can see this.")


async def test_whoever_writes_again_begins_anew(tmp_path: Path) -> None:
    """Somebody who was forgotten is a stranger: welcomed, without a picture, a zone or a nudge."""
    async with since(kim_alone, tmp_path) as world, world.running():
        kim = world.people["Kim"]
        await kim.send("/delete")
        await kim.tap("Yes, delete everything")
        await kim.send("/start")
        assert kim.screen.startswith("Hello. This is You & I.")
        await kim.tap("I'm 18 or over, let's begin")
        assert kim.screen.startswith("1 of 20")
        await world.until(world.clock.now().replace(day=26))
        assert arrivals(kim, NUDGE) == []


async def test_hiding_removes_the_recent_messages(tmp_path: Path) -> None:
    """/hide deletes what the bot sent in the last two days, its newest words too, and leaves one short sentence."""
    async with since(kim_alone, tmp_path) as world, world.running():
        kim = world.people["Kim"]
        assert len(kim.from_bot) > 2
        await kim.send("/hide")
        assert [message["text"].split(" here")[0] for message in kim.from_bot] == [
            "The recent messages of this bot have been removed"
        ]


async def test_hiding_reaches_two_days_back(tmp_path: Path) -> None:
    """What is older than Telegram lets a bot delete stays, and the words say so."""
    async with world_at(tmp_path) as world, world.running():
        kim = world.person("Kim")
        await begin(kim)
        old = len(kim.from_bot)
        await _in_three_days(world)
        await kim.send("/menu")
        await kim.send("/hide")
        assert len(kim.from_bot) == old + 1
        assert "up to 48 hours back" in kim.screen


async def _in_three_days(world: World) -> None:
    await world.until(world.clock.now().replace(day=16))
