"""USGS's water gauges (NWIS): stations and readings, in metres and cubic metres."""

from __future__ import annotations

import re

import msgspec

from hinomi.domains.hazards.collections.world_gauges import (
    WORLD_GAUGES,
    WORLD_LEVELS,
    WorldGauge,
)
from hinomi.kernel.errors import Problem, Text
from hinomi.kernel.geometry import point
from hinomi.kernel.ports import Feed, Gazetteer, Parsed, Payload, Source
from hinomi.kernel.records import (
    ESTIMATED,
    GOOD,
    SUSPECT,
    UNCHECKED,
    Origin,
    Readings,
    Record,
    Series,
    micros,
)
from hinomi.standards import nwis

FOOT_M = 0.3048
"""The international foot, exactly."""


class _Measure(msgspec.Struct, frozen=True):
    property: str
    unit: str
    """UCUM."""
    stated: str
    factor: float


MEASURES: dict[str, _Measure] = {
    "00065": _Measure("level_m", "m", "ft", FOOT_M),
    "00060": _Measure("discharge_m3_s", "m3/s", "ft3/s", FOOT_M**3),
}
"""NWIS's parameter codes that are taken: gauge height, discharge."""
_SUSPECT = {"Eqp", "Mnt", "Bkw", "Ice", "Fld", "Rat", "Dis", "Tst", "***"}
"""USGS instantaneous-value remark codes by which a number is there and not to be relied on."""
_NUMBER = re.compile(r"[A-Za-z0-9-]{1,40}")


def quality_of(qualifiers: tuple[str, ...]) -> int:
    """Return the quality that USGS's remark codes say.

    Example:
        >>> quality_of(("A",)) == GOOD, quality_of(("P", "e")) == ESTIMATED
        (True, True)
    """
    words = set(qualifiers)
    if words & _SUSPECT:
        return SUSPECT
    if "e" in words or "A:e" in words or "P:e" in words:
        return ESTIMATED
    return GOOD if "A" in words or "R" in words else UNCHECKED


def parse(payload: Payload, gazetteer: Gazetteer) -> Parsed:  # noqa: ARG001 - the port's shape
    """Return the gauges and the readings of level and discharge; other parameters are noted."""
    snapshot = nwis.decode(payload.data)
    parsed = Parsed(kind="nwis", problems=list(snapshot.problems))
    gauges = {}
    for path, gauge in snapshot.gauges:
        if not _NUMBER.fullmatch(gauge.number):
            parsed.problems.append(_strange("nwis.number", path, gauge.number))
            continue
        gauges[gauge.number] = gauge
        parsed.records.append(_station(gauge, payload, path))
    _read(snapshot, gauges, payload, parsed)
    return parsed


def _station(gauge: nwis.Gauge, payload: Payload, path: str) -> Record:
    placed = gauge.longitude is not None and gauge.latitude is not None
    return Record(
        collection=WORLD_GAUGES.id,
        key=f"usgs-{gauge.number}",
        # A list states no time: of one day it is one statement, however often it is polled.
        said_at=payload.taken_at.replace(hour=0, minute=0, second=0, microsecond=0),
        body=WorldGauge(
            name=gauge.name,
            agency=gauge.agency,
            number=gauge.number,
            kind=gauge.kind,
            county=gauge.county,
            basin=gauge.basin,
            link=f"https://waterdata.usgs.gov/monitoring-location/{gauge.number}/",
        ),
        source="usgs-nwis",
        place=point(gauge.longitude, gauge.latitude) if placed else None,  # type: ignore[arg-type]
        origin=Origin(payload.digest, payload.address, path),
    )


def _read(
    snapshot: nwis.Snapshot, gauges: dict[str, nwis.Gauge], payload: Payload, parsed: Parsed
) -> None:
    series: list[Series] = []
    rows: list[tuple[int, int, float, int]] = []
    left_out: set[str] = set()
    used: set[tuple[str, str]] = set()
    for path, told in snapshot.series:
        measure = MEASURES.get(told.parameter)
        if measure is None:
            left_out.add(told.parameter)
            continue
        if told.unit != measure.stated or not _NUMBER.fullmatch(told.number):
            parsed.problems.append(_strange("nwis.unit", path, f"{told.number} {told.unit}"))
            continue
        # A second method beside the first is a series of its own.
        first = (told.number, told.parameter) not in used
        used.add((told.number, told.parameter))
        method = "" if first else f".{told.method}"
        series.append(_series(told, measure, method, gauges.get(told.number)))
        for read in told.values:
            if read.value is not None:
                value = round(read.value * measure.factor, 6)
                rows.append((len(series) - 1, micros(read.at), value, quality_of(read.qualifiers)))
    if left_out:
        parsed.problems.append(_others(left_out))
    if rows:
        origin = Origin(payload.digest, payload.address)
        parsed.readings.append(Readings(series=tuple(series), rows=rows, origin=origin))


def _series(told: nwis.Series, measure: _Measure, method: str, gauge: nwis.Gauge | None) -> Series:
    return Series(
        id=f"{WORLD_LEVELS.id}.usgs-{told.number}.{measure.property}{method}",
        collection=WORLD_LEVELS.id,
        thing=f"usgs-{told.number}",
        property=measure.property,
        unit=measure.unit,
        source="usgs-nwis",
        title=gauge.name if gauge else told.number,
        longitude=gauge.longitude if gauge else None,
        latitude=gauge.latitude if gauge else None,
    )


def _strange(code: str, path: str, found: str) -> Problem:
    return Problem(
        code,
        path,
        Text("観測所番号か単位が違います。", "The site's number or the unit is not as expected."),
        found=found[:60],
        expected="a number of digits; ft for 00065, ft3/s for 00060",
    )


def _others(parameters: set[str]) -> Problem:
    return Problem(
        "nwis.parameters",
        "",
        Text("水位と流量のほかの項目は読みません。", "Only level and discharge are read."),
        "note",
        found=", ".join(sorted(parameters))[:200],
        expected=", ".join(MEASURES),
    )


SOURCE = Source(
    id="usgs-nwis",
    title=Text("海外の水位計(USGS NWIS)", "Gauges abroad (USGS NWIS)"),
    gives=(WORLD_GAUGES.id, WORLD_LEVELS.id),
    licence="public domain",
    reference="https://waterservices.usgs.gov/docs/instantaneous-values/",
    detect=lambda payload: nwis.looks_like(payload.data),
    parse=parse,
    feeds=(
        Feed(url="https://waterservices.usgs.gov/nwis/iv/", every_s=900),
        Feed(url="https://waterservices.usgs.gov/nwis/site/", every_s=86_400),
        Feed(url="https://waterservices.usgs.gov/", every_s=3600),
    ),
)
"""Readings are made every 15 minutes and sent hourly (waterservices.usgs.gov/docs, Instantaneous
Values); in floods stations send more often. A list of stations changes by the day."""
