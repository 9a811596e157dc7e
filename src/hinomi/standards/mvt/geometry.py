"""Command streams of geometries (section 4.3), for all features of a layer at once."""

from __future__ import annotations

import itertools
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from hinomi.standards.mvt.tile import LINE, POINT, POLYGON

Ints: TypeAlias = NDArray[np.int64]

MOVE_TO, LINE_TO, CLOSE_PATH = 1, 2, 7
"""Command ids of section 4.3.1."""


def point_geometries(positions: Ints) -> list[bytes]:
    """Return one geometry for each point.

    Args:
        positions: [tile units, shape (n, 2)] x and y.
    """
    numbers = np.empty((len(positions), 3), np.uint64)
    numbers[:, 0] = _command(MOVE_TO, 1)
    numbers[:, 1:] = _zigzag(positions)
    return _sliced(numbers.ravel(), np.full(len(positions), 3))


def path_geometries(kind: int, positions: Ints, sizes: Ints, parts: Ints) -> list[bytes]:
    """Return one geometry for each feature: many points, lines or rings.

    Rings are closed and the right way round already: the outer one has a positive area by the
    surveyor's formula in tile units, the holes a negative one.

    Args:
        kind: POINT, LINE or POLYGON.
        positions: [tile units, shape (n, 2)] of all parts, one after the other.
        sizes: [shape (p,)] how many positions each part has.
        parts: [shape (f,)] how many parts each feature has, none without any.
    """
    if kind == POLYGON:
        last = np.cumsum(sizes) - 1
        positions, sizes = np.delete(positions, last, axis=0), sizes - 1
    if kind == POINT:
        # All of a feature's points are one MoveTo.
        starts = np.cumsum(parts) - parts
        sizes, parts = np.add.reduceat(sizes, starts), np.ones(len(parts), np.int64)
    part_feature = np.repeat(np.arange(len(parts)), parts)
    deltas = _deltas(positions, np.bincount(part_feature, sizes, len(parts)).astype(np.int64))
    head = 1 if kind == POINT else 2
    tail = 1 if kind == POLYGON else 0
    lengths = head + 2 * sizes + tail
    ends = np.cumsum(lengths)
    begins = ends - lengths
    numbers = np.empty(int(ends[-1]) if len(ends) else 0, np.uint64)
    numbers[begins] = _command(MOVE_TO, sizes if kind == POINT else 1)
    if kind != POINT:
        numbers[begins + 3] = _command(LINE_TO, sizes - 1)
    if kind == POLYGON:
        numbers[ends - 1] = _command(CLOSE_PATH, 1)
    inside = np.arange(len(positions)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    at = (
        np.repeat(begins, sizes) + 1 + 2 * inside + ((inside > 0) if kind in {LINE, POLYGON} else 0)
    )
    coded = _zigzag(deltas)
    numbers[at], numbers[at + 1] = coded[:, 0], coded[:, 1]
    return _sliced(numbers, np.bincount(part_feature, lengths, len(parts)).astype(np.int64))


def _deltas(positions: Ints, counts: Ints) -> Ints:
    """Return the steps of the cursor, which begins at 0, 0 in each feature."""
    deltas = positions.copy()
    deltas[1:] -= positions[:-1]
    first = np.cumsum(counts) - counts
    deltas[first] = positions[first]
    return deltas


def _command(number: int, count: Ints | int) -> Ints | int:
    return (count << 3) | number


def _zigzag(values: Ints) -> NDArray[np.uint64]:
    return ((values << 1) ^ (values >> 63)).astype(np.uint64)


def _sliced(numbers: NDArray[np.uint64], counts: Ints) -> list[bytes]:
    """Return the numbers as varints, cut into as many pieces as there are counts."""
    widths = np.ones(len(numbers), np.int64)
    for bits in range(7, 35, 7):
        widths += numbers >= (1 << bits)
    ends = np.cumsum(widths)
    found = np.zeros(int(ends[-1]) if len(ends) else 0, np.uint8)
    begins = ends - widths
    for step in range(5):
        here = widths > step
        value = (numbers[here] >> np.uint64(7 * step)) & np.uint64(0x7F)
        more = (widths[here] > step + 1).astype(np.uint64) << np.uint64(7)
        found[begins[here] + step] = value | more
    data = found.tobytes()
    limits = np.concatenate(([0], ends))[np.concatenate(([0], np.cumsum(counts)))].tolist()
    return [data[low:high] for low, high in itertools.pairwise(limits)]
