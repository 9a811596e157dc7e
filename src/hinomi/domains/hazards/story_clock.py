"""The time that rain and rivers go by: the world's, and in an exercise the story's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec

from hinomi.kernel.errors import Text
from hinomi.kernel.marking import Status
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import EPOCH

EXERCISES = "response.exercises"
"""Read by its name: how fast an exercise is played is no hazard, but gauges in it go by it."""
HOUR = timedelta(hours=1)


class _Part(msgspec.Struct, frozen=True):
    at: datetime
    drill_s: float
    speed: float


class _Exercise(msgspec.Struct, frozen=True):
    """What is read of an exercise."""

    clock: tuple[_Part, ...]
    ended_at: datetime | None = None


@dataclass(frozen=True)
class Clock:
    """Hours of the story at moments of the world, and back."""

    parts: tuple[_Part, ...] = ()
    source: tuple[str, ...] = ()
    """The exercise's statement."""

    @property
    def speed(self) -> float:
        """Return how many hours of the story pass in an hour; in a pause: before it."""
        return next((p.speed for p in reversed(self.parts) if p.speed > 0), 1.0)

    @property
    def since(self) -> datetime:
        """Return from when on readings follow each other: a story that went back begins anew."""
        begin = EPOCH
        for part, after in zip(self.parts, self.parts[1:], strict=False):
            if after.drill_s < part.drill_s:
                begin = after.at
        return max(begin, self.parts[0].at) if self.parts else begin

    def hours(self, at: datetime) -> float:
        """Return the story's time [h]."""
        part = next((p for p in reversed(self.parts) if p.at <= at), None)
        if part is None:
            return (at - EPOCH) / HOUR
        return part.drill_s / 3600 + (at - part.at) / HOUR * part.speed

    def world(self, at: datetime, lead_h: float) -> datetime:
        """Return when on the clock so many hours of the story have passed."""
        moment = at.astimezone(UTC) + HOUR * (lead_h / self.speed)
        return moment.replace(microsecond=0)

    def between(self, one: datetime, other: datetime) -> timedelta:
        """Return how much later the other moment is in the story."""
        return HOUR * (self.hours(other) - self.hours(one)) if self.parts else other - one

    def limits(self, limits: Text) -> Text:
        """Return a forecast's limits, with how fast the story goes where it is played faster."""
        speed = self.speed
        if speed == 1:
            return limits
        return Text(
            f"{limits.ja}訓練の時間は{speed:g}倍で進みます(予測の時刻は実際の時計)。",
            f"{limits.en} The exercise's time goes {speed:g} times as fast; times are the clock's.",
        )

    def before(self, at: datetime, hours: float) -> datetime | None:
        """Return when the story was so many hours younger; None before its beginning."""
        if not self.parts:
            return at - HOUR * hours
        wanted = self.hours(at) - hours
        for part, end in zip(
            reversed(self.parts), (at, *(p.at for p in reversed(self.parts))), strict=False
        ):
            if part.speed > 0 and part.drill_s / 3600 <= wanted and part.at >= self.since:
                found = part.at + HOUR * ((wanted - part.drill_s / 3600) / part.speed)
                if found <= end:
                    return found
        return None


def clock_of(reader: Reader) -> Clock:
    """Return the clock of the newest exercise where exercises are read, else the world's."""
    if Status.EXERCISE not in reader.status or EXERCISES not in reader.catalog.collections:
        return Clock()
    items = sorted(reader.every(EXERCISES), key=lambda item: item.said_at)
    if not items:
        return Clock()
    told = msgspec.convert(items[-1].body(), _Exercise)
    return Clock(told.clock, (items[-1].id,))
