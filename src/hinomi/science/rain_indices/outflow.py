"""Surface rain index and runoff index by coefficients of one's own (not JMA's, which are not out).

JMA publishes what its indices are made of (tanks by ground, mixed by the urban share, a factor of
the terrain; then channels by Manning's law and the square root of the discharge) but not all of
its numbers. So both are here as programs over a file of numbers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from importlib.resources import files
from typing import NamedTuple

import msgspec
import numba
import numpy as np
from numpy.typing import NDArray

from hinomi.kernel.errors import InputError
from hinomi.science.rain_indices.tanks import LONGEST_STEP_H, STEP_H

URBAN_TANKS = 5
LAYERS = 3 + URBAN_TANKS + 1
"""Of the state: three tanks of the ground [mm], five of the streets [mm], the channel [m3]."""
MESH_M2 = 1.0e6
"""[m2] of a third mesh, about: 0.99 at Wakkanai, 1.16 at Naha."""


class GroundTanks(msgspec.Struct, frozen=True):
    """A kind of ground."""

    number: int
    outlets_per_h: tuple[float, float, float, float]
    heights_mm: tuple[float, float, float, float]
    seepage_per_h: tuple[float, float, float]


class Urban(msgspec.Struct, frozen=True):
    """Streets and roofs."""

    tanks: int
    empties_per_h: float


class Channel(msgspec.Struct, frozen=True):
    """A channel that states nothing of its own."""

    length_m: float
    width_m: float
    slope: float
    manning: float


class Parameters(msgspec.Struct, frozen=True):
    """A file of coefficients."""

    title: str
    source: str
    ground: tuple[GroundTanks, ...]
    urban: Urban
    channel: Channel
    ours: bool = True
    """Not JMA's."""


class Meshes(NamedTuple):
    """What the indices need to know of each mesh, [shape (n,)]."""

    codes: NDArray[np.int64]
    ground: NDArray[np.int64]
    """Number of the ground, as in the parameters."""
    urban: NDArray[np.float64]
    """0 to 1."""
    terrain: NDArray[np.float64]
    """The surface index's factor."""
    below: NDArray[np.int64]
    """Code of the mesh that it drains to; 0: out of the table, into the sea."""
    width_m: NDArray[np.float64]
    """Below 0, as slope: the parameters' own."""
    slope: NDArray[np.float64]


class Indices(NamedTuple):
    """[shape (n,)] each, and the state to go on from, [shape (9, n)]."""

    surface: NDArray[np.float64]
    runoff: NDArray[np.float64]
    state: NDArray[np.float64]


def decode_parameters(data: bytes) -> Parameters:
    """Return the coefficients of a TOML file.

    Raises:
        InputError: a name or value is not as the shipped file has it.
    """
    try:
        found = msgspec.toml.decode(data, type=Parameters)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(f"parameters: {error}", f"係数表が正しくありません: {error}") from None
    if found.urban.tanks != URBAN_TANKS or not found.ground:
        raise InputError(f"parameters: expected {URBAN_TANKS} urban tanks and one ground or more.")
    return found


def shipped_parameters() -> Parameters:
    """Return the coefficients that come along. Not JMA's."""
    return decode_parameters(files(__package__).joinpath("parameters.toml").read_bytes())


class Outflow:
    """Steps the indices of a table of meshes; the order of the channels is found once.

    Raises:
        InputError: a ground that the parameters do not have, or meshes that drain in a circle.
    """

    def __init__(self, meshes: Meshes, parameters: Parameters) -> None:
        self.meshes, self._channel = meshes, parameters.channel
        known = {g.number: i for i, g in enumerate(parameters.ground)}
        strange = sorted(set(meshes.ground.tolist()) - known.keys())
        if strange:
            raise InputError(
                f"ground {strange}: expected one of {sorted(known)}.",
                f"地盤の種類{strange}は係数表にありません({sorted(known)})。",
            )
        place = np.array([known[g] for g in meshes.ground.tolist()], np.int64)
        rows = [(*g.outlets_per_h, *g.heights_mm, *g.seepage_per_h) for g in parameters.ground]
        self._coefficients = np.array(rows, np.float64)[place]
        self._empties = parameters.urban.empties_per_h
        self._below, self._order = _network(meshes)
        # Manning in a wide section: Q = slope^0.5 / n * w * (S / (L w))^(5/3).
        own = parameters.channel
        width = np.where(meshes.width_m > 0, meshes.width_m, own.width_m)
        slope = np.where(meshes.slope > 0, meshes.slope, own.slope)
        area = own.length_m * width
        self._discharge = np.sqrt(slope) / own.manning * width / area ** (5 / 3)

    def empty(self) -> NDArray[np.float64]:
        """Return dry ground and dry channels."""
        return np.zeros((LAYERS, self.meshes.codes.size))

    def step(
        self, state: NDArray[np.float64], rain_mm: NDArray[np.floating], *, step_h: float = STEP_H
    ) -> Indices:
        """Return the indices after rain, and the new state; the given one stays as it is.

        Args:
            state: [shape (9, n)] as :meth:`empty` or the step before gave it.
            rain_mm: [mm in this step, shape (n,)] NaN where not known: taken as none, and the
                surface index is NaN there.
            step_h: [h] over 0 to 1.

        Limits:
            Not JMA's numbers: compare with nobody's criteria but those fitted to these parameters.
        """
        if state.shape != (LAYERS, self.meshes.codes.size) or rain_mm.shape != state.shape[1:]:
            raise InputError(f"State {state.shape}, rain {rain_mm.shape}: expected (9, n), (n,).")
        if not 0 < step_h <= LONGEST_STEP_H:
            raise InputError(f"step_h={step_h}: expected over 0 to {LONGEST_STEP_H} h.")
        new = np.array(state, np.float64)
        known = np.isfinite(rain_mm)
        rain = np.where(known, np.maximum(rain_mm, 0), 0).astype(np.float64)
        out_mm = np.empty(rain.size)
        _tanks(new, rain, self._coefficients, self._empties * step_h, step_h, self.meshes.urban,
               out_mm)  # fmt: skip
        flow = np.empty(rain.size)
        _route(new[LAYERS - 1], out_mm * 1e-3 * MESH_M2 / (step_h * 3600), self._below,
               self._order, self._discharge, step_h * 3600, flow)  # fmt: skip
        surface = np.where(known, out_mm / step_h * self.meshes.terrain, np.nan)
        return Indices(surface, np.sqrt(flow), new)


def _network(meshes: Meshes) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return each mesh's place below (-1: none) and an order in which the upper come first."""
    place = {code: i for i, code in enumerate(meshes.codes.tolist())}
    below = np.array([place.get(code, -1) for code in meshes.below.tolist()], np.int64)
    waiting = np.bincount(below[below >= 0], minlength=below.size)
    ready = np.nonzero(waiting == 0)[0].tolist()
    order: list[int] = []
    while ready:
        one = ready.pop()
        order.append(one)
        under = int(below[one])
        if under >= 0:
            waiting[under] -= 1
            if waiting[under] == 0:
                ready.append(under)
    if len(order) < below.size:
        round_about: Sequence[int] = meshes.codes[np.nonzero(waiting)[0][:3]].tolist()
        raise InputError(
            f"meshes {round_about} drain in a circle.", f"格子{round_about}の流れが循環しています。"
        )
    return below, np.array(order, np.int64)


@numba.njit(error_model="numpy", cache=True)
def _tanks(  # noqa: PLR0913 - a kernel's arrays
    state: NDArray[np.float64],
    rain: NDArray[np.float64],
    of: NDArray[np.float64],
    share: float,
    step_h: float,
    urban: NDArray[np.float64],
    out_mm: NDArray[np.float64],
) -> None:
    """Let it rain; write what runs off in the step [mm]. The ground's tanks as in ``tanks.py``."""
    emptied = 1 - math.exp(-share)
    for i in range(rain.size):
        c = of[i]
        s1, s2, s3 = state[0, i], state[1, i], state[2, i]
        o1 = (c[0] * max(s1 - c[4], 0.0) + c[1] * max(s1 - c[5], 0.0)) * step_h
        o2, o3 = c[2] * max(s2 - c[6], 0.0) * step_h, c[3] * max(s3 - c[7], 0.0) * step_h
        d1, d2, d3 = c[8] * s1 * step_h, c[9] * s2 * step_h, c[10] * s3 * step_h
        state[0, i] = s1 - o1 - d1 + rain[i]
        state[1, i] = s2 - o2 - d2 + d1
        state[2, i] = s3 - o3 - d3 + d2
        falls = rain[i]
        for k in range(3, 3 + URBAN_TANKS):
            state[k, i] += falls
            falls = state[k, i] * emptied
            state[k, i] -= falls
        out_mm[i] = (o1 + o2 + o3) * (1 - urban[i]) + falls * urban[i]


@numba.njit(error_model="numpy", cache=True)
def _route(  # noqa: PLR0913 - a kernel's arrays
    stored: NDArray[np.float64],
    lateral: NDArray[np.float64],
    below: NDArray[np.int64],
    order: NDArray[np.int64],
    discharge: NDArray[np.float64],
    step_s: float,
    flow: NDArray[np.float64],
) -> None:
    """Fill the channels from the top: S' = inflow - k S^(5/3), backward Euler, by Newton.

    S + dt k S^(5/3) rises and bends upward, so that Newton from above falls on the root and never
    passes it: no step is too long.
    """
    came = lateral.copy()
    for i in order:
        full = stored[i] + step_s * came[i]
        s = full
        for _ in range(50):
            power = discharge[i] * s ** (2 / 3)
            change = (s + step_s * power * s - full) / (1 + step_s * power * 5 / 3)
            s -= change
            if change < 1e-10 * full:
                break
        s = max(s, 0.0)
        flow[i] = (full - s) / step_s
        stored[i] = s
        if below[i] >= 0:
            came[below[i]] += flow[i]
