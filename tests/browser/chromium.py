"""Debian's chromium, as the tests in this folder start it."""

import shutil

import pytest

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
