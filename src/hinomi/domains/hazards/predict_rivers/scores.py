"""How the forecasts of hours ago did, now that it has come: as they were told then."""

from __future__ import annotations

from datetime import datetime

import msgspec

from hinomi.domains.hazards.collections.rivers import RIVER_FORECASTS, LevelScore, RiverForecast
from hinomi.domains.hazards.story_clock import Clock
from hinomi.kernel.reader import Reader

LEADS_H = (1.0, 2.0, 3.0, 6.0)
_LATE_H = 0.5
"""A forecast that was so old already is not the one of that lead."""


class Judge:
    """Asks the log what was said hours ago (as-of), and adds it to the scores so far."""

    def __init__(self, reader: Reader, clock: Clock) -> None:
        self._reader = reader
        self._clock = clock
        self._then: dict[datetime, Reader] = {}

    def scores(
        self, key: str, reading: tuple[datetime, float], earlier: RiverForecast | None,
        since_h: float,
    ) -> tuple[LevelScore, ...]:  # fmt: skip
        """Return the scores with what has come now in them.

        Args:
            key: of the gauge.
            reading: when, and its level [m].
            earlier: the forecast that stands.
            since_h: [h of the story] forecasts issued before are not judged.
        """
        known = {} if earlier is None else {score.lead_h: score for score in earlier.scores}
        if earlier is not None:
            hours = self._clock.hours(reading[0]) - self._clock.hours(earlier.issued_at)
            for lead in LEADS_H:
                found = self._told(key, reading[0], lead, since_h)
                if found is not None:
                    came = reading[1], hours
                    known[lead] = _added(*found, came, (lead, known.get(lead)))
        return tuple(known[lead] for lead in LEADS_H if lead in known)

    def _told(
        self, key: str, now: datetime, lead: float, since_h: float
    ) -> tuple[RiverForecast, float] | None:
        """Return the forecast that stood so many hours ago, and its lead [h] to now."""
        moment = self._clock.before(now, lead)
        if moment is None:
            return None
        if moment not in self._then:
            self._then[moment] = self._reader.at(moment)
        for item in self._then[moment].find(RIVER_FORECASTS.id, keys=(key,), limit=1).items:
            told = msgspec.convert(item.body(), RiverForecast)
            issued = self._clock.hours(told.issued_at)
            age = self._clock.hours(moment) - issued
            if told.state == "forecast" and -0.01 <= age <= _LATE_H and issued >= since_h - 1e-6:
                return told, lead + age
        return None


def _added(
    told: RiverForecast, hours: float, came: tuple[float, float],
    so_far: tuple[float, LevelScore | None],
) -> LevelScore:  # fmt: skip
    """Return a lead's score with one forecast more: ``came`` is the level [m], hours since."""
    import numpy as np  # noqa: PLC0415 - heavy

    from hinomi.science.runoff.spread import learnt  # noqa: PLC0415

    lead, score = so_far
    came_m, since_h = came
    at = np.arange(len(told.steps) + 1) * 0.5
    hours = min(hours, float(at[-1]))
    low, middle, high = (
        float(np.interp(hours, at, [told.level_m, *(getattr(s, name) for s in told.steps)]))
        for name in ("low_m", "middle_m", "high_m")
    )
    count = 1 + (score.count if score else 0)

    def mean(before: float, new: float) -> float:
        return before + (new - before) / count

    off, still = middle - came_m, told.level_m - came_m
    inside = low <= came_m <= high
    mse = mean(score.mse_m2 if score else 0.0, off**2)
    still_mse = mean(score.mse_persistence_m2 if score else 0.0, still**2)
    return LevelScore(
        lead_h=lead, count=count, skill=round(1 - mse / still_mse, 3) if still_mse > 0 else None,
        mse_m2=round(mse, 6), mse_persistence_m2=round(still_mse, 6),
        mean_error_m=round(mean(score.mean_error_m if score else 0.0, abs(off)), 4),
        mean_error_persistence_m=round(
            mean(score.mean_error_persistence_m if score else 0.0, abs(still)), 4
        ),
        in_band=round(mean(score.in_band if score else 0.0, float(inside)), 4),
        log_factor=round(
            learnt(score.log_factor if score else None, lead, missed=not inside, hours=since_h), 4
        ),
    )  # fmt: skip
