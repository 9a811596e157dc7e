"""Depth from sensors over HTTP: a probe, a picture and a file, live, and no exercise in actual."""

from __future__ import annotations

import io
import math
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from hinomi.apps.web.app import create_app
from hinomi.domains.hazards.collections.sensors import SENSORS, Sensor
from hinomi.domains.hazards.observe import elevation
from hinomi.kernel.geometry import point
from hinomi.kernel.marking import OPEN, Marking, Status
from hinomi.kernel.ports import Payload
from hinomi.kernel.records import Interval, Record
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.models import Models
from hinomi.runtime.service import Service
from hinomi.runtime.writer import Writer
from hinomi.standards import geotiff
from hinomi.stores.memory import MemoryStore

pytestmark = pytest.mark.anyio
T0 = datetime(2026, 9, 1, tzinfo=UTC)
BOUNDS = (139.0, 35.0, 139.01, 35.01)
HERE = "POINT(139.005 35.005)"
_ROW = int(2**14 * (1 - math.asinh(math.tan(math.radians(35.005))) / math.pi))
_COLUMN = int(2**15 * (139.005 + 180) / 360)
TILE = f"/collections/hazards.depths/map/tiles/WebMercatorQuad/15/{_ROW}/{_COLUMN}"


class Town:
    def __init__(self) -> None:
        self.store, self.now = MemoryStore(), T0
        self.catalog = default_catalog()
        self.models = Models(Writer(self.store, now=lambda: self.now), self.catalog)
        z = np.full((80, 80), 9.0, np.float32)
        z[1:-1, 1:-1] = 2.0
        data = geotiff.encode(z, BOUNDS)
        payload = Payload(data=data, name="d.tif", address="d.tif", digest="0" * 64, taken_at=T0)
        made = elevation.parse(payload, None)  # type: ignore[arg-type]
        self.store.put_blob(made.blobs[0])
        self.store.put(made.records, at=T0)

    def say(self, state: str, minute: int, marking: Marking = OPEN) -> None:
        self.now = T0 + timedelta(minutes=minute)
        body = Sensor(name="S", kind="flood-switch", state=state, depth_cm=20.0)  # type: ignore[arg-type]
        record = Record(
            collection=SENSORS.id, key="S", said_at=self.now, body=body, source="hinomi",
            when=Interval(self.now, None), place=point(139.005, 35.005), marking=marking,
        )  # fmt: skip
        self.store.put([record], at=self.now)
        self.models.catch_up()


@pytest.fixture
def town() -> Town:
    return Town()


@pytest.fixture
async def caller(town: Town) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(Service(town.store, town.catalog, now=lambda: town.now))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://town.test") as found:
        yield found


async def probe(caller: httpx.AsyncClient, of: str = "depths", **query: str) -> list[Any]:
    answer = await caller.get(
        f"/collections/hazards.{of}/position", params={"coords": HERE, **query}
    )
    assert answer.status_code == 200, answer.text
    name = "depth_m" if of == "depths" else "depth_error_m"
    return [c["ranges"][name]["values"][0] for c in answer.json()["coverages"]]


async def test_a_report_is_in_the_probe_the_picture_and_the_file_at_once(
    town: Town, caller: httpx.AsyncClient
) -> None:
    assert await probe(caller) == []
    town.say("wet20", 0)
    assert await probe(caller) == [pytest.approx(0.25, abs=0.006)]
    (error,) = await probe(caller, "depth_errors")
    assert 0.2 < error < 0.5
    shown = await caller.get(TILE)
    picture = Image.open(io.BytesIO(shown.content)).convert("RGBA")
    assert (0xF7, 0xF5, 0xA9, 255) in {colour for _, colour in picture.getcolors() or ()}
    file = await caller.get("/collections/hazards.depths/coverage")
    assert file.headers["content-type"] == "image/tiff"
    grid = geotiff.decode(file.content)
    assert grid.bounds == pytest.approx(BOUNDS)
    assert float(grid.values[40, 40]) == pytest.approx(0.25, abs=0.006)
    town.say("dry", 10)
    assert await probe(caller) == [0.0]
    later = await caller.get(TILE)
    assert Image.open(io.BytesIO(later.content)).convert("RGBA").getcolors() == [
        (512 * 512, (0, 0, 0, 0))
    ]
    over_time = await probe(caller, datetime="2026-09-01T00:00:00Z/2026-09-01T01:00:00Z")
    assert over_time == [pytest.approx(0.25, abs=0.006), 0.0]


async def test_an_exercise_shows_only_to_who_asks_for_it(
    town: Town, caller: httpx.AsyncClient
) -> None:
    town.say("wet30", 0, Marking(Status.EXERCISE))
    assert await probe(caller) == []
    assert (await caller.get("/collections/hazards.depths/coverage")).status_code == 404
    assert await probe(caller, status="exercise") != []
    asked = await caller.get("/collections/hazards.depths/coverage?status=exercise")
    assert asked.status_code == 200
    assert b"exercise" in asked.content[:4096], "the file says what it is"


async def test_a_file_that_is_not_there_is_refused(town: Town, caller: httpx.AsyncClient) -> None:
    town.say("wet10", 0)
    for address in ("hazards.depths/coverage?key=none", "hazards.warnings/coverage"):
        assert (await caller.get(f"/collections/{address}")).status_code == 404
