"""Plain questions, by statements that are written once: a box, or one key, and nothing else.

What maps and links ask all the time. The meaning is that of :mod:`.finding`, which writes a
statement for any question; the stores' state machine compares the two with the reference.
"""

# ruff: noqa: S608 - only names from this package are written into SQL; values are bound
from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from hinomi.kernel.geometry import BBox
from hinomi.kernel.store import Query
from hinomi.stores import cells
from hinomi.stores.sqlite.link import Link
from hinomi.stores.sqlite.where import PLACE
from hinomi.stores.statements import foreign_token, page_token, token_place

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

TOKEN = (str, int, int)
"""What a page's token by place holds: the plan's name, the last row's cell and lane."""


def is_box(query: Query) -> bool:
    """Tell whether the question is a box and nothing else."""
    box = query.bbox
    return box is not None and box[0] <= box[2] and query.keys is None and _bare(query)


def is_key(query: Query) -> bool:
    """Tell whether the question is for one key and nothing else."""
    keys = query.keys
    one = keys is not None and len(keys) == 1
    return one and query.bbox is None and query.after is None and _bare(query)


def _bare(query: Query) -> bool:
    timeless = query.when is None and query.as_of is None
    return timeless and query.filter is None and query.sources is None and not query.beside


def by_key(link: Link, query: Query, columns: str) -> tuple[list[tuple[Any, ...]], None]:
    """Answer for one key: the best that is said of it among what may be seen."""
    assert query.keys is not None  # noqa: S101 - asked for one
    # One statement is a snapshot of its own.
    sql = _key_sql(columns, link.listed(query.visible))
    rows = link.rows(sql, (link.number(query.collection), query.keys[0]))
    # Sorted here: SQLite would copy each row into a table of its own first.
    best = rows if len(rows) <= 1 else [max(rows, key=_order)]
    return [row[_ORDER:] for row in best], None


_ORDER = 4
"""Columns that say which of a key's lanes is the best."""


def _order(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return row[:_ORDER]


@lru_cache(maxsize=64)
def _key_sql(columns: str, visible: str) -> str:
    return (
        f"SELECT l.rank, l.said_at, l.serial, l.seq, {columns}"
        " FROM lane l INDEXED BY lane_standing CROSS JOIN record r"
        " LEFT JOIN shape g ON g.id = r.shape WHERE l.collection = ?1 AND l.key = ?2"
        f" AND l.stands = 1 AND l.shown IN ({visible}) AND r.seq = l.seq"
    )


def in_box(link: Link, query: Query, columns: str) -> tuple[list[tuple[Any, ...]], str | None]:
    """Answer a plain box by a statement that is written once for each number of ranges.

    What :class:`_Question` would write each time anew, with the same meaning. A row begins with
    its place (cell, lane).
    """
    box = query.bbox
    assert box is not None  # noqa: S101 - a plain box has one
    after: tuple[int, int] | None = None
    if query.after is not None:
        plan, *place = token_place(query.after, TOKEN)
        if plan != "place":
            raise foreign_token(query.after)
        after = (place[0], place[1])
    with link.snapshot():
        number, found = _cells(link, query, box)
        if after is not None:
            found = [(max(low, after[0]), high) for low, high in found if high >= after[0]]
        found = _padded(found)
        sql = _box_sql(columns, link.listed(query.visible), len(found), after is not None)
        bound = [cell for bounds in found for cell in bounds]
        rows = link.rows(sql, (number, query.limit + 1, *map(float, box), *(after or ()), *bound))
    token = None
    if len(rows) > query.limit:
        del rows[query.limit :]
        token = page_token(["place", *rows[-1][:2]])
    return rows, token


def count_box(link: Link, query: Query) -> int:
    """Return how many stand in a box; a statement is read only where it crosses the border.

    Points in squares that lie inside the box are counted by the square, unless several lanes
    speak of the same thing.
    """
    box = query.bbox
    assert box is not None  # noqa: S101 - a plain box has one
    with link.snapshot():
        number = link.number(query.collection)
        link.areas.now = [lambda: area(box)]
        whole, rest = map(_padded, cells.cover(box, classes(link, "place", number)))
        sql = _count_sql(link.listed(query.visible), len(whole), len(rest))
        bound = [cell for bounds in (*whole, *rest) for cell in bounds]
        return int(link.value(sql, (number, None, *map(float, box), *bound)))


def _cells(link: Link, query: Query, box: BBox) -> tuple[int, list[cells.Range]]:
    """Return the collection's number and the cells to look through; ``holds`` gets the box."""
    number = link.number(query.collection)
    link.areas.now = [lambda: area(box)]
    return number, cells.ranges(box, classes(link, "place", number))


_STEP = 4
"""Ranges come in multiples of this: fewer different statements to plan and keep."""


def _padded(found: list[cells.Range]) -> list[cells.Range]:
    """Return the ranges and as many empty ones (end before beginning) as the step wants."""
    return [*found, *[(1, 0)] * (-len(found) % _STEP)]


_FROM_PLACE = " FROM bound CROSS JOIN place p NOT INDEXED"
_IN_CELLS = " WHERE p.collection = ?1 AND p.cell BETWEEN bound.low AND bound.high"
_TOUCHES = " AND p.east >= ?3 AND p.west <= ?5 AND p.north >= ?4 AND p.south <= ?6"
_INSIDE = "(p.west >= ?3 AND p.east <= ?5 AND p.south >= ?4 AND p.north <= ?6)"


def _bound(name: str, first: int, ranges: int) -> str:
    values = ", ".join(f"(?{first + 2 * i}, ?{first + 2 * i + 1})" for i in range(ranges))
    # With nothing to look through, a range that ends before it begins.
    return f"{name} (low, high) AS (VALUES {values or '(1, 0)'})"


def _best(visible: str) -> str:
    """Return the condition that what stands at a place is the best said of its thing."""
    lane = f"SELECT 1 FROM lane l WHERE l.id = p.lane AND {wins(visible)}"
    return f"(p.multi = 0 OR EXISTS ({lane}))"


@lru_cache(maxsize=256)
def _count_sql(visible: str, whole: int, rest: int) -> str:
    place = f"SELECT {PLACE} FROM record r LEFT JOIN shape g ON g.id = r.shape WHERE r.seq = p.seq"
    return (
        f"WITH {_bound('whole', 7, whole)}, {_bound('bound', 7 + 2 * whole, rest)}"
        " SELECT coalesce((SELECT sum(c.things) FROM whole CROSS JOIN crowd c"
        " WHERE c.collection = ?1 AND c.cell BETWEEN whole.low >> 28 AND whole.high >> 28"
        f" AND c.shown IN ({visible})), 0)"
        " + (SELECT count(*) FROM whole CROSS JOIN place p INDEXED BY place_shared"
        " WHERE p.collection = ?1 AND p.cell BETWEEN whole.low AND whole.high AND p.multi = 1"
        f" AND p.shown IN ({visible}) AND {_best(visible)})"
        f" + (SELECT count(*){_FROM_PLACE}{_IN_CELLS}{_TOUCHES} AND p.shown IN ({visible})"
        f" AND ({_INSIDE} OR holds('intersects', 0, ({place}))) AND {_best(visible)})"
    )


@lru_cache(maxsize=512)
def _box_sql(columns: str, visible: str, ranges: int, going_on: bool) -> str:  # noqa: FBT001
    lane, of_place = (" CROSS JOIN lane l", " AND l.id = p.lane") if "l." in columns else ("", "")
    return (
        f"WITH {_bound('bound', 9 if going_on else 7, ranges)}"
        f" SELECT p.cell, p.lane, {columns}{_FROM_PLACE}{lane} CROSS JOIN record r"
        f" LEFT JOIN shape g ON g.id = r.shape{_IN_CELLS}{_TOUCHES}"
        f" AND p.shown IN ({visible}){of_place} AND r.seq = p.seq"
        + (" AND (p.cell, p.lane) > (?7, ?8)" if going_on else "")
        + f" AND ({_INSIDE} OR holds('intersects', 0, {PLACE})) AND {_best(visible)} LIMIT ?2"
    )


def wins(visible: str, sources: str = "") -> str:
    """Return the condition that no other lane of the key that may be seen says it better."""
    return (
        "(l.multi = 0 OR NOT EXISTS (SELECT 1 FROM lane m"
        " WHERE m.collection = l.collection AND m.key = l.key AND m.id <> l.id"
        f" AND m.stands = 1 AND m.shown IN ({visible}){sources}"
        " AND (m.rank, m.said_at, m.serial, m.seq) > (l.rank, l.said_at, l.serial, l.seq)))"
    )


def classes(link: Link, table: str, number: int) -> list[int]:
    """Return the extents' classes that occur in a collection: one seek for each."""
    shift = cells.CODE_BITS
    step = (
        f"SELECT cell >> {shift} FROM {table} WHERE collection = ?1"
        f" AND cell >= (?2 << {shift}) ORDER BY cell LIMIT 1"
    )
    found: list[int] = link.kept(f"{table} {number}", lambda: link.distinct(step, number))
    return found


def area(box: BBox) -> BaseGeometry:
    """Return the box as GEOS has it, for what lies across its border."""
    from hinomi.stores import spatial  # noqa: PLC0415 - GEOS is loaded only when needed

    return spatial.box(box)
