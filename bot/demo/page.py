"""The web page with two phones, and the few routes behind it."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from importlib.resources import files

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.demo.clock import Pacemaker, ShiftableClock, through, to_next
from bot.demo.errands import Errand, guarded, local, number_of, text_of
from bot.demo.phones import Happening, Owner, Phones

# A person needs about this long to read a question and tap; below 2 seconds an answer counts as hurried.
MOMENT = timedelta(seconds=4)
# "Opens in a minute": a comparison opens 60 seconds after both have chosen.
SOON = timedelta(seconds=60)
STEPS = {"minute": timedelta(minutes=1), "day": timedelta(days=1), "week": timedelta(weeks=1)}
# The play begins on a Wednesday at this hour, UTC: early evening in Europe, days before the shared Sunday.
WEDNESDAY, EVENING = 2, 17
# A comment line this often, so that a page that has gone is noticed.
BREATH = 15.0
# Telegram's own limits: a text of 4096 characters, 64 for a start parameter and for what a button carries.
LONGEST_TEXT, LONGEST_PAYLOAD, LONGEST_DATA = 4096, 64, 64
# Fetching a whole chat stays cheap; older messages are not shown.
MESSAGES_SHOWN = 200

FOLDER = files("bot.demo") / "page"
_ASSETS = {
    "page.css": "text/css",
    "page.js": "text/javascript",
    "chat.js": "text/javascript",
    "rich.js": "text/javascript",
    "answering.js": "text/javascript",
    "play.js": "text/javascript",
    "leanings.json": "application/json",
    "icon.svg": "image/svg+xml",
}
_STRICT = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'",
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_PICTURES = ((b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"))

Restart = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Note:
    """A text that one person sent the other through the share sheet, outside the bot.

    Attributes:
        sender: The first name of who sent it.
        text: What arrived.
        at: When, aware, in UTC.
        after: The id of the newest message of the bot's chat at that moment: where the note stands.
    """

    sender: str
    text: str
    at: datetime
    after: int


@dataclass(slots=True)
class Desk:
    """Everything the routes share."""

    phones: Phones
    pacemaker: Pacemaker | None
    clock: ShiftableClock
    restart: Restart | None
    notes: dict[int, list[Note]] = field(default_factory=dict)
    pages: set[asyncio.Queue[Happening]] = field(default_factory=set)
    moving: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def phone(self, request: Request) -> Response:
        """One phone as the page shows it."""
        owner, other = self._who(request)
        shown = list(self.phones.messages(owner.user_id))[-MESSAGES_SHOWN:]
        notes = self.notes.get(owner.user_id, [])
        return JSONResponse(
            {
                "name": owner.name,
                "other": other.name,
                "bot": {"name": self.phones.bot_name(), "username": self.phones.bot_username()},
                "commands": [
                    {"command": name, "description": text} for name, text in self.phones.commands(owner.user_id)
                ],
                "messages": [dict(message) for message in shown],
                "notes": [
                    {"sender": n.sender, "text": n.text, "date": n.at.timestamp(), "after": n.after} for n in notes
                ],
            },
            headers=_STRICT,
        )

    async def say(self, request: Request, errand: Errand) -> Response:
        """Send what was typed."""
        owner, _ = self._who(request)
        text = text_of(errand, "text", LONGEST_TEXT)
        self.clock.advance(MOMENT)
        await self.phones.say(owner.user_id, text)
        return await self._time()

    async def tap(self, request: Request, errand: Errand) -> Response:
        """Tap a button."""
        owner, _ = self._who(request)
        message_id, data = number_of(errand, "message_id"), text_of(errand, "data", LONGEST_DATA)
        self.clock.advance(MOMENT)
        await self.phones.tap(owner.user_id, message_id, data)
        return await self._time()

    async def open(self, request: Request, errand: Errand) -> Response:
        """Follow an invitation."""
        owner, _ = self._who(request)
        payload = text_of(errand, "payload", LONGEST_PAYLOAD)
        self.clock.advance(MOMENT)
        await self.phones.open_link(owner.user_id, payload)
        return await self._time()

    async def share(self, request: Request, errand: Errand) -> Response:
        """Hand a text to the other person, as Telegram's share sheet would."""
        owner, other = self._who(request)
        text = text_of(errand, "text", LONGEST_TEXT)
        self.clock.advance(MOMENT)
        newest = max((_id_of(m) for m in self.phones.messages(other.user_id)), default=0)
        self.notes.setdefault(other.user_id, []).append(Note(owner.name, text, self.clock.now(), newest))
        self._tell(Happening(other.user_id))
        return await self._time()

    async def file(self, request: Request) -> Response:
        """A picture to show, or a file to download."""
        owner, _ = self._who(request)
        content = self.phones.file(owner.user_id, request.path_params["path"])
        if content is None:
            return Response(status_code=HTTPStatus.NOT_FOUND, headers=_STRICT)
        kind = next((kind for start, kind in _PICTURES if content.startswith(start)), None)
        # Only pictures may be shown: anything else is a download, whatever it contains.
        as_file = {} if kind else {"Content-Disposition": "attachment"}
        return Response(content, media_type=kind or "application/octet-stream", headers={**_STRICT, **as_file})

    async def time(self, _: Request) -> Response:
        """What the clock shows and what is due next."""
        return await self._time()

    async def move(self, request: Request, _: Errand) -> Response:
        """Move the clock: to the next due instant, to a Wednesday evening before anything is due, or on by a fixed step."""
        step = request.path_params["step"]
        async with self.moving:
            if step == "next":
                if self.pacemaker is not None:
                    await to_next(self.clock, self.pacemaker)
            elif step == "wednesday":
                self.clock.forward_to(_next_wednesday(self.clock.now()))
            elif step not in STEPS:
                return Response(status_code=HTTPStatus.NOT_FOUND, headers=_STRICT)
            elif self.pacemaker is None:
                self.clock.advance(STEPS[step])
            else:
                await through(self.clock, self.pacemaker, self.clock.now() + STEPS[step])
        return await self._time()

    async def start_over(self, _: Request, __: Errand) -> Response:
        """Empty both phones."""
        if self.restart is None:
            return Response(status_code=HTTPStatus.NOT_FOUND, headers=_STRICT)
        async with self.moving:
            await self.restart()
        self.notes.clear()
        for owner in self.phones.owners():
            self._tell(Happening(owner.user_id))
        return await self._time()

    async def events(self, _: Request) -> Response:
        """The stream of what happens, for one open page."""
        return StreamingResponse(self.stream(), media_type="text/event-stream", headers=_STRICT)

    async def stream(self) -> AsyncGenerator[str]:
        """Server-sent events: a page that (re)connects fetches both phones, then those that changed."""
        heard: asyncio.Queue[Happening] = asyncio.Queue()
        self.pages.add(heard)
        listening = asyncio.create_task(_pour(self.phones, heard))
        try:
            await asyncio.sleep(0)  # listening first, so that nothing falls between the greeting and the next event
            yield "retry: 1000\nevent: hello\ndata: {}\n\n"
            while not (listening.done() and heard.empty()):
                try:
                    happening = await asyncio.wait_for(heard.get(), BREATH)
                except TimeoutError:
                    yield ": still here\n\n"
                else:
                    yield self._told(happening)
        finally:
            self.pages.discard(heard)
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    def _told(self, happening: Happening) -> str:
        numbers = {owner.user_id: number for number, owner in enumerate(self.phones.owners(), start=1)}
        number = numbers.get(happening.user_id, 0)
        if happening.notice is None:
            return _event("phone", {"phone": number})
        return _event("notice", {"phone": number, "text": happening.notice, "alert": happening.alert})

    def _tell(self, happening: Happening) -> None:
        for page in self.pages:
            page.put_nowait(happening)

    def _who(self, request: Request) -> tuple[Owner, Owner]:
        left, right = self.phones.owners()
        pairs = {1: (left, right), 2: (right, left)}
        if (pair := pairs.get(request.path_params["n"])) is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return pair

    async def _time(self) -> Response:
        due = await self.pacemaker.next_due() if self.pacemaker is not None else None
        now = self.clock.now()
        shown = {
            "now": now.timestamp(),
            "next_due": due.timestamp() if due is not None else None,
            "soon": due is not None and due - now <= SOON,
            "can_restart": self.restart is not None,
        }
        return JSONResponse(shown, headers=_STRICT)


def routes(
    phones: Phones,
    pacemaker: Pacemaker | None,
    clock: ShiftableClock,
    *,
    restart: Restart | None = None,
) -> list[Route]:
    """The page and all that it asks for.

    Args:
        phones: The two phones; the same object stays in use after a restart.
        pacemaker: What knows the bot's due instants; None lets the clock move blindly.
        clock: The demo's time.
        restart: Called for "Start over": when it returns, both phones are fresh. None hides the button.

    Returns:
        Routes for a Starlette application that is bound to the loopback interface.
    """
    desk = Desk(phones, pacemaker, clock, restart)
    seen = [
        Route("/", local(_front)),
        Route("/page/{name}", local(_asset)),
        Route("/phones/events", local(desk.events)),
        Route("/phones/{n:int}", local(desk.phone)),
        Route("/phones/{n:int}/files/{path:path}", local(desk.file)),
        Route("/clock", local(desk.time)),
    ]
    done = [
        Route("/phones/restart", guarded(desk.start_over), methods=["POST"]),
        Route("/phones/{n:int}/say", guarded(desk.say), methods=["POST"]),
        Route("/phones/{n:int}/tap", guarded(desk.tap), methods=["POST"]),
        Route("/phones/{n:int}/open", guarded(desk.open), methods=["POST"]),
        Route("/phones/{n:int}/share", guarded(desk.share), methods=["POST"]),
        Route("/clock/{step}", guarded(desk.move), methods=["POST"]),
    ]
    return [*seen, *done]


async def _front(_: Request) -> Response:
    return Response((FOLDER / "index.html").read_bytes(), media_type="text/html", headers=_STRICT)


async def _asset(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in _ASSETS:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return Response((FOLDER / name).read_bytes(), media_type=_ASSETS[name], headers=_STRICT)


async def _pour(phones: Phones, heard: asyncio.Queue[Happening]) -> None:
    async for happening in phones.watch():
        heard.put_nowait(happening)


def _event(name: str, data: dict[str, object]) -> str:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n"


def _next_wednesday(now: datetime) -> datetime:
    evening = now.replace(hour=EVENING, minute=0, second=0, microsecond=0)
    ahead = evening + timedelta(days=(WEDNESDAY - now.weekday()) % 7)
    return ahead if ahead > now else ahead + timedelta(weeks=1)


def _id_of(message: Mapping[str, object]) -> int:
    number = message["message_id"]
    return number if isinstance(number, int) else 0
