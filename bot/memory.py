"""How the C library deals with memory that was given back to it; where it is not glibc nothing happens.

Painting takes and frees blocks of several megabytes, and glibc learns to keep such blocks for the next time, which makes
pictures quick: with every block from the system and straight back to it a picture takes two milliseconds longer. After the
warm-up nobody may want a picture for hours, so what is free then is given back once. Of threads with heaps of their own
glibc does not give back the end of the heap, so all share one: Python lets one thread at a time work anyway.
"""

import ctypes
from functools import lru_cache

ARENA_MAX = -8
"""`mallopt`'s number for the most heaps (glibc, malloc.h)."""


@lru_cache(maxsize=1)
def _glibc() -> ctypes.CDLL | None:
    """Return the C library if it is glibc."""
    try:
        library = ctypes.CDLL(None)
    except (OSError, TypeError):
        return None
    return library if hasattr(library, "gnu_get_libc_version") else None


def share_one_heap() -> None:
    """Let threads that begin from now on take their memory from the main heap."""
    if (library := _glibc()) is not None:
        library.mallopt(ARENA_MAX, 1)


def give_back() -> None:
    """Give free memory back to the system."""
    if (library := _glibc()) is not None:
        library.malloc_trim(0)
