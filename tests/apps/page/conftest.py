"""A browser, the made-up coast behind the real app, and pages that watch what they ask for."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

import hinomi.apps.web

HERE = Path(__file__).parent
PAGE = Path(hinomi.apps.web.__file__).with_name("page") / "index.html"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Whatever name the page might ask for, there is no network for it.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


def _missing(what: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what}; with CI=true that is a failure")
    pytest.skip(what)


class Coast:
    """The server process: its address, and what a test may do to it."""

    def __init__(self, log: Path, port: int = 0, many: int = 0, extra: Path | None = None) -> None:
        self._log = log
        self._many = many
        self._extra = extra
        self._process = self._start(port)
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().decode().strip()
        self._wait()

    def _start(self, port: int) -> subprocess.Popen[bytes]:
        command = [sys.executable, str(HERE / "coast.py"), str(port), str(self._many)]
        paths = [str(self._extra or ""), os.environ.get("PYTHONPATH", "")]
        more = {
            "PYTHONPATH": os.pathsep.join(filter(None, paths)),
            "TMPDIR": str(self._log.parent),
        }
        with self._log.open("ab") as log:
            return subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=log, env={**os.environ, **more}
            )

    def _wait(self) -> None:
        for _ in range(200):
            try:
                httpx.get(f"{self.url}/layers", timeout=2)
            except httpx.HTTPError:
                time.sleep(0.1)
            else:
                return
        pytest.fail(f"the server did not start: {self._log.read_text()[-2000:]}")

    def state(self, key: str, level: int, status: str = "actual") -> None:
        """State a new level for a town, now."""
        asked = {"key": key, "level": level, "status": status}
        httpx.post(f"{self.url}/coast/level", json=asked, timeout=5).raise_for_status()

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def again(self) -> None:
        """Start anew at the same address."""
        self._process = self._start(int(self.url.rsplit(":", 1)[1]))
        self._wait()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium; skipped by name where there is none, a failure with CI=true."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        _missing("no Chromium is installed")
    if not PAGE.is_file():
        _missing("the page is not built (npm run build in dashboard/)")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only where a browser is

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield found
        found.close()


@pytest.fixture(scope="module")
def still(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Coast]:  # noqa: ARG001
    """A coast that no test changes."""
    found = Coast(tmp_path_factory.mktemp("still") / "server.log")
    yield found
    found.stop()


@pytest.fixture
def coast(browser: Any, tmp_path: Path) -> Iterator[Coast]:  # noqa: ARG001 - no browser, no server
    """A coast of a test's own, to be changed."""
    found = Coast(tmp_path / "server.log")
    yield found
    found.stop()


@pytest.fixture
def coast_of(browser: Any) -> Iterator[Callable[..., Coast]]:  # noqa: ARG001 - as above
    """Make coasts of a test's own kind."""
    made: list[Coast] = []

    def make(log: Path, **options: Any) -> Coast:
        made.append(Coast(log, **options))
        return made[-1]

    yield make
    for found in made:
        found.stop()


class Watched:
    """A page with what it complained of and what it asked of others."""

    def __init__(self, page: Any, coast: Coast) -> None:
        self.page = page
        self.coast = coast
        self.complaints: list[str] = []
        self.asked: list[str] = []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.asked.append(request.url))

    def _console(self, message: Any) -> None:
        if message.type in {"error", "warning"} and "GPU stall" not in message.text:
            self.complaints.append(message.text)

    def open(self, path: str = "/") -> Any:
        self.page.goto(self.coast.url + path)
        return self.page

    def outside(self) -> list[str]:
        """Return what was asked of anyone but our own server."""
        return [url for url in self.asked if not url.startswith((self.coast.url, "blob:", "data:"))]


@pytest.fixture
def watch(request: pytest.FixtureRequest, browser: Any) -> Iterator[Callable[..., Watched]]:
    """Make pages on the test's own coast if it asks for one, else on the still one."""
    own = "coast" in request.fixturenames

    def coast() -> Coast:
        found: Coast = request.getfixturevalue("coast" if own else "still")
        return found

    contexts = []

    def make(width: int = 1280, height: int = 800, of: Coast | None = None) -> Watched:
        # A reader in another zone and language: the page shows Japan's time and Japanese first.
        context = browser.new_context(
            viewport={"width": width, "height": height},
            locale="de-DE",
            timezone_id="America/New_York",
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        return Watched(context.new_page(), of or coast())

    yield make
    for context in contexts:
        context.close()
