"""What a model's run reads and makes: noted, hidden where it is set aside, marked by its inputs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cached_property
from typing import Unpack

import msgspec

from hinomi.kernel.catalog import Catalog
from hinomi.kernel.errors import MissingError, Text
from hinomi.kernel.geometry import BBox
from hinomi.kernel.marking import ANONYMOUS, Marking, Principal, Status, strictest
from hinomi.kernel.ports import Model, Parsed
from hinomi.kernel.reader import Question, Reader
from hinomi.kernel.records import Complete, Origin, Readings, Record, Stored
from hinomi.kernel.store import Latest, Page, Store

MAX_INPUTS = 500
"""Inputs named in an origin."""


class Made(msgspec.Struct, frozen=True):
    """What a run made, as it is to be stored."""

    records: list[Record]
    readings: list[Readings]
    complete: list[Complete]


class Result:
    """Marks what a run made: its status, the strictest of what it read, and its origin."""

    def __init__(
        self, model: Model, status: Status, seen: dict[str, Marking], head: int, *, closed: bool
    ) -> None:
        self._seen = seen
        self._status = status
        self._closed = closed
        self._origin = Origin(
            run=f"{model.id}@{model.version}", inputs=tuple(seen)[:MAX_INPUTS], position=head
        )

    @cached_property
    def _all(self) -> Marking:
        """Return the strictest of all that was read; results that name their inputs need none.

        It raises where circles that share nobody were read: what names no inputs cannot be made of
        them.
        """
        return self._strictest(self._seen.values())

    def made(self, made: Parsed) -> Made:
        """Return all of it as it is to be stored."""
        return Made(self._records(made), self._readings(made), self._complete(made))

    def _records(self, made: Parsed) -> list[Record]:
        return [m for m in map(self._record, made.records) if self._kept(m.marking)]

    def _readings(self, made: Parsed) -> list[Readings]:
        if not made.readings or not self._kept(self._all):
            return []
        return [
            msgspec.structs.replace(
                batch,
                series=tuple(msgspec.structs.replace(s, marking=self._all) for s in batch.series),
                origin=self._origin,
            )
            for batch in made.readings
        ]

    def _complete(self, made: Parsed) -> list[Complete]:
        if not made.complete or not self._kept(self._all):
            return []
        return [
            msgspec.structs.replace(c, marking=self._all, origin=self._origin)
            for c in made.complete
        ]

    def _record(self, record: Record) -> Record:
        own = record.origin.inputs
        if not own:
            return msgspec.structs.replace(record, origin=self._origin, marking=self._all)
        marking = self._strictest(self._seen[i] for i in own if i in self._seen)
        origin = msgspec.structs.replace(self._origin, inputs=own[:MAX_INPUTS])
        return msgspec.structs.replace(record, origin=origin, marking=marking)

    def _strictest(self, markings: Iterable[Marking]) -> Marking:
        given = {m for m in markings if m.status is self._status}
        return strictest(given) if given else Marking(self._status)

    def _kept(self, marking: Marking) -> bool:
        """The open run has made what is open; the closed one keeps only what is not."""
        return not (self._closed and ANONYMOUS.may_see(marking))


class Noting(Reader):
    """A reader that notes which statements were read, and how they are marked.

    What is set ``aside`` (ids of statements) is not there for the model.
    """

    def __init__(
        self,
        store: Store,
        catalog: Catalog,
        principal: Principal,
        view: tuple[frozenset[Status], int | None],
        aside: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__(store, catalog, principal, status=view[0], as_of=view[1])
        self.seen: dict[str, Marking] = {}
        self._aside = aside

    def at(self, moment: datetime | int | None) -> Reader:
        """Return the view of another moment; what is read there is noted and hidden as here."""
        position = self._store.position_at(moment) if isinstance(moment, datetime) else moment
        view = self.status, position
        then = Noting(self._store, self.catalog, self.principal, view, self._aside)
        then.seen = self.seen
        return then

    def find(self, collection: str, **question: Unpack[Question]) -> Page:
        """Return one page, noted."""
        page = super().find(collection, **question)
        return Page(self._noted(page.items), page.next)

    def history(
        self, collection: str, key: str, *, limit: int = 100, after: str | None = None
    ) -> Page:
        """Return a thing's statements, noted."""
        page = super().history(collection, key, limit=limit, after=after)
        return Page(self._noted(page.items), page.next)

    def record(self, record_id: str) -> Stored:
        """Return one statement, noted.

        Raises:
            MissingError: there is none, or it is set aside.
        """
        found = super().record(record_id)
        if not self._noted([found]):
            raise MissingError(Text("記録", "record"), record_id, ())
        return found

    def series(
        self,
        collection: str,
        *,
        bbox: BBox | None = None,
        ids: Sequence[str] | None = None,
        things: Sequence[str] | None = None,
        since: int | None = None,
    ) -> list[Latest]:
        """Return series; each is noted by its id and marking."""
        found = super().series(collection, bbox=bbox, ids=ids, things=things, since=since)
        self.seen.update((latest.series.id, latest.series.marking) for latest in found)
        return found

    def _noted(self, items: list[Stored]) -> list[Stored]:
        if self._aside:
            items = [item for item in items if item.id not in self._aside]
        self.seen.update((item.id, item.marking) for item in items)
        return items
