"""What an answer's bytes are by HTTP: marked, compressed, left out."""

from __future__ import annotations

from datetime import timedelta
from types import ModuleType
from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.anyio
ITEMS = "/collections/town.shelters/items"


async def test_an_etag_saves_the_answer_until_something_changes(
    client: httpx.AsyncClient, store: Any, town: ModuleType
) -> None:
    first = await client.get(f"{ITEMS}?limit=3")
    again = {"If-None-Match": first.headers["etag"]}
    unchanged = await client.get(f"{ITEMS}?limit=3", headers=again)
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    later = town.NOON + timedelta(hours=2)
    store.put([town.shelter("s00", later, state="closed")], at=later)
    changed = await client.get(f"{ITEMS}?limit=3", headers=again)
    assert changed.status_code == 200
    assert changed.json()["features"][1]["properties"]["state"] == "closed"


async def test_no_etag_outlives_the_next_expiry(store: Any, town: ModuleType) -> None:
    now = [town.NOON + timedelta(hours=1)]
    app = town.create_app(town.service(store, now=lambda: now[0]))
    path = "/collections/town.notices/items?datetime=now"
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://t.test"
    ) as client:
        first = await client.get(path)
        assert first.json()["numberReturned"] == 1
        again = {"If-None-Match": first.headers["etag"]}
        now[0] += timedelta(hours=20)
        assert (await client.get(path, headers=again)).status_code == 304
        now[0] += timedelta(hours=20)
        late = await client.get(path, headers=again)
        assert (late.status_code, late.json()["numberReturned"]) == (200, 0)


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
async def test_answers_are_compressed_for_those_who_take_it(
    client: httpx.AsyncClient, encoding: str
) -> None:
    plain = await client.get(ITEMS, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    packed = await client.get(ITEMS, headers={"Accept-Encoding": encoding})
    assert packed.headers["content-encoding"] == encoding
    assert packed.headers["etag"] != plain.headers["etag"]
    assert packed.content == plain.content
    again = {"If-None-Match": packed.headers["etag"], "Accept-Encoding": encoding}
    assert (await client.get(ITEMS, headers=again)).status_code == 304


async def test_head_and_options_answer_without_a_body(client: httpx.AsyncClient) -> None:
    head = await client.head(f"{ITEMS}?limit=1")
    get = await client.get(f"{ITEMS}?limit=1", headers={"Accept-Encoding": "identity"})
    assert head.status_code == 200
    assert head.content == b""
    assert head.headers["etag"].split("-")[0].strip('"') == get.headers["etag"].strip('"')
    options = await client.options(ITEMS, headers={"Origin": "https://map.example"})
    assert options.status_code == 204
    assert options.headers["allow"] == "GET, POST, HEAD, OPTIONS"
    assert options.headers["access-control-allow-origin"] == "*"
    refused = await client.patch(ITEMS)
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, POST, HEAD, OPTIONS")
