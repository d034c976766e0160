"""Pictures on their way out: painted once, then sent again by the name that Telegram gave them."""

import io
import zipfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from bot.scenes.screen import Document, Picture
from storage import files
from storage.store import Store, Tx


@dataclass(frozen=True, slots=True)
class NewFile:
    """A picture that Telegram now has under a name of its own.

    Attributes:
        digest: The picture's.
        file_id: Telegram's name for it.
    """

    digest: str
    file_id: str


@dataclass(frozen=True, slots=True)
class Album:
    """Knows which pictures Telegram has already, and paints the others.

    Attributes:
        store: Where Telegram's names are kept, sealed per person.
        digest: Names a picture by its content: equal digests are equal images.
        paint: Draws a picture as a JPEG.
    """

    store: Store
    digest: Callable[[Picture], str]
    paint: Callable[[Picture], Awaitable[bytes]]

    async def known(self, person_id: int, digest: str) -> str | None:
        """Telegram's name for a picture that was sent to this person before, or None."""
        return await self.store.read(partial(files.get, person_id=person_id, digest=digest))

    async def packed(self, document: Document) -> bytes:
        """A document's bytes; an album's pictures are painted and packed into one archive."""
        if not document.pictures:
            return document.content
        archive = io.BytesIO()
        # JPEG is packed already.
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as album:
            for name, picture in document.pictures:
                # The time of day at which a file was made says nothing here; the format's first day says so.
                album.writestr(zipfile.ZipInfo(name), await self.paint(picture))
        return archive.getvalue()


def keep(tx: Tx, person_id: int, file: NewFile) -> None:
    """Write down what Telegram calls a picture."""
    files.put(tx, person_id, file.digest, file.file_id)
