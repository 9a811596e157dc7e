"""The grounds that depths are computed on: imported elevation, meshes that touch taken together."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import msgspec

from hinomi.domains.hazards.collections.depths import ELEVATION
from hinomi.kernel.geometry import BBox
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Stored

if TYPE_CHECKING:
    from hinomi.science.depths.surface import Surface

MOST_CELLS = 8_000_000
"""Of one ground; beyond it cells are taken together."""
_KEPT = 2
"""Surfaces in memory, some 300 MB each at most: an exercise's beside the actual one."""
_DEGREE_M = 111_195.0
"""[m] Of latitude on a sphere of 6,371 km."""


class Place(msgspec.Struct, frozen=True):
    """A ground: its meshes, and the grid that they are laid on."""

    reader: Reader
    elevation: tuple[Stored, ...]
    network: str
    digest: str
    """Of the meshes' grids."""
    bounds: BBox
    rows: int
    columns: int

    @property
    def length_m(self) -> float:
        """Return a cell's size from north to south [m]."""
        return (self.bounds[3] - self.bounds[1]) / self.rows * _DEGREE_M

    @property
    def width_m(self) -> float:
        """Return a cell's size from west to east, at the middle latitude [m]."""
        middle = math.radians((self.bounds[1] + self.bounds[3]) / 2)
        return (self.bounds[2] - self.bounds[0]) / self.columns * _DEGREE_M * math.cos(middle)

    def surface(
        self, row: Sequence[int], column: Sequence[int], low_m: Any, high_m: Any
    ) -> Surface:
        """Return the surface through what is said; what is kept of the last one is used again.

        It depends on what is given here only: what is kept saves time and changes nothing.
        """
        from hinomi.science.depths.ground import Ground  # noqa: PLC0415 - heavy
        from hinomi.science.depths.surface import Surface  # noqa: PLC0415

        name = blake2b(repr((self.digest, row, column)).encode(), digest_size=16).hexdigest()
        with _LOCK:
            kept = _SURFACES.pop(name, None)
        if kept is None:
            kept = Surface(Ground(self.heights(), self.width_m, self.length_m), row, column)
        kept.observe(low_m, high_m)
        with _LOCK:
            _SURFACES[name] = kept
            while len(_SURFACES) > _KEPT:
                _SURFACES.popitem(last=False)
        return kept

    def heights(self) -> Any:
        """Lay the meshes on one grid: each cell takes the nearest; the newest lies on top."""
        import numpy as np  # noqa: PLC0415

        from hinomi.science.coverages import unpack  # noqa: PLC0415

        west, _, _, north = self.bounds
        height, width = self._cell()
        whole = np.full((self.rows, self.columns), np.nan, np.float32)
        for item in self.elevation:
            grid = unpack(self.reader.blob(item, str(item.body()["grid_digest"])))
            w, s, e, n = grid.bounds
            values = grid.values[0]
            top, left = max(round((north - n) / height), 0), max(round((w - west) / width), 0)
            bottom = min(round((north - s) / height), self.rows)
            right = min(round((e - west) / width), self.columns)
            y = north - (np.arange(top, bottom) + 0.5) * height
            x = west + (np.arange(left, right) + 0.5) * width
            row = np.floor((n - y) / (n - s) * values.shape[0]).astype(np.int64)
            column = np.floor((x - w) / (e - w) * values.shape[1]).astype(np.int64)
            part = values[
                np.clip(row, 0, values.shape[0] - 1)[:, None],
                np.clip(column, 0, values.shape[1] - 1)[None, :],
            ]
            held = whole[top:bottom, left:right]
            held[:] = np.where(np.isfinite(part), part, held)
        return whole

    def _cell(self) -> tuple[float, float]:
        west, south, east, north = self.bounds
        return (north - south) / self.rows, (east - west) / self.columns


_SURFACES: OrderedDict[str, Surface] = OrderedDict()
_LOCK = threading.Lock()


def grounds(reader: Reader) -> Iterator[Place]:
    """Yield the grounds of all elevation that a reader sees, by name."""
    items = sorted(reader.every(ELEVATION.id), key=lambda item: (item.said_at, item.key))
    bounds = tuple(_bounds(item) for item in items)
    groups = [[(items[at], bounds[at]) for at in group] for group in _groups(bounds)]
    for group in sorted(groups, key=lambda g: min(item.key for item, _ in g)):
        yield _place(reader, group)


def _bounds(item: Stored) -> BBox:
    west, south, east, north = item.body()["bounds"]
    return west, south, east, north


@lru_cache(maxsize=8)
def _groups(bounds: tuple[BBox, ...]) -> tuple[tuple[int, ...], ...]:
    """Return which of some boxes hang together; asked again at each report, of the same boxes."""
    groups: list[list[int]] = []
    for at, one in enumerate(bounds):
        joined, apart = [at], []
        for group in groups:
            if any(_touch(one, bounds[other]) for other in group):
                joined = group + joined
            else:
                apart.append(group)
        groups = [*apart, joined]
    return tuple(tuple(sorted(group)) for group in groups)


def _touch(one: BBox, two: BBox) -> bool:
    edge = 1e-6
    return (
        one[0] <= two[2] + edge and two[0] <= one[2] + edge
        and one[1] <= two[3] + edge and two[1] <= one[3] + edge
    )  # fmt: skip


def _place(reader: Reader, group: Sequence[tuple[Stored, BBox]]) -> Place:
    bodies = [(item.body(), bounds) for item, bounds in group]
    west, south = (min(b[at] for _, b in bodies) for at in (0, 1))
    east, north = (max(b[at] for _, b in bodies) for at in (2, 3))
    height = min((b[3] - b[1]) / body["rows"] for body, b in bodies)
    width = min((b[2] - b[0]) / body["columns"] for body, b in bodies)
    rows, columns = round((north - south) / height), round((east - west) / width)
    fold = math.ceil(math.sqrt(max(rows * columns / MOST_CELLS, 1.0)))
    digests = [str(body["grid_digest"]) for body, _ in bodies]
    return Place(
        reader, tuple(item for item, _ in group), min(item.key for item, _ in group),
        blake2b(repr((digests, fold)).encode(), digest_size=8).hexdigest(),
        (west, south, east, north), max(rows // fold, 2), max(columns // fold, 2),
    )  # fmt: skip
