"""One tile out of an index: clusters and points, shapes simplified and cut, then the bytes."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import msgspec
import numpy as np

from hinomi.kernel.reader import Reader
from hinomi.kernel.store import MAX_LIMIT
from hinomi.runtime.tiles.grid import EXTENT, Address
from hinomi.runtime.tiles.index import Index
from hinomi.runtime.tiles.rows import Flags, Ints
from hinomi.runtime.tiles.shaping import BUFFER, encoded_shapes
from hinomi.standards.mvt import POINT, Encoded, encode, point_geometries

MOST_POINTS = 1_000
"""Points in a zoom's fullest tile above which the zoom is clustered."""
CELLS = 16
"""Clusters along a tile's edge: 32 px apart where a tile is drawn over 512 px."""
RING = 1 / CELLS
"""Of a tile's edge: so far around it lie the cells whose clusters may be in the buffer."""

When = tuple[int, int]
"""The first and the last moment [µs] of what is shown, both included."""


def make(index: Index, reader: Reader, address: Address, when: When | None) -> bytes:
    """Return the tile: a layer named by the collection, no bytes where nothing is there."""
    features = [*_points(index, reader, address, when), *_shapes(index, address, when)]
    return encode(index.subject.collection, features, EXTENT)


def _points(index: Index, reader: Reader, address: Address, when: When | None) -> list[Encoded]:
    points = index.points
    if not len(points):
        return []
    valid = None if when is None else points.valid(*when)
    chosen = points.inside(address.box(RING), valid)
    if not len(chosen):
        return []
    inside = (points.box[chosen, :2] - (address.west, address.north)) / address.size
    if index.crowd(address.zoom) <= MOST_POINTS:
        return _singles(index, reader, chosen, inside)
    side = CELLS + 2
    cells = np.clip(np.floor(inside * CELLS).astype(np.int64) + 1, 0, side - 1)
    cell = cells[:, 1] * side + cells[:, 0]
    alone = np.bincount(cell, minlength=side * side)[cell] == 1
    found = _clusters(index, address, cell[~alone], inside[~alone], chosen[~alone])
    return found + _singles(index, reader, chosen[alone], inside[alone])


def _near(inside: Any) -> Flags:
    """Tell which places are in the tile or its buffer: some programs cut symbols at the edge."""
    found: Flags = ((inside >= -BUFFER) & (inside < 1 + BUFFER)).all(axis=1)
    return found


def _singles(index: Index, reader: Reader, rows: Ints, inside: Any) -> list[Encoded]:
    """Return points with their attributes, in the order of their keys."""
    near = _near(inside)
    rows, inside = rows[near], inside[near]
    if not len(rows):
        return []
    units = np.floor(inside * EXTENT).astype(np.int64)
    geometry = dict(
        zip((index.points.keys[n] for n in rows.tolist()), point_geometries(units), strict=True)
    )
    picker = index.picker
    found = []
    keys = sorted(geometry)
    for first in range(0, len(keys), MAX_LIMIT):
        some = tuple(keys[first : first + MAX_LIMIT])
        page = reader.features(index.subject.collection, keys=some, limit=len(some))
        for feature in page.items:
            attributes = picker.attributes(picker.whole(feature))
            key = attributes["id"]
            found.append(Encoded(POINT, geometry[key], attributes, number_of(key)))
    return found


def _clusters(index: Index, address: Address, cell: Ints, inside: Any, rows: Ints) -> list[Encoded]:
    """Return one point for each cell: where its members are on average, how many, of which class.

    It carries the gravest member's class under the property's own name, so that one rule colours
    points and clusters alike.
    """
    if not len(cell):
        return []
    used, member, counts = np.unique(cell, return_inverse=True, return_counts=True)
    size = len(used)
    sums = [np.bincount(member, inside[:, axis], size) for axis in (0, 1)]
    means = np.stack(sums, axis=1) / counts[:, None]
    near = _near(means)
    units = np.floor(means * EXTENT).astype(np.int64)
    class_ = index.points.class_[rows]
    names = [msgspec.json.decode(text) for text in index.classes]
    grid = np.zeros((size, len(names) + 1), np.int64)
    np.add.at(grid, (member, class_), 1)
    prop = index.subject.property
    told: list[dict[str, Any]] = [{"point_count": count} for count in counts.tolist()]
    if prop:
        words = [f"{prop}:{_word(name)}" for name in names]
        of, kinds = np.nonzero(grid[:, :-1])
        each = zip(of.tolist(), kinds.tolist(), grid[of, kinds].tolist(), strict=True)
        for n, kind, count in each:
            # The legend's order is by gravity: the first of a cell is its gravest.
            told[n].setdefault(prop, names[kind])
            told[n][words[kind]] = count
    found = []
    rows_of, columns_of = (used // (CELLS + 2)).tolist(), (used % (CELLS + 2)).tolist()
    geometries = point_geometries(units)
    for n in np.flatnonzero(near).tolist():
        row, column = address.row * CELLS + rows_of[n], address.column * CELLS + columns_of[n]
        # The cell's own number: the same in the neighbour's buffer.
        number = number_of(f"{address.zoom}/{row}/{column}")
        found.append(Encoded(POINT, geometries[n], told[n], number))
    return found


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _shapes(index: Index, address: Address, when: When | None) -> list[Encoded]:
    shapes = index.shapes
    if not len(shapes):
        return []
    valid: Flags | None = None if when is None else shapes.valid(*when)
    return [
        Encoded(kind, geometry, properties, number_of(properties["id"]))
        for kind, geometry, properties in encoded_shapes(shapes, address, valid)
    ]


def number_of(key: str) -> int:
    """Return a feature's number in tiles: 53 bits of its key's hash, all that JSON can hold."""
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest()) >> 11
