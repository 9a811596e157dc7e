"""Questions to the readings: series with their latest, and rows by series and time."""

# ruff: noqa: S608 - only names from this package are written into SQL; values are bound
from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec

from hinomi.kernel.geometry import BBox
from hinomi.kernel.marking import Marking
from hinomi.kernel.records import Reading, Series
from hinomi.kernel.store import Latest
from hinomi.stores.cells import ranges
from hinomi.stores.postgres.link import Link, cleaned
from hinomi.stores.questions import Bounds, Named

_define = lru_cache(maxsize=65_536)(msgspec.json.Decoder(Series).decode)


def series(
    link: Link,
    collection: str,
    visible: frozenset[Marking],
    bbox: BBox | None,
    named: Named,
) -> list[Latest]:
    """Return the collection's series, those named (ids, things) if any are, by id."""
    conditions, values = _chosen(link, collection, visible, bbox)
    for column, wanted in (("name", named.ids), ("thing", named.things)):
        if wanted is not None:
            conditions += f" AND s.{column} = ANY(%s::text[])"
            values.append([cleaned(name) for name in wanted])
    if named.since is not None:
        conditions += " AND (s.touched > %s OR t.batch > %s)"
        values += [named.since, named.since]
    return [
        Latest(_define(definition), None if reading[0] is None else Reading(*reading))
        for definition, *reading in link.rows(
            "SELECT s.definition, t.time, t.value, t.quality, t.batch FROM series s"
            f" LEFT JOIN latest t ON t.series = s.id WHERE {conditions}"
            " ORDER BY s.name, s.source, s.marking",
            values,
        )
    ]


def _chosen(
    link: Link, collection: str, visible: frozenset[Marking], bbox: BBox | None
) -> tuple[str, list[Any]]:
    conditions = "s.collection = %s AND s.marking = ANY(%s)"
    values: list[Any] = [link.number(collection), link.listed(visible)]
    if bbox is None:
        return conditions, values
    west, south, east, north = map(float, bbox)
    inside = " OR ".join(["s.cell BETWEEN %s AND %s"] * len(found := ranges(bbox, [0])))
    across = "AND" if west <= east else "OR"
    conditions += f" AND ({inside}) AND s.latitude BETWEEN %s AND %s"
    conditions += f" AND (s.longitude >= %s {across} s.longitude <= %s)"
    values += [*(limit for pair in found for limit in pair), south, north, west, east]
    return conditions, values


def _within(bounds: Bounds) -> tuple[str, list[int]]:
    conditions, values = "", []
    for condition, bound in (
        (" AND r.time >= %s", bounds.start),
        (" AND r.time < %s", bounds.end),
        (" AND r.batch <= %s", bounds.as_of),
    ):
        if bound is not None:
            conditions += condition
            values.append(bound)
    return conditions, values


def readings(
    link: Link, name: str, visible: frozenset[Marking], bounds: Bounds, limit: int
) -> list[Reading]:
    """Return the readings in [start, end) in time order, each time's latest row.

    Of several series of one name (sources, markings) a time's newest batch counts.
    """
    numbers = link.rows(
        "SELECT id FROM series WHERE name = %s AND marking = ANY(%s) ORDER BY id",
        (cleaned(name), link.listed(visible)),
    )
    conditions, values = _within(bounds)
    rows = link.rows(
        "SELECT DISTINCT ON (r.time) r.time, r.value, r.quality, r.batch FROM reading r"
        f" WHERE r.series = ANY(%s){conditions} ORDER BY r.time, r.batch DESC, r.series LIMIT %s",
        ([number for (number,) in numbers], *values, limit),
    )
    return [Reading(*row) for row in rows]


def readings_in(
    link: Link,
    area: tuple[str, BBox],
    visible: frozenset[Marking],
    bounds: Bounds,
    limit: int,
) -> list[tuple[str, Reading]]:
    """Return (series id, reading) of the series in the box, by series, then time."""
    conditions, values = _chosen(link, area[0], visible, area[1])
    named: dict[int, str] = dict(
        link.rows(f"SELECT s.id, s.name FROM series s WHERE {conditions}", values)
    )
    within, limits = _within(bounds)
    numbers = sorted(named, key=lambda number: (named[number], number))
    rows = link.rows(
        "SELECT DISTINCT ON (w.place, r.time) r.series, r.time, r.value, r.quality, r.batch"
        " FROM unnest(%s::int[], %s::int[]) AS w (series, place)"
        f" JOIN reading r ON r.series = w.series WHERE true{within}"
        " ORDER BY w.place, r.time, r.batch DESC, r.series LIMIT %s",
        (numbers, _ranks([named[number] for number in numbers]), *limits, limit),
    )
    return [(named[row[0]], Reading(*row[1:])) for row in rows]


def _ranks(names: list[str]) -> list[int]:
    ranks: dict[str, int] = {}
    return [ranks.setdefault(name, len(ranks)) for name in names]
