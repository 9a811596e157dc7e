"""The pictures in the docs, taken of the shipped drill as it plays.

One command renews them: ``HINOMI_PICTURES=docs/pictures pytest tests/apps/page/test_pictures.py``.
Without the variable the same pictures are taken, checked and thrown away.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from hinomi.runtime import clock

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Watch = Callable[..., Any]
HINOMI = Path(sys.executable).with_name("hinomi")
COLOURS = 200
MOST_BYTES = 250_000
AT = 0.45
"""The part of the drill that has been played when the pictures are taken: levels are highest."""


class Played:
    """A server whose drill has been played to its end; ``moment`` is where the pictures look."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        drill = [HINOMI, "drill", "typhoon", "--speed", "7200", "--data", folder]
        subprocess.run(drill, check=True, capture_output=True, timeout=300)
        command = [HINOMI, "run", "--data", folder, "--port", str(port), "--no-drill"]
        self._log = (folder / "server.log").open("ab")
        self._process = subprocess.Popen(command, stdout=self._log, stderr=self._log)
        self.url = f"http://127.0.0.1:{port}"
        self.moment = self._moment()

    def _moment(self) -> str:
        now = clock.now()
        query = {
            "status": "exercise",
            "from": (now - timedelta(hours=1)).isoformat(),
            "collections": "hazards.levels",
            "steps": "1000",
        }
        for _ in range(200):
            try:
                answer = httpx.get(f"{self.url}/changes/moments", params=query, timeout=10)
            except httpx.HTTPError:
                time.sleep(0.1)
            else:
                times = [datetime.fromisoformat(m["at"]) for m in answer.json()["moments"]]
                found = times[0] + (times[-1] - times[0]) * AT
                return found.isoformat().replace("+00:00", "Z")
        pytest.fail(f"the server did not start: {self._log.name}")

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()
        self._log.close()


@pytest.fixture(scope="module")
def played(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:  # noqa: ARG001
    found = Played(tmp_path_factory.mktemp("played"))
    yield found
    found.stop()


@pytest.fixture
def gallery(tmp_path: Path) -> Path:
    """Where the pictures go: into the docs if that is asked for."""
    wanted = os.environ.get("HINOMI_PICTURES")
    return Path(wanted) if wanted else tmp_path


def _kept(page: Any, path: Path) -> int:
    """Take the picture in few colours, as the docs keep it, and return its size."""
    from PIL import Image  # noqa: PLC0415 - heavy, and only here

    page.screenshot(path=str(path))
    with Image.open(path) as taken:
        # Official colours must stay what they are, however few points have them.
        few = taken.convert("RGB").quantize(
            COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE
        )
    few.save(path, optimize=True)
    size = path.stat().st_size
    assert size < MOST_BYTES
    return size


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
    assert _kept(page, gallery / f"{name}.png") > 20_000
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
    _kept(page, gallery / "trouble.png")
    assert page.locator(".notice").is_visible()


def test_paper_has_its_picture(watch: Watch, played: Played, gallery: Path) -> None:
    page = watch(1000, 1414, of=played).open(f"/?status=exercise&as-of={played.moment}")
    page.wait_for_selector("#board-levels .row")
    page.wait_for_selector(".map[data-ready=true]", state="attached", timeout=60_000)
    page.wait_for_timeout(1_000)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    _kept(page, gallery / "paper.png")
    assert page.locator(".map-print").is_visible()
