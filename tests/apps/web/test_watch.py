"""What waits for a person, by what they chose to be told of."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from hinomi.apps.web.app import create_app
from hinomi.kernel.marking import Disclosure, Marking, Principal, Status
from hinomi.kernel.records import Interval, Record
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.keys import Keys
from hinomi.runtime.people import People
from hinomi.runtime.service import Service
from hinomi.stores.memory import MemoryStore

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 9, 1, 18, tzinfo=UTC)
WAJIMA, KANAZAWA = "1720400", "1720100"


@pytest.fixture
def key(tmp_path: Path) -> str:
    return Keys(tmp_path).create(Principal("佐藤", ("town",), Disclosure.AMBER, (), ("officer",)))


@pytest.fixture
async def client(tmp_path: Path, key: str) -> AsyncIterator[httpx.AsyncClient]:
    store = MemoryStore()
    schema = default_catalog().collection("response.alerts").schema
    for status in (Status.ACTUAL, Status.EXERCISE):
        body = schema(
            kind="quake", area_code="17", area_name="石川県", areas=(WAJIMA, KANAZAWA), rank=8,
            strengths={WAJIMA: 6.0, KANAZAWA: 3.5}, heading="震度6強 石川県", heading_en="I",
            text=f"地震 {status.value}", text_en="Quake", state="raised", raised_at=NOW,
        )  # fmt: skip
        alert = Record(
            collection="response.alerts", key=f"quake:{status.value}:17/8", said_at=NOW, body=body,
            source="hinomi", when=Interval(NOW, NOW + timedelta(hours=24)), marking=Marking(status),
        )  # fmt: skip
        store.put([alert], at=NOW)
    service = Service(store, default_catalog(), keyring=People(tmp_path), now=lambda: NOW)
    transport = httpx.ASGITransport(app=create_app(service))
    headers = {"X-API-Key": key}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://town.test", headers=headers
    ) as found:
        yield found


async def texts(client: httpx.AsyncClient, query: str = "") -> list[str]:
    answer = await client.get(f"/me/alerts{query}")
    assert answer.status_code == 200, answer.text
    return [alert["text"]["ja"] for alert in answer.json()["alerts"]]


async def test_a_person_hears_what_they_chose_and_one_status_at_a_time(
    client: httpx.AsyncClient,
) -> None:
    assert await texts(client) == ["地震 actual"]
    assert await texts(client, "?status=exercise") == ["地震 exercise"]
    chosen = await client.put("/me/watch", json={"areas": [KANAZAWA]})
    said = chosen.json()
    assert len(said.pop("choices")["coasts"]) == 66
    assert said == {
        "areas": [KANAZAWA], "coasts": None, "intensity": "5-", "tsunami": "advisory",
        "eew": True, "own": True,
    }  # fmt: skip
    assert await texts(client) == []
    await client.put("/me/watch", json={"areas": [KANAZAWA], "intensity": "4"})
    assert await texts(client) == ["地震 actual"]
    back = await client.put("/me/watch", content=b"null")
    assert back.json()["own"] is False


async def test_what_is_acknowledged_waits_no_more(client: httpx.AsyncClient) -> None:
    waiting = (await client.get("/me/alerts")).json()["alerts"]
    assert waiting[0]["gravity"] == 5
    done = await client.post(
        "/acts/response.acknowledge-alert",
        json={"key": waiting[0]["key"], "expected": waiting[0]["record"]},
    )
    assert done.status_code == 200, done.text
    assert await texts(client) == []
    assert await texts(client, "?status=exercise") == ["地震 exercise"]


async def test_who_is_not_signed_in_hears_and_chooses_nothing(client: httpx.AsyncClient) -> None:
    del client.headers["X-API-Key"]
    assert await texts(client) == []
    assert (await client.put("/me/watch", json={})).status_code == 401


async def test_a_choice_that_makes_no_sense_is_refused(client: httpx.AsyncClient) -> None:
    for wrong, status in (({"areas": ["輪島"]}, 400), ({"volume": 11}, 422), ("loud", 422)):
        answer = await client.put("/me/watch", json=wrong)
        assert answer.status_code == status, answer.text
    assert (await client.get("/me/watch")).json()["own"] is False
