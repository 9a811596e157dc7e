"""Rain of each ten minutes from pictures as they came, with holes told apart from dry."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

STEP = timedelta(minutes=10)
MOST_HELD = timedelta(minutes=10)
"""A picture of a moment stands at most for so long: one of a network's that is missing is bridged,
two are a hole."""
LEAST_KNOWN = 0.5
"""Of a step: with less of it known its rain is not known."""


class Span(NamedTuple):
    """A picture's part of time."""

    start: datetime
    end: datetime


def step_end(at: datetime) -> datetime:
    """Return the last whole ten minutes.

    Example:
        >>> step_end(datetime(2026, 9, 1, 0, 19, 59, tzinfo=UTC)).minute
        10
    """
    return at.astimezone(UTC).replace(minute=at.minute - at.minute % 10, second=0, microsecond=0)


def spans(periods: Sequence[Span]) -> list[Span]:
    """Return for which time each picture stands: since the one before, no longer than it may.

    Args:
        periods: what each picture says of itself, by rising ends.
    """
    found = []
    before: datetime | None = None
    for period in periods:
        reach = period.end - max(period.end - period.start, MOST_HELD)
        own = min(period.start, period.end - MOST_HELD / 2)
        found.append(Span(own if before is None else max(before, reach), period.end))
        before = period.end
    return found


def rain_of(
    step: Span, pictures: Iterable[tuple[Span, NDArray[np.float32]]], shape: tuple[int, int]
) -> NDArray[np.float32]:
    """Return the rain of a step [mm], NaN where less than half of it is known.

    Args:
        step: start and end.
        pictures: when each holds, and its rate [mm/h, of the shape] with NaN where not known.
        shape: of the grid.
    """
    depth, known = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    whole = (step.end - step.start) / timedelta(hours=1)
    for span, rates in pictures:
        hours = (min(span.end, step.end) - max(span.start, step.start)) / timedelta(hours=1)
        if hours > 0:
            there = np.isfinite(rates)
            np.add(depth, rates * np.float32(hours), out=depth, where=there)
            known += there * np.float32(hours)
    with np.errstate(invalid="ignore", divide="ignore"):
        scaled: NDArray[np.float32] = depth * (np.float32(whole) / known)
    scaled[known < LEAST_KNOWN * whole - 1e-6] = np.nan
    return scaled
