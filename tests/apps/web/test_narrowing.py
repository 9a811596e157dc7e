"""A PUT with a narrower marking, end to end: who may not see it any more finds nothing at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import msgspec
import pytest

from hinomi.stores.sqlite import SqliteStore

pytestmark = pytest.mark.anyio
KEY = {"X-API-Key": "writer"}
PATH = "/collections/town.shelters/items/s05"


@pytest.fixture
def store(town: ModuleType, tmp_path: Path) -> Iterator[SqliteStore]:
    found = SqliteStore(tmp_path)
    town.seed(found)
    yield found
    found.close()


async def put(client: httpx.AsyncClient, key: str = "s05", **properties: Any) -> httpx.Response:
    path = PATH.replace("s05", key)
    read = await client.get(path, headers=KEY)
    sent = {**read.json(), "properties": {**read.json()["properties"], **properties}}
    return await client.put(path, json=sent, headers={**KEY, "If-Match": read.headers["etag"]})


async def test_a_narrower_put_takes_the_older_statement_from_everyone_else(
    client: httpx.AsyncClient,
) -> None:
    read = (await client.get(PATH)).json()["properties"]
    before = (await client.get("/changes?after=0&limit=10000")).json()["position"]
    page = (await client.get("/collections/town.shelters/items?limit=100")).json()
    answer = await put(client, people=7, disclosure="AMBER", audience=["town"])
    assert answer.status_code == 200
    assert (await client.get(PATH)).status_code == 404
    assert (await client.get(f"{PATH}?as-of={before}")).status_code == 404
    assert (await client.get(f"{PATH}/history")).status_code == 404
    assert (await client.get(f"/records/{read['record']}")).status_code == 404
    now = (await client.get("/collections/town.shelters/items?limit=100")).json()
    assert now["numberReturned"] == page["numberReturned"] - 1
    changes = (await client.get(f"/changes?after={before}")).json()["changes"]
    assert {(c["kind"], c["key"]) for c in changes} == {("gone", "s05")}
    all_changes = (await client.get("/changes?after=0&limit=10000")).text
    assert read["record"] not in all_changes
    seen = await client.get(PATH, headers=KEY)
    assert seen.json()["properties"]["people"] == 7


async def test_the_stream_says_gone_and_no_more(own_server: str) -> None:
    async with (
        httpx.AsyncClient(base_url=own_server, timeout=10) as client,
        client.stream("GET", "/changes/stream") as stream,
    ):
        answer = await put(client, people=7, disclosure="AMBER", audience=["town"])
        assert answer.status_code == 200
        # Something else that is open comes after all that the narrowing told.
        await put(client, "s06", people=8)
        told: list[tuple[str, str]] = []
        kind = ""
        async for line in stream.aiter_lines():
            if line.startswith("event: "):
                kind = line.removeprefix("event: ")
            elif line.startswith("data: "):
                told.append((kind, msgspec.json.decode(line[6:])["key"]))
                if told[-1][1] == "s06":
                    break
        assert set(told[:-1]) == {("gone", "s05")}
        assert told[-1] == ("record", "s06")


async def test_wider_is_refused_in_words_and_changes_nothing(client: httpx.AsyncClient) -> None:
    await put(client, disclosure="AMBER", audience=["town"])
    wider = await put(client, disclosure="CLEAR", audience=[])
    assert (wider.status_code, wider.json()["rule"]) == (403, "release")
    assert "only the operator releases" in wider.json()["detail"]
    assert (await client.get(PATH)).status_code == 404
