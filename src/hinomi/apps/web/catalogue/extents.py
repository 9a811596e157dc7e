"""Where and when a collection's things are, as the caller may see them, without reading them all.

The store answers "is there anything west of here?" from its index in well under a millisecond. So
a bound is found by halving, kept, and later only checked by two such questions: is there nothing
beyond it, and still something just inside? What leaves the caller's view thereby leaves the
extent, and nothing of another marking ever enters it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any, NamedTuple, TypeAlias
from weakref import WeakKeyDictionary

from hinomi.apps.web import crs
from hinomi.kernel.collections import Kind
from hinomi.kernel.geometry import BBox
from hinomi.kernel.marking import Marking
from hinomi.kernel.reader import Reader
from hinomi.runtime.service import Service

PER_DEGREE = 100
"""Bounds are told to 0.01 degrees, outwards: about a kilometre."""
_EPOCH = datetime(1900, 1, 1, tzinfo=UTC)
_DAYS = 73_049
"""Days from 1900 to 2100: times are told to the day, outwards; beyond is told as open."""
_VIEWS = 16
"""Sets of markings for which extents are kept."""


class Extent(NamedTuple):
    """West, south, east, north [degrees], None without places; start, end, None where open."""

    bbox: BBox | None = None
    start: datetime | None = None
    end: datetime | None = None


class _Bounds(NamedTuple):
    """The same in whole steps: hundredths of a degree and days since 1900, not yet widened."""

    box: tuple[int, int, int, int] | None
    start: int
    end: int


_Key: TypeAlias = tuple[str, frozenset[Marking]]


class Extents:
    """The extents that were found, each with the feed position at which it held."""

    def __init__(self) -> None:
        self._kept: OrderedDict[_Key, tuple[int, _Bounds | None]] = OrderedDict()
        self._lock = Lock()

    def of(self, reader: Reader, collection: str) -> Extent | None:
        """Return the extent of what the reader sees of a collection; None where it sees nothing."""
        if reader.catalog.collection(collection).kind is Kind.SERIES:
            return _of_series(reader, collection)
        key = (collection, reader.visible())
        position = reader.position()
        with self._lock:
            kept = self._kept.get(key)
        if kept is None or kept[0] != position:
            found = _Search(reader, collection, kept[1] if kept else None).bounds()
            with self._lock:
                self._kept[key] = kept = (position, found)
                self._kept.move_to_end(key)
                while len(self._kept) > _VIEWS * max(len(reader.catalog.collections), 1):
                    self._kept.popitem(last=False)
        return None if kept[1] is None else _told(kept[1])


_EXTENTS: WeakKeyDictionary[Service, Extents] = WeakKeyDictionary()


def extents_of(service: Service) -> Extents:
    """Return the one keeper of extents that a service has."""
    return _EXTENTS.setdefault(service, Extents())


def _of_series(reader: Reader, collection: str) -> Extent | None:
    """Return the extent of gauges by where they stand; their latest readings tell no start."""
    found = reader.series(collection)
    if not found:
        return None
    places = [
        (x.series.longitude, x.series.latitude)
        for x in found
        if x.series.longitude is not None and x.series.latitude is not None
    ]
    if not places:
        return Extent()
    east_west = [place[0] for place in places]
    north_south = [place[1] for place in places]
    return Extent((min(east_west), min(north_south), max(east_west), max(north_south)))


class _Search:
    """One look for the bounds of one collection, with the store's index as the only witness."""

    def __init__(self, reader: Reader, collection: str, near: _Bounds | None) -> None:
        self._reader = reader
        self._collection = collection
        self._near = near

    def bounds(self) -> _Bounds | None:
        """Return the bounds, or None where there is nothing to see."""
        if not self._reader.features(self._collection, limit=1).items:
            return None
        return _Bounds(self._box(), *self._span())

    def _placed(self, west: int, south: int, east: int, north: int) -> bool:
        box = (west / PER_DEGREE, south / PER_DEGREE, east / PER_DEGREE, north / PER_DEGREE)
        return bool(self._reader.features(self._collection, bbox=box, limit=1).items)

    def _box(self) -> tuple[int, int, int, int] | None:
        x, y = 180 * PER_DEGREE, 90 * PER_DEGREE
        if not self._placed(-x, -y, x, y):
            return None
        near = self._near.box if self._near else None
        west, south, east, north = near or (None, None, None, None)
        return (
            -_last(lambda v: self._placed(-x, -y, -v, y), -x, x, _minus(west)),
            -_last(lambda v: self._placed(-x, -y, x, -v), -y, y, _minus(south)),
            _last(lambda v: self._placed(v, -y, x, y), -x, x, east),
            _last(lambda v: self._placed(-x, v, x, y), -y, y, north),
        )

    def _span(self) -> tuple[int, int]:
        start, end = (self._near.start, self._near.end) if self._near else (None, None)
        return (
            -_last(lambda v: self._valid(None, -v), -_DAYS, 0, _minus(start)),
            _last(lambda v: self._valid(v, None), 0, _DAYS, end),
        )

    def _valid(self, start: int | None, end: int | None) -> bool:
        when = (_day(start), _day(end))
        return bool(self._reader.features(self._collection, when=when, limit=1).items)


def _last(holds: Callable[[int], bool], low: int, high: int, near: int | None) -> int:
    """Return the greatest number in [low, high] for which it holds; above it, it holds no more.

    Args:
        holds: the question; at ``low`` it is taken to hold.
        low: [steps] where the search begins.
        high: [steps] where it ends.
        near: [steps] where the answer was the last time: two questions if it is so still.
    """
    if near is not None and (near == low or holds(near)):
        if near == high or not holds(near + 1):
            return near
        low = near
    while low < high:
        middle = (low + high + 1) // 2
        if holds(middle):
            low = middle
        else:
            high = middle - 1
    return low


def _minus(value: int | None) -> int | None:
    return None if value is None else -value


def _day(number: int | None) -> datetime | None:
    return None if number is None else _EPOCH + timedelta(days=number)


def _told(found: _Bounds) -> Extent:
    """Return the bounds one step outwards: the last that met something is inside of what is."""
    box = None
    if found.box is not None:
        west, south, east, north = found.box
        box = (
            max((west - 1) / PER_DEGREE, -180.0), max((south - 1) / PER_DEGREE, -90.0),
            min((east + 1) / PER_DEGREE, 180.0), min((north + 1) / PER_DEGREE, 90.0),
        )  # fmt: skip
    start = None if found.start <= 0 else _day(found.start - 1)
    end = None if found.end >= _DAYS else _day(found.end + 1)
    return Extent(box, start, end)


def extent_json(extent: Extent | None) -> dict[str, Any] | None:
    """Return an extent as OGC API – Features and STAC write it; None where nothing is seen."""
    if extent is None:
        return None
    found: dict[str, Any] = {
        "temporal": {"interval": [[time_text(extent.start), time_text(extent.end)]]}
    }
    if extent.bbox is not None:
        found["spatial"] = {"bbox": [list(extent.bbox)], "crs": crs.CRS84}
    return found


def time_text(value: datetime | None) -> str | None:
    """Return a time as JSON holds it: RFC 3339 in UTC."""
    return None if value is None else value.astimezone(UTC).isoformat().replace("+00:00", "Z")
