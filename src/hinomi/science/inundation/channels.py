"""Channels narrower than a cell (サブグリッド河道): streams that the grid does not show.

    Q' = (Q - g A dt dEta/dx) / (1 + g dt n^2 |Q| / (R^(4/3) A))

Neal, Schumann & Bates 2012, Water Resour. Res. 48, W11506: a rectangular channel lies in a cell's
ground, w wide (at most the cell), its bed below the ground. Below the bank water stands in the
channel only; above it, on the whole cell. Neighbouring cells with a channel (by their sides, not
their corners) are linked; A = w hf and R = A / (w + 2 min(hf, bank)) at a link, hf as in ``laws``.

Where the water is above the bank, the plain's flow over the channel's width is taken back, so that
the width is not counted twice; rain and inflow fall into the channel first. The flow of the
finite-volume kernel is not taken back; with it a channel carries water below the bank only.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from hinomi.kernel.errors import InputError
from hinomi.science.compiled import njit
from hinomi.science.inundation.edges import FREE, STAGE, Edges
from hinomi.science.inundation.laws import DRY_M, GRAVITY_M_S2

Array = NDArray[Any]
_LEAST_SLOPE = 1e-4
"""A channel leaves the map at least as down this slope."""


@dataclass(frozen=True)
class Channels:
    """Channels on a grid, each array (rows, columns)."""

    width_m: Array
    """[m] 0 where there is none; at most a cell."""
    bed_m: Array
    """[m] of the channel's bed; looked at where there is a channel."""
    manning: float | Array = 0.03


def traced(corners: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the cells (row, column) of a line, each beside the next by a side.

    Example:
        >>> traced([(0, 0), (1, 2)])
        [(0, 0), (0, 1), (1, 1), (1, 2)]
    """
    cells = [corners[0]]
    for start, end in itertools.pairwise(corners):
        (row, column), down, right = start, end[0] - start[0], end[1] - start[1]
        steps = abs(down) + abs(right)
        for k in range(1, steps + 1):
            # The line's own place; the axis that is further behind moves.
            behind = abs(down) * k / steps - abs(row - start[0])
            if behind > abs(right) * k / steps - abs(column - start[1]):
                row += 1 if down > 0 else -1
            else:
                column += 1 if right > 0 else -1
            cells.append((row, column))
    return cells


class Plain(Protocol):
    """What a network needs of the ground that it lies in."""

    bed_m: Array
    depth_m: Array
    dx_m: float
    passed_m3: float
    edges: Edges


@njit(error_model="numpy")
def _settle(depth, below, bank, width, dx):  # type: ignore[no-untyped-def]
    """Let each cell's water lie in its channel first; what is above the bank on the whole cell."""
    for k in range(depth.size):
        water = depth[k] * dx * dx + below[k] * width[k] * dx
        room = bank[k] * width[k] * dx
        inside = min(max(water, 0.0), room)
        below[k] = inside / (width[k] * dx)
        depth[k] = (water - inside) / (dx * dx)


@njit(error_model="numpy")
def _next(flow, level_up, level_down, bed_up, bed_down, width, bank, n, dt, dx, whole):  # type: ignore[no-untyped-def]  # noqa: PLR0913 - one stencil
    """Return the discharge [m3/s] from one place of a channel to the next."""
    hf = max(level_up, level_down) - max(bed_up, bed_down)
    if hf <= DRY_M:
        return 0.0
    inside = min(hf, bank)
    area = width * (hf if whole else inside)
    radius = area / (width + 2 * inside)
    push = GRAVITY_M_S2 * area * dt * (level_up - level_down) / dx
    rub = GRAVITY_M_S2 * dt * n * n * abs(flow) / (radius ** (4 / 3) * area)
    most = area * np.sqrt(GRAVITY_M_S2 * hf)
    return max(min((flow + push) / (1 + rub), most), -most)


@njit(error_model="numpy")
def _move(depth, below, ground, cells, links, flow, over, dt, dx, whole):  # type: ignore[no-untyped-def]  # noqa: PLR0913
    """Move the water along the links, no more out of a cell than is in it."""
    width, bed, n = cells
    up, down = links
    level = np.where(depth > 0, ground + depth, bed + below)
    taken = np.zeros(depth.size)
    for k in range(flow.size):
        a, b = up[k], down[k]
        flow[k] = _next(
            flow[k], level[a], level[b], bed[a], bed[b], min(width[a], width[b]),
            min(ground[a] - bed[a], ground[b] - bed[b]), 0.5 * (n[a] + n[b]), dt, dx, whole,
        )  # fmt: skip
        taken[a if flow[k] > 0 else b] += abs(flow[k]) * dt
    water = depth * dx * dx + below * width * dx
    share = np.minimum(1.0, np.maximum(water, 0.0) / np.maximum(taken, 1e-30))
    for k in range(flow.size):
        a, b = up[k], down[k]
        flow[k] *= share[a if flow[k] > 0 else b]
        passed = dt * (flow[k] - over[k] * min(width[a], width[b]))
        depth[a] -= passed / (dx * dx)
        depth[b] += passed / (dx * dx)


class Network:
    """The channels of a basin and their water: ``below_m`` in the channels, below the bank."""

    def __init__(self, channels: Channels, bed_m: Array, dx_m: float) -> None:
        width = np.asarray(channels.width_m, float)
        bed = np.asarray(channels.bed_m, float)
        rough = np.broadcast_to(np.asarray(channels.manning, float), bed_m.shape)
        if width.shape != bed_m.shape or bed.shape != bed_m.shape:
            raise InputError(
                f"channels: shapes {width.shape} and {bed.shape}, expected {bed_m.shape}.",
                "河道の格子が標高の格子と違います。",
            )
        there = width != 0
        good = (width >= 0) & (width <= dx_m) & np.isfinite(bed) & (bed <= bed_m) & (rough > 0)
        if not good[there].all():
            raise InputError(
                f"channels: {int((~good[there]).sum())} cells with a width over {dx_m} m, a bed"
                " above the ground or a gap.",
                f"河道の幅は{dx_m} mまで、河床は地盤以下で欠測のない値が必要です。",
            )
        self.shape, self.dx_m = bed_m.shape, dx_m
        self.rows, self.columns = np.nonzero(there)
        self._cells = (width[there], bed[there], rough[there].copy())
        self.below_m = np.zeros(self.rows.size)
        number = np.full(bed_m.shape, -1)
        number[there] = np.arange(self.rows.size)
        across = np.nonzero(there[:, :-1] & there[:, 1:])
        along = np.nonzero(there[:-1] & there[1:])
        self._links = (
            np.concatenate([number[:, :-1][across], number[:-1][along]]),
            np.concatenate([number[:, 1:][across], number[1:][along]]),
        )
        self._across, self._along = (across[0], across[1] + 1), (along[0] + 1, along[1])
        self.flow_m3_s = np.zeros(self._links[0].size)
        self._outlets = self._at_edges(number)
        self.out_m3_s = np.zeros(len(self._outlets))

    def _at_edges(self, number: Array) -> list[tuple[int, int, int, float]]:
        """Return (cell, side, face, slope of the bed) of the channels that end at an edge."""
        found = []
        bed = self._cells[1]
        inner = {0: (0, 1), 1: (0, -1), 2: (1, 0), 3: (-1, 0)}
        for cell, (i, j) in enumerate(zip(self.rows, self.columns, strict=True)):
            sides = (j == 0, j == self.shape[1] - 1, i == 0, i == self.shape[0] - 1)
            for side in np.flatnonzero(sides):
                di, dj = inner[int(side)]
                beside = number[i + di, j + dj]
                slope = (bed[beside] - bed[cell]) / self.dx_m if beside >= 0 else 0.0
                face = i if side < 2 else j
                found.append((cell, int(side), int(face), max(slope, _LEAST_SLOPE)))
        return found

    @property
    def deepest_m(self) -> float:
        """Return the greatest depth of a channel's water below the bank."""
        return float(self.below_m.max(initial=0.0))

    def volume_m3(self) -> float:
        """Return the water in the channels, below the banks."""
        return float((self.below_m * self._cells[0]).sum() * self.dx_m)

    def grid_m(self) -> Array:
        """Return the depth below the bank [m, shape (rows, columns)]; NaN: no channel."""
        grid = np.full(self.shape, np.nan)
        grid[self.rows, self.columns] = self.below_m
        return grid

    def caught(self, plain: Plain, source_m_s: Array, dt_s: float) -> Array:
        """Let what falls on a cell fall into its channel; return what is left for the ground.

        Args:
            plain: the ground around.
            source_m_s: [m/s, shape (rows or 1, columns)] what comes in a step, by cell.
            dt_s: [s] the step.
        """
        falls = np.array(np.broadcast_to(source_m_s, self.shape))
        at = (self.rows, self.columns)
        width, bed, _ = self._cells
        room = np.maximum(plain.bed_m[at] - bed - self.below_m, 0.0) * width / self.dx_m
        inside = np.clip(falls[at] * dt_s, 0.0, room)
        self.below_m += inside * self.dx_m / width
        falls[at] -= inside / dt_s
        return falls

    def step(self, plain: Plain, dt_s: float, faces: tuple[Array, Array] | None) -> None:
        """Move the channels' water on, after the plain's.

        Args:
            plain: the ground around; water changes place between it and the channels.
            dt_s: [s] the step that it has just taken.
            faces: [m2/s] its discharges through the faces across and along; None: not known.
        """
        at = (self.rows, self.columns)
        width, bed, _ = self._cells
        ground = plain.bed_m[at].astype(float)
        bank = np.maximum(ground - bed, 0.0)
        depth = plain.depth_m[at].astype(float)
        over = np.zeros(self.flow_m3_s.size)
        if faces is not None:
            over = np.concatenate([faces[0][self._across], faces[1][self._along]]).astype(float)
        _settle(depth, self.below_m, bank, width, self.dx_m)
        out = self._out(plain, depth, bank, dt_s, faces)
        _move(
            depth, self.below_m, ground, self._cells, self._links, self.flow_m3_s, over, dt_s,
            self.dx_m, faces is not None,
        )  # fmt: skip
        for (cell, *_), flow in zip(self._outlets, out, strict=True):
            depth[cell] -= flow * dt_s / self.dx_m**2
        plain.passed_m3 -= sum(out) * dt_s
        _settle(depth, self.below_m, bank, width, self.dx_m)
        plain.depth_m[at] = depth

    def _out(
        self, plain: Plain, depth: Array, bank: Array, dt_s: float,
        faces: tuple[Array, Array] | None,
    ) -> list[float]:  # fmt: skip
        """Return what leaves over each outlet [m3/s], less the plain's flow over its width.

        A free edge lets a channel go at Manning's rate, an edge of a given stage as a cell beyond.
        """
        width, bed, rough = self._cells
        found = []
        for k, (cell, side, face, slope) in enumerate(self._outlets):
            kind, w, n = plain.edges.kinds[side, face], width[cell], rough[cell]
            inside, over = self.below_m[cell], max(depth[cell], 0.0)
            whole = inside if faces is None else inside + over
            flow = 0.0
            if kind == FREE:
                area = w * whole
                flow = area * (area / (w + 2 * inside)) ** (2 / 3) * np.sqrt(slope) / n
            elif kind == STAGE:
                flow = -_next(
                    -self.out_m3_s[k], float(plain.edges.values[side, face]),
                    bed[cell] + inside + over, bed[cell], bed[cell], w, bank[cell], n, dt_s,
                    self.dx_m, faces is not None,
                )  # fmt: skip
            flow = min(flow, 0.5 * whole * w * self.dx_m / dt_s)
            self.out_m3_s[k] = flow
            if faces is not None and kind in (FREE, STAGE):
                q = (faces[0][face, 0], -faces[0][face, -1], faces[1][0, face], -faces[1][-1, face])
                flow += float(q[side]) * w
            found.append(flow)
        return found
