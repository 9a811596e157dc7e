"""The instructor's panel in a browser: lead an exercise, inject, see what players see."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.browser

SIGN_IN = """async ([link, name]) => {
  const headers = {"X-CSRF-Token": "x", "Content-Type": "application/json"};
  const body = JSON.stringify({link, name});
  return (await fetch("session", {method: "POST", headers, body})).status;
}"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[dict[str, Any]]:
    command = [sys.executable, "-m", "hinomi.apps.cli", "run", "--data", str(tmp_path / "data")]
    process = subprocess.Popen(
        [*command, "--port", "0", "--no-open", "--json"], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    text = ""
    while not text.rstrip().endswith("}"):
        text += process.stdout.readline()
    told = json.loads(text)
    for _ in range(200):
        try:
            if httpx.get(f"{told['address']}/drill", timeout=5).json()["exercise"]:
                break
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    yield told
    process.terminate()
    process.wait(20)
    process.stdout.close()


def test_an_instructor_leads_and_a_player_sees_only_what_was_told(
    browser: Any, server: dict[str, Any]
) -> None:
    page = browser.new_context(viewport={"width": 1500, "height": 1000}).new_page()
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
    panel.locator("#inject-what").select_option("通行止")
    panel.locator("#inject-where").fill("土手町")
    panel.locator("#inject-text").fill("国道の橋が流された")
    panel.get_by_role("button", name="いま入れる").click()
    row = panel.locator(".drill-line-played", has_text="国道の橋が流された")
    row.wait_for()
    assert panel.locator(".drill-line-coming").count() > 5
    # What makes no sense is refused with what to write.
    panel.locator("#inject-where").fill("土出町")
    panel.locator("#inject-what").select_option("大雨")
    panel.get_by_role("button", name="いま入れる").click()
    panel.locator(".drill-notice.failed", has_text="土手町").wait_for()

    player = browser.new_context(viewport={"width": 1400, "height": 900}).new_page()
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
