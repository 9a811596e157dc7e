"""Parts of coverages by EDR: what xarray reads from the stored file itself, or a clear refusal."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import numpy as np
import pytest
import xarray

from hinomi.apps.web.app import create_app
from hinomi.domains.hazards.collections.rain import RAIN, RAIN_NOWCASTS, RainGrid, RainNowcast
from hinomi.kernel.marking import OPEN, Disclosure, Marking, Status
from hinomi.kernel.records import Interval, Origin, Record
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.coverages import MOST_GRIDS
from hinomi.runtime.service import Service
from hinomi.science.coverages import Packed, from_zarr, pack
from hinomi.stores.memory import MemoryStore
from hinomi.vocabulary.grids import box

pytestmark = pytest.mark.anyio
T0 = datetime(2026, 9, 1, tzinfo=UTC)
NOW = T0 + timedelta(minutes=2)
BOUNDS = (130.0, 30.0, 140.0, 36.0)
NAME = "rain_mm_per_h"
HOUR = f"{T0:%Y-%m-%dT%H:%M:%SZ}/{T0 + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"
NOWCASTS = "/collections/hazards.rain_nowcasts"
RAINS = "/collections/hazards.rain"
SQUARE = "POLYGON((133 32,135.2 32,135.2 34,133 34,133 32))"


def put_nowcast(store: MemoryStore, marking: Marking = OPEN) -> bytes:
    """Put twelve moments of 30 x 50 cells, some not known; return the stored file."""
    values = np.random.default_rng(1).gamma(0.5, 8, (12, 30, 50)).astype(np.float32)
    values[:, 12:14, 20:22] = np.nan
    times = tuple(T0 + timedelta(minutes=5 * (n + 1)) for n in range(12))
    grid = Packed(parameter=NAME, unit="mm/h", times=times, bounds=BOUNDS, values=values)
    data = pack(grid, 0.1)
    body = RainNowcast(
        parameter=NAME, unit="mm/h", bounds=BOUNDS, rows=30, columns=50, moments=times,
        grid_digest=store.put_blob(data), error=0.05, network="a", frames=3, code_version="",
        speed_km_h=None, direction_deg=None, scores=(), uncertainty="", uncertainty_en="",
        limits="", limits_en="",
    )  # fmt: skip
    put(store, RAIN_NOWCASTS.id, "a/1", body, (T0, times[-1]), BOUNDS, marking)
    return data


def put_picture(
    store: MemoryStore, at: datetime, rate: float, bounds: Any = BOUNDS, of: str = "a"
) -> None:
    grid = Packed(
        parameter=NAME, unit="mm/h", times=(at,), bounds=bounds,
        values=np.full((1, 3, 5), rate, np.float32),
    )  # fmt: skip
    body = RainGrid(
        parameter=NAME, unit="mm/h", bounds=bounds, rows=3, columns=5, moments=(at,),
        grid_digest=store.put_blob(pack(grid, 0.1)), network=of,
    )  # fmt: skip
    put(store, RAIN.id, f"{of}/{at:%H%M%S}", body, (at, at), bounds, OPEN)


def put(  # noqa: PLR0913 - what a record is made of
    store: MemoryStore, collection: str, key: str, body: Any, when: Any, bounds: Any,
    marking: Marking,
) -> None:  # fmt: skip
    record = Record(
        collection=collection, key=key, when=Interval(*when), said_at=when[0], body=body,
        source="hinomi", place=box(*bounds), origin=Origin("0" * 64), marking=marking,
    )  # fmt: skip
    store.put([record], at=NOW)


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
async def caller(store: MemoryStore) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(Service(store, default_catalog(), now=lambda: NOW))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://town.test") as found:
        yield found


def stored(data: bytes) -> xarray.DataArray:
    """Return what xarray itself reads from the stored file."""
    return xarray.decode_cf(from_zarr(data))[NAME]


def array(coverage: dict[str, Any]) -> xarray.DataArray:
    found = coverage["ranges"][NAME]
    assert found["axisNames"] == ["t", "y", "x"]
    values = np.array([np.nan if v is None else v for v in found["values"]], np.float32)
    axes = coverage["domain"]["axes"]
    return xarray.DataArray(
        values.reshape(found["shape"]), dims=("time", "lat", "lon"),
        coords={"lat": axes["y"]["values"], "lon": axes["x"]["values"]},
    )  # fmt: skip


async def asked(caller: httpx.AsyncClient, path: str, **query: str) -> list[dict[str, Any]]:
    answer = await caller.get(path, params=query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/prs.coverage+json"
    return list(answer.json()["coverages"])


async def test_a_cube_is_what_xarray_selects_from_the_stored_file(
    store: MemoryStore, caller: httpx.AsyncClient
) -> None:
    there = stored(put_nowcast(store))
    (found,) = await asked(
        caller, f"{NOWCASTS}/cube", bbox="133,32,135.2,34",
        datetime="2026-09-01T00:20:00Z/2026-09-01T00:30:00Z",
    )  # fmt: skip
    wanted = there.isel(time=slice(3, 6)).sel(lat=slice(34, 32), lon=slice(133, 135.2))
    made = array(found)
    assert made.shape == (3, 10, 11)
    np.testing.assert_allclose(made, wanted, atol=1e-4)
    np.testing.assert_allclose(made["lat"], wanted["lat"])
    np.testing.assert_allclose(made["lon"], wanted["lon"])
    assert found["domain"]["axes"]["t"]["values"][0] == "2026-09-01T00:20:00Z"
    assert np.isnan(made).any()


async def test_an_area_hides_what_lies_outside_and_a_small_one_takes_its_cell(
    store: MemoryStore, caller: httpx.AsyncClient
) -> None:
    there = stored(put_nowcast(store))
    triangle = "POLYGON((133 32,135.2 32,133 34,133 32))"
    (found,) = await asked(caller, f"{NOWCASTS}/area", coords=triangle, datetime=HOUR)
    wanted = there.sel(lat=slice(34, 32), lon=slice(133, 135.2))
    wanted = wanted.where((wanted["lon"] - 133) / 2.2 + (wanted["lat"] - 32) / 2 <= 1, drop=True)
    np.testing.assert_allclose(array(found), wanted, atol=1e-4)
    tiny = "POLYGON((133.01 32.01,133.02 32.01,133.02 32.02,133.01 32.01))"
    (found,) = await asked(caller, f"{NOWCASTS}/area", coords=tiny, datetime=HOUR)
    np.testing.assert_allclose(
        array(found)[:, 0, 0], there.sel(lat=32.01, lon=133.01, method="nearest"), atol=1e-4
    )


async def test_a_radius_takes_the_cells_within_it(
    store: MemoryStore, caller: httpx.AsyncClient
) -> None:
    there = stored(put_nowcast(store))
    (found,) = await asked(
        caller, f"{NOWCASTS}/radius", coords="POINT(135 33)", within="60000",
        datetime=HOUR, **{"within-units": "m"},
    )  # fmt: skip
    lon, lat = np.meshgrid(np.radians(there["lon"]), np.radians(there["lat"]))
    far = np.sin((lat - np.radians(33)) / 2) ** 2
    far += np.cos(lat) * np.cos(np.radians(33)) * np.sin((lon - np.radians(135)) / 2) ** 2
    inside = 2 * 6371.0088 * np.arcsin(np.sqrt(far)) <= 60
    wanted = there.where(xarray.DataArray(inside, dims=("lat", "lon"))).isel(time=0)
    assert np.nansum(array(found)[0]) == pytest.approx(float(wanted.sum()), abs=0.02)


async def test_netcdf_holds_the_same_numbers_and_opens_with_its_times(
    store: MemoryStore, caller: httpx.AsyncClient
) -> None:
    there = stored(put_nowcast(store))
    answer = await caller.get(
        f"{NOWCASTS}/cube", params={"bbox": "133,32,135.2,34", "datetime": HOUR, "f": "netcdf"}
    )
    assert answer.headers["content-type"] == "application/netcdf"
    made = xarray.open_dataset(io.BytesIO(answer.content), engine="scipy")[NAME]
    wanted = there.sel(lat=slice(34, 32), lon=slice(133, 135.2))
    np.testing.assert_allclose(made, wanted, atol=1e-5)
    assert str(made["time"].to_numpy()[0]) == "2026-09-01T00:05:00.000000000"
    assert made.attrs["units"] == "mm/h"


async def test_pictures_that_follow_each_other_make_one_netcdf_and_others_none(
    store: MemoryStore, caller: httpx.AsyncClient
) -> None:
    for minute in (0, 5):
        put_picture(store, T0 + timedelta(minutes=minute), 5.0 + minute)
    query = {"bbox": "130,30,140,36", "datetime": HOUR, "f": "netcdf"}
    answer = await caller.get(f"{RAINS}/cube", params=query)
    made = xarray.open_dataset(io.BytesIO(answer.content), engine="scipy")[NAME]
    np.testing.assert_allclose(made.to_numpy()[:, 0, 0], [5.0, 10.0], atol=1e-5)
    put_picture(store, T0, 1.0, of="b")
    answer = await caller.get(f"{RAINS}/cube", params=query)
    assert answer.status_code == 400
    assert "datetime" in answer.json()["detail"]


async def test_a_box_over_the_date_line_has_both_sides(
    store: MemoryStore, caller: httpx.AsyncClient
) -> None:
    put_picture(store, T0, 1.0, (170.0, 30.0, 180.0, 36.0), "west")
    put_picture(store, T0, 2.0, (-180.0, 30.0, -170.0, 36.0), "east")
    put_picture(store, T0, 3.0, of="japan")
    found = await asked(
        caller, f"{RAINS}/cube", bbox="175,30,-175,36", datetime="2026-09-01T00:00:00Z"
    )
    assert sorted(float(array(one).max()) for one in found) == [1.0, 2.0]
    (reached,) = (one for one in found if float(array(one).max()) == 2.0)
    assert max(reached["domain"]["axes"]["x"]["values"]) <= -175


async def test_a_forecast_gives_the_moment_that_was_asked_for(
    store: MemoryStore, caller: httpx.AsyncClient
) -> None:
    there = stored(put_nowcast(store))
    (found,) = await asked(
        caller, f"{NOWCASTS}/cube", bbox="133,32,134,33", datetime="2026-09-01T00:31:00Z"
    )
    assert found["domain"]["axes"]["t"]["values"] == ["2026-09-01T00:30:00Z"]
    wanted = there.isel(time=5).sel(lat=slice(33, 32), lon=slice(133, 134))
    np.testing.assert_allclose(array(found)[0], wanted, atol=1e-4)


@pytest.mark.parametrize(
    "marking",
    [Marking(Status.EXERCISE), Marking(Status.TEST), Marking(Status.ACTUAL, Disclosure.AMBER)],
)
@pytest.mark.parametrize(
    "path",
    [
        f"{NOWCASTS}/cube?bbox=133,32,135,34",
        f"{NOWCASTS}/area?coords={SQUARE}",
        f"{NOWCASTS}/radius?coords=POINT(134 33)&within=50",
        f"{NOWCASTS}/position?coords=POINT(134 33)",
    ],
)
async def test_what_one_may_not_see_is_in_no_part(
    store: MemoryStore, caller: httpx.AsyncClient, path: str, marking: Marking
) -> None:
    put_nowcast(store, marking)
    told = (await caller.get(f"{path}&datetime={HOUR}")).json()
    assert told["coverages"] == []
    assert told["parameters"] == {}
    drill = (await caller.get(f"{path}&datetime={HOUR}&status=exercise")).json()
    assert len(drill["coverages"]) == (marking.status is Status.EXERCISE)
    # An unknown name does not tell what is hidden.
    answer = await caller.get(f"{path}&datetime={HOUR}&parameter-name=nothing")
    assert NAME not in answer.text


@pytest.mark.parametrize(
    ("query", "status", "told"),
    [
        ("cube", 400, "bbox"),
        ("cube?bbox=135,34,133", 400, "bbox"),
        ("cube?bbox=133,34,135,32", 400, "south"),
        ("cube?bbox=133,32,135,nan", 400, "bbox"),
        ("cube?bbox=-500,32,500,34", 400, "bbox"),
        ("cube?bbox=133,32,135,34&z=10", 400, "z"),
        ("cube?bbox=133,32,135,34&crs=EPSG:3857", 400, "crs"),
        ("cube?bbox=133,32,135,34&crs=EPSG:99", 400, "crs"),
        ("cube?bbox=133,32,135,34&f=GRIB", 400, "netcdf"),
        ("cube?bbox=133,32,135,34&parameter-name=snow", 400, NAME),
        ("cube?bbox=133,32,135,34&parameter-name=,", 400, "parameter-name"),
        ("cube?bbox=133,32,135,34&datetime=yesterday", 400, "datetime"),
        ("cube?bbox=133,32,135,34&datetime=2026-09-02/2026-09-01", 400, "datetime"),
        ("cube?bbox=0,0,1,1&f=netcdf", 400, "netcdf"),
        ("cube?bbox=133,32,135,34&layer=nothing", 404, ""),
        ("area", 400, "coords"),
        ("area?coords=POLYGON((133 32,135 34,135 32,133 34,133 32))", 400, "Self-intersection"),
        ("area?coords=POLYGON((133 32,135 34))", 400, "coords"),
        ("area?coords=POLYGON EMPTY", 400, "coords"),
        ("area?coords=POLYGON((32 133,34 133,34 135,32 133))", 400, "latitude"),
        ("area?coords=POLYGON Z((133 32 1,135 32 1,135 34 1,133 32 1))", 400, "heights"),
        ("area?coords=POINT(133 32)", 400, "POLYGON"),
        ("area?coords=' OR 1=1", 400, "coords"),
        ("radius?coords=POINT(134 33)", 400, "within"),
        ("radius?coords=POINT(134 33)&within=-3", 400, "within"),
        ("radius?coords=POINT(134 33)&within=99999", 400, "within"),
        ("radius?coords=POINT(134 33)&within=3&within-units=parsec", 400, "within-units"),
        ("radius?coords=POINT(179.9 33)&within=50", 400, "twice"),
        ("radius?coords=POINT(134 89.9)&within=50", 400, "latitude"),
        ("position?coords=POINT(134 33)&parameter-name=snow", 400, NAME),
        ("position?coords=POINT(134 33)&crs=EPSG:4326", 400, "crs"),
        ("position?coords=POINT Z(134 33 10)", 400, "coords"),
        ("trajectory?coords=LINESTRING(133 32,135 34)", 404, ""),
        ("locations", 404, ""),
    ],
)
async def test_a_question_that_makes_no_sense_is_told(
    store: MemoryStore, caller: httpx.AsyncClient, query: str, status: int, told: str
) -> None:
    put_nowcast(store)
    answer = await caller.get(f"{NOWCASTS}/{query}")
    assert answer.status_code == status, answer.text
    assert told in answer.json()["detail"]


async def test_what_is_too_much_is_refused_with_the_way_out(
    store: MemoryStore, caller: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_nowcast(store)
    monkeypatch.setattr("hinomi.apps.web.edr.MOST_VALUES", 17_999)
    path = f"{NOWCASTS}/cube?bbox=-180,-90,180,90&datetime={HOUR}"
    answer = await caller.get(path)
    assert answer.status_code == 400
    assert "17999" in answer.json()["detail"]
    monkeypatch.setattr("hinomi.apps.web.edr.MOST_VALUES", 18_000)
    assert len((await caller.get(path)).json()["coverages"]) == 1
    for second in range(MOST_GRIDS + 1):
        put_picture(store, T0 + timedelta(seconds=second), 1.0)
    for query in ("position?coords=POINT(134 33)", "cube?bbox=133,32,133.1,32.1"):
        answer = await caller.get(f"{RAINS}/{query}&datetime={HOUR}")
        assert answer.status_code == 400
        assert "datetime" in answer.json()["detail"]
