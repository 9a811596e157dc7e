"""The rain over a gauge's basin: of the last day from pictures, of the next hours as forecast."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple

from hinomi.domains.hazards.collections.rain import RAIN, RAIN_FORECASTS, RAIN_NOWCASTS
from hinomi.domains.hazards.predict_rivers.clock import HOUR, Clock
from hinomi.kernel.geometry import Geometry
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Stored

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hinomi.science.coverages import Packed

NEAR_H = 0.26
"""[h] A picture holds so long before and after: a quarter of an hour."""
BACK_H = 24.0
_KEPT = 4_000
_MOST_MM_H = 300.0
"""More is no rain: Japan's record is 187 mm in an hour."""


class BasinRain(NamedTuple):
    """Rain at steps of the story's time, and what it was made of."""

    mm_h: NDArray[Any]
    """[mm/h] NaN where it is not known."""
    known: float
    """Part of the last six hours."""
    ahead_h: float
    inputs: tuple[str, ...]


class Rains:
    """Basin means of grids; each grid is opened once for a basin, in this run and the next."""

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
        basin = blake2b(repr(place).encode(), digest_size=16).hexdigest()
        past: list[tuple[float, float]] = []
        start = self._clock.before(now, min(BACK_H, before * step_h)) or self._clock.since
        for item in self._items(RAIN.id, (start - timedelta(hours=1), now)):
            means = self._mean(item, place, basin)
            past += [(self._clock.hours(item.said_at), mean) for mean in means[:1]]
            inputs.append(item.id)
        _fill(found, at, past, (-NEAR_H, NEAR_H), now_h)
        ahead_h = 0.0
        for collection in (RAIN_FORECASTS.id, RAIN_NOWCASTS.id):
            newest = self._newest(collection, now)
            if newest is None:
                continue
            means = self._mean(newest, place, basin)
            issued = self._clock.hours(newest.said_at)
            # Hours ahead are the story's, however fast it is played.
            leads = [issued + (m - newest.said_at) / HOUR for m in _moments(newest)]
            told = sorted(zip(leads, means, strict=True))
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

    def _mean(self, item: Stored, place: Geometry, basin: str) -> tuple[float, ...]:
        digest = str(item.body()["grid_digest"])
        key = digest, basin
        if key not in _MEANS:
            from hinomi.science import coverages  # noqa: PLC0415 - heavy

            while len(_MEANS) >= _KEPT:
                del _MEANS[next(iter(_MEANS))]
            _MEANS[key] = _basin_means(coverages.unpack(self._reader.blob(item, digest)), place)
        return _MEANS[key]


_MEANS: dict[tuple[str, str], tuple[float, ...]] = {}
"""By a grid's and the basin's digest, which name their content: a memory, bounded."""


def _moments(item: Stored) -> list[datetime]:
    return [datetime.fromisoformat(m) for m in item.body()["moments"]]


def _basin_means(grid: Packed, place: Geometry) -> tuple[float, ...]:
    """Return the mean over the cells whose middle is in the basin, at each moment of a grid.

    A basin smaller than a cell takes the one that its middle is in; where less than half of the
    basin is known, or the rain is none, the mean is not known.
    """
    import numpy as np  # noqa: PLC0415
    import shapely  # noqa: PLC0415
    from shapely.geometry import shape  # noqa: PLC0415

    west, south, east, north = grid.bounds
    _, rows, columns = grid.values.shape
    basin = shape(place)
    x = west + (np.arange(columns) + 0.5) * (east - west) / columns
    y = north - (np.arange(rows) + 0.5) * (north - south) / rows
    left, low, right, top = basin.bounds
    across = np.flatnonzero((x >= left) & (x <= right))
    along = np.flatnonzero((y >= low) & (y <= top))
    where = np.zeros((rows, columns), bool)
    if across.size and along.size:
        inner = shapely.contains_xy(basin, *np.meshgrid(x[across], y[along]))
        where[np.ix_(along, across)] = inner
    if not where.any():
        middle = basin.representative_point()
        column = int(np.floor((middle.x - west) / (east - west) * columns))
        row = int(np.floor((north - middle.y) / (north - south) * rows))
        if not (0 <= row < rows and 0 <= column < columns):
            return (float("nan"),) * len(grid.values)
        where[row, column] = True
    cells = grid.values[:, where].astype(float)
    good = np.isfinite(cells) & (cells >= 0) & (cells <= _MOST_MM_H)
    count = good.sum(axis=1)
    sums = np.where(good, cells, 0.0).sum(axis=1)
    half = count * 2 >= cells.shape[1]
    return tuple(
        float(s / n) if ok else float("nan") for s, n, ok in zip(sums, count, half, strict=True)
    )


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
