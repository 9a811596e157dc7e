"""The local-inertial kernel on CUDA, by numba: the same scheme (``laws``), a thread for each cell.

Limits:
    Checked against the processor's kernel under numba's CUDA simulator only: nobody has run it on a
    GPU yet, so nothing is said of its speed there. Edges that are no walls, and rain that differs
    from cell to cell, cross to the device in every step.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import cuda
from numpy.typing import NDArray

from hinomi.kernel.errors import InputError
from hinomi.science.inundation import laws
from hinomi.science.inundation.basin import Basin, Greatest, refuse_no_number

Array = NDArray[Any]
_BLOCK = (8, 32)
"""Threads of a block: rows, columns."""
_SLOTS = 1024
"""Places in which blocks gather their greatest depth, so that they seldom meet."""


def refuse_without_gpu() -> None:
    """Say why a case cannot be computed on CUDA here.

    Raises:
        InputError: there is no GPU that CUDA can use.
    """
    if not cuda.is_available():
        raise InputError(
            "device='cuda': CUDA finds no GPU here. Use device='cpu', or install NVIDIA's driver"
            " and numba-cuda.",
            "device='cuda': 使えるGPUがありません。device='cpu'にするか、NVIDIAのドライバと"
            "numba-cudaを導入してください。",
        )


def _make(kind: np.dtype[Any]) -> Any:  # noqa: C901, PLR0915 - two stencils in one closure
    """Return the two kernels in a precision: all faces, then all cells."""
    seven_thirds = kind.type(7 / 3)
    on_device = cuda.jit(device=True)
    flow_of, passes = on_device(laws.depth_of_flow), on_device(laws.discharge)
    filled, speed = on_device(laws.filled), on_device(laws.speed)
    drag = on_device(laws.face_drag)

    @on_device
    def through(q, before, after, h_up, z_up, h_down, z_down, g_dt_n2, c):  # type: ignore[no-untyped-def]  # noqa: PLR0913 - one stencil
        flow = flow_of(h_up, z_up, h_down, z_down)
        return passes(
            q, before, after, (h_up + z_up) - (h_down + z_down), flow,
            max(flow, c.dry) ** seven_thirds, g_dt_n2, c,
        )  # fmt: skip

    @cuda.jit
    def faces(h, z, qx, qy, new_x, new_y, manning, c):  # type: ignore[no-untyped-def]  # noqa: PLR0913
        """Write the discharge through the west and north face of each cell; edges stay."""
        i, j = cuda.grid(2)
        rows, columns = h.shape
        if i >= rows or j >= columns:
            return
        n_row = min(i, manning.shape[0] - 1)
        if j > 0:
            new_x[i, j] = through(
                qx[i, j], qx[i, j - 1], qx[i, j + 1], h[i, j - 1], z[i, j - 1], h[i, j], z[i, j],
                drag(manning[n_row, j - 1], manning[n_row, j], c), c,
            )  # fmt: skip
        else:
            new_x[i, 0], new_x[i, columns] = qx[i, 0], qx[i, columns]
        if i > 0:
            n_up = min(i - 1, manning.shape[0] - 1)
            new_y[i, j] = through(
                qy[i, j], qy[i - 1, j], qy[i + 1, j], h[i - 1, j], z[i - 1, j], h[i, j], z[i, j],
                drag(manning[n_up, j], manning[n_row, j], c), c,
            )  # fmt: skip
        else:
            new_y[0, j], new_y[rows, j] = qy[0, j], qy[rows, j]

    @cuda.jit
    def cells(h, qx, qy, falls, found, deepest, fastest, came, c):  # type: ignore[no-untyped-def]  # noqa: PLR0913
        """Write the depth of each cell, and the greatest so far where it is asked for."""
        i, j = cuda.grid(2)
        rows, columns = h.shape
        if i >= rows or j >= columns:
            return
        left, right, top, bottom = qx[i, j], qx[i, j + 1], qy[i, j], qy[i + 1, j]
        now = filled(h[i, j], left, right, top, bottom, falls[min(i, falls.shape[0] - 1), j], c)
        h[i, j] = now
        slot = (cuda.blockIdx.x * cuda.gridDim.y + cuda.blockIdx.y) % found.shape[1]
        cuda.atomic.min(found, (0, slot), now)
        cuda.atomic.max(found, (1, slot), now)
        if now - now != c.none:  # infinite, or no number
            found[2, slot] = c.one
        if deepest.shape[0] > 0:
            deepest[i, j] = max(deepest[i, j], now)
            fastest[i, j] = max(fastest[i, j], speed(now, left, right, top, bottom, c))
            if now >= c.comes and came[i, j] != came[i, j]:
                came[i, j] = c.time

    return faces, cells


class _Shared:
    """A field of a basin that lies on the device between steps."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, basin: CudaBasin, owner: type) -> Array:
        if self.name in basin.far:
            basin.far.pop(self.name).copy_to_host(basin.near[self.name])
        return basin.near[self.name]

    def __set__(self, basin: CudaBasin, value: Array) -> None:
        basin.far.pop(self.name, None)
        basin.near[self.name] = value


class CudaBasin(Basin):
    """Water on a square grid, moved on a GPU; otherwise as :class:`Basin`, in every method.

    ``depth_m``, ``bed_m`` and the discharges come back from the device when they are looked at, and
    go there again before the next step, since whoever looks may change them too. Look seldom, and
    look again after a step.
    """

    depth_m: Any = _Shared()
    bed_m: Any = _Shared()
    qx_m2_s: Any = _Shared()
    qy_m2_s: Any = _Shared()

    def __init__(self, bed_m: Array, dx_m: float, **options: Any) -> None:
        refuse_without_gpu()
        self.near: dict[str, Array] = {}
        self.far: dict[str, Any] = {}
        super().__init__(bed_m, dx_m, **options)
        kind = self.near["bed_m"].dtype
        self._kernels = _make(kind)
        self._rough = cuda.to_device(self._manning)
        self._new = tuple(cuda.to_device(np.zeros_like(self.near[name])) for name in _FIELDS[2:])
        self._walled = False

    def deepest_m(self) -> float:
        """Return the greatest depth of water [m]; as the last step found it, if nobody looked."""
        if self._deepest_m is None or "depth_m" not in self.far or self.channels is not None:
            return super().deepest_m()
        return self._deepest_m

    def _set_edges(self, dt_s: float) -> None:
        """Set the outer faces, unless nothing passes them and nobody has touched them."""
        untouched = {"qx_m2_s", "qy_m2_s"} <= self.far.keys()
        if self._walled and untouched and not self.edges.kinds.any():
            return
        super()._set_edges(dt_s)
        qx, qy = self.near["qx_m2_s"], self.near["qy_m2_s"]
        self._walled = not (qx[:, [0, -1]].any() or qy[[0, -1]].any())

    def _sweep(self, dt_s: float, falls: Array, greatest: Greatest | None) -> None:
        kind = self._manning.dtype
        c = laws.constants(dt_s, self.dx_m, self.theta, self.time_s, kind)
        for name in _FIELDS:
            if name not in self.far:
                self.far[name] = cuda.to_device(self.near[name])
        depth, bed, qx, qy = (self.far[name] for name in _FIELDS)
        rows, columns = depth.shape
        grid = (-(-rows // _BLOCK[0]), -(-columns // _BLOCK[1]))
        found = np.zeros((3, _SLOTS), kind)
        reduced = cuda.to_device(found)
        faces, cells = self._kernels
        faces[grid, _BLOCK](depth, bed, qx, qy, *self._new, self._rough, c)
        noted = self._noted(greatest)
        cells[grid, _BLOCK](depth, *self._new, cuda.to_device(falls), reduced, *noted, c)
        (self.far["qx_m2_s"], self.far["qy_m2_s"]), self._new = self._new, (qx, qy)
        reduced.copy_to_host(found)
        if found[2].any():
            raise refuse_no_number()
        self._deepest_m = float(found[1].max())
        self.least_m = min(self.least_m, float(found[0].min()))

    def _noted(self, greatest: Greatest | None) -> tuple[Any, ...]:
        """Return where the greatest of each cell lies on the device; empty if nobody asks."""
        if greatest is None:
            return tuple(cuda.to_device(self._none) for _ in range(3))
        if greatest.far is None:
            parts = (greatest.depth_m, greatest.speed_m_s, greatest.arrival_s)
            greatest.far = tuple(cuda.to_device(part) for part in parts)
        return greatest.far


_FIELDS = ("depth_m", "bed_m", "qx_m2_s", "qy_m2_s")
