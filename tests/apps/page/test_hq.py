"""The headquarters' part of the page, before the real server: two people, two browsers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hinomi.kernel.marking import Disclosure, Marking, Status
from hinomi.kernel.records import Record
from hinomi.runtime import clock
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.federation import nodekey
from hinomi.runtime.federation.agreement import Peer
from hinomi.runtime.federation.registry import Registry
from tests.apps.page.gallery import keep
from tests.apps.page.town import Town, act, entry, tab

pytestmark = [pytest.mark.browser, pytest.mark.slow]
AXE = Path(__file__).resolve().parents[3] / "dashboard/node_modules/axe-core/axe.min.js"
NOTICES = """
  window.told = [];
  window.Notification = class {
    static permission = "granted";
    constructor(text) { window.told.push(text); }
  };
"""


def test_an_entry_is_written_by_the_keyboard_and_seen_by_the_other(
    desk: Callable[..., Any],
) -> None:
    sato, suzuki = desk("佐藤"), desk("鈴木")
    sato.focus("#hq-entry")
    sato.keyboard.type("輪島川 越水のおそれ")
    sato.keyboard.press("Enter")
    told = entry(suzuki, "輪島川 越水のおそれ")
    assert "佐藤" in told.text_content()
    assert sato.input_value("#hq-entry") == ""
    assert sato.evaluate("document.activeElement.id") == "hq-entry"


def test_a_correction_shows_and_keeps_what_was_written(desk: Callable[..., Any]) -> None:
    page = desk("佐藤")
    page.fill("#hq-entry", "負傷者2名(詳細確認中)")
    page.keyboard.press("Enter")
    item = act(entry(page, "負傷者2名"), "訂正")
    item.locator("textarea[name=text]").fill("負傷者3名")
    item.locator("input[name=why]").fill("消防の続報")
    item.locator(".act-form button.do").click()
    fixed = entry(page, "負傷者3名")
    assert "訂正 1" in fixed.text_content()
    act(fixed, "履歴")
    lines = fixed.locator(".history li")
    lines.first.wait_for()
    assert [("2名" in t, "3名" in t) for t in lines.all_text_contents()] == [
        (True, False),
        (False, True),
    ]


@pytest.mark.pictures
def test_the_log_is_searched_by_a_piece_of_japanese(desk: Callable[..., Any]) -> None:
    page = desk("佐藤")
    for text in ("県道1号 土砂崩れで通行止め", "停電 約300戸", "100%の収容 [第一小]"):
        page.fill("#hq-entry", text)
        page.keyboard.press("Enter")
        entry(page, text)
    keep(page, "hq-chronology")
    for piece, found in (("通行止", "県道1号"), ("0%の", "100%の収容"), ("300戸", "停電")):
        page.fill("#hq-search", piece)
        page.wait_for_function(
            "text => { const found = document.querySelectorAll('.entry');"
            " return found.length === 1 && found[0].textContent.includes(text); }",
            arg=found,
        )
    page.fill("#hq-search", "'); DROP")
    page.wait_for_selector(".entries .calm")


def test_the_system_notes_by_itself(desk: Callable[..., Any]) -> None:
    page = desk("佐藤")
    entry(page, "輪島市 レベル３ 警報相当へ上昇")
    page.uncheck("#hq-automatic")
    page.wait_for_function("() => !document.querySelector('.entry[data-kind=system]')")


@pytest.mark.pictures
def test_an_order_is_drafted_confirmed_by_another_and_published(desk: Callable[..., Any]) -> None:
    sato, suzuki, anyone = desk("佐藤"), desk("鈴木"), desk()
    for page in (sato, suzuki, anyone):
        tab(page, "orders")
    sato.click(".new-order button")
    form = sato.locator(".new-order form")
    form.locator("input[name=area_code]").fill("輪島市 1720400")
    form.locator("input[name=districts]").fill("河井町、鳳至町")
    form.locator("select[name=reason]").select_option("flood")
    form.locator("textarea[name=reason_text]").fill("輪島川が氾濫危険水位を超過")
    form.locator("button.do").click()
    own = sato.locator(".drafts .order", has_text="河井町")
    own.wait_for()
    own.locator("button.actions").click()
    own.locator(".actions-body button", has_text="確認").click()
    own.locator(".act-form button.do").click()
    own.locator(".act-form button.do").click()
    own.locator(".act-form .failed:not([hidden])").wait_for()
    assert "佐藤さん以外" in own.locator(".act-form .failed").text_content()
    draft = suzuki.locator(".drafts .order", has_text="河井町")
    draft.wait_for()
    assert anyone.locator(".drafts").count() == 0
    draft.locator("button.actions").click()
    draft.locator(".actions-body button", has_text="確認").click()
    draft.locator("input[name=publish]").check()
    keep(suzuki, "hq-order")
    draft.locator(".act-form button.do").click()
    assert "もう一度" in draft.locator(".act-form button.do").text_content()
    draft.locator(".act-form button.do").click()
    suzuki.wait_for_function(
        "() => document.querySelectorAll('[aria-label=発令中] .order').length === 2"
    )
    anyone.wait_for_function(
        "() => document.querySelectorAll('[aria-label=発令中] .order').length === 2"
    )
    assert "避難指示" in anyone.locator("[aria-label=発令中] .order").first.text_content()
    anyone.wait_for_selector("#board-evacuation-orders .row")
    tab(sato, "chronology")
    entry(sato, "避難指示を発令")


def test_a_task_is_given_overdue_and_done(desk: Callable[..., Any]) -> None:
    page = desk("佐藤")
    tab(page, "tasks")
    page.click(".new-task button")
    form = page.locator(".new-task form")
    form.locator("input[name=title]").fill("土のう200袋の手配")
    form.locator("input[name=owner]").fill("建設班")
    late = clock.now() + timedelta(hours=9) - timedelta(minutes=10)
    form.locator("input[name=due_at]").fill(late.strftime("%Y-%m-%dT%H:%M"))
    form.locator("button.do").click()
    item = page.locator(".task", has_text="土のう")
    item.wait_for()
    assert item.get_attribute("data-overdue") == "true"
    assert "期限超過" in item.text_content()
    act(item, "完了")
    item.locator("textarea[name=result]").fill("搬入済み")
    item.locator(".act-form button.do").click()
    page.wait_for_selector("#hq-tasks .calm")
    page.check("#hq-tasks-all")
    page.wait_for_selector(".task[data-state=done]")


@pytest.mark.pictures
def test_an_alert_sounds_until_one_acknowledges_and_all_see_it(
    desk: Callable[..., Any], town: Town
) -> None:
    sato, suzuki, anyone = desk("佐藤", script=NOTICES), desk("鈴木"), desk()
    town.level("1720500", 4)
    for page in (sato, suzuki):
        page.wait_for_selector(".alert-bar:not([hidden])")
        assert page.evaluate("document.body.dataset.chime") == "on"
    assert "珠洲市 レベル４" in sato.locator(".alert-bar").text_content()
    assert [text[:3] for text in sato.evaluate("window.told")] == ["珠洲市"]
    assert anyone.locator(".alert-bar:not([hidden])").count() == 0
    keep(sato, "hq-alert")
    sato.click(".alert-bar button:has-text('確認した')")
    for page in (sato, suzuki):
        page.wait_for_selector(".alert-bar[hidden]", state="attached")
        assert page.evaluate("document.body.dataset.chime") is None


def test_one_is_told_of_quakes_in_ones_own_area_and_chooses_it_in_the_page(
    desk: Callable[..., Any], town: Town
) -> None:
    page = desk("鈴木")
    page.click(".watch summary")
    page.fill("#watch-areas", "輪島市")
    page.wait_for_selector(".chosen button")
    page.select_option("#watch-intensity", "6-")
    page.select_option("#watch-coast-mode", "named")
    page.fill("#watch-coasts", "石川県能登")
    page.click("text=この内容にする")
    page.wait_for_selector("text=いまは自分の設定です。")
    page.reload()
    page.click(".watch summary")
    page.wait_for_selector(".chosen button:has-text('輪島市')")
    assert page.input_value("#watch-intensity") == "6-"
    town.quake({"1720500": 6.0, "1720400": 4.5})
    elsewhere = desk("佐藤")
    elsewhere.wait_for_selector(".alert-bar:not([hidden])")
    assert "震度6強" in elsewhere.locator(".alert-bar").text_content()
    assert page.locator(".alert-bar:not([hidden])").count() == 0
    elsewhere.click(".alert-bar button:has-text('確認した')")
    elsewhere.wait_for_selector(".alert-bar[hidden]", state="attached")
    page.click("text=全体の設定に戻す")
    page.wait_for_selector("text=いまは全体の設定です。")


def test_a_past_screen_shows_what_was_written_then_and_takes_nothing(
    desk: Callable[..., Any], town: Town
) -> None:
    page = desk("佐藤")
    page.fill("#hq-entry", "時点確認の前")
    page.keyboard.press("Enter")
    entry(page, "時点確認の前")
    page.wait_for_timeout(1_100)
    then = clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    page.wait_for_timeout(1_100)
    page.fill("#hq-entry", "時点確認の後")
    page.keyboard.press("Enter")
    entry(page, "時点確認の後")
    page.goto(f"{town.url}/?part=hq&as-of={then}")
    entry(page, "時点確認の前")
    assert page.locator(".entry", has_text="時点確認の後").count() == 0
    assert page.locator("#hq-entry").count() == 0
    tab(page, "orders")
    assert page.locator(".new-order button").count() == 0


def test_anyone_joins_a_drill_by_a_name_and_writes_there_only(
    desk: Callable[..., Any], town: Town
) -> None:
    page = desk("", "/?part=hq&status=exercise")
    page.fill("#join-name", "高橋")
    page.press("#join-name", "Enter")
    page.wait_for_selector("#hq-entry:focus")
    page.fill("#hq-entry", "訓練: 堤防決壊の通報")
    page.keyboard.press("Enter")
    entry(page, "訓練: 堤防決壊の通報")
    assert "高橋（訓練）" in page.locator(".who").text_content()
    page.goto(f"{town.url}/?part=hq")
    page.wait_for_selector("#sign-in-oidc")
    assert page.locator(".entry", has_text="堤防決壊").count() == 0
    assert page.locator("#hq-entry").count() == 0


def test_the_operators_link_signs_in_with_a_name(desk: Callable[..., Any], town: Town) -> None:
    page = desk("", town.link.removeprefix(town.url))
    page.fill("#sign-in-name", "当直")
    page.press("#sign-in-name", "Enter")
    page.wait_for_selector("#hq-entry")
    assert "sign-in" not in page.url
    page.fill("#hq-entry", "本部を設置")
    page.keyboard.press("Enter")
    entry(page, "本部を設置")
    sees_how_partners_lag(page, town)


def sees_how_partners_lag(page: Any, town: Town) -> None:
    """A partner that never called is behind, and says so when the fold is opened."""
    assert page.locator(".partners").is_hidden()
    key = nodekey.NodeKey(bytes(32))
    registry = Registry(town.data)
    registry.add(Peer(name="石川県", public=key.public, node=key.node))
    registry.close()
    page.reload()
    page.wait_for_selector(".partners summary")
    page.wait_for_function(
        "document.querySelector('.partners summary').textContent.includes('1件に遅れ')"
    )
    page.locator(".partners summary").focus()
    page.keyboard.press("Enter")
    assert "石川県" in page.locator(".partners li").inner_text()
    assert "まだつながっていません" in page.locator(".partners li").inner_text()
    assert _serious(page) == []


def test_somebody_signs_in_with_the_organisation_and_stands_where_they_left(
    desk: Callable[..., Any], town: Town
) -> None:
    page = desk("", "/?lang=en&part=hq")
    assert page.locator("#sign-in-oidc").inner_text() == "Sign in with your organisation"
    page.click("#sign-in-oidc")
    page.wait_for_url(f"{town.issuer}/**")
    page.fill("input[name=sub]", "suzuki")
    page.press("input[name=sub]", "Enter")
    page.wait_for_selector("#hq-entry")
    assert "part=hq" in page.url
    assert "lang=en" in page.url
    assert page.locator(".who strong").text_content().startswith("suzuki@")
    assert "Town officer" in page.locator(".who .role").text_content()
    page.fill("#hq-entry", "認証サーバからの記録")
    page.keyboard.press("Enter")
    assert "suzuki@" in entry(page, "認証サーバからの記録").text_content()


def test_what_is_half_typed_outlives_a_live_change_another_language_and_a_reload(
    desk: Callable[..., Any],
) -> None:
    sato, suzuki = desk("佐藤"), desk("鈴木")
    half = "住民から入電 川沿いの"
    sato.fill("#hq-entry", half)
    suzuki.fill("#hq-entry", "対策本部会議を開始")
    suzuki.keyboard.press("Enter")
    entry(sato, "対策本部会議を開始")
    assert sato.input_value("#hq-entry") == half
    sato.click("button.language")
    sato.wait_for_selector("#hq-tab-orders:has-text('Evacuation orders')")
    assert sato.input_value("#hq-entry") == half
    sato.reload()
    sato.wait_for_selector("#hq-entry")
    assert sato.input_value("#hq-entry") == half
    # All boxes too, with what the quick one held; and nobody else's page has any of it.
    sato.click(".entry-tools .plain")
    sato.fill(".act-form input[name=place_name]", "河井町")
    sato.reload()
    sato.wait_for_selector(".act-form input[name=place_name]")
    assert sato.input_value(".act-form input[name=place_name]") == "河井町"
    assert suzuki.input_value("#hq-entry") == ""
    sato.click(".act-form .plain:has-text('Cancel')")
    assert sato.input_value("#hq-entry") == half
    # Sent, or the person gone, it is forgotten.
    sato.press("#hq-entry", "Enter")
    entry(sato, half)
    sato.reload()
    sato.wait_for_selector("#hq-entry")
    assert sato.input_value("#hq-entry") == ""
    sato.fill("#hq-entry", "書きかけ")
    sato.click(".who button")
    sato.wait_for_selector("#sign-in-oidc")
    assert "書きかけ" not in sato.evaluate("JSON.stringify(sessionStorage)")


def of_the_police(now: datetime) -> Record:
    """An entry that no clearance of this headquarters shows."""
    schema = default_catalog().collection("response.chronology").schema
    body = schema(text="容疑者の身元を照会中", kind="information", state="noted", known_at=now,
                  written_by="県警", organisation="県警")  # fmt: skip
    only = Marking(Status.ACTUAL, Disclosure.RED, ("県警",))
    return Record(collection="response.chronology", key="police-1", said_at=now, body=body,
                  source="people", marking=only)  # fmt: skip


def test_break_glass_access_is_asked_for_with_a_reason_lasts_and_is_ended(
    desk: Callable[..., Any], town: Town
) -> None:
    now = clock.now()
    town.put(of_the_police(now))
    page = desk("佐藤")
    police = page.locator(".entry", has_text="容疑者の身元")
    page.locator(".glass summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "glass-reason"
    lead = page.locator("#glass-lead").inner_text()
    assert ("60分間" in lead, "監査記録" in lead) == (True, True)
    assert _serious(page) == []
    page.keyboard.type("   急ぎ      ")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    refused = page.evaluate("document.getElementById('glass-reason').validationMessage")
    assert "9文字" in refused, "in the page's language, whatever the browser's is"
    assert police.count() == 0
    page.fill("#glass-reason", "行方不明者の照合のため県警の記録を確認")
    page.press("#glass-reason", "Tab")
    page.keyboard.press("Enter")
    page.locator(".glass-on").wait_for()
    entry(page, "容疑者の身元")
    until = page.locator(".glass-on time").get_attribute("datetime")
    assert timedelta(minutes=58) < datetime.fromisoformat(until) - now < timedelta(minutes=62)
    assert "緊急時の閲覧" in page.locator(".who .role").inner_text()
    assert _serious(page) == []


def test_break_glass_access_is_told_to_the_operators_and_ended_by_who_began_it(
    desk: Callable[..., Any], town: Town
) -> None:
    town.put(of_the_police(clock.now()))
    page = desk("鈴木", "/?part=hq&lang=en")
    page.click(".glass summary")
    page.fill("#glass-reason", "Identity of a casualty, asked by the hospital")
    page.click(".glass-form .do")
    told = page.locator(".glass-on").inner_text()
    assert ("Break-glass access" in told, "until" in told) == (True, True)
    police = entry(page, "容疑者の身元")
    alarms = page.evaluate(
        "fetch('collections/operations.alarms/items').then(r => r.json())"
        ".then(r => r.features.map(f => f.properties.code))"
    )
    assert "policy.break-glass" in alarms
    page.focus("#glass-end")
    page.keyboard.press("Enter")
    page.locator(".glass summary").wait_for()
    entry(page, "Wajima City rises")
    assert (police.count(), page.locator(".glass-on").count()) == (0, 0)


def test_all_of_it_is_in_english_too(desk: Callable[..., Any]) -> None:
    page = desk("佐藤", "/?part=hq&lang=en")
    tabs = page.locator("[role=tab]").all_text_contents()
    assert tabs == ["Chronology", "Evacuation orders", "Tasks", "Records"]
    assert "Level 3: warning" in entry(page, "Wajima City rises").text_content()
    tab(page, "orders")
    page.click(".new-order button")
    assert "Level 4: Evacuation order" in page.locator("select[name=kind]").text_content()


@pytest.mark.parametrize("name", ["chronology", "orders", "tasks", "records"])
def test_axe_finds_nothing_serious(desk: Callable[..., Any], name: str) -> None:
    page = desk("佐藤")
    tab(page, name)
    page.wait_for_timeout(600)
    assert _serious(page) == []


def _serious(page: Any) -> list[Any]:
    page.evaluate(AXE.read_text())
    found: list[Any] = page.evaluate(
        "axe.run('#part', {resultTypes: ['violations']})"
        ".then(r => r.violations.filter(v => ['serious', 'critical'].includes(v.impact))"
        ".map(v => [v.id, v.nodes.map(n => n.html)]))"
    )
    return found
