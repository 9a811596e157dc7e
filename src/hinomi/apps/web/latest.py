"""Series with their latest readings as JSON, kept and mended: what maps ask after every append."""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection
from functools import lru_cache

from hinomi.apps.web.http import encode
from hinomi.kernel.errors import HinomiError
from hinomi.kernel.marking import Marking
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Reading, Series, from_micros
from hinomi.kernel.store import Latest, Store
from hinomi.vocabulary.quality import QUALITIES

MOST_VIEWS = 8
"""Views kept at a time; 10,000 series take about 5 MB in each."""

LOOK_S = 0.1
"""How often a view that is asked for is brought up to date."""
MOST_LOOKS = 6_000
"""A view that nobody asked for in so many looks (ten minutes) is left alone until then."""
log = logging.getLogger("hinomi.web")


class Stamps(dict[int, str]):
    """Microseconds as RFC 3339 text; series share their times, so each is written once."""

    def __missing__(self, time: int) -> str:
        self[time] = text = stamp(time)
        return text


def stamp(time: int) -> str:
    """Return microseconds since 1970 as RFC 3339 text in UTC."""
    return from_micros(time).isoformat().replace("+00:00", "Z")


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
    """The answer in pieces: for each series its head, time, value and quality.

    Columns are written by compiled code, which for all series takes a third of writing one by one.
    """

    def __init__(self) -> None:
        self.asked: tuple[Store, Reader] | None = None
        self.looks = 0
        self._pieces: list[bytes] = []
        self._at: dict[Series, int] = {}
        self._position = -1
        self._things = 0
        self._body: bytes | None = None

    def body(self) -> bytes:
        """Return the whole answer, joined once after each change."""
        if self._body is None:
            head = _list_head(len(self._at))
            self._body = b"".join([head, *self._pieces, b"]}"])
        return self._body

    def mend(self, store: Store, reader: Reader, collection: str) -> None:
        """Bring the pieces up to date."""
        # Read first: what is appended meanwhile is told again next time.
        position = reader.position()
        if position == self._position:
            return
        first = self._position < 0
        visible = reader.visible()
        things = sum(
            count
            for (name, marking), count in store.counts().items()
            if name == collection and marking in visible
        )
        same = not first and things == self._things
        if not (same and self._change(reader.series(collection, since=self._position))):
            self._fill(reader.series(collection))
        self._position, self._things = position, things

    def _change(self, found: list[Latest]) -> bool:
        """Write what changed; tell whether that is all, and none is new or defined anew."""
        at = [self._at.get(one.series) for one in found]
        if None in at:
            return False
        if not found:
            return True
        self._body = None
        columns = _columns(found)
        if at == list(self._at.values()):
            self._write(columns)
        else:
            for place, time, value, quality in zip(at, *columns, strict=True):
                self._pieces[place + 1 : place + 4] = time, value, quality  # type: ignore[operator]
        return True

    def _fill(self, found: list[Latest]) -> None:
        """Write all anew, in the store's order."""
        self._body = None
        self._at = {one.series: 4 * rank for rank, one in enumerate(found)}
        self._pieces = [b""] * (4 * len(found))
        if not found:
            return
        self._pieces[0::4] = [b"," + _head(one.series) for one in found]
        self._pieces[0] = _head(found[0].series)
        self._write(_columns(found))

    def _write(self, columns: tuple[list[bytes], list[bytes], list[bytes]]) -> None:
        for number, column in enumerate(columns, start=1):
            self._pieces[number::4] = column


def _columns(found: list[Latest]) -> tuple[list[bytes], list[bytes], list[bytes]]:
    """Return each latest reading's time, value and quality as pieces of JSON."""
    told = [one.reading or _NONE for one in found]
    opened = _Opened()
    # Values without an end (inf) or meaning (nan) become null.
    values = encode([r.value for r in told])[1:-1].split(b",")
    times = [opened[r.time] for r in told]
    qualities = list(map(_TAILS.__getitem__, [r.quality for r in told]))
    for rank, one in enumerate(found):
        if one.reading is None:
            times[rank], values[rank], qualities[rank] = b"null}", b"", b""
    return times, values, qualities


_NONE = Reading(0, 0.0, 0, 0)
_TAILS = tuple(f',"quality":"{quality}"}}}}'.encode() for quality in QUALITIES)


class _Opened(dict[int, bytes]):
    """How a latest reading of so many microseconds begins in JSON."""

    def __missing__(self, time: int) -> bytes:
        self[time] = begun = _begun(stamp(time))
        return begun


def _begun(time: str) -> bytes:
    """Return how a latest reading of a time begins in JSON; its value follows."""
    return b'{"time":"%b","value":' % time.encode()


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
    return encode(told)[:-1] + b',"latest":'


def latest_json(latest: Latest, stamps: Stamps) -> bytes:
    """Return a series and its latest reading as JSON."""
    reading = latest.reading
    if reading is None:
        return _head(latest.series) + b"null}"
    told = _begun(stamps[reading.time]) + encode(reading.value)
    return _head(latest.series) + told + _TAILS[reading.quality]


def list_json(parts: Collection[bytes]) -> bytes:
    """Return the answer that lists series."""
    head = _list_head(len(parts))
    if not parts:
        return head + b"]}"
    # One join: a second copy of some megabytes costs as much as all the rest.
    first, *others = parts
    last = others.pop() + b"]}" if others else b""
    return b",".join([head + first, *others, last]) if last else head + first + b"]}"


def _list_head(number: int) -> bytes:
    return b'{"numberReturned":%d,"series":[' % number
