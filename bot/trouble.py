"""What an operator can mend: one clear line with the fix, and exit code 2."""


class Trouble(Exception):  # noqa: N818  # it names what the operator meets
    """Something is missing or wrong; the sentence says what, and how to mend it."""


class Breakdown(Exception):  # noqa: N818  # it names what happened
    """Something broke while the program ran, and it must not go on; the sentence says what."""
