"""The embedded store: one folder with an SQLite file and blobs, one writer, any readers."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path

from hinomi.kernel.errors import UnavailableError
from hinomi.kernel.geometry import BBox
from hinomi.kernel.marking import Marking
from hinomi.kernel.records import Complete, Reading, Readings, Record, Stored, micros
from hinomi.kernel.store import Changes, Features, Latest, Page, Put, Query, Trace
from hinomi.stores.blobs import Blobs
from hinomi.stores.erasing import Erased, Erasure
from hinomi.stores.questions import Named, bounds_of
from hinomi.stores.sqlite import closing, erasing, feed, finding, looking, readings, upkeep
from hinomi.stores.sqlite.link import FILE, Link, Links, T, migrate, transaction, unavailable
from hinomi.stores.sqlite.readings import ReadingsWriter
from hinomi.stores.sqlite.series import find_series
from hinomi.stores.sqlite.writing import Writer
from hinomi.stores.statements import check_narrowing, check_records


class SqliteStore:
    """A :class:`~hinomi.kernel.store.Store` in a folder that can be copied.

    One process opens it for writing; any number, and any threads, read. Readers see the newest
    commit and never wait for the writer.

    Raises:
        UnavailableError: another process writes to the folder, or there is nothing to read.
    """

    page_size: int | None = None
    """[B] Of a new file's pages; None: SQLite's own choice (4 kB)."""

    def __init__(self, folder: Path, *, read_only: bool = False) -> None:
        self.folder = folder
        self._blobs = Blobs(folder / "blobs")
        self._writer: Writer | None = None
        self._lock = threading.RLock()
        self._guard: int | None = None
        self._links = Links(folder / FILE)
        if read_only:
            looking.check_version(self._links.here())
            return
        (folder / "blobs").mkdir(parents=True, exist_ok=True)
        self._guard = _guard(folder)
        try:
            link = Link(folder / FILE, write=True, page_size=self.page_size)
            migrate(link)
        except BaseException:
            os.close(self._guard)
            raise
        self._writer = Writer(link)
        self._readings = ReadingsWriter(self._writer)

    def put(
        self,
        records: Sequence[Record],
        readings: Sequence[Readings] = (),
        complete: Sequence[Complete] = (),
        *,
        at: datetime,
    ) -> Put:
        """Append what is new, durable on return; see :meth:`hinomi.kernel.store.Store.put`."""
        check_records(records)
        with self._writing(at) as writer:
            told = [writer.append(record) for record in records]
            closing.apply_lists(writer, complete)
            rows = [self._readings.append(batch) for batch in readings]
        new = sum(is_new for _, is_new in told)
        return Put(
            position=writer.seq,
            new=new,
            known=len(told) - new,
            readings_new=sum(n for n, _ in rows),
            readings_known=sum(k for _, k in rows),
            ids=tuple(record_id for record_id, _ in told),
        )

    def remark(
        self, collection: str, key: str, source: str, *, old: Marking, new: Marking, at: datetime
    ) -> int:
        """Narrow what has been said; see :meth:`hinomi.kernel.store.Store.remark`."""
        check_narrowing(old, new)
        with self._writing(at) as writer:
            closing.narrow(writer, (collection, key, source), old, new)
        return writer.seq

    @contextmanager
    def _writing(self, at: datetime) -> Iterator[Writer]:
        """One transaction; what the writer knew is read again if it fails."""
        writer = self._written()
        with self._lock:
            try:
                with transaction(writer.link):
                    writer.begin(at)
                    yield writer
                    writer.finish()
            except BaseException:
                writer.stale = True
                self._readings.forget()
                raise

    def _written(self) -> Writer:
        """Return the one writer.

        Raises:
            UnavailableError: the store was opened for reading only.
        """
        if self._writer is None:
            raise _read_only()
        return self._writer

    def steady(self) -> AbstractContextManager[None]:
        """Answer this thread's questions from one state of the store until the block ends."""
        return self._links.here().steady()

    def settled(self, answer: Callable[[], T]) -> T:
        """Return an answer of one state of the store; it may be asked for twice."""
        return self._links.here().settled(answer)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Append what the block puts and remarks in one transaction, or nothing of it.

        This thread reads what it has appended; everyone else sees all of it when the block ends.
        """
        writer = self._written()
        with self._lock:
            try:
                with transaction(writer.link), self._links.lending(writer.link):
                    yield
            except BaseException:
                writer.stale = True
                self._readings.forget()
                raise

    def find(self, query: Query) -> Page:
        """Return one page; see :meth:`hinomi.kernel.store.Store.find`."""
        return finding.find(self._links.here(), query)

    def features(self, query: Query) -> Features:
        """Return one page's features; see :meth:`hinomi.kernel.store.Store.features`."""
        return finding.features(self._links.here(), query)

    def count(self, query: Query) -> int:
        """Return how many the query selects in all."""
        return finding.count(self._links.here(), query)

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
        link = self._links.here()
        return looking.history(link, (collection, key), visible, as_of, limit, after)

    def record(self, record_id: str, *, visible: frozenset[Marking]) -> Stored | None:
        """Return one statement by its id."""
        return looking.record(self._links.here(), record_id, visible)

    def trace(self, record_id: str, *, visible: frozenset[Marking]) -> Trace | None:
        """Return one statement with its origins and what was made from it."""
        return looking.trace(self._links.here(), record_id, visible)

    def changes(
        self,
        after: int,
        *,
        visible: frozenset[Marking],
        collections: Sequence[str] | None = None,
        limit: int = 1000,
    ) -> Changes:
        """Return what became visible after the position."""
        return feed.changes(self._links.here(), after, visible, collections, limit)

    def position(self) -> int:
        """Return the position of the newest append."""
        return looking.position(self._links.here())

    def position_at(self, time: datetime) -> int:
        """Return the position as it stood at that time."""
        return looking.position_at(self._links.here(), micros(time))

    def markings(self) -> frozenset[Marking]:
        """Return the markings that occur or have occurred."""
        return looking.markings(self._links.here())

    def counts(self) -> dict[tuple[str, Marking], int]:
        """Return how many things stand in each collection, by marking."""
        return looking.counts(self._links.here())

    def next_expiry(
        self, collection: str, after: datetime, *, visible: frozenset[Marking]
    ) -> datetime | None:
        """Return the next moment at which a current statement begins or ends."""
        return looking.next_expiry(self._links.here(), collection, micros(after), visible)

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
        return find_series(self._links.here(), collection, visible, bbox, named)

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
        return readings.readings(self._links.here(), series, visible, bounds, limit)

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
        link = self._links.here()
        return readings.readings_in(link, (collection, bbox), visible, bounds, limit)

    def put_blob(self, data: bytes) -> str:
        """Keep the bytes under their SHA-256, durable on return."""
        return self.put_blobs([data])[0]

    def put_blobs(self, data: Sequence[bytes]) -> list[str]:
        """Keep many blobs, durable on return; faster than one by one."""
        if self._writer is None:
            raise _read_only()
        try:
            return self._blobs.put_many(data)
        except OSError as error:
            raise unavailable(error) from error

    def blob(self, digest: str) -> bytes | None:
        """Return the bytes of a blob."""
        return self._blobs.get(digest)

    def forget_blob(self, digest: str) -> None:
        """Erase a blob's bytes for good: personal data that may no longer be kept."""
        if self._writer is None:
            raise _read_only()
        try:
            self._blobs.drop(digest)
        except OSError as error:
            raise unavailable(error) from error

    def erase(self, erasure: Erasure) -> Erased:
        """Overwrite personal data in what was said, durable on return; ids and places stay."""
        if erasure.look:
            return erasing.look(self._links.here(), erasure)
        with self._lock:
            if self._writer is None:
                raise _read_only()
            return erasing.erase(self._writer.link, erasure)

    def blobs(self) -> Iterator[str]:
        """Yield the digests of all blobs."""
        return iter(self._blobs)

    def check(self) -> list[str]:
        """Return what is wrong with the file, what is derived in it, and the blobs."""
        return upkeep.check(self._links.here()) + self._blobs.check()

    def backup(self, target: Path) -> None:
        """Write the whole store into one tar file while it is read and written."""
        upkeep.backup(self.folder, self._links.here(), target)

    def retire_readings(
        self, before: datetime, archive: Path, *, collection: str | None = None
    ) -> int:
        """Move readings older than a time into a Parquet file; return how many rows."""
        with self._lock:
            if self._writer is None:
                raise _read_only()
            return upkeep.retire(self._writer, micros(before), archive, collection)

    def close(self) -> None:
        """Let go of files, connections and the folder."""
        with self._lock:
            self._links.close()
            if self._writer is not None:
                self._writer.link.close()
                self._writer = None
            if self._guard is not None:
                os.close(self._guard)
                self._guard = None


def _read_only() -> UnavailableError:
    return UnavailableError(
        "This store was opened for reading only.", "読み取り専用で開かれています。"
    )


def _guard(folder: Path) -> int:
    """Hold the folder for this writer until the descriptor is closed or the process ends."""
    descriptor = os.open(folder / "writer.lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise UnavailableError(
            f"Another process writes to {folder}.", f"別のプロセスが{folder}に書き込み中です。"
        ) from error
    return descriptor
