"""Columns of what stands in a collection: where, when, which class; rows come and go in place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]
Objects: TypeAlias = NDArray[np.object_]

EARLIEST, LATEST = np.iinfo(np.int64).min, np.iinfo(np.int64).max
"""Open ends of a validity [µs]."""
MOST_MOVED = 500
"""Rows that are looked through one by one before all are ordered again (10 ms of 100,000)."""
STRIPS = 1_024
"""So many strips from north to south the world is cut into, to find what lies in a tile."""
_ROUNDING = 1e-12


class Row:
    """One thing on its way into the columns."""

    __slots__ = ("attributes", "box", "class_", "end", "key", "shape", "start")

    def __init__(  # noqa: PLR0913 - one argument a column
        self,
        key: str,
        box: Sequence[float],
        start: int,
        end: int,
        class_: int,
        shape: Any = None,
        attributes: dict[str, Any] | None = None,
    ) -> None:
        self.key = key
        self.box = box
        self.start = start
        self.end = end
        self.class_ = class_
        self.shape = shape
        self.attributes = attributes


class Rows:
    """Things as columns: box in the unit square, validity [µs], class, shape and attributes.

    A point's box has no width, and its shape and attributes are not kept.
    """

    def __init__(self, rows: Sequence[Row], boxes: Floats) -> None:
        count = len(rows)
        self.at = {row.key: n for n, row in enumerate(rows)}
        self.keys: list[str] = [row.key for row in rows]
        self.box = boxes.reshape(count, 4)
        self.start: Ints = np.fromiter((row.start for row in rows), np.int64, count)
        self.end: Ints = np.fromiter((row.end for row in rows), np.int64, count)
        self.class_: Ints = np.fromiter((row.class_ for row in rows), np.int64, count)
        self.alive: Flags = np.ones(count, np.bool_)
        self.shape: list[Any] = [row.shape for row in rows]
        self.attributes: list[dict[str, Any] | None] = [row.attributes for row in rows]
        self.simplified: dict[int, dict[int, Any]] = {}
        """By zoom and row: made when a tile first needs it."""
        self._free: list[int] = []
        self._order: Ints = np.empty(0, np.int64)
        """Rows strip by strip, in each from north to south, as they lay when ordered last."""
        self._places: Floats = np.empty(0)
        """Of these rows: twice the strip's number, and how far south."""
        self._widest, self._tallest = 0.0, 0.0
        self._moved: set[int] = set(range(count))
        """Rows that have been put in since."""

    def __len__(self) -> int:
        return len(self.at)

    def remove(self, key: str) -> Floats | None:
        """Take a thing out; return the box it had."""
        n = self.at.pop(key, None)
        if n is None:
            return None
        self.alive[n] = False
        self._free.append(n)
        self.shape[n] = self.attributes[n] = None
        for kept in self.simplified.values():
            kept.pop(n, None)
        box: Floats = self.box[n].copy()
        return box

    def add(self, row: Row) -> None:
        """Put a thing in whose key is not there."""
        if not self._free:
            self._grow()
        n = self._free.pop()
        self._moved.add(n)
        self.at[row.key] = n
        self.keys[n] = row.key
        self.box[n] = row.box
        self.start[n], self.end[n], self.class_[n] = row.start, row.end, row.class_
        self.alive[n] = True
        self.shape[n], self.attributes[n] = row.shape, row.attributes

    def _grow(self) -> None:
        size = len(self.keys)
        more = max(64, size // 8)
        self.box = np.vstack((self.box, np.zeros((more, 4))))
        for name in ("start", "end", "class_", "alive"):
            column = getattr(self, name)
            setattr(self, name, np.concatenate((column, np.zeros(more, column.dtype))))
        self.keys += [""] * more
        self.shape += [None] * more
        self.attributes += [None] * more
        self._free += range(size + more - 1, size - 1, -1)

    def inside(self, box: tuple[float, float, float, float], when: Flags | None) -> Ints:
        """Return the rows whose box touches one, of those that hold at the time."""
        west, north, east, south = box
        near = self._near(box)
        boxes = self.box[near]
        chosen = self.alive[near] & (boxes[:, 0] < east) & (boxes[:, 2] >= west)
        chosen &= (boxes[:, 1] < south) & (boxes[:, 3] >= north)
        if when is not None:
            chosen &= when[near]
        found: Ints = np.sort(near[chosen])
        return found

    def _near(self, box: tuple[float, float, float, float]) -> Ints:
        """Return the rows that may touch a box, each once: a slice of each strip that it crosses.

        A row stands where its north-western corner lies.
        """
        if len(self._moved) > MOST_MOVED:
            self._put_in_order()
        west, north, east, south = box
        first, last = _strips(np.array([west - self._widest - _ROUNDING, east]))
        strips = 2.0 * np.arange(first, last + 1)
        top, bottom = _clip(np.array([north - self._tallest - _ROUNDING, south]))
        begins = np.searchsorted(self._places, strips + top, "left").tolist()
        ends = np.searchsorted(self._places, strips + bottom, "right").tolist()
        pieces = [self._order[b:e] for b, e in zip(begins, ends, strict=True) if e > b]
        near: Ints = np.concatenate(pieces) if pieces else np.empty(0, np.int64)
        if self._moved:
            moved = np.fromiter(self._moved, np.int64, len(self._moved))
            near = np.concatenate((near[~np.isin(near, moved)], moved))
        return near

    def _put_in_order(self) -> None:
        places = 2.0 * _strips(self.box[:, 0]) + _clip(self.box[:, 1])
        self._order = np.argsort(places, kind="stable")
        self._places = places[self._order]
        sizes = (self.box[:, 2:] - self.box[:, :2]).max(axis=0, initial=0.0)
        self._widest, self._tallest = sizes.tolist()
        self._moved.clear()

    def valid(self, start: int, end: int) -> Flags:
        """Tell which rows share a moment with [start, end], as the stores do."""
        found: Flags = (self.start <= end) & (
            (self.end > start) | ((self.end == self.start) & (self.end >= start))
        )
        return found

    def next_expiry(self, after: int) -> int | None:
        """Return the next moment after one [µs] at which a row begins or ends."""
        times = [column[self.alive & (column > after)] for column in (self.start, self.end)]
        found = min((int(t.min()) for t in times if len(t)), default=LATEST)
        return None if found == LATEST else found


def _strips(x: Floats) -> Ints:
    """Return the strip of each place; what lies outside of the world is in an outer one."""
    found: Ints = np.clip(np.floor(x * STRIPS), 0, STRIPS - 1).astype(np.int64)
    return found


def _clip(y: Floats) -> Floats:
    """Return places between two strips' numbers, in the same order."""
    found: Floats = np.clip(y, -0.4, 1.4)
    return found
