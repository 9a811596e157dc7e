"""The instructor's panel in a browser: lead an exercise, inject, see what players see."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.apps.page.conftest import PATIENCE_MS, without_map
from tests.apps.page.serving import Serving

pytestmark = pytest.mark.browser

SIGN_IN = """async ([link, name]) => {
  const headers = {"X-CSRF-Token": "x", "Content-Type": "application/json"};
  const body = JSON.stringify({link, name});
  return (await fetch("session", {method: "POST", headers, body})).status;
}"""


@pytest.fixture
def server(browser: Any, tmp_path: Path) -> Iterator[dict[str, Any]]:  # noqa: ARG001
    found = Serving(tmp_path / "data")
    found.until_drill()
    yield found.told
    found.stop()


def opened(browser: Any) -> Any:
    context = browser.new_context(viewport={"width": 1500, "height": 1000})
    context.set_default_timeout(PATIENCE_MS)
    without_map(context)
    return context.new_page()


def test_an_instructor_leads_and_a_player_sees_only_what_was_told(
    browser: Any, server: dict[str, Any]
) -> None:
    page = opened(browser)
    url = f"{server['address']}/?part=drill&status=exercise"
    page.goto(f"{url}&lang=ja")
    link = server["sign_in"].rsplit("sign-in=", 1)[1]
    assert page.evaluate(SIGN_IN, [link, "進行役"]) == 201
    page.goto(f"{url}&lang=ja")
    panel = page.locator(".part-drill")
    panel.get_by_role("button", name="一時停止").click()
    panel.get_by_role("button", name="再開").wait_for()
    assert "一時停止" in panel.locator(".drill-banner").inner_text()
    panel.locator("#drill-jump").select_option("地震")
    panel.get_by_role("button", name="局面へ移る").click()
    panel.locator(".drill-phase", has_text="地震").wait_for()
    assert panel.locator(".drill-time").inner_text() == "4:06:00"
    cut_a_road(page)
    assert panel.locator(".drill-line-coming").count() > 5
    # What makes no sense is refused with what to write.
    panel.locator("#inject-where").fill("土出町")
    panel.locator("#inject-what").select_option("大雨")
    panel.get_by_role("button", name="いま入れる").click()
    panel.locator(".drill-notice.failed", has_text="土手町").wait_for()

    player = opened(browser)
    player.goto(f"{url}&lang=en")
    seen = player.locator(".part-drill")
    seen.get_by_text("国道の橋が流された").wait_for()
    assert seen.get_by_role("button").count() == 0
    assert "instructors only" in seen.inner_text()
    assert "水見町の庁舎" not in player.content()  # It comes at 4:30.

    panel.get_by_role("button", name="終える").click()
    panel.get_by_role("button", name="本当に終える").click()
    panel.get_by_role("button", name="始める").wait_for()
    assert "終えました" in panel.locator(".drill-banner").inner_text()
    panel.locator(".drill-outcome-missed").first.wait_for()


def cut_a_road(page: Any) -> None:
    """Inject it; half-typed it outlives what arrives live, and a reload."""
    panel = page.locator(".part-drill")
    panel.locator("#inject-what").select_option("通行止")
    panel.locator("#inject-where").fill("土手町")
    panel.locator("#inject-text").fill("国道の橋が流された")
    panel.get_by_role("button", name="再開").click()
    panel.get_by_role("button", name="一時停止").click()
    panel.get_by_role("button", name="再開").wait_for()
    page.reload()
    panel.locator("#inject-text").wait_for()
    assert panel.locator("#inject-text").input_value() == "国道の橋が流された"
    assert panel.locator("#inject-what").input_value() == "通行止"
    panel.get_by_role("button", name="いま入れる").click()
    panel.locator(".drill-line-played", has_text="国道の橋が流された").wait_for()
    assert panel.locator("#inject-text").input_value() == ""
    # On the list of roads too, not among words alone.
    road = page.locator("#board-roads .row", has_text="国道の橋が流された")
    road.wait_for()
    assert "土手町" in road.text_content()
