"""Questions to the SQLite store: pages by place, by time or by key, now or as of a position.

Each page is one statement that ranges over one index in its order and stops when the page is
full, so that its cost follows the page and not the table.
"""

# ruff: noqa: S608 - only names from this package are written into SQL; values are bound
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from hinomi.kernel.filters import And, Filter, Spatial
from hinomi.kernel.geometry import BBox, bounds, check_geometry
from hinomi.kernel.records import Stored, micros
from hinomi.kernel.store import Features, Page, Query
from hinomi.stores import cells
from hinomi.stores.evaluate import check_filter
from hinomi.stores.instants import interval, moment
from hinomi.stores.sqlite import plain
from hinomi.stores.sqlite.link import Link
from hinomi.stores.sqlite.where import PLACE, Where
from hinomi.stores.statements import foreign_token, page_token, token_place

FEATURE = "CAST(r.feature AS BLOB), g.data"
STORED = (
    'r.seq, r.id, r.said_at, r.recorded_at, r.start, r."end", r.marking, r.retracts,'
    " CAST(r.feature AS BLOB), g.data, l.collection, l.key, l.source"
)
AS_OF = (
    "(SELECT x.seq FROM record x WHERE x.lane = {lane}.id AND x.ever = 1 AND x.seq <= {position}"
    " ORDER BY x.seq DESC LIMIT 1)"
)
SPANS = (
    "SELECT span FROM lane INDEXED BY lane_when WHERE collection = ?1 AND stands = 1"
    " AND span >= ?2 ORDER BY span LIMIT 1"
)
"""The first duration's class that is not below ``?2``: a step of :meth:`Link.distinct`."""
_FEW = 1000
"""So many candidates are few: the index by place is used without looking at the one by time."""


def stored(link: Link, row: tuple[Any, ...]) -> Stored:
    """Return a row of :data:`STORED` as the port gives it."""
    seq, record_id, said_at, recorded_at, start, end, marking, retracts, feature, shape, *lane = row
    return Stored(
        seq=seq,
        id=record_id.hex(),
        collection=link.name(lane[0]),
        key=lane[1],
        said_at=moment(said_at),
        recorded_at=moment(recorded_at),
        when=interval(start, end),
        source=link.name(lane[2]),
        marking=link.marking(marking),
        retracts=bool(retracts),
        feature=feature if shape is None else b"%b%b}" % (feature[:-5], shape),
    )


def find(link: Link, query: Query) -> Page:
    """Return one page."""
    rows, token = _rows(link, query, STORED)
    return Page([stored(link, row) for row in rows], token)


def features(link: Link, query: Query) -> Features:
    """Return one page's features, as their bytes lie in the file."""
    if plain.is_box(query):
        places, token = plain.in_box(link, query, FEATURE)
        told = [f if s is None else b"%b%b}" % (f[:-5], s) for _, _, f, s in places]
        return Features(told, token)
    rows, token = _rows(link, query, FEATURE)
    return Features([f if s is None else b"%b%b}" % (f[:-5], s) for f, s in rows], token)


def _rows(link: Link, query: Query, columns: str) -> tuple[list[tuple[Any, ...]], str | None]:
    """Return one page's columns and the token of the next page."""
    if plain.is_box(query):
        rows, token = plain.in_box(link, query, columns)
        return [row[2:] for row in rows], token
    if plain.is_key(query):
        return plain.by_key(link, query, columns)
    return _asked(link, query, columns)


def _asked(link: Link, query: Query, columns: str) -> tuple[list[tuple[Any, ...]], str | None]:
    plan, after = None, None
    if query.after is not None:
        plan, *after = token_place(query.after, *((str, *kinds) for kinds in _KINDS.values()))
    with link.snapshot():
        question = _Question(link, query, plan)
        rows: list[tuple[Any, ...]] = []
        # In a collection that was never spoken of there is nothing to look for.
        for sql in question.statements(after, columns) if question.number else ():
            link.areas.now = question.where.areas
            rows += link.rows(sql, question.where.values)
    width = len(question.order)
    if len(question.sources) > 1:
        rows.sort(key=lambda row: row[:width])
    token = None
    if len(rows) > query.limit:
        token = page_token([question.plan, *rows[query.limit - 1][:width]])
    return [row[width:] for row in rows[: query.limit]], token


def count(link: Link, query: Query) -> int:
    """Return how many the query selects."""
    if plain.is_box(query):
        return plain.count_box(link, query)
    with link.snapshot():
        question = _Question(link, query, None)
        total = 0
        for sql in question.counts():
            link.areas.now = question.where.areas
            total += link.value(sql, question.where.values)
    return total


_KINDS: dict[str, tuple[type, ...]] = {
    "place": plain.TOKEN[1:],
    "when": (int, int, int),
    "key": (str, int, int),
}
_ORDERS = {
    "place": ("p.cell", "p.lane"),
    "when": ("l.span", "l.moment", "l.id"),
    "key": ("l.key", "l.source", "l.marking"),
}


class _Question:
    """A query's statement, put together once for its pages and its count."""

    def __init__(self, link: Link, query: Query, plan: str | None) -> None:
        self.link = link
        self.query = query
        if query.filter is not None:
            check_filter(query.filter)
        self.where = Where()
        bind = self.where.bind
        self.now = query.as_of is None
        self.number = link.number(query.collection)
        self.collection = bind(self.number)
        self.visible = link.listed(query.visible)
        self.from_sources = ""
        if query.sources is not None:
            listed = link.numbers(query.sources)
            self.from_sources = f" AND {{lane}}.source IN ({listed})"
        self.box = query.bbox or _box_of(query.filter)
        possible = self._possible()
        self.plan = plan or self._best(possible)
        if self.plan not in possible:
            raise foreign_token(query.after or "")
        self.order = _ORDERS[self.plan]
        self.sources = [self.plan]
        if self.plan == "place" and not self.now:
            self.sources.append("former_place")

    def statements(self, after: list[Any] | None, columns: str) -> list[str]:
        """Return the page's statement; as-of by place has one for each table of places."""
        limit = self.where.bind(self.query.limit + 1)
        order = ", ".join(self.order)
        conditions = self._common()
        if after is not None:
            bound = ", ".join(map(self.where.bind, after))
            conditions.append(f"({order}) > ({bound})")
        ordered = f" ORDER BY {order}" if self.plan == "key" else ""
        return [
            f"{with_}SELECT {order}, {columns} FROM {tables}"
            f" WHERE {' AND '.join([*chosen, *conditions])}{ordered} LIMIT {limit}"
            for with_, tables, chosen in self._candidates(after)
        ]

    def counts(self) -> list[str]:
        """Return the statements whose results add up to the count."""
        conditions = self._common()
        return [
            f"{with_}SELECT count(*) FROM {tables} WHERE {' AND '.join([*chosen, *conditions])}"
            for with_, tables, chosen in self._candidates(None)
        ]

    def _possible(self) -> list[str]:
        """Return the indexes that this question can follow."""
        query = self.query
        timed = self.now and query.when not in (None, (None, None))
        if query.keys is not None or (self.box is None and not timed):
            return ["key"]
        return ["place"] * (self.box is not None) + ["when"] * timed

    def _best(self, possible: list[str]) -> str:
        return possible[-1] if len(possible) == 1 or self._fewer_in_time() else possible[0]

    def _fewer_in_time(self) -> bool:
        """Tell whether the box holds many and the time few; look at no more than a thousand."""
        return not self._few("place") and self._few("when")

    def _few(self, source: str) -> bool:
        with_, tables, chosen = self._range(source, None)
        sql = (
            f"{with_}SELECT count(*) FROM (SELECT 1 FROM {tables}"
            f" WHERE {' AND '.join(chosen)} LIMIT {_FEW})"
        )
        return int(self.link.value(sql, self.where.values)) < _FEW

    def _candidates(self, after: list[Any] | None) -> list[tuple[str, str, list[str]]]:
        """Return for each table of candidates: WITH, FROM and the conditions that range over it."""
        record = " CROSS JOIN record r LEFT JOIN shape g ON g.id = r.shape"
        found = []
        for source in self.sources:
            with_, tables, chosen = self._range(source, after)
            if self.plan == "place":
                tables += " CROSS JOIN lane l"
                chosen.append("l.id = p.lane")
                if self.query.bbox is not None:
                    chosen.append(f"({self._inside()} OR {self._exact()})")
            found.append((with_, tables + record, chosen))
        return found

    def _range(self, source: str, after: list[Any] | None) -> tuple[str, str, list[str]]:
        if source == "key":
            chosen = [f"l.collection = {self.collection}"]
            chosen += ["l.stands = 1"] if self.now else []
            chosen += self._named()
            return "", f"lane l INDEXED BY {'lane_standing' if self.now else 'lane_name'}", chosen
        if source == "when":
            bounds = [(s, *self._moments(s)) for s in self.link.distinct(SPANS, self.number)]
            if after is not None:
                bounds = [
                    (s, max(low, after[1]) if s == after[0] else low, high)
                    for s, low, high in bounds
                    if s >= after[0]
                ]
            chosen = [f"l.collection = {self.collection}", "l.stands = 1"]
            chosen += ["l.span = bound.span", "l.moment BETWEEN bound.low AND bound.high"]
            tables = "bound CROSS JOIN lane l INDEXED BY lane_when"
            return self._with("span, low, high", bounds), tables, chosen
        return self._range_of_cells(source, after)

    def _range_of_cells(self, source: str, after: list[Any] | None) -> tuple[str, str, list[str]]:
        assert self.box is not None  # noqa: S101 - the plan by place needs a box
        found = cells.ranges(self.box, plain.classes(self.link, source, self.number))
        if after is not None:
            found = [(max(low, after[0]), high) for low, high in found if high >= after[0]]
        chosen = [f"p.collection = {self.collection}", "p.cell BETWEEN bound.low AND bound.high"]
        chosen.append(self._touches())
        if not self.now:
            position = self.where.bind(self.query.as_of)
            chosen.append(f"p.since <= {position}")
            if source == "former_place":
                chosen.append(f"p.until > {position}")
        return self._with("low, high", found), f"bound CROSS JOIN {source} p", chosen

    def _named(self) -> list[str]:
        if self.query.keys is None:
            return []
        listed = self.where.bind(msgspec.json.encode(self.query.keys).decode())
        return [f"l.key IN (SELECT value FROM json_each({listed}))"]

    def _with(self, columns: str, rows: Sequence[tuple[int, ...]]) -> str:
        bind = self.where.bind
        # With nothing to look through, a range that ends before it begins.
        rows = rows or [(1, 0) if columns == "low, high" else (0, 1, 0)]
        values = ", ".join(f"({', '.join(bind(v) for v in row)})" for row in rows)
        return f"WITH bound ({columns}) AS (VALUES {values}) "

    def _touches(self) -> str:
        assert self.box is not None  # noqa: S101 - the plan by place needs a box
        west, south, east, north = map(self.where.bind, map(float, self.box))
        columns = f"p.east >= {west} AND p.west <= {east}"
        if self.box[0] > self.box[2]:
            columns = f"(p.east >= {west} OR p.west <= {east})"
        return f"{columns} AND p.north >= {south} AND p.south <= {north}"

    def _inside(self) -> str:
        assert self.box is not None  # noqa: S101 - the plan by place needs a box
        west, south, east, north = map(self.where.bind, map(float, self.box))
        columns = f"p.west >= {west} AND p.east <= {east}"
        if self.box[0] > self.box[2]:
            columns = f"(p.west >= {west} OR p.east <= {east})"
        return f"{columns} AND p.south >= {south} AND p.north <= {north}"

    def _exact(self) -> str:
        box = self.query.bbox
        assert box is not None  # noqa: S101 - asked only where there is one

        number = self.where.area(lambda: plain.area(box))
        return f"holds({self.where.bind('intersects')}, {number}, {PLACE})"

    def _moments(self, span: int) -> tuple[int, int]:
        assert self.query.when is not None  # noqa: S101 - the plan by time needs one
        start, end = self.query.when
        return cells.moments(
            span,
            None if start is None else micros(start),
            None if end is None else micros(end),
        )

    def _common(self) -> list[str]:
        """Return the conditions that hold whichever index is followed."""
        query = self.query
        found = [f"r.seq = {self._statement('l')}"]
        if self.now:
            found.insert(0, f"l.shown IN ({self.visible})")
        else:
            found += ["r.retracts = 0", f"r.marking IN ({self.visible})"]
        found.append("1" + self.from_sources.format(lane="l"))
        if not query.beside:
            found.append(self._wins())
        found += self._in_time()
        if query.bbox is not None and self.plan != "place":
            found.append(self._exact())
        if query.filter is not None:
            found.append(self.where.sql(query.filter))
        return found

    def _statement(self, lane: str) -> str:
        if self.now:
            return f"{lane}.seq"
        return AS_OF.format(lane=lane, position=self.where.bind(self.query.as_of))

    def _wins(self) -> str:
        others = self.from_sources.format(lane="m")
        if self.now:
            return plain.wins(self.visible, others)
        return (
            "(l.multi = 0 OR NOT EXISTS (SELECT 1 FROM lane m CROSS JOIN record o"
            " WHERE m.collection = l.collection AND m.key = l.key AND m.id <> l.id"
            f" AND o.seq = {self._statement('m')} AND o.retracts = 0"
            f" AND o.marking IN ({self.visible}){others}"
            " AND (o.rank, o.said_at, o.serial, o.seq) > (r.rank, r.said_at, r.serial, r.seq)))"
        )

    def _in_time(self) -> list[str]:
        if self.query.when is None:
            return []
        start, end = self.query.when
        found = []
        if end is not None:
            found.append(f"(r.start IS NULL OR r.start <= {self.where.bind(micros(end))})")
        if start is not None:
            moment = self.where.bind(micros(start))
            found.append(
                f'(r."end" IS NULL OR r."end" > {moment}'
                f' OR (r."end" = r.start AND r."end" >= {moment}))'
            )
        return found


def _box_of(tree: Filter | None) -> BBox | None:
    """Return a box outside of which the filter cannot hold, if it has one."""
    if isinstance(tree, And):
        return next((box for box in map(_box_of, tree.args) if box is not None), None)
    if isinstance(tree, Spatial) and tree.op != "disjoint":
        west, south, east, north = bounds(check_geometry(tree.geometry))
        return (west, south, east, north) if west <= east and south <= north else None
    return None
