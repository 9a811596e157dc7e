"""What people decide about what came in or was worked out: photos, two sources, plans."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hinomi.kernel.records import Record
from hinomi.runtime import clock
from hinomi.runtime.catalog import default_catalog
from tests.apps.page.conftest import PHONE
from tests.apps.page.gallery import keep
from tests.apps.page.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def flooded_road(path: Path) -> None:
    """Draw what a telephone might see: a road that goes under brown water before the hills."""
    from PIL import Image, ImageDraw  # noqa: PLC0415 - heavy, and only here

    picture = Image.new("RGB", (960, 720), (186, 197, 208))
    pen = ImageDraw.Draw(picture)
    pen.polygon(
        [(0, 330), (180, 220), (420, 300), (640, 200), (960, 310), (960, 400), (0, 400)],
        (86, 104, 84),
    )
    pen.rectangle((0, 380, 960, 720), (112, 128, 92))
    pen.polygon([(400, 380), (560, 380), (900, 720), (60, 720)], (92, 94, 98))
    pen.polygon([(0, 430), (960, 415), (960, 590), (0, 620)], (140, 118, 84))
    for y in range(440, 600, 18):
        pen.line((20 + y % 7 * 30, y, 900 - y % 5 * 40, y - 6), (166, 146, 112), 3)
    for x in range(90, 380, 70):
        pen.line((x, 660 - x // 2, x, 610 - x // 2), (235, 235, 235), 8)
    pen.line((70, 600, 380, 445), (235, 235, 235), 8)
    picture.save(path, "JPEG", quality=90)


@pytest.mark.pictures
def test_a_photo_from_a_telephone_is_confirmed_and_stands_in_the_map_s_card(
    desk: Callable[..., Any], tmp_path: Path
) -> None:
    where = {"longitude": 137.04, "latitude": 37.41}
    photo = tmp_path / "bridge.jpg"
    flooded_road(photo)
    phone = desk("", "/photo", geolocation=where, permissions=["geolocation"], **PHONE)
    phone.set_input_files("#kept", str(photo))
    phone.fill("#text", "県道が冠水")
    phone.tap("#here")
    phone.wait_for_selector("#where-now:has-text('✓')")
    keep(phone, "photo-phone")
    phone.tap("#send")
    phone.wait_for_selector("#result .card:has-text('受付番号')")
    everyone = desk("", drawn=True, path="/?lang=ja#map=14/37.41/137.04")

    officer = desk("鈴木")
    officer.wait_for_selector(".photo-waiting:has-text('1')")
    with officer.context.expect_page() as opened:
        officer.click(".photo-line a[href^='photos']")
    queue = opened.value
    queue.click("#queue button:has-text('県道が冠水')")
    # Faces and plates are looked for in a process of its own, which takes its seconds.
    queue.wait_for_selector(".decide button.main:enabled")
    for _ in range(30):
        queue.check(".decide .check input")
        with queue.expect_response("**/acts/response.confirm-photo*") as answer:
            queue.click(".decide button.main")
        if answer.value.ok:
            break
        # The page is told why, and the person presses again.
        assert answer.value.status == 412, answer.value.text()
        queue.wait_for_timeout(1_000)
    queue.wait_for_selector(".decide button.grave:has-text('取り')")
    officer.wait_for_selector(".photo-waiting", state="detached")

    everyone.wait_for_selector(".map[data-ready=true]", state="attached")
    canvas = everyone.locator(".map canvas")
    box = canvas.bounding_box()
    shown = everyone.locator(".card .card-picture img")
    for _ in range(40):
        everyone.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        everyone.wait_for_timeout(250)
        if shown.count():
            break
    assert everyone.locator(".card h3").first.inner_text() == "県道が冠水"
    everyone.wait_for_function("() => document.querySelector('.card-picture img').naturalWidth > 0")


@pytest.mark.pictures
def test_what_two_sources_say_differently_is_settled_by_a_person(
    desk: Callable[..., Any], town: Town
) -> None:
    schema = default_catalog().collection("response.shelters").schema
    town.put(
        *(
            Record(
                collection="response.shelters", key=f"{source}-1", said_at=clock.now(),
                source=source, place={"type": "Point", "coordinates": [136.9, 37.39]},
                body=schema(name=name, municipality_code="1720400", match_key="x", state="open",
                            capacity=capacity),
            )
            for source, name, capacity in (("wajima-city", "輪島小学校", 300),
                                           ("ishikawa-prefecture", "輪島市立輪島小", 520))
        )
    )  # fmt: skip
    page = desk("佐藤")
    page.goto(town.url + "/?part=merge")
    row = page.locator(".merge-open li.order", has_text="輪島小学校")
    row.locator("tr", has_text="520").locator("button").click()
    keep(page, "merging")
    row.locator("textarea[name=why]").fill("現地で確認")
    row.locator(".act-form button.do").click()
    # The place is made anew by its model: on a busy machine that takes its time.
    row.wait_for(state="detached")
    page.locator(".part-merge summary", has_text="判断の記録").click()
    settled = page.locator(".merge-settled li.order").first.text_content()
    assert "定員は520" in settled
    assert "現地で確認" in settled
    assert "佐藤" not in settled


def test_an_evacuation_plan_is_asked_for_edited_and_confirmed(
    desk: Callable[..., Any], town: Town
) -> None:
    catalog = default_catalog()
    schemas = {
        n: catalog.collection(f"response.{n}").schema for n in ("population_blocks", "shelters")
    }
    code, now = "1720500", clock.now()

    def one(of: str, key: str, lon: float, /, **body: Any) -> Record:
        place = {"type": "Point", "coordinates": [lon, 37.44]}
        return Record(
            collection=f"response.{of}",
            key=key,
            said_at=now,
            source="test",
            place=place,
            body=schemas[of](municipality_code=code, **body),
        )

    town.put(
        *(one("population_blocks", f"b{n}", 137.26 + n / 1000, name=f"飯田町{n}", people=300)
          for n in range(5)),
        *(one("shelters", f"s{n}", 137.26 + n / 300, name=name, match_key=name, state="unknown",
              capacity=200, flood=True) for n, name in enumerate(("飯田小学校", "直小学校"))),
    )  # fmt: skip
    page = desk("鈴木")
    page.goto(town.url + "/?part=evacuation")
    page.locator(".part-evac button.do").first.click()
    form = page.locator(".part-evac form.act-form").first
    form.locator("input[name=area_code]").fill(code)
    form.locator("select[name=hazard]").select_option("flood")
    form.locator("select[name=assume_level]").select_option("4")
    form.locator("button.do").click()
    # The plan is made by its model: on a busy machine that takes its time.
    row = page.locator(".evac-plans > li.order", has_text="珠洲市")
    row.wait_for()
    assert "案(確認待ち)" in str(row.text_content())
    school = row.locator("[data-shelter=s0]")
    assert "/200人" in str(school.locator(".order-head").first.text_content())
    assert school.locator(".evac-hours i").count() == 12
    keep(page, "evacuation")
    school.locator("button.actions").click()
    school.locator("button", has_text="避難所を指定する").click()
    school.locator("input[name=capacity]").fill("20")
    school.locator("input[name=note]").fill("体育館は使えない")
    school.locator(".act-form button.do").click()
    page.locator("[data-shelter=s0] .evac-edits", has_text="定員20人").wait_for()
    assert "/20人" in str(page.locator("[data-shelter=s0] .order-head").first.text_content())
    row.locator("button.actions").first.click()
    row.locator("button", has_text="計画を確認する").click()
    row.locator(".act-form button.do").click()
    page.locator(".evac-state[data-state=confirmed]", has_text="鈴木").wait_for()
