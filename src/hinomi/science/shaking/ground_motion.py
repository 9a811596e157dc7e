"""Shaking predicted from a quake: attenuation relations fitted on Japan's records (距離減衰式)."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hinomi.kernel.errors import InputError

Array = NDArray[np.floating]
Quake = Literal["crustal", "interface", "slab"]
"""内陸地殻内, プレート間, プレート内."""
Measure = Literal["PGA", "PGV", "JMA"]


class Site(NamedTuple):
    """The ground of the sites, each a number or an array of the distances' shape."""

    vs30_m_s: float | Array = 350.0
    """[m/s] mean S-wave velocity of the uppermost 30 m."""
    depth_1400_m: float | Array = 300.0
    """[m] depth to Vs 1400 m/s; 300 m amplifies nothing."""
    from_front_km: float | Array = 0.0
    """[km] distance from the volcanic front, positive on the ocean's side."""
    region: Literal["", "NE", "SW"] = ""
    """Which plate's quakes the regional term is for; empty leaves it out."""


class Shaking(NamedTuple):
    """A median and its spread: natural log for PGA and PGV, the intensity's own unit for JMA."""

    median: NDArray[np.float64]
    """[gal for PGA, cm/s for PGV, instrumental intensity for JMA]."""
    sigma: NDArray[np.float64]
    """[ln units, or intensity] standard deviation of one record about the median."""


_SM99 = {
    # 式(5), 式(6) and 表: a M + h D + d - log(X + c 10^(0.5 M)) - k X + e, base 10.
    "PGV": (0.58, 0.0038, {"crustal": 0.0, "interface": -0.02, "slab": 0.12}, -1.29, 0.0028, 0.002),
    "PGA": (0.50, 0.0043, {"crustal": 0.0, "interface": 0.01, "slab": 0.22}, 0.61, 0.0055, 0.003),
}  # fmt: skip
SM99_LARGEST = 8.3


def si_midorikawa_1999(
    measure: Literal["PGA", "PGV"],
    quake: Quake,
    magnitude: float,
    depth_km: float,
    distance_km: Array,
) -> Shaking:
    """Return peak motion on stiff ground (Vs 600 m/s) by the shortest distance to the fault.

    Args:
        measure: ``PGA`` [gal] (mean of the two horizontals' larger) or ``PGV`` [cm/s].
        quake: type of the quake.
        magnitude: Mw, held at 8.3.
        depth_km: [km] depth of the fault's middle.
        distance_km: [km, shape (...)] shortest distance to the fault.

    Returns:
        Shaking of that shape.

    Raises:
        InputError: a magnitude, depth or distance is out of range.
    Limits:
        Fitted on 21 quakes of Mw 5.8 to 8.3 and distances to 300 km; no back-arc or basin effects.
        Its depth term has no end: where JMA stops, at 150 km, do not use it.
        PGA is for ground of the records' mean, PGV for Vs 600 m/s.

    References:
        司・翠川 1999, 日本建築学会構造系論文集 523, 63-70. Checked with openquake-engine 3.18.0
        (whose own tests come from the authors' program).
    """
    _check(magnitude, depth_km, distance_km)
    a, h, types, e, c, k = _SM99[measure]
    m = min(magnitude, SM99_LARGEST)
    x = np.asarray(distance_km, dtype=np.float64)
    log = a * m + h * depth_km + types[quake] + e - np.log10(x + c * 10 ** (0.5 * m)) - k * x
    spread = _sm99_spread(measure, quake, x, 10.0**log)
    return Shaking(10.0**log, spread * np.log(10.0))


def _sm99_spread(
    measure: str, quake: Quake, distance_km: NDArray[np.float64], median: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the standard deviation [log10 units] that the national hazard maps use.

    Eq. 3.5.5-1 and 3.5.5-2, p. 151 of 防災科学技術研究所 2009 (全国地震動予測地図 技術報告書):
    by distance for crustal quakes, by amplitude (PGV 25 to 50 cm/s) for the others.
    """
    if quake == "crustal":
        past = np.log(np.maximum(distance_km, 20.0) / 20.0) / np.log(30.0 / 20.0)
        far: NDArray[np.float64] = np.minimum(past, 1.0)
        return 0.23 - 0.03 * far
    if measure == "PGA":
        return np.full_like(distance_km, 0.20)
    strong: NDArray[np.float64] = np.clip((median - 25.0) / 25.0, 0.0, 1.0)
    return 0.20 - 0.05 * strong


class _Mf13(NamedTuple):
    """Coefficients of one measure: 表 of Morikawa & Fujiwara 2013, model 1."""

    a: float
    b: dict[str, float]
    c: dict[str, float]
    d: float
    pd: float
    dl_min: float
    ps: float
    vs_max: float
    gamma: dict[str, float]
    philippine_sea: float
    """PH: slab quakes of the Philippine Sea plate, shallower than 80 km."""
    sigma: float


_MF13 = {
    "PGA": _Mf13(
        -0.0321,
        {"crustal": -0.005315, "interface": -0.005042, "slab": -0.005605},
        {"crustal": 7.0830, "interface": 7.1181, "slab": 7.5035},
        0.011641, -0.055358, 15.0, -0.523212, 1950.0, {"NE": 7.6e-5, "SW": 6.3e-5}, -0.2426,
        0.3761,
    ),
    "PGV": _Mf13(
        -0.0325,
        {"crustal": -0.002654, "interface": -0.002408, "slab": -0.003451},
        {"crustal": 5.6952, "interface": 5.6026, "slab": 6.0030},
        0.002266, 0.129142, 105.0, -0.693402, 850.0, {"NE": 4.7e-5, "SW": 3.7e-5}, -0.2643,
        0.3399,
    ),
    "JMA": _Mf13(
        -0.0321,
        {"crustal": -0.003736, "interface": -0.003320, "slab": -0.004195},
        {"crustal": 6.9301, "interface": 6.9042, "slab": 7.2975},
        0.005078, 0.032214, 320.0, -0.756496, 1200.0, {"NE": 6.1e-5, "SW": 5.9e-5}, -0.2284,
        0.3493,
    ),
}  # fmt: skip
MF13_LARGEST = 8.2


def morikawa_fujiwara_2013(
    measure: Measure,
    quake: Quake,
    magnitude: float,
    depth_km: float,
    distance_km: Array,
    *,
    site: Site | None = None,
) -> Shaking:
    """Return shaking at sites of known ground, up to magnitude 9.

    For ``JMA`` the equation gives the filtered acceleration a0, and the intensity is
    2 log10 a0 + 0.94; read as an intensity it would be half of it (a common slip).

    Args:
        measure: ``PGA`` [gal], ``PGV`` [cm/s] or ``JMA`` [instrumental intensity].
        quake: type of the quake.
        magnitude: Mw, held at 8.2.
        depth_km: [km] depth of the hypocentre.
        distance_km: [km, shape (...)] shortest distance to the fault.
        site: the ground; Vs30 350 m/s and no regional term if None.

    Returns:
        Shaking of that shape.

    Raises:
        InputError: a magnitude, depth, distance or velocity is out of range.
    Limits:
        Fitted on Mw 5.5 to 9.0 and distances to 200 km. The regional term holds for quakes below
        30 km only, and runs away below 150 km. Sigma is the total of one record; two sites of one
        quake are not independent.

    References:
        Morikawa & Fujiwara 2013, J. Disaster Res. 8(5), 878-888, model 1; coefficients as in
        openquake-engine's table, which divides every measure by g: right for PGA, off by
        ln 980.665 for PGV and JMA, so that only its PGA can check ours.
    """
    _check(magnitude, depth_km, distance_km)
    k, ground = _MF13[measure], site or Site()
    if np.any(~(np.asarray(ground.vs30_m_s) > 0)):
        raise InputError("vs30_m_s: expected velocities above 0 m/s (S波速度は0より大).")
    m = min(magnitude, MF13_LARGEST)
    x = np.asarray(distance_km, dtype=np.float64)
    log = k.a * (m - 16.0) ** 2 + k.b[quake] * x + k.c[quake] - np.log10(x + k.d * 10 ** (0.5 * m))
    log += k.pd * np.log10(np.maximum(ground.depth_1400_m, k.dl_min) / 300.0)
    log += k.ps * np.log10(np.minimum(ground.vs30_m_s, k.vs_max) / 350.0)
    if ground.region:
        behind = np.minimum(ground.from_front_km, 75.0) * max(depth_km - 30.0, 0.0)
        log += k.gamma[ground.region] * behind
        if ground.region == "SW" and quake == "slab" and depth_km < 80.0:
            log += k.philippine_sea
    if measure == "JMA":
        return Shaking(2.0 * log + 0.94, np.full_like(log, 2.0 * k.sigma))
    return Shaking(10.0**log, np.full_like(log, k.sigma * np.log(10.0)))


def velocity_amplification(vs30_m_s: Array) -> NDArray[np.float64]:
    """Return how much a site amplifies PGV against ground of Vs 600 m/s.

    log ARV = 2.367 - 0.852 log AVS30: 藤本・翠川 2006, 日本地震工学会論文集 6(1), 11-22.

    Args:
        vs30_m_s: [m/s, shape (...)] mean S-wave velocity of the uppermost 30 m.

    Returns:
        [1, shape (...)].
    Limits:
        Fitted on 100 to 1500 m/s; beyond, held there. No non-linear softening of the ground.
    """
    held = np.clip(np.asarray(vs30_m_s, dtype=np.float64), 100.0, 1500.0)
    amplification: NDArray[np.float64] = 10.0 ** (2.367 - 0.852 * np.log10(held))
    return amplification


def intensity_of_velocity(pgv_cm_s: Array) -> NDArray[np.float64]:
    """Return the instrumental intensity that goes with a peak velocity at the surface.

    I = 2.68 + 1.72 log PGV (+- 0.21): 翠川・藤本・村松 1999, 地域安全学会論文集 1, 51-56; fitted
    on intensities of 4 to 7.

    Args:
        pgv_cm_s: [cm/s, shape (...)].

    Returns:
        [1, shape (...)].
    """
    with np.errstate(divide="ignore"):
        found: NDArray[np.float64] = 2.68 + 1.72 * np.log10(np.asarray(pgv_cm_s, dtype=np.float64))
    return found


def check_quake(magnitude: float, depth_km: float) -> None:
    """Refuse what no quake can be.

    Raises:
        InputError: a magnitude or depth is out of range.
    """
    if not 0 < magnitude < 10:
        raise InputError(f"magnitude={magnitude}: expected 0 to 10 (マグニチュードは0から10)。")
    if not 0 <= depth_km <= 700:
        raise InputError(f"depth_km={depth_km}: expected 0 to 700 km (深さは0から700km)。")


def _check(magnitude: float, depth_km: float, distance_km: Array) -> None:
    check_quake(magnitude, depth_km)
    if np.any(~(np.asarray(distance_km) >= 0)):
        raise InputError("distance_km: expected 0 or more (距離は0以上、欠測は不可)。")
