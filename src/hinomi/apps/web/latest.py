"""Series with their latest readings as JSON, kept and mended: what maps ask after every append."""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Iterable
from functools import lru_cache
from math import isfinite

from hinomi.apps.web.http import encode
from hinomi.kernel.errors import HinomiError
from hinomi.kernel.marking import Marking
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Series, from_micros
from hinomi.kernel.store import Latest, Store
from hinomi.vocabulary.quality import QUALITIES

MOST_VIEWS = 8
"""Views kept at a time; 10,000 series take about 5 MB in each."""

LOOK_S = 0.1
"""How often a view that is asked for is brought up to date."""
MOST_LOOKS = 6_000
"""A view that nobody asked for in so many looks (ten minutes) is left alone until then."""
log = logging.getLogger("hinomi.web")

_Name = tuple[str, str, Marking]


class Stamps(dict[int, str]):
    """Microseconds as RFC 3339 text; series share their times, so each is written once."""

    def __missing__(self, time: int) -> str:
        text = from_micros(time).isoformat().replace("+00:00", "Z")
        self[time] = text
        return text


class LatestViews:
    """The answers about all series of a collection, for each set of markings that is asked for.

    A server that lives calls :meth:`keep`: then what was asked for lately is brought up to date
    soon after each append, and the next who asks finds it made.
    """

    def __init__(self) -> None:
        self._views: dict[tuple[str, frozenset[Marking]], _View] = {}
        self._lock = threading.Lock()
        self._stop = threading.Event()

    def read(self, store: Store, reader: Reader, collection: str) -> bytes:
        """Return the answer as it stands now; only what changed since the last is made anew."""
        visible = reader.visible()
        with self._lock:
            view = self._views.pop((collection, visible), None) or _View()
            view.mend(store, reader, collection)
            view.asked = (store, reader)
            view.looks = 0
            # Back at the end: the one that was not asked for the longest goes first.
            self._views[collection, visible] = view
            if len(self._views) > MOST_VIEWS:
                del self._views[next(iter(self._views))]
            return view.body()

    def keep(self) -> None:
        """Bring what is asked for up to date in a thread, until :meth:`close`."""
        threading.Thread(target=self._keep, name="hinomi-latest", daemon=True).start()

    def close(self) -> None:
        """Stop the thread."""
        self._stop.set()

    def _keep(self) -> None:
        while not self._stop.wait(LOOK_S):
            for name in list(self._views):
                try:
                    self._look_after(name)
                except HinomiError:
                    log.debug("part=web latest values are mended by who asks", exc_info=True)

    def _look_after(self, name: tuple[str, frozenset[Marking]]) -> None:
        with self._lock:
            view = self._views.get(name)
            if view is None or view.asked is None or view.looks > MOST_LOOKS:
                return
            view.looks += 1
            view.mend(*view.asked, name[0])
            view.body()


class _View:
    def __init__(self) -> None:
        self.parts: dict[_Name, bytes] = {}
        self.asked: tuple[Store, Reader] | None = None
        self.looks = 0
        self._position = -1
        self._things = 0
        self._body: bytes | None = None

    def body(self) -> bytes:
        """Return the whole answer, joined once after each change."""
        if self._body is None:
            self._body = list_json(self.parts.values())
        return self._body

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
            self._body = None if changed else self._body
        else:
            # Some came or went: in the store's order, all anew.
            self.parts = _made(reader.series(collection))
            self._body = None
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
