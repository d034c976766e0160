"""The pages that describe this repository, as tests read them."""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"`([^`\n]+)`")
DOTTED = re.compile(r"(?:bot|prompts|storage)(?:\.\w+)+")
PATH = re.compile(r"(?:bot|docs|prompts|storage|tests)/[\w./-]*")
LINK = re.compile(r"\]\(([^)#]+)[^)]*\)")


def page(name: str) -> str:
    """A page's text, by its path from the top."""
    return (ROOT / name).read_text(encoding="utf-8")


def pages() -> list[str]:
    """Every page that a reader finds, by its path from the top."""
    found = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
    return sorted(path.relative_to(ROOT).as_posix() for path in found)


def fences(text: str, language: str) -> list[str]:
    """The fenced blocks of one language."""
    return [body for name, body in FENCE.findall(text) if name == language]


def spans(text: str) -> list[str]:
    """What stands in backticks outside of fenced blocks, in order."""
    return CODE.findall(FENCE.sub("", text))


@cache
def project() -> dict[str, Any]:
    """What pyproject.toml says."""
    return tomllib.loads(page("pyproject.toml"))
