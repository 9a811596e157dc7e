"""Which series there are, and each one's latest reading."""

# ruff: noqa: S608 - only names from this package are written into SQL; values are bound
from __future__ import annotations

from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

import msgspec

from hinomi.kernel.geometry import BBox
from hinomi.kernel.marking import Marking
from hinomi.kernel.records import Reading, Series
from hinomi.kernel.store import Latest
from hinomi.stores.cells import ranges
from hinomi.stores.questions import Named
from hinomi.stores.sqlite.link import Link

define = lru_cache(maxsize=65_536)(msgspec.json.Decoder(Series).decode)
"""A series by its stored definition."""
_ORDER = "s.name, s.source, s.marking"


def find_series(
    link: Link,
    collection: str,
    visible: frozenset[Marking],
    bbox: BBox | None,
    named: Named,
) -> list[Latest]:
    """Return the collection's series, those named (ids, things) if any are, by id."""
    if named.since is not None and named.ids is None and named.things is None and bbox is None:
        return _changed(link, collection, visible, named.since)
    conditions, values = chosen(link, collection, visible, bbox)
    for column, wanted in (("name", named.ids), ("thing", named.things)):
        if wanted is not None:
            conditions += f" AND s.{column} IN (SELECT value FROM json_each(?))"
            values.append(msgspec.json.encode(list(wanted)).decode())
    if named.since is not None:
        conditions += " AND max(coalesce(t.batch, 0), s.touched) > ?"
        values.append(named.since)
    return [
        Latest(define(row[0]), None if row[1] is None else reading_of(row[1:]))
        for row in link.rows(
            "SELECT s.definition, t.time, t.value, t.quality, t.batch FROM series s"
            f" LEFT JOIN latest t ON t.series = s.id WHERE {conditions} ORDER BY {_ORDER}",
            values,
        )
    ]


def _changed(link: Link, collection: str, visible: frozenset[Marking], since: int) -> list[Latest]:
    """Return all that changed, by id: what maps ask after every append.

    A look at the series' table and their definitions takes three times as long as the latest
    readings alone, so a link holds the series until one of them is defined anew.
    """
    with link.snapshot():
        known = _known(link, collection, visible)
        found = link.rows(
            "SELECT time, value, quality, batch, series FROM latest WHERE batch > ?1 UNION ALL"
            " SELECT t.time, t.value, t.quality, t.batch, s.id FROM series s"
            " LEFT JOIN latest t ON t.series = s.id"
            " WHERE s.touched > ?1 AND coalesce(t.batch, 0) <= ?1",
            (since,),
        )
    ranks = list(map(known.ranks.get, map(itemgetter(4), found)))
    if None in ranks or ranks != sorted(ranks):  # type: ignore[type-var]
        pairs = [(rank, row) for rank, row in zip(ranks, found, strict=True) if rank is not None]
        pairs.sort(key=itemgetter(0))
        ranks, found = [rank for rank, _ in pairs], [row for _, row in pairs]
    series = map(known.series.__getitem__, ranks)  # type: ignore[arg-type]
    try:
        # Compiled: a third of what a call for each reading costs.
        return list(map(Latest, series, msgspec.convert(found, list[Reading])))
    except msgspec.ValidationError:  # One has no reading yet, or none with a value.
        series = map(known.series.__getitem__, ranks)  # type: ignore[arg-type]
        readings = (None if row[0] is None else reading_of(row[:4]) for row in found)
        return list(map(Latest, series, readings))


class Known(NamedTuple):
    """A collection's series as they were defined at a position, by id, and their places there."""

    position: int
    series: list[Series]
    ranks: dict[int, int]


def _known(link: Link, collection: str, visible: frozenset[Marking]) -> Known:
    held = link.series.get((collection, visible))
    if held is None or link.value("SELECT 1 FROM series WHERE touched > ?", (held.position,)):
        conditions, values = chosen(link, collection, visible, None)
        rows = link.rows(
            f"SELECT s.id, s.definition FROM series s WHERE {conditions} ORDER BY {_ORDER}", values
        )
        held = Known(
            link.value("SELECT max(position) FROM step") or 0,
            [define(definition) for _, definition in rows],
            {number: rank for rank, (number, _) in enumerate(rows)},
        )
        if len(link.series) >= MOST_HELD:
            link.series.clear()
        link.series[collection, visible] = held
    return held


MOST_HELD = 8
"""Collections and circles of markings that one link holds the series of."""


def chosen(
    link: Link, collection: str, visible: frozenset[Marking], bbox: BBox | None
) -> tuple[str, list[Any]]:
    """Return the SQL condition for a collection's series that may be seen, within the box."""
    markings = link.listed(visible)
    conditions = f"s.collection = ? AND s.marking IN ({markings})"
    values: list[Any] = [link.number(collection)]
    if bbox is None:
        return conditions, values
    west, south, east, north = bbox
    found = ranges(bbox, [0])
    # Ranges in OR make SQLite walk the whole collection: each is a search of its own.
    inside = (
        "SELECT i.id FROM"
        f" (VALUES {', '.join(['(?, ?)'] * len(found))}) CROSS JOIN series i"
        " WHERE i.collection = ? AND i.cell BETWEEN column1 AND column2"
    )
    across = "AND" if west <= east else "OR"
    conditions = f"s.id IN ({inside}) AND s.marking IN ({markings}) AND s.latitude BETWEEN ? AND ?"
    conditions += f" AND (s.longitude >= ? {across} s.longitude <= ?)"
    values = [limit for pair in found for limit in pair] + values + [south, north, west, east]
    return conditions, values


def reading_of(row: tuple[Any, ...]) -> Reading:
    """Return a row (time, value, quality, batch) as a reading; SQLite holds NaN as NULL."""
    time, value, quality, batch = row
    return Reading(time, float("nan") if value is None else value, quality, batch)
