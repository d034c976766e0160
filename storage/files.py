"""Telegram's ids of pictures that were already sent, per person: the same picture need not be uploaded twice."""

from functools import cache
from typing import Final

from sqlalchemy import Executable, bindparam, delete, select

from storage.engine import insert_into
from storage.store import Tx
from storage.tables import picture_file
from storage.vault import Field

FILE_ID: Final = Field("picture_file", "file_id", 256)
"""Telegram's ids are about 80 characters."""
PURPOSE: Final = "picture"
"""The digest of a picture would tell its sizes to whoever draws all pictures: hence HMAC."""

_GET: Final = select(picture_file.c.file_id).where(
    picture_file.c.person_id == bindparam("whose"), picture_file.c.digest == bindparam("name")
)
_FORGET: Final = delete(picture_file).where(picture_file.c.person_id == bindparam("whose"))


@cache
def _put(dialect: str) -> Executable:
    statement = insert_into(dialect, picture_file)
    return statement.on_conflict_do_update(
        index_elements=[picture_file.c.person_id, picture_file.c.digest],
        set_={"file_id": statement.excluded.file_id},
    )


def get(tx: Tx, person_id: int, digest: str) -> str | None:
    """Telegram's id of the picture with this digest, if it was sent to this person."""
    name = tx.vault.code(person_id, PURPOSE, digest.encode())
    sealed = tx.connection.execute(_GET, {"whose": person_id, "name": name}).scalar_one_or_none()
    return None if sealed is None else tx.vault.unseal_text(FILE_ID, person_id, _row(person_id, name), sealed)


def put(tx: Tx, person_id: int, digest: str, file_id: str) -> None:
    """Remember Telegram's id of a picture."""
    name = tx.vault.code(person_id, PURPOSE, digest.encode())
    sealed = tx.vault.seal_text(FILE_ID, person_id, _row(person_id, name), file_id)
    tx.connection.execute(_put(tx.dialect), {"person_id": person_id, "digest": name, "file_id": sealed})


def forget(tx: Tx, person_id: int) -> None:
    """Forget all of a person's pictures."""
    tx.connection.execute(_FORGET, {"whose": person_id})


def _row(person_id: int, name: bytes) -> str:
    return f"{person_id}/{name.hex()}"
