"""One click makes a report with the drill's figures; damage entered in the form is in the next."""

from __future__ import annotations

import io
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pypdf
import pytest

from hinomi.kernel.marking import Disclosure, Principal
from hinomi.runtime.keys import Keys
from tests.apps.page.conftest import PATIENCE_MS, without_map
from tests.apps.page.gallery import FOLDER, keep
from tests.apps.page.serving import HINOMI, Serving

pytestmark = [pytest.mark.browser, pytest.mark.slow]
OPEN = quote("state = 'open'")
SHELTERS = "/collections/response.shelters/items?status=exercise&limit=1000"


class Drilled(Serving):
    """A server on a folder in which the shipped drill has been played, and a moment inside it."""

    def __init__(self, data: Path) -> None:
        play = ["drill", "play", "typhoon", "--speed", "50000", "--data", str(data)]
        subprocess.run([*HINOMI, *play], check=True, capture_output=True, timeout=240)
        who = Principal("佐藤", ("本部",), Disclosure.AMBER, (), ("officer",))
        self.key = Keys(data).create(who)
        super().__init__(data, "--no-drill")
        self.moment, self.open, self.people = "", 0, 0

    def look(self) -> None:
        """Find the moment of the most people in shelters."""
        steps = self.ask("/changes?status=exercise&limit=10000&collections=response.shelters")
        for moment in sorted({s["recorded_at"] for s in steps["changes"]})[::4]:
            when = f"&as-of={quote(moment)}&filter={OPEN}"
            found = [f["properties"] for f in self.ask(SHELTERS + when)["features"]]
            people = sum(p.get("people") or 0 for p in found)
            if people > self.people:
                self.moment, self.open, self.people = moment, len(found), people


@pytest.fixture(scope="module")
def drilled(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drilled]:  # noqa: ARG001
    found = Drilled(tmp_path_factory.mktemp("drilled") / "data")
    try:
        found.look()
        yield found
    finally:
        found.stop()


@pytest.fixture
def records(browser: Any, drilled: Drilled) -> Iterator[Callable[..., Any]]:
    """Open the tab with records and reports."""
    contexts = []

    def open_(query: str = "", *, signed: bool = False) -> Any:
        context = browser.new_context(
            viewport={"width": 1500, "height": 1000}, locale="ja-JP", accept_downloads=True
        )
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        if not FOLDER:
            without_map(context)
        page = context.new_page()
        page.goto(f"{drilled.url}/?status=exercise&part=hq{query}")
        if signed:
            if not page.locator("#sign-in-key").is_visible():
                page.locator("details:has(#sign-in-key) > summary").click()
            page.fill("#sign-in-key", drilled.key)
            page.press("#sign-in-key", "Enter")
            page.wait_for_selector("#hq-entry")
        page.click("#hq-tab-records")
        page.wait_for_selector("[data-report='situation.pdf']")
        return page

    yield open_
    for context in contexts:
        context.close()


def clicked(page: Any, report: str) -> bytes:
    """Return what one click on a button gives: a tab's PDF, or a file."""
    with page.context.expect_event("page") as opened:
        page.click(f"[data-report='{report}']")
    tab = opened.value
    address = page.locator(f"[data-report='{report}']").evaluate("e => e.href")
    body: bytes = page.context.request.get(address).body()
    tab.close()
    return body


def text(pdf: bytes) -> str:
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    assert all("訓練" in p.extract_text().replace("\0", "") for p in pages)
    return re.sub(r"[\s\0]", "", "".join(p.extract_text() for p in pages))


@pytest.mark.pictures
def test_one_click_gives_a_pdf_with_the_drill_s_figures(
    records: Callable[..., Any], drilled: Drilled
) -> None:
    assert drilled.people > 0
    page = records(f"&as-of={quote(drilled.moment)}")
    said = text(clicked(page, "situation.pdf"))
    assert f"開設中の避難所{drilled.open}" in said
    assert f"避難者(人){drilled.people:,}" in said
    assert "最高の警戒レベル相当" in said
    keep(page, "reports")
    # The drill ends: a report of now says that nobody is in a shelter any more.
    now = text(clicked(records(), "situation.pdf"))
    assert f"避難者(人){drilled.people:,}" not in now


def test_excel_comes_as_a_file_and_printing_opens_the_page(
    records: Callable[..., Any], drilled: Drilled
) -> None:
    page = records(f"&as-of={quote(drilled.moment)}")
    # Chromium without a head prints nothing; that it is asked to is what counts.
    page.add_init_script("window.print = () => { top.document.body.dataset.printed = '1'; }")
    page.reload()
    page.click("#hq-tab-records")
    assert clicked(page, "situation.xlsx").startswith(b"PK")
    page.click(".report-rows li:first-child button")
    page.wait_for_selector("iframe.report-print[data-ready=true]", state="attached")
    page.wait_for_selector("body[data-printed='1']")
    frame = page.frame_locator("iframe.report-print")
    assert "訓練" in frame.locator(".banner").inner_text()
    assert f"{drilled.people:,}" in frame.locator("main").inner_text()


def test_damage_that_is_entered_in_the_form_is_in_the_next_report(
    records: Callable[..., Any], drilled: Drilled
) -> None:
    page = records(signed=True)
    page.select_option("#hq-collection", "response.damage")
    page.click(".new-record button")
    towns = drilled.ask("/collections/areas/items?status=exercise&limit=100")["features"]
    town = next(t["properties"] for t in towns if t["properties"]["kind"] == "municipality")
    page.fill("form.act-form [name=area_code]", town["code"])
    page.fill("form.act-form [name=dead]", "2")
    page.fill("form.act-form [name=above_floor_buildings]", "41")
    assert not page.locator("form.act-form [name=loss_fishery]").is_visible()
    page.click(".damage-rest > summary")
    page.fill("form.act-form [name=loss_fishery]", "1300")
    page.click("form.act-form button[type=submit]")
    page.wait_for_selector(f"#hq-records li.order:has-text('{town['name']}')")
    said = text(clicked(page, "fdma-4.pdf"))
    for wanted in ("死者(人)2", "床上浸水(棟)41", "水産被害1,300千円", "第1報"):
        assert wanted in said
