"""The three tanks in series behind JMA's soil water index (土壌雨量指数)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from hinomi.kernel.errors import InputError

Array = NDArray[np.floating]

STEP_H = 1 / 6
"""[h] JMA's own step: 10 minutes on the 1-km analysed rain. The index depends on it."""

LONGEST_STEP_H = 1.0
"""[h] Beyond it the explicit step is no longer the model (1 h is already 2.6 % off)."""


class TankSet(NamedTuple):
    """Three tanks in series with two outlets on the first: coefficients [1/h], heights [mm]."""

    name: str
    outlets_per_h: tuple[float, float, float, float]
    """a1, a2 (first tank, lower and upper), a3, a4 (second and third)."""
    heights_mm: tuple[float, float, float, float]
    """L1..L4 of those outlets."""
    seepage_per_h: tuple[float, float, float]
    """b1..b3: what goes down from each tank."""
    source: str


SOIL = TankSet(
    name="soil water index",
    outlets_per_h=(0.1, 0.15, 0.05, 0.01),
    heights_mm=(15.0, 60.0, 15.0, 15.0),
    seepage_per_h=(0.12, 0.05, 0.01),
    source="Ishihara & Kobatake 1979 (京大防災研究所年報 22B-2), as JMA uses it for all Japan;"
    " the same numbers in two independent public codes",
)
"""JMA's one national set."""


def step(
    storage_mm: NDArray[np.float32] | NDArray[np.float64],
    rain_mm: Array,
    *,
    step_h: float = STEP_H,
    tanks: TankSet = SOIL,
    out: Array | None = None,
) -> Array:
    """Let it rain for one step; change the tanks in place and return their sum, the index.

    One explicit (Euler) step in which outflow and seepage are taken from the storage before the
    rain, which is what JMA's procedure does: with another step the index is another number.

    Args:
        storage_mm: [mm, shape (3, ...), float32 or float64, contiguous] the tanks, changed.
        rain_mm: [mm in this step, shape (...)] NaN where no rain is known; below 0 is no rain
            either, but a fault.
        step_h: [h] over 0 to 1.
        tanks: the set of coefficients.
        out: [mm, shape (...), of the tanks' type] where the index goes; a new array costs more than
            a third of a step of all Japan, in pages that are touched first.

    Returns:
        [mm, shape (...)] the index. Where the rain is NaN or negative the index is NaN, and the
        tanks run on as if it were dry: who goes on knows from the NaN that they are too low.

    Raises:
        InputError: shapes do not fit, or the step is out of range.
    Limits:
        No snow, no melting, no frozen ground, the same soil for all Japan. The index says nothing
        about steep or gentle ground: that is in the criteria it is compared with.

    References:
        Ishihara & Kobatake 1979; Okada, Makihara, Shimpo et al. 2001, 天気 48, 349-356.

    Example:
        >>> import numpy as np
        >>> tanks = np.zeros((3, 1))
        >>> float(step(tanks, np.array([5.0]))[0])
        5.0
    """
    _check(storage_mm, rain_mm, step_h)
    shape = storage_mm.shape
    storage = storage_mm.reshape(3, -1)
    rain = np.ascontiguousarray(rain_mm, dtype=storage_mm.dtype).reshape(-1)
    index = np.empty_like(rain) if out is None else _flat(out, storage_mm)
    _step(*storage, rain, index, _coefficients(tanks, step_h, storage_mm.dtype))
    return index.reshape(shape[1:])


def soil_water_index(
    rain_mm: Array, *, step_h: float = STEP_H, tanks: TankSet = SOIL, start_mm: Array | None = None
) -> Array:
    """Return the index after each step of a series of rain.

    Args:
        rain_mm: [mm in each step, shape (time, ...)].
        step_h: [h] length of a step.
        tanks: the set of coefficients.
        start_mm: [mm, shape (3, ...)] the tanks at the start; empty tanks if None, which takes
            weeks to forget (the third tank empties at 2 % an hour at most).

    Returns:
        [mm, shape (time, ...)].

    Raises:
        InputError: as :func:`step`.
    """
    rain = np.asarray(rain_mm, dtype=np.float64)
    storage = np.zeros((3, *rain.shape[1:]))
    if start_mm is not None:
        storage[...] = start_mm
    return np.stack([step(storage, r, step_h=step_h, tanks=tanks) for r in rain])


def forecast(
    storage_mm: NDArray[np.float32] | NDArray[np.float64],
    rains_mm: Iterator[Array],
    *,
    step_h: float = STEP_H,
    tanks: TankSet = SOIL,
) -> Iterator[Array]:
    """Yield the index after each forecast rain; the given tanks stay as they are."""
    storage = storage_mm.copy()
    for rain in rains_mm:
        yield step(storage, rain, step_h=step_h, tanks=tanks)


def exact(
    storage_mm: Array, rain_mm_per_h: float, hours: float, *, tanks: TankSet = SOIL
) -> NDArray[np.float64]:
    """Return the tanks of the differential equation itself after steady rain, for one place.

    Between the outlets' heights the equations are linear, so each such stretch is solved in closed
    form (matrix exponential), and the crossings are found by bisection: no step, no step error.

    Args:
        storage_mm: [mm, shape (3,)].
        rain_mm_per_h: [mm/h] steady.
        hours: [h] how long.
        tanks: the set of coefficients.

    Returns:
        [mm, shape (3,)].
    """
    now = np.asarray(storage_mm, dtype=np.float64).copy()
    left = float(hours)
    while left > 0:
        matrix, gain = _linear(now, rain_mm_per_h, tanks)
        until = _same_regime(now, matrix, gain, left, tanks)
        now = _after(now, matrix, gain, until)
        left -= until
    return now


def _check(storage: Array, rain: Array, step_h: float) -> None:
    if storage.shape[:1] != (3,) or storage.shape[1:] != np.shape(rain):
        raise InputError(
            f"tanks of shape {storage.shape} and rain of shape {np.shape(rain)}: expected"
            " (3, ...) and (...).",
            f"タンク{storage.shape}と雨量{np.shape(rain)}の形が合いません。",
        )
    if not storage.flags.c_contiguous or storage.dtype not in (np.float32, np.float64):
        raise InputError(f"tanks must be contiguous float32 or float64, not {storage.dtype}.")
    if not 0 < step_h <= LONGEST_STEP_H:
        raise InputError(f"step_h={step_h}: expected over 0 to {LONGEST_STEP_H} h.")


def _flat(out: Array, storage: Array) -> Array:
    if out.shape != storage.shape[1:] or out.dtype != storage.dtype or not out.flags.c_contiguous:
        raise InputError(
            f"out of shape {out.shape}, {out.dtype}: expected {storage.shape[1:]},"
            f" {storage.dtype}, contiguous.",
            f"出力の配列{out.shape}の形か型が合いません。",
        )
    return out.reshape(-1)


def _coefficients(tanks: TankSet, step_h: float, kind: np.dtype[np.floating]) -> Array:
    a, b = tanks.outlets_per_h, tanks.seepage_per_h
    return np.array([*(v * step_h for v in (*a, *b)), *tanks.heights_mm, 0.0, np.nan], dtype=kind)


@numba.njit(error_model="numpy", fastmath={"contract"}, cache=True)
def _step(one: Array, two: Array, three: Array, rain: Array, index: Array, c: Array) -> None:
    """One pass over the cells: 32 bytes a cell in float32, so memory is the limit."""
    a1, a2, a3, a4, b1, b2, b3 = c[0], c[1], c[2], c[3], c[4], c[5], c[6]
    l1, l2, l3, l4 = c[7], c[8], c[9], c[10]
    none, unknown = c[11], c[12]
    for i in range(rain.size):
        s1, s2, s3, r = one[i], two[i], three[i], rain[i]
        fell = r if r > none else none
        o1 = a1 * max(s1 - l1, none) + a2 * max(s1 - l2, none)
        o2 = a3 * max(s2 - l3, none)
        o3 = a4 * max(s3 - l4, none)
        d1, d2, d3 = b1 * s1, b2 * s2, b3 * s3
        s1 = s1 - d1 - o1 + fell
        s2 = s2 - d2 - o2 + d1
        s3 = s3 - d3 - o3 + d2
        one[i], two[i], three[i] = s1, s2, s3
        index[i] = s1 + s2 + s3 if r >= none else unknown


def _linear(
    storage: NDArray[np.float64], rain: float, tanks: TankSet
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return A and g of dS/dt = A S + g for the outlets that run now (or start to run)."""
    (a1, a2, a3, a4), (l1, l2, l3, l4) = tanks.outlets_per_h, tanks.heights_mm
    b1, b2, b3 = tanks.seepage_per_h
    s1, s2, s3 = storage
    a1, a2, a3, a4 = a1 * (s1 >= l1), a2 * (s1 >= l2), a3 * (s2 >= l3), a4 * (s3 >= l4)
    matrix = np.array(
        [[-(b1 + a1 + a2), 0, 0], [b1, -(b2 + a3), 0], [0, b2, -(b3 + a4)]], dtype=np.float64
    )
    return matrix, np.array([rain + a1 * l1 + a2 * l2, a3 * l3, a4 * l4])


def _after(
    storage: NDArray[np.float64], matrix: NDArray[np.float64], gain: NDArray[np.float64], h: float
) -> NDArray[np.float64]:
    # scipy is heavy and only this reference solution needs it.
    from scipy.linalg import expm  # noqa: PLC0415

    whole = np.zeros((4, 4))
    whole[:3, :3], whole[:3, 3] = matrix * h, gain * h
    moved: NDArray[np.float64] = (expm(whole) @ np.append(storage, 1.0))[:3]
    return moved


def _same_regime(
    storage: NDArray[np.float64],
    matrix: NDArray[np.float64],
    gain: NDArray[np.float64],
    left: float,
    tanks: TankSet,
) -> float:
    """Return how long [h] no storage passes an outlet's height, at most what is left."""
    l1, l2, l3, l4 = tanks.heights_mm
    heights = ((0, l1), (0, l2), (1, l3), (2, l4))
    start = [storage[i] >= level for i, level in heights]

    def same(h: float) -> bool:
        there = _after(storage, matrix, gain, h)
        return [there[i] >= level for i, level in heights] == start

    # Storages bend slowly (the fastest rate is 0.37/h): a look each 3 minutes misses no crossing
    # that lasts, and the bisection below pins it to 1e-12 h.
    look = 0.05
    reached = 0.0
    while reached < left:
        ahead = min(reached + look, left)
        if not same(ahead):
            low, high = reached, ahead
            while high - low > 1e-12:
                middle = (low + high) / 2
                low, high = (middle, high) if same(middle) else (low, middle)
            return high
        reached = ahead
    return left
