"""Shake maps through the hub: a quake and its municipalities in, a grid drawn to them out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import numpy as np
import pytest

from hinomi.domains.hazards.collections.quakes import (
    INTENSITIES,
    QUAKE_REPORTS,
    QUAKES,
    Intensity,
    QuakeReport,
)
from hinomi.domains.hazards.collections.shake_maps import SHAKE_MAPS
from hinomi.domains.hazards.collections.site_ground import SITE_GROUND
from hinomi.domains.hazards.observe import site_ground
from hinomi.domains.hazards.predict_shake import kind_of, predict_shake
from hinomi.domains.response.evacuation.collections import BUILDINGS, POPULATION, Block, Building
from hinomi.kernel.geometry import point
from hinomi.kernel.marking import OPEN, OPERATOR, Marking, Status
from hinomi.kernel.ports import Payload
from hinomi.kernel.records import Record, instant
from hinomi.runtime.areas import StoreGazetteer
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.models import Models
from hinomi.runtime.service import Service
from hinomi.runtime.writer import Writer
from hinomi.science.coverages import over_time, unpack
from hinomi.standards.jshis_ground import encode
from hinomi.stores.memory import MemoryStore

T0 = datetime(2026, 9, 1, tzinfo=UTC)
EVENT = "20260901000000"


def square(longitude: float, latitude: float) -> dict[str, Any]:
    w, s, e, n = longitude - 0.05, latitude - 0.05, longitude + 0.05, latitude + 0.05
    return {"type": "Polygon", "coordinates": [[[w, s], [e, s], [e, n], [w, n], [w, s]]]}


def hub(marking: Marking = OPEN, *more: Record, **change: Any) -> Service:
    return Service(stored(marking, *more, **change), default_catalog())


def stored(marking: Marking = OPEN, *more: Record, **change: Any) -> MemoryStore:
    store = MemoryStore()
    writer = Writer(store, now=lambda: T0 + timedelta(hours=1))
    report = QuakeReport(
        event_id=EVENT, telegram="VXSE53", title="震源・震度", headline="", info_type="発表",
        hypocentre="県北部", magnitude=6.5, depth_km=10.0, origin_time=T0,
    )  # fmt: skip
    report = msgspec.structs.replace(report, **change)
    place = {"type": "Point", "coordinates": [139.0, 35.0]}
    records = [
        Record(
            collection=QUAKE_REPORTS.id, key=f"{EVENT}/VXSE53", said_at=T0, when=instant(T0),
            body=report, place=place, source="jma", marking=marking,
        )
    ]  # fmt: skip
    for code, where, least, name in (
        ("1", (139.2, 35.0), 5.5, "6-"),
        ("2", (138.7, 35.1), 2.5, "3"),
    ):
        body = Intensity(
            area_name=code, prefecture="", intensity=name, at_least=least, event_id=EVENT,
            measure="intensity", area_kind="city", area_code=code, telegram="VXSE53",
        )  # fmt: skip
        records.append(
            Record(
                collection=INTENSITIES.id, key=f"{EVENT}/city/{code}", said_at=T0, body=body,
                when=instant(T0), place=square(*where), source="jma", marking=marking,
            )
        )  # fmt: skip
    writer.put([*records, *more])
    Models(writer, default_catalog()).catch_up()
    return store


def test_the_map_is_drawn_to_what_municipalities_tell() -> None:
    reader = hub().reader()
    (item,) = reader.every(SHAKE_MAPS.id)
    body = item.body()
    assert (body["observed"], body["event_id"], body["quake_kind"]) == (2, EVENT, "crustal")
    assert "気象庁の推計震度分布ではありません" in body["limits"]
    data = reader.blob(item, body["grid_digest"])
    grid, sigma = unpack(data, "intensity"), unpack(data, "intensity_sigma")
    strong, weak = (
        float(over_time(grid.values, grid.bounds, *at)[0]) for at in ((139.2, 35.0), (138.7, 35.1))
    )
    assert strong > 5.0 > weak
    near, far = (
        float(over_time(sigma.values, sigma.bounds, *at)[0])
        for at in ((139.2, 35.0), (139.9, 34.5))
    )
    assert near < far
    assert np.isfinite(grid.values).all()


@pytest.mark.parametrize("change", [{"magnitude": None}, {"magnitude": 3.9}, {"depth_km": None}])
def test_without_size_or_depth_there_is_no_map(change: dict[str, Any]) -> None:
    assert list(hub(**change).reader().every(SHAKE_MAPS.id)) == []


def test_a_withdrawn_quake_s_map_is_taken_back() -> None:
    store = stored()
    writer = Writer(store, now=lambda: T0 + timedelta(hours=2))
    (report,) = Service(store, default_catalog()).reader().every(QUAKE_REPORTS.id)
    writer.put([
        Record(
            collection=QUAKE_REPORTS.id, key=report.key, said_at=T0 + timedelta(minutes=5),
            when=instant(T0), body=msgspec.convert(report.body(), QuakeReport), source="jma",
            place=report.place(), retracts=True,
        )
    ])  # fmt: skip
    Models(writer, default_catalog()).catch_up()
    reader = Service(store, default_catalog()).reader()
    assert list(reader.every(QUAKES.id)) == []
    assert list(reader.every(SHAKE_MAPS.id)) == []


def test_a_quake_found_to_be_deeper_than_any_relation_loses_its_map() -> None:
    """Ogasawara, 30 May 2015: M 8.1 at 682 km; 600 km of the depth term are a factor of 190."""
    store = stored(magnitude=8.1, depth_km=100.0)
    assert len(list(Service(store, default_catalog()).reader().every(SHAKE_MAPS.id))) == 1
    writer = Writer(store, now=lambda: T0 + timedelta(hours=2))
    (report,) = Service(store, default_catalog()).reader().every(QUAKE_REPORTS.id)
    body = msgspec.convert(report.body(), QuakeReport)
    deeper = msgspec.structs.replace(body, depth_km=682.0)
    writer.put([
        Record(
            collection=QUAKE_REPORTS.id, key=report.key, said_at=T0 + timedelta(minutes=5),
            when=instant(T0), body=deeper, source="jma", place=report.place(),
        )
    ])  # fmt: skip
    Models(writer, default_catalog()).catch_up()
    reader = Service(store, default_catalog()).reader()
    (quake,) = reader.every(QUAKES.id)
    assert quake.body()["depth_km"] == 682.0
    assert list(reader.every(SHAKE_MAPS.id)) == []
    made = predict_shake(reader, {})
    assert [(p.code, p.path) for p in made.problems] == [("shake.deep", EVENT)]


def test_a_quake_smaller_than_any_that_was_fitted_says_so() -> None:
    (small,) = hub(magnitude=4.6).reader().every(SHAKE_MAPS.id)
    (fitted,) = hub().reader().every(SHAKE_MAPS.id)
    assert "Mw5.8〜8.3)の外" in small.body()["limits"]
    assert "の外です" not in fitted.body()["limits"]


def test_an_exercises_map_is_an_exercises() -> None:
    service = hub(Marking(Status.EXERCISE))
    assert list(service.reader().every(SHAKE_MAPS.id)) == []
    (item,) = service.reader(OPERATOR, status=frozenset({Status.EXERCISE})).every(SHAKE_MAPS.id)
    assert item.marking == Marking(Status.EXERCISE)


def test_the_type_follows_the_depth() -> None:
    assert [kind_of(depth) for depth in (10, 40, 100)] == ["crustal", "interface", "slab"]


def grid(service: Service, **status: Any) -> tuple[Any, dict[str, Any]]:
    reader = service.reader(**status)
    (item,) = reader.every(SHAKE_MAPS.id)
    return unpack(reader.blob(item, item.body()["grid_digest"]), "intensity"), item.body()


def import_ground(store: MemoryStore, avs30_m_s: float) -> None:
    """Format only: a mesh in J-SHIS's published layout; the ground is made up."""
    cells = np.full((320, 320), np.nan, np.float32)
    cells[:, 128:] = avs30_m_s
    data = encode({"5239": cells})
    payload = Payload(
        data=data, name="Z-V4-JAPAN-AMP-VS400_M250-5239.csv", address="x.csv", digest="0" * 64,
        taken_at=T0,
    )  # fmt: skip
    assert site_ground.detect(payload)
    parsed = site_ground.parse(payload, StoreGazetteer(store))
    writer = Writer(store, now=lambda: T0 + timedelta(hours=2))
    for blob in parsed.blobs:
        store.put_blob(blob)
    writer.put(parsed.records)
    Models(writer, default_catalog()).catch_up()


def test_soft_ground_that_is_imported_shakes_more_and_the_map_says_so() -> None:
    store = stored()
    service = Service(store, default_catalog())
    before, body = grid(service)
    assert body["ground_share"] == 0
    assert "地盤は一様" in body["limits"]
    import_ground(store, 150.0)
    after, body = grid(service)
    assert 0.01 < body["ground_share"] < 1
    assert "地盤は一様" not in body["limits"]
    inside, outside = (
        [float(over_time(g.values, g.bounds, *at)[0]) for g in (before, after)]
        for at in ((139.45, 34.9), (138.7, 34.8))
    )
    assert inside[1] > inside[0] + 0.2
    assert abs(outside[1] - outside[0]) < 0.3
    assert {item.marking.status for item in service.reader().every(SITE_GROUND.id)} == {
        Status.ACTUAL
    }


def stands(marking: Marking = OPEN) -> list[Record]:
    """A block of 1,000 people and 50 houses beside the epicentre."""
    return [
        Record(
            collection=POPULATION.id, key="b", said_at=T0, source="test", marking=marking,
            body=Block(name="b", municipality_code="9820100", people=1_000),
            place=square(139.0, 35.0),
        ),
        *(
            Record(
                collection=BUILDINGS.id, key=f"h{n}", said_at=T0, body=Building(kind="house"),
                source="test", place=point(139.0 + n / 10_000, 35.0), marking=marking,
            )
            for n in range(50)
        ),
    ]  # fmt: skip


def test_people_and_houses_are_counted_by_class() -> None:
    _, body = grid(hub(OPEN, *stands(), magnitude=7.2))
    assert sum(level["people"] for level in body["levels"]) == 1_000
    assert sum(level["buildings"] for level in body["levels"]) == 50
    assert body["levels"][0]["intensity"] == "7"
    assert 0 < body["destroyed_high"] <= 50
    assert body["destroyed_low"] < body["destroyed_high"]
    assert "1,000人" in body["told"]
    assert "1,000 people" in body["told_en"]
    nobody = grid(hub())[1]
    assert (nobody["levels"], nobody["destroyed_high"], nobody["told"]) == ([], None, "")


def test_an_exercises_people_count_in_no_actual_map() -> None:
    _, body = grid(hub(OPEN, *stands(Marking(Status.EXERCISE))))
    assert body["levels"] == []


@pytest.mark.parametrize(("kind", "less"), [("Mj", 0.171), ("M", 0.171), ("Mw", 0.0)])
def test_magnitudes_are_turned_as_jma_turns_them(kind: str, less: float) -> None:
    _, body = grid(hub(magnitude_type=kind))
    assert body["mw"] == pytest.approx(6.5 - less, abs=0.006)
