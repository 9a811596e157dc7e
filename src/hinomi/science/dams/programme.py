"""A linear programme, block by block: its variables, its rows, and what bends in it."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse import coo_array

from hinomi.science.dams.gates import Array


class Columns:
    """The programme's variables, block by block, and its rows."""

    def __init__(self) -> None:
        self.count = 0
        self.low: list[Array] = []
        self.high: list[Array] = []
        self.cost: list[Array] = []
        self.whole: list[Array] = []
        self.rows: dict[bool, int] = {True: 0, False: 0}
        self._parts: dict[bool, list[tuple[Array, Array, Array]]] = {True: [], False: []}
        self._right: dict[bool, list[Array]] = {True: [], False: []}

    def block(self, shape: tuple[int, ...], low: Any, high: Any, cost: Any = 0.0,
              *, whole: bool = False) -> Array:  # fmt: skip
        """Add variables and return their numbers."""
        size = int(np.prod(shape))
        for kept, value in ((self.low, low), (self.high, high), (self.cost, cost)):
            kept.append(np.broadcast_to(np.asarray(value, float), shape).ravel().copy())
        self.whole.append(np.full(size, whole))
        found = np.arange(self.count, self.count + size).reshape(shape)
        self.count += size
        return found

    def add(self, *terms: tuple[Any, Array], right: Any, equal: bool = False) -> None:
        """Add one row for each entry: sum of factor x variable <= right, or = right."""
        shape = np.broadcast_shapes(*(np.shape(v) for _, v in terms), np.shape(right))
        size = int(np.prod(shape))
        row = np.arange(self.rows[equal], self.rows[equal] + size)
        for factor, variable in terms:
            self._parts[equal].append((
                row, np.broadcast_to(variable, shape).ravel(),
                np.broadcast_to(np.asarray(factor, float), shape).ravel(),
            ))  # fmt: skip
        self._right[equal].append(np.broadcast_to(np.asarray(right, float), shape).ravel())
        self.rows[equal] += size

    def matrix(self, *, equal: bool) -> tuple[Any, Array] | tuple[None, None]:
        """Return the rows as a sparse matrix, and their right sides; None where there are none."""
        if not self.rows[equal]:
            return None, None
        row, column, factor = (np.concatenate(p) for p in zip(*self._parts[equal], strict=True))
        shape = (self.rows[equal], self.count)
        return coo_array((factor, (row, column)), shape=shape).tocsr(), np.concatenate(
            self._right[equal]
        )


def hull(volume: Array, spilt: Array) -> list[tuple[float, float]]:
    """Return the lower convex hull of a table (Andrew 1979): the table itself where it is one."""
    kept: list[tuple[float, float]] = []
    for v, q in zip(volume.tolist(), spilt.tolist(), strict=True):
        while len(kept) > 1:
            (v0, q0), (v1, q1) = kept[-2:]
            if (q1 - q0) * (v - v0) < (q - q0) * (v1 - v0):
                break
            kept.pop()
        kept.append((v, q))
    return kept
