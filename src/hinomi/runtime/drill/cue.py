"""A cue: one thing that a scenario plays, and what its maker is told when it comes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import TypeAlias

import msgspec

from hinomi.runtime.drill.quakes import Shock


class Moment(msgspec.Struct):
    """When a cue comes: its time in the world, and how the exercise's time maps to it."""

    at: datetime
    world: Callable[[timedelta], datetime]
    """An exercise's time -> the world's, past or (at today's speed) to come."""


class Memory(msgspec.Struct):
    """What was said so far: a telegram tells what held before it."""

    levels: dict[str, dict[tuple[str, str], int]] = {}
    """By product."""
    landslides: set[str] = set()
    serials: dict[str, int] = {}
    tsunami: str = ""
    shock: Shock | None = None
    origins: dict[str, datetime] = {}
    """When each quake was, by its event."""
    depths: dict[str, int] = {}
    """What each flood sensor said last [cm]."""

    def serial(self, name: str) -> int:
        """Return the next serial of a series of telegrams."""
        self.serials[name] = self.serials.get(name, 0) + 1
        return self.serials[name]


Make: TypeAlias = Callable[[Moment, Memory], bytes | None]


class Cue(msgspec.Struct, frozen=True):
    """One thing to play: its time, its payload's name and maker, the events that it tells of."""

    after: timedelta
    name: str
    family: str
    """Of one family only the latest counts when time is jumped over; empty: all of them do."""
    make: Make | None
    """None: nothing to state but the events themselves."""
    events: tuple[str, ...] = ()


def every(step: timedelta, end: timedelta) -> Iterator[timedelta]:
    """Yield the times from the start to the end, a step apart."""
    after = timedelta()
    while after <= end:
        yield after
        after += step
