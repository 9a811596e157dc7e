"""Series with their latest readings as JSON, kept and mended: what maps ask after every append."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import lru_cache
from math import isfinite

from hinomi.apps.web.http import encode
from hinomi.kernel.marking import Marking
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Series, from_micros
from hinomi.kernel.store import Latest, Store
from hinomi.vocabulary.quality import QUALITIES

MOST_VIEWS = 8
"""Views kept at a time; 10,000 series take about 5 MB in each."""

_Name = tuple[str, str, Marking]


class Stamps(dict[int, str]):
    """Microseconds as RFC 3339 text; series share their times, so each is written once."""

    def __missing__(self, time: int) -> str:
        text = from_micros(time).isoformat().replace("+00:00", "Z")
        self[time] = text
        return text


class LatestViews:
    """The answers about all series of a collection, for each set of markings that is asked for.

    Used from the event loop alone, so nothing is locked.
    """

    def __init__(self) -> None:
        self._views: dict[tuple[str, frozenset[Marking]], _View] = {}

    def read(self, store: Store, reader: Reader, collection: str) -> bytes:
        """Return the answer as it stands now; only what changed since the last is made anew."""
        visible = reader.visible()
        view = self._views.pop((collection, visible), None) or _View()
        view.mend(store, reader, collection)
        # Back at the end: the one that was not asked for the longest goes first.
        self._views[collection, visible] = view
        if len(self._views) > MOST_VIEWS:
            del self._views[next(iter(self._views))]
        return list_json(view.parts.values())


class _View:
    def __init__(self) -> None:
        self.parts: dict[_Name, bytes] = {}
        self._position = -1
        self._things = 0

    def mend(self, store: Store, reader: Reader, collection: str) -> None:
        """Bring the parts up to date."""
        # Read first: what is appended meanwhile is told again next time.
        position = reader.position()
        if position == self._position:
            return
        first = self._position < 0
        changed = {} if first else _made(reader.series(collection, since=self._position))
        visible = reader.visible()
        things = sum(
            count
            for (name, marking), count in store.counts().items()
            if name == collection and marking in visible
        )
        if not first and things == self._things and changed.keys() <= self.parts.keys():
            self.parts.update(changed)
        else:
            # Some came or went: in the store's order, all anew.
            self.parts = _made(reader.series(collection))
        self._position, self._things = position, things


def _made(found: Iterable[Latest]) -> dict[_Name, bytes]:
    stamps = Stamps()
    return {
        (one.series.id, one.series.source, one.series.marking): latest_json(one, stamps)
        for one in found
    }


@lru_cache(maxsize=65_536)
def _head(of: Series) -> bytes:
    """Return what does not change about a series as JSON, open at its end."""
    told = {
        "id": of.id,
        "collection": of.collection,
        "thing": of.thing,
        "property": of.property,
        "unit": of.unit,
        "source": of.source,
        "status": of.marking.status.value,
        "title": of.title,
        "longitude": of.longitude,
        "latitude": of.latitude,
    }
    return encode(told)[:-1]


def latest_json(latest: Latest, stamps: Stamps) -> bytes:
    """Return a series and its latest reading as JSON."""
    reading = latest.reading
    if reading is None:
        return _head(latest.series) + b',"latest":null}'
    value = repr(reading.value) if isfinite(reading.value) else "null"
    told = (
        f',"latest":{{"time":"{stamps[reading.time]}","value":{value},'
        f'"quality":"{QUALITIES[reading.quality]}"}}}}'
    )
    return _head(latest.series) + told.encode()


def list_json(parts: Collection[bytes]) -> bytes:
    """Return the answer that lists series."""
    head = b'{"numberReturned":%d,"series":[' % len(parts)
    if not parts:
        return head + b"]}"
    # One join: a second copy of some megabytes costs as much as all the rest.
    first, *others = parts
    last = others.pop() + b"]}" if others else b""
    return b",".join([head + first, *others, last]) if last else head + first + b"]}"
