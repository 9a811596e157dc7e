"""What a slow line and a hundred thousand places do to the page, by the browser's own measure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.apps.page.conftest import Coast, Nursery

pytestmark = [pytest.mark.alone, pytest.mark.browser, pytest.mark.slow]

Watch = Callable[..., Any]

FAST_3G = {"offline": False, "latency": 562.5, "downloadThroughput": 180_000,
           "uploadThroughput": 84_375}  # fmt: skip
"""Chromium's preset: 1.6 Mbit/s less a tenth, 150 ms taken 3.75 times for the round trips of a
request (devtools-frontend, front_end/core/sdk/NetworkManager.ts)."""

MANY = 115_000

TIMELINE = ["devtools.timeline", "disabled-by-default-devtools.timeline"]

TRIES = 5
"""The best of so many: what else the machine does can only add to the time."""


def _slow(page: Any) -> Any:
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", FAST_3G)
    return line


def test_on_fast_3g_the_list_is_usable_in_two_seconds_before_the_map_has_come(
    watch: Watch, request: pytest.FixtureRequest
) -> None:
    measured = []
    for _ in range(TRIES):
        usable, transferred, map_came = _load_slowly(watch())
        measured.append(usable)
        assert transferred <= 150_000
        assert map_came is None or map_came > usable
        if usable < 2_000:
            break
    request.node.user_properties += [("usable_ms", min(measured)), ("transferred", transferred)]
    print(f"usable after {measured} ms, {transferred:,} bytes")  # noqa: T201 - a measurement
    assert min(measured) < 2_000


def _load_slowly(seen: Any) -> tuple[float, int, float | None]:
    """Return when the list was usable [ms], what had come by then, when the map's program came."""
    seen.open("/layers?f=json")  # The browser is awake; nothing of the page is kept.
    line = _slow(seen.page)
    line.send("Network.setCacheDisabled", {"cacheDisabled": True})
    sizes: dict[str, int] = {}
    line.on(
        "Network.loadingFinished", lambda e: sizes.update({e["requestId"]: e["encodedDataLength"]})
    )
    seen.page.add_init_script(
        """new MutationObserver((_, observer) => {
          if (!document.querySelector("#board-levels .row")) return;
          observer.disconnect();
          requestAnimationFrame(() => setTimeout(() => performance.mark("usable")));
        }).observe(document, { childList: true, subtree: true });"""
    )
    seen.open("/")
    seen.page.wait_for_selector("#board-levels .row")
    transferred = sum(sizes.values())
    seen.page.wait_for_function("() => performance.getEntriesByName('usable').length > 0")
    usable = seen.page.evaluate("performance.getEntriesByName('usable')[0].startTime")
    maps = seen.page.evaluate(
        """performance.getEntriesByType("resource").filter((e) => /map-.*js/.test(e.name))
           .map((e) => e.responseEnd).filter((end) => end > 0)"""
    )
    return usable, transferred, min(maps, default=None)


@pytest.fixture
def crowded(nursery: Nursery, tmp_path: Path) -> Iterator[Coast]:
    found = Coast(nursery, tmp_path, many=MANY)
    # The server's index of places is made once, at the first question for a tile.
    tile = f"{found.url}/collections/response.sites/tiles/WebMercatorQuad/5/12/28"
    httpx.get(tile, timeout=60).raise_for_status()
    yield found
    found.stop()


def test_panning_over_115_000_places_and_1_900_outlines_stays_smooth(
    watch: Watch, crowded: Coast, request: pytest.FixtureRequest
) -> None:
    seen = watch(1280, 800, of=crowded)
    # All of them at once: farther out than they are shown to those who look for warnings.
    seen.page.route("**/layers?f=json", _from_afar)
    page = seen.open("/#map=6/36.5/138")
    # Drawing so much without a graphics card takes its time; what is measured comes after.
    page.wait_for_selector(".map[data-ready=true]", state="attached", timeout=90_000)
    # Every municipality is coloured by its level, below all of the places.
    page.wait_for_function(
        "() => document.querySelector('#board-levels .count')?.textContent === '1,903'"
    )
    box = page.locator(".map canvas").bounding_box()
    middle = (box["x"] + box["width"] * 0.6, box["y"] + box["height"] / 2)

    def pan(steps: int) -> None:
        page.mouse.move(*middle)
        page.mouse.down()
        for i in range(steps):
            way = i if i < steps / 2 else steps - i
            page.mouse.move(middle[0] - 6 * way, middle[1] + 3 * way)
            page.wait_for_timeout(12)
        page.mouse.up()

    pan(20)  # Tiles of the neighbourhood come once.
    page.wait_for_timeout(2_500)
    page.evaluate(
        """() => {
          window.long = [];
          const add = (list) => window.long.push(...list.getEntries().map((e) => e.duration));
          new PerformanceObserver(add).observe({ type: "longtask" });
        }"""
    )
    for _ in range(TRIES):
        events = _traced(page, lambda: pan(60))
        frames = sorted(_spent_ms(events, "FireAnimationFrame"))
        tasks = [spent for spent in _spent_ms(events, "RunTask") if spent > 50]
        script = frames[int(len(frames) * 0.95)]
        if script <= 8 and not tasks:
            break
    observed = page.evaluate("window.long")
    request.node.user_properties += [("frames", len(frames)), ("script_ms_p95", script)]
    print(  # noqa: T201 - a measurement
        f"{len(frames)} frames; script a frame: median {frames[len(frames) // 2]:.1f} ms, p95"
        f" {script:.1f} ms, most {frames[-1]:.1f} ms; tasks over 50 ms: {tasks} (clock: {observed})"
    )
    assert len(frames) > 20
    assert script <= 8
    assert tasks == []


def _traced(page: Any, work: Callable[[], None]) -> list[dict[str, Any]]:
    browser = page.context.browser
    browser.start_tracing(page=page, categories=TIMELINE)
    work()
    page.wait_for_timeout(300)
    found: list[dict[str, Any]] = json.loads(browser.stop_tracing())["traceEvents"]
    return found


def _from_afar(route: Any) -> None:
    answer = route.fetch()
    layers = answer.json()
    for layer in layers["layers"]:
        if layer["id"] == "sites":
            layer["min_zoom"] = 0
    route.fulfill(response=answer, json=layers)


def _spent_ms(events: list[dict[str, Any]], name: str) -> list[float]:
    """Return how long the page's main thread worked on each event of a name [ms].

    Thread time, where the trace has it: on a busy machine the clock also counts waiting.
    """
    mains = {
        (e["pid"], e["tid"])
        for e in events
        if e["name"] == "thread_name" and e["args"].get("name") == "CrRendererMain"
    }
    return [
        e.get("tdur", e["dur"]) / 1_000
        for e in events
        if e["name"] == name and "dur" in e and (e["pid"], e["tid"]) in mains
    ]
