"""A basin of fast water: dam breaks, breaches, steep streams and streets (finite volumes)."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from hinomi.kernel.errors import InputError
from hinomi.science.compiled import njit
from hinomi.science.inundation import volumes
from hinomi.science.inundation.basin import Greatest, checked_bed, checked_manning, refuse_no_number
from hinomi.science.inundation.channels import Channels, Network
from hinomi.science.inundation.edges import Edges, within_water
from hinomi.science.inundation.laws import COMES_M

Array = NDArray[Any]
_HALVINGS = 12
_DEBT_M = {np.dtype(np.float32): 1e-6, np.dtype(np.float64): 1e-13}
"""[m] a depth below zero by less than this is rounding; more, and the step is halved."""


@njit(error_model="numpy")
def _note(deepest, fastest, came, depth, u, v, time, comes):  # type: ignore[no-untyped-def]  # noqa: PLR0913
    """Keep the greatest depth and speed so far, and when the water came."""
    for i in range(depth.shape[0]):
        for j in range(depth.shape[1]):
            h = depth[i, j]
            if h > 0:
                deepest[i, j] = max(deepest[i, j], h)
                fastest[i, j] = max(fastest[i, j], np.sqrt(u[i, j] * u[i, j] + v[i, j] * v[i, j]))
                if h >= comes and np.isnan(came[i, j]):
                    came[i, j] = time


class FiniteVolumeBasin:
    """Water on a square grid, moved by the second-order finite-volume kernel.

    Has the interface of :class:`~hinomi.science.inundation.basin.Basin`: ``bed_m``, ``depth_m``,
    ``edges``, :meth:`step`. Velocities ``u_m_s`` (along columns) and ``v_m_s`` (along rows) are
    state. 20 to 30 times dearer a cell than the local-inertial kernel.

    Limits:
        Hydrostatic, depth-averaged: no weirs, no pressure under bridges. Second order where the
        flow is smooth, first order at shocks, shores and edges. Friction by Manning only.
    """

    def __init__(  # noqa: PLR0913 - what a basin is made of
        self,
        bed_m: Array,
        dx_m: float,
        *,
        manning: float | Array = 0.03,
        courant: float = 0.4,
        precision: type[np.float32] | type[np.float64] = np.float64,
        channels: Channels | None = None,
        threads: int | None = None,
    ) -> None:
        bed = checked_bed(bed_m, dx_m, precision)
        rows, columns = bed.shape
        if not 0 < courant <= 0.5:
            raise InputError(f"courant={courant}: expected over 0 to 0.5 (クーラン数は0.5まで)。")
        self.dx_m, self.courant = float(dx_m), courant
        self._manning = checked_manning(manning, bed.shape, precision)
        self._z = np.pad(bed, 1, mode="edge")
        zero = np.zeros_like(self._z)
        self._now = (zero.copy(), zero.copy(), zero.copy())
        self._half = (zero.copy(), zero.copy(), zero.copy())
        inner = (slice(1, -1), slice(1, -1))
        self.bed_m = self._z[inner]
        self.depth_m, self.u_m_s, self.v_m_s = (part[inner] for part in self._now)
        self.edges = Edges(rows, columns, bed.dtype)
        self.channels = None if channels is None else Network(channels, bed, dx_m)
        self.time_s = 0.0
        self.least_m = 0.0
        self.passed_m3 = 0.0
        bands = max(1, min(threads or numba.config.NUMBA_NUM_THREADS, rows // 4))
        self._bands = np.linspace(0, rows, bands + 1).astype(np.int64)
        self._lows = np.zeros(bands, bed.dtype)
        self._reach = np.empty((rows, 2), np.int64)
        self._reach[:] = (columns, 0)
        self._span, self._near = np.zeros_like(self._reach), np.zeros_like(self._reach)
        self._passed = np.zeros((2, 4, max(rows, columns)), bed.dtype)

    def longest_step_s(self) -> float:
        """Return the step [s] within the Courant number; where all is dry, 60 s."""
        c = volumes.coefficients(0.0, self.dx_m, self.bed_m.dtype)
        speed = float(volumes.fastest(self.depth_m, self.u_m_s, self.v_m_s, c))
        if not np.isfinite(speed):
            raise refuse_no_number()
        inflow = np.abs(self.edges.values[self.edges.kinds == volumes.FLOW]).max(initial=0.0)
        # A flow into a dry cell comes at its critical speed, twice which is |u| + c.
        if self.channels is not None:
            speed = max(speed, float(np.sqrt(volumes.GRAVITY_M_S2 * self.deepest_m())))
        speed = max(speed, 2.0 * float(volumes.GRAVITY_M_S2 * inflow) ** (1 / 3))
        if speed <= np.sqrt(volumes.GRAVITY_M_S2 * volumes.DRY_M):
            stages = self.edges.kinds == volumes.STAGE
            return 60.0 if not stages.any() else 0.1 * self.dx_m
        return float(self.courant * self.dx_m / speed)

    def step(
        self, dt_s: float, source_m_s: float | Array = 0.0, greatest: Greatest | None = None
    ) -> None:
        """Move the water on by one step; where it would take more than is there, by two halves.

        Args:
            dt_s: [s] at most :meth:`longest_step_s`.
            source_m_s: [m/s, scalar or shape (rows, columns)] rain, inflow and drains in cells.
            greatest: is brought up to date.

        Raises:
            InputError: the step is longer than is stable, or the water is no number any more.
        """
        longest_s = self.longest_step_s()
        if not 0 < dt_s <= 1.001 * longest_s:
            raise InputError(
                f"dt_s={dt_s}: expected over 0 to {longest_s:.3g} s: a longer step is not stable.",
                f"時間刻みは{longest_s:.3g}秒までです(安定条件)。",
            )
        source = np.asarray(source_m_s, dtype=self.bed_m.dtype)
        if source.any():
            whole = source if source.ndim == 2 else np.full((1, self.bed_m.shape[1]), source)
            if self.channels is not None:
                whole = self.channels.caught(self, whole, dt_s)
            short_m = volumes.pour(
                self.depth_m, self.u_m_s, self.v_m_s, np.ascontiguousarray(whole),
                self.bed_m.dtype.type(dt_s),
            )  # fmt: skip
            self.passed_m3 += short_m * self.dx_m**2
        self._advance(dt_s, _HALVINGS)
        if self.channels is not None:
            self.channels.step(self, dt_s, None)
        self.time_s += dt_s
        if greatest is not None:
            _note(
                greatest.depth_m, greatest.speed_m_s, greatest.arrival_s, self.depth_m, self.u_m_s,
                self.v_m_s, self.bed_m.dtype.type(self.time_s), self.bed_m.dtype.type(COMES_M),
            )  # fmt: skip

    def _advance(self, dt_s: float, halvings: int) -> None:
        """Take one step of SSP-RK2 (Gottlieb & Shu 1998): a whole stage, then half of another."""
        self._look()
        debt = _DEBT_M[self.bed_m.dtype]
        low = self._stage(self._now, self._half, 0.0, dt_s)
        if low >= -debt:
            kept = tuple(part.copy() for part in self._now) if halvings else self._now
            low = self._stage(self._half, self._now, 0.5, dt_s)
            if low < -debt and halvings:
                for part, old in zip(self._now, kept, strict=True):
                    part[:] = old
        if low < -debt and halvings:
            self._advance(dt_s / 2, halvings - 1)
            self._advance(dt_s / 2, halvings - 1)
            return
        self.least_m = min(self.least_m, low)
        rows, columns = self.bed_m.shape
        through = 0.5 * self._passed.sum(axis=0, dtype=np.float64)
        total = through[:2, :rows].sum() + through[2:, :columns].sum()
        self.passed_m3 += float(total) * dt_s * self.dx_m

    def _look(self) -> None:
        west, east = self.edges.open_rows()
        self._reach[west, 0] = 0
        self._reach[east, 1] = self.bed_m.shape[1]
        volumes.spans(self._now[0], self._reach, self._span, self._near)

    def _stage(self, state: Any, new: Any, weight: float, dt_s: float) -> float:
        kind = self.bed_m.dtype
        c = volumes.coefficients(dt_s, self.dx_m, kind)
        passed = self._passed[0 if weight == 0.0 else 1]
        passed[:] = 0
        edges, values = self.edges, within_water(self.edges, self.depth_m, dt_s, self.dx_m)
        volumes.surround(*state, self._z, edges.kinds, values, edges.depths, c)
        run = volumes.alone if len(self._lows) == 1 else volumes.together
        run(
            state, self._now, new, self._z, self._manning, (edges.kinds, values), passed,
            self._bands, self._lows, self._span, self._near, kind.type(weight), c,
        )  # fmt: skip
        return float(self._lows.min())

    def volume_m3(self) -> float:
        """Return the water on the grid and in its channels [m3], summed in double precision."""
        held = 0.0 if self.channels is None else self.channels.volume_m3()
        return float(self.depth_m.sum(dtype=np.float64) * self.dx_m**2) + held

    def deepest_m(self) -> float:
        """Return the greatest depth of water [m], from a channel's bed where there is one."""
        most = float(self.depth_m.max())
        return most if self.channels is None else most + self.channels.deepest_m

    def speed_m_s(self) -> Array:
        """Return the speed [m/s] in each cell."""
        speed: Array = np.hypot(self.u_m_s, self.v_m_s)
        return speed
