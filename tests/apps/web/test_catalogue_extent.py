"""The extent of a collection: that of what the caller may see, and what GDAL needs it for."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import httpx
import pyogrio
import pytest
import shapely

pytestmark = pytest.mark.anyio
SHELTERS = "/collections/town.shelters"


async def extent(client: httpx.AsyncClient, path: str = SHELTERS, **headers: str) -> Any:
    answer = await client.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json().get("extent")


async def bbox(client: httpx.AsyncClient, path: str = SHELTERS, **headers: str) -> Any:
    return (await extent(client, path, **headers))["spatial"]["bbox"][0]


async def test_a_collection_tells_where_and_when_its_things_are(client: httpx.AsyncClient) -> None:
    """Shelters stand from 136.0 E to 139.5 E, 35.5 N to 37.35 N; a notice holds for one day."""
    assert await bbox(client) == pytest.approx([136.0, 35.5, 139.5, 37.35], abs=0.021)
    assert (await extent(client))["temporal"]["interval"] == [[None, None]]
    found = await extent(client, "/collections/town.notices")
    (start, end) = found["temporal"]["interval"][0]
    assert start <= "2026-05-01T03:00:00Z" < "2026-05-02T03:00:00Z" <= end
    assert (start, end) == ("2026-05-01T00:00:00Z", "2026-05-03T00:00:00Z")
    assert await bbox(client, "/collections/town.levels") == [136, 36.5, 138, 36.5]


async def test_what_is_seen_lies_inside_and_nothing_else_widens_it(
    client: httpx.AsyncClient, town: ModuleType, store: Any
) -> None:
    far = [
        town.shelter("far", lon=-170.0, lat=-80.0,
                     marking=town.Marking(disclosure=town.Disclosure.AMBER)),
        town.shelter("far-drill", lon=170.0, lat=80.0, marking=town.Marking(town.Status.EXERCISE)),
    ]  # fmt: skip
    before = await bbox(client)
    store.put(far, at=town.NOON + town.timedelta(hours=3))
    assert await bbox(client) == before
    assert (await bbox(client, SHELTERS, **{"X-API-Key": "reader"}))[0] < -169.9
    assert (await bbox(client, f"{SHELTERS}?status=exercise"))[2] > 169.9
    listed = (await client.get("/collections")).json()["collections"]
    assert [c["extent"]["spatial"]["bbox"][0] for c in listed if c["id"] == "town.shelters"] == [
        before
    ]


async def test_the_extent_follows_what_comes_moves_and_goes(
    client: httpx.AsyncClient, town: ModuleType, store: Any
) -> None:
    before = await bbox(client)
    at = town.NOON + town.timedelta(hours=2)
    store.put([town.shelter("far", at, lon=150.0, lat=44.0)], at=at)
    assert (await bbox(client))[2:] == pytest.approx([150.0, 44.0], abs=0.021)
    later = at + town.timedelta(hours=1)
    store.put([town.shelter("far", later, lon=145.0, lat=20.0)], at=later)
    assert (await bbox(client))[1:3] == pytest.approx([20.0, 145.0], abs=0.021)
    amber = town.Marking(disclosure=town.Disclosure.AMBER)
    store.remark("town.shelters", "far", "town", old=town.Marking(), new=amber, at=later)
    assert await bbox(client) == before


async def test_what_nobody_may_see_has_no_extent(client: httpx.AsyncClient) -> None:
    assert await extent(client, "/collections/town.notices?status=exercise") is None


def test_gdal_opens_the_vector_tiles_of_a_collection(server: str) -> None:
    """GDAL's OGCAPI driver refuses a collection without an extent ("Missing bbox")."""
    address = f"OGCAPI:{server}/collections/town.shelters"
    # GDAL takes the extent's degrees for the tiles' metres unless told the window in metres.
    window = {"MINX": "15000000", "MINY": "4100000", "MAXX": "15700000", "MAXY": "4700000"}
    _, _, geometry, _ = pyogrio.raw.read(address, layer="Zoom level 6", API="TILES", **window)
    found = shapely.from_wkb(geometry)
    assert len(found) > 20
    # As GDAL gives them: Web Mercator; 136.0 E, 35.5 N is (15139451 m, 4233201 m).
    west, south, _, _ = shapely.total_bounds(found)
    assert (west, south) == pytest.approx((15_139_451, 4_233_201), abs=2_500)
