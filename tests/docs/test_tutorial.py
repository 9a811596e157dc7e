"""The tutorial, typed as it stands, ends with the town on the screen; its picture is taken there.

``make pictures`` renews it.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.apps.page.gallery import FOLDER, take

TOWN = "1720200"
REFUSED = "hinomi ingest docs/samples/shelters.csv"
"""The one line that ends with 5: a row of the sample is wrong."""
SERVES = ("make run", "hinomi run")


def lines(page: Any) -> list[str]:
    """Return what a page's blocks have a reader type, without comments."""
    typed = [line for block in page.blocks() for line in block.text.splitlines()]
    return [line.split("#")[0].strip() for line in typed]


@pytest.fixture(scope="module")
def typed(root: Path) -> list[str]:
    from tests.docs.conftest import Page  # noqa: PLC0415 - conftest is no module to import above

    return lines(Page(root / "docs/tutorial.md"))


class Desk:
    """A reader's terminal in a folder like a checkout."""

    def __init__(self, cwd: Path, root: Path) -> None:
        self.cwd = cwd
        (cwd / "docs").symlink_to(root / "docs")
        (cwd / ".venv").symlink_to(Path(sys.executable).parents[1])

    def type(self, line: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-c", f"source .venv/bin/activate; {line}"],
            cwd=self.cwd,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
            capture_output=True,
            text=True,
            timeout=60,
        )


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, root: Path, typed: list[str]) -> Desk:
    """All lines of the tutorial that end by themselves, each checked."""
    found = Desk(tmp_path_factory.mktemp("town"), root)
    for line in typed:
        if not line.startswith(SERVES):
            done = found.type(line)
            expected = 5 if line.startswith(REFUSED) else 0
            assert done.returncode == expected, f"{line}\n{done.stdout}\n{done.stderr}"
    return found


@pytest.fixture(scope="module")
def url(desk: Desk, typed: list[str]) -> Iterator[str]:
    """The server as the tutorial's last line starts it, at the phase with evacuation orders."""
    (line,) = [line for line in typed if line.startswith("hinomi run")]
    with _served(desk, shlex.split(line)) as process:
        yield _address(process)
        process.terminate()


def _served(desk: Desk, words: list[str]) -> subprocess.Popen[str]:
    command = [str(desk.cwd / ".venv/bin/hinomi"), *words[1:], "--port", "0", "--json"]
    return subprocess.Popen(command, cwd=desk.cwd, stdout=subprocess.PIPE, text=True)


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    told = ""
    while not told.endswith("}\n"):
        told += process.stdout.readline()
    return str(json.loads(told)["address"])


def test_its_commands_are_the_same_in_both_languages(root: Path, typed: list[str]) -> None:
    from tests.docs.conftest import Page  # noqa: PLC0415

    assert lines(Page(root / "docs/tutorial.ja.md")) == typed
    assert len(typed) >= 10


def test_make_run_serves(root: Path, desk: Desk) -> None:
    told = subprocess.run(
        ["make", "--dry-run", "--silent", "run", f"DATA={desk.cwd / 'drill'}"],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    words = shlex.split(told.stdout.splitlines()[-1])
    assert words[:2] == [".venv/bin/hinomi", "run"]
    with _served(desk, words) as process:
        assert httpx.get(_address(process), timeout=20).status_code == 200
        process.terminate()


def test_the_town_and_its_two_sites_are_there_and_the_wrong_row_is_named(desk: Desk) -> None:
    found = desk.type("hinomi find areas --filter \"name = '七尾市'\" --data my-town").stdout
    assert TOWN in found.splitlines()[1]
    sites = desk.type("hinomi find response.sites --data my-town").stdout
    assert len(sites.splitlines()) == 3
    aside = desk.type("hinomi quarantine list --data my-town --json").stdout
    assert "shelters.csv" in aside


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.pictures
def test_it_ends_with_the_town_on_the_screen(
    browser: Any,
    desk: Desk,
    url: str,
    tmp_path: Path,
) -> None:
    assert desk.type("hinomi drill jump 避難指示 --data my-town").returncode == 0
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="ja-JP")
    page = context.new_page()
    for _ in range(100):
        query = {"status": "exercise", "filter": f"area_code = '{TOWN}' AND level >= 4"}
        items = f"{url}/collections/hazards.levels/items"
        if httpx.get(items, params=query, timeout=20).json()["numberReturned"]:
            break
        time.sleep(0.2)
    page.goto(f"{url}/?status=exercise&area={TOWN}")
    page.wait_for_selector("#board-levels .row")
    page.wait_for_selector(".map[data-ready=true]", state="attached", timeout=60_000)
    board = page.inner_text("#board-levels")
    assert "七尾市" in board
    assert "訓練" in page.inner_text("body")
    page.wait_for_timeout(1_500)
    take(page, (Path(FOLDER) if FOLDER else tmp_path) / "my-town.png")

    page.goto(f"{url}/?area={TOWN}")
    page.wait_for_selector("#board-levels", state="attached")
    page.wait_for_timeout(500)
    assert page.locator("#board-levels .row").count() == 0
    assert "訓練" not in page.title()
    context.close()
