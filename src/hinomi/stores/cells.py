"""Order for boxes and intervals: places in the plane and in time that one B-tree can range over.

A box is filed under its extent's class and the Morton code of its south-west corner: class 0 for
what is smaller than one unit of a 2^26 by 2^26 grid (0.6 m by 0.3 m at the equator), class ``c``
for what spans at most 4^c units. Whatever touches a query box has its corner in that box widened
by its class's size to the south and west. An interval is filed under its duration's class and its
start in the same way. Unlike an R*Tree this gives an order, so that a page can go on where the one
before ended; see ``docs/decisions/0002-spatial-index.md``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from hinomi.kernel.geometry import BBox

BITS = 26
UNITS = 1 << BITS
CODE_BITS = 2 * BITS
CLASSES = BITS // 2 + 1
SQUARES = 36
"""At most so many squares (25 at least) for a box of one class, in about a dozen ranges: more cost
seeks, fewer cost false hits. With 36 the squares cover 1.4 to 1.8 times a box's area."""

COUNTED_SQUARES = 100
"""At most so many squares for points that are counted: those inside need no comparison."""
CROWD_BITS = 28
"""A crowd is counted in squares of so many bits of code: 0.09 by 0.04 degrees."""

Range = tuple[int, int]


class Cover(NamedTuple):
    """Cells that hold whatever touches a box: points of ``whole`` lie inside it for certain."""

    whole: list[Range]
    rest: list[Range]


def cell_of(box: BBox) -> int:
    """Return under which cell a box (west <= east) is filed: class, then Morton code."""
    x, y = _column(box[0]), _row(box[1])
    if box[0] == box[2] and box[1] == box[3]:
        return _spread(x) | (_spread(y) << 1)
    extent = max(_column(box[2]) - x, _row(box[3]) - y)
    return (_size_class(extent) << CODE_BITS) | _spread(x) | (_spread(y) << 1)


def ranges(box: BBox, classes: Iterable[int], squares: int = SQUARES) -> list[Range]:
    """Return the cells [first, last], in order, that hold whatever touches the box.

    They also hold some that does not: the caller compares the boxes themselves.

    Args:
        box: west greater than east crosses 180 degrees.
        classes: the classes of extents that occur.
        squares: at most so many cover the box of a class; more give less that is in vain.
    """
    west, south, east, north = box
    halves = [box] if west <= east else [(west, south, 180.0, north), (-180.0, south, east, north)]
    found: list[Range] = []
    for size_class in classes:
        reach = 4**size_class if size_class else 0
        shift = size_class << CODE_BITS
        for half in halves:
            window = (
                max(_column(half[0]) - reach, 0),
                max(_row(half[1]) - reach, 0),
                _column(half[2]),
                _row(half[3]),
            )
            found += [(low + shift, high + shift) for low, high in _cover(window, squares)]
    return _merged(sorted(found))


def cover(box: BBox, classes: Sequence[int]) -> Cover:
    """Return what :func:`ranges` does for a box with west <= east, in two parts.

    What is filed under class 0 begins and ends in the same unit of the grid: if its corner lies
    in a square that touches no side of the box, all of it lies inside.
    """
    rest = ranges(box, [c for c in classes if c])
    if 0 not in classes:
        return Cover([], rest)
    x0, y0, x1, y1 = _column(box[0]), _row(box[1]), _column(box[2]), _row(box[3])
    level = _level((x0, y0, x1, y1), COUNTED_SQUARES)
    columns, rows = _strips(x0, x1, level), [row << 1 for row in _strips(y0, y1, level)]
    if 2 * level < CROWD_BITS or len(columns) < 3 or len(rows) < 3:
        return Cover([], [*_joined(columns, rows, level), *rest])
    within, sides = rows[1:-1], (columns[0], columns[-1])
    whole = sorted([column | row for row in within for column in columns[1:-1]])
    edge = [column | row for row in (rows[0], rows[-1]) for column in columns]
    edge += [column | row for row in within for column in sides]
    return Cover(_runs(whole, level), [*_runs(sorted(edge), level), *rest])


def _size_class(extent: int) -> int:
    return (extent.bit_length() + 1) // 2 if extent else 0


def _column(longitude: float) -> int:
    return min(int((longitude + 180.0) * (UNITS / 360.0)), UNITS - 1)


def _row(latitude: float) -> int:
    return min(int((latitude + 90.0) * (UNITS / 180.0)), UNITS - 1)


def _spread(value: int) -> int:
    """Return the bits of a 26-bit number with a zero between each two."""
    value = (value | value << 16) & 0x0000FFFF0000FFFF
    value = (value | value << 8) & 0x00FF00FF00FF00FF
    value = (value | value << 4) & 0x0F0F0F0F0F0F0F0F
    value = (value | value << 2) & 0x3333333333333333
    return (value | value << 1) & 0x5555555555555555


def _cover(window: tuple[int, int, int, int], squares: int) -> list[Range]:
    """Cover a window of the grid with the Morton codes of at most so many squares."""
    x0, y0, x1, y1 = window
    level = _level(window, squares)
    return _joined(_strips(x0, x1, level), [row << 1 for row in _strips(y0, y1, level)], level)


def _level(window: tuple[int, int, int, int], squares: int) -> int:
    """Return the finest level at which the window touches no more than so many squares."""
    x0, y0, x1, y1 = window
    # Two below the level at which it touches at most four squares, it touches at most 25.
    level = max(max(x1 - x0, y1 - y0).bit_length() - 2, 0)
    while level:
        finer = level - 1
        across = (x1 >> finer) - (x0 >> finer) + 1
        if across * ((y1 >> finer) - (y0 >> finer) + 1) > squares:
            break
        level = finer
    return level


_EVEN = 0x5555555555555555


def _strips(low: int, high: int, level: int) -> list[int]:
    """Return the spread numbers of the squares from one coordinate to another."""
    spread = _spread(low >> level)
    found = [spread]
    for _ in range((high >> level) - (low >> level)):
        # The next number's bits: a carry passes over the gaps between them.
        spread = (spread - _EVEN) & _EVEN
        found.append(spread)
    return found


def _joined(columns: list[int], rows: list[int], level: int) -> list[Range]:
    return _runs(sorted([column | row for row in rows for column in columns]), level)


def _runs(squares: list[int], level: int) -> list[Range]:
    """Return the ranges of codes that squares of a level, in order, make up."""
    found: list[Range] = []
    first = last = squares[0]
    for square in squares[1:]:
        if square != last + 1:
            found.append((first << 2 * level, ((last + 1) << 2 * level) - 1))
            first = square
        last = square
    found.append((first << 2 * level, ((last + 1) << 2 * level) - 1))
    return found


def _merged(found: list[Range]) -> list[Range]:
    merged: list[Range] = []
    for low, high in found:
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return merged


SECOND = 1_000_000
UNBOUNDED_START, UNBOUNDED_END, ALWAYS = 61, 62, 63


def span_of(start: int | None, end: int | None) -> tuple[int, int]:
    """Return under which class and moment [µs] an interval is filed."""
    if start is None:
        return (ALWAYS, 0) if end is None else (UNBOUNDED_START, end)
    if end is None:
        return UNBOUNDED_END, start
    return (((end - start) // SECOND).bit_length() + 1) // 2, start


def moments(span: int, start: int | None, end: int | None) -> Range:
    """Return the moments [first, last] at which intervals of a class may meet [start, end]."""
    lowest, highest = -(1 << 62), 1 << 62
    if span == ALWAYS:
        return 0, 0
    first = lowest if start is None else start
    last = highest if end is None else end
    if span == UNBOUNDED_START:
        return first, highest
    if span == UNBOUNDED_END:
        return lowest, last
    return (lowest if start is None else first - 4**span * SECOND), last
