"""Questions to the PostgreSQL store: pages by place or by key, now or as of a position.

A plain box, what maps ask all the time, has a module of its own; everything else is one statement
that PostgreSQL plans.
"""

# ruff: noqa: S608 - only names from this package are written into SQL; values are bound
from __future__ import annotations

from typing import Any

from hinomi.kernel.filters import And, Filter, Spatial
from hinomi.kernel.geometry import BBox, Geometry, bounds, check_geometry
from hinomi.kernel.records import Stored, micros
from hinomi.kernel.store import Features, Page, Query
from hinomi.stores import cells
from hinomi.stores.evaluate import check_filter
from hinomi.stores.instants import interval, moment
from hinomi.stores.postgres import box
from hinomi.stores.postgres.box import joined, place_after
from hinomi.stores.postgres.link import Link, cleaned
from hinomi.stores.postgres.where import PLACE, Where
from hinomi.stores.statements import page_token

FEATURE = "r.feature, g.data"
STORED = (
    'r.seq, r.id, r.said_at, r.recorded_at, r.start, r."end", r.marking, r.retracts,'
    " r.feature, g.data, r.collection, r.key, r.source"
)
_FROM = "FROM record r LEFT JOIN shape g ON g.id = r.shape"
_ORDERS = {"place": ("r.cell", "r.lane"), "key": ("r.key", "r.source", "r.said")}
_BY_KEY = (
    f"SELECT {{columns}} {_FROM} WHERE r.collection = %s AND r.key = %s AND r.stands"
    " AND r.marking = ANY(%s)"
    " ORDER BY r.rank DESC, r.said_at DESC, r.serial DESC, r.seq DESC LIMIT 1"
)


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
        retracts=retracts,
        feature=joined(feature, shape),
    )


def find(link: Link, query: Query) -> Page:
    """Return one page."""
    rows, token = _rows(link, query, STORED)
    return Page([stored(link, row) for row in rows], token)


def features(link: Link, query: Query) -> Features:
    """Return one page's features, as their bytes are stored."""
    if link.direct is not None and _is_box(query):
        return box.features(link, link.direct, query)
    rows, token = _rows(link, query, FEATURE)
    return Features([joined(*row) for row in rows], token)


def _rows(link: Link, query: Query, columns: str) -> tuple[list[tuple[Any, ...]], str | None]:
    """Return one page's columns and the token of the next page."""
    if _is_box(query):
        return box.rows(link, query, columns)
    if _is_key(query):
        assert query.keys is not None  # noqa: S101 - asked for one
        values = link.number(query.collection), cleaned(query.keys[0]), link.listed(query.visible)
        return link.rows(_BY_KEY.format(columns=columns), values), None
    return _asked(link, query, columns)


def _is_box(query: Query) -> bool:
    box = query.bbox
    return _bare(query) and query.keys is None and box is not None and box[0] <= box[2]


def _is_key(query: Query) -> bool:
    one = query.keys is not None and len(query.keys) == 1
    return one and _bare(query) and query.bbox is None and query.after is None


def _bare(query: Query) -> bool:
    others = (query.filter, query.when, query.as_of, query.sources)
    return not query.beside and all(other is None for other in others)


def _asked(link: Link, query: Query, columns: str) -> tuple[list[tuple[Any, ...]], str | None]:
    question = _Question(link, query)
    after = None
    if query.after is not None:
        after = place_after(query.after, question.plan)
    rows = link.rows(question.statement(after, columns), question.where.values)
    width = len(question.order)
    token = None
    if len(rows) > query.limit:
        token = page_token([question.plan, *rows[query.limit - 1][:width]])
    return [row[width:] for row in rows[: query.limit]], token


def count(link: Link, query: Query) -> int:
    """Return how many the query selects."""
    question = _Question(link, query)
    return int(link.value(question.count(), question.where.values))


class _Question:
    """A query's statement, put together once for its page or its count."""

    def __init__(self, link: Link, query: Query) -> None:
        self.link = link
        self.query = query
        if query.filter is not None:
            check_filter(query.filter)
        self.where = Where()
        self.now = query.as_of is None
        self.collection = self.where.bind(link.number(query.collection), "int")
        self.visible = self.where.bind(link.listed(query.visible), "int[]")
        self.from_sources = ""
        if query.sources is not None:
            listed = self.where.bind(link.numbers(query.sources), "int[]")
            self.from_sources = f" AND {{alias}}.source = ANY({listed})"
        self.box = query.bbox or _box_of(query.filter)
        self.plan = "key" if query.keys is not None or self.box is None else "place"
        self.order = _ORDERS[self.plan]

    def statement(self, after: list[Any] | None, columns: str) -> str:
        """Return the page's statement."""
        order = ", ".join(self.order)
        conditions = self._conditions()
        if after is not None:
            kinds = {int: "bigint", str: "text"}
            bound = ", ".join(self.where.bind(value, kinds[type(value)]) for value in after)
            conditions.append(f"({order}) > ({bound})")
        limit = self.where.bind(self.query.limit + 1, "bigint")
        body = " AND ".join(conditions)
        return f"SELECT {order}, {columns} {_FROM} WHERE {body} ORDER BY {order} LIMIT {limit}"

    def count(self) -> str:
        """Return the statement that counts."""
        return f"SELECT count(*) {_FROM} WHERE {' AND '.join(self._conditions())}"

    def _conditions(self) -> list[str]:
        query = self.query
        found = [
            f"r.collection = {self.collection}",
            self._current("r"),
            f"r.marking = ANY({self.visible})" + self.from_sources.format(alias="r"),
        ]
        if query.keys is not None:
            keys = [cleaned(key) for key in query.keys]
            found.append(f"r.key = ANY({self.where.bind(keys, 'text[]')})")
        if self.plan == "place":
            found += self._in_cells()
        if query.bbox is not None:
            found.append(f"({self._inside()} OR {self._exact()})")
        found += self._in_time()
        if not query.beside:
            found.append(self._wins())
        if query.filter is not None:
            found.append(self.where.sql(query.filter))
        return found

    def _current(self, alias: str) -> str:
        """Return the condition that a record stands now or stood at the position."""
        if self.now:
            return f"{alias}.stands"
        position = self.where.bind(self.query.as_of, "bigint")
        return (
            f"{alias}.ever AND NOT {alias}.retracts AND {alias}.seq <= {position}"
            f" AND ({alias}.until IS NULL OR {alias}.until > {position})"
        )

    def _wins(self) -> str:
        alone = "NOT r.multi OR " if self.now else ""
        return (
            f"({alone}NOT EXISTS (SELECT 1 FROM record m WHERE m.collection = r.collection"
            f" AND m.key = r.key AND m.lane <> r.lane AND {self._current('m')}"
            f" AND m.marking = ANY({self.visible}){self.from_sources.format(alias='m')}"
            " AND (m.rank, m.said_at, m.serial, m.seq) > (r.rank, r.said_at, r.serial, r.seq)))"
        )

    def _in_cells(self) -> list[str]:
        assert self.box is not None  # noqa: S101 - the plan by place needs a box
        mask = self.link.value(
            "SELECT mask FROM extent WHERE collection = %s",
            (self.link.number(self.query.collection),),
        )
        ranges = cells.ranges(self.box, box.classes(mask or 0))
        bind = self.where.bind
        west, south, east, north = (bind(float(side), "float8") for side in self.box)
        across = "AND" if self.box[0] <= self.box[2] else "OR"
        within = " OR ".join(
            f"r.cell BETWEEN {bind(low, 'bigint')} AND {bind(high, 'bigint')}"
            for low, high in ranges
        )
        return [
            f"r.cell IS NOT NULL AND ({within or 'false'})",
            f"(r.east >= {west} {across} r.west <= {east})",
            f"r.north >= {south} AND r.south <= {north}",
        ]

    def _inside(self) -> str:
        box = self.query.bbox
        assert box is not None  # noqa: S101 - asked only where there is one
        west, south, east, north = (self.where.bind(float(side), "float8") for side in box)
        across = "AND" if box[0] <= box[2] else "OR"
        columns = f"(r.west >= {west} {across} r.east <= {east})"
        # A retraction and an empty geometry have no box, and are in none.
        return f"(r.cell IS NOT NULL AND {columns} AND r.south >= {south} AND r.north <= {north})"

    def _exact(self) -> str:
        box = self.query.bbox
        assert box is not None  # noqa: S101 - asked only where there is one
        return f"holds('intersects', {PLACE}, {self.where.area(_outline(box))})"

    def _in_time(self) -> list[str]:
        if self.query.when is None:
            return []
        start, end = (None if t is None else micros(t) for t in self.query.when)
        bind = self.where.bind
        found = []
        if self.now:
            period = f"{bind(start, 'bigint')}, {bind(end, 'bigint')}, '[]'"
            # What the index by time gives is narrowed by the exact conditions below.
            found.append(f"""int8range(r.start, r."end", '[]') && int8range({period})""")
        if end is not None:
            found.append(f"(r.start IS NULL OR r.start <= {bind(end, 'bigint')})")
        if start is not None:
            moment = bind(start, "bigint")
            found.append(
                f'(r."end" IS NULL OR r."end" > {moment}'
                f' OR (r."end" = r.start AND r."end" >= {moment}))'
            )
        return found


def _outline(box: BBox) -> Geometry:
    """Return a box as a geometry; one whose west is greater than its east crosses 180 degrees."""
    west, south, east, north = box
    halves = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
    rings = [[[[a, south], [b, south], [b, north], [a, north], [a, south]]] for a, b in halves]
    return {"type": "MultiPolygon", "coordinates": rings}


def _box_of(tree: Filter | None) -> BBox | None:
    """Return a box outside of which the filter cannot hold, if it has one."""
    if isinstance(tree, And):
        return next((box for box in map(_box_of, tree.args) if box is not None), None)
    if isinstance(tree, Spatial) and tree.op != "disjoint":
        west, south, east, north = bounds(check_geometry(tree.geometry))
        return (west, south, east, north) if west <= east and south <= north else None
    return None
