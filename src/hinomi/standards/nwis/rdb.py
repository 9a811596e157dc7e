"""RDB: tab-separated tables of the site service and of the instantaneous values.

Comment lines begin with ``#``; then names, then widths (``15s``), then rows. A values file may hold
several tables, one a site. Its columns are ``<series>_<parameter>``, its qualifiers
``<series>_<parameter>_cd``; times are local, the zone's abbreviation stands in ``tz_cd``.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

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

HEAD_BYTES = 16384
UNITS = {"00060": "ft3/s", "00065": "ft"}
"""Parameter codes of NWIS: RDB states no unit."""
ZONES = {
    "UTC": 0, "GMT": 0, "AST": -4, "ADT": -3, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5,
    "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "AKST": -9, "AKDT": -8, "HST": -10, "SST": -11,
    "GST": 10, "ChST": 10,
}  # fmt: skip
"""Hours from UTC of the zones that USGS uses; GST is Guam's."""
_COLUMN = re.compile(r"(\d+)_(\d{5})(?:_\d{5})?")
_WIDTH = re.compile(r"\d+[snd]")
_WORDS = {"Ice", "Eqp", "Mnt", "Ssn", "Bkw", "Dis", "Dry", "Fld", "Rat", "***", "Tst", "Pr", "--"}


def looks_like(data: bytes) -> bool:
    """Tell whether a file's first bytes are RDB of NWIS: comments, then a site's number."""
    head = data[:HEAD_BYTES].lstrip()
    return head[:1] == b"#" and b"site_no" in head and b"\tsite_no\t" in data[:200_000]


def decode(data: bytes) -> Snapshot:
    """Return gauges and values.

    Raises:
        DataError: there is no table.
    """
    gauges: dict[str, tuple[str, Gauge]] = {}
    values: dict[tuple[str, str, str], list[Value]] = {}
    places: dict[tuple[str, str, str], str] = {}
    problems: list[Problem] = []
    header: list[str] = []
    for line_number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
        cells = line.split("\t")
        if line.startswith("#") or not line.strip() or all(map(_WIDTH.fullmatch, cells)):
            continue
        if "site_no" in cells:
            header = cells
            continue
        path = f"/line[{line_number}]"
        row = dict(zip(header, cells, strict=False))
        if "station_nm" in row:
            try:
                gauge = _gauge(row)
                gauges[gauge.number] = (path, gauge)
            except (KeyError, ValueError) as error:
                problems.append(problem("nwis.site", path, str(error), "a number and a position"))
        for key, value in _values(row, path, problems):
            values.setdefault(key, []).append(value)
            places.setdefault(key, path)
    if not header:
        raise DataError([problem("nwis.unreadable", "", "no table", "a column site_no")])
    series = [
        (
            places[key],
            Series(
                number=key[0],
                parameter=key[2],
                unit=UNITS.get(key[2], ""),
                method=key[1],
                values=tuple(rows),
            ),
        )
        for key, rows in values.items()
    ]
    return Snapshot(gauges=tuple(gauges.values()), series=tuple(series), problems=tuple(problems))


def _gauge(row: dict[str, str]) -> Gauge:
    longitude, latitude = row.get("dec_long_va", ""), row.get("dec_lat_va", "")
    placed = bool(longitude.strip() and latitude.strip())
    if placed:
        check_position(float(longitude), float(latitude))
    return Gauge(
        number=row["site_no"].strip(),
        agency=row.get("agency_cd", "").strip(),
        name=row["station_nm"].strip(),
        kind=row.get("site_tp_cd", "").strip(),
        longitude=float(longitude) if placed else None,
        latitude=float(latitude) if placed else None,
        basin=row.get("huc_cd", "").strip(),
    )


def _values(
    row: dict[str, str], path: str, problems: list[Problem]
) -> list[tuple[tuple[str, str, str], Value]]:
    stated = {c: m for c in row if (m := _COLUMN.fullmatch(c))}
    if not stated or "datetime" not in row:
        return []
    try:
        at = _time(row["datetime"], row.get("tz_cd", ""))
    except ValueError as error:
        problems.append(problem("nwis.value", path, str(error), "a time and its zone"))
        return []
    found = []
    for column, match in stated.items():
        cell = row[column].strip()
        marks = tuple(row.get(f"{column}_cd", "").replace(":", " ").split())
        if not cell:
            continue
        try:
            # The words (Ice, Eqp …) stand where the number would.
            value = None if cell in _WORDS else number(cell, -999999.0)
        except ValueError as error:
            problems.append(problem("nwis.value", path, str(error), "a number"))
            continue
        words = (cell, *marks) if cell in _WORDS else marks
        found.append(((row["site_no"].strip(), match[1], match[2]), Value(at, value, words)))
    return found


def _time(text: str, zone: str) -> datetime:
    if zone not in ZONES:
        raise ValueError(f"the zone {zone!r} is not known")
    here = timezone(timedelta(hours=ZONES[zone]))
    return check_year(datetime.fromisoformat(text).replace(tzinfo=here))
