"""Debian's chromium, as the tests in this folder start it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Playwright

CHROMIUM = shutil.which("chromium")
# Nothing that would reach for the network, and no sandbox, which a container's root does not have.
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="the browser tests need Debian's chromium: apt install chromium"
)


@contextmanager
def launched(playwright: Playwright) -> Iterator[Browser]:
    """A browser that asks nobody but the demo."""
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
    try:
        yield browser
    finally:
        browser.close()
