"""The master key's file: 32 random bytes as Base64, readable by its owner only."""

import base64
import binascii
import os
from pathlib import Path
from typing import Final

from storage.errors import MasterKeyMissing, MasterKeyWrong
from storage.keys import KEY_BYTES, Key, key_of

OWNER_ONLY: Final = 0o600
"""Read and written by the owner, by nobody else."""
HOW_TO_MAKE: Final = "openssl rand -base64 32 > FILE && chmod 600 FILE"
"""What makes such a file."""


def read_master_key(path: Path) -> Key:
    """The master key in a file.

    Raises:
        MasterKeyMissing: There is no such file, or it cannot be read.
        MasterKeyWrong: It does not hold a key.
    """
    try:
        text = path.read_bytes().strip()
    except OSError as error:
        raise MasterKeyMissing(
            f"The master key file {path} cannot be read ({error.strerror}): point MASTER_KEY_FILE to it, or restore "
            "it from where you keep it safe. Without it nobody can read what people said."
        ) from None
    try:
        raw = base64.b64decode(text.replace(b"-", b"+").replace(b"_", b"/"), validate=True)
    except binascii.Error:
        raw = b""
    if len(raw) != KEY_BYTES:
        raise MasterKeyWrong(
            f"The master key file {path} does not hold 32 bytes as Base64: restore the right file. "
            f"A new one for an empty store is made by: {HOW_TO_MAKE}"
        )
    return key_of(raw)


def write_master_key(path: Path) -> Key:
    """Make a new master key in a file that did not exist, on disk before this returns.

    Raises:
        MasterKeyMissing: The file cannot be written.
    """
    raw = os.urandom(KEY_BYTES)
    try:
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    except OSError as error:
        raise MasterKeyMissing(
            f"The master key file {path} cannot be made ({error.strerror}): let its folder exist and be writable, "
            "or point MASTER_KEY_FILE elsewhere."
        ) from None
    with os.fdopen(number, "wb") as file:
        file.write(base64.b64encode(raw) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    sync_folder(path)
    return key_of(raw)


def put_in_place(new: Path, path: Path) -> None:
    """Let a new master key file take the place of the old one."""
    new.replace(path)
    sync_folder(path)


def next_to(path: Path) -> Path:
    """Where a new master key waits while the keys are wrapped again."""
    return path.with_name(f"{path.name}.new")


def sync_folder(path: Path) -> None:
    """Let a new or renamed file of this folder outlive a power cut."""
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
