"""Writing: keys, rules, locks, and every problem told at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.anyio
ITEMS = "/collections/town.shelters/items"
KEY = {"X-API-Key": "writer"}
LATE = datetime(2026, 5, 2, tzinfo=UTC)


def feature(**properties: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [136.9, 37.1]},
        "properties": {"name": "新しい避難所", "state": "open", **properties},
    }


async def test_a_posted_item_is_there_with_its_writer_as_source(client: httpx.AsyncClient) -> None:
    made = await client.post(ITEMS, json=feature(people=12), headers=KEY)
    assert made.status_code == 201
    found = await client.get(made.headers["location"])
    assert found.json()["properties"]["people"] == 12
    assert found.json()["properties"]["source"] == "town"
    assert found.headers["etag"] == made.headers["etag"]


async def test_writing_needs_a_key_and_the_right(client: httpx.AsyncClient) -> None:
    assert (await client.post(ITEMS, json=feature())).status_code == 401
    reader = await client.post(ITEMS, json=feature(), headers={"X-API-Key": "reader"})
    assert reader.status_code == 403
    assert reader.json()["rule"] == "collection-writers"
    other = await client.post("/collections/town.notices/items", json=feature(), headers=KEY)
    assert other.status_code == 403
    foreign = await client.post(ITEMS, json=feature(source="jma"), headers=KEY)
    assert foreign.json()["rule"] == "source"


async def test_put_needs_the_etag_that_was_read(client: httpx.AsyncClient) -> None:
    path = f"{ITEMS}/s01"
    read = await client.get(path)
    assert (await client.put(path, json=feature(), headers=KEY)).status_code == 428
    stale = await client.put(path, json=feature(), headers={**KEY, "If-Match": '"old"'})
    assert stale.status_code == 412
    locked = {**KEY, "If-Match": read.headers["etag"]}
    first = await client.put(path, json=feature(state="full"), headers=locked)
    assert first.status_code == 200
    second = await client.put(path, json=feature(state="closed"), headers=locked)
    assert second.status_code == 412
    now = await client.get(path)
    assert now.json()["properties"]["state"] == "full"
    assert (await client.get(f"{path}/history")).json()["numberReturned"] == 2


async def test_what_was_read_can_be_sent_back(client: httpx.AsyncClient) -> None:
    read = await client.get(f"{ITEMS}/s02")
    sent = {**read.json(), "properties": {**read.json()["properties"], "people": 77}}
    answer = await client.put(
        f"{ITEMS}/s02", json=sent, headers={**KEY, "If-Match": read.headers["etag"]}
    )
    # said_at is the sender's: the same moment as before is an older statement's, so it is renewed.
    assert answer.status_code == 200
    assert (await client.get(f"{ITEMS}/s02")).json()["properties"]["people"] == 77


async def test_put_makes_a_new_item_only_where_none_is(client: httpx.AsyncClient) -> None:
    new = {**KEY, "If-None-Match": "*"}
    assert (await client.put(f"{ITEMS}/a%2Fb", json=feature(), headers=new)).status_code == 201
    assert (await client.get(f"{ITEMS}/a%2Fb")).json()["id"] == "a/b"
    assert (await client.put(f"{ITEMS}/a%2Fb", json=feature(), headers=new)).status_code == 412
    again = {**feature(), "id": "a/b"}
    assert (await client.post(ITEMS, json=again, headers=KEY)).status_code == 409


async def test_delete_withdraws_and_history_keeps(client: httpx.AsyncClient) -> None:
    path = f"{ITEMS}/s04"
    read = await client.get(path)
    gone = await client.delete(path, headers={**KEY, "If-Match": read.headers["etag"]})
    assert gone.status_code == 204
    assert (await client.get(path)).status_code == 404
    said = (await client.get(f"{path}/history")).json()["features"]
    assert [f.get("retracts", False) for f in said] == [False, True]


async def test_all_problems_are_listed_at_once(client: httpx.AsyncClient) -> None:
    bad = feature(state="ajar", people="many", colour="red", start="noon")
    bad["geometry"] = {"type": "Point", "coordinates": [37.1, 136.9]}
    del bad["properties"]["name"]
    answer = await client.post(ITEMS, json=bad, headers=KEY)
    assert answer.status_code == 422
    paths = {p["path"] for p in answer.json()["problems"]}
    assert paths == {
        "geometry",
        "properties/state",
        "properties/people",
        "properties/colour",
        "properties/name",
        "properties/start",
    }


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'{"type":"Feature","properties":[1]}', b"\xff\xfe", b"[" * 100_000,
     b'{"type":"Feature","properties":{"name":"a","state":"open"},"geometry":'
     b'{"type":"Point","coordinates":[NaN,1]}}',
     b'{"type":"Feature","properties":{"name":"a","state":"open"},"geometry":'
     b'{"type":"GeometryCollection","geometries":7}}'],
    ids=["empty", "cut", "array", "properties", "encoding", "deep", "nan", "collection"],
)  # fmt: skip
async def test_a_body_that_is_no_feature_is_422(client: httpx.AsyncClient, body: bytes) -> None:
    answer = await client.post(ITEMS, content=body, headers=KEY)
    assert answer.status_code == 422
    assert answer.json()["problems"]


async def test_a_body_that_is_too_large_is_413(client: httpx.AsyncClient) -> None:
    answer = await client.post(ITEMS, content=b" " * (5 * 1024 * 1024), headers=KEY)
    assert answer.status_code == 413


async def test_exercise_is_written_into_its_own_lane(client: httpx.AsyncClient) -> None:
    sent = {**feature(status="exercise", state="full"), "id": "s05"}
    assert (await client.post(ITEMS, json=sent, headers=KEY)).status_code == 201
    actual = (await client.get(f"{ITEMS}/s05")).json()["properties"]
    drill = (await client.get(f"{ITEMS}/s05?status=exercise")).json()["properties"]
    assert (actual["state"], drill["state"]) == ("open", "full")


async def test_nobody_writes_what_they_may_not_see(client: httpx.AsyncClient) -> None:
    answer = await client.post(ITEMS, json=feature(disclosure="RED"), headers=KEY)
    assert (answer.status_code, answer.json()["rule"]) == (403, "marking")


async def test_a_clock_that_was_set_back_hides_nothing_that_was_acknowledged(
    town: ModuleType, store: object
) -> None:
    for back in (timedelta(0), timedelta(hours=-1)):
        app = town.create_app(town.service(store, now=lambda back=back: LATE + back))
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://town.test") as client:
            for key, state in (("s06", "full"), ("s07", "closed")):
                read = await client.get(f"{ITEMS}/{key}")
                locked = {**KEY, "If-Match": read.headers["etag"]}
                body = feature(state=state, people=int(-back.total_seconds()))
                said = await client.put(f"{ITEMS}/{key}", json=body, headers=locked)
                assert said.status_code == 200
                found = (await client.get(f"{ITEMS}/{key}")).json()["properties"]
                assert (found["state"], found["people"]) == (state, -back.total_seconds())
    async with httpx.AsyncClient(transport=transport, base_url="http://town.test") as client:
        read = await client.get(f"{ITEMS}/s06")
        locked = {**KEY, "If-Match": read.headers["etag"]}
        assert (await client.delete(f"{ITEMS}/s06", headers=locked)).status_code == 204
        assert (await client.get(f"{ITEMS}/s06")).status_code == 404
