"""How near a rupture is of which only hypocentre and size are known (震源断層最短距離).

A telegram tells no strike, dip or extent. So planes of the size that the magnitude suggests are
laid through the hypocentre in all directions, and what a relation says is taken over all of them:
its mean, and how far it spreads (Thompson & Worden 2018, whose tables check the distances).

References:
    Wells & Coppersmith 1994, Bull. Seism. Soc. Am. 84, 974-1002, table 2A (all slip types).
    Strasser, Arango & Bommer 2010, Seism. Res. Lett. 81, 941-950, tables 1 and 2.
    Thompson & Worden 2018, Bull. Seism. Soc. Am. 108, 371-379, doi:10.1785/0120170174; their code
    and tables, https://github.com/usgs/ps2ff, are in the public domain.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hinomi.science.shaking.ground_motion import Quake, check_quake

_AREA: dict[Quake, tuple[float, float, float]] = {
    # log10 of the rupture's area [km2] = a + b Mw, and its standard deviation.
    "crustal": (-3.49, 0.91, 0.24),  # Wells & Coppersmith 1994, table 2A.
    "interface": (-3.476, 0.952, 0.304),  # Strasser et al. 2010, table 1.
    "slab": (-3.225, 0.890, 0.184),  # Strasser et al. 2010, table 2.
}
_DIPS: dict[Quake, tuple[float, float]] = {
    # [degree]; 10 to 90 as Thompson & Worden take; plate boundaries off Japan dip gently (ours).
    "crustal": (10.0, 90.0),
    "interface": (10.0, 30.0),
    "slab": (10.0, 90.0),
}
_DEEPEST_KM: dict[Quake, float] = {"crustal": 20.0, "interface": 60.0, "slab": math.inf}
"""[km] where ruptures end below: 20 as Thompson & Worden take; 60 for a plate boundary is ours."""
ASPECT = 1.7
"""Length over width until the depth limits the width, as Thompson & Worden take."""
REACH_KM = 3_000.0
NODES = 600
"""Of the tables, denser towards the epicentre: at (number / NODES)^2 of the reach."""
_NORMAL = ((-math.sqrt(3.0), 1 / 6), (0.0, 2 / 3), (math.sqrt(3.0), 1 / 6))
"""Gauss and Hermite's three nodes and weights of a normal distribution."""
_STRIKES, _DIPPED, _ALONG, _DOWN = 12, 3, 4, 3


class Planes(NamedTuple):
    """Rectangles through a hypocentre, [shape (n,)]; ``weight`` sums to 1."""

    strike: NDArray[np.float64]
    """[rad] of the site's direction: any one is as likely."""
    dip: NDArray[np.float64]
    """[rad]."""
    length_km: NDArray[np.float64]
    width_km: NDArray[np.float64]
    along: NDArray[np.float64]
    """Part of the length that lies behind the hypocentre."""
    down: NDArray[np.float64]
    """Part of the width that lies above it."""
    weight: NDArray[np.float64]


class Apart(NamedTuple):
    """What a relation's distance term is by epicentral distance, [shape (NODES + 1,)]."""

    mean: NDArray[np.float64]
    spread: NDArray[np.float64]
    """Standard deviation over the planes."""


def size_km(magnitude: float, kind: Quake, dip: float, sigmas: float = 0.0) -> tuple[float, float]:
    """Return length and width [km] of a rupture.

    Args:
        magnitude: Mw.
        kind: type of the quake.
        dip: [rad].
        sigmas: standard deviations of the area's logarithm above the median.

    Example:
        >>> [round(v) for v in size_km(7.0, "crustal", math.radians(90))]
        [38, 20]
    """
    a, b, sigma = _AREA[kind]
    area = 10.0 ** (a + b * magnitude + sigma * sigmas)
    width = min(math.sqrt(area / ASPECT), _DEEPEST_KM[kind] / math.sin(dip))
    return area / width, width


def nearest_km(
    planes: Planes, depth_km: ArrayLike, epicentral_km: ArrayLike
) -> NDArray[np.float64]:
    """Return the shortest distance from places on the surface to each plane.

    Args:
        planes: the rectangles; a place lies north of the epicentre.
        depth_km: [km] of the hypocentre, a number or one for each plane.
        epicentral_km: [km, shape (m,)] of the places.

    Returns:
        [km, shape (n, m)].
    """
    r = np.asarray(epicentral_km, np.float64)[None, :]
    depth = np.broadcast_to(np.asarray(depth_km, np.float64), planes.dip.shape)[:, None]
    sine, cosine = np.sin(planes.dip)[:, None], np.cos(planes.dip)[:, None]
    # Along the strike, and across it towards where the plane dips (right of the strike).
    s, p = r * np.cos(planes.strike)[:, None], -r * np.sin(planes.strike)[:, None]
    t, off = p * cosine - depth * sine, p * sine + depth * cosine
    length, width = planes.length_km[:, None], planes.width_km[:, None]
    behind, above = planes.along[:, None] * length, planes.down[:, None] * width
    s -= np.clip(s, -behind, length - behind)
    t -= np.clip(t, -above, width - above)
    found: NDArray[np.float64] = np.sqrt(s * s + t * t + off * off)
    return found


@lru_cache(maxsize=32)
def planes_of(magnitude: float, kind: Quake, depth_km: float) -> Planes:
    """Return the planes that a quake may have broken, equally likely in strike, dip and place.

    None comes out of the ground, and none reaches below where ruptures end, the hypocentre apart.
    """
    low, high = _DIPS[kind]
    rows = []
    for sigmas, likely in _NORMAL:
        for number in range(_DIPPED):
            dip = math.radians(low + (high - low) * (number + 0.5) / _DIPPED)
            length, width = size_km(magnitude, kind, dip, sigmas)
            tall = width * math.sin(dip)
            bottom = max(_DEEPEST_KM[kind], depth_km)
            first, last = max(0.0, 1 - (bottom - depth_km) / tall), min(1.0, depth_km / tall)
            rows += [
                (
                    2 * math.pi * (turn + 0.5) / _STRIKES, dip, length, width,
                    (along + 0.5) / _ALONG, first + (last - first) * (down + 0.5) / _DOWN, likely,
                )
                for turn in range(_STRIKES)
                for along in range(_ALONG)
                for down in range(_DOWN)
            ]  # fmt: skip
    strike, dips, lengths, widths, behind, above, likely_ = np.array(rows).T
    return Planes(strike, dips, lengths, widths, behind, above, likely_ / likely_.sum())


def node_km() -> NDArray[np.float64]:
    """Return the epicentral distances [km] of the tables' nodes."""
    distances: NDArray[np.float64] = REACH_KM * (np.arange(NODES + 1) / NODES) ** 2
    return distances


def apart_of(
    magnitude: float,
    kind: Quake,
    depth_km: float,
    term: Callable[[NDArray[np.float64]], NDArray[np.float64]],
) -> Apart:
    """Return a term of the distance over all planes: its mean and spread at each node.

    Args:
        magnitude: Mw.
        kind: type of the quake.
        depth_km: [km] of the hypocentre.
        term: of the shortest distance [km], element by element.

    Raises:
        InputError: a magnitude or depth is out of range.
    Limits:
        The ground is flat and planes are straight: fits to some hundreds of kilometres. All
        directions are equally likely, also where a known fault says otherwise; a fault that was
        broken to one side only is as likely as one broken to both.
    """
    check_quake(magnitude, depth_km)
    planes = planes_of(magnitude, kind, depth_km)
    values = term(nearest_km(planes, depth_km, node_km()))
    mean = planes.weight @ values
    square = planes.weight @ (values - mean) ** 2
    return Apart(mean, np.sqrt(square))
