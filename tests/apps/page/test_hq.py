"""The headquarters' part of the page, before the real server: two people, two browsers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from hinomi.kernel.geometry import Geometry
from hinomi.kernel.marking import Disclosure, Marking, Principal, Status
from hinomi.kernel.records import Interval, Record
from hinomi.runtime import clock
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.desk import open_desk
from hinomi.runtime.keys import Keys
from tests.apps.page.conftest import PATIENCE_MS, without_map
from tests.apps.page.gallery import FOLDER, keep
from tests.apps.page.serving import Serving
from tests.apps.provider import identity_provider

pytestmark = [pytest.mark.browser, pytest.mark.slow]
AXE = Path(__file__).resolve().parents[3] / "dashboard/node_modules/axe-core/axe.min.js"
TOWNS = {"1720400": ("輪島市", "Wajima City", 136.9), "1720500": ("珠洲市", "Suzu City", 137.2)}
NOTICES = """
  window.told = [];
  window.Notification = class {
    static permission = "granted";
    constructor(text) { window.told.push(text); }
  };
"""
SIZE = {"width": 1500, "height": 900}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
OIDC = """[oidc]
issuer = "{issuer}"
client_id = "hinomi"
client_secret_file = "oidc.secret"
name_claim = "sub"
roles_claim = "roles"
organisations_claim = "organisations"

[oidc.roles]
"bosai-ka" = "town-officer"
"""


def outline(west: float) -> Geometry:
    corners = [(0, 0), (0.28, 0), (0.28, 0.28), (0, 0.28), (0, 0)]
    return {"type": "Polygon", "coordinates": [[[west + x, 37.3 + y] for x, y in corners]]}


class Town:
    """A server with a data folder of its own, and the people who work there."""

    def __init__(self, folder: Path, issuer: str) -> None:
        self.data = folder / "data"
        self.data.mkdir()
        self.issuer = issuer
        (self.data / "oidc.secret").write_text("of-the-client")
        (self.data / "hinomi.toml").write_text(OIDC.format(issuer=issuer))
        self._serving = Serving(self.data, "--no-drill")
        self.stop = self._serving.stop
        self.url = self._serving.url
        self.link: str = self._serving.told["sign_in"]
        keys = Keys(self.data)
        roles = {"佐藤": "officer", "鈴木": "commander"}
        self.keys = {
            name: keys.create(Principal(name, ("本部",), Disclosure.AMBER, (), (role,)))
            for name, role in roles.items()
        }

    def level(self, code: str, level: int, status: Status = Status.ACTUAL) -> None:
        name, name_en, west = TOWNS[code]
        now = clock.now()
        schema = default_catalog().collection("hazards.levels").schema
        body = schema(area_code=code, area_name=name, area_name_en=name_en, level=level,
                      level_stated=True, count=1, hazards="rain", in_force=[])  # fmt: skip
        self.put(
            Record(collection="hazards.levels", key=code, said_at=now, when=Interval(now, None),
                   place=outline(west), body=body, source="jma", marking=Marking(status))
        )  # fmt: skip

    def quake(self, strengths: dict[str, float]) -> None:
        now, catalog = clock.now(), default_catalog()
        event = f"{now:%Y%m%d%H%M%S}"
        felt = catalog.collection("hazards.intensities").schema
        records = [
            Record(
                collection="hazards.intensities", key=f"{event}/intensity/{code}", said_at=now,
                source="jma",
                body=felt(area_name=TOWNS[code][0], prefecture="石川県", intensity="x",
                          at_least=strength, event_id=event, measure="intensity",
                          area_kind="city", area_code=code, telegram="VXSE53"),
            )
            for code, strength in strengths.items()
        ]  # fmt: skip
        quake = catalog.collection("hazards.quakes").schema
        greatest = max(strengths.values())
        body = quake(event_id=event, hypocentre="石川県能登地方", magnitude=7.6,
                     max_intensity="6+", max_intensity_at_least=greatest)  # fmt: skip
        self.put(*records, Record(collection="hazards.quakes", key=event, said_at=now,
                                  when=Interval(now, now), source="jma", body=body))  # fmt: skip

    def put(self, *records: Record) -> None:
        desk = open_desk(self.data, "test")
        desk.append(list(records))
        desk.close()


@pytest.fixture(scope="module")
def town(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:  # noqa: ARG001
    with identity_provider(sub="suzuki", roles=["bosai-ka"], organisations=["本部"]) as issuer:
        found = Town(tmp_path_factory.mktemp("town"), issuer)
        found.level("1720400", 3)
        yield found
        found.stop()


@pytest.fixture
def desk(browser: Any, town: Town) -> Iterator[Callable[..., Any]]:
    """Open the headquarters for a person, each in a browser of their own."""
    contexts = []

    def open_(
        name: str = "",
        path: str = "/?part=hq",
        *,
        script: str = "",
        drawn: bool = False,
        **device: Any,
    ) -> Any:
        context = browser.new_context(locale="ja-JP", **(device or {"viewport": SIZE}))
        if script:
            context.add_init_script(script)
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        if not FOLDER and not drawn:
            without_map(context)
        page = context.new_page()
        page.goto(town.url + path)
        if name:
            page.click(".sign-in details summary")
            page.fill("#sign-in-key", town.keys[name])
            page.press("#sign-in-key", "Enter")
            page.wait_for_selector("#hq-entry")
        return page

    yield open_
    for context in contexts:
        context.close()


def entry(page: Any, text: str) -> Any:
    found = page.locator(".entry", has_text=text)
    found.first.wait_for()
    return found.first


def tab(page: Any, name: str) -> None:
    page.click(f"#hq-tab-{name}")


def act(item: Any, title: str) -> Any:
    item.locator("button.actions").click()
    item.locator(".actions-body button", has_text=title).first.click()
    return item


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
    page.evaluate(AXE.read_text())
    found = page.evaluate(
        "axe.run('#part', {resultTypes: ['violations']})"
        ".then(r => r.violations.filter(v => ['serious', 'critical'].includes(v.impact))"
        ".map(v => [v.id, v.nodes.map(n => n.html)]))"
    )
    assert found == []


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
