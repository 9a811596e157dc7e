"""Nine jobs of a new user as a mouse or a thumb does them; the tenth is to sign in."""

from __future__ import annotations

import re

from tests.apps.page.walk import MEANINGS, SAMPLE, Walk, saved


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
