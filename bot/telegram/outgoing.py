"""The body of a request: JSON, or a form with files; it knows whether any of it went out."""

import asyncio
import io
import json

import aiohttp
from aiohttp.abc import AbstractStreamWriter
from telegram.request import RequestData

PIECE = 32 * 1024
"""Bytes that are written at once; the write timeout holds for each piece. With its head it stays under the
64 KiB above which aiohttp's own writing begins to wait, so that the first piece is out before anything waits."""

JSON = "application/json"
"""The Bot API takes it for every call without files ("Making requests"); a form takes four times as long to write."""


class Body(aiohttp.Payload):
    """What is written after the head of a request, with a time limit on every piece.

    Attributes:
        begun: Whether any byte was handed to the network, the head included.
    """

    def __init__(self, content: bytes, content_type: str, seconds: float | None) -> None:
        """Keep what is to be written.

        Args:
            content: All of it.
            content_type: What it is.
            seconds: How long a piece may take until the network has taken it; None for as long as it takes.
        """
        super().__init__(content, content_type=content_type)
        self._content = content
        self._size = len(content)
        self._seconds = seconds
        self.begun = False

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        """The content as text."""
        return self._content.decode(encoding, errors)

    async def write(self, writer: AbstractStreamWriter) -> None:
        """Write it piece by piece.

        Raises:
            TimeoutError: If the network does not take a piece in time.
        """
        # This is refused before the first byte if the connection is closed already.
        await writer.write(self._content[:PIECE])
        self.begun = True
        for start in range(PIECE, len(self._content), PIECE):
            async with asyncio.timeout(self._seconds):
                await writer.drain()
                await writer.write(self._content[start : start + PIECE])


async def body_of(data: RequestData | None, seconds: float | None) -> Body:
    """The body for the parameters and files of a call.

    Args:
        data: As the library collected them; None for none.
        seconds: How long writing a piece may take.
    """
    if data is None or not data.contains_files:
        return Body(json.dumps(data.parameters if data is not None else {}).encode(), JSON, seconds)
    form = aiohttp.FormData(data.json_parameters, quote_fields=False)
    for name, (filename, content, kind) in data.multipart_data.items():
        file = io.BytesIO(content) if isinstance(content, bytes) else content
        form.add_field(name, file, filename=filename, content_type=kind)
    whole = form()
    return Body(await whole.as_bytes(), whole.content_type, seconds)
