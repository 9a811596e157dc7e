"""Depth from sensors: imported ground and what sensors say become a map that is kept honest."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hinomi.domains.hazards import DOMAIN
from hinomi.domains.hazards.collections.depths import DEPTH_ERRORS, DEPTHS, ELEVATION
from hinomi.domains.hazards.collections.sensors import SENSORS, Sensor
from hinomi.domains.hazards.observe import elevation
from hinomi.domains.hazards.predict_depths import predict_depths
from hinomi.domains.hazards.share.depths import DEPTH_CLASSES
from hinomi.kernel.errors import DataError
from hinomi.kernel.geometry import point
from hinomi.kernel.marking import ANONYMOUS, OPERATOR, Disclosure, Marking, Status
from hinomi.kernel.ports import Payload
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Interval, Record
from hinomi.kernel.store import Store
from hinomi.runtime import clock
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.models import Models
from hinomi.runtime.writer import Writer
from hinomi.science.coverages import unpack
from hinomi.science.inundation.ranks import LEAST_M, RANKS
from hinomi.standards import geotiff
from hinomi.stores.memory import MemoryStore

T0 = datetime(2026, 9, 1, tzinfo=UTC)
BOUNDS = (139.0, 35.0, 139.006, 35.005)
ROWS, COLUMNS = 50, 60


def basin() -> np.ndarray:
    """Return two walled basins with a ridge between: 11 m cells."""
    z = np.full((ROWS, COLUMNS), 9.0, np.float32)
    z[1:-1, 1:-1] = -1.0
    z[1:-1, 30] = 4.0
    return z


def parsed(data: bytes, name: str = "dem.tif") -> Any:
    payload = Payload(
        data=data, name=name.rsplit("/", 1)[-1], address=name, digest="0" * 64, taken_at=T0
    )
    (source,) = (s for s in DOMAIN.sources if s.detect(payload))
    assert source is elevation.SOURCE
    return source.parse(payload, None)  # type: ignore[arg-type]


class Town:
    """A store with ground, in which sensors speak and the models run."""

    def __init__(self, folder: Path) -> None:
        self.store = MemoryStore()
        self.catalog = default_catalog()
        self.models = Models(Writer(self.store, now=clock.now), self.catalog)
        made = parsed(geotiff.encode(basin(), BOUNDS))
        for blob in made.blobs:
            self.store.put_blob(blob)
        self.store.put(made.records, at=T0)
        del folder

    def say(
        self,
        *said: tuple[str, float, float, str],
        minute: float = 0,
        marking: Marking | None = None,
    ) -> None:
        """Let sensors at longitude and latitude be in a state."""
        at = T0 + timedelta(minutes=minute)
        cm = {"dry": 0.0, "wet10": 10.0, "wet20": 20.0, "wet30": 30.0}
        records = [
            Record(
                collection=SENSORS.id, key=key, said_at=at, source="hinomi",
                when=Interval(at, None), place=point(longitude, latitude),
                body=Sensor(name=key, kind="flood-switch", state=state, depth_cm=cm.get(state)),  # type: ignore[arg-type]
                marking=marking or Marking(),
            )
            for key, longitude, latitude, state in said
        ]  # fmt: skip
        self.store.put(records, at=at)
        self.models.catch_up()

    def reader(self, status: Status = Status.ACTUAL, who: Any = OPERATOR) -> Reader:
        return Reader(self.store, self.catalog, who, status=frozenset({status}))

    def maps(self, status: Status = Status.ACTUAL, who: Any = OPERATOR) -> Sequence[Any]:
        reader = self.reader(status, who)
        return sorted(reader.every(DEPTHS.id), key=lambda item: item.when.start)

    def depth(self, item: Any, status: Status = Status.ACTUAL) -> np.ndarray:
        reader = self.reader(status)
        depth: np.ndarray = unpack(reader.blob(item, item.body()["grid_digest"])).values[0]
        return depth


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path)


WEST = ("W", 139.0015, 35.0025)
EAST = ("E", 139.0045, 35.0025)


def test_what_sensors_say_becomes_a_map_with_what_it_is_made_of(town: Town) -> None:
    town.say((*WEST, "wet20"), (*EAST, "dry"))
    (made,) = town.maps()
    body = made.body()
    assert (body["wet"], body["dry"], body["left_out"]) == (1, 1, 0)
    assert made.when == Interval(T0, None)
    depth = town.depth(made)
    assert np.allclose(depth[1:-1, 1:30], 0.25, atol=0.006)
    assert not (depth[:, 30:] > 0).any(), "the ridge holds"
    assert body["deepest_m"] == pytest.approx(0.25)
    assert body["area_m2"] == pytest.approx(29 * 48 * 11.1195 * 9.109, rel=0.01)
    assert "公式の情報ではありません" in body["limits"]
    assert "no official information" in body["limits_en"]
    assert all((body["code_version"], body["parameters"], body["uncertainty"]))
    origins = town.reader().trace(made.id).origins
    assert origins[0][0].run == "depths-from-sensors@2"
    assert len(origins[0][0].inputs) == 3, "both sensors and the ground"
    (error,) = town.reader().every(DEPTH_ERRORS.id)
    assert error.key == made.key
    assert np.nanmax(town.depth(error)) == pytest.approx(body["largest_error_m"], abs=0.03)


def test_each_report_gives_a_new_map_and_ends_the_one_before(town: Town) -> None:
    town.say((*WEST, "wet10"), (*EAST, "dry"))
    town.say((*WEST, "wet20"), minute=5)
    town.say((*WEST, "wet20"), minute=6)  # The same again: nothing new to show.
    town.say((*WEST, "dry"), minute=30)
    first, second, third = town.maps()
    minutes = [(m.when.start - T0) / timedelta(minutes=1) for m in (first, second, third)]
    assert minutes == [0, 5, 30]
    assert first.when.end == second.when.start
    assert second.when.end == third.when.start
    assert third.when.end is None
    assert [round(float(np.nanmax(town.depth(m))), 2) for m in (first, second, third)] == [
        0.15, 0.25, 0.0,
    ]  # fmt: skip
    assert len(list(town.reader().every(DEPTH_ERRORS.id))) == 3
    before = town.reader().at(town.store.position_at(T0 + timedelta(minutes=5)))
    assert [m.key for m in before.every(DEPTHS.id)] == [first.key, second.key][:len(
        list(before.every(DEPTHS.id)))]  # fmt: skip


def test_when_no_sensor_is_believed_the_map_ends(town: Town) -> None:
    town.say((*WEST, "wet30"))
    town.say((*WEST, "silent"), minute=200)
    (only,) = town.maps()
    assert only.when.end == T0 + timedelta(minutes=200)


@pytest.mark.parametrize("status", [Status.EXERCISE, Status.TEST])
def test_an_exercise_gives_exercise_maps_only(town: Town, status: Status) -> None:
    town.say((*WEST, "wet30"), marking=Marking(status))
    assert town.maps() == []
    (made,) = town.maps(status)
    assert made.marking.status is status
    town.say((*WEST, "dry"), minute=1)
    (actual,) = town.maps()
    assert not (town.depth(actual) > 0).any()
    assert [m.id for m in town.maps(status)] == [made.id], "the actual one did not touch it"


def test_a_closed_sensor_changes_nothing_for_those_who_may_not_see_it(town: Town) -> None:
    closed = Marking(Status.ACTUAL, Disclosure.AMBER)
    town.say((*WEST, "wet10"))
    town.say((*EAST, "wet30"), minute=1, marking=closed)
    (seen,) = town.maps(who=ANONYMOUS)
    assert seen.body()["wet"] == 1
    whole = max(town.maps(), key=lambda m: m.body()["wet"])
    assert whole.body()["wet"] == 2
    assert whole.marking.disclosure is Disclosure.AMBER


def test_what_is_wrong_is_said_in_words_and_people_are_alarmed(town: Town) -> None:
    z = basin()
    z[24:27, 14:17] = 0.5
    z[40, 40] = np.nan
    again = parsed(geotiff.encode(z, BOUNDS))
    town.store.put_blob(again.blobs[0])
    town.store.put(again.records, at=T0)
    low = ("L", 139.0015, 35.0018, "dry")
    town.say(
        (*WEST, "wet30"), low, ("V", 139.00405, 35.00095, "wet10"), ("Q", *WEST[1:], "suspect")
    )
    (made,) = town.maps()
    body = made.body()
    remarks = {(r["sensor"], r["code"]) for r in body["remarks"]}
    assert remarks == {("W", "contradicts"), ("W", "saturated"), ("V", "void")}
    assert "乾いています" in body["remarks"][0]["text"]
    everything = Reader(town.store, town.catalog, OPERATOR, status=frozenset(Status))
    alarms = {alarm.body()["code"] for alarm in everything.every("operations.alarms")}
    assert {"depths.contradicts", "depths.void"} <= alarms
    row, column = int((BOUNDS[3] - low[2]) / 0.005 * ROWS), int((low[1] - 139.0) / 0.006 * COLUMNS)
    assert town.depth(made)[row, column] == 0, "the dry one stays dry"


def test_a_depth_that_was_measured_is_taken_as_it_is(town: Town) -> None:
    at = T0
    town.store.put(
        [
            Record(
                collection=SENSORS.id, key="M", said_at=at, source="hinomi",
                when=Interval(at, None), place=point(*WEST[1:]),
                body=Sensor(name="M", kind="flood-switch", state="wet30", depth_cm=147.0),
            )
        ],
        at=at,
    )  # fmt: skip
    town.models.catch_up()
    (made,) = town.maps()
    assert made.body()["deepest_m"] == pytest.approx(1.47, abs=0.006)


def test_without_ground_nothing_is_said_and_its_own_maps_do_not_wake_it() -> None:
    store: Store = MemoryStore()
    reader = Reader(store, default_catalog(), OPERATOR)
    assert predict_depths(reader, {}).records == []
    assert predict_depths(reader, {DEPTHS.id: ("a",)}).records == []


def test_meshes_that_touch_are_one_ground(town: Town) -> None:
    west, south, east, north = BOUNDS
    more = parsed(geotiff.encode(basin(), (east, south, 2 * east - west, north)), "east.tif")
    town.store.put_blob(more.blobs[0])
    town.store.put(more.records, at=T0)
    town.say((*WEST, "wet10"))
    (made,) = town.maps()
    assert (made.body()["rows"], made.body()["columns"]) == (ROWS, 2 * COLUMNS)


def test_the_ground_is_the_same_in_every_status_and_may_lie_below_the_sea(town: Town) -> None:
    for status in Status:
        (ground,) = town.reader(status).every(ELEVATION.id)
        values = town.depth(ground, status)
        assert values.min() == pytest.approx(-1.0, abs=0.006)


def test_the_colours_are_those_of_the_inundation_ranks() -> None:
    steps = sorted((c.at_least, c.colour) for c in DEPTH_CLASSES if c.at_least is not None)
    assert steps == [(max(rank.from_m, LEAST_M), rank.colour) for rank in RANKS]


def test_real_tiles_lie_where_their_numbers_say(shared_data: Path) -> None:
    folder = shared_data / "exchange" / "dem"
    for path in sorted(folder.glob("gsi-dem-z8-x229-y94.*")):
        (record, *_) = (found := parsed(path.read_bytes(), str(path))).records
        assert record.key == "gsi/8-229-94"
        west, _, east, north = record.body.bounds
        # 229/256 of the way around from 180 W; the row's north edge by Mercator's inverse.
        assert (west, east) == (pytest.approx(142.03125), pytest.approx(143.4375, abs=0.01))
        assert north == pytest.approx(np.degrees(np.arctan(np.sinh(np.pi * (1 - 94 / 128)))))
        assert float(np.nanmax(unpack(found.blobs[0]).values)) > 500


def test_a_spike_becomes_a_void_and_is_told() -> None:
    z = basin()
    z[20, 20] = 500.0
    found = parsed(geotiff.encode(z, BOUNDS))
    assert [(p.code, p.grade) for p in found.problems] == [("elevation.spikes", "alarm")]
    assert np.isnan(unpack(found.blobs[0]).values[0, 20, 20])


@pytest.mark.parametrize(
    "wrong",
    [
        geotiff.encode(np.full((3, 3), np.nan), BOUNDS),
        geotiff.encode(basin(), (200.0, 35.0, 201.0, 36.0)),
        geotiff.encode(basin(), BOUNDS)[:500],
        geotiff.encode(basin(), (0.0, 0.0, 600.0, 500.0), epsg=9999, geographic=False),
    ],
)
def test_elevation_that_cannot_be_is_refused_with_a_reason(wrong: bytes) -> None:
    with pytest.raises(DataError) as raised:
        parsed(wrong)
    assert raised.value.problems[0].text.ja
