"""Links lead somewhere, every page can be reached, and files that pages name are there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_PATH = re.compile(r"^(?:[\w.-]+/)+[\w.-]*$")
_ROOTS = ("", "src/", "src/hinomi/", "docs/", "src/hinomi/domains/hazards/")
OF_THE_USER = {"hinomi-data/", "inbox/", "telegrams/", "gsi/", "blobs/", "dist/"}
"""Folders that a reader has, not the project."""


def _links(page: Any) -> list[str]:
    return [link for link in _LINK.findall(page.prose) if not re.match(r"[a-z]+:", link)]


def test_every_relative_link_leads_to_a_file_and_a_heading(page: Any) -> None:
    for link in _links(page):
        target, _, anchor = link.partition("#")
        path = (page.path.parent / target).resolve() if target else page.path
        assert path.exists(), link
        if anchor:
            assert anchor in type(page)(path).anchors(), link


def test_every_page_is_reached_from_the_readme(every_page: list[Any], root: Path) -> None:
    by_path = {page.path: page for page in every_page}
    reached, waiting = set(), [root / "README.md"]
    while waiting:
        path = waiting.pop()
        if path in reached or path not in by_path:
            continue
        reached.add(path)
        targets = (link.partition("#")[0] for link in _links(by_path[path]))
        waiting += [(path.parent / target).resolve() for target in targets if target]
    assert reached == set(by_path)


def test_every_file_of_the_project_that_a_page_names_is_there(page: Any, root: Path) -> None:
    for name in page.ticked():
        if not _PATH.match(name) or name in OF_THE_USER or "/" not in name.rstrip("/"):
            continue
        if name.split("/")[0] not in _TOP:
            continue
        assert any((root / base / name).exists() for base in _ROOTS), name


_TOP = {
    "src",
    "docs",
    "tests",
    "benchmarks",
    "dashboard",
    "requirements",
    "kernel",
    "vocabulary",
    "standards",
    "science",
    "domains",
    "stores",
    "runtime",
    "apps",
    "testing",
}
"""The tree's own folders: a name that begins with one of them is a file of the project."""


def test_pictures_are_small_and_all_are_shown(every_page: list[Any], root: Path) -> None:
    shown = {(p.path.parent / link).resolve() for p in every_page for link in _links(p)}
    for picture in (root / "docs" / "pictures").iterdir():
        assert picture in shown
        assert picture.stat().st_size < 250_000
