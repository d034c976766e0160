"""What every bot without a memory shows: words and buttons about as long as those of a real question."""

LABELS = ("Not true", "A little true", "Half true", "Mostly true", "Very true")


def question(number: int) -> str:
    """A screen that differs from the one before."""
    return f"{1 + number % 20} of 20, the {number}th\nA statement of usual length stands here, to be sent."
