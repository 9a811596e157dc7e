"""Hypothesis strategies for statements, lists, readings and questions: a small, crowded world.

Few keys, sources, markings and times, so that statements meet, repeat, contradict and overtake
each other often.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from hypothesis import strategies as st

from hinomi.kernel.filters import (
    And,
    Between,
    Compare,
    Constant,
    Filter,
    In,
    IsNull,
    Like,
    Not,
    Or,
    Property,
    Spatial,
    Temporal,
    Value,
)
from hinomi.kernel.geometry import Geometry, point
from hinomi.kernel.marking import OPEN, Disclosure, Marking, Status
from hinomi.kernel.records import (
    EPOCH,
    Complete,
    Interval,
    Origin,
    Reading,
    Readings,
    Record,
    Series,
)

START = datetime(2026, 6, 1, tzinfo=UTC)
COLLECTION, SERIES = "test.sightings", "test.levels"
MARKINGS = (
    OPEN,
    Marking(Status.ACTUAL, Disclosure.GREEN),
    Marking(Status.ACTUAL, Disclosure.AMBER, ("town",)),
    Marking(Status.EXERCISE),
)
KEYS = ("a1", "a2", "a21", "b1", "b2", "水位")
SOURCES = ("jma", "town")


class Sighting(msgspec.Struct, frozen=True):
    """A body with a property of each kind that can be filtered on, and some that cannot."""

    number: int | float | None = None
    name: str | None = None
    flag: bool | None = None
    seen_at: datetime | None = None
    parts: list[int] = []


def _ring(west: float, south: float, size: float, sides: int = 4) -> Geometry:
    edge = [[west + size * n / sides, south] for n in range(sides)]
    corners = [[west + size, south], [west + size, south + size], [west, south + size]]
    return {"type": "Polygon", "coordinates": [[*edge, *corners, [west, south]]]}


PLACES: tuple[Geometry | None, ...] = (
    None,
    point(139.7, 35.6),
    point(139.7000001, 35.6),
    point(-180.0, -90.0),
    point(180.0, 90.0),
    point(179.5, 10.0),
    {"type": "MultiPoint", "coordinates": [[130.0, 30.0], [140.0, 40.0]]},
    {"type": "LineString", "coordinates": [[138.0, 34.0], [140.0, 36.0]]},
    # A triangle whose box touches more than it does.
    {"type": "Polygon", "coordinates": [[[130, 30], [140, 30], [130, 40], [130, 30]]]},
    _ring(139.0, 35.0, 1.0),
    _ring(120.0, 20.0, 30.0, sides=200),
    _ring(-179.0, -10.0, 2.0),
    {"type": "GeometryCollection", "geometries": []},
)
BOXES = (
    (139.5, 35.5, 139.9, 35.7),
    (138.0, 38.0, 140.0, 40.0),
    (139.7, 35.6, 139.7, 35.6),
    (-180.0, -90.0, 180.0, 90.0),
    (179.0, -20.0, -178.0, 20.0),
    (150.0, 0.0, 151.0, 1.0),
    (125.0, 25.0, 126.0, 26.0),
)

moments = st.integers(0, 9).map(lambda n: START + timedelta(minutes=n))
spans = st.one_of(
    st.just((None, None)),
    moments.map(lambda t: (t, None)),
    moments.map(lambda t: (None, t)),
    moments.map(lambda t: (t, t)),
    st.tuples(moments, st.sampled_from((1, 90, 7200))).map(
        lambda pair: (pair[0], pair[0] + timedelta(seconds=pair[1]))
    ),
)
markings = st.sampled_from(MARKINGS)
visible = st.sets(markings, min_size=1).map(frozenset)
bodies = st.builds(
    Sighting,
    number=st.sampled_from((None, 0, 1, 2.5, -3)),
    name=st.sampled_from((None, "", "a", "ab", "A%b", "川", "[x]*?")),
    flag=st.sampled_from((None, True, False)),
    seen_at=st.none() | moments,
    parts=st.just([]),
)
origins = st.sampled_from(("x", "y", "z")).map(lambda name: Origin(address=name))
records: st.SearchStrategy[Record] = st.builds(
    Record,
    collection=st.just(COLLECTION),
    key=st.sampled_from(KEYS),
    said_at=moments,
    body=bodies,
    source=st.sampled_from(SOURCES),
    when=spans.map(lambda pair: Interval(*pair)),
    place=st.sampled_from(PLACES),
    origin=origins,
    marking=markings,
    serial=st.integers(0, 1),
    rank=st.sampled_from((0, 0, -1)),
    retracts=st.sampled_from((False, False, False, True)),
)
lists: st.SearchStrategy[Complete] = st.builds(
    Complete,
    collection=st.just(COLLECTION),
    source=st.sampled_from(SOURCES),
    said_at=moments,
    covers=st.lists(st.sampled_from((*KEYS, "*", "a*", "a2*")), max_size=2).map(tuple),
    keys=st.lists(st.sampled_from(KEYS), max_size=2).map(tuple),
    marking=markings,
    origin=origins,
)
series: st.SearchStrategy[Series] = st.builds(
    Series,
    id=st.sampled_from(("levels.1", "levels.2", "levels.3")),
    collection=st.sampled_from((SERIES, SERIES, "test.rain")),
    thing=st.sampled_from(KEYS),
    property=st.just("level_m"),
    unit=st.just("m"),
    source=st.sampled_from(SOURCES),
    longitude=st.sampled_from((None, 139.7, 179.5, -179.5)),
    latitude=st.sampled_from((35.6, 0.0)),
    marking=st.sampled_from((OPEN, MARKINGS[3])),
)


@st.composite
def batches(draw: st.DrawFn) -> Readings:
    """A batch of readings of one or two series, in any order, with repeats."""
    several = draw(st.lists(series, min_size=1, max_size=2))
    rows = draw(
        st.lists(
            st.tuples(
                st.integers(0, len(several) - 1),
                st.integers(0, 5),
                st.sampled_from((0.0, 1.0, 2.5)),
                st.integers(0, 1),
            ),
            max_size=6,
        )
    )
    return Readings(series=tuple(several), rows=rows)


_names = st.sampled_from(
    ("number", "name", "flag", "seen_at", "parts", "said_at", "source", "start", "nothing", "id")
).map(Property)
_values: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from((0, 1, 2.5, -3, True, False, "", "a", "ab", "川", "jma", "a1", 10**20)),
    moments,
    moments.map(lambda t: t.date()),
    moments.map(lambda t: t.isoformat().replace("+00:00", "Z")),
)
_operands = st.one_of(_names, _names, _values.map(Value))
_patterns = st.sampled_from(("%", "a%", "%b", "_", "A\\%b", "a_", "%[%", "%*_", "", "\\"))
_areas = st.sampled_from([p for p in PLACES if p is not None])
_leaves: st.SearchStrategy[Filter] = st.one_of(
    st.builds(Compare, st.sampled_from(("=", "<>", "<", "<=", ">", ">=")), _operands, _operands),
    st.builds(Like, _names, _patterns),
    st.builds(Between, _operands, _operands, _operands),
    st.builds(In, _operands, st.lists(_values, max_size=4).map(tuple)),
    st.builds(IsNull, st.one_of(_names, st.just(Property("geometry")))),
    st.builds(Spatial, st.sampled_from(("intersects", "within", "contains", "disjoint")), _areas),
    st.builds(
        lambda op, name, span: Temporal(op, name, span[0] or span[1] or START, span[1]),
        st.sampled_from(("after", "before", "equals", "during", "intersects")),
        _names,
        spans,
    ),
    st.builds(Constant, st.booleans()),
)
filters: st.SearchStrategy[Filter] = st.recursive(
    _leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda args: And(tuple(args))),
        st.lists(inner, max_size=3).map(lambda args: Or(tuple(args))),
        inner.map(Not),
    ),
    max_leaves=5,
)


def question(newest: int) -> st.SearchStrategy[dict[str, Any]]:
    """The fields of a Query about :data:`COLLECTION`, with positions up to the newest."""
    return st.fixed_dictionaries(
        {"collection": st.just(COLLECTION), "visible": visible},
        optional={
            "bbox": st.sampled_from(BOXES),
            "when": st.tuples(st.none() | moments, st.none() | moments).map(_ordered),
            "as_of": st.integers(0, newest),
            "filter": filters,
            "keys": st.lists(st.sampled_from(KEYS), max_size=3).map(tuple),
            "sources": st.lists(st.sampled_from(SOURCES), max_size=2).map(tuple),
            "beside": st.booleans(),
            "limit": st.integers(1, 4),
        },
    )


def _ordered(
    span: tuple[datetime | None, datetime | None],
) -> tuple[datetime | None, datetime | None]:
    start, end = span
    return (end, start) if start is not None and end is not None and start > end else span


__all__ = ["EPOCH", "Reading", "batches", "filters", "lists", "question", "records", "series"]
