"""Coverages over HTTP: pictures and one place, of what the caller may see, at a moment."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from hinomi.apps.web.app import create_app
from hinomi.apps.web.grids import png
from hinomi.domains.hazards.collections.rain import RAIN, RAIN_CHANCES, RainChance, RainGrid
from hinomi.kernel.errors import MissingError
from hinomi.kernel.marking import ANONYMOUS, OPEN, Disclosure, Marking, Status
from hinomi.kernel.records import Interval, Origin, Record
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.service import Service
from hinomi.science.coverages import Packed, pack
from hinomi.stores.memory import MemoryStore
from hinomi.vocabulary.grids import box

pytestmark = pytest.mark.anyio
T0 = datetime(2026, 9, 1, tzinfo=UTC)
BOUNDS = (130.0, 30.0, 140.0, 40.0)
TILE = "/collections/hazards.rain/map/tiles/WebMercatorQuad/6/25/55"
"""129.4 to 135 E, 31.9 to 36.6 N: its middle lies well within the bounds."""


def put(
    store: MemoryStore, at: datetime, rate: float, marking: Marking = OPEN, of: str = "a"
) -> str:
    grid = Packed(
        parameter="rain_mm_per_h", unit="mm/h", times=(at,), bounds=BOUNDS,
        values=np.full((1, 20, 20), rate, np.float32),
    )  # fmt: skip
    digest = store.put_blob(pack(grid, 0.1))
    body = RainGrid(
        parameter="rain_mm_per_h", unit="mm/h", bounds=BOUNDS, rows=20, columns=20, moments=(at,),
        grid_digest=digest, network=of,
    )  # fmt: skip
    record = Record(
        collection=RAIN.id, key=f"{of}/{at:%H%M}", when=Interval(at - timedelta(minutes=5), at),
        said_at=at, body=body, source="radar", place=box(*BOUNDS),
        origin=Origin(sha256(b"raw").hexdigest()), marking=marking,
    )  # fmt: skip
    store.put([record], at=at)
    return digest


def put_chance(store: MemoryStore, threshold: float, share: float) -> None:
    name = f"probability_over_{threshold:g}_mm_per_h"
    values = np.full((1, 20, 20), share, np.float32)
    grid = Packed(parameter=name, unit="1", times=(T0,), bounds=BOUNDS, values=values)
    body = RainChance(
        parameter=name, unit="1", bounds=BOUNDS, rows=20, columns=20, moments=(T0,),
        grid_digest=store.put_blob(pack(grid, 0.01)), network="a", issued_at=T0,
        threshold_mm_per_h=threshold, members=32, code_version="", uncertainty="",
        uncertainty_en="", limits="", limits_en="",
    )  # fmt: skip
    record = Record(
        collection=RAIN_CHANCES.id, key=f"a/{name}", when=Interval(T0, T0), said_at=T0, body=body,
        source="hinomi", place=box(*BOUNDS), origin=Origin(sha256(b"raw").hexdigest()),
    )  # fmt: skip
    store.put([record], at=T0)


@pytest.fixture
def grids() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
async def caller(grids: MemoryStore) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(Service(grids, default_catalog(), now=lambda: T0 + timedelta(minutes=12)))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://town.test") as found:
        yield found


async def colour(caller: httpx.AsyncClient, at: datetime | None = None, **query: str) -> Any:
    words = {**query, **({} if at is None else {"datetime": at.isoformat()})}
    answer = await caller.get(TILE, params=words)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "image/png"
    shown = Image.open(io.BytesIO(answer.content)).convert("RGBA")
    return shown.getpixel((256, 256))


async def test_a_moment_is_drawn_in_its_class(
    grids: MemoryStore, caller: httpx.AsyncClient
) -> None:
    put(grids, T0, 25.0)
    put(grids, T0 + timedelta(minutes=5), 55.0)
    assert await colour(caller, T0) == (0xFA, 0xF5, 0x00, 255)
    assert await colour(caller, T0 + timedelta(minutes=5)) == (0xFF, 0x28, 0x00, 255)
    # Now is seven minutes later: the newest still stands. An hour later none does.
    assert await colour(caller) == (0xFF, 0x28, 0x00, 255)
    assert (await colour(caller, T0 + timedelta(hours=1)))[3] == 0


async def test_a_dry_newer_picture_lies_over_an_older_wet_one(
    grids: MemoryStore, caller: httpx.AsyncClient
) -> None:
    put(grids, T0, 25.0, of="a")
    put(grids, T0 + timedelta(minutes=5), 0.0, of="b")
    assert (await colour(caller, T0 + timedelta(minutes=5)))[3] == 0


async def test_where_nothing_is_known_it_does_not_look_calm(
    grids: MemoryStore, caller: httpx.AsyncClient
) -> None:
    put(grids, T0, float("nan"))
    assert await colour(caller, T0) == (0xAE, 0xB6, 0xBE, 255)
    # Another network knows: what it knows is shown, older or newer.
    put(grids, T0 + timedelta(minutes=5), 25.0, of="b")
    assert await colour(caller, T0 + timedelta(minutes=5)) == (0xFA, 0xF5, 0x00, 255)
    put(grids, T0 + timedelta(minutes=10), 0.0, of="b")
    put(grids, T0 + timedelta(minutes=10), float("nan"))
    assert (await colour(caller, T0 + timedelta(minutes=10)))[3] == 0


@pytest.mark.parametrize(
    "marking",
    [Marking(Status.EXERCISE), Marking(Status.ACTUAL, Disclosure.AMBER), Marking(Status.TEST)],
)
async def test_what_one_may_not_see_is_not_in_the_picture(
    grids: MemoryStore, caller: httpx.AsyncClient, marking: Marking
) -> None:
    put(grids, T0, 25.0, marking)
    assert (await colour(caller, T0))[3] == 0
    answer = await caller.get(
        "/collections/hazards.rain/position",
        params={"coords": "POINT(134 34)", "datetime": T0.isoformat()},
    )
    assert answer.json()["coverages"] == []
    if marking.status is Status.EXERCISE:
        assert await colour(caller, T0, status="exercise") == (0xFA, 0xF5, 0x00, 255)


async def test_one_place_over_time(grids: MemoryStore, caller: httpx.AsyncClient) -> None:
    for minute, rate in ((0, 25.0), (5, 55.0)):
        put(grids, T0 + timedelta(minutes=minute), rate)
    answer = await caller.get(
        "/collections/hazards.rain/position",
        params={"coords": "POINT(134.5 34.5)", "datetime": "2026-08-31T23:00:00Z/.."},
    )
    assert answer.headers["content-type"] == "application/prs.coverage+json"
    found = answer.json()["coverages"]
    ranges = [c["ranges"]["rain_mm_per_h"]["values"] for c in found]
    assert ranges == [[25.0], [55.0]]
    assert found[1]["domain"]["axes"]["t"]["values"] == ["2026-09-01T00:05:00Z"]


async def test_a_layer_tells_a_place_of_its_own_grids_alone(
    grids: MemoryStore, caller: httpx.AsyncClient
) -> None:
    for threshold, share in ((1.0, 0.9), (10.0, 0.5), (30.0, 0.1)):
        put_chance(grids, threshold, share)
    path = "/collections/hazards.rain_chances/position"
    query = {"coords": "POINT(134.5 34.5)", "datetime": T0.isoformat()}
    told = (await caller.get(path, params={**query, "layer": "rain-chances-10"})).json()
    assert [list(c["ranges"]) for c in told["coverages"]] == [["probability_over_10_mm_per_h"]]
    assert len((await caller.get(path, params=query)).json()["coverages"]) == 3
    wrong = await caller.get(path, params={**query, "layer": "rain"})
    assert wrong.status_code == 404


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"{TILE}?datetime=yesterday", 400),
        ("/collections/hazards.rain/map/tiles/WebMercatorQuad/5/99/1", 404),
        ("/collections/hazards.rain/map/tiles/Other/5/9/1", 404),
        ("/collections/hazards.warnings/map/tiles/WebMercatorQuad/5/9/1", 404),
        ("/collections/hazards.rain/position", 400),
        ("/collections/hazards.rain/position?coords=POINT(200 10)", 400),
        ("/collections/hazards.rain/position?coords=LINESTRING(1 1,2 2)", 400),
        ("/collections/hazards.warnings/position?coords=POINT(134 34)", 404),
    ],
)
async def test_a_bad_question_is_told(caller: httpx.AsyncClient, path: str, status: int) -> None:
    answer = await caller.get(path)
    assert answer.status_code == status, answer.text
    assert answer.json()["detail"]


async def test_a_grid_may_be_had_by_whoever_may_see_its_record(
    grids: MemoryStore,
) -> None:
    digest = put(grids, T0, 25.0)
    other = grids.put_blob(b"somebody's secret")
    service = Service(grids, default_catalog(), now=lambda: T0)
    reader = service.reader(ANONYMOUS)
    (record,) = reader.find(RAIN.id).items
    assert reader.blob(record, digest)
    with pytest.raises(MissingError, match=other[:8]):
        reader.blob(record, other)


def test_a_picture_has_its_layers_colours() -> None:
    made = png(np.array([[0, 1], [2, 2]], np.uint8), ["#ff0000", "#0041ff"])
    shown = Image.open(io.BytesIO(made)).convert("RGBA")
    assert [shown.getpixel(at) for at in ((0, 0), (1, 0), (0, 1))] == [
        (0, 0, 0, 0), (255, 0, 0, 255), (0, 65, 255, 255),
    ]  # fmt: skip
