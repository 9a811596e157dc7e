"""Coverages as an app asks for them: a picture of a moment, one place over time.

Opened grids are kept by their digest, which names bytes that never change; who may see them is
asked each time, of the records.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from hinomi.kernel.errors import InputError, MissingError, UnavailableError
from hinomi.kernel.filters import Filter
from hinomi.kernel.geometry import BBox
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Stored

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hinomi.science.coverages import Packed

TILE_PX = 512
"""Sharp on dense screens, and a quarter of the requests of 256."""
LATE = timedelta(minutes=20)
"""A picture is drawn for so long after its moment; then the map rather shows none."""
AT_ONCE = timedelta(seconds=1)
"""An interval needs an end after its start to be asked for."""
MOST_BYTES = 96_000_000
"""Of opened grids in memory: about twenty pictures of 1,200 x 950 cells."""
MOST_GRIDS = 300
"""That one question opens: a day of pictures every five minutes."""
MOST_LAID = 20
"""Grids that are laid over each other in one picture."""


class Point(msgspec.Struct, frozen=True):
    """A parameter's values at one place."""

    parameter: str
    unit: str
    times: tuple[datetime, ...]
    values: tuple[float | None, ...]
    record: str
    """The statement that they are from."""


class Coverages:
    """Opens grids, and keeps those that were asked for last."""

    def __init__(self) -> None:
        self._open: OrderedDict[tuple[str, str], Packed] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def check(self) -> None:
        """Raise UnavailableError where what opens grids is not installed."""
        _science()

    def picture(
        self,
        reader: Reader,
        collection: str,
        at: datetime,
        window: tuple[float, float, float, float],
        steps: tuple[float, ...],
        part: Filter | None = None,
    ) -> NDArray[np.uint8]:
        """Return the classes of a square window, 0 outside the grids and below all steps.

        One class more than there are steps is where a grid reaches but nothing is known.

        Args:
            reader: who asks, in which status, as of when.
            collection: of coverages.
            at: the moment; of forecasts the newest that reaches it.
            window: west, south, east, north [m, EPSG:3857].
            steps: where classes 1, 2, ... begin.
            part: of the collection that is drawn: a layer's filter.

        Raises:
            UnavailableError: what opens grids is not installed.
        """
        size = (TILE_PX, TILE_PX)
        classes = np.zeros(size, np.uint8)
        told, reached = np.zeros(size, np.bool_), np.zeros(size, np.bool_)
        science = _science()
        for item in reversed(newest(reader, collection, at, part)):
            try:
                grid = self._grid(reader, item)
            except MissingError:
                continue  # Retired: the record is there, its grid is not kept any more.
            values = grid.values[_moment(grid, at)]
            seen = science.window(values, grid.bounds, window, size)
            known = np.isfinite(seen)
            # What is known lies over what is older, dry or not.
            classes = np.where(known, science.classes_of(seen, steps), classes)
            told |= known
            reached |= np.isfinite(science.window(np.ones_like(values), grid.bounds, window, size))
        return np.where(reached & ~told, np.uint8(len(steps) + 1), classes)

    def point(
        self,
        reader: Reader,
        collection: str,
        span: tuple[datetime | None, datetime | None],
        place: tuple[float, float],
        part: Filter | None = None,
        names: frozenset[str] = frozenset(),
    ) -> list[Point]:
        """Return what the coverages that hold within a span say of one place, oldest first.

        Args:
            reader: who asks, in which status, as of when.
            collection: of coverages.
            span: from when, until when; None: open.
            place: longitude, latitude [degree].
            part: of the collection that is asked: a layer's filter.
            names: of the parameters that are wanted; none: all.

        Raises:
            InputError: more grids than are opened for one answer, or none has such a parameter.
        """
        longitude, latitude = place
        box = (longitude, latitude, longitude, latitude)
        science = _science()
        found = []
        for item, grid in self.grids(reader, collection, span, box, part, names):
            values = science.over_time(grid.values, grid.bounds, longitude, latitude)
            found.append(
                Point(
                    grid.parameter, grid.unit, grid.times,
                    tuple(round(float(v), 4) if np.isfinite(v) else None for v in values), item.id,
                )
            )  # fmt: skip
        return found

    def grids(
        self, reader: Reader, collection: str, span: tuple[datetime | None, datetime | None],
        box: BBox, part: Filter | None = None, names: frozenset[str] = frozenset(),
    ) -> Iterator[tuple[Stored, Packed]]:  # fmt: skip
        """Yield the grids that hold within a span and reach into a box, oldest first.

        Args:
            reader: who asks, in which status, as of when.
            collection: of coverages.
            span: from when, until when; None: open.
            box: west, south, east, north [degree]; over the date line west is above east.
            part: of the collection that is asked: a layer's filter.
            names: of the parameters that are wanted; none: all.

        Raises:
            InputError: more grids than are opened for one answer, or none has such a parameter.
        """
        page = reader.find(collection, when=span, bbox=box, limit=MOST_GRIDS, filter=part)
        if page.next is not None:
            raise InputError(
                f"More than {MOST_GRIDS} grids: ask for a shorter time (datetime) or one layer.",
                f"格子が{MOST_GRIDS}枚を超えます。期間(datetime)かレイヤーを絞ってください。",
            )
        known = {str(item.body().get("parameter", "")) for item in page.items}
        if known and names - known:
            raise InputError(
                f"parameter-name={','.join(sorted(names - known))}: here are {sorted(known)}.",
                f"parameter-name={','.join(sorted(names - known))}: あるのは{sorted(known)}です。",
            )
        for item in sorted(page.items, key=lambda i: i.said_at):
            if not names or str(item.body().get("parameter", "")) in names:
                try:
                    grid = self._grid(reader, item)
                except MissingError:
                    continue  # Retired.
                yield item, grid

    def _grid(self, reader: Reader, item: Stored) -> Packed:
        body = item.body()
        digest, parameter = str(body["grid_digest"]), str(body.get("parameter", ""))
        name = digest, parameter
        with self._lock:
            if name in self._open:
                self._open.move_to_end(name)
                return self._open[name]
        grid: Packed = _science().unpack(reader.blob(item, digest), parameter)
        with self._lock:
            if name not in self._open:
                self._open[name] = grid
                self._bytes += grid.values.nbytes
            while self._bytes > MOST_BYTES and len(self._open) > 1:
                self._bytes -= self._open.popitem(last=False)[1].values.nbytes
        return grid


class _Seen(msgspec.Struct, frozen=True):
    network: str = ""
    parameter: str = ""


class _Feature(msgspec.Struct, frozen=True):
    properties: _Seen


_FEATURES = msgspec.json.Decoder(_Feature)


def newest(
    reader: Reader, collection: str, at: datetime, part: Filter | None = None
) -> list[Stored]:
    """Return the statements to draw for a moment: of each network the newest said by then.

    A picture is of its period's end, so one that ended a little before is still the newest. All
    that hold then are looked at, page by page, however many there are.
    """
    latest: dict[tuple[str, str], Stored] = {}
    for item in reader.every(collection, when=(at - LATE, at + AT_ONCE), filter=part):
        if item.said_at <= at:
            seen = _FEATURES.decode(item.feature).properties
            name = (seen.network or item.key, seen.parameter)
            held = latest.get(name)
            if held is None or (held.said_at, held.seq) < (item.said_at, item.seq):
                latest[name] = item
    return sorted(latest.values(), key=lambda i: i.said_at, reverse=True)[:MOST_LAID]


def _moment(grid: Packed, at: datetime) -> int:
    return min(range(len(grid.times)), key=lambda i: abs(grid.times[i] - at))


def _science() -> Any:
    try:
        import xarray  # noqa: F401, PLC0415 - heavy, and only for those with grids
        import zarr  # noqa: F401, PLC0415

        from hinomi.science import coverages  # noqa: PLC0415
    except ModuleNotFoundError as missing:
        raise UnavailableError(
            f"Grids need {missing.name}: pip install 'hinomi[models]'.",
            f"格子を開く部品がありません: pip install 'hinomi[models]' ({missing.name})",
        ) from None
    return coverages
