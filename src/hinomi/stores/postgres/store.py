"""The server's store: PostgreSQL with PostGIS, any number of writers and readers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from hinomi.kernel.errors import UnavailableError
from hinomi.kernel.geometry import BBox
from hinomi.kernel.marking import Marking
from hinomi.kernel.records import Complete, Reading, Readings, Record, Stored, micros
from hinomi.kernel.store import Changes, Features, Latest, Page, Put, Query, Trace
from hinomi.stores.erasing import Erased, Erasure
from hinomi.stores.postgres import blobs, closing, erasing, feed, finding, looking, readings, upkeep
from hinomi.stores.postgres.bell import listen
from hinomi.stores.postgres.few import Few
from hinomi.stores.postgres.link import (
    Link,
    Links,
    Names,
    alive,
    check_version,
    connect,
    migrate,
    transaction,
)
from hinomi.stores.postgres.series import FEW, ReadingsWriter
from hinomi.stores.postgres.work import Work
from hinomi.stores.postgres.writing import Writer
from hinomi.stores.questions import Named, bounds_of
from hinomi.stores.statements import check_narrowing, check_records

T = TypeVar("T")


class PostgresStore:
    """A :class:`~hinomi.kernel.store.Store` in a database, at ``postgresql://…``.

    Any number of processes open it for writing; their transactions append one after the other,
    so that positions are in the order in which they become visible. Questions are asked under a
    role that sees only rows of the markings that the question names.

    Raises:
        UnavailableError: the server does not answer, or has another layout.
    """

    def __init__(self, url: str, *, read_only: bool = False) -> None:
        self.url = url
        self._names = Names()
        self._lock = threading.RLock()
        self._alone: int | None = None
        self._read_only = read_only
        self._glance = looking.Glance()
        connection = connect(url)
        try:
            if read_only:
                check_version(connection)
            else:
                migrate(connection)
        except BaseException:
            connection.close()
            raise
        self._own = Link(connection, self._names)
        self._writer = Writer(self._own)
        self._readings = ReadingsWriter(self._writer)
        self._few = Few(self._readings)
        self._links = Links(url, self._names)
        self.work = Work(url, self._owner)
        """Leases on what one process at a time does."""

    def put(
        self,
        records: Sequence[Record],
        readings: Sequence[Readings] = (),
        complete: Sequence[Complete] = (),
        *,
        at: datetime,
    ) -> Put:
        """Append what is new, durable on return; see :meth:`hinomi.kernel.store.Store.put`."""
        if len(readings) == 1 and not records and not complete:
            done = self._put_few(readings[0], at)
            if done is not None:
                return done
        check_records(records)
        ids = [record.identity() for record in records]
        # Few readings are sent with what follows them; many, and statements, are copied.
        few = not records and not complete and sum(len(b.rows) for b in readings) <= FEW
        with self._writing(at, ahead=readings if few else None) as writer:
            writer.prepare(records, ids)
            new = sum(map(writer.append, records, ids))
            closing.apply_lists(writer, complete)
            rows = [self._readings.append(batch) for batch in readings]
        return Put(
            position=writer.seq,
            new=new,
            known=len(ids) - new,
            readings_new=sum(n for n, _ in rows),
            readings_known=sum(k for _, k in rows),
            ids=tuple(ids),
        )

    def _put_few(self, batch: Readings, at: datetime) -> Put | None:
        with self._lock:
            if self._read_only or self._alone is not None:
                return None
            self._reconnect()
            return self._few.put(batch, at)

    def remark(
        self, collection: str, key: str, source: str, *, old: Marking, new: Marking, at: datetime
    ) -> int:
        """Narrow what has been said; see :meth:`hinomi.kernel.store.Store.remark`."""
        check_narrowing(old, new)
        with self._writing(at) as writer:
            closing.narrow(writer, (collection, key, source), old, new)
        return writer.seq

    @contextmanager
    def exclusive(self, *, pipelined: bool = False) -> Iterator[Link]:
        """Let nobody else append, in any process, until the block ends; then all of it is kept.

        What is asked inside, by the same thread, is answered with what was appended inside.
        """
        if self._read_only:
            raise _read_only()
        with self._lock:
            self._reconnect()
            outer, self._alone = self._alone, threading.get_ident()
            try:
                with transaction(self._own, pipelined=pipelined and outer is None):
                    yield self._own
            except BaseException:
                self._writer.forget()
                self._readings.forget()
                raise
            finally:
                self._alone = outer

    @contextmanager
    def _writing(
        self, at: datetime, *, ahead: Sequence[Readings] | None = None
    ) -> Iterator[Writer]:
        """Append; in a pipeline where the few readings that follow are given ``ahead``."""
        with self.exclusive(pipelined=ahead is not None) as link:
            self._readings.begin(ahead if link.pipelined and ahead else ())
            self._writer.begin(at)
            yield self._writer
            self._writer.finish()

    def _reconnect(self) -> None:
        """Replace our own connection where the server has closed it."""
        if self._alone is None and not alive(self._own.connection):
            self._own.connection.close()
            self._own.connection = connect(self.url)

    @contextmanager
    def _owner(self) -> Iterator[Link]:
        """Lend our own connection: for what is about the store and not about its rows."""
        with self._lock:
            self._reconnect()
            yield self._own

    @contextmanager
    def _asking(self, visible: frozenset[Marking] | None = None) -> Iterator[Link]:
        if self._alone == threading.get_ident():
            yield self._own
        elif self._glance.link is not None:
            if visible is not None:
                self._glance.link.see(visible)
            yield self._glance.link
        else:
            with self._links.reading(visible) as link:
                yield link

    def find(self, query: Query) -> Page:
        """Return one page; see :meth:`hinomi.kernel.store.Store.find`."""
        with self._asking(query.visible) as link:
            return finding.find(link, query)

    def features(self, query: Query) -> Features:
        """Return one page's features; see :meth:`hinomi.kernel.store.Store.features`."""
        with self._asking(query.visible) as link:
            return finding.features(link, query)

    def count(self, query: Query) -> int:
        """Return how many the query selects in all."""
        with self._asking(query.visible) as link:
            return finding.count(link, query)

    def history(
        self,
        collection: str,
        key: str,
        *,
        visible: frozenset[Marking],
        as_of: int | None = None,
        limit: int = 100,
        after: str | None = None,
    ) -> Page:
        """Return every statement about a thing, oldest first."""
        with self._asking(visible) as link:
            return looking.history(link, (collection, key), visible, as_of, limit, after)

    def record(self, record_id: str, *, visible: frozenset[Marking]) -> Stored | None:
        """Return one statement by its id."""
        with self._asking(visible) as link:
            return looking.record(link, record_id, visible)

    def trace(self, record_id: str, *, visible: frozenset[Marking]) -> Trace | None:
        """Return one statement with its origins and what was made from it."""
        with self._asking(visible) as link:
            return looking.trace(link, record_id, visible)

    def changes(
        self,
        after: int,
        *,
        visible: frozenset[Marking],
        collections: Sequence[str] | None = None,
        limit: int = 1000,
    ) -> Changes:
        """Return what became visible after the position."""
        with self._asking(visible) as link:
            return feed.changes(link, after, visible, collections, limit)

    def steady(self) -> AbstractContextManager[None]:
        """Look once at the position and the markings for all that a block asks, by this thread."""
        return self._glance.steady(self._links.reading)

    def settled(self, answer: Callable[[], T]) -> T:
        """Return an answer for which position and markings are looked at once."""
        with self.steady():
            return answer()

    def _state(self) -> looking.State:
        """Return how far the store is: as a steady block has seen it, or anew."""
        with self._asking() as link:
            if link is not self._glance.link:
                return looking.state(link)
            self._glance.seen = seen = self._glance.seen or looking.state(link)
            return seen

    def position(self) -> int:
        """Return the position of the newest append."""
        return self._state().position

    def position_at(self, time: datetime) -> int:
        """Return the position as it stood at that time."""
        with self._asking() as link:
            return looking.position_at(link, micros(time))

    def markings(self) -> frozenset[Marking]:
        """Return the markings that occur or have occurred."""
        newest, known = self._names.seen
        if (now := self._state().marking) == newest:
            return known
        with self._asking() as link:
            found = frozenset(link.learn_markings())
        self._names.seen = now, found
        return found

    def counts(self) -> dict[tuple[str, Marking], int]:
        """Return how many things stand in each collection, by marking."""
        with self._asking() as link:
            return looking.counts(link)

    def next_expiry(
        self, collection: str, after: datetime, *, visible: frozenset[Marking]
    ) -> datetime | None:
        """Return the next moment at which a current statement begins or ends."""
        with self._asking(visible) as link:
            return looking.next_expiry(link, collection, micros(after), visible)

    def series(
        self,
        collection: str,
        *,
        visible: frozenset[Marking],
        bbox: BBox | None = None,
        ids: Sequence[str] | None = None,
        things: Sequence[str] | None = None,
        since: int | None = None,
    ) -> list[Latest]:
        """Return the collection's series with their latest readings, by id."""
        named = Named(ids, things, since)
        with self._asking(visible) as link:
            return readings.series(link, collection, visible, bbox, named)

    def readings(  # noqa: PLR0913 - the port's
        self,
        series: str,
        *,
        visible: frozenset[Marking],
        start: datetime | None = None,
        end: datetime | None = None,
        as_of: int | None = None,
        limit: int = 10_000,
        after: int | None = None,
    ) -> list[Reading]:
        """Return the readings in [start, end) in time order."""
        bounds = bounds_of(start, end, as_of, after)
        with self._asking(visible) as link:
            return readings.readings(link, series, visible, bounds, limit)

    def readings_in(
        self,
        collection: str,
        *,
        visible: frozenset[Marking],
        bbox: BBox,
        start: datetime,
        end: datetime,
        limit: int = 100_000,
    ) -> list[tuple[str, Reading]]:
        """Return (series id, reading) of the series in the box, by series, then time."""
        bounds = bounds_of(start, end, None, None)
        with self._asking(visible) as link:
            return readings.readings_in(link, (collection, bbox), visible, bounds, limit)

    def put_blob(self, data: bytes) -> str:
        """Keep the bytes under their SHA-256, durable on return."""
        return self.put_blobs([data])[0]

    def put_blobs(self, data: Sequence[bytes]) -> list[str]:
        """Keep many blobs, durable on return; faster than one by one."""
        if self._read_only:
            raise _read_only()
        with self._owner() as link:
            return blobs.keep(link, data)

    def blob(self, digest: str) -> bytes | None:
        """Return the bytes of a blob."""
        with self._owner() as link:
            return blobs.read(link, digest)

    def forget_blob(self, digest: str) -> None:
        """Erase a blob's bytes for good: personal data that may no longer be kept."""
        if self._read_only:
            raise _read_only()
        with self._owner() as link:
            blobs.forget(link, digest)

    def erase(self, erasure: Erasure) -> Erased:
        """Overwrite personal data in what was said, durable on return; ids and places stay."""
        if erasure.look:
            with self._owner() as link, link.snapshot():
                return erasing.erase(link, erasure)
        with self.exclusive() as link:
            found = erasing.erase(link, erasure)
        if found.ids:
            # Versions that nobody can see any more are given free; others append meanwhile.
            with connect(self.url) as connection:
                connection.execute("VACUUM record")
        return found

    def blobs(self) -> Iterator[str]:
        """Yield the digests of all blobs."""
        yield from blobs.digests(self._owner)

    def listen(self, ring: Callable[[int], None], stop: threading.Event) -> None:
        """Call ``ring`` with each position that any process appends, until ``stop`` is set."""
        listen(self.url, ring, stop)

    def check(self) -> list[str]:
        """Return what is wrong with what is derived in the store, and with the blobs."""
        with connect(self.url) as connection:
            return upkeep.check(Link(connection, self._names))

    def retire_readings(
        self, before: datetime, archive: Path, *, collection: str | None = None
    ) -> int:
        """Move readings older than a time into a Parquet file; return how many rows."""
        if self._read_only:
            raise _read_only()
        with connect(self.url) as connection:
            link = Link(connection, self._names)
            moved = upkeep.retire(link, self.exclusive, micros(before), archive, collection)
        self._readings.forget()
        return moved

    def close(self) -> None:
        """Let go of all connections."""
        self.work.close()
        with self._lock:
            self._links.close()
            self._own.connection.close()


def _read_only() -> UnavailableError:
    return UnavailableError(
        "This store was opened for reading only.", "読み取り専用で開かれています。"
    )
