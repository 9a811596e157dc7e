"""Tiles over HTTP: OGC API – Tiles and TileJSON, conditional requests, rights; read by GDAL."""

from __future__ import annotations

import math
from pathlib import Path
from types import ModuleType

import httpx
import mapbox_vector_tile
import pyogrio
import pytest
import shapely

from hinomi.runtime.tiles.grid import address_of

pytestmark = pytest.mark.anyio
SETS = "/collections/town.shelters/tiles"
QUAD = f"{SETS}/WebMercatorQuad"


def keys(answer: httpx.Response) -> set[str]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    layers = mapbox_vector_tile.decode(answer.content)
    features = layers["town.shelters"]["features"] if layers else []
    return {feature["properties"]["id"] for feature in features}


async def test_the_way_from_the_landing_page_to_a_tile(client: httpx.AsyncClient) -> None:
    conforms = (await client.get("/conformance")).json()["conformsTo"]
    assert "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/mvt" in conforms
    links = (await client.get("/collections/town.shelters")).json()["links"]
    (sets,) = [link["href"] for link in links if link["rel"].endswith("tilesets-vector")]
    (one,) = (await client.get(sets)).json()["tilesets"]
    assert (one["dataType"], one["crs"]) == (
        "vector",
        "http://www.opengis.net/def/crs/EPSG/0/3857",
    )
    links = {link["rel"]: link for link in one["links"]}
    scheme = (
        await client.get(links["http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme"]["href"])
    ).json()
    assert scheme["tileMatrices"][3]["matrixWidth"] == 8
    tile = links["item"]["href"]
    for name in ("tileMatrix", "tileRow", "tileCol"):
        tile = tile.replace(f"{{{name}}}", "0")
    assert "s05" in keys(await client.get(tile))


async def test_tilejson_leads_to_tiles_with_the_same_question(client: httpx.AsyncClient) -> None:
    told = (await client.get(f"{QUAD}?f=tilejson&filter=people>100&status=actual")).json()
    assert told["tilejson"] == "3.0.0"
    assert told["vector_layers"][0]["fields"]["people"] == "Number"
    (template,) = told["tiles"]
    url = template.replace("{z}", "0").replace("{x}", "0").replace("{y}", "0")
    chosen = keys(await client.get(url))
    assert "s11" in chosen
    assert "s05" not in chosen


async def test_a_tile_is_told_again_only_when_it_changed(
    client: httpx.AsyncClient, town: ModuleType, store: object
) -> None:
    first = await client.get(f"{QUAD}/0/0/0")
    again = {"If-None-Match": first.headers["etag"]}
    assert (await client.get(f"{QUAD}/0/0/0", headers=again)).status_code == 304
    store.put([town.shelter("new")], at=town.NOON + town.timedelta(hours=2))  # type: ignore[attr-defined]
    then = await client.get(f"{QUAD}/0/0/0", headers=again)
    assert keys(then) - keys(first) == {"new"}


async def test_drills_and_restricted_things_stay_out_of_sight(client: httpx.AsyncClient) -> None:
    assert keys(await client.get(f"{QUAD}/0/0/0")).isdisjoint({"drill", "secret"})
    assert keys(await client.get(f"{QUAD}/0/0/0?status=exercise")) == {"drill"}
    seen = await client.get(f"{QUAD}/0/0/0", headers={"X-API-Key": "reader"})
    assert "secret" in keys(seen)
    assert seen.headers["cache-control"] == "private, no-cache"
    # Kept for one caller, and still not for the other.
    assert "secret" not in keys(await client.get(f"{QUAD}/0/0/0"))


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"{QUAD}/0/0/1", 404),
        (f"{QUAD}/1/2/0", 404),
        (f"{QUAD}/23/0/0", 404),
        (f"{QUAD}/-1/0/0", 404),
        (f"{QUAD}/a/0/0", 404),
        (f"{QUAD}/99999999999999999999/0/0", 404),
        (f"{SETS}/WorldCRS84Quad/0/0/0", 404),
        (f"{QUAD}/0/0/0?status=any", 400),
        (f"{QUAD}/0/0/0?filter=nothing=1", 400),
        (f"{QUAD}/0/0/0?datetime=yesterday", 400),
        (f"{QUAD}/0/0/0?bbox=1,2,3,4", 400),
        ("/collections/town.levels/tiles", 404),
        ("/collections/none/tiles/WebMercatorQuad/0/0/0", 404),
        (f"{QUAD}/5/0/0", 200),
    ],
)
async def test_what_is_not_there_is_said_so(
    client: httpx.AsyncClient, path: str, status: int
) -> None:
    assert (await client.get(path)).status_code == status


async def test_a_tile_as_of_before_the_change_shows_what_was(client: httpx.AsyncClient) -> None:
    """s03 was open at noon and is full an hour later."""

    async def state(query: str) -> str:
        data = (await client.get(f"{QUAD}/0/0/0{query}")).content
        features = mapbox_vector_tile.decode(data)["town.shelters"]["features"]
        (found,) = [f["properties"]["state"] for f in features if f["properties"]["id"] == "s03"]
        return str(found)

    assert await state("") == "full"
    assert await state("?as-of=2026-05-01T03:30:00Z") == "open"


def test_gdal_reads_a_tile_where_it_lies(server: str, tmp_path: Path) -> None:
    at = address_of(136.5, 36.25, 8)
    path = tmp_path / "tile.mvt"
    path.write_bytes(httpx.get(f"{server}{QUAD}/8/{at.row}/{at.column}").content)
    meta, _, geometry, fields = pyogrio.raw.read(
        path, layer="town.shelters", X=at.column, Y=at.row, Z=8, CLIP="NO", METADATA_FILE=""
    )
    names = fields[list(meta["fields"]).index("id")].tolist()
    assert meta["crs"] == "EPSG:3857"
    place = shapely.from_wkb(geometry[names.index("s05")])
    expected_y_m = 6378137 * math.asinh(math.tan(math.radians(36.25)))
    assert place.x == pytest.approx(6378137 * math.radians(136.5), abs=40)
    assert place.y == pytest.approx(expected_y_m, abs=40)
