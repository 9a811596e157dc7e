"""Play a whole drill in one go, or rehearse it: every payload, as if played evenly."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec

from hinomi.kernel.catalog import Catalog
from hinomi.kernel.ports import Gazetteer
from hinomi.runtime.drill import library
from hinomi.runtime.drill.conductor import SPEED, Conductor, Tell, check_speed
from hinomi.runtime.drill.cue import Memory, Moment
from hinomi.runtime.drill.cues import SECOND, cues
from hinomi.runtime.drill.scenario import Scenario
from hinomi.runtime.writer import Writer
from hinomi.vocabulary.times import day_in_japan

DRILLS = library.SHIPPED
"""The shipped drills by name."""


class Step(msgspec.Struct, frozen=True):
    """One payload of a drill: when it comes [drill time from the start], name, bytes, family."""

    after: timedelta
    name: str
    data: bytes
    family: str


def play(  # noqa: PLR0913  (the hub assembles all of it)
    writer: Writer,
    catalog: Catalog,
    gazetteer: Gazetteer,
    stop: threading.Event,
    *,
    name: str = library.FIRST,
    speed: float = SPEED,
    settle: Callable[[], Any] | None = None,
    tell: Tell | None = None,
) -> None:
    """Play a drill to its end, or until ``stop`` is set.

    Args:
        writer: the one writer of the store.
        catalog: the sources that read the payloads.
        gazetteer: the area master; the fictional prefecture's areas are put into it first.
        stop: ends the drill when it is set.
        name: one of :data:`DRILLS`, or a scenario's file.
        speed: drill time over real time; 60 plays an hour in a minute.
        settle: called after each statement, so that models follow it at once.
        tell: hears each cue as it is played.

    Raises:
        MissingError: there is no drill of that name.
        DataError: the file has faults.
        InputError: the speed is not positive.
    """
    if settle is None:
        conductor = Conductor(writer, catalog, gazetteer)
    else:
        conductor = Conductor(writer, catalog, gazetteer, settle=settle)
    conductor.tell = tell
    conductor.start(name, speed)
    conductor.play(stop)


def steps(start: datetime, speed: float = 1.0, seed: int | None = None) -> list[Step]:
    """Return all payloads of the shipped drill, as they come when it is played evenly."""
    scenario = library.load(library.FIRST, day_in_japan(start))
    if seed is not None:
        scenario = msgspec.structs.replace(scenario, seed=seed)
    return rehearse(scenario, start, speed)


def rehearse(scenario: Scenario, start: datetime, speed: float = 1.0) -> list[Step]:
    """Return all payloads of a scenario, as they come when it is played evenly from a moment."""
    check_speed(speed)
    memory = Memory()
    found = []
    last: dict[str, datetime] = {}

    def world(after: timedelta) -> datetime:
        return start + after / speed

    for cue in cues(scenario):
        if cue.make is None:
            continue
        at = world(cue.after)
        if cue.family in last:
            # Telegrams tell whole seconds: played very fast, two would have no order.
            at = max(at, last[cue.family] + SECOND)
        data = cue.make(Moment(at, world), memory)
        if data is not None:
            if cue.family:
                last[cue.family] = at
            found.append(Step(cue.after, cue.name, data, cue.family))
    return found
