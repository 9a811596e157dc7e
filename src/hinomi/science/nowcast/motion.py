"""The motion of rain between radar frames, by pysteps' Lucas-Kanade."""

from __future__ import annotations

import contextlib
import io
import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hinomi.kernel.errors import InputError

NO_RAIN_DB = -15.0
THRESHOLD_MM_PER_H = 0.1
_FEWEST_WET = 20


def motion(rates: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the motion of the rain over the last frames.

    Args:
        rates: [mm/h, shape (2 or more, rows, columns)] NaN where not known, the newest last.

    Returns:
        [cells per frame, shape (2, rows, columns)] to the right, then downward; 0 everywhere
        where there is too little rain to see it move.

    Raises:
        InputError: fewer than two frames.
    Limits:
        Where no rain moves the motion is that of the nearest that does; rotation and turning
        inside a storm are smoothed away.

    References:
        Lucas & Kanade 1981; Pulkkinen et al. 2019, Geosci. Model Dev. 12, 4185 (pysteps, BSD-3).
    """
    if rates.ndim != 3 or len(rates) < 2:
        raise InputError(
            f"Frames of shape {rates.shape}: motion needs two or more.",
            "動きを求めるには2枚以上の画像が必要です。",
        )
    fewest = min(int((frame >= THRESHOLD_MM_PER_H).sum()) for frame in rates)
    still = np.zeros((2, *rates.shape[1:]))
    if fewest < _FEWEST_WET:
        return still
    with quiet():
        lucas_kanade = pysteps("motion").get_method("LK")
        found = np.asarray(lucas_kanade(decibels(rates)), np.float64)
    return found if np.isfinite(found).all() else still


def decibels(rates: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return 10 log10 of the rate; no rain and not known are -15, as pysteps' examples have it."""
    known = np.nan_to_num(np.asarray(rates, np.float64), nan=0.0)
    wet = known >= THRESHOLD_MM_PER_H
    return np.where(wet, 10 * np.log10(np.where(wet, known, 1.0)), NO_RAIN_DB)


def pysteps(name: str) -> Any:
    """Return a part of pysteps, imported here since it is heavy and speaks when it is loaded."""
    import importlib  # noqa: PLC0415

    return importlib.import_module(f"pysteps.{name}")


@contextlib.contextmanager
def quiet() -> Any:
    """Keep what pysteps prints and warns of off the terminal."""
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
