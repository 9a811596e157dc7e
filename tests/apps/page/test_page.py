"""The dashboard in a real browser, before the real app."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from hinomi.runtime import clock

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Watch = Callable[..., Any]
Coast = Any
LEVELS = "#board-levels"


def rows(page: Any, board: str = LEVELS) -> list[str]:
    found: list[str] = page.locator(f"{board} .row-name").all_text_contents()
    return found


def until_rows(page: Any, count: int, board: str = LEVELS) -> list[str]:
    page.wait_for_function(
        "([board, n]) => document.querySelectorAll(board + ' .row').length === n",
        arg=[board, count],
    )
    return rows(page, board)


def until_map(page: Any) -> None:
    page.wait_for_selector(".map[data-ready=true]", state="attached")
    page.wait_for_timeout(700)


def share_of(page: Any, colour: tuple[int, int, int]) -> float:
    """Return which share of the map's pixels is about this colour (areas are a little sheer)."""
    picture = base64.b64encode(page.locator("#map .map").screenshot()).decode()
    found: float = page.evaluate(
        """async ([picture, colour]) => {
          const bytes = Uint8Array.from(atob(picture), (c) => c.charCodeAt(0));
          const image = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
          const canvas = new OffscreenCanvas(image.width, image.height);
          const pen = canvas.getContext("2d");
          pen.drawImage(image, 0, 0);
          const { data } = pen.getImageData(0, 0, image.width, image.height);
          let hits = 0;
          for (let i = 0; i < data.length; i += 4)
            if (colour.every((c, k) => Math.abs(c - data[i + k]) < 36)) hits += 1;
          return hits / (data.length / 4);
        }""",
        [picture, list(colour)],
    )
    return found


def until_share(page: Any, colour: tuple[int, int, int], least: float) -> None:
    """Wait until so much of the map has a colour: how soon it is drawn is the machine's affair."""
    for _ in range(100):
        if share_of(page, colour) > least:
            return
        page.wait_for_timeout(100)
    assert share_of(page, colour) > least


def test_what_is_in_force_is_listed_gravest_first(watch: Watch) -> None:
    page = watch(drawn=False).open()
    assert until_rows(page, 3) == ["<img src=x onerror=alert(1)>町", "七尾市", "輪島市"]
    chips = page.locator(f"{LEVELS} h3 .chip").all_text_contents()
    assert chips == ["レベル４ 危険警報", "レベル３ 警報", "レベル２ 注意報"]
    assert page.locator("html").get_attribute("lang") == "ja"


def test_since_when_is_told_in_japans_time(watch: Watch) -> None:
    page = watch(drawn=False).open()
    until_rows(page, 3)
    since = clock.now() - timedelta(hours=2)
    stated = page.locator(f"{LEVELS} .row time").first
    said = datetime.fromisoformat(stated.get_attribute("datetime"))
    assert abs(said - since) < timedelta(minutes=2)
    in_japan = (said + timedelta(hours=9)).strftime("%H:%M")
    assert in_japan in stated.text_content()


def test_areas_are_drawn_in_the_colours_of_their_levels(watch: Watch) -> None:
    page = watch().open()
    until_rows(page, 3)
    until_map(page)
    assert share_of(page, (170, 0, 170)) > 0.01
    assert share_of(page, (255, 40, 0)) > 0.01
    assert share_of(page, (242, 231, 0)) > 0.01


def test_a_change_arrives_without_a_reload(watch: Watch, coast: Coast) -> None:
    seen = watch()
    page = seen.open()
    until_rows(page, 3)
    until_map(page)
    page.evaluate("window.unreloaded = true")
    coast.state("1720500", 5)
    page.wait_for_selector(f"{LEVELS} .row[data-key='1720500']", timeout=5_000)
    assert rows(page)[0] == "珠洲市"
    assert "珠洲市" in page.locator("[aria-live=polite]").text_content()
    until_share(page, (12, 0, 12), 0.01)
    coast.state("1720500", 0)
    until_rows(page, 3)
    assert page.evaluate("window.unreloaded") is True


def test_an_exercise_is_unmistakable_and_the_plain_page_stays_actual(
    watch: Watch, coast: Coast
) -> None:
    seen = watch(drawn=False)
    page = seen.open("/?status=exercise")
    assert until_rows(page, 1) == ["七尾市"]
    assert page.locator(".status-banner strong").text_content() == "訓練"
    assert page.title().startswith("【訓練】")
    striped = page.locator(".frame").evaluate("e => getComputedStyle(e).backgroundImage")
    assert "repeating-linear-gradient" in striped
    coast.state("1720400", 5, "exercise")
    until_rows(page, 2)
    page.click(".status-banner button")
    assert len(until_rows(page, 3)) == 3
    assert page.locator(".status-banner").count() == 0
    assert "訓練" not in page.title()


def test_the_language_is_switched_in_place_and_remembered(watch: Watch) -> None:
    page = watch(drawn=False).open()
    until_rows(page, 3)
    page.click("button.language")
    assert page.locator(f"{LEVELS} h3 .chip").first.text_content() == "Level 4: danger warning"
    assert page.locator("html").get_attribute("lang") == "en"
    page.goto(page.url.split("?")[0])
    until_rows(page, 3)
    assert page.locator("h1").text_content().startswith("Hinomi")


def test_nothing_is_asked_of_anyone_outside_and_nothing_is_complained_of(watch: Watch) -> None:
    seen = watch()
    page = seen.open("/#map=12/37.05/136.97")
    until_rows(page, 3)
    until_map(page)
    page.wait_for_timeout(1_000)
    assert len(seen.asked) > 8
    assert seen.outside() == []
    assert seen.complaints == []


def test_the_screen_turns_back_to_what_was_known(watch: Watch, coast: Coast) -> None:
    seen = watch(drawn=False)
    page = seen.open()
    until_rows(page, 3)
    before = clock.now() - timedelta(hours=1)
    coast.state("1720200", 0)
    until_rows(page, 2)
    page.click(".menu summary")
    page.fill("#as-of", (before + timedelta(hours=9)).strftime("%Y-%m-%dT%H:%M"))
    page.click(".menu form [type=submit]")
    assert "七尾市" in until_rows(page, 3)
    assert page.locator(".past-banner").is_visible()
    assert page.locator(".state").get_attribute("data-state") == "past"
    page.click(".past-banner button")
    assert "七尾市" not in until_rows(page, 2)


def test_a_lost_server_is_told_and_found_again(watch: Watch, coast: Coast) -> None:
    seen = watch(drawn=False)
    page = seen.open()
    until_rows(page, 3)
    page.wait_for_selector(".state[data-state=live]")
    coast.stop()
    page.wait_for_selector(".state[data-state=lost]")
    assert "サーバーと通信できません" in page.locator(".notice").text_content()
    assert len(rows(page)) == 3
    coast.again()
    coast.state("1720500", 4)
    page.wait_for_selector(".state[data-state=live]")
    until_rows(page, 4)
    assert page.locator(".notice").is_hidden()


def test_silence_is_told_from_calm(watch: Watch) -> None:
    seen = watch(drawn=False)
    seen.page.clock.install()
    page = seen.open()
    until_rows(page, 3)
    page.wait_for_selector(".state[data-state=live]")
    page.clock.fast_forward(31_000)
    # The next sign of life takes it away again: mark and words are looked for at once.
    page.wait_for_selector(".frame:has(.state[data-state=stale]) .notice:has-text('30秒以上')")
    page.wait_for_selector(".state[data-state=live]")


def test_a_failed_answer_is_told_and_can_be_asked_again(watch: Watch) -> None:
    seen = watch(drawn=False)
    items = re.compile(r"/collections/hazards\.levels/items")
    refusal = {"status": 503, "json": {"detail": "保存庫が使えません"}}
    seen.page.route(items, lambda route: route.fulfill(**refusal))
    page = seen.open()
    failed = page.locator(f"{LEVELS} .failed")
    failed.wait_for()
    assert "保存庫が使えません" in failed.text_content()
    page.unroute(items)
    page.click(f"{LEVELS} .failed button")
    until_rows(page, 3)


def test_the_list_works_where_the_map_cannot(watch: Watch) -> None:
    seen = watch()
    seen.page.route(re.compile(r"/assets/map-.*\.js"), lambda route: route.abort())
    page = seen.open()
    until_rows(page, 3)
    page.wait_for_selector(".map-note.failed")
    page.fill("#search", "輪島")
    assert until_rows(page, 1) == ["輪島市"]


def test_a_row_opens_by_keyboard_and_closes_again(watch: Watch) -> None:
    page = watch().open()
    until_rows(page, 3)
    until_map(page)
    page.locator(f"{LEVELS} .row[data-key='1720200']").focus()
    page.keyboard.press("Enter")
    card = page.locator(".card")
    assert card.locator("h3").text_content() == "七尾市"
    assert "レベル３大雨警報" in card.text_content()
    page.keyboard.press("Escape")
    assert card.is_hidden()
    focused = page.evaluate("document.activeElement.dataset.key")
    assert focused == "1720200"


def test_many_places_come_in_tiles_never_as_a_list(watch: Watch) -> None:
    seen = watch()
    page = seen.open("/?lang=en#map=13/37.05/136.97")
    until_map(page)
    sites = [url for url in seen.asked if "/collections/response.sites" in url]
    assert sites
    assert all("/tiles/WebMercatorQuad/" in url for url in sites)


def test_a_phone_shows_list_or_map_and_never_scrolls_sideways(watch: Watch) -> None:
    page = watch(390, 844).open("/?status=exercise")
    until_rows(page, 1)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert not page.locator("#map .legend").is_visible()
    page.click(".tabs button[data-pane=map]")
    assert page.locator("#map .legend").is_visible()
    until_map(page)
    assert page.locator("#map .map canvas").bounding_box()["height"] > 400


def test_open_shelters_and_quakes_are_listed_beside_the_warnings(watch: Watch) -> None:
    page = watch(drawn=False).open()
    assert until_rows(page, 1, "#board-shelters-open") == ["矢田郷地区体育館"]
    assert "避難者 270" in page.locator("#board-shelters-open .row-text").text_content()
    assert until_rows(page, 1, "#board-quakes") == ["能登半島沖"]
    assert page.locator("#board-quakes h3 .chip").text_content() == "震度５弱"
    calm = page.locator("#board-floods .calm").text_content()
    assert calm == "情報をまだ受信していません。"


def test_how_the_sources_are_doing_is_told_in_words_the_doubtful_first(watch: Watch) -> None:
    page = watch(drawn=False).open()
    strip = page.locator("#board-sources")
    page.wait_for_selector("#board-sources[open]")
    states = strip.locator("summary .strip-state").all_text_contents()
    assert states == ["要確認 1", "正常 1"]
    first, second = strip.locator(".strip-row").all()
    assert "指定緊急避難場所" in first.text_content()
    assert "隔離 3" in first.text_content()
    assert "2時間前" in first.text_content()
    assert "正常" in second.text_content()
    page.click("#board-sources summary")
    assert not first.is_visible()
    page.click("button.language")
    assert "Needs a look 1" in strip.locator("summary").text_content()


def test_an_exercise_that_is_over_says_so_and_shows_the_way_back(
    watch: Watch, coast: Coast
) -> None:
    page = watch(drawn=False).open("/?status=exercise")
    assert until_rows(page, 1) == ["七尾市"]
    assert page.locator(".quiet").count() == 0
    coast.state("1720200", 0, "exercise")
    quiet = page.locator(".quiet")
    quiet.wait_for()
    assert "訓練で発表中のものはありません" in quiet.text_content()
    assert re.search("最後の変化: .* JST（たった今）", quiet.text_content())
    assert "hinomi drill" in quiet.text_content()
    quiet.locator("button").first.click()
    assert until_rows(page, 1) == ["七尾市"]
    assert page.locator(".past-banner").is_visible()
    assert page.locator(".quiet").count() == 0


def test_a_legend_shows_every_step_of_what_is_on_the_map(watch: Watch) -> None:
    page = watch().open()
    until_rows(page, 1, "#board-quakes")
    steps = page.locator(".legend-layer", has_text="地震").locator("li").all_text_contents()
    assert steps[:2] == ["震度７", "震度６強"]
    assert len(steps) == 10


def test_the_page_brings_along_what_its_first_questions_would_be_answered(still: Coast) -> None:
    for query, other in (("", "exercise"), ("?status=exercise", "actual")):
        page = httpx.get(f"{still.url}/{query}", headers={"Accept": "text/html"}).text
        blocks = re.findall(
            r'<script type="application/json" data-address="([^"]+)"'
            r' data-at="[^"]+">(.*?)</script>',
            page,
            re.DOTALL,
        )
        assert len(blocks) >= 2
        for address, data in blocks:
            assert "<" not in data  # A town's name cannot end the element.
            asked = httpx.get(f"{still.url}/{html.unescape(address)}").json()
            brought = json.loads(data)
            for changing in ("timeStamp", "links"):
                asked.pop(changing, None)
                brought.pop(changing, None)
            assert brought == asked
            statuses = {f["properties"].get("status") for f in brought.get("features", [])}
            assert other not in statuses
