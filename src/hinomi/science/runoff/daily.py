"""Runoff of the days ahead: an ensemble of tanks, corrected by the gauge each morning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hinomi.kernel.errors import InputError
from hinomi.science.runoff.kalman import corrected
from hinomi.science.runoff.tanks import STATES, Tanks, Weather, step_members

Array = NDArray[Any]
_MOST = 1.0
"""One day's flow moves no tank by more than a factor of e."""


@dataclass(frozen=True)
class Doubt:
    """How sure things are, as standard deviations of logarithms."""

    rain: float = 0.5
    """Of a day's mean rain over a basin, from gauges."""
    quick: float = 0.25
    """That the first tank and the channel lose track by, each day."""
    slow: float = 0.06
    """The lower tanks."""
    flow: float = 0.07
    """Of a day's flow through the rating curve."""
    least_flow_mm: float = 0.02
    """[mm/day] Flow is not known better than that."""


def forecast_days(  # noqa: PLR0913 - what it needs
    tanks: Sequence[Tanks], weather: Weather, runoff_mm: Array, *, ahead: int = 3,
    members: int = 60,
    doubt: Doubt | None = None, future: Weather | None = None, seed: int = 1,
) -> Array:  # fmt: skip
    """Return what would have been forecast on each day for the days ahead.

    Each day the members see their own rain, drift apart a little, and are corrected by the flow
    that was observed; then they run on.

    Args:
        tanks: the basin, as one fit or several: members take them in turn, for no one set of
            parameters is the right one.
        weather: as it was, day by day.
        runoff_mm: [mm/day] observed; NaN leaves the members as they are.
        ahead: how many days.
        members: of the ensemble.
        doubt: how sure things are.
        future: what is forecast to come, day by day; None: what came (a perfect rain forecast:
            say so beside any score).
        seed: of the random numbers.

    Returns:
        [mm/day, shape (days, ahead, members)]; row d is issued with day d's flow known and its
        first column is day d + 1. NaN beyond the end of the weather.

    Raises:
        InputError: lengths differ.
    """
    unsure = doubt or Doubt()
    observed = np.asarray(runoff_mm, float)
    coming = weather if future is None else future
    days = weather.rain_mm.size
    if observed.shape != (days,) or coming.rain_mm.size != days:
        raise InputError("forecast: expected as many flows as days (流量と気象の日数が違います)。")
    rng = np.random.default_rng(seed)
    states = np.tile(np.array([0.0, 10.0, 20.0, 100.0, 1.0, 1.0]), (members, 1))
    values = np.array([tanks[m % len(tanks)] for m in range(members)])
    quick, slow = unsure.quick, unsure.slow
    drift = np.array([slow, quick, slow, slow, quick, quick])
    found = np.full((days, ahead, members), np.nan)

    def rains(mm: float) -> Array:
        drawn: Array = mm * np.exp(unsure.rain * rng.standard_normal(members) - unsure.rain**2 / 2)
        return drawn

    for day in range(days):
        warm, dry = float(weather.temperature_c[day]), float(weather.evaporation_mm[day])
        flow = step_members(states, values, rains(float(weather.rain_mm[day])), warm, dry)
        states *= np.exp(drift * rng.standard_normal((members, STATES)))
        states = _seen(states, flow, float(observed[day]), unsure)
        run = states.copy()
        for lead in range(min(ahead, days - 1 - day)):
            at = day + 1 + lead
            found[day, lead] = step_members(
                run, values, rains(float(coming.rain_mm[at])), float(coming.temperature_c[at]),
                float(coming.evaporation_mm[at]),
            )  # fmt: skip
    return found


def _seen(states: Array, flow: Array, observed: float, unsure: Doubt) -> Array:
    """Return the members after the day's flow: in logarithms, so that no tank goes below 0."""
    if not np.isfinite(observed):
        return states
    floor = unsure.least_flow_mm
    said = np.log(flow + floor)
    logs = np.log(states + floor)
    sd = float(np.hypot(unsure.flow, floor / (max(observed, 0.0) + floor)))
    after = corrected(logs, said, float(np.log(max(observed, 0.0) + floor)), sd)
    # A logarithm's correction may run away where the members agree on a tank that is all but empty.
    moved: Array = np.exp(logs + np.clip(after - logs, -_MOST, _MOST)) - floor
    return np.maximum(moved, 0.0)
