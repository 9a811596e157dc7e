"""When the drill's flood sensors send: each time that a switch has turned."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from hinomi.runtime.drill import posts, terrain
from hinomi.runtime.drill.cue import Cue, Make, Memory, Moment, every
from hinomi.runtime.drill.scenario import River, Scenario

FAMILY = "sensors"
"""Theirs is a door of their own: what they send is no file."""
FIRST = 2
"""Looks before which the ground is not there yet."""


def sensor_cues(scenario: Scenario) -> Iterator[Cue]:
    """Yield the first town's sensors at each look, where there is its ground.

    After their first word they send only while the water that a level 5 of the town's river brings
    comes and goes.
    """
    if not (scenario.fictional and terrain.possible()):
        return
    breach = min((e.after for e in scenario.events if _breaks(scenario, e.detail)), default=None)
    looks = list(every(posts.EVERY, scenario.length))[FIRST:]
    for number, after in enumerate(looks):
        since = None if breach is None else after - breach
        flooded = since is not None and timedelta() < since <= posts.LASTS
        if number == 0 or flooded:
            name = f"{FAMILY}_{int(after.total_seconds()):06d}.json"
            make = _switches(scenario.seed, after, since if flooded else None)
            yield Cue(after, name, FAMILY, make)


def _breaks(scenario: Scenario, said: object) -> bool:
    """Tell whether it is level 5 of the river whose levee stands above the first town."""
    return isinstance(said, River) and said.level >= 5 and said.river == scenario.stage.rivers[0]


def _switches(seed: int, after: timedelta, since: timedelta | None) -> Make:
    def make(moment: Moment, memory: Memory) -> bytes | None:
        now = posts.said(seed, since)
        before = moment.world(after - posts.EVERY)
        turned: list[tuple[str, datetime, int]] = []
        for key, depth in now.items():
            # One switch after the other turns between two looks, as water rises.
            steps = _steps(memory.depths.get(key), depth)
            turned += [
                (key, before + (moment.at - before) * (n / len(steps)), step)
                for n, step in enumerate(steps, 1)
            ]
        memory.depths = now
        return posts.report(turned) if turned else None

    return make


def _steps(was: int | None, now: int) -> list[int]:
    if was is None:
        # After a jump it may be deep at once; its switches turn one by one all the same.
        return list(range(10, now + 1, 10)) or [0]
    if was == now:
        return []
    return list(range(was + 10, now + 1, 10)) if now > was else list(range(was - 10, now - 1, -10))


def dry(moment: Moment, memory: Memory) -> bytes:
    """Return that no sensor stands in water: readings cannot be taken back."""
    return posts.report([(key, moment.at, 0) for key in memory.depths])
