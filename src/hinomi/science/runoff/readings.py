"""A gauge's readings before they are believed: gaps, spikes, a stuck gauge, a shifted datum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

JUMP_M, JUMP_M_H = 1.0, 4.0
"""A level that changes by more than a metre and four metres an hour is no river's but a gauge's
(of 1,437 gauges in the flood of June 2026 one had such a reading, and came back at the next)."""
STUCK_H, STUCK_READINGS = 3.0, 4
"""So long, and so many readings, without a change of a millimetre."""
_MOVED_M = 0.3
"""It was rising or falling by that in as long before: a river does not stop at once."""
_SAME_M = 0.001


@dataclass(frozen=True)
class Checked:
    """Which readings are used, and what is wrong with the others or with all."""

    use: Array
    """[bool, shape (n,)]"""
    flags: tuple[str, ...]
    """``gap``: readings that are no numbers were left out; ``spike``: single ones; ``datum``: the
    level jumped and stayed, so that only what came after is used; ``unconfirmed``: the newest
    reading jumped, and no other has said so yet: it is not used; ``stuck``: it stands still, which
    a calm river may do; ``frozen``: it stands still after it had moved: do not forecast from it."""

    @property
    def believed(self) -> bool:
        """Tell whether a forecast can be made from it."""
        return bool(self.use.any()) and "frozen" not in self.flags


def check_readings(time_h: Array, level_m: Array) -> Checked:
    """Return which of a gauge's readings can be used.

    Args:
        time_h: [h, shape (n,)] rising.
        level_m: [m] readings.

    Limits:
        A slow drift looks like a river. A datum that is wrong from the first reading on is not
        seen here: compare the level with the gauge's thresholds.
    """
    time, level = np.asarray(time_h, float), np.asarray(level_m, float)
    use = np.isfinite(level)
    flags = [] if use.all() else ["gap"]
    spikes = _spikes(time, level, use)
    if spikes.any():
        use &= ~spikes
        flags.append("spike")
    kept = np.flatnonzero(use)
    jumps = np.flatnonzero(_jumped(time[kept], level[kept]))
    if jumps.size and jumps[-1] == kept.size - 2:
        use[kept[-1]] = False
        flags.append("unconfirmed")
        jumps = jumps[:-1]
    if jumps.size:
        use[: kept[jumps[-1] + 1]] = False
        flags.append("datum")
    flags += _still(time[use], level[use])
    return Checked(use, tuple(flags))


def _jumped(time: Array, level: Array) -> Array:
    found: Array = np.abs(np.diff(level)) > JUMP_M + JUMP_M_H * np.diff(time)
    return found


def _spikes(time: Array, level: Array, use: Array) -> Array:
    """Return which readings leave their neighbours, who agree with each other."""
    found = np.zeros(level.size, bool)
    kept = np.flatnonzero(use)
    if kept.size < 3:
        return found
    t, h = time[kept], level[kept]
    jumps = _jumped(t, h)
    back = ~_jumped(t[::2], h[::2]), ~_jumped(t[1::2], h[1::2])
    agree = np.empty(kept.size - 2, bool)
    agree[::2], agree[1::2] = back[0][: agree[::2].size], back[1][: agree[1::2].size]
    found[kept[1:-1]] = jumps[:-1] & jumps[1:] & agree
    return found


def _still(time: Array, level: Array) -> list[str]:
    if level.size < STUCK_READINGS:
        return []
    same = np.abs(level - level[-1]) <= _SAME_M
    first = int(level.size - np.argmin(same[::-1])) if not same.all() else 0
    lasted = time[-1] - time[first]
    if level.size - first < STUCK_READINGS or lasted < STUCK_H:
        return []
    earlier = (time >= time[first] - STUCK_H) & (time <= time[first])
    moved = np.ptp(level[earlier]) if earlier.any() else 0.0
    return ["frozen" if moved >= _MOVED_M else "stuck"]
