"""A basin day by day: snow, Sugawara's tanks in series, two reservoirs to the outlet."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from hinomi.kernel.errors import InputError

Array = NDArray[Any]


class Tanks(NamedTuple):
    """What a basin's tanks are like (タンクモデル); shares are of what is above the outlet."""

    melt_mm_c: float = 3.0
    """[mm/degree/day] snow that melts."""
    snow_c: float = 0.5
    """[degree] below it falls snow; the change takes two degrees."""
    evaporation: float = 1.0
    """[-] of the potential evaporation."""
    upper: float = 0.3
    """[1/day] upper outlet of the first tank ..."""
    upper_mm: float = 40.0
    lower: float = 0.1
    """[1/day] ... its lower one ..."""
    lower_mm: float = 10.0
    seep: float = 0.15
    """[1/day] ... and what goes down from it."""
    second: float = 0.05
    second_seep: float = 0.03
    third: float = 0.005
    channel: float = 0.6
    """[1/day] of two linear reservoirs, one behind the other: hillslopes and the river."""


BOUNDS = {
    "melt_mm_c": (0.5, 8.0), "snow_c": (-1.5, 2.5), "evaporation": (0.4, 1.6),
    "upper": (0.02, 0.6), "upper_mm": (5.0, 150.0), "lower": (0.005, 0.4), "lower_mm": (0.0, 60.0),
    "seep": (0.01, 0.4), "second": (0.005, 0.5), "second_seep": (0.001, 0.3),
    "third": (0.0005, 0.05), "channel": (0.15, 0.95),
}  # fmt: skip
"""Where parameters are looked for; they are no measured truth."""
STATES = 6
"""Snow, three tanks, two reservoirs [mm]."""


@dataclass(frozen=True)
class Weather:
    """What drives a basin, day by day; no gaps."""

    rain_mm: Array
    """[mm/day] precipitation, rain and snow."""
    temperature_c: Array
    evaporation_mm: Array
    """[mm/day] potential."""

    def __post_init__(self) -> None:
        for name in ("rain_mm", "temperature_c", "evaporation_mm"):
            values = np.ascontiguousarray(getattr(self, name), float)
            if values.shape != np.shape(self.rain_mm) or not np.isfinite(values).all():
                raise InputError(f"{name}: expected one number a day, no gaps (日ごと、欠測なし)。")
            object.__setattr__(self, name, values)
        if (self.rain_mm < 0).any():
            raise InputError("rain: expected 0 or more (雨量は0以上です)。")

    def __getitem__(self, days: slice) -> Weather:
        return replace(
            self, rain_mm=self.rain_mm[days], temperature_c=self.temperature_c[days],
            evaporation_mm=self.evaporation_mm[days],
        )  # fmt: skip


def oudin(temperature_c: Array, day_of_year: Array, latitude_deg: float) -> Array:
    """Return the potential evaporation [mm/day] from the temperature alone.

    PE = Ra / (lambda rho) (T + 5) / 100 (Oudin et al. 2005, J. Hydrol. 303, 290, Eq. 3), Ra the
    extraterrestrial radiation (Allen et al. 1998, FAO 56, Eq. 21-25), lambda 2.45 MJ/kg.

    Example:
        >>> oudin(np.array([20.0]), np.array([180]), 40.0).round(1)
        array([4.3])
    """
    day = 2 * math.pi * np.asarray(day_of_year, float) / 365
    near = 1 + 0.033 * np.cos(day)
    tilt = 0.409 * np.sin(day - 1.39)
    phi = math.radians(latitude_deg)
    sunset = np.arccos(np.clip(-math.tan(phi) * np.tan(tilt), -1, 1))
    swept = sunset * math.sin(phi) * np.sin(tilt) + math.cos(phi) * np.cos(tilt) * np.sin(sunset)
    radiation = 24 * 60 / math.pi * 0.0820 * near * swept
    found: Array = np.maximum(radiation / 2.45 * (np.asarray(temperature_c) + 5) / 100, 0)
    return found


@numba.njit(cache=True, error_model="numpy")
def step_tanks(state: Array, p: Array, rain: float, warm: float, dry: float) -> float:
    """Step one basin by a day, in place, and return its runoff [mm]."""
    melt, snow, evaporation, upper, upper_mm, lower, lower_mm = p[:7]
    seep, second, second_seep, third, channel = p[7:12]
    frozen = min(max((snow + 1 - warm) / 2, 0.0), 1.0)
    melted = min(state[0], max(melt * (warm - snow), 0.0))
    state[0] += frozen * rain - melted
    state[1] += (1 - frozen) * rain + melted
    wanted = evaporation * dry
    for i in (1, 2, 3):
        taken = min(state[i], wanted)
        state[i] -= taken
        wanted -= taken
    quick = upper * max(state[1] - upper_mm, 0.0) + lower * max(state[1] - lower_mm, 0.0)
    down = seep * state[1]
    over = (quick + down) / state[1] if state[1] > 0 else 0.0
    if over > 1:
        quick, down = quick / over, down / over
    state[1] -= quick + down
    state[2] += down
    flow, down = second * state[2], second_seep * state[2]
    state[2] -= flow + down
    state[3] += down
    slow = third * state[3]
    state[3] -= slow
    state[4] += quick + flow
    through = channel * state[4]
    state[4] -= through
    state[5] += through
    out = channel * state[5]
    state[5] -= out
    total: float = out + slow
    return total


@numba.njit(cache=True, error_model="numpy")
def _course(state: Array, p: Array, rain: Array, warm: Array, dry: Array) -> Array:
    out = np.empty(rain.size)
    for i in range(rain.size):
        out[i] = step_tanks(state, p, rain[i], warm[i], dry[i])
    return out


@numba.njit(cache=True, error_model="numpy")
def step_members(states: Array, p: Array, rain: Array, warm: float, dry: float) -> Array:
    """Step all members by a day, in place, each with its own rain and parameters."""
    out = np.empty(rain.size)
    for m in range(rain.size):
        out[m] = step_tanks(states[m], p[m], rain[m], warm, dry)
    return out


def run_tanks(tanks: Tanks, weather: Weather, state: Array | None = None) -> tuple[Array, Array]:
    """Return the runoff [mm/day] and the tanks at the end [mm, shape (6,)]; mass is kept exactly.

    Without a state it starts as a wet day's end leaves it: give it a year to forget that.

    Limits:
        One bucket for the whole basin; no frozen ground, no lakes, no dams; a day is the step.

    References:
        Sugawara 1961, 1995 (in Singh, Computer Models of Watershed Hydrology, ch. 6).
    """
    now = np.array([0.0, 10.0, 20.0, 100.0, 1.0, 1.0]) if state is None else np.array(state, float)
    flow = _course(
        now, np.array(tanks), weather.rain_mm, weather.temperature_c, weather.evaporation_mm
    )
    return flow, now


def fit_tanks(
    weather: Weather, runoff_mm: Array, judged: Array, *, tries: int = 3000, seed: int = 1
) -> Tanks:
    """Return the parameters with which the tanks follow the observed runoff best.

    Dynamically dimensioned search (Tolson & Shoemaker 2007, Water Resour. Res. 43, W01413) for the
    greatest sum of Nash-Sutcliffe's efficiency of the flow and of its square root.

    Args:
        weather: of the whole time, the beginning to warm up included.
        runoff_mm: [mm/day] observed; NaN where it is not known.
        judged: [bool] the days that count: leave out the warm-up and what you will test on.
        tries: runs of the model.
        seed: of the search, which is the same for the same seed.

    Raises:
        InputError: fewer than a hundred judged days.
    """
    observed = np.asarray(runoff_mm, float)
    days = np.asarray(judged, bool) & np.isfinite(observed)
    if days.sum() < 100:
        raise InputError("fit: expected 100 judged days or more (100日以上の観測が必要です)。")
    goal = observed[days]
    roots = np.sqrt(goal)
    sums = float(((goal - goal.mean()) ** 2).sum()), float(((roots - roots.mean()) ** 2).sum())

    def cost(values: Array) -> float:
        flow, _ = run_tanks(Tanks(*values), weather)
        found = flow[days]
        plain = float(((found - goal) ** 2).sum()) / sums[0]
        return plain + float(((np.sqrt(found) - roots) ** 2).sum()) / sums[1]

    low, high = (np.array([BOUNDS[name][i] for name in Tanks._fields]) for i in (0, 1))
    rng = np.random.default_rng(seed)
    best = np.array(Tanks())
    least = cost(best)
    for number in range(tries):
        chosen = rng.random(best.size) < 1 - math.log(number + 1) / math.log(tries + 1)
        chosen[rng.integers(best.size)] = True
        tried = best + np.where(chosen, 0.2 * (high - low) * rng.standard_normal(best.size), 0)
        tried = np.where(tried < low, 2 * low - tried, tried)
        tried = np.clip(np.where(tried > high, 2 * high - tried, tried), low, high)
        found = cost(tried)
        if found < least:
            best, least = tried, found
    return Tanks(*map(float, best))
