"""Radar images to rain: reflectivity to rate, and what is wrong with a sequence of frames."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
import numpy as np
from numpy.typing import NDArray

from hinomi.kernel.errors import InputError, Problem, Text

MARSHALL_PALMER = (200.0, 1.6)
FMI_RAIN = (223.0, 1.53)
"""a and b of Z = a R^b: Marshall & Palmer 1948; FMI for rain (Leinonen et al. 2012)."""

HIGHEST_MM_PER_H = 400.0
"""Above it a radar's rate is hail or a fault: Japan's greatest hour is 153 mm, its greatest
10 minutes 55 mm (気象庁 歴代全国ランキング), so 330 mm/h over 10 minutes has been seen."""

LIGHTEST_MM_PER_H = 0.1
UNEVEN = 0.1
"""Of the step: frames so much nearer or farther than that are no even steps; a clock's seconds are
no gap."""


class Checked(msgspec.Struct):
    """A sequence as far as it can be used, and what was found in it."""

    times: list[datetime]
    rates: NDArray[np.float32]
    """[mm/h, shape (frames, rows, columns)] NaN where not known."""
    problems: list[Problem]


def rain_rate(
    reflectivity_dbz: NDArray[np.floating], *, relation: tuple[float, float] = MARSHALL_PALMER
) -> NDArray[np.float32]:
    """Return the rain rate [mm/h] of reflectivity Z = a R^b; below 0.1 mm/h it is 0.

    Args:
        reflectivity_dbz: [dBZ, any shape] NaN where not known.
        relation: a and b.

    Limits:
        One relation for every kind of rain: a factor of 2 off is common, more in snow and hail.

    Example:
        >>> import numpy as np
        >>> round(float(rain_rate(np.array([23.0]))[0]), 2)
        1.0
    """
    a, b = relation
    rate = (10 ** (np.asarray(reflectivity_dbz, np.float32) / 10) / a) ** (1 / b)
    return np.where(rate < LIGHTEST_MM_PER_H, np.float32(0), rate).astype(np.float32)


def check_frames(
    times: Sequence[datetime], rates: NDArray[np.floating], step: timedelta
) -> Checked:
    """Return the longest unbroken end of a sequence, bounded, with everything odd told.

    A gap ends what can be used: motion across it would be wrong by its length. Negative and
    impossible rates become NaN; they are never forecast.

    Args:
        times: of the frames, rising.
        rates: [mm/h, shape (frames, rows, columns)].
        step: time from one frame to the next.

    Raises:
        InputError: no frames, or as many times as there are not frames.
    """
    if len(times) != len(rates) or not len(times):
        raise InputError(
            f"{len(times)} times and {len(rates)} frames: expected the same number, over 0.",
            f"時刻{len(times)}件と画像{len(rates)}枚の数が合いません。",
        )
    problems: list[Problem] = []
    first = 0
    for i in range(1, len(times)):
        apart = times[i] - times[i - 1]
        if abs(apart / step - 1) > UNEVEN:
            first = i
            problems.append(_found("nowcast.gap", times[i], f"{apart} after the frame before"))
    bounded = np.array(rates[first:], np.float32)
    for frame, at in zip(bounded, times[first:], strict=True):
        problems += _bound(frame, at)
    return Checked(list(times[first:]), bounded, problems)


def bounded(rates: NDArray[np.floating]) -> tuple[NDArray[np.float32], int]:
    """Return the rates with negative and impossible ones as NaN, and how many those were.

    Example:
        >>> rates, wrong = bounded(np.array([-1.0, 12.0, 401.0]))
        >>> rates.tolist(), wrong
        ([nan, 12.0, nan], 2)
    """
    kept = np.array(rates, np.float32)
    wrong = (kept < 0) | (kept > HIGHEST_MM_PER_H)
    kept[wrong] = np.nan
    return kept, int(wrong.sum())


def _bound(frame: NDArray[np.float32], at: datetime) -> list[Problem]:
    frame[...], wrong = bounded(frame)
    found = []
    if wrong:
        found.append(_found("nowcast.impossible", at, f"{wrong} cells"))
    if np.isnan(frame).all():
        found.append(_found("nowcast.empty", at, "no cell is known"))
    return found


_TEXTS = {
    "nowcast.gap": Text(
        "レーダー画像が欠けているため、その前は使いません。",
        "Frames are missing: what is before is not used.",
    ),
    "nowcast.impossible": Text(
        "負または過大な雨量を欠測としました。",
        "Negative or impossible rain was taken as not known.",
    ),
    "nowcast.empty": Text("すべて欠測です。", "Nothing is known in this frame."),
}


def _found(code: str, at: datetime, found: str) -> Problem:
    expected = f"0 to {HIGHEST_MM_PER_H:g} mm/h at even steps"
    return Problem(code, f"/{at:%Y-%m-%dT%H:%M}Z", _TEXTS[code], "alarm", found, expected)
