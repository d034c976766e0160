"""For all tests."""

import coverage


def pytest_sessionfinish() -> None:
    """Write down what was measured before the process ends: a worker that takes long to end is killed."""
    if (measuring := coverage.Coverage.current()) is not None:
        measuring.save()
