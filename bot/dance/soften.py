"""The gentle check before something is sent: it finds words that are hard to hear, and does nothing else."""

import re
from collections.abc import Iterable

_STRAIGHT = str.maketrans({"\u2019": "'", "\u2018": "'"})


def hard_words(texts: Iterable[str], phrases: Iterable[str]) -> str | None:
    """The first of some phrases that stands in what somebody wrote, or None.

    Case, line breaks and the shape of apostrophes make no difference; only whole words count.

    Args:
        texts: What was written.
        phrases: Such as "you always", in the writer's language.
    """
    written = " ".join(" ".join(texts).translate(_STRAIGHT).casefold().split())
    for phrase in phrases:
        if re.search(rf"\b{re.escape(phrase.casefold())}\b", written):
            return phrase
    return None
