"""Many possible futures of the rain (STEPS), and how likely they make a rate."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from hinomi.kernel.errors import InputError
from hinomi.science.nowcast.motion import (
    NO_RAIN_DB,
    THRESHOLD_MM_PER_H,
    decibels,
    pysteps,
    quiet,
)


def steps_ensemble(  # noqa: PLR0913 - all of it decides the result
    rates: NDArray[np.floating],
    motion: NDArray[np.floating],
    steps: int,
    *,
    members: int,
    km_per_cell: float,
    minutes: float,
    seed: int,
) -> NDArray[np.float32]:
    """Return an ensemble of nowcasts by STEPS: cascade of scales, noise where skill is lost.

    Args:
        rates: [mm/h, shape (3 or more, rows, columns)] the newest last.
        motion: [cells per step, shape (2, rows, columns)].
        steps: how many.
        members: how many futures.
        km_per_cell: [km] grid length.
        minutes: [min] time between frames and steps.
        seed: of the noise; the same seed gives the same futures.

    Returns:
        [mm/h, shape (members, steps, rows, columns)] NaN where the rain would come from outside
        or from where it was not known.

    Raises:
        InputError: fewer than three frames, or no rain to learn from.

    References:
        Bowler, Pierce & Seed 2006, Q. J. R. Meteorol. Soc. 132, 2127; Seed 2003; by pysteps.
    """
    if len(rates) < 3:
        raise InputError("STEPS needs three frames.", "STEPSには3枚の画像が必要です。")
    if not (np.nan_to_num(rates[-1]) >= THRESHOLD_MM_PER_H).any():
        raise InputError("There is no rain to make an ensemble of.", "雨域がありません。")
    with quiet():
        forecast = pysteps("nowcasts").get_method("steps")
        made = forecast(
            decibels(rates[-3:]), np.asarray(motion, np.float64), steps,
            n_ens_members=members, n_cascade_levels=6,
            precip_thr=10 * np.log10(THRESHOLD_MM_PER_H), kmperpixel=km_per_cell,
            timestep=minutes, noise_method="nonparametric", vel_pert_method="bps",
            mask_method="incremental", seed=seed, num_workers=1,
        )  # fmt: skip
    rain = np.where(made > NO_RAIN_DB + 1e-6, 10 ** (made / 10), 0.0)
    rain[~np.isfinite(made)] = np.nan
    rain[rain < THRESHOLD_MM_PER_H] = 0.0
    # Where a radar did not look, no member may pretend to know that it is dry.
    rain[:, np.isnan(carried_holes(rates[-1], motion, steps))] = np.nan
    return rain.astype(np.float32)


def carried_holes(
    rain: NDArray[np.floating], motion: NDArray[np.floating], steps: int
) -> NDArray[np.float32]:
    """Return the newest rain moved on, for its holes."""
    from hinomi.science.nowcast.advection import extrapolate  # noqa: PLC0415 - numba

    return extrapolate(rain, motion, steps)


def exceedance(
    ensemble: Iterable[NDArray[np.floating]], thresholds_mm_per_h: Sequence[float]
) -> NDArray[np.float32]:
    """Return which share of the members reaches each threshold.

    Args:
        ensemble: [mm/h] the members, all of one shape; one at a time is held.
        thresholds_mm_per_h: [mm/h].

    Returns:
        [0 to 1, shape (thresholds, ...)] NaN where fewer than half of the members know.

    Raises:
        InputError: no members.

    Example:
        >>> import numpy as np
        >>> share = exceedance(np.array([[0.0], [2.0], [5.0], [np.nan]]), [1, 5])
        >>> share[:, 0].astype(float).round(2).tolist()
        [0.67, 0.33]
    """
    members = 0
    known: NDArray[np.int16] = np.zeros(0, np.int16)
    reached = known
    for member in ensemble:
        if not members:
            known = np.zeros(member.shape, np.int16)
            reached = np.zeros((len(thresholds_mm_per_h), *member.shape), np.int16)
        members += 1
        known += np.isfinite(member)
        for number, threshold in enumerate(thresholds_mm_per_h):
            reached[number] += member >= threshold
    if not members:
        raise InputError("An ensemble without members.", "アンサンブルが空です。")
    share: NDArray[np.float32] = reached.astype(np.float32)
    share /= np.maximum(known, 1)
    share[:, 2 * known < members] = np.nan
    return share
