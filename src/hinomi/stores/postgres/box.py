"""Pages of a plain box, what maps ask all the time: they go on by place and end when they are full.

Features alone come from an index that holds them (``record_page``), asked straight through libpq;
whole records by a function in the database. Both range over the same cells in the same order.
"""

# ruff: noqa: S608 - only names from this package are written into SQL; values are bound
from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from hinomi.kernel.geometry import BBox
from hinomi.kernel.store import Features, Query
from hinomi.stores import cells
from hinomi.stores.postgres.direct import Direct, Statement, listed, number_of
from hinomi.stores.postgres.link import Link
from hinomi.stores.postgres.schema import PLAIN, REST
from hinomi.stores.statements import foreign_token, page_token, token_place

_KINDS: dict[str, tuple[type, ...]] = {"place": (int, int), "key": (str, int, int)}
_FIRST = -1
_SQUARES = 100
"""A range more costs the index 3 us, a feature that is read in vain 2 us: finer squares than
SQLite's, which a function in the database would pay for with 12 us a range."""

_PAGE = (
    "box_page(%s::int, %s::int[], %s::int, %s::bigint[], %s::bigint[], %s::float8[], %s::int,"
    " %s, %s)"
)
_FROM_PAGE = f"{_PAGE} b LEFT JOIN record r ON r.seq = b.seq LEFT JOIN shape g ON g.id = r.shape"
_IN = (
    "r.collection = $1::int AND r.cell BETWEEN w.low AND w.high"
    " AND (r.cell <> $7::bigint OR r.lane > $8::bigint) AND r.marking = ANY ($2::int[])"
    " AND r.east >= $9::float8 AND r.west <= $11::float8"
    " AND r.north >= $10::float8 AND r.south <= $12::float8"
)
_INSIDE = (
    "r.west >= $9::float8 AND r.east <= $11::float8"
    " AND r.south >= $10::float8 AND r.north <= $12::float8"
)
_AREA = "st_makeenvelope($9::float8, $10::float8, $11::float8, $12::float8, 4326)"
_JOINED = (
    "CASE WHEN g.data IS NULL THEN r.feature ELSE"
    " substring(r.feature FROM 1 FOR octet_length(r.feature) - 5) || g.data || '}' END"
)
"""As :func:`joined` does it: nothing is said of a geometry that is not kept apart."""
_ORDER = "ORDER BY cell, lane LIMIT $6::int"
_FEATURES = Statement(
    "box_features",
    # The first row tells of classes of extents that the ranges were made without.
    "SELECT -1::bigint AS cell, e.mask::bigint AS lane, NULL::bytea AS feature FROM"
    " extent e WHERE e.collection = $1::int AND e.mask & ~$3::int <> 0"
    # Range after range, until the page is full: a loop over a function's rows keeps their order.
    " UNION ALL (SELECT p.* FROM unnest($4::bigint[], $5::bigint[]) AS w (low, high), LATERAL ("
    f"(SELECT r.cell, r.lane, r.feature FROM record r WHERE {PLAIN} AND {_IN}"
    f" AND ({_INSIDE} OR (SELECT holds('intersects', e.geom, {_AREA}) FROM record e"
    f" WHERE e.seq = r.seq)) {_ORDER}) UNION ALL "
    f"(SELECT r.cell, r.lane, {_JOINED} FROM record r LEFT JOIN shape g ON g.id = r.shape"
    f" WHERE {REST} AND {_IN}"
    f" AND ({_INSIDE} OR holds('intersects', coalesce(g.geom, r.geom), {_AREA}))"
    " AND (NOT r.multi OR NOT EXISTS (SELECT 1 FROM record m WHERE m.collection = $1::int"
    " AND m.key = r.key AND m.stands AND m.marking = ANY ($2::int[]) AND m.lane <> r.lane"
    " AND (m.rank, m.said_at, m.serial, m.seq) > (r.rank, r.said_at, r.serial, r.seq)))"
    f" {_ORDER}) {_ORDER}) p LIMIT $6::int)",
)


def joined(feature: bytes, shape: bytes | None) -> bytes:
    """Return a feature with its geometry, which may be kept apart."""
    return feature if shape is None else b"%b%b}" % (feature[:-5], shape)


def classes(mask: int) -> list[int]:
    """Return the classes of extents that a mask names."""
    return [n for n in range(cells.CLASSES + 1) if mask >> n & 1]


def place_after(token: str, *plans: str) -> list[Any]:
    """Return the place of the last row before, that a page's token of one of the plans holds."""
    found = token_place(token, *((str, *kinds) for kinds in _KINDS.values()))
    if found[0] not in plans or tuple(map(type, found[1:])) != _KINDS[found[0]]:
        raise foreign_token(token)
    return found[1:]


def features(link: Link, direct: Direct, query: Query) -> Features:
    """Return one page's features."""
    box, after = _box(query), _begin(query)
    number = link.number(query.collection)
    seen, sides = listed(link.listed(query.visible)), [repr(float(side)).encode() for side in box]
    known = link.known.extents
    while True:
        mask = known.get(number, 0)
        lows, highs = _ranges(box, mask, after, _SQUARES)
        found = direct.ask(
            _FEATURES,
            [
                b"%d" % number, seen, b"%d" % mask, listed(lows), listed(highs),
                b"%d" % (query.limit + 1), *(b"%d" % place for place in after), *sides,
            ],
        )  # fmt: skip
        rows = found.ntuples
        if not rows or number_of(found, 0, 0) >= 0:
            break
        known[number] = number_of(found, 0, 1)
    token = None
    if rows > query.limit:
        rows = query.limit
        token = page_token(["place", *(number_of(found, rows - 1, column) for column in (0, 1))])
    # A feature is never null.
    items = cast("list[bytes]", [found.get_value(row, 2) for row in range(rows)])
    return Features(items, token)


def rows(link: Link, query: Query, columns: str) -> tuple[list[tuple[Any, ...]], str | None]:
    """Return one page's columns of ``record r`` and ``shape g``, and the next page's token."""
    box, after = _box(query), _begin(query)
    sql = f"SELECT b.cell, b.lane, {columns} FROM {_FROM_PAGE} ORDER BY b.cell, b.lane"
    number = link.number(query.collection)
    known = link.known.extents
    while True:
        mask = known.get(number, 0)
        lows, highs = _ranges(box, mask, after, cells.SQUARES)
        found = link.rows(
            sql,
            (number, link.listed(query.visible), mask, lows, highs, list(map(float, box)),
             query.limit + 1, *after),
        )  # fmt: skip
        if not found or found[0][0] >= 0:
            break
        known[number] = found[0][1]
    token = None
    if len(found) > query.limit:
        token = page_token(["place", *found[query.limit - 1][:2]])
    return [row[2:] for row in found[: query.limit]], token


def _box(query: Query) -> BBox:
    assert query.bbox is not None  # noqa: S101 - a plain box has one
    return query.bbox


def _begin(query: Query) -> list[Any]:
    return [_FIRST, _FIRST] if query.after is None else place_after(query.after, "place")


def _ranges(
    box: BBox, mask: int, after: Sequence[int], squares: int
) -> tuple[list[int], list[int]]:
    """Return the cells that hold the box, first and last, from the last row's on."""
    found = cells.ranges(box, classes(mask), squares)
    left = [(max(low, after[0]), high) for low, high in found if high >= after[0]]
    return [low for low, _ in left], [high for _, high in left]
