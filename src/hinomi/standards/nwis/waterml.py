"""WaterML 1.1 as the services' JSON has it."""

from __future__ import annotations

from datetime import datetime

import msgspec

from hinomi.kernel.errors import DataError, Problem
from hinomi.standards.nwis.words import (
    Gauge,
    Series,
    Snapshot,
    Value,
    check_position,
    check_year,
    number,
    problem,
)

HEAD_BYTES = 8192


class _Code(msgspec.Struct):
    value: str
    agencyCode: str = ""  # noqa: N815
    network: str = ""


class _Point(msgspec.Struct):
    longitude: float
    latitude: float


class _Location(msgspec.Struct):
    geogLocation: _Point | None = None  # noqa: N815


class _Property(msgspec.Struct):
    name: str = ""
    value: str = ""


class _Site(msgspec.Struct):
    siteCode: list[_Code]  # noqa: N815
    siteName: str = ""  # noqa: N815
    geoLocation: _Location = msgspec.field(default_factory=_Location)  # noqa: N815
    siteProperty: list[_Property] = []  # noqa: N815


class _Unit(msgspec.Struct):
    unitCode: str = ""  # noqa: N815


class _Variable(msgspec.Struct):
    variableCode: list[_Code]  # noqa: N815
    unit: _Unit = msgspec.field(default_factory=_Unit)
    noDataValue: float | None = None  # noqa: N815


class _Value(msgspec.Struct):
    value: str
    dateTime: str  # noqa: N815
    qualifiers: list[str] | str = []


class _Method(msgspec.Struct):
    methodID: int | None = None  # noqa: N815


class _Values(msgspec.Struct):
    value: list[_Value] = []
    method: list[_Method] = []


class _TimeSeries(msgspec.Struct):
    sourceInfo: _Site  # noqa: N815
    variable: _Variable
    values: list[_Values] = []


class _Response(msgspec.Struct):
    timeSeries: list[msgspec.Raw]  # noqa: N815


class _File(msgspec.Struct):
    value: _Response


_FILE = msgspec.json.Decoder(_File)
_SERIES = msgspec.json.Decoder(_TimeSeries)


def looks_like(data: bytes) -> bool:
    """Tell whether a file's first bytes are the services' JSON."""
    head = data[:HEAD_BYTES].lstrip()
    return head[:1] == b"{" and b'"timeSeries"' in head and b'"sourceInfo"' in head


def decode(data: bytes) -> Snapshot:
    """Return gauges and values.

    Raises:
        DataError: it is no JSON with ``value.timeSeries``.
    """
    try:
        file = _FILE.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DataError([problem("nwis.unreadable", "", str(error), "WaterML as JSON")]) from None
    gauges: dict[str, tuple[str, Gauge]] = {}
    series: list[tuple[str, Series]] = []
    problems: list[Problem] = []
    for index, raw in enumerate(file.value.timeSeries):
        path = f"/value/timeSeries[{index}]"
        try:
            told = _SERIES.decode(raw)
            gauge = _gauge(told.sourceInfo)
        except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
            problems.append(problem("nwis.series", path, str(error), "a site and its values"))
            continue
        gauges.setdefault(gauge.number, (path, gauge))
        for at, values in enumerate(told.values):
            series.append((path, _series(told, gauge, values, f"{path}/values[{at}]", problems)))
    return Snapshot(gauges=tuple(gauges.values()), series=tuple(series), problems=tuple(problems))


def _gauge(site: _Site) -> Gauge:
    if not site.siteCode:
        raise ValueError("the site has no number")
    code = site.siteCode[0]
    where = site.geoLocation.geogLocation
    if where is not None:
        check_position(where.longitude, where.latitude)
    told = {p.name: p.value for p in site.siteProperty}
    return Gauge(
        number=code.value,
        agency=code.agencyCode,
        name=site.siteName,
        kind=told.get("siteTypeCd", ""),
        longitude=where.longitude if where else None,
        latitude=where.latitude if where else None,
        county=told.get("countyCd", ""),
        basin=told.get("hucCd", ""),
    )


def _series(
    told: _TimeSeries, gauge: Gauge, values: _Values, path: str, problems: list[Problem]
) -> Series:
    found: list[Value] = []
    for index, row in enumerate(values.value):
        try:
            at = check_year(datetime.fromisoformat(row.dateTime))
            value = number(row.value, told.variable.noDataValue)
        except ValueError as error:
            where = f"{path}/value[{index}]"
            problems.append(problem("nwis.value", where, str(error), "a number and a time"))
            continue
        given = row.qualifiers
        found.append(Value(at, value, (given,) if isinstance(given, str) else tuple(given)))
    methods = [m.methodID for m in values.method if m.methodID is not None]
    codes = told.variable.variableCode
    return Series(
        number=gauge.number,
        parameter=codes[0].value if codes else "",
        unit=told.variable.unit.unitCode,
        method=str(methods[0]) if methods else "",
        values=tuple(found),
    )
