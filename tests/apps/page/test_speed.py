"""What a slow line and a hundred thousand places do to the page, by the browser's own measure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Watch = Callable[..., Any]
Coast = Any

FAST_3G = {"offline": False, "latency": 562.5, "downloadThroughput": 180_000,
           "uploadThroughput": 84_375}  # fmt: skip
"""Chromium's preset: 1.6 Mbit/s less a tenth, 150 ms taken 3.75 times for the round trips of a
request (devtools-frontend, front_end/core/sdk/NetworkManager.ts)."""

MANY = 115_000


def _slow(page: Any) -> Any:
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", FAST_3G)
    return line


def test_on_fast_3g_the_list_is_usable_in_two_seconds_before_the_map_has_come(
    watch: Watch, request: pytest.FixtureRequest
) -> None:
    seen = watch()
    seen.open("/layers?f=json")  # The browser is awake; nothing of the page is kept.
    line = _slow(seen.page)
    line.send("Network.setCacheDisabled", {"cacheDisabled": True})
    sizes: dict[str, int] = {}
    line.on("Network.responseReceived", lambda e: sizes.setdefault(e["requestId"], 0))
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
    loaded = dict(sizes)
    seen.page.wait_for_function("() => performance.getEntriesByName('usable').length > 0")
    usable = seen.page.evaluate("performance.getEntriesByName('usable')[0].startTime")
    maps = seen.page.evaluate(
        """performance.getEntriesByType("resource").filter((e) => /map-.*js/.test(e.name))
           .map((e) => e.responseEnd)"""
    )
    transferred = sum(loaded.values())
    request.node.user_properties += [("usable_ms", usable), ("transferred", transferred)]
    print(f"usable after {usable:.0f} ms, {transferred:,} bytes")  # noqa: T201 - a measurement
    assert usable < 2_000
    assert all(end == 0 or end > usable for end in maps)
    assert transferred <= 150_000


@pytest.fixture
def crowded(coast_of: Callable[..., Coast], tmp_path: Any) -> Iterator[Coast]:
    return coast_of(tmp_path / "crowded.log", many=MANY)


def test_panning_over_115_000_places_stays_smooth(
    watch: Watch, crowded: Coast, request: pytest.FixtureRequest
) -> None:
    page = watch(1280, 800, of=crowded).open("/#map=6/36.5/138")
    page.wait_for_selector(".map[data-ready=true]", state="attached")
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
    browser = page.context.browser
    browser.start_tracing(page=page, categories=["devtools.timeline"])
    pan(60)
    page.wait_for_timeout(300)
    events = json.loads(browser.stop_tracing())["traceEvents"]
    frames = [e["dur"] / 1_000 for e in events if e["name"] == "FireAnimationFrame" and "dur" in e]
    long = page.evaluate("window.long")
    frames.sort()
    script = frames[int(len(frames) * 0.95)]
    request.node.user_properties += [("frames", len(frames)), ("script_ms_p95", script)]
    print(f"{len(frames)} frames, script a frame: median {frames[len(frames) // 2]:.1f} ms,"  # noqa: T201
          f" p95 {script:.1f} ms, most {frames[-1]:.1f} ms; long tasks {long}")  # fmt: skip
    assert len(frames) > 20
    assert script <= 8
    assert long == []
