"""The collection as a file over HTTP: named, of one status, told again only if it changed."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

import httpx
import pyogrio
import pytest

pytestmark = pytest.mark.anyio
EXPORT = "/collections/town.shelters/export"


async def rows(client: httpx.AsyncClient, tmp_path: Path, query: str, **headers: str) -> set[str]:
    answer = await client.get(f"{EXPORT}?f=gpkg&{query}", headers=headers)
    assert answer.status_code == 200, answer.text
    path = tmp_path / "got.gpkg"
    path.write_bytes(answer.content)
    meta, _, _, columns = pyogrio.raw.read(path)
    return set(columns[list(meta["fields"]).index("id")])


async def test_a_file_holds_what_is_asked_for_and_may_be_seen(
    client: httpx.AsyncClient, tmp_path: Path
) -> None:
    assert len(await rows(client, tmp_path, "")) == 29
    assert await rows(client, tmp_path, "status=exercise") == {"drill"}
    assert await rows(client, tmp_path, "bbox=136.05,36,136.25,36.2") == {"s01", "s02"}
    assert await rows(client, tmp_path, "filter=people>265") == {"s27"}
    assert "secret" in await rows(client, tmp_path, "", **{"X-API-Key": "reader"})


async def test_a_drills_file_says_so_in_its_name(client: httpx.AsyncClient) -> None:
    answer = await client.get(f"{EXPORT}?f=xlsx&status=exercise")
    disposition = unquote(answer.headers["content-disposition"])
    assert "訓練_town.shelters" in disposition
    actual = await client.get(f"{EXPORT}?f=csv")
    assert "訓練" not in unquote(actual.headers["content-disposition"])
    assert actual.headers["content-type"].startswith("text/csv")


async def test_an_unchanged_file_is_not_sent_twice(client: httpx.AsyncClient) -> None:
    first = await client.get(f"{EXPORT}?f=geojson")
    again = await client.get(
        f"{EXPORT}?f=geojson", headers={"If-None-Match": first.headers["etag"]}
    )
    assert again.status_code == 304


@pytest.mark.parametrize("query", ["f=doc", "f=gpkg&status=any", "f=gpkg&limit=1"])
async def test_nonsense_is_refused(client: httpx.AsyncClient, query: str) -> None:
    assert (await client.get(f"{EXPORT}?{query}")).status_code == 400
