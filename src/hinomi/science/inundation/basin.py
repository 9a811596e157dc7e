"""A basin of water on a grid: its state, its step, what came in and went out."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from hinomi.kernel.errors import InputError
from hinomi.science.inundation import inertial
from hinomi.science.inundation.channels import Channels, Network
from hinomi.science.inundation.edges import Edges, Rim, inertial_flow
from hinomi.science.inundation.laws import COMES_M, DRY_M, GRAVITY_M_S2, constants

Array = NDArray[Any]
_PAGE = 4096


def checked_bed(bed_m: Array, dx_m: float, precision: Any) -> Array:
    """Return the bed in a grid's precision; refuse what is no grid."""
    bed = np.array(bed_m, dtype=precision, order="C")  # a copy: a breach lowers it
    if bed.ndim != 2 or min(bed.shape) < 2 or not np.isfinite(bed).all():
        raise InputError(
            "bed_m: expected two dimensions of 2 cells or more and no gaps; fill or mask them.",
            "標高は2次元で欠測のないものが必要です。",
        )
    if not dx_m > 0:
        raise InputError(f"dx_m={dx_m}: expected above 0 m (0より大きい値)。")
    return bed


def checked_manning(manning: float | Array, shape: tuple[int, ...], precision: Any) -> Array:
    """Return Manning's n with one row for all (a single number) or one for each row."""
    rough: Array = np.asarray(manning, dtype=precision)
    if not (np.isfinite(rough) & np.greater_equal(rough, 0)).all():
        raise InputError("manning: expected 0 or more, no gaps (粗度係数は0以上)。")
    whole = rough if rough.ndim == 2 else np.full((1, shape[1]), rough, precision)
    if whole.shape not in ((1, shape[1]), shape):
        raise InputError(f"manning: shape {whole.shape}, expected {shape} (粗度の格子が違います)。")
    return np.ascontiguousarray(whole)


def apart(given: Array, place: int) -> Array:
    """Return a copy that begins at a place of its own in a page, 0 to 7.

    Rows of 2,048 cells are whole pages. Would all grids begin alike, their rows would meet in the
    same eight lines of a processor's first cache and drive each other out.
    """
    room = np.zeros(given.nbytes + _PAGE, np.uint8)
    at = (place * _PAGE // 8 - room.ctypes.data) % _PAGE
    placed: Array = room[at : at + given.nbytes].view(given.dtype).reshape(given.shape)
    placed[:] = given
    return placed


class Greatest:
    """The greatest of each cell so far: depth [m], speed [m/s], and when 5 cm of water came [s]."""

    def __init__(self, depth_m: Array) -> None:
        self.depth_m = np.array(depth_m)
        self.speed_m_s = np.zeros_like(self.depth_m)
        zero, never = depth_m.dtype.type(0), depth_m.dtype.type(np.nan)
        self.arrival_s = np.where(depth_m >= COMES_M, zero, never)
        self.far: tuple[Any, ...] | None = None
        """Where they lie on a device, if a basin there brings them up to date."""

    def home(self) -> None:
        """Bring them from the device, if they are there."""
        for here, there in zip(
            (self.depth_m, self.speed_m_s, self.arrival_s), self.far or (), strict=False
        ):
            there.copy_to_host(here)


def refuse_no_number() -> InputError:
    """Return the error of water that is no number any more."""
    return InputError(
        "the water is no number any more: look for spikes in bed, inflow or stages.",
        "計算が発散しました。標高・流入・水位の異常値を調べてください。",
    )


class Basin:
    """Water on a square grid, moved by the local-inertial kernel.

    ``depth_m`` (rows, columns) may be changed between steps. The discharges through the outer
    faces (``qx_m2_s[:, 0]``, ``qx_m2_s[:, -1]``, ``qy_m2_s[0]``, ``qy_m2_s[-1]``) stay as they are
    set (0 is a wall, anything else an inflow or outflow) where ``edges`` says wall; elsewhere
    ``edges`` sets them. Rows run in the direction of ``qy``. ``passed_m3``: what came in over the
    outer faces, less what left.

    Limits:
        No advection of momentum: for floods over plains (Froude numbers to about 0.5 to 1), not
        for dam breaks and steep streams. A cell may go into debt by a little water in a step in
        which it falls dry (``least_m``); the debt is paid back, so that no water is made or lost.
    """

    def __init__(  # noqa: PLR0913 - what a basin is made of
        self,
        bed_m: Array,
        dx_m: float,
        *,
        manning: float | Array = 0.03,
        theta: float = 0.9,
        precision: type[np.float32] | type[np.float64] = np.float32,
        channels: Channels | None = None,
        threads: int | None = None,
    ) -> None:
        bed = checked_bed(bed_m, dx_m, precision)
        self.bed_m, self.dx_m, self.theta = apart(bed, 2), float(dx_m), theta
        rows, columns = bed.shape
        self.depth_m = apart(np.zeros_like(bed), 0)
        self.qx_m2_s = apart(np.zeros((rows, columns + 1), precision), 6)
        self.qy_m2_s = apart(np.zeros((rows + 1, columns), precision), 4)
        self.edges = Edges(rows, columns, bed.dtype)
        self.passed_m3 = 0.0
        self._manning = checked_manning(manning, bed.shape, precision)
        self._still = np.zeros((1, columns), precision)
        self._none = np.zeros((0, 0), precision)
        self.channels = None if channels is None else Network(channels, bed, dx_m)
        self.time_s = 0.0
        self.least_m = 0.0
        self._deepest_m: float | None = None
        self._split(threads or numba.config.NUMBA_NUM_THREADS)

    def _split(self, threads: int) -> None:
        rows, columns = self.bed_m.shape
        bands = max(1, min(threads, rows // 4))
        self._bands = np.linspace(0, rows, bands + 1).astype(np.int64)
        self._halos = np.empty((bands, 6, columns), self.bed_m.dtype)
        self._found = np.empty((bands, 3), self.bed_m.dtype)
        blocks = -(-columns // inertial.BLOCK)
        self._wet = np.ones((rows, blocks), np.bool_)
        self._was_wet = np.ones((rows, blocks), np.bool_)

    def longest_step_s(self) -> float:
        """Return the step [s] that is stable now: sqrt(theta/2) dx / sqrt(g h_max), less a tenth.

        For the shortest wave on the grid the scheme's amplification has the characteristic
        polynomial l^2 - (2 theta - 8 c^2) l + 2 theta - 1 = 0, c = dt sqrt(g h) / dx in each of
        two directions; both roots stay inside the unit circle for c^2 < theta / 2. (Bates et al.
        2010 give 0.2 to 0.7 for that factor by experience.) Where all is dry: 60 s.
        """
        deepest = self.deepest_m() if self._deepest_m is None else self._deepest_m
        if deepest <= DRY_M:
            return 60.0
        fastest_m_s = np.sqrt(GRAVITY_M_S2 * deepest)
        return float(0.9 * np.sqrt(self.theta / 2.0) * self.dx_m / fastest_m_s)

    def deepest_m(self) -> float:
        """Return the greatest depth of water [m], from a channel's bed where there is one."""
        most = float(self.depth_m.max())
        return most if self.channels is None else max(most, 0.0) + self.channels.deepest_m

    def step(
        self, dt_s: float, source_m_s: float | Array = 0.0, greatest: Greatest | None = None
    ) -> None:
        """Move the water on by one step.

        Args:
            dt_s: [s] at most :meth:`longest_step_s`.
            source_m_s: [m/s, scalar or shape (rows, columns)] rain, inflow and drains in cells.
            greatest: is brought up to date in the same sweep.

        Raises:
            InputError: the step is longer than is stable, or the water is no number any more.
        """
        longest_s = self.longest_step_s()
        if not 0 < dt_s <= 1.001 * longest_s:
            raise InputError(
                f"dt_s={dt_s}: expected over 0 to {longest_s:.3g} s: a longer step is not stable.",
                f"時間刻みは{longest_s:.3g}秒までです(安定条件)。",
            )
        kind = self.bed_m.dtype
        source = np.asarray(source_m_s, dtype=kind)
        falls = source if source.ndim == 2 else np.full_like(self._still, source)
        if self.channels is not None:
            falls = self.channels.caught(self, falls, dt_s)
        self._set_edges(dt_s)
        self._sweep(dt_s, np.ascontiguousarray(falls), greatest)
        if self.channels is not None:
            self.channels.step(self, dt_s, (self.qx_m2_s, self.qy_m2_s))
            self._deepest_m = self.deepest_m()
            self._wake_channels()
        self.time_s += dt_s

    def _sweep(self, dt_s: float, falls: Array, greatest: Greatest | None) -> None:
        """Move the water inside on, and learn how deep it is now."""
        noted = (
            (self._none, self._none, self._none)
            if greatest is None
            else (greatest.depth_m, greatest.speed_m_s, greatest.arrival_s)
        )
        step = inertial.alone if len(self._halos) == 1 else inertial.together
        step(
            (self.depth_m, self.bed_m, self.qx_m2_s, self.qy_m2_s), self._manning, falls,
            self._bands, self._halos, self._awake(falls), self._wet, noted, self._found,
            constants(dt_s, self.dx_m, self.theta, self.time_s, self.bed_m.dtype),
        )  # fmt: skip
        if not np.isfinite(self._found[:, 2]).all():
            raise refuse_no_number()
        self._deepest_m = float(self._found[:, 1].max())
        self.least_m = min(self.least_m, float(self._found[:, 0].min()))

    def _wake_channels(self) -> None:
        """Let the next sweep look where a channel has put water out."""
        network = self.channels
        if network is not None:
            out = self.depth_m[network.rows, network.columns] != 0
            self._wet[network.rows[out], network.columns[out] // inertial.BLOCK] = True

    def _set_edges(self, dt_s: float) -> None:
        """Set the discharges through the outer faces that are no walls; sum what passes."""
        h, z, n, qx, qy = self.depth_m, self.bed_m, self._manning, self.qx_m2_s, self.qy_m2_s
        sides = (
            (Rim(h[:, 0], h[:, 1], z[:, 0], z[:, 1], n[:, 0]), qx[:, 0], 1),
            (Rim(h[:, -1], h[:, -2], z[:, -1], z[:, -2], n[:, -1]), qx[:, -1], -1),
            (Rim(h[0], h[1], z[0], z[1], n[0]), qy[0], 1),
            (Rim(h[-1], h[-2], z[-1], z[-2], n[-1]), qy[-1], -1),
        )
        through = 0.0
        for at, (rim, q, sign) in enumerate(sides):
            if self.edges.kinds[at].any():
                q[:] = sign * inertial_flow(self.edges, at, rim, sign * q, dt_s, self.dx_m)
            through += sign * float(q.sum(dtype=np.float64))
        self.passed_m3 += through * dt_s * self.dx_m

    def _awake(self, falls: Array) -> Array:
        """Return which blocks can change: wet now or a step ago, rained on, or beside such."""
        edges = np.zeros_like(self._wet)
        edges[[0, -1]] = True
        edges[:, [0, -1]] = True
        wet = self._wet | self._was_wet | edges
        self._was_wet = self._wet.copy()
        if falls.any():
            blocks = self._wet.shape[1]
            padded = np.zeros((len(falls), blocks * inertial.BLOCK), np.bool_)
            padded[:, : falls.shape[1]] = falls != 0
            wet = wet | padded.reshape(len(falls), blocks, -1).any(axis=2)
        grown = wet.copy()
        grown[1:] |= wet[:-1]
        grown[:-1] |= wet[1:]
        beside = grown.copy()
        beside[:, 1:] |= grown[:, :-1]
        beside[:, :-1] |= grown[:, 1:]
        return beside

    def speed_m_s(self) -> Array:
        """Return the speed [m/s] in each cell: mean discharge of its faces over its depth."""
        qx = 0.5 * (self.qx_m2_s[:, 1:] + self.qx_m2_s[:, :-1])
        qy = 0.5 * (self.qy_m2_s[1:] + self.qy_m2_s[:-1])
        wet = self.depth_m > DRY_M
        return np.where(wet, np.hypot(qx, qy) / np.where(wet, self.depth_m, 1), 0)

    def volume_m3(self) -> float:
        """Return the water on the grid and in its channels [m3], summed in double precision."""
        held = 0.0 if self.channels is None else self.channels.volume_m3()
        return float(self.depth_m.sum(dtype=np.float64) * self.dx_m**2) + held
