"""Telegram's ids of pictures that were already sent, per person: the same picture need not be uploaded twice."""

from typing import Final

from sqlalchemy import delete, select

from storage.engine import insert_into
from storage.store import Tx
from storage.tables import picture_file
from storage.vault import Field

FILE_ID: Final = Field("picture_file", "file_id", 256)
"""Telegram's ids are about 80 characters."""
PURPOSE: Final = "picture"
"""The digest of a picture would tell its sizes to whoever draws all pictures: hence HMAC."""


def get(tx: Tx, person_id: int, digest: str) -> str | None:
    """Telegram's id of the picture with this digest, if it was sent to this person."""
    name = tx.vault.code(person_id, PURPOSE, digest.encode())
    query = select(picture_file.c.file_id).where(picture_file.c.person_id == person_id, picture_file.c.digest == name)
    sealed = tx.connection.execute(query).scalar_one_or_none()
    return None if sealed is None else tx.vault.unseal_text(FILE_ID, person_id, _row(person_id, name), sealed)


def put(tx: Tx, person_id: int, digest: str, file_id: str) -> None:
    """Remember Telegram's id of a picture."""
    name = tx.vault.code(person_id, PURPOSE, digest.encode())
    sealed = tx.vault.seal_text(FILE_ID, person_id, _row(person_id, name), file_id)
    statement = insert_into(tx.connection, picture_file).values(person_id=person_id, digest=name, file_id=sealed)
    tx.connection.execute(
        statement.on_conflict_do_update(
            index_elements=[picture_file.c.person_id, picture_file.c.digest], set_={"file_id": sealed}
        )
    )


def forget(tx: Tx, person_id: int) -> None:
    """Forget all of a person's pictures."""
    tx.connection.execute(delete(picture_file).where(picture_file.c.person_id == person_id))


def _row(person_id: int, name: bytes) -> str:
    return f"{person_id}/{name.hex()}"
