"""axe-core finds nothing serious, on the main views, in both languages, on screen and phone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Watch = Callable[..., Any]
AXE = Path(__file__).resolve().parents[3] / "dashboard/node_modules/axe-core/axe.min.js"
RUN = """async () => (await axe.run(document, { resultTypes: ["violations"] })).violations
  .filter((found) => ["serious", "critical"].includes(found.impact))
  .map((found) => `${found.id}: ${found.nodes.map((n) => n.html).join(" | ").slice(0, 500)}`)"""


def _serious(page: Any) -> list[str]:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[str] = page.evaluate(RUN)
    return found


@pytest.fixture(autouse=True)
def _axe_is_installed() -> None:
    if not AXE.is_file():
        pytest.skip("axe-core is not installed (npm ci in dashboard/)")


@pytest.mark.parametrize(
    ("query", "width"),
    [
        ("/?lang=ja", 1280),
        ("/?lang=en&status=exercise&area=1720200", 1280),
        ("/?lang=ja&as-of=PAST&status=exercise", 390),
        ("/?lang=en", 390),
    ],
)
def test_axe_finds_nothing_serious(watch: Watch, query: str, width: int) -> None:
    page = watch(width, 800).open(query.replace("PAST", "2026-01-01T00:00:00Z"))
    page.wait_for_selector("#board-sources", state="attached")
    page.wait_for_selector(".map[data-ready=true]", state="attached")
    page.wait_for_timeout(300)
    assert _serious(page) == []
    if width < 700:
        page.click(".tabs button[data-pane=map]")
        assert _serious(page) == []
        return
    row = page.locator("#board-levels .row").first
    row.focus()
    page.keyboard.press("Enter")
    page.locator(".menu summary").click()
    page.fill("#search", "広場")
    assert _serious(page) == []


def test_axe_would_find_what_is_wrong(watch: Watch) -> None:
    page = watch(drawn=False).open()
    page.wait_for_selector("#board-levels")
    page.evaluate("() => document.querySelector('#search').removeAttribute('aria-label')")
    page.evaluate("() => document.querySelector('#search').removeAttribute('placeholder')")
    assert any("label" in found for found in _serious(page))
