from telegram.ext.filters import MessageFilter, StatusUpdate

from bot.telegram.service import KINDS


class Looked:
    """Notes which fields of a message somebody looks at; none is there."""

    def __init__(self) -> None:
        self.fields: set[str] = set()

    def __getattr__(self, name: str) -> None:
        self.fields.add(name)


def test_service_messages_are_what_the_library_takes_for_them() -> None:
    """Every kind of service message that the library's own filter knows gets no answer, and nothing else is silenced."""
    looked = Looked()
    for known in vars(StatusUpdate).values():
        if isinstance(known, MessageFilter):
            assert not known.filter(looked)  # type: ignore[arg-type]
    assert looked.fields == KINDS
