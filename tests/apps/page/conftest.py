"""A browser, the made-up coast behind the real app, and pages that watch what they ask for."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

import hinomi.apps.web
from tests.apps.page.gallery import FOLDER
from tests.apps.page.town import Town
from tests.apps.provider import identity_provider

pytest.register_assert_rewrite("tests.apps.page.jobs_by_keys", "tests.apps.page.jobs_by_mouse")
HERE = Path(__file__).parent
PAGE = Path(hinomi.apps.web.__file__).with_name("page") / "index.html"
PATIENCE_MS = 60_000
"""Longest wait for what must come: only a failure takes as long, on however busy a machine."""
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True,
}  # fmt: skip
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--no-sandbox",
    "--use-gl=angle",
    "--enable-unsafe-swiftshader",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Whatever name the page might ask for, there is no network for it.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]

# A graphics card made of the processor draws the map. Drawing the whole page by it, as Debian's
# Chromium would, takes half as much again of the processor; only a measurement of the page's pace
# wants it so, because there the page must not wait for what is copied back.
MAP_ONLY = ["--use-angle=swiftshader-webgl", "--disable-gpu-rasterization"]
WHOLE_PAGE = ["--use-angle=swiftshader"]


def _missing(what: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what}; with CI=true that is a failure")
    pytest.skip(what)


class Nursery:
    """A process that has the app loaded: a coast is its child, there within a moment."""

    def __init__(self, extra: Path | None = None) -> None:
        paths = [str(extra or ""), os.environ.get("PYTHONPATH", "")]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.apps.page.coast"], cwd=HERE.parents[2],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
        )  # fmt: skip

    def bear(self, folder: Path, port: int, many: int) -> dict[str, Any]:
        wanted = {"port": port, "many": many, "folder": str(folder)}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(wanted) + "\n")
        self._process.stdin.flush()
        born: dict[str, Any] = json.loads(self._process.stdout.readline())
        return born

    def close(self) -> None:
        """End it, and with it what is left of its children."""
        self._process.communicate()


class Coast:
    """A server: its address, and what a test may do to it."""

    def __init__(self, nursery: Nursery, folder: Path, many: int = 0) -> None:
        self._nursery, self._folder, self._many = nursery, folder, many
        self.url = ""
        self._start(0)

    def _start(self, port: int) -> None:
        born = self._nursery.bear(self._folder, port, self._many)
        self.url, self._pid = born["url"], born["pid"]
        for _ in range(400):
            try:
                httpx.get(f"{self.url}/layers", timeout=2)
            except httpx.HTTPError:
                time.sleep(0.05)
            else:
                return
        log = (self._folder / "server.log").read_text()
        pytest.fail(f"the server did not start: {log[-2000:]}")

    def state(self, key: str, level: int, status: str = "actual") -> None:
        """State a new level for a town, now."""
        asked = {"key": key, "level": level, "status": status}
        httpx.post(f"{self.url}/coast/level", json=asked, timeout=5).raise_for_status()

    def rain(self) -> None:
        """Let a radar see rain, now and five minutes ago."""
        httpx.post(f"{self.url}/coast/rain", json={}, timeout=30).raise_for_status()

    def stop(self) -> None:
        with suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
            while True:
                os.kill(self._pid, 0)
                time.sleep(0.01)

    def again(self) -> None:
        """Start anew at the same address."""
        self._start(int(self.url.rsplit(":", 1)[1]))


@pytest.fixture(scope="session")
def chromium() -> str:
    """Chromium's path; skipped by name where there is none, a failure with CI=true."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        _missing("no Chromium is installed")
    if not PAGE.is_file():
        _missing("the page is not built (npm run build in dashboard/)")
    return str(path)


@pytest.fixture(scope="module")
def browser(request: pytest.FixtureRequest, chromium: str) -> Iterator[Any]:
    """Chromium, for one module: as long as it is driven no other event loop can run here."""
    drawing = WHOLE_PAGE if request.node.get_closest_marker("alone") else MAP_ONLY
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only where a browser is

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium, args=[*FLAGS, *drawing])
        yield found
        found.close()


@pytest.fixture(scope="session")
def nursery(chromium: str) -> Iterator[Nursery]:  # noqa: ARG001 - no browser, no server
    """Where coasts come from."""
    found = Nursery()
    yield found
    found.close()


@pytest.fixture(scope="session")
def still(nursery: Nursery, tmp_path_factory: pytest.TempPathFactory) -> Coast:
    """A coast that no test changes."""
    return Coast(nursery, tmp_path_factory.mktemp("still"))


@pytest.fixture
def coast(nursery: Nursery, tmp_path: Path) -> Iterator[Coast]:
    """A coast of a test's own, to be changed."""
    found = Coast(nursery, tmp_path)
    yield found
    found.stop()


def without_map(context: Any) -> None:
    """Let the map fail: drawn without a graphics card it is slow, and many tests look elsewhere."""
    program = "export class MapView { constructor() { throw new Error('not drawn'); } }"
    context.route(
        "**/assets/map-*.js",
        lambda route: route.fulfill(content_type="text/javascript", body=program),
    )


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

    def make(
        width: int = 1280, height: int = 800, of: Coast | None = None, *, drawn: bool = True
    ) -> Watched:
        # A reader in another zone and language: the page shows Japan's time and Japanese first.
        context = browser.new_context(
            viewport={"width": width, "height": height},
            locale="de-DE",
            timezone_id="America/New_York",
        )
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        if not drawn:
            without_map(context)
        return Watched(context.new_page(), of or coast())

    yield make
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def town(
    chromium: str,  # noqa: ARG001 - no browser, no server
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Town]:
    """A town's headquarters, the same for all tests in this process: each leaves it calm."""
    with identity_provider(sub="suzuki", roles=["bosai-ka"], organisations=["本部"]) as issuer:
        found = Town(tmp_path_factory.mktemp("town"), issuer)
        found.level("1720400", 3)
        yield found
        found.stop()


@pytest.fixture
def desk(browser: Any, town: Town) -> Iterator[Callable[..., Any]]:
    """Open the headquarters for a person, each in a browser of their own."""
    contexts = []

    def open_(
        name: str = "",
        path: str = "/?part=hq",
        *,
        script: str = "",
        drawn: bool = False,
        **device: Any,
    ) -> Any:
        context = browser.new_context(
            locale="ja-JP", **(device or {"viewport": {"width": 1500, "height": 900}})
        )
        if script:
            context.add_init_script(script)
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        if not FOLDER and not drawn:
            without_map(context)
        page = context.new_page()
        page.goto(town.url + path)
        if name:
            page.click(".sign-in details summary")
            page.fill("#sign-in-key", town.keys[name])
            page.press("#sign-in-key", "Enter")
            page.wait_for_selector("#hq-entry")
        return page

    yield open_
    for context in contexts:
        context.close()
