"""Rain indices through the hub: pictures in, tanks that go on, levels by mesh and municipality."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import msgspec
import numpy as np
import pytest

from hinomi.domains.hazards import DOMAIN
from hinomi.domains.hazards.collections.rain import RAIN, RainGrid, rain_key
from hinomi.domains.hazards.collections.rain_indices import (
    LEVEL,
    RAIN_INDICES,
    RAIN_RISKS,
    RAIN_TANKS,
    RUNOFF,
    SOIL,
    SURFACE,
)
from hinomi.domains.hazards.observe import rain_tables
from hinomi.kernel.marking import OPEN, OPERATOR, Disclosure, Marking, Status
from hinomi.kernel.ports import Payload
from hinomi.kernel.records import Interval, Origin, Record
from hinomi.runtime.areas.gazetteer import StoreGazetteer
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.models import Models
from hinomi.runtime.service import Service
from hinomi.runtime.writer import Writer
from hinomi.science.coverages import Packed, pack, unpack
from hinomi.science.rain_indices import lattice_of, mesh_code, soil_water_index
from hinomi.stores.memory import MemoryStore
from hinomi.vocabulary.grids import box

T0 = datetime(2026, 9, 1, tzinfo=UTC)
LATTICE = lattice_of((135.0, 34.0, 135.05, 34.05))
ROWS, COLUMNS = LATTICE.shape
TEN = timedelta(minutes=10)
AREA = "2810000"


class Hub:
    """A store with its models, in memory."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.time = T0 + timedelta(days=1)
        self.writer = Writer(self.store, now=lambda: self.time)
        self.service = Service(self.store, default_catalog(), now=lambda: self.time)
        self.models = Models(self.writer, default_catalog())

    def rain(self, at: datetime, rate: Any, *, minutes: int = 10, marking: Marking = OPEN) -> None:
        """Put a picture [mm/h]."""
        values = np.broadcast_to(np.asarray(rate, np.float32), LATTICE.shape)
        grid = Packed(
            parameter="rain_mm_per_h", unit="mm/h", times=(at,), bounds=LATTICE.bounds,
            values=values[None],
        )  # fmt: skip
        digest = self.store.put_blob(pack(grid, 0.1))
        body = RainGrid(
            parameter="rain_mm_per_h", unit="mm/h", bounds=LATTICE.bounds, rows=ROWS,
            columns=COLUMNS, moments=(at,), grid_digest=digest, network="a",
        )  # fmt: skip
        record = Record(
            collection=RAIN.id, key=rain_key("a", at), said_at=at, body=body, source="radar",
            when=Interval(at - timedelta(minutes=minutes), at), place=box(*LATTICE.bounds),
            origin=Origin(sha256(str(at).encode()).hexdigest()), marking=marking,
        )  # fmt: skip
        self.writer.put([record])

    def table(self, data: bytes, marking: Marking = OPEN) -> None:
        """Put a table through its source."""
        payload = Payload(
            data=data, name="t.csv", address="t.csv", digest=self.store.put_blob(data), taken_at=T0
        )
        assert [s.id for s in DOMAIN.sources if s.detect(payload)] == ["rain-tables"]
        parsed = rain_tables.SOURCE.parse(payload, StoreGazetteer(self.store))
        assert parsed.problems == []
        self.writer.put([msgspec.structs.replace(r, marking=marking) for r in parsed.records])

    def index(self, name: str, status: Status = Status.ACTUAL) -> tuple[dict[str, Any], Packed]:
        """Return the newest record of an index and its grid."""
        reader = self.service.reader(OPERATOR, status=frozenset({status}))
        found = [i for i in reader.every(RAIN_INDICES.id) if i.body()["parameter"] == name]
        newest = max(found, key=lambda i: (i.said_at, i.seq))
        digest = newest.body()["grid_digest"]
        return newest.properties(), unpack(reader.blob(newest, digest))

    def alarms(self) -> list[str]:
        reader = self.service.reader(OPERATOR)
        return [str(a.body()["code"]) for a in reader.every("operations.alarms")]


@pytest.fixture
def hub() -> Iterator[Hub]:
    return Hub()


def meshes() -> list[int]:
    west, _, _, north = LATTICE.bounds
    lon = west + (np.arange(COLUMNS) + 0.5) / 80
    lat = north - (np.arange(ROWS) + 0.5) / 120
    return [int(mesh_code(x, y)) for y in lat for x in lon]


def criteria(level: int, needed: int, codes: list[int]) -> bytes:
    """Return a table of JMA's layout (format only): one index for every rain of an hour."""
    head = ",".join(f"60分雨量{mm}ミリの時の土壌雨量指数" for mm in range(151))
    text = f"#レベル{level}\n二次細分区域コード,格子番号,{head}\n"
    row = ",".join([str(needed)] * 151)
    return (text + "".join(f"{AREA},{code},{row}\n" for code in codes)).encode("cp932")


def test_the_index_is_the_tank_models_and_a_restart_goes_on(hub: Hub) -> None:
    for number in range(1, 13):
        hub.rain(T0 + number * TEN, 30.0)
        if number in {5, 9}:
            hub.models.catch_up()
        if number == 7:  # Another process begins: it knows only what is stored.
            hub.models.catch_up()
            hub.models = Models(hub.writer, default_catalog())
    hub.models.catch_up()
    body, grid = hub.index(SOIL)
    expected = soil_water_index(np.full(12, 5.0))[-1]
    assert grid.values[0] == pytest.approx(np.full(LATTICE.shape, expected), abs=0.3)
    assert grid.times[0] == T0 + 12 * TEN
    assert grid.times[-1] - grid.times[0] == timedelta(hours=6)
    assert body["running_since"] == "2026-09-01T00:00:00Z"
    assert "気象庁" in body["limits"]
    assert hub.alarms() == []


def test_late_pictures_end_in_the_same_tanks(hub: Hub) -> None:
    other = Hub()
    rates = [0.0, 40.0, 5.0, 60.0, 20.0, 0.0]
    for number, rate in enumerate(rates, 1):
        hub.rain(T0 + number * TEN, rate)
    hub.models.catch_up()
    for number in (1, 2, 5, 6, 3, 4):  # Two come after those that follow them.
        other.rain(T0 + number * TEN, rates[number - 1])
        other.models.catch_up()
    both = [h.index(SOIL)[1].values for h in (hub, other)]
    np.testing.assert_array_equal(*both)


def test_the_same_pictures_again_change_nothing(hub: Hub) -> None:
    for number in range(1, 4):
        hub.rain(T0 + number * TEN, 30.0)
    hub.models.catch_up()
    before = hub.store.position()
    hub.rain(T0 + 2 * TEN, 30.0)
    hub.models.catch_up()
    assert hub.store.position() == before


def test_levels_by_mesh_and_municipality_and_when_they_are_reached(hub: Hub) -> None:
    codes = meshes()
    hub.table(criteria(2, 20, codes))
    hub.table(criteria(4, 28, codes[:COLUMNS]))
    for number in range(1, 7):
        hub.rain(T0 + number * TEN, 30.0)
    hub.models.catch_up()
    body, grid = hub.index(LEVEL)
    assert grid.values[0, 0].tolist() == [4.0] * COLUMNS  # 30 mm in the hour, over 28.
    assert grid.values[0, 1].tolist() == [2.0] * COLUMNS
    assert body["error"] == 0.0
    (risk,) = hub.service.reader(OPERATOR).every(RAIN_RISKS.id)
    found = risk.body()
    assert (found["area_code"], found["level"], found["kinds"]) == (AREA, 4, "soil")
    assert found["course"][0]["meshes"] == COLUMNS
    # No rain is forecast: the tanks run dry, and the hour's rain is over.
    levels = [one["level"] for one in found["course"]]
    assert levels == sorted(levels, reverse=True)
    assert found["level_ahead"] == 4
    assert found["reached_at"] is None


def test_a_mesh_whose_rain_is_not_known_has_no_level(hub: Hub) -> None:
    hub.table(criteria(2, 5, meshes()))
    hole = np.full(LATTICE.shape, 30.0)
    hole[0, 0] = np.nan
    for number in range(1, 9):
        hub.rain(T0 + number * TEN, hole)
    hub.models.catch_up()
    _, grid = hub.index(LEVEL)
    assert np.isnan(grid.values[0, 0, 0])
    assert grid.values[0, 1, 1] == 2
    (risk,) = hub.service.reader(OPERATOR).every(RAIN_RISKS.id)
    assert risk.body()["unknown"] == 1


def test_missing_pictures_are_told_and_the_rain_goes_on(hub: Hub) -> None:
    for number in (1, 2, 3, 7, 8):
        hub.rain(T0 + number * TEN, 30.0)
    hub.models.catch_up()
    assert hub.alarms() == ["rain-indices.missing"]
    _, grid = hub.index(SOIL)
    rain = np.array([5, 5, 5, 0, 0, 0, 5, 5.0])
    assert grid.values[0, 0, 0] == pytest.approx(soil_water_index(rain)[-1], abs=0.3)


@pytest.mark.parametrize(
    "marking", [Marking(Status.EXERCISE), Marking(Status.ACTUAL, Disclosure.AMBER, ("pref",))]
)
def test_what_is_not_for_all_makes_nothing_that_is(hub: Hub, marking: Marking) -> None:
    hub.table(criteria(2, 5, meshes()), marking)
    for number in range(1, 7):
        hub.rain(T0 + number * TEN, 30.0, marking=marking)
    hub.models.catch_up()
    everyone = hub.service.reader()
    for collection in (RAIN_INDICES, RAIN_RISKS, RAIN_TANKS):
        assert list(everyone.every(collection.id)) == []
        seen = hub.service.reader(OPERATOR, status=frozenset({marking.status}))
        assert {i.marking for i in seen.every(collection.id)} == {marking}


def test_surface_and_runoff_indices_need_a_table_and_say_that_they_are_not_jmas(hub: Hub) -> None:
    codes = meshes()
    rows = [f"{c},1,0.5,1.2,{codes[-1] if c != codes[-1] else ''},,\n" for c in codes]
    head = "格子番号,地盤,都市率,地形係数,下流の格子番号,川幅m,勾配\n"
    hub.table((head + "".join(rows)).encode())
    for number in range(1, 7):
        hub.rain(T0 + number * TEN, 60.0)
        hub.models.catch_up()
    body, surface = hub.index(SURFACE)
    _, runoff = hub.index(RUNOFF)
    assert "not JMA's" in body["parameters"]
    assert np.isfinite(surface.values[0]).all()
    assert runoff.values[0, -1, -1] == np.nanmax(runoff.values[0])  # All drains there.
    assert runoff.values[-1, -1, -1] < runoff.values[0, -1, -1]


def test_a_picture_of_five_minutes_fills_half_a_step(hub: Hub) -> None:
    hub.rain(T0 + timedelta(minutes=5), 30.0, minutes=5)
    hub.models.catch_up()
    assert list(hub.service.reader().every(RAIN_INDICES.id)) == []
    hub.rain(T0 + timedelta(minutes=10), 90.0, minutes=5)
    hub.models.catch_up()
    _, grid = hub.index(SOIL)
    assert grid.values[0, 0, 0] == pytest.approx(10.0, abs=0.3)
