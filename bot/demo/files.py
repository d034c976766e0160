"""Files that went through the stand-in: pictures with their sizes, documents, and the ids that stand for them."""

import hashlib
import io
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from PIL import Image, UnidentifiedImageError

from bot.demo.calls import Upload
from bot.demo.errors import Json, bad_request

_SIDES = (90, 320, 800, 1280)
"""Longest sides of the sizes that Telegram makes of a photo (core.telegram.org/api/files, types s, m, x and y)."""
_MOST_PHOTO_BYTES = 10_000_000
_MOST_DOCUMENT_BYTES = 50_000_000
_MOST_DOWNLOAD_BYTES = 20_000_000
_MOST_SIDES_TOGETHER = 10_000
_MOST_RATIO = 20
_QUALITY = 87
"""Telegram makes JPEG of every photo; it does not publish the quality."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One file as the stand-in keeps it.

    Attributes:
        path: What ``getFile`` names and ``/file/bot…/`` serves.
        content: Its bytes.
        kind: The message field that it fills: ``photo``, ``document``, ``voice`` or ``sticker``.
        field_value: That field's value, for sending it again.
    """

    path: str
    content: bytes
    kind: str
    field_value: Json | list[Json]


@dataclass(slots=True)
class Files:
    """All files, by id and by path."""

    _by_id: dict[str, StoredFile] = field(default_factory=dict)
    _by_path: dict[str, StoredFile] = field(default_factory=dict)

    def add_photo(self, sizes: list["PhotoSize"]) -> list[Json]:
        """Keep a photo's sizes.

        Returns:
            The ``photo`` field of a message, smallest size first.
        """
        value: list[Json] = []
        for size in sizes:
            path = f"photos/file_{len(self._by_path)}.jpg"
            ids = self._ids("photo", path)
            value.append(ids | {"width": size.width, "height": size.height, "file_size": len(size.content)})
            self._keep(ids["file_id"], StoredFile(path, size.content, "photo", value))
        return value

    def add_document(self, upload: Upload, kind: str = "document", extra: Json | None = None) -> Json:
        """Keep a file that stays as it is.

        Args:
            upload: Name, bytes and type.
            kind: ``document``, or another message field that a person's phone fills.
            extra: Further keys of that field.

        Returns:
            The ``document`` field of a message (or the other kind's).

        Raises:
            ApiError: If it is empty or too big.
        """
        if not upload.content:
            raise bad_request("file must be non-empty")
        if len(upload.content) > _MOST_DOCUMENT_BYTES:
            raise bad_request("file is too big")
        path = f"{kind}s/file_{len(self._by_path)}{PurePosixPath(upload.name).suffix}"
        names = {"file_name": upload.name, "mime_type": upload.mime} if kind == "document" else {}
        value = self._ids(kind, path) | names | {"file_size": len(upload.content)} | (extra or {})
        self._keep(value["file_id"], StoredFile(path, upload.content, kind, value))
        return value

    def again(self, file_id: str, kind: str) -> Json | list[Json]:
        """The message field for a file that is sent once more by its id.

        Raises:
            ApiError: If there is no such file, or it is of another kind.
        """
        if file_id.startswith(("http://", "https://")):
            raise bad_request("failed to get HTTP URL content")
        stored = self._by_id.get(file_id)
        if stored is None:
            raise bad_request("wrong file identifier/HTTP URL specified")
        if stored.kind != kind:
            raise bad_request(f"can't use file of type {stored.kind.capitalize()} as {kind.capitalize()}")
        return stored.field_value

    def described(self, file_id: str) -> Json:
        """What ``getFile`` answers.

        Raises:
            ApiError: If there is no such file, or it is too big to download.
        """
        stored = self._by_id.get(file_id)
        if stored is None:
            raise bad_request("wrong file_id or the file is temporarily unavailable")
        if len(stored.content) > _MOST_DOWNLOAD_BYTES:
            raise bad_request("file is too big")
        return self._ids(stored.kind, stored.path) | {"file_size": len(stored.content), "file_path": stored.path}

    def path_of(self, file_id: str) -> str:
        """The path of a file that is there."""
        return self._by_id[file_id].path

    def at(self, path: str) -> bytes | None:
        """The bytes behind a path; None if there are none."""
        stored = self._by_path.get(path)
        return stored.content if stored else None

    def with_id(self, file_id: str) -> bytes | None:
        """The bytes behind a file id; None if there are none."""
        stored = self._by_id.get(file_id)
        return stored.content if stored else None

    def _keep(self, file_id: str, stored: StoredFile) -> None:
        self._by_id[file_id] = self._by_path[stored.path] = stored

    def _ids(self, kind: str, path: str) -> Json:
        digest = hashlib.sha256(path.encode()).hexdigest()
        prefix = {"photo": "AgACAgI", "document": "BQACAgI"}.get(kind, "AwACAgI")
        return {"file_id": f"{prefix}{digest[:48]}", "file_unique_id": f"AQAD{digest[48:60]}"}


@dataclass(frozen=True, slots=True)
class PhotoSize:
    """One size of a photo: JPEG bytes with their width and height in pixels."""

    content: bytes
    width: int
    height: int


def photo_sizes(upload: Upload) -> list[PhotoSize]:
    """Make a photo's sizes, smallest first. It computes for milliseconds; call it in a thread.

    Raises:
        ApiError: If the bytes are no picture, or it is too big or too long.
    """
    if not upload.content:
        raise bad_request("file must be non-empty")
    if len(upload.content) > _MOST_PHOTO_BYTES:
        raise bad_request("file is too big")
    try:
        with Image.open(io.BytesIO(upload.content)) as opened:
            image = opened.convert("RGB")
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError):
        raise bad_request("IMAGE_PROCESS_FAILED") from None
    short, long = sorted(image.size)
    if short + long > _MOST_SIDES_TOGETHER or long > short * _MOST_RATIO:
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
    smaller = [side for side in _SIDES if side < long]
    return [_resized(image, side) for side in smaller] + ([_resized(image, long)] if long <= _SIDES[-1] else [])


def _resized(image: Image.Image, side: int) -> PhotoSize:
    copy = image.copy()
    copy.thumbnail((side, side))
    out = io.BytesIO()
    copy.save(out, "JPEG", quality=_QUALITY)
    return PhotoSize(out.getvalue(), *copy.size)
