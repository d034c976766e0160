"""Carries calls to the Bot API over aiohttp, with the meaning that python-telegram-bot gives to every timeout.

The library's own carrier looks at its whole pool of connections for every request, and falls to a
quarter of its speed when many people tap at once (docs/performance.md).
"""

import asyncio
import json
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPMethod, HTTPStatus
from typing import TypeVar

import aiohttp
from telegram._utils.defaultvalue import DefaultValue
from telegram._utils.types import ODVInput
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData
from yarl import URL

from bot.telegram.outgoing import Body, body_of
from bot.telegram.surroundings import Proxies, proxies, trusted

KEPT_SECONDS = 15.0
"""How long an idle connection is kept. Longer saves handshakes; but a server closes idle ones too, and a
request that crosses with its goodbye is lost in a way of which nobody can say whether it arrived."""

BARELY_GOOD = b'{"ok":true,"result":true}'
"""What the Bot API itself answers to an edit that has no message to show."""

UNREADABLE = b"no answer of the Bot API"
"""Stands for the content of an answer that says it went wrong, but not in a form that can be read."""

T = TypeVar("T")


class NotSent(Exception):  # noqa: N818  # it names what is sure
    """Not a byte of the request reached the server: it may be tried again."""


class PoolFull(NotSent):
    """Every connection was in use until the time was up."""


class Unreachable(NotSent):
    """No connection came about: no such name, nobody there, a refusing proxy, a certificate that is none."""


class Cut(Exception):  # noqa: N818  # it names what happened
    """The request was on its way when the connection broke or the answer was none: nobody knows what arrived."""


class Silence(Exception):  # noqa: N818  # it names what happened
    """The request was on its way, and then nothing came or went until the time was up: nobody knows what arrived."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Seconds that a request may take for each of its steps; None for as long as it takes.

    Attributes:
        pool: Until a connection is free.
        connect: Until a new connection stands, with looking up the name and shaking hands.
        write: For every piece that is written.
        media_write: The same for requests with files.
        read: Between any two pieces of the answer.
    """

    pool: float | None = 1.0
    connect: float | None = 5.0
    write: float | None = 5.0
    media_write: float | None = 20.0
    read: float | None = 5.0


class AiohttpRequest(BaseRequest):
    """A bounded pool of connections that are kept open; redirects are not followed.

    Errors are `telegram.error.TimedOut` and `telegram.error.NetworkError`, caused by one of the classes
    of this module: by a `NotSent` if the request surely never left. None of them tells the address,
    which holds the token, nor repeats a page that was no answer.
    """

    def __init__(self, *, pool_size: int = 256, timeouts: Timeouts | None = None, unread: Collection[str] = ()) -> None:
        """Keep what is needed; no connection is opened.

        Args:
            pool_size: How many requests may be under way at the same time.
            timeouts: Hold for every call that does not bring its own.
            unread: Methods whose good answer nobody reads: it counts as a bare "true", since to build the library's
                objects from a message with all its buttons takes longer than the call.
        """
        self._unread = frozenset(unread)
        self._pool_size = pool_size
        self._timeouts = timeouts or Timeouts()
        self._pool = asyncio.Semaphore(pool_size)
        self._proxies = Proxies()
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float | None:
        """Seconds between any two pieces of an answer, where a call does not bring its own."""
        return self._timeouts.read

    async def initialize(self) -> None:
        """Be ready; also again after `shutdown`. Proxies are read from the environment now."""
        if self._session is not None:
            return
        self._pool = asyncio.Semaphore(self._pool_size)
        self._proxies = proxies()
        self._session = aiohttp.ClientSession(
            # The pool above is the limit: it alone can tell waiting for a connection from making one.
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEPT_SECONDS),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": self.USER_AGENT},
        )

    async def shutdown(self) -> None:
        """Close every connection; nothing happens the second time."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def do_request(  # noqa: PLR0917 -- the signature is the library's
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        write_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        connect_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        pool_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Send a request and read the answer; see the library's class.

        Args:
            url: Where to, the token in it.
            method: "POST" or "GET".
            request_data: Parameters and files.
            read_timeout: Instead of the one set at the start; likewise the others.
            write_timeout: Seconds for every piece that is written.
            connect_timeout: Seconds until a new connection stands.
            pool_timeout: Seconds until a connection is free.

        Returns:
            The HTTP status and the content of the answer.

        Raises:
            telegram.error.TimedOut: If a step took too long.
            telegram.error.NetworkError: If anything else went wrong on the way.
            RuntimeError: Before `initialize` and after `shutdown`.
        """
        if self._session is None:
            raise RuntimeError("This request is not initialised.")
        ours = self._timeouts
        with_files = request_data is not None and request_data.contains_files
        allowed = aiohttp.ClientTimeout(
            connect=_chosen(connect_timeout, ours.connect), sock_read=_chosen(read_timeout, ours.read)
        )
        body = None
        if method != HTTPMethod.GET:
            body = await body_of(request_data, _chosen(write_timeout, ours.media_write if with_files else ours.write))
        async with self._connection(_chosen(pool_timeout, ours.pool)):
            try:
                status, content = await self._exchange(self._session, method, URL(url), body, allowed)
            except TimeoutError as error:
                raise TimedOut from _reason(error, body, Silence)
            except (aiohttp.ClientError, OSError) as error:
                raise NetworkError(f"aiohttp.{type(error).__name__}") from _reason(error, body, Cut)
        if status == HTTPStatus.OK and url.rpartition("/")[2] in self._unread and _is_good(content):
            content = BARELY_GOOD
        # What cannot be read the library quotes whole in its error, and many a page of errors repeats the request.
        return status, content if status == HTTPStatus.OK or _answer(content) is not None else UNREADABLE

    async def _exchange(
        self,
        session: aiohttp.ClientSession,
        method: str,
        url: URL,
        body: Body | None,
        allowed: aiohttp.ClientTimeout,
    ) -> tuple[int, bytes]:
        async with session.request(
            method,
            url,
            data=body,
            timeout=allowed,
            allow_redirects=False,
            proxy=self._proxies.for_url(url),
            ssl=trusted() if url.scheme == "https" else True,
        ) as answer:
            return answer.status, await answer.read()

    @asynccontextmanager
    async def _connection(self, seconds: float | None) -> AsyncIterator[None]:
        """Hold one of the connections, for as long as the request takes."""
        if self._pool.locked():
            try:
                async with asyncio.timeout(seconds):
                    await self._pool.acquire()
            except TimeoutError:
                raise TimedOut(
                    "Pool timeout: every connection was in use, so the request was not sent."
                ) from PoolFull()
        else:
            await self._pool.acquire()
        try:
            yield
        finally:
            self._pool.release()


def _chosen(given: ODVInput[T], ours: T | None) -> T | None:
    return ours if isinstance(given, DefaultValue) else given


def _is_good(content: bytes) -> bool:
    """Whether it is an answer, whole, that says yes (Bot API, "Making requests")."""
    answer = _answer(content)
    return answer is not None and answer.get("ok") is True and "result" in answer


def _answer(content: bytes) -> dict[str, object] | None:
    """What an answer says, or None where it has not the form of one."""
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None


def _reason(error: Exception, body: Body | None, otherwise: type[Exception]) -> Exception:
    """What an error of aiohttp means, without its words, which may hold the address."""
    said = f"{type(error).__name__}: {error.strerror}" if isinstance(error, OSError) else type(error).__name__
    unsent = isinstance(error, aiohttp.ClientConnectorError) or (body is not None and not body.begun)
    return Unreachable(said) if unsent else otherwise(said)
