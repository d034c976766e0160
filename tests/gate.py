"""A door between the bot and Telegram: shut, nobody answers at its address."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

_CHUNK = 65536


class Gate:
    """Passes connections on to an address, for as long as it is open.

    Attributes:
        target: Where it leads, such as ``http://127.0.0.1:8000``.
    """

    def __init__(self) -> None:
        self.target = ""
        self._port = 0
        self._server: asyncio.Server | None = None
        self._under_way: set[asyncio.Task[None]] = set()

    @property
    def address(self) -> str:
        """Its own address, which stays the same."""
        return f"http://127.0.0.1:{self._port}"

    async def open(self) -> None:
        """Let connections in."""
        self._server = await asyncio.start_server(self._come_in, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def shut(self) -> None:
        """Break what is under way, and let nobody in: the machine refuses whoever comes."""
        if self._server is not None:
            self._server.close()
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    def _come_in(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._pass_on(reader, writer))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = urlsplit(self.target)
        far_reader, far_writer = await asyncio.open_connection(there.hostname, there.port)
        try:
            await asyncio.gather(_flow(reader, far_writer), _flow(far_reader, writer))
        finally:
            for each in (writer, far_writer):
                each.transport.abort()


async def _flow(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while chunk := await source.read(_CHUNK):
            sink.write(chunk)
            await sink.drain()
        sink.write_eof()


@asynccontextmanager
async def gate() -> AsyncIterator[Gate]:
    """An open gate whose target is still to be named."""
    made = Gate()
    await made.open()
    try:
        yield made
    finally:
        await made.shut()
