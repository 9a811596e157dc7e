"""The whole screen in a real browser: turned back in time, narrowed to a town, on paper."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from hinomi.runtime import clock
from tests.apps.page.conftest import Coast, Nursery

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Watch = Callable[..., Any]
LEVELS = "#board-levels"


def until_rows(page: Any, count: int, board: str = LEVELS) -> list[str]:
    page.wait_for_function(
        "([board, n]) => document.querySelectorAll(board + ' .row').length === n",
        arg=[board, count],
    )
    found: list[str] = page.locator(f"{board} .row-name").all_text_contents()
    return found


def until_map(page: Any) -> None:
    page.wait_for_selector(".map[data-ready=true]", state="attached")


def text(page: Any, selector: str) -> str:
    return str(page.locator(selector).first.text_content())


def test_the_slider_turns_map_lists_and_charts_back_and_marks_the_changes(watch: Watch) -> None:
    seen = watch(drawn=False)
    page = seen.open()
    until_rows(page, 3)
    until_rows(page, 1, "#board-gauges")
    page.locator(".ticks i").first.wait_for(state="attached")
    assert page.locator(".ticks i").count() >= 2
    page.locator("#board-gauges .chart-words").wait_for()
    assert text(page, "#board-gauges .chart-words").startswith("3.20 m ↑")
    # Back by the keyboard, to the change before: the gauge was not yet over its threshold.
    page.focus(".slider")
    for _ in range(3):
        page.keyboard.press("PageDown")
    page.wait_for_selector(".frame[data-past=true]")
    until_rows(page, 0, "#board-gauges")
    assert len(until_rows(page, 3)) == 3
    assert text(page, ".past-banner strong") == "過去の画面"
    assert page.title().startswith("【過去】")
    assert "as-of=" in page.url
    assert page.locator(".state").get_attribute("data-state") == "past"
    page.click(".timebar .to-now")
    until_rows(page, 1, "#board-gauges")
    assert page.locator(".past-banner").count() == 0
    assert seen.complaints == []


def test_a_step_back_shows_what_stood_before_a_change(watch: Watch, coast: Coast) -> None:
    page = watch(drawn=False).open()
    until_rows(page, 3)
    page.wait_for_selector(".state[data-state=live]")
    page.wait_for_timeout(1_200)
    coast.state("1720500", 5)
    until_rows(page, 4)
    before = (clock.now() - timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M:%SZ")
    page.goto(f"{coast.url}/?as-of={before}")
    assert "珠洲市" not in until_rows(page, 3)
    page.locator(".ticks i").first.wait_for(state="attached")
    page.click(".step[data-focus=after]")
    assert "珠洲市" in until_rows(page, 4)


def test_a_gauge_stands_against_its_thresholds_with_its_chart(watch: Watch) -> None:
    page = watch(drawn=False).open("/?lang=en")
    page.locator("#board-gauges .chart-words").wait_for()
    assert "overflow" not in text(page, "#board-gauges .chart")
    lines = page.locator("#board-gauges .chart-lines i").all_text_contents()
    assert lines == ["danger 2.60", "caution 1.80"]
    assert page.locator("#board-gauges svg line").count() == 2
    assert page.locator("#board-gauges h3 .chip").text_content() == "Over the danger level"


def test_how_full_a_shelter_is_shows_as_bar_words_and_class(watch: Watch) -> None:
    page = watch(drawn=False).open()
    until_rows(page, 1, "#board-shelters-open")
    assert text(page, "#board-shelters-open h3 .chip") == "混雑（8割以上）"
    assert "混み具合 90%" in text(page, "#board-shelters-open .row-text")
    assert page.locator("#board-shelters-open .meter").get_attribute("data-near") == "true"


def test_since_when_and_until_when_stand_with_each_thing_in_force(watch: Watch) -> None:
    page = watch(drawn=False).open()
    until_rows(page, 3)
    member = text(page, f"{LEVELS} .row[data-key='1720200'] .member")
    assert re.fullmatch(r"レベル３大雨警報 [\d:/ ]+ 終了予定 [\d:/ ]+", member)


def test_a_town_is_chosen_by_name_kept_and_let_go(watch: Watch) -> None:
    page = watch().open()
    until_rows(page, 3)
    until_map(page)
    page.fill("#search", "七尾")
    page.locator("#hits li").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert until_rows(page, 1) == ["七尾市"]
    assert "area=1720200" in page.url
    assert text(page, ".area-banner strong") == "七尾市"
    assert until_rows(page, 1, "#board-gauges") == ["御祓川橋"]
    page.goto(page.url.split("?")[0])
    assert until_rows(page, 1) == ["七尾市"]
    page.click(".area-banner button")
    until_rows(page, 3)
    page.goto(page.url.split("?")[0])
    until_rows(page, 3)


def test_another_town_sees_nothing_of_this_one(watch: Watch) -> None:
    page = watch(drawn=False).open("/?area=1720400&lang=en")
    assert until_rows(page, 1) == ["Wajima City"]
    until_rows(page, 0, "#board-gauges")
    until_rows(page, 0, "#board-shelters-open")
    assert until_rows(page, 1, "#board-quakes") == ["Off the Coast of Noto Peninsula"]


def test_a_place_that_is_not_on_the_screen_is_found_by_its_name(watch: Watch) -> None:
    page = watch().open()
    until_rows(page, 3)
    until_map(page)
    page.fill("#search", "広場1")
    hit = page.locator("#hits li", has_text="広場1").first
    hit.wait_for()
    assert "指定緊急避難場所" in hit.text_content()
    hit.click()
    assert text(page, ".card h3").startswith("広場1")
    page.wait_for_function("() => location.hash.startsWith('#map=1')")


def test_an_exercise_cannot_be_mistaken_on_screen_in_the_tab_or_on_paper(watch: Watch) -> None:
    page = watch().open("/?status=exercise")
    until_rows(page, 1)
    until_map(page)
    assert page.title().startswith("【訓練】")
    assert "exercise" in page.locator("link[rel=icon]").get_attribute("href")
    page.emulate_media(media="print")
    assert page.locator(".printed").is_visible()
    assert "訓練" in text(page, ".printed")
    mark = "getComputedStyle(document.querySelector('.frame'), '::before').content"
    assert "訓練" in page.evaluate(mark)
    assert page.evaluate(mark.replace(".content", ".position")) == "fixed"


def test_paper_carries_the_list_and_the_map(watch: Watch, tmp_path: Path) -> None:
    page = watch().open()
    until_rows(page, 3)
    until_map(page)
    page.wait_for_timeout(800)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    colours = page.evaluate(
        """() => {
          const canvas = document.querySelector(".map-print");
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          const found = new Set();
          for (let i = 0; i < data.length; i += 400) found.add(data.slice(i, i + 3).join());
          return found.size;
        }"""
    )
    assert colours > 5
    page.emulate_media(media="print")
    for hidden in (".timebar", ".search", ".map", ".tool"):
        assert not page.locator(hidden).first.is_visible()
    assert page.locator(".map-print").is_visible()
    assert page.locator(f"{LEVELS} .row").count() == 3
    pdf = tmp_path / "list.pdf"
    page.pdf(path=str(pdf), print_background=True, format="A4")
    assert pdf.stat().st_size > 10_000


def test_an_exercise_that_is_over_is_looked_for_where_it_was(watch: Watch, coast: Coast) -> None:
    coast.state("1720200", 0, "exercise")
    page = watch().open("/?status=exercise")
    page.locator(".quiet").wait_for()
    until_map(page)
    page.wait_for_function("() => Number(location.hash.slice(5).split('/')[0]) > 7")
    _, lat, lon = map(float, page.url.split("#map=")[1].split("/"))
    assert abs(lat - 37.1) < 0.5
    assert abs(lon - 137.0) < 0.7


def test_everything_is_reached_and_worked_by_keyboard(watch: Watch) -> None:
    page = watch().open()
    until_rows(page, 3)
    until_map(page)
    page.wait_for_selector("#board-sources")
    reached = []
    for _ in range(120):
        page.keyboard.press("Tab")
        name = page.evaluate(
            """() => {
              const e = document.activeElement;
              return e === document.body ? "" : e.id || e.dataset.focus || e.className || e.tagName;
            }"""
        )
        if name == "" and reached:
            break
        reached.append(name)
    listed = " ".join(map(str, reached))
    for wanted in ("skip", "print", "language", "search", "tile-levels", "levels/1746300",
                   "shelters-open/gym", "strip-sources", "maplibregl-canvas", "legend-levels",
                   "slider", "as-of", "span"):  # fmt: skip
        assert wanted in listed, wanted
    # Lists come before the map, and the map before the time.
    assert (
        listed.index("levels/1746300") < listed.index("maplibregl-canvas") < listed.index("slider")
    )


def test_the_legend_folds_by_subject_by_keyboard_and_a_word_finds_a_layer(watch: Watch) -> None:
    page = watch(drawn=False).open()
    until_rows(page, 3)

    def fold(group: str) -> Any:
        return page.locator(f".legend-group[data-group={group}]")

    # What is on the map is explained without a click; the rest is one line a subject.
    fold("warnings").locator(".legend-layer", has_text="警戒レベル").wait_for()
    assert fold("world").get_attribute("open") is None
    assert not fold("world").locator(".legend-layer").first.is_visible()
    assert "表示 0/2" in fold("world").locator("summary").inner_text()
    assert page.locator(".legend-group summary").count() >= 9
    fold("world").locator("summary").focus()
    page.keyboard.press("Enter")
    fold("world").locator(".legend-layer").first.wait_for()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert "表示 1/2" in fold("world").locator("summary").inner_text()
    assert page.evaluate("document.activeElement.dataset.focus") == "legend-world-events"
    fold("warnings").locator("summary").click()
    page.fill(".legend-search input", "浸水 センサ")
    assert page.locator(".legend-search small").inner_text().endswith("件")
    for title in page.locator(".legend-layer label").all_inner_texts():
        assert "浸水" in title or "センサ" in title
    page.fill(".legend-search input", "そのようなもの")
    assert "当てはまるものはありません" in page.locator(".legend-search small").inner_text()
    # In English all is as its reader left it.
    page.fill(".legend-search input", "")
    page.click("button.language")
    page.wait_for_selector(".legend-group summary:has-text('Warnings and levels')")
    assert fold("warnings").get_attribute("open") is None
    assert "1 of 2 on" in fold("world").locator("summary").inner_text()
    assert fold("world").locator("input").first.is_checked()


@pytest.fixture
def outsider(tmp_path: Path) -> Path:
    """A field of somebody else's, installed beside Hinomi: its module and its entry point."""
    site = tmp_path / "site"
    listed = site / "road_blocks-1.dist-info"
    listed.mkdir(parents=True)
    (listed / "METADATA").write_text("Name: road-blocks\nVersion: 1\n")
    (listed / "entry_points.txt").write_text("[hinomi.domains]\nblocks = road_blocks:DOMAIN\n")
    (site / "road_blocks.py").write_text((Path(__file__).parent / "outsider.py").read_text())
    return site


def test_a_field_from_outside_is_on_the_screen_without_touching_the_page(
    watch: Watch, outsider: Path, tmp_path: Path
) -> None:
    nursery = Nursery(extra=outsider)
    try:
        page = watch(of=Coast(nursery, tmp_path)).open()
        page.locator("#board-blocks .unheard").wait_for()
        assert page.locator("#board-blocks h2").text_content() == "通行止め"
        until_map(page)
        assert page.locator(".legend-layer", has_text="通行止め").count() == 1
    finally:
        nursery.close()


def test_each_picture_of_the_rain_is_asked_for_once_however_often_the_page_is_redrawn(
    watch: Watch, coast: Coast
) -> None:
    coast.rain()
    seen = watch()
    page = seen.open("/#map=6/36/137")
    until_map(page)

    def asked() -> list[str]:
        return [url for url in seen.asked if "/map/tiles/" in url]

    def asked_after(count: int) -> list[str]:
        """Return what was asked for after the first ``count``, once nothing more comes."""
        before = None
        for _ in range(60):
            if len(asked()) > count and asked() == before:
                break
            before = asked()
            page.wait_for_timeout(1000)
        return asked()[count:]

    # Switched off nothing is asked for; switched on, each tile of the newest moment.
    assert asked() == []
    page.fill(".legend-search input", "レーダー")
    page.click(".legend-layer:has-text('雨(レーダー') input")
    page.locator(".loop output").wait_for()
    first = asked_after(0)
    assert first
    assert len(set(first)) == len(first)
    # A change elsewhere draws lists, legend and loop anew.
    coast.state("1720500", 5)
    until_rows(page, 4)
    page.click("button.language")
    page.wait_for_timeout(700)
    assert asked() == first
    # Another moment has pictures of its own.
    page.focus(".loop input")
    page.keyboard.press("ArrowLeft")
    later = asked_after(len(first))
    assert later
    assert not set(later) & set(first)
