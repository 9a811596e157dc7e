"""A Reader: the store as one caller may see it. Apps, models and products get nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TypedDict, Unpack

from hinomi.kernel.catalog import Catalog
from hinomi.kernel.errors import InputError, MissingError, Text
from hinomi.kernel.filters import Filter
from hinomi.kernel.geometry import BBox
from hinomi.kernel.marking import Marking, Principal, Status
from hinomi.kernel.records import Reading, Stored
from hinomi.kernel.store import MAX_LIMIT, Changes, Features, Latest, Page, Query, Store, Trace


class Question(TypedDict, total=False):
    """The caller's part of a :class:`Query`, with its fields' names and meanings."""

    bbox: BBox | None
    when: tuple[datetime | None, datetime | None] | None
    filter: Filter | None
    keys: tuple[str, ...] | None
    sources: tuple[str, ...] | None
    beside: bool
    limit: int
    after: str | None


ACTUAL = frozenset({Status.ACTUAL})


def statuses(name: str) -> frozenset[Status]:
    """Return the statuses that ``actual | exercise | test | any`` asks for."""
    if name == "any":
        return frozenset(Status)
    try:
        return frozenset({Status(name)})
    except ValueError:
        expected = "actual (通常), exercise (訓練), test (試験), any"
        raise InputError(f"status={name!r}: expected one of {expected}.") from None


class Reader:
    """The store bound to a principal, to statuses (actual unless asked) and to a moment (as-of).

    Every method obeys today's policy for that principal: as-of never widens rights.
    """

    def __init__(
        self,
        store: Store,
        catalog: Catalog,
        principal: Principal,
        *,
        status: frozenset[Status] = ACTUAL,
        as_of: int | None = None,
    ) -> None:
        self._store = store
        self.catalog = catalog
        self.principal = principal
        self.status = status
        self.as_of = as_of

    def at(self, moment: datetime | int | None) -> Reader:
        """Return the same view as it stood at a time or at a feed position."""
        position = self._store.position_at(moment) if isinstance(moment, datetime) else moment
        return Reader(self._store, self.catalog, self.principal, status=self.status, as_of=position)

    def visible(self) -> frozenset[Marking]:
        """Return the markings in the store that this reader may see."""
        asked = (m for m in self._store.markings() if m.status in self.status)
        return frozenset(filter(self.principal.may_see, asked))

    def find(self, collection: str, **question: Unpack[Question]) -> Page:
        """Return one page of current (or as-of) statements."""
        return self._store.find(self.query(collection, **question))

    def features(self, collection: str, **question: Unpack[Question]) -> Features:
        """Return one page of current (or as-of) statements as stored bytes."""
        return self._store.features(self.query(collection, **question))

    def every(self, collection: str, **question: Unpack[Question]) -> Iterator[Stored]:
        """Yield all that :meth:`find` would give, page by page."""
        question["limit"] = MAX_LIMIT
        while True:
            page = self.find(collection, **question)
            yield from page.items
            if page.next is None:
                return
            question["after"] = page.next

    def query(self, collection: str, **question: Unpack[Question]) -> Query:
        """Return the checked question with this reader's wall and moment in it."""
        self.catalog.collection(collection)
        limit = question.get("limit", 100)
        if not 1 <= limit <= MAX_LIMIT:
            raise InputError(f"limit={limit}: expected 1 to {MAX_LIMIT} (1から{MAX_LIMIT}まで).")
        return Query(collection=collection, visible=self.visible(), as_of=self.as_of, **question)

    def next_expiry(self, collection: str, after: datetime) -> datetime | None:
        """Return when the answer next changes by the clock alone."""
        return self._store.next_expiry(collection, after, visible=self.visible())

    def count(self, query: Query) -> int:
        """Return how many a question made by :meth:`query` selects."""
        return self._store.count(query)

    def get(self, collection: str, key: str) -> Stored:
        """Return the current (or as-of) statement about one thing, or raise MissingError."""
        found = self.find(collection, keys=(key,), limit=1).items
        if not found:
            raise MissingError(Text("もの", f"item in {collection}"), key)
        return found[0]

    def history(
        self, collection: str, key: str, *, limit: int = 100, after: str | None = None
    ) -> Page:
        """Return every statement about a thing, retractions included, oldest first."""
        self.catalog.collection(collection)
        return self._store.history(
            collection, key, visible=self.visible(), as_of=self.as_of, limit=limit, after=after
        )

    def record(self, record_id: str) -> Stored:
        """Return one statement by its id, or raise MissingError."""
        found = self._store.record(record_id, visible=self.visible())
        if found is None:
            raise MissingError(Text("記録", "record"), record_id)
        return found

    def trace(self, record_id: str) -> Trace:
        """Return one statement with its origins and what was made of it, or raise MissingError."""
        found = self._store.trace(record_id, visible=self.visible())
        if found is None:
            raise MissingError(Text("記録", "record"), record_id)
        return found

    def changes(
        self, after: int, *, collections: Sequence[str] | None = None, limit: int = 1000
    ) -> Changes:
        """Return what this reader sees of the feed after a position."""
        for name in collections or ():
            self.catalog.collection(name)
        return self._store.changes(
            after, visible=self.visible(), collections=collections, limit=limit
        )

    def position(self) -> int:
        """Return the moment this reader looks at: its as-of position or the newest one."""
        return self._store.position() if self.as_of is None else self.as_of

    def series(
        self,
        collection: str,
        *,
        bbox: BBox | None = None,
        ids: Sequence[str] | None = None,
        things: Sequence[str] | None = None,
        since: int | None = None,
    ) -> list[Latest]:
        """Return a collection's series with their latest readings; see :meth:`Store.series`."""
        self.catalog.collection(collection)
        return self._store.series(
            collection, visible=self.visible(), bbox=bbox, ids=ids, things=things, since=since
        )

    def readings(
        self,
        series: str,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        limit: int = 10_000,
        after: int | None = None,
    ) -> list[Reading]:
        """Return a series' readings in [start, end), in time order."""
        seen = self.visible()
        return self._store.readings(
            series, visible=seen, start=start, end=end, as_of=self.as_of, limit=limit, after=after
        )

    def readings_in(
        self, collection: str, bbox: BBox, start: datetime, end: datetime, *, limit: int = 100_000
    ) -> list[tuple[str, Reading]]:
        """Return (series id, reading) of the series in a box over [start, end)."""
        self.catalog.collection(collection)
        return self._store.readings_in(
            collection, visible=self.visible(), bbox=bbox, start=start, end=end, limit=limit
        )

    def blob(self, record: Stored, digest: str) -> bytes:
        """Return bytes that led to a record this reader may see, or its grid; or MissingError."""
        origins = self.trace(record.id).origins
        known = {*(o.digest for o, _ in origins), record.body().get("grid_digest")}
        data = self._store.blob(digest) if digest in known else None
        if data is None:
            raise MissingError(Text("原文", "raw payload"), digest)
        return data
