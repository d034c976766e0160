"""The commands of `python -m bot`, one file each."""


class Trouble(Exception):  # noqa: N818  # it names what the operator meets, not a class of errors
    """Something the operator can mend: one clear line with the fix."""
