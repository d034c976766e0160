"""What can go wrong, each with its fix in the sentence.

::

    StorageError
    ├── CannotOpen                 the store did not open; nothing was changed
    │   ├── WrongSettings          the addresses do not fit each other
    │   ├── CannotConnect          nobody answers at the address
    │   ├── DatabaseUnwritable     the file or its folder cannot be written
    │   ├── DatabaseLocked         another process has the file open
    │   ├── DatabaseNewer          a newer program has been here
    │   ├── KeyStoreMissing        there are people, but not one of their keys
    │   ├── KeyStoreOlder          people came after the key store was copied
    │   ├── MasterKeyMissing       the master key file is not there
    │   └── MasterKeyWrong         it is there, but does not open the key store
    ├── KeyGone                    the key of a person or a day was destroyed
    ├── SealBroken                 altered bytes, or sealed for another place
    ├── NotFound                   no such row
    ├── ClaimLost                  another process handles this chat
    ├── AlreadyPaired              one of the two already sits in a couple
    └── BackupRefused              a backup or a restore that would lose something
"""


class StorageError(Exception):
    """Anything that storage says about itself; its text is one sentence for the operator."""


class CannotOpen(StorageError):  # noqa: N818 - named for what happened
    """The store did not open."""


class WrongSettings(CannotOpen):
    """The addresses or files in the settings do not fit each other."""


class CannotConnect(CannotOpen):
    """Nobody answers at the address of a database."""


class DatabaseUnwritable(CannotOpen):
    """The database file or its folder cannot be written."""


class DatabaseLocked(CannotOpen):
    """Another process has this SQLite file open."""


class DatabaseNewer(CannotOpen):
    """The database was last used by a newer program."""


class KeyStoreMissing(CannotOpen):
    """The data holds people, but the key store is empty."""


class KeyStoreOlder(CannotOpen):
    """The data holds people who came after this copy of the key store was made."""


class MasterKeyMissing(CannotOpen):
    """The master key file is not there."""


class MasterKeyWrong(CannotOpen):
    """The master key file does not open the key store."""


class KeyGone(StorageError):  # noqa: N818
    """The key of a person or of a day was destroyed, or never was."""


class SealBroken(StorageError):  # noqa: N818
    """The sealed bytes were altered, or were sealed for another row or with another key."""


class NotFound(StorageError):  # noqa: N818
    """There is no such row."""


class ClaimLost(StorageError):  # noqa: N818
    """Another process handles this chat: nothing may be changed for it here."""


class AlreadyPaired(StorageError):  # noqa: N818
    """One of the two already sits in a couple."""


class BackupRefused(StorageError):  # noqa: N818
    """A backup or a restore would overwrite something, or is not ours to make."""
