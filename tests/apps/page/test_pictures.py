"""The main views' pictures in the docs, taken of the shipped drill as it plays.

``make pictures`` renews them; in every other run they are taken, checked and thrown away.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from hinomi.runtime import clock
from tests.apps.page.gallery import FOLDER, take
from tests.apps.page.serving import HINOMI, Serving

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.pictures]

Watch = Callable[..., Any]


class Played(Serving):
    """A server whose drill has been played to its end; ``moment`` is where the pictures look."""

    def __init__(self, data: Path) -> None:
        drill = [*HINOMI, "drill", "typhoon", "--speed", "7200", "--data", str(data)]
        subprocess.run(drill, check=True, capture_output=True, timeout=300)
        super().__init__(data, "--no-drill")
        self.moment = self._moment()

    def _moment(self) -> str:
        """Return the last moment of the most special warnings."""
        query = {
            "status": "exercise",
            "from": (clock.now() - timedelta(hours=1)).isoformat(),
            "collections": "hazards.levels",
            "steps": "1000",
        }
        moments = [m["at"] for m in self.ask(f"/changes/moments?{urlencode(query)}")["moments"]]
        return str(max(moments, key=lambda at: (self._special(at), at)))

    def _special(self, at: str) -> int:
        query = {"status": "exercise", "as-of": at, "filter": "level = 5", "f": "json"}
        items = f"/collections/hazards.levels/items?skip-geometry=true&{urlencode(query)}"
        return len(self.ask(items)["features"])


@pytest.fixture(scope="module")
def played(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:  # noqa: ARG001
    found = Played(tmp_path_factory.mktemp("played") / "data")
    yield found
    found.stop()


@pytest.fixture
def gallery(tmp_path: Path) -> Path:
    """Where the pictures go: into the docs if that is asked for."""
    return Path(FOLDER) if FOLDER else tmp_path


@pytest.mark.parametrize(
    ("name", "query", "size"),
    [
        ("drill-ja", "status=exercise&as-of={moment}", (1440, 900)),
        ("drill-en", "status=exercise&as-of={moment}&lang=en", (1440, 900)),
        ("drill-phone", "status=exercise&as-of={moment}", (390, 844)),
        ("town", "status=exercise&as-of={moment}&area=9820100", (1440, 900)),
        ("nothing-yet", "", (1440, 900)),
    ],
)
def test_a_main_view_has_its_picture(
    watch: Watch, played: Played, gallery: Path, name: str, query: str, size: tuple[int, int]
) -> None:
    seen = watch(*size, of=played)
    page = seen.open(f"/?{query.format(moment=played.moment)}")
    page.wait_for_selector("#board-sources", state="attached")
    page.wait_for_selector(".map[data-ready=true]", state="attached", timeout=60_000)
    page.wait_for_function("() => document.querySelectorAll('.board[aria-busy=true]').length === 0")
    if "exercise" in query:
        page.wait_for_selector("#board-levels .row")
        page.locator(".ticks i").first.wait_for(state="attached")
    page.wait_for_timeout(1_500)
    assert take(page, gallery / f"{name}.png") > 20_000
    assert seen.complaints == []


def test_what_goes_wrong_has_its_picture(watch: Watch, played: Played, gallery: Path) -> None:
    """Loading, disconnected and failed: each panel says what it is, and keeps what it had."""
    page = watch(1440, 900, of=played).open("/?status=exercise")
    page.wait_for_selector("#board-sources", state="attached")
    page.route("**/collections/hazards.gauges/**", lambda route: route.abort())
    page.route("**/collections/hazards.levels/**", lambda _: None)
    page.route("**/changes/stream**", lambda route: route.abort())
    page.reload()
    page.wait_for_selector("#board-levels .skeleton")
    page.wait_for_selector(".state[data-state=lost]")
    take(page, gallery / "trouble.png")
    assert page.locator(".notice").is_visible()


def test_paper_has_its_picture(watch: Watch, played: Played, gallery: Path) -> None:
    page = watch(1000, 1414, of=played).open(f"/?status=exercise&as-of={played.moment}")
    page.wait_for_selector("#board-levels .row")
    page.wait_for_selector(".map[data-ready=true]", state="attached", timeout=60_000)
    page.wait_for_timeout(1_000)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    take(page, gallery / "paper.png")
    assert page.locator(".map-print").is_visible()
