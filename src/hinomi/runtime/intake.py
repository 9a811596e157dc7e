"""The one door for bytes: keep them, find their source, parse, append, and say what became of them.

Hops 1 to 4. Many payloads share one transaction in bulk; what became of each is appended in the
same one, so that a crash leaves either both or neither.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Protocol, runtime_checkable

import msgspec

from hinomi.kernel.catalog import Catalog
from hinomi.kernel.errors import InputError, UnavailableError
from hinomi.kernel.ports import Gazetteer, Payload, Source
from hinomi.kernel.records import Record
from hinomi.kernel.store import Put
from hinomi.runtime import files, reading
from hinomi.runtime.archives import Refusal
from hinomi.runtime.ledger import Ledger
from hinomi.runtime.observing import observed
from hinomi.runtime.operations import QUARANTINED, PayloadState
from hinomi.runtime.reading import Read
from hinomi.runtime.report import Report
from hinomi.runtime.writer import Writer
from hinomi.vocabulary.walked import Walked

log = logging.getLogger("hinomi.intake")

MAX_BATCH_RECORDS = 4_000
WALKED_RECORDS = 5_000
"""Records of one transaction where a payload has more than can be held."""
MAX_BATCH_PAYLOADS = 400
MAX_BATCH_BYTES = 32 * 1024 * 1024
LOOK_AHEAD = 64
"""So many payloads are looked up in the ledger at once."""
LOOK_AHEAD_BYTES = 4 * 1024 * 1024


class Progress(msgspec.Struct, frozen=True):
    """How far a long job is: bytes done of all [B], payloads so far, the file at hand."""

    done: int
    total: int
    payloads: int
    name: str


Watch = Callable[[Progress], None]


def unwatched(_: Progress) -> None:
    """Show nobody how far a job is."""


@runtime_checkable
class KeepsMany(Protocol):
    """A store that keeps many blobs with fewer waits for the disk."""

    def put_blobs(self, data: Sequence[bytes]) -> list[str]:
        """Keep many blobs, durable on return."""


class Intake:
    """Takes payloads from files, feeds, drills and people, by the same path for all."""

    def __init__(self, writer: Writer, catalog: Catalog, gazetteer: Gazetteer) -> None:
        self.writer = writer
        self._sources = tuple(catalog.sources.values())
        self._gazetteer = gazetteer
        self._ledger = Ledger(writer.store, catalog)
        self._lock = threading.RLock()

    def replace(self, source: Source) -> None:
        """Read with this source instead of the catalogue's of the same id: as configured here."""
        self._sources = tuple(source if s.id == source.id else s for s in self._sources)

    def take(self, data: bytes, name: str, address: str, taken_at: datetime) -> Report:
        """Take one payload that came by itself (a feed's telegram); durable on return."""
        return self.take_all([files.payload(data, name, address, taken_at)])

    def take_all(self, items: Iterable[files.Item]) -> Report:
        """Take payloads and refusals, in batches; durable on return."""
        batch = _Batch(self)
        with observed("intake", "take", hop=1):
            for item in items:
                batch.add(item, item.address if isinstance(item, Payload) else item.path)
            return batch.flush()

    def ingest(self, paths: Sequence[Path], *, watch: Watch = unwatched) -> Report:
        """Take files, folders and archives.

        Raises:
            MissingError: a path is not there.
            UnavailableError: the store cannot take more.
        """
        with observed("intake", "ingest", hop=1):
            return self._ingest(paths, watch)

    def _ingest(self, paths: Sequence[Path], watch: Watch) -> Report:
        listed = files.list_files(paths)
        batch = _Batch(self)
        done = 0
        for path in listed.files:
            file = files.readable(path)
            for item in files.payloads(path, taken=self.takes, now=self.writer.now()):
                batch.add(item, file)
                watch(Progress(done, listed.size_bytes, batch.payloads, Path(file).name))
            done += path.stat().st_size
        report = batch.flush()
        watch(Progress(listed.size_bytes, listed.size_bytes, batch.payloads, ""))
        return report

    def replay(self, kept: Iterable[Payload], total: int, *, watch: Watch = unwatched) -> Report:
        """Read kept payloads again with today's sources and areas."""
        batch = _Batch(self, again=True)
        for done, payload in enumerate(kept):
            batch.add(payload, payload.address)
            watch(Progress(done, total, batch.payloads, payload.name))
        report = batch.flush()
        watch(Progress(total, total, batch.payloads, ""))
        return report

    def takes(self, payload: Payload) -> bool:
        """Tell whether a source takes the payload as it is."""
        return reading.source_of(payload, self._sources) is not None

    def read(self, item: files.Item) -> Read:
        """Parse one payload (hops 2 and 3)."""
        if isinstance(item, Refusal):
            log.info("hop=1 payload=%s refused=%s", item.path, item.problem.code)
            return reading.refusal(item, self.writer.now())
        with observed("intake", "read", hop=2):
            return reading.read(item, self._sources, self._gazetteer, self.writer.now())

    def before(self, digests: Iterable[str]) -> dict[str, PayloadState]:
        """Return by digest what became of the payloads that came before."""
        return self._ledger.before(digests)

    def append(self, reads: list[Read], report: Report) -> None:
        """Append what was read in one transaction; bad records cost only themselves (hop 4)."""
        with self._lock:
            self._keep([read.payload.data for read in reads if read.kept])
            self._keep([blob for read in reads for blob in read.parsed.blobs])
            self._append(reads, report)

    def _keep(self, data: list[bytes]) -> None:
        store = self.writer.store
        if isinstance(store, KeepsMany):
            store.put_blobs(data)
        else:
            for one in data:
                store.put_blob(one)

    def _append(self, reads: list[Read], report: Report) -> None:
        try:
            done = [self._put(reads)]
        except UnavailableError:
            raise
        except Exception as error:  # noqa: BLE001 - one bad record must not cost the whole batch
            if len(reads) > 1:
                for read in reads:
                    self._append([read], report)
                return
            done = self._put_good(reads[0], error)
        for read in reads:
            report.count(read)
        for put in done:
            report.add(put)

    def _put(self, reads: list[Read]) -> Put:
        walked = [self._put_walked(r) for r in reads if isinstance(r.parsed.records, Walked)]
        entries = self._ledger.entries(reads, self.writer.now())
        own = entries.records
        records = [
            record
            for read in reads
            if not isinstance(read.parsed.records, Walked)
            for record in read.parsed.records
        ]
        readings = [b for read in reads for b in read.parsed.readings]
        complete = [c for read in reads for c in read.parsed.complete]
        done = self.writer.put([*records, *own], readings, complete)
        self._ledger.commit(entries)
        # The runtime's own entries are always new; they are no news of the world.
        return msgspec.structs.replace(
            done,
            new=max(0, done.new - len(own)) + sum(new for new, _ in walked),
            known=done.known + sum(known for _, known in walked),
        )

    def _put_walked(self, read: Read) -> tuple[int, int]:
        """Append a payload of very many records in pieces; return how many were new and known.

        Its entry in the ledger follows the last piece: after a crash it is read again, and what
        was put is known.
        """
        new = known = 0
        walk = iter(read.parsed.records)
        while piece := list(islice(walk, WALKED_RECORDS)):
            for put in self._put_piece(read, piece):
                new, known = new + put.new, known + put.known
        return new, known

    def _put_piece(self, read: Read, piece: list[Record]) -> list[Put]:
        try:
            return [self.writer.put(piece)]
        except UnavailableError:
            raise
        except InputError as error:
            if len(piece) == 1:
                read.refuse([(f"{piece[0].origin.path} ({piece[0].key})", error)])
                return []
        return [put for record in piece for put in self._put_piece(read, [record])]

    def _put_good(self, read: Read, error: Exception) -> list[Put]:
        """Append a payload record by record after the store refused it whole."""
        if not isinstance(error, InputError):
            log.error("hop=4 payload=%s append failed: %r", read.payload.address, error)
        good: list[Record] = []
        refused: list[tuple[str, Exception]] = []
        done: list[Put] = []
        for record in read.parsed.records:
            try:
                done.append(self.writer.put([record]))
                good.append(record)
            except UnavailableError:
                raise
            except Exception as why:  # noqa: BLE001 - each bad record is told by its own problem
                refused.append((f"{record.origin.path} ({record.collection}/{record.key})", why))
        try:
            done.append(self.writer.put([], read.parsed.readings, read.parsed.complete))
        except UnavailableError:
            raise
        except Exception as why:  # noqa: BLE001 - told as the payload's problem
            refused.append(("", why))
            read.parsed.readings, read.parsed.complete = [], []
        read.parsed.records = good
        read.refuse(refused)
        last = self._put([read])
        return [*done, Put(position=last.position, new=0, known=0)]


class _Batch:
    """Payloads that were read and wait for their transaction."""

    def __init__(self, intake: Intake, *, again: bool = False) -> None:
        self.payloads = 0
        self._intake = intake
        self._again = again
        self._report = Report()
        self._waiting: list[tuple[files.Item, str]] = []
        self._waiting_bytes = 0
        self._clear()

    def add(self, item: files.Item, file: str) -> None:
        self.payloads += 1
        self._waiting.append((item, file))
        self._waiting_bytes += len(item.data) if isinstance(item, Payload) else 0
        if len(self._waiting) >= LOOK_AHEAD or self._waiting_bytes >= LOOK_AHEAD_BYTES:
            self._read_waiting()

    def _read_waiting(self) -> None:
        """Read those of the waiting that did not come before: one question for all of them."""
        waiting, self._waiting, self._waiting_bytes = self._waiting, [], 0
        before = self._before(item.digest for item, _ in waiting if isinstance(item, Payload))
        read_since = set(self._digests)
        for item, file in waiting:
            if isinstance(item, Payload):
                if item.digest in read_since:
                    self._append()
                    before |= self._before([item.digest])
                state = before.get(item.digest)
                if state is not None and not _needs_reading(item, state):
                    self._report.count_repeated(state.source_id, file)
                    continue
                read_since.add(item.digest)
                self._digests.add(item.digest)
                self._bytes += len(item.data)
            self._read(item, file)

    def _before(self, digests: Iterable[str]) -> dict[str, PayloadState]:
        return {} if self._again else self._intake.before(digests)

    def _read(self, item: files.Item, file: str) -> None:
        read = self._intake.read(item)
        read.file = file
        self._reads.append(read)
        self._records += len(read.parsed.records) + read.reading_count // 10
        if (
            self._records >= MAX_BATCH_RECORDS
            or len(self._reads) >= MAX_BATCH_PAYLOADS
            or self._bytes >= MAX_BATCH_BYTES
        ):
            self._append()

    def flush(self) -> Report:
        self._read_waiting()
        self._append()
        return self._report

    def _append(self) -> None:
        if self._reads:
            self._intake.append(self._reads, self._report)
        self._clear()

    def _clear(self) -> None:
        self._reads: list[Read] = []
        self._digests: set[str] = set()
        self._records = self._bytes = 0


def _needs_reading(payload: Payload, before: PayloadState) -> bool:
    """Tell whether bytes that came before are read again.

    Bytes from another address are, so that each delivery is kept as an origin; what stands in the
    quarantine is, so that its problems are told again.
    """
    return before.address != payload.address or before.outcome in QUARANTINED
