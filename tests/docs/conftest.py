"""The pages as the tests see them: links, blocks of code, what stands in backticks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

# The same Chromium, offline.
from tests.apps.page.conftest import browser as browser
from tests.apps.page.conftest import chromium as chromium

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
    ]
)
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"(?:\A|\n\n)((?: {4}.*\n)+)")
_TICKED = re.compile(r"`([^`\n]+)`")


class Block(NamedTuple):
    """A block of code and the language that its fence names."""

    language: str
    text: str


class Page:
    """One Markdown file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.text = path.read_text(encoding="utf-8")
        self.prose = _FENCE.sub("", self.text)

    @property
    def name(self) -> str:
        return str(self.path.relative_to(ROOT))

    def blocks(self) -> Iterator[Block]:
        for language, text in _FENCE.findall(self.text):
            yield Block(language, text)
        for text in _INDENTED.findall(self.prose):
            yield Block("", re.sub(r"^ {4}", "", text, flags=re.MULTILINE))

    def ticked(self) -> list[str]:
        """Return what stands in backticks outside of blocks; a table's ``\\|`` is a ``|``."""
        return [found.replace("\\|", "|") for found in _TICKED.findall(self.prose)]

    def anchors(self) -> set[str]:
        titles = re.findall(r"^#+ (.+)$", self.prose, flags=re.MULTILINE)
        return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def pages() -> list[Page]:
    return [Page(path) for path in PAGES]


@pytest.fixture(params=PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def page(request: pytest.FixtureRequest) -> Page:
    return Page(request.param)


@pytest.fixture
def every_page() -> list[Page]:
    return pages()


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT
