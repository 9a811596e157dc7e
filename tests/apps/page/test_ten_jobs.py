"""The ten jobs of a new user, as docs/how-to/ten-jobs.md times them: by mouse, keys alone, thumb.

``HINOMI_WALK=1`` prints how many clicks and keys each took.
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.apps.page.conftest import PATIENCE_MS, without_map
from tests.apps.page.serving import Serving

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SAMPLE = Path(__file__).resolve().parents[3] / "docs/samples/hinanjo-mihon.csv"
MEANINGS = {
    "施設の呼び名": "name",
    "どこにあるか": "address",
    "北緯": "latitude",
    "東経": "longitude",
    "入れる人数": "capacity",
    "ひらいているか": "state",
}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True,
}  # fmt: skip
TARGET_PX = 24
"""Least side of what is tapped: WCAG 2.2, 2.5.8 Target Size (Minimum), level AA."""
FURTHEST = 160
"""Tabs until something must have been reached."""
LONGEST_S = 120


class Walk:
    """A person before the page: counts what they press."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.clicks = 0
        self.keys = 0
        self.began = time.monotonic()

    def told(self, job: str) -> None:
        """End a job: it has taken less than what a new user is promised."""
        took = time.monotonic() - self.began
        if os.environ.get("HINOMI_WALK"):
            sys.stderr.write(f"{job}: {self.clicks} clicks, {self.keys} keys, {took:.1f} s\n")
        assert took < LONGEST_S, job
        self.clicks = self.keys = 0
        self.began = time.monotonic()

    def click(self, selector: str) -> None:
        self.clicks += 1
        self.page.locator(selector).first.click()

    def choose(self, selector: str, value: str) -> None:
        self.clicks += 2
        self.page.locator(selector).select_option(value)

    def type(self, selector: str, text: str) -> None:
        self.keys += len(text)
        self.page.locator(selector).fill(text)

    def press(self, *keys: str) -> None:
        self.keys += len(keys)
        for key in keys:
            self.page.keyboard.press(key)

    def write(self, text: str) -> None:
        self.keys += len(text)
        self.page.keyboard.type(text)

    def tab_to(self, selector: str, *, back: bool = False) -> None:
        """Go there by the tabulator alone: whoever has no mouse must be able to."""
        for _ in range(FURTHEST):
            if self.at(selector):
                return
            self.press("Shift+Tab" if back else "Tab")
        here = self.page.evaluate("document.activeElement?.outerHTML.slice(0, 200)")
        pytest.fail(f"{selector} is not reached by keys; the focus is at {here}")

    def at(self, selector: str) -> bool:
        """Return whether the keyboard is there."""
        return bool(self.page.locator(f"{selector}:focus").count())

    def ten_at_night(self, selector: str) -> None:
        """Write 22:00 into the browser's own boxes, in its language: 10:00 PM or 22:00."""
        for written in ("1000P", "2200"):
            self.tab_to(selector, back=True)
            self.press("Shift+Tab")  # From the button of the calendar to the last of the boxes.
            self.press(*["ArrowLeft"] * 6, *["ArrowRight"] * 3)
            self.write(written)
            if self.page.locator(selector).input_value().endswith("T22:00"):
                return
            self.press("Tab", "Tab", "Tab")
        pytest.fail(f"{selector} stands at {self.page.locator(selector).input_value()}")

    def wait(self, selector: str) -> Any:
        found = self.page.locator(selector).first
        found.wait_for()
        return found

    def part(self, name: str) -> None:
        """Open a part beside the map, or close it."""
        self.click(f"[data-focus='part-{name}']")

    def lists(self) -> None:
        """Look at the lists, which are always there."""


class Thumb(Walk):
    """A person with a telephone: what they tap is large enough and not under another."""

    def click(self, selector: str) -> None:
        self.clicks += 1
        found = self.page.locator(selector).first
        found.scroll_into_view_if_needed()
        box = found.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= TARGET_PX, (selector, box)
        found.tap()

    def part(self, name: str) -> None:
        self.click(f"[data-focus='tab-{name}']")

    def lists(self) -> None:
        self.click("[data-focus='tab-list']")

    def told(self, job: str) -> None:
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= PHONE["viewport"]["width"], f"{job}: scrolls sideways"
        super().told(f"thumb: {job}")


@pytest.fixture(scope="module")
def running(
    browser: Any,  # noqa: ARG001 - no browser, no server
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[dict[str, Any]]:
    """What ``make run`` starts: the drill playing, a link to sign in."""
    found = Serving(tmp_path_factory.mktemp("ten") / "data")
    found.until_drill()
    yield found.told
    found.stop()


@pytest.fixture(scope="module")
def signed(browser: Any, running: dict[str, Any]) -> dict[str, Any]:
    """The cookies of somebody who came by the link and wrote their name, by keys alone."""
    page = open_page(browser, "ja-JP")
    walk = Walk(page)
    page.goto(running["sign_in"])
    walk.wait("#sign-in-name:focus")
    walk.write("当直")
    walk.press("Enter")
    walk.wait("#hq-entry:focus")
    state: dict[str, Any] = page.context.storage_state()
    page.context.close()
    return {"cookies": state["cookies"], "origins": []}


def open_page(
    browser: Any, locale: str, signed: dict[str, Any] | None = None, **device: Any
) -> Any:
    wanted = device or {"viewport": {"width": 1440, "height": 900}}
    context = browser.new_context(locale=locale, storage_state=signed, **wanted)
    context.set_default_timeout(PATIENCE_MS)
    without_map(context)
    return context.new_page()


def saved(page: Any, selector: str) -> bytes:
    """Return what a report's link gives."""
    address = page.locator(selector).evaluate("e => e.href")
    body: bytes = page.context.request.get(address).body()
    return body


def test_ten_jobs_are_possible_without_reading_the_docs(
    browser: Any, running: dict[str, Any], signed: dict[str, Any]
) -> None:
    page = open_page(browser, "ja-JP", signed)
    page.goto(f"{running['address']}/?part=hq&status=exercise")
    page.wait_for_selector("#hq-entry")
    all_ten(Walk(page))
    page.context.close()


def test_ten_jobs_are_possible_on_a_telephone_by_thumb(
    browser: Any, running: dict[str, Any], signed: dict[str, Any]
) -> None:
    page = open_page(browser, "ja-JP", signed, **PHONE)
    page.goto(f"{running['address']}/?status=exercise")
    page.wait_for_selector("#board-levels .row")
    all_ten(Thumb(page))
    page.context.close()


def all_ten(walk: Walk) -> None:
    drill(walk)
    one_town(walk)
    nearest_shelter(walk)
    gauges_of_the_hour(walk)
    yesterday(walk)
    entry_and_correction(walk)
    town_s_list(walk)
    report(walk)
    origin(walk)


def drill(walk: Walk) -> None:
    """Lead the drill to its quake, stop the clock there, and inject another one."""
    walk.part("drill")
    walk.wait("#drill-jump")
    if walk.page.locator(".part-drill button:has-text('再開')").count():
        walk.click(".part-drill button:has-text('再開')")
        walk.wait(".part-drill button:has-text('一時停止')")
    walk.choose("#drill-jump", "地震")
    walk.click(".part-drill button:has-text('局面へ移る')")
    walk.wait(".drill-phase:has-text('地震')")
    walk.choose("#inject-what", "地震")
    walk.type("#inject-where", "望楼市=5強、川守市=5弱")
    walk.type("#inject-lon", "139.2")
    walk.type("#inject-lat", "31.5")
    walk.click(".part-drill form button:has-text('いま入れる')")
    # Its telegrams come minutes after each other, by the drill's clock.
    walk.page.locator("#board-quakes .row:has-text('6.0')").wait_for(state="attached")
    walk.click(".part-drill button:has-text('一時停止')")
    walk.wait(".part-drill button:has-text('再開')")
    walk.told("drill")


def one_town(walk: Walk) -> None:
    walk.lists()
    walk.type("#search", "望楼市")
    walk.page.locator("#search").press("Enter")
    walk.wait(".area-banner:has-text('望楼市')")
    walk.wait("#board-levels .row:has-text('望楼市'):has-text('特別警報')")
    assert walk.page.locator("#board-levels .row").count() == 1
    walk.told("one town")


def nearest_shelter(walk: Walk) -> None:
    walk.click(".area-banner button")
    walk.page.wait_for_function("() => document.querySelectorAll('#board-levels .row').length > 3")
    walk.click("#board-levels .row:has-text('川守市')")
    walk.wait(".card h3:has-text('川守市')")
    walk.lists()
    walk.click("[data-focus='jump-shelters-open']")
    walk.click("[data-focus='near-shelters-open']")
    walk.wait("#board-shelters-open .near-from:has-text('川守市')")
    far = walk.page.locator("#board-shelters-open .group").first.locator(".row-far")
    km = [float(text.split()[0]) for text in far.all_text_contents()]
    assert km == sorted(km)
    assert km[0] < 5
    assert "空きあり" in walk.page.locator("#board-shelters-open .group h3").first.inner_text()
    assert "川守" in walk.page.locator("#board-shelters-open .row").first.inner_text()
    walk.told("nearest shelter")


def gauges_of_the_hour(walk: Walk) -> None:
    walk.click("[data-focus='recent']")
    walk.click("[data-focus='jump-gauges']")
    assert walk.wait("#board-gauges .row-time time").inner_text()
    walk.click("[data-focus='recent']")
    walk.told("gauges")


def yesterday(walk: Walk) -> None:
    walk.click("[data-focus='as-of']")
    walk.click(".menu .back button:has-text('1日前へ')")
    value = walk.page.locator("#as-of").input_value()
    walk.type("#as-of", f"{value[:10]}T22:00")
    walk.click(".menu form [type=submit]")
    walk.wait(".past-banner:has-text('22:00')")
    walk.told("yesterday 22:00")
    walk.click(".past-banner button")
    walk.page.wait_for_selector(".past-banner", state="detached")


def entry_and_correction(walk: Walk) -> None:
    walk.part("hq")
    walk.wait("#hq-entry")
    walk.type("#hq-entry", "県道1号 倒木で通行止め")
    walk.page.locator("#hq-entry").press("Enter")
    item = walk.page.locator(".entry", has_text="県道1号").first
    item.wait_for()
    key = item.get_attribute("data-key")
    entry = f".entry[data-key='{key}']"
    walk.click(f"{entry} button.actions")
    walk.click(f"{entry} .actions-body button:has-text('訂正')")
    walk.type(f"{entry} textarea[name=text]", "県道2号 倒木で通行止め")
    walk.type(f"{entry} input[name=why]", "聞き違い")
    walk.click(f"{entry} .act-form button.do")
    assert "訂正 1" in walk.wait(".entry:has-text('県道2号')").inner_text()
    walk.told("entry and correction")


def town_s_list(walk: Walk) -> None:
    walk.part("import")
    walk.wait("#import-file")
    walk.clicks += 2
    walk.page.set_input_files("#import-file", str(SAMPLE))
    walk.wait(".import-count .failed:has-text('名称')")
    for column, meaning in MEANINGS.items():
        select = f"tr[data-column='{column}'] select"
        if walk.page.locator(select).input_value() == meaning:
            continue
        with walk.page.expect_response(re.compile("/imports\\?")):
            walk.choose(select, meaning)
        walk.wait(f"tr[data-column='{column}'][data-used=true]")
    assert (
        "緯度" in walk.wait(".import-problems").inner_text()
        or walk.page.locator(".import-problems li").count()
    )
    walk.click("#import-take")
    done = walk.wait(".import-done [role=status]").inner_text()
    assert re.search("新しい 3件|既にあった 3件", done), done
    taken = walk.page.locator("#board-shelters-open .row:has-text('見本公民館')")
    taken.wait_for(state="attached")
    walk.told("import")


def report(walk: Walk) -> None:
    walk.part("hq")
    walk.click("#hq-tab-records")
    walk.wait("[data-report='situation.pdf']")
    assert saved(walk.page, "[data-report='situation.pdf']").startswith(b"%PDF")
    assert saved(walk.page, "[data-report='situation.xlsx']").startswith(b"PK")
    walk.clicks += 2
    walk.told("report")


def origin(walk: Walk) -> None:
    """From a town's level to the telegram, and from a report's figure to its records."""
    walk.lists()
    walk.click("#board-levels .row:has-text('望楼市')")
    walk.click(".origins-fold summary")
    link = walk.wait(".origins a.bytes")
    telegram = walk.page.context.request.get(link.evaluate("e => e.href"))
    assert telegram.ok
    assert "訓練" in telegram.text()
    page = walk.page.locator("[data-report='situation.pdf']").evaluate("e => e.href")
    html = walk.page.context.request.get(page.replace("f=pdf", "f=html")).text()
    assert re.search(r'href="[^"]*/collections/[^"]*"', html)
    walk.clicks += 1
    walk.told("origin")


def test_ten_jobs_are_possible_in_english_by_keys_alone(
    browser: Any, running: dict[str, Any], signed: dict[str, Any]
) -> None:
    """All of it once more, with no mouse, in English, while the drill goes on under the focus."""
    page = open_page(browser, "en-GB", signed)
    # Listening from the start: the browser is told late otherwise, and opens a window of its own.
    page.on("filechooser", lambda _: None)
    walk = Walk(page)
    page.goto(f"{running['address']}/?status=exercise")
    walk.wait("#board-levels .row")
    walk.tab_to(".tool.language")
    walk.press("Enter")
    walk.wait("header:has-text('What is in force')")
    walk.told("keys: English")
    drill_by_keys(walk)
    town_by_keys(walk)
    shelter_and_gauges_by_keys(walk)
    yesterday_by_keys(walk)
    entry_by_keys(walk)
    report_by_keys(walk)
    origin_by_keys(walk)
    import_by_keys(walk)
    page.context.close()


def drill_by_keys(walk: Walk) -> None:
    walk.tab_to("[data-focus='part-drill']", back=True)
    walk.press("Enter")
    walk.wait("#drill-jump")
    walk.tab_to(".part-drill [data-focus='drill-pause']")
    if walk.page.locator(".part-drill button:has-text('Resume')").count():
        walk.press("Enter")
        walk.wait(".part-drill button:has-text('Pause')")
    walk.tab_to("#drill-jump")
    walk.press("End")
    while "地震" not in walk.page.evaluate("document.activeElement.selectedOptions[0].text"):
        walk.press("ArrowUp")
    walk.press("Tab", "Enter")
    walk.wait(".drill-phase:has-text('地震')")
    walk.tab_to("#inject-what")
    while "Earthquake" not in walk.page.evaluate("document.activeElement.selectedOptions[0].text"):
        walk.press("ArrowDown")
    walk.tab_to("#inject-where")
    walk.write("Boro-shi=5+, Kawamori-shi=5-")
    walk.tab_to("#inject-value")
    walk.press("Control+a")
    walk.write("M6.1 depth 10 km")
    walk.tab_to("#inject-lon")
    walk.write("139.2")
    walk.tab_to("#inject-lat")
    walk.write("31.5")
    walk.press("Enter")
    walk.wait("#board-quakes .row:has-text('6.1')")
    walk.tab_to(".part-drill [data-focus='drill-pause']", back=True)
    walk.press("Enter")
    walk.wait(".part-drill button:has-text('Resume')")
    walk.told("keys: drill")


def town_by_keys(walk: Walk) -> None:
    walk.tab_to("#search")
    walk.write("Boro")
    walk.wait("#hits li:has-text('Boro-shi')")
    walk.press("Enter")
    walk.wait(".area-banner:has-text('Boro-shi')")
    walk.wait("#board-levels .row:has-text('Boro-shi')")
    walk.told("keys: one town")


def shelter_and_gauges_by_keys(walk: Walk) -> None:
    walk.wait("[data-focus='jump-shelters-open']")
    walk.tab_to("[data-focus='jump-shelters-open']")
    walk.press("Enter")
    walk.wait("[data-focus='near-shelters-open']:focus")
    walk.press("Enter")
    walk.wait("#board-shelters-open .near-from:has-text('from Boro-shi')")
    walk.tab_to("#board-shelters-open .row")
    first = walk.page.evaluate("document.activeElement.innerText")
    assert "km" in first
    walk.press("ArrowDown")
    assert walk.page.evaluate("document.activeElement.innerText") != first
    walk.told("keys: nearest shelter")
    walk.tab_to("[data-focus='recent']", back=True)
    walk.press("Enter")
    walk.tab_to("[data-focus='jump-gauges']", back=True)
    walk.press("Enter")
    walk.wait("#board-gauges .row-time")
    walk.tab_to("[data-focus='recent']", back=True)
    walk.press("Enter")
    walk.told("keys: gauges")


def yesterday_by_keys(walk: Walk) -> None:
    walk.tab_to("[data-focus='as-of']")
    walk.press("Enter")
    walk.tab_to(".menu .back button")
    walk.press("Enter")
    walk.ten_at_night("#as-of")
    walk.tab_to(".menu form [type=submit]")
    walk.press("Enter")
    walk.wait(".past-banner:has-text('22:00')")
    walk.told("keys: yesterday 22:00")
    walk.tab_to(".past-banner button", back=True)
    walk.press("Enter")
    walk.page.wait_for_selector(".past-banner", state="detached")


def entry_by_keys(walk: Walk) -> None:
    walk.tab_to("[data-focus='part-hq']", back=True)
    walk.press("Enter")
    walk.wait("#hq-entry")
    walk.tab_to("#hq-entry")
    walk.write("Bridge closed at Ishizutsumi")
    walk.press("Enter")
    walk.wait(".entry:has-text('Bridge closed')")
    walk.tab_to(".entries button.actions")
    # One stop for the whole log: from entry to entry by the arrows.
    while not walk.at(".entry:has-text('Bridge closed') button.actions"):
        walk.press("ArrowDown")
    walk.press("Enter")
    walk.wait(".actions-body button:has-text('Correct')")
    walk.tab_to(".actions-body button:has-text('Correct')")
    walk.press("Enter")
    walk.tab_to(".act-form textarea[name=text]")
    walk.press("Control+a")
    walk.write("Bridge closed at Kawamori")
    walk.tab_to(".act-form input[name=why]")
    walk.write("misheard")
    walk.press("Enter")
    walk.wait(".entry:has-text('Bridge closed at Kawamori'):has-text('corrected 1')")
    walk.told("keys: entry and correction")


def report_by_keys(walk: Walk) -> None:
    walk.tab_to("#hq-tab-chronology", back=True)
    walk.press("ArrowLeft")
    walk.wait("[data-report='situation.pdf']")
    walk.tab_to("[data-report='situation.pdf']")
    assert saved(walk.page, "[data-report='situation.pdf']").startswith(b"%PDF")
    walk.told("keys: report")


def origin_by_keys(walk: Walk) -> None:
    walk.press("Escape")
    walk.tab_to("#board-levels .row")
    walk.press("Enter")
    walk.tab_to(".origins-fold summary")
    walk.press("Enter")
    walk.wait(".origins a.bytes")
    walk.tab_to(".origins a.bytes")
    telegram = walk.page.evaluate("document.activeElement.href")
    assert "訓練" in walk.page.context.request.get(telegram).text()
    walk.told("keys: origin")
    walk.press("Escape")


def import_by_keys(walk: Walk) -> None:
    page = walk.page
    walk.tab_to("[data-focus='part-import']", back=True)
    walk.press("Enter")
    walk.wait("#import-file")
    walk.tab_to("#import-file")
    with page.expect_file_chooser() as opened:
        walk.press("Enter")
    opened.value.set_files(str(SAMPLE))
    walk.wait("[id^='import-column-']")
    for column, meaning in MEANINGS.items():
        select = f"tr[data-column='{column}'] select"
        if page.locator(select).input_value() == meaning:
            continue
        walk.tab_to(select)
        walk.press("Home")
        while page.locator(select).input_value() != meaning:
            walk.press("ArrowDown")
    walk.wait("#import-take:not([disabled])")
    walk.tab_to("#import-take", back=True)
    walk.press("Enter")
    done = walk.wait(".import-done [role=status]").inner_text()
    assert re.search("3 new|3 known", done)
    walk.told("keys: import")


def test_a_file_that_is_dropped_on_the_page_opens_the_import_with_it(
    browser: Any, running: dict[str, Any], signed: dict[str, Any]
) -> None:
    """A real file from a folder, dragged in by the browser itself as the desktop would."""
    page = open_page(browser, "ja-JP", signed)
    page.goto(f"{running['address']}/?status=exercise")
    page.wait_for_selector("#board-levels .row")
    line = page.context.new_cdp_session(page)
    dragged = {"items": [], "files": [str(SAMPLE)], "dragOperationsMask": 1}

    def drag(step: str, x: int = 300) -> None:
        line.send("Input.dispatchDragEvent", {"type": step, "x": x, "y": 400, "data": dragged})

    # A hand moves all the time, and tries again. Where the page draws anew under it, the browser
    # tells the new element that somebody has come, and nothing else.
    until = time.monotonic() + 60
    while "part=import" not in page.url:
        drag("dragEnter")
        while page.locator("body[data-drop]").count() == 0:
            drag("dragOver", 300 + int(time.monotonic() * 10) % 10)
            assert time.monotonic() < until
        drag("drop")
        page.wait_for_timeout(500)
        assert time.monotonic() < until
    page.wait_for_selector("tr[data-column='施設の呼び名']")
    assert SAMPLE.name in page.locator(".drop-zone strong").inner_text()
    assert page.locator("body[data-drop]").count() == 0
    assert "part=import" in page.url
    page.context.close()
