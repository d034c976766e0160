"""A server on a real port that keeps to no manners: it does with each request whatever a test says."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

Manner = Callable[["Caller"], Awaitable[None]]

HEAD_ENDS = b"\r\n\r\n"

LONG = 10.0
"""Seconds beyond anybody's patience."""


@dataclass
class Caller:
    """One connection.

    Attributes:
        number: Which connection it is, from 1.
        heads: The heads of its requests so far.
        bodies: Their bodies.
    """

    number: int
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    heads: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    async def hear(self) -> bool:
        """Read one request whole; False if the caller went away."""
        try:
            head = (await self.reader.readuntil(HEAD_ENDS)).decode()
        except asyncio.IncompleteReadError:
            return False
        fields = dict(line.lower().split(": ", 1) for line in head.splitlines()[1:] if line)
        self.bodies.append(await self.reader.readexactly(int(fields.get("content-length", 0))))
        self.heads.append(head)
        return True

    async def say(self, answer: bytes) -> None:
        """Send some bytes."""
        self.writer.write(answer)
        await self.writer.drain()

    async def break_off(self) -> None:
        """Reset the connection, as a machine does that knows nothing of it."""
        raw: socket.socket = self.writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


@dataclass
class Rude:
    """The server, and whoever called."""

    port: int = 0
    callers: list[Caller] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def heard(self) -> int:
        """Requests that arrived whole."""
        return sum(len(caller.heads) for caller in self.callers)


def answer(body: bytes = b'{"ok": true, "result": true}', status: str = "200 OK", **fields: Any) -> bytes:
    """An answer as it goes over the wire; a field's underscores are dashes."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
    return "\r\n".join(lines).encode() + HEAD_ENDS + body


async def polite(caller: Caller) -> None:
    """Answer every request of a connection."""
    while await caller.hear():
        await caller.say(answer())


async def hang_up(caller: Caller) -> None:
    """Read and close."""
    await caller.hear()


async def reset(caller: Caller) -> None:
    """Read and reset."""
    await caller.hear()
    await caller.break_off()


async def be_silent(caller: Caller) -> None:
    """Read and say nothing."""
    await caller.hear()
    await asyncio.sleep(LONG)


@asynccontextmanager
async def rude(manner: Manner) -> AsyncIterator[Rude]:
    """Serve with a manner: called once for each connection, which closes after it."""
    server = Rude()
    tasks: set[asyncio.Task[Any]] = set()

    async def met(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        caller = Caller(len(server.callers) + 1, reader, writer)
        server.callers.append(caller)
        try:
            with suppress(ConnectionError, asyncio.CancelledError):
                await manner(caller)
        finally:
            writer.close()
            tasks.discard(task)

    listening = await asyncio.start_server(met, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks)
