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
    Intensity,
    QuakeReport,
)
from hinomi.domains.hazards.collections.shake_maps import SHAKE_MAPS
from hinomi.domains.hazards.predict_shake import kind_of
from hinomi.kernel.marking import OPEN, OPERATOR, Marking, Status
from hinomi.kernel.records import Record, instant
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.models import Models
from hinomi.runtime.service import Service
from hinomi.runtime.writer import Writer
from hinomi.science.coverages import over_time, unpack
from hinomi.stores.memory import MemoryStore

T0 = datetime(2026, 9, 1, tzinfo=UTC)
EVENT = "20260901000000"


def square(longitude: float, latitude: float) -> dict[str, Any]:
    w, s, e, n = longitude - 0.05, latitude - 0.05, longitude + 0.05, latitude + 0.05
    return {"type": "Polygon", "coordinates": [[[w, s], [e, s], [e, n], [w, n], [w, s]]]}


def hub(marking: Marking = OPEN, **change: Any) -> Service:
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
    writer.put(records)
    Models(writer, default_catalog()).catch_up()
    return Service(store, default_catalog())


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


def test_an_exercises_map_is_an_exercises() -> None:
    service = hub(Marking(Status.EXERCISE))
    assert list(service.reader().every(SHAKE_MAPS.id)) == []
    (item,) = service.reader(OPERATOR, status=frozenset({Status.EXERCISE})).every(SHAKE_MAPS.id)
    assert item.marking == Marking(Status.EXERCISE)


def test_the_type_follows_the_depth() -> None:
    assert [kind_of(depth) for depth in (10, 40, 100)] == ["crustal", "interface", "slab"]
