"""The Store port: append, find, history, changes, readings, blobs. One suite tests every store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Literal, Protocol

import msgspec

from hinomi.kernel.filters import Filter
from hinomi.kernel.geometry import BBox
from hinomi.kernel.marking import Marking
from hinomi.kernel.records import Complete, Origin, Reading, Readings, Record, Series, Stored

MAX_LIMIT = 10_000


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """A question to one collection. ``visible`` is a wall: nothing of another marking comes back.

    ``as_of`` is a feed position (see :meth:`Store.position_at`); None is now. ``when`` selects
    records whose validity shares a moment with the closed interval [start, end]. Of the
    statements of several sources, disclosures or audiences about one key the winner is given
    (greatest rank, said_at, serial, seq) unless ``beside`` asks for each lane's latest.
    """

    collection: str
    visible: frozenset[Marking]
    bbox: BBox | None = None
    when: tuple[datetime | None, datetime | None] | None = None
    as_of: int | None = None
    filter: Filter | None = None
    keys: tuple[str, ...] | None = None
    sources: tuple[str, ...] | None = None
    beside: bool = False
    limit: int = 100
    after: str | None = None
    """The token of the page before; only good for the same question."""


class Page(msgspec.Struct, frozen=True):
    """One page, in an order that is stable from page to page, and the next one's token."""

    items: list[Stored]
    next: str | None = None


class Features(msgspec.Struct, frozen=True):
    """One page as stored bytes: what :class:`Page` holds, without the envelopes."""

    items: list[bytes]
    next: str | None = None


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One step of the feed: a record, a batch of readings, or something gone from view."""

    seq: int
    kind: Literal["record", "readings", "gone"]
    collection: str
    key: str
    """The thing's key; for readings, the number of rows as text."""
    recorded_at: datetime
    record: Stored | None = None
    """For ``record``; a retraction and ``gone`` carry only what is above."""


class Changes(msgspec.Struct, frozen=True):
    """What was appended after a position that the caller may see, and where to go on from.

    ``position`` moves on even when nothing in between was visible.
    """

    items: list[Change]
    position: int


class Put(msgspec.Struct, frozen=True, kw_only=True):
    """What one append did. ``ids`` are the records' ids in the order given, new or not."""

    position: int
    new: int
    known: int
    readings_new: int = 0
    readings_known: int = 0
    ids: tuple[str, ...] = ()


class Latest(msgspec.Struct, frozen=True):
    """A series and its latest reading, None where it has none yet."""

    series: Series
    reading: Reading | None


class Trace(msgspec.Struct, frozen=True, kw_only=True):
    """A record with every origin it was delivered with and the ids of what was made from it."""

    record: Stored
    origins: list[tuple[Origin, datetime]]
    made: list[str]


class Store(Protocol):
    """An append-only, bitemporal log with its indexes. ``put`` has one caller at a time."""

    def put(
        self,
        records: Sequence[Record],
        readings: Sequence[Readings] = (),
        complete: Sequence[Complete] = (),
        *,
        at: datetime,
    ) -> Put:
        """Append what is new in one transaction, durable on return.

        ``at`` is the clock's time; ``recorded_at`` never runs backwards. A record whose identity
        is known is not appended again; its origin is kept if that is new. A reading equal to the
        latest row for its series and time is known. What a complete list leaves out is retracted,
        in whichever order list and statement arrive.

        Raises:
            InputError: a geometry is not valid; nothing of the call is stored.
            UnavailableError: the disk is full or the file is locked.
        """

    def remark(
        self, collection: str, key: str, source: str, *, old: Marking, new: Marking, at: datetime
    ) -> int:
        """Narrow what has been said about a thing: from now on, at any as-of, the stricter holds.

        Appends a change; whoever may not see ``new`` gets ``gone``. Returns the new position.

        Raises:
            MissingError: nothing of that marking was said about the key.
            InputError: ``new`` has another status or is wider than ``old``.
        """

    def find(self, query: Query) -> Page:
        """Return the current (or as-of) statements that the query selects, one page."""

    def features(self, query: Query) -> Features:
        """Return what :meth:`find` does, the features' bytes alone: the fast lane of the API."""

    def count(self, query: Query) -> int:
        """Return how many the query selects in all, its limit and token set aside."""

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
        """Return every statement about a thing, retractions included, oldest ``seq`` first."""

    def record(self, record_id: str, *, visible: frozenset[Marking]) -> Stored | None:
        """Return one statement by its id."""

    def trace(self, record_id: str, *, visible: frozenset[Marking]) -> Trace | None:
        """Return one statement with its origins and what was made from it."""

    def changes(
        self,
        after: int,
        *,
        visible: frozenset[Marking],
        collections: Sequence[str] | None = None,
        limit: int = 1000,
    ) -> Changes:
        """Return what became visible after the position, in an order in which nothing is missed."""

    def position(self) -> int:
        """Return the position of the newest append (0: nothing yet)."""

    def position_at(self, time: datetime) -> int:
        """Return the position as it stood at that time: of the last append recorded by then."""

    def markings(self) -> frozenset[Marking]:
        """Return the markings that occur in the store."""

    def counts(self) -> dict[tuple[str, Marking], int]:
        """Return how many things stand in each collection, by marking (kept, not counted)."""

    def next_expiry(
        self, collection: str, after: datetime, *, visible: frozenset[Marking]
    ) -> datetime | None:
        """Return the next moment after ``after`` at which a current statement begins or ends."""

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
        """Return the collection's series with their latest readings, by id.

        ``since`` leaves out those whose definition and latest are as they were at that position.
        """

    def readings(  # noqa: PLR0913
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
        """Return the readings in [start, end) in time order, each time's latest row by ``as_of``.

        ``after`` [µs] continues after that time.
        """

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

    def put_blob(self, data: bytes) -> str:
        """Keep the bytes under their SHA-256 (hex), durable on return, and return it."""

    def blob(self, digest: str) -> bytes | None:
        """Return the bytes of a blob."""

    def blobs(self) -> Iterator[str]:
        """Yield the digests of all blobs."""

    def check(self) -> list[str]:
        """Return what is wrong with the store's integrity; an empty list is good."""

    def close(self) -> None:
        """Let go of files and connections."""
