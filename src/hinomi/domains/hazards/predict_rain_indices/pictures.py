"""A network's pictures and what is forecast of its rain, on the meshes of its tanks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hinomi.domains.hazards.collections.rain import RAIN, RAIN_FORECASTS, RAIN_NOWCASTS
from hinomi.kernel.errors import MissingError
from hinomi.kernel.filters import Compare, Property, Value
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Stored
from hinomi.science import coverages
from hinomi.science.rain_indices import STEP, Lattice, Span, onto, rain_of, spans

LOOK_BACK = timedelta(hours=2)
"""The picture before a gap is looked for within this."""
FRESH = timedelta(minutes=20)
"""A nowcast made so long ago still tells of the rain ahead."""
FORECAST_OLD = timedelta(hours=3)


class Picture(NamedTuple):
    """A picture and the time it stands for."""

    item: Stored
    span: Span


class Ahead(NamedTuple):
    """One field of forecast rain [mm/h] on the meshes."""

    span: Span
    rates: NDArray[np.float32]


class Pictures:
    """Reads a network's rain, a picture at a time."""

    def __init__(self, reader: Reader, network: str) -> None:
        self._reader, self._network = reader, network
        self._held: dict[str, NDArray[np.float32]] = {}
        self.lost: list[str] = []
        """Keys of pictures whose grid is not there any more."""

    def since(self, start: datetime | None) -> list[Picture]:
        """Return the pictures from a time on, oldest first, with what each stands for."""
        when = None if start is None else (start - LOOK_BACK, None)
        own = Compare("=", Property("network"), Value(self._network))
        found = sorted(
            self._reader.every(RAIN.id, when=when, filter=own), key=lambda i: (i.said_at, i.seq)
        )
        found = list({item.said_at: item for item in found}.values())
        periods = [Span(i.when.start or i.said_at, i.when.end or i.said_at) for i in found]
        return [Picture(i, s) for i, s in zip(found, spans(periods), strict=True)]

    def rain(
        self, step: Span, pictures: list[Picture], lattice: Lattice
    ) -> tuple[NDArray[np.float32], list[str]]:
        """Return the rain of a step [mm] and the ids of the pictures that it is from."""
        used = [p for p in pictures if p.span.start < step.end and p.span.end > step.start]
        ids = {p.item.id for p in used}
        self._held = {key: grid for key, grid in self._held.items() if key in ids}
        grids = [(p.span, self._grid(p.item, lattice)) for p in used]
        return rain_of(step, grids, lattice.shape), [p.item.id for p in used]

    def _grid(self, item: Stored, lattice: Lattice) -> NDArray[np.float32]:
        if item.id not in self._held:
            grid = self._opened(item)
            values = np.full(lattice.shape, np.nan, np.float32)
            if grid is not None:
                values = onto(grid.values[0], grid.bounds, lattice)
            self._held[item.id] = values
        return self._held[item.id]

    def _opened(self, item: Stored) -> coverages.Packed | None:
        try:
            return coverages.unpack(self._reader.blob(item, str(item.body()["grid_digest"])))
        except MissingError:
            self.lost.append(item.key)
            return None

    def ahead(self, at: datetime, lattice: Lattice) -> tuple[list[list[Ahead]], list[str]]:
        """Return the rain forecast after a time, the nowcast's first, and the records' ids."""
        sources: list[list[Ahead]] = []
        ids: list[str] = []
        for item in self._forecasts(at):
            grid = self._opened(item)
            if grid is None:
                continue
            before, fields = item.said_at, []
            for moment, values in zip(grid.times, grid.values, strict=True):
                span = Span(max(before, at), moment)
                before = moment
                if span.end > span.start:
                    fields.append(Ahead(span, onto(values, grid.bounds, lattice)))
            sources.append(fields)
            ids.append(item.id)
        return sources, ids

    def _forecasts(self, at: datetime) -> Iterator[Stored]:
        """Yield the newest nowcast of the network, then the newest forecast that covers it."""
        own = Compare("=", Property("network"), Value(self._network))
        made = self._reader.every(RAIN_NOWCASTS.id, when=(at - FRESH, None), filter=own)
        yield from _newest(made, at + STEP, at - FRESH)
        others = self._reader.every(RAIN_FORECASTS.id, when=(at, None))
        yield from _newest(others, at + STEP, at - FORECAST_OLD)


def _newest(found: Iterator[Stored], until: datetime, since: datetime) -> Iterator[Stored]:
    kept = [item for item in found if since <= item.said_at <= until]
    if kept:
        yield max(kept, key=lambda item: (item.said_at, item.seq))


def rain_ahead(step: Span, sources: list[list[Ahead]], lattice: Lattice) -> NDArray[np.float32]:
    """Return the forecast rain of a step [mm]: none where no forecast reaches so far.

    Where the first forecast knows nothing (rain from outside its picture) the next one's is taken.
    """
    found: NDArray[np.float32] | None = None
    for fields in sources:
        used = [f for f in fields if f.span.start < step.end and f.span.end > step.start]
        if used:
            rain = rain_of(step, used, lattice.shape)
            found = rain if found is None else np.where(np.isfinite(found), found, rain)
    return np.zeros(lattice.shape, np.float32) if found is None else found
