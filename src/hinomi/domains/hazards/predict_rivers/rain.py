"""The rain over a gauge's basin: of the last day from pictures, of the next hours as forecast."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from hinomi.domains.hazards.area_rain import rain_over
from hinomi.domains.hazards.collections.rain import RAIN, RAIN_FORECASTS, RAIN_NOWCASTS
from hinomi.domains.hazards.story_clock import HOUR, Clock
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Stored

if TYPE_CHECKING:
    from numpy.typing import NDArray

NEAR_H = 0.26
"""[h] A picture holds so long before and after: a quarter of an hour."""
BACK_H = 24.0


class BasinRain(NamedTuple):
    """Rain at steps of the story's time, and what it was made of."""

    mm_h: NDArray[Any]
    """[mm/h] NaN where it is not known."""
    known: float
    """Part of the last six hours."""
    ahead_h: float
    inputs: tuple[str, ...]


class Rains:
    """The rain over basins, before and after now."""

    def __init__(self, reader: Reader, clock: Clock) -> None:
        self._reader = reader
        self._clock = clock

    def over(
        self, sheet: Stored, now: datetime, steps: tuple[int, int], step_h: float
    ) -> BasinRain:
        """Return a basin's rain at steps before (the last is now) and after now.

        Where official forecasts and our nowcast both tell of a moment the nowcast is taken for the
        first hour: it is newer.
        """
        import numpy as np  # noqa: PLC0415 - heavy

        before, after = steps
        now_h = self._clock.hours(now)
        at = now_h + (np.arange(before + after) - before + 1) * step_h
        found = np.full(at.size, np.nan)
        inputs: list[str] = []
        place = sheet.place()
        if place is None:
            return BasinRain(found, 0.0, 0.0, ())
        past: list[tuple[float, float]] = []
        start = self._clock.before(now, min(BACK_H, before * step_h)) or self._clock.since
        for item in self._items(RAIN.id, (start - timedelta(hours=1), now)):
            means = rain_over(self._reader, item, place)
            past += [(self._clock.hours(item.said_at), mean) for _, mean in means[:1]]
            inputs.append(item.id)
        _fill(found, at, past, (-NEAR_H, NEAR_H), now_h)
        ahead_h = 0.0
        for collection in (RAIN_FORECASTS.id, RAIN_NOWCASTS.id):
            newest = self._newest(collection, now)
            if newest is None:
                continue
            issued = self._clock.hours(newest.said_at)
            # Hours ahead are the story's, however fast it is played.
            told = sorted(
                (issued + (at_ - newest.said_at) / HOUR, mean)
                for at_, mean in rain_over(self._reader, newest, place)
            )
            width = max(NEAR_H, told[1][0] - told[0][0] if len(told) > 1 else 1.0)
            ahead_h = max(ahead_h, _fill(found, at, told, (0.0, width), now_h, later=True))
            inputs.append(newest.id)
        recent = found[max(0, before - round(6 / step_h)) : before]
        return BasinRain(found, float(np.isfinite(recent).mean()), ahead_h, tuple(inputs))

    def _items(self, collection: str, span: tuple[datetime, datetime]) -> Iterator[Stored]:
        for item in self._reader.every(collection, when=span):
            if item.body().get("unit") == "mm/h":
                yield item

    def _newest(self, collection: str, now: datetime) -> Stored | None:
        span = (now - timedelta(hours=3), now + timedelta(hours=6))
        items = [i for i in self._items(collection, span) if i.said_at <= now]
        return max(items, key=lambda i: (i.said_at, i.id), default=None)


def _fill(
    found: NDArray[Any],
    at: NDArray[Any],
    told: list[tuple[float, float]],
    reach: tuple[float, float],
    now_h: float,
    *,
    later: bool = False,
) -> float:
    """Set each step to what is told nearest to it within reach; return how far ahead that goes."""
    import numpy as np  # noqa: PLC0415

    told = [pair for pair in told if pair[1] == pair[1]]
    if not told:
        return 0.0
    times, values = np.array(told).T
    away = times[None, :] - at[:, None]
    near = (away >= reach[0] - 1e-9) & (away <= reach[1] + 1e-9)
    near &= ((at > now_h + 1e-9) == later)[:, None]
    nearest = np.where(near, np.abs(away), np.inf).argmin(axis=1)
    some = near.any(axis=1)
    found[some] = values[nearest[some]]
    return float(at[some].max() - now_h) if some.any() and later else 0.0
