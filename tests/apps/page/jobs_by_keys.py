"""The same jobs with no mouse, in English."""

from __future__ import annotations

import re

from tests.apps.page.walk import MEANINGS, SAMPLE, Walk, saved


def all_by_keys(walk: Walk) -> None:
    drill_by_keys(walk)
    town_by_keys(walk)
    shelter_and_gauges_by_keys(walk)
    yesterday_by_keys(walk)
    entry_by_keys(walk)
    report_by_keys(walk)
    origin_by_keys(walk)
    import_by_keys(walk)


def drill_by_keys(walk: Walk) -> None:
    walk.tab_to("[data-focus='part-drill']", back=True)
    walk.press("Enter")
    walk.wait("#drill-jump")
    walk.tab_to(".part-drill [data-focus='drill-pause']")
    if walk.page.locator(".part-drill button:has-text('Resume')").count():
        walk.press("Enter")
        walk.wait(".part-drill button:has-text('Pause')")
    walk.pick("#drill-jump", "地震")
    walk.tab_to("[data-focus='drill-jump-form'] button")
    walk.press("Enter")
    walk.wait(".drill-phase:has-text('地震')")
    walk.pick("#inject-what", "地震")
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
    walk.tab_to("[data-focus='jump-shelters-open']")
    walk.press("Enter")
    walk.wait("[data-focus='near-shelters-open']:focus")
    walk.press("Enter")
    walk.wait("#board-shelters-open .near-from:has-text('from Boro-shi')")
    walk.tab_to("#board-shelters-open .row")
    row = walk.page.locator("#board-shelters-open .row:focus")
    first = row.inner_text()
    assert "km" in first
    walk.press("ArrowDown")
    assert row.inner_text() != first
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
    walk.tab_to("#hq-entry")
    walk.write("Bridge closed at Ishizutsumi")
    walk.press("Enter")
    walk.wait(".entry:has-text('Bridge closed')")
    walk.tab_to(".entries button.actions")
    # One stop for the whole log: from entry to entry by the arrows.
    walk.press("Home")
    own = ".entry:has-text('Bridge closed') button.actions"
    walk.until("ArrowDown", lambda: walk.at(own), own)
    walk.press("Enter")
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
    walk.tab_to("[data-report='situation.pdf']")
    assert saved(walk.page, "[data-report='situation.pdf']").startswith(b"%PDF")
    walk.told("keys: report")


def origin_by_keys(walk: Walk) -> None:
    walk.press("Escape")
    walk.tab_to("#board-levels .row")
    walk.press("Enter")
    walk.tab_to(".origins-fold summary")
    walk.press("Enter")
    walk.tab_to(".origins a.bytes")
    telegram = walk.page.locator(".origins a.bytes:focus").evaluate("e => e.href")
    assert "訓練" in walk.page.context.request.get(telegram).text()
    walk.told("keys: origin")
    walk.press("Escape")


def import_by_keys(walk: Walk) -> None:
    page = walk.page
    walk.tab_to("[data-focus='part-import']", back=True)
    walk.press("Enter")
    walk.tab_to("#import-file")
    with page.expect_file_chooser() as opened:
        walk.press("Enter")
    opened.value.set_files(str(SAMPLE))
    walk.wait("[id^='import-column-']")
    for column, meaning in MEANINGS.items():
        select = f"tr[data-column='{column}'] select"
        if page.locator(select).input_value() == meaning:
            continue
        walk.pick(select, meaning)
    walk.wait("#import-take:not([disabled])")
    walk.tab_to("#import-take", back=True)
    walk.press("Enter")
    done = walk.wait(".import-done [role=status]").inner_text()
    assert re.search("3 new|3 known", done)
    walk.told("keys: import")
