"""Extrapolation against pysteps, and against persistence on two real sequences."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hinomi.science.nowcast import displaced, extrapolate, motion, rain_rate, smoothed
from hinomi.science.nowcast import verify as verify_at
from hinomi.science.nowcast.displaced import KM_PER_MIN
from hinomi.science.nowcast.motion import pysteps, quiet
from hinomi.science.nowcast.rain import FMI_RAIN
from hinomi.science.scores import csi
from hinomi.standards import fmi_pgm, odim
from verify.rows import Row, data

_THEIRS = {15: (0.236, 0.046), 30: (0.142, 0.022), 60: (0.072, 0.026)}
"""CSI at 1 mm/h of pysteps 1.21.5's extrapolation and of persistence, FMI 2017-05-09."""


def _fmi(count: int) -> NDArray[np.float32]:
    files = sorted(data("hazard/radar/fmi_20170509").iterdir())[:count]
    images = (fmi_pgm.decode(gzip.decompress(file.read_bytes())) for file in files)
    return np.stack([rain_rate(image.reflectivity_dbz, relation=FMI_RAIN) for image in images])


def _knmi(count: int) -> NDArray[np.float32]:
    files = sorted(data("hazard/radar/knmi_20100826").iterdir())[:count]
    return np.stack([odim.decode(file.read_bytes()).values * 12 for file in files])


def fmi() -> Iterator[Row]:
    """Skill on the Finnish sequence, and equality with pysteps' own advection."""
    rates = _fmi(15)
    wind = motion(rates[:3])
    ours = extrapolate(rates[2], wind, 12)
    with quiet():
        method = pysteps("extrapolation").get_method("semilagrangian")
        theirs = method(rates[2].astype(np.float64), wind, 12, allow_nonfinite_values=True)
    both = np.isfinite(ours) & np.isfinite(theirs)
    yield Row(
        model="semi-Lagrangian", case="FMI 2017-05-09, 12 steps, greatest difference [mm/h]",
        reference="pysteps 1.21.5", ours=float(np.abs(ours - theirs)[both].max()), theirs=0.0,
        tolerance=1e-3,
    )  # fmt: skip
    yield Row(
        model="semi-Lagrangian", case="share of cells known to one only",
        reference="pysteps 1.21.5", tolerance=1e-6, theirs=0.0,
        ours=float((np.isfinite(ours) != np.isfinite(theirs)).mean()),
    )  # fmt: skip
    for minutes, (extrapolation, persistence) in _THEIRS.items():
        step = minutes // 5
        for name, forecast, value in (
            ("extrapolation", ours[step - 1], extrapolation),
            ("persistence", rates[2], persistence),
        ):
            yield Row(
                model="nowcast", case=f"FMI, CSI at 1 mm/h after {minutes} min, {name}",
                reference="pysteps 1.21.5", ours=csi(forecast, rates[2 + step], 1.0),
                theirs=value, tolerance=2e-3,
            )  # fmt: skip


def knmi() -> Iterator[Row]:
    """Better than persistence on the Dutch sequence at every lead."""
    rates = _knmi(13)
    ahead = extrapolate(rates[2], motion(rates[:3]), 9)
    for step in (3, 6, 9):
        yield Row(
            model="nowcast", case=f"KNMI 2010-08-26, CSI at 1 mm/h after {5 * step} min",
            reference="persistence", kind="at least", tolerance=0.0,
            ours=csi(ahead[step - 1], rates[2 + step], 1.0),
            theirs=csi(rates[2], rates[2 + step], 1.0),
        )  # fmt: skip


def chances() -> Iterator[Row]:
    """Our nowcast and its ensemble against extrapolation and persistence, on both sequences."""
    for name, rates, leads in (("FMI 2017-05-09", _fmi(15), (3, 6, 12)),
                               ("KNMI 2010-08-26", _knmi(12), (3, 6, 9))):  # fmt: skip
        moved = extrapolate(rates[2], motion(rates[:3]), leads[-1])
        ours = smoothed(moved, 1.0, 5.0)
        for step in leads:
            yield from _beside(f"{name}, {5 * step} min", ours[step - 1], moved[step - 1],
                               rates[2], rates[2 + step])  # fmt: skip


def _beside(
    case: str, ours: NDArray[np.float32], moved: NDArray[np.float32],
    last: NDArray[np.float32], came: NDArray[np.float32],
) -> Iterator[Row]:  # fmt: skip
    some = (slice(None, None, 2), slice(None, None, 2))
    minutes = int(case.rsplit(", ", 1)[1].split()[0])
    futures = displaced(ours, KM_PER_MIN * minutes, stride=2)
    beside = verify_at(ours[some], came[some], last[some], minutes=minutes, ensemble=futures)
    rival = verify_at(moved[some], came[some], last[some], minutes=minutes)
    known = np.isfinite(moved) & np.isfinite(came) & np.isfinite(last)
    certain = float((((moved >= 1) != (came >= 1))[known]).mean())
    whole = np.where(known, ours, np.nan)
    pairs: tuple[tuple[str, Literal["at least", "at most"], float, float, float], ...] = (
        ("CSI at 1 mm/h", "at least", csi(whole, came, 1.0), csi(moved, came, 1.0),
         csi(last, came, 1.0)),
        ("CRPS of the ensemble [mm/h]", "at most", beside.crps_mm_per_h or np.nan,
         rival.mae_extrapolation_mm_per_h, rival.mae_persistence_mm_per_h),
        ("Brier score of 1 mm/h", "at most", beside.brier or np.nan, certain,
         beside.brier_persistence),
    )  # fmt: skip
    for what, kind, own, *theirs in pairs:
        for reference, value in zip(("extrapolation", "persistence"), theirs, strict=True):
            yield Row(
                model="nowcast", case=f"{case}, {what}", reference=reference, kind=kind,
                ours=own, theirs=value, tolerance=0.0,
            )  # fmt: skip


ROWS = (fmi, knmi, chances)
