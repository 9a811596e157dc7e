"""Shake maps: what a quake's size and place say of every cell, drawn to what was observed.

The source has the extent that its magnitude suggests; its direction is not known, so what the
relation says is taken over all directions (``ruptures``), and how much that leaves open counts in
the map's standard deviation.

References:
    Worden, Thompson, Baker, Bradley, Luco & Wald 2018, Bull. Seism. Soc. Am. 108(2), 853-866: the
    conditional multivariate normal distribution of ground motion.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from hinomi.kernel.errors import InputError
from hinomi.science.compiled import njit
from hinomi.science.shaking.ground_motion import (
    SM99_LARGEST,
    Array,
    Quake,
    si_midorikawa_1999,
    velocity_amplification,
)
from hinomi.science.shaking.ruptures import NODES, REACH_KM, Apart, apart_of

EARTH_KM = 6371.0
RANGE_KM = 25.7
"""[km] b of the correlation exp(-3 h / b) of residuals within a quake: 22.0 + 3.7 T at T = 1 s,
Jayaram & Baker 2009, Earthquake Eng. Struct. Dyn. 38, 1687-1708, as PGV goes with 1 s."""
BETWEEN_SHARE = 0.25
"""Part of the variance that a whole quake has in common; our choice, between the 0.2 and 0.4 that
relations for Japan with both parts state."""
INTENSITY_PER_LOG = 1.72
"""Of intensity to a factor of ten of PGV, as in ``intensity_of_velocity``."""
CONVERSION_SIGMA = 0.21
"""Of that relation."""
FARTHEST_KM = 400.0
_MOST_OBSERVED = 2_000


class Source(NamedTuple):
    """A quake as telegrams tell it: hypocentre and size, no direction."""

    longitude: float
    latitude: float
    depth_km: float
    magnitude: float
    """Mw."""
    kind: Quake = "crustal"


class Observed(NamedTuple):
    """Intensities at places, [shape (n,)]."""

    longitude: Array
    latitude: Array
    intensity: Array
    sigma: Array
    """How sure each is: 0 is exact."""
    vs30_m_s: Array | None = None
    """[m/s] the ground that each stands on; None: the map's at that cell."""


class Frame(NamedTuple):
    """A grid of cells."""

    bounds: tuple[float, float, float, float]
    rows: int
    columns: int

    @property
    def longitude(self) -> NDArray[np.float64]:
        """Return the columns' middles [degree]."""
        west, _, east, _ = self.bounds
        return west + (np.arange(self.columns) + 0.5) * (east - west) / self.columns

    @property
    def latitude(self) -> NDArray[np.float64]:
        """Return the rows' middles from the north [degree]."""
        _, south, _, north = self.bounds
        return north - (np.arange(self.rows) + 0.5) * (north - south) / self.rows


class ShakeMap(NamedTuple):
    """Intensity and its standard deviation, [shape (rows, columns)]."""

    intensity: NDArray[np.float32]
    sigma: NDArray[np.float32]
    bias: float
    """By how much the whole quake shook more than its magnitude says."""


def predicted(source: Source, frame: Frame, vs30_m_s: float | Array = 350.0) -> NDArray[np.float32]:
    """Return the intensity that Si & Midorikawa's PGV and the ground make, nothing observed.

    Args:
        source: the quake.
        frame: the grid.
        vs30_m_s: [m/s, number or shape (rows, columns)].

    Returns:
        [1, shape (rows, columns)].

    Limits:
        Mean over all directions of the fault: round where the truth is long. Which way it broke
        only observations tell.
    """
    _check(source)
    a, offset = _level(source)
    ground = np.log10(velocity_amplification(np.atleast_2d(np.asarray(vs30_m_s, np.float64))))
    uniform = ground.size == 1
    if not uniform and ground.shape != (frame.rows, frame.columns):
        raise InputError(f"vs30 {ground.shape}: expected {(frame.rows, frame.columns)}.")
    latitude, longitude = np.radians(frame.latitude), np.radians(frame.longitude - source.longitude)
    at = math.radians(source.latitude)
    out = np.empty((frame.rows, frame.columns), np.float32)
    _fill(
        np.sin(latitude) * math.sin(at), np.cos(latitude) * math.cos(at), np.cos(longitude),
        ground.astype(np.float32), _term(source).mean, a, offset, out,
    )  # fmt: skip
    return out


def _level(source: Source) -> tuple[float, float]:
    """Return log PGV = a - log10(X + c) - k X, and the intensity's offset, from the relation."""
    one = si_midorikawa_1999("PGV", source.kind, source.magnitude, source.depth_km, np.zeros(1))
    return float(np.log10(one.median[0]) + math.log10(_near(source.magnitude))), 2.68


def _near(magnitude: float) -> float:
    """Return the relation's c [km], that holds it down near the fault: 司・翠川 1999, 式(6)."""
    return float(0.0028 * 10 ** (0.5 * min(magnitude, SM99_LARGEST)))


def _term(source: Source) -> Apart:
    return _apart(source.magnitude, source.kind, source.depth_km)


@lru_cache(maxsize=32)
def _apart(magnitude: float, kind: Quake, depth_km: float) -> Apart:
    """Return log10(X + c) + k X by epicentral distance."""
    c, k = _near(magnitude), 0.002
    return apart_of(magnitude, kind, depth_km, lambda x: np.log10(x + c) + k * x)


@njit(error_model="numpy", fastmath={"contract", "afn"})
def _fill(  # noqa: PLR0913 - a kernel's arrays
    sines: NDArray[np.float64],
    cosines: NDArray[np.float64],
    columns: NDArray[np.float64],
    ground: NDArray[np.float32],
    term: NDArray[np.float64],
    a: float,
    offset: float,
    out: NDArray[np.float32],
) -> None:
    """One pass: the angle's cosine is a row's part plus a row's times a column's."""
    every = 0 if ground.size == 1 else 1
    per_log, radius2 = 1.72, 2 * EARTH_KM * EARTH_KM
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            chord2 = radius2 * max(1.0 - sines[i] - cosines[i] * columns[j], 0.0)
            at = min(NODES * math.sqrt(math.sqrt(chord2) / REACH_KM), NODES - 1e-6)
            low = int(at)
            part = at - low
            far = term[low] * (1.0 - part) + term[low + 1] * part
            soil = ground[i * every, j * every]
            out[i, j] = offset + per_log * (a - far + soil)


def sigma_of(source: Source) -> float:
    """Return the standard deviation of a predicted intensity, were the fault's place known."""
    far = si_midorikawa_1999(
        "PGV", source.kind, source.magnitude, source.depth_km, np.array([100.0])
    )
    log = float(far.sigma[0]) / math.log(10)
    return math.hypot(INTENSITY_PER_LOG * log, CONVERSION_SIGMA)


def unplaced_sigma(source: Source, epicentral_km: Array) -> NDArray[np.float64]:
    """Return how much a predicted intensity spreads as the fault's direction is not known.

    Args:
        source: the quake.
        epicentral_km: [km, shape (...)].

    Returns:
        [1, shape (...)] standard deviation; it comes on top of ``sigma_of``.
    """
    spread = _at_nodes(_term(source).spread, epicentral_km)
    return np.asarray(INTENSITY_PER_LOG * spread)


def _at_nodes(table: Array, epicentral_km: Array) -> NDArray[np.float64]:
    # Straight in the node's number, as the map's pass takes it.
    numbers = NODES * np.sqrt(np.asarray(epicentral_km, np.float64) / REACH_KM)
    return np.asarray(np.interp(numbers, np.arange(NODES + 1), table))


def shake_map(
    source: Source,
    frame: Frame,
    observed: Observed | None = None,
    *,
    vs30_m_s: float | Array = 350.0,
    spacing: int = 1,
) -> ShakeMap:
    """Return the map conditioned on what was observed (Worden et al. 2018, Eqs. 4, 5, 9-15).

    Residuals of one quake share a part (the bias) and are alike nearby: rho = exp(-3 h / b). At an
    exact observation the map is that value and its sigma 0.

    Args:
        source: the quake.
        frame: the grid.
        observed: intensities; None or empty: what is predicted.
        vs30_m_s: [m/s, number or shape (rows, columns)].
        spacing: [cells] the correction, which is as smooth as its range, is worked out every so
            many cells and drawn straight between.

    Raises:
        InputError: numbers out of range, more than 2,000 observations, or one outside of the frame
            without ``vs30_m_s`` of its own where the map's ground differs from cell to cell.
    Limits:
        Intensities of municipalities stand at one point each; the split of the variance and the
        range of the correlation are general, not this place's. What the fault's unknown direction
        leaves open is taken as a part of the residual within the quake, with the same range: in
        truth it is alike along a whole side of the fault.
    """
    mean = predicted(source, frame, vs30_m_s)
    total = sigma_of(source)
    between, within = total * math.sqrt(BETWEEN_SHARE), total * math.sqrt(1 - BETWEEN_SHARE)
    rows, columns = _nodes(frame.rows, spacing), _nodes(frame.columns, spacing)
    cells = _unit_grid(frame, rows, columns)
    spread = np.hypot(within, unplaced_sigma(source, _epicentral_km(source, cells)))
    if observed is None or not np.size(observed.intensity):
        alone = _between(between**2 + spread**2, rows, columns, mean.shape)
        return ShakeMap(mean, np.sqrt(alone), 0.0)
    places = _unit(np.asarray(observed.longitude), np.asarray(observed.latitude))
    here = np.hypot(within, unplaced_sigma(source, _epicentral_km(source, places)))
    weights, rooted = _weights(source, observed, (between, here), vs30_m_s, frame, mean)
    bias = float(between**2 * weights.sum())
    shift = np.empty((rows.size, columns.size), np.float64)
    less = np.empty_like(shift)
    _condition(
        cells, places, weights, rooted, np.array([between**2, 3 / RANGE_KM]), spread, here, shift,
        less,
    )  # fmt: skip
    drawn = _between(shift, rows, columns, mean.shape)
    left = np.maximum(between**2 + spread**2 - less, 0)
    variance = _between(left, rows, columns, mean.shape)
    return ShakeMap(mean + drawn, np.sqrt(variance), bias)


def _weights(
    source: Source,
    observed: Observed,
    parts: tuple[float, NDArray[np.float64]],
    vs30_m_s: float | Array,
    frame: Frame,
    mean: NDArray[np.float32],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return C^-1 r and the inverse of C's Cholesky factor: all that the map needs of them."""
    longitude, latitude = np.asarray(observed.longitude), np.asarray(observed.latitude)
    told = np.array([longitude, latitude, observed.intensity, observed.sigma], np.float64)
    if longitude.size > _MOST_OBSERVED or not (np.isfinite(told).all() and (told[3] >= 0).all()):
        raise InputError(
            f"{longitude.size} observations: {_MOST_OBSERVED} at most, all known, sigma >= 0."
        )
    if observed.vs30_m_s is not None:
        expected = at_places(source, longitude, latitude, observed.vs30_m_s)
    elif np.ndim(vs30_m_s):
        row, column = _cells(frame, longitude, latitude)
        expected = mean[row, column].astype(np.float64)
    else:
        expected = at_places(source, longitude, latitude, vs30_m_s)
    places = _unit(longitude, latitude)
    between, within = parts
    apart = EARTH_KM * np.sqrt(np.maximum(2 - 2 * places @ places.T, 0))
    covariance = between**2 + np.outer(within, within) * np.exp(-3 * apart / RANGE_KM)
    # A millionth keeps two reports from one place solvable.
    covariance[np.diag_indices_from(covariance)] += np.asarray(observed.sigma) ** 2 + 1e-6
    root = np.linalg.cholesky(covariance)
    inverse = np.linalg.inv(root)
    residual = np.asarray(observed.intensity, np.float64) - expected
    return inverse.T @ (inverse @ residual), inverse


def at_places(
    source: Source, longitude: Array, latitude: Array, vs30_m_s: float | Array = 350.0
) -> NDArray[np.float64]:
    """Return the predicted intensity at places, [shape (n,)]."""
    _check(source)
    a, offset = _level(source)
    far = _at_nodes(_term(source).mean, _epicentral_km(source, _unit(longitude, latitude)))
    soil = np.log10(velocity_amplification(np.asarray(vs30_m_s)))
    found: NDArray[np.float64] = offset + INTENSITY_PER_LOG * (a - far + soil)
    return found


def _epicentral_km(source: Source, units: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the straight way [km] from the epicentre to places, given as unit vectors."""
    here = _unit(np.array([source.longitude]), np.array([source.latitude]))[0]
    return np.asarray(EARTH_KM * np.sqrt(np.maximum(2 - 2 * units @ here, 0)))


@numba.njit(error_model="numpy", fastmath={"contract", "reassoc"}, cache=True)
def _condition(  # noqa: PLR0913 - a kernel's arrays
    cells: NDArray[np.float64],
    places: NDArray[np.float64],
    weights: NDArray[np.float64],
    rooted: NDArray[np.float64],
    k: NDArray[np.float64],
    spread: NDArray[np.float64],
    here: NDArray[np.float64],
    shift: NDArray[np.float64],
    less: NDArray[np.float64],
) -> None:
    between2, per_km = k[0], k[1]
    n = weights.size
    c = np.empty(n)
    for i in range(cells.shape[0]):
        for j in range(cells.shape[1]):
            x, y, z = cells[i, j, 0], cells[i, j, 1], cells[i, j, 2]
            moved = 0.0
            for p in range(n):
                dot = x * places[p, 0] + y * places[p, 1] + z * places[p, 2]
                h = EARTH_KM * math.sqrt(max(2 - 2 * dot, 0.0))
                c[p] = between2 + spread[i, j] * here[p] * math.exp(-per_km * h)
                moved += c[p] * weights[p]
            known = 0.0
            for p in range(n):
                part = 0.0
                for q in range(p + 1):
                    part += rooted[p, q] * c[q]
                known += part * part
            shift[i, j] = moved
            less[i, j] = known


def _nodes(size: int, spacing: int) -> NDArray[np.int64]:
    if spacing < 1:
        raise InputError(f"spacing={spacing}: expected 1 or more.")
    return np.unique(np.append(np.arange(0, size, spacing), size - 1))


def _unit(longitude: Array, latitude: Array) -> NDArray[np.float64]:
    a, b = np.radians(np.asarray(longitude, np.float64)), np.radians(latitude)
    return np.stack([np.cos(b) * np.cos(a), np.cos(b) * np.sin(a), np.sin(b)], axis=-1)


def _unit_grid(
    frame: Frame, rows: NDArray[np.int64], columns: NDArray[np.int64]
) -> NDArray[np.float64]:
    longitude, latitude = np.meshgrid(frame.longitude[columns], frame.latitude[rows])
    return _unit(longitude, latitude)


def _between(
    values: NDArray[np.float64], rows: NDArray[np.int64], columns: NDArray[np.int64],
    shape: tuple[int, ...],
) -> NDArray[np.float32]:  # fmt: skip
    """Return the field between its nodes, straight along rows, then along columns."""
    if values.shape == shape:
        return values.astype(np.float32)
    wide = np.empty((rows.size, shape[1]), np.float32)
    every = np.arange(shape[1])
    for i, line in enumerate(values):
        wide[i] = np.interp(every, columns, line)
    at = np.interp(np.arange(shape[0]), rows, np.arange(rows.size))
    low = np.minimum(at.astype(np.int64), max(rows.size - 2, 0))
    part = (at - low).astype(np.float32)[:, None]
    high = np.minimum(low + 1, rows.size - 1)
    drawn: NDArray[np.float32] = wide[low] * (1 - part) + wide[high] * part
    return drawn


def _cells(
    frame: Frame, longitude: Array, latitude: Array
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    west, south, east, north = frame.bounds
    row = np.floor((north - latitude) / (north - south) * frame.rows).astype(np.int64)
    column = np.floor((longitude - west) / (east - west) * frame.columns).astype(np.int64)
    # Moved to the frame's edge a distant place would be taken for one near by.
    if ((row < 0) | (row >= frame.rows) | (column < 0) | (column >= frame.columns)).any():
        raise InputError("observed outside of the frame: vs30_m_s of each (枠外の観測点の地盤)。")
    return row, column


def _check(source: Source) -> None:
    if not (abs(source.longitude) <= 180 and abs(source.latitude) <= 90):
        raise InputError(f"epicentre {source.longitude}, {source.latitude}: expected degrees.")
