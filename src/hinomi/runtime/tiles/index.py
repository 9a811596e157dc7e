"""A collection as one reader sees it, in memory: built once, then mended by the change feed."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec
import numpy as np
import shapely

from hinomi.kernel.marking import Marking
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import micros
from hinomi.kernel.store import MAX_LIMIT, Change
from hinomi.runtime.tiles.grid import project
from hinomi.runtime.tiles.rows import EARLIEST, LATEST, Floats, Row, Rows
from hinomi.runtime.tiles.subject import Picker, Subject

MOST_MENDED = 20_000
"""Changes that are mended one by one; more, and all is read anew."""
REMEMBERED = 4_096
"""Touched places that are remembered: tiles that are older than these are made anew."""
KEYS_AT_ONCE = 1_000


_VERSIONS = itertools.count(1)
"""Never given twice: a tile of an index that was dropped must not pass for one of the next."""


class _Point(msgspec.Struct):
    coordinates: list[float]


_POINT = b'{"type":"Point"'
_point = msgspec.json.Decoder(_Point).decode


class Index:
    """What tiles are made of. Hold ``lock`` while reading it: mending changes it in place."""

    def __init__(self, reader: Reader, subject: Subject, visible: frozenset[Marking]) -> None:
        self.subject = subject
        self.visible = visible
        self.lock = threading.Lock()
        self.picker = Picker(subject)
        self.classes: dict[str, int] = {name: n for n, name in enumerate(subject.classes)}
        self.version = 0
        """Goes up with each change that touches the collection."""
        self.position = -1
        """Of the feed, up to which it was looked at."""
        self._touched: list[tuple[int, tuple[float, float, float, float]]] = []
        self._forgotten = 0
        self._crowds: dict[int, int] = {}
        self._crowd_of = 0
        self.points = self.shapes = Rows([], np.empty((0, 4)))
        self.mend(reader)

    def mend(self, reader: Reader) -> None:
        """Bring everything up to the reader's position."""
        # Read first: what is appended meanwhile is told again next time.
        position = newest(reader)
        if position == self.position:
            return
        if self.position < 0:
            self._build(reader)
        elif reader.as_of is not None:
            # The past stands still, but what was narrowed since is taken from its sight too.
            if self._gone(reader):
                self._build(reader)
        else:
            keys = self._changed(reader)
            if keys is None:
                self._build(reader)
            elif keys:
                self._replace(reader, keys)
        self.position = position

    def weight(self) -> int:
        """Return about how many bytes it takes."""
        corners = shapely.get_num_coordinates(np.array(self.shapes.shape, object)).sum()
        return 300 * len(self.points) + 2_000 * len(self.shapes) + 32 * int(corners) + 10_000

    def touched_since(self, version: int, box: tuple[float, float, float, float]) -> bool:
        """Tell whether something changed in a box of the unit square after a version."""
        if version == self.version:
            return False
        if version < self._forgotten:
            return True
        west, north, east, south = box
        return any(
            of > version and w < east and e >= west and n < south and s >= north
            for of, (w, n, e, s) in self._touched
        )

    def crowd(self, zoom: int) -> int:
        """Return how many points the fullest tile of a zoom held, when last counted.

        Counted again when a tenth of the points came or went: a single one must not turn a
        whole zoom from points to clusters and back.
        """
        count = len(self.points)
        if abs(count - self._crowd_of) * 10 > self._crowd_of:
            self._crowds.clear()
            self._crowd_of = count
        if zoom not in self._crowds:
            side = 1 << zoom
            where = self.points.box[self.points.alive]
            tiles = (where[:, 0] * side).astype(np.int64) * side
            tiles += (where[:, 1] * side).astype(np.int64)
            self._crowds[zoom] = int(np.unique(tiles, return_counts=True)[1].max(initial=0))
        return self._crowds[zoom]

    def next_expiry(self, after: int) -> int | None:
        """Return the next moment after one [µs] at which something begins or ends."""
        found = [rows.next_expiry(after) for rows in (self.points, self.shapes)]
        return min((time for time in found if time is not None), default=None)

    def _changes(self, reader: Reader) -> Iterator[Change]:
        after = self.position
        while True:
            found = reader.changes(after, collections=(self.subject.collection,))
            yield from found.items
            if found.position == after or not found.items:
                return
            after = found.position

    def _gone(self, reader: Reader) -> bool:
        return any(change.kind == "gone" for change in self._changes(reader))

    def _changed(self, reader: Reader) -> list[str] | None:
        """Return the keys that changed since, or None where they are too many."""
        keys: dict[str, None] = {}
        for change in self._changes(reader):
            keys[change.key] = None
            if len(keys) > MOST_MENDED:
                return None
        return list(keys)

    def _build(self, reader: Reader) -> None:
        points: list[Row] = []
        shapes: list[Row] = []
        after: str | None = None
        while True:
            page = reader.features(
                self.subject.collection, filter=self.subject.filter, limit=MAX_LIMIT, after=after
            )
            self._sort(page.items, points, shapes)
            if page.next is None:
                break
            after = page.next
        self.points, self.shapes = _rows(points), _rows(shapes)
        self.version = next(_VERSIONS)
        self._forgotten = self.version
        self._touched.clear()
        self._crowds.clear()
        self._crowd_of = len(self.points)

    def _replace(self, reader: Reader, keys: list[str]) -> None:
        self.version = next(_VERSIONS)
        for first in range(0, len(keys), KEYS_AT_ONCE):
            some = tuple(keys[first : first + KEYS_AT_ONCE])
            page = reader.features(
                self.subject.collection, keys=some, filter=self.subject.filter, limit=len(some)
            )
            points: list[Row] = []
            shapes: list[Row] = []
            self._sort(page.items, points, shapes)
            for key in some:
                for rows in (self.points, self.shapes):
                    box = rows.remove(key)
                    if box is not None:
                        self._touch(box)
            for rows, found in ((self.points, points), (self.shapes, shapes)):
                boxes = _boxes(found)
                for row, box in zip(found, boxes, strict=True):
                    row.box = box
                    rows.add(row)
                    self._touch(box)

    def _touch(self, box: Floats) -> None:
        west, north, east, south = box.tolist()
        self._touched.append((self.version, (west, north, east, south)))
        if len(self._touched) > REMEMBERED:
            self._forgotten = self._touched[REMEMBERED // 2][0]
            del self._touched[: REMEMBERED // 2 + 1]

    def _sort(self, features: Iterable[bytes], points: list[Row], shapes: list[Row]) -> None:
        """Read features into rows; points are still in degrees, shapes in the unit square."""
        picker, class_of = self.picker, self._class
        slim, start_of, end_of, prop = picker.slim, picker.start, picker.end, picker.class_
        outlines: list[bytes] = []
        first = len(shapes)
        for feature in features:
            read = slim(feature)
            geometry = bytes(read.geometry)
            if geometry == b"null":
                continue
            few = read.properties
            start, end = getattr(few, start_of), getattr(few, end_of)
            row = Row(
                read.id,
                (),
                EARLIEST if start is None else _micros(start),
                LATEST if end is None else _micros(end),
                class_of(getattr(few, prop)) if prop else -1,
            )
            if geometry.startswith(_POINT):
                x, y = _point(geometry).coordinates[:2]
                row.box = (x, y)
                points.append(row)
            else:
                row.attributes = picker.attributes(picker.whole(feature))
                outlines.append(geometry)
                shapes.append(row)
        if outlines:
            made = shapely.from_geojson(np.array(outlines, object))
            moved = shapely.transform(shapely.force_2d(made), project)
            for row, shape in zip(shapes[first:], moved, strict=True):
                row.shape = shape

    def _class(self, value: Any) -> int:
        """Return the class's number: the legend's order, what it does not name behind."""
        if value is None:
            return -1
        text = msgspec.json.encode(value).decode()
        return self.classes.setdefault(text, len(self.classes))


def newest(reader: Reader) -> int:
    """Return the feed's newest position, whatever moment the reader looks at."""
    return reader.at(None).position()


def _boxes(rows: list[Row]) -> Floats:
    if not rows:
        return np.empty((0, 4))
    if rows[0].shape is None:
        found = project(np.array([row.box for row in rows], np.float64))
        return np.hstack((found, found))
    bounds: Floats = shapely.bounds(np.array([row.shape for row in rows], object))
    return bounds


def _rows(rows: list[Row]) -> Rows:
    return Rows(rows, _boxes(rows))


@lru_cache(maxsize=65_536)
def _micros(text: str) -> int:
    return micros(datetime.fromisoformat(text))
