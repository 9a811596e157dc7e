"""Statements that one request makes about our own records, put together before they are sent."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from hinomi.apps.web.sta.query import Questions
from hinomi.apps.web.sta.rows import Row
from hinomi.domains.hazards.collections.sensors import CATALOGUE, DATASTREAMS, STATIONS
from hinomi.kernel.errors import DeniedError
from hinomi.kernel.geometry import Geometry
from hinomi.kernel.marking import Marking, Principal, Status
from hinomi.kernel.records import Interval, Origin, Record, Stored

if TYPE_CHECKING:
    from hinomi.kernel.collections import Collection


class Statements:
    """The records of one request, by collection and key."""

    def __init__(
        self, view: Questions, principal: Principal, status: Status, now: datetime
    ) -> None:
        self.view, self.principal, self.now = view, principal, now
        self.marking = Marking(status)
        self.records: dict[tuple[str, str], Record] = {}
        self.new: set[tuple[str, str]] = set()
        """Those of them that were not there before."""

    def stored(self, row: Row) -> Stored:
        """Return the record behind a row, if it is one that is written here."""
        if row.record is None or row.record[0] not in {STATIONS.id, DATASTREAMS.id, CATALOGUE.id}:
            raise DeniedError(
                f"{row.kind} {row.id!r} comes from another source and is not changed here.",
                f"{row.kind}「{row.id}」は別の情報源のものなので変更できません。",
                rule="source",
            )
        return self.view.reader.get(*row.record)

    def body(self, stored: Stored | None, kind: type[Any]) -> Any:
        """Return a statement's body, typed."""
        if stored is None:
            raise AssertionError("a statement that is neither made nor stored")
        return msgspec.convert(stored.body(), kind)

    def state(self, collection: Collection, key: str, body: Any, place: Geometry | None) -> None:
        """State something new."""
        own = self.principal
        self.new.add((collection.id, key))
        source = next((o for o in own.organisations if o != "*"), own.name)
        self.records[collection.id, key] = Record(
            collection=collection.id,
            key=key,
            said_at=self.now,
            body=body,
            source=source,
            when=Interval(self.now, None),
            place=place,
            origin=Origin(entered_by=own.name),
            marking=self.marking,
        )

    def restate(
        self,
        collection: Collection,
        stored: Stored,
        body: Any,
        place: Geometry | None,
        at: datetime | None = None,
    ) -> None:
        """State a thing anew, in the marking and by the source that it has."""
        self._check_source(stored)
        time = at or self.now
        self.records[collection.id, stored.key] = Record(
            collection=collection.id,
            key=stored.key,
            said_at=time,
            body=body,
            source=stored.source,
            when=Interval(time, None),
            place=place,
            origin=Origin(entered_by=self.principal.name),
            marking=stored.marking,
        )

    def retract(self, stored: Stored) -> None:
        """Take a statement back."""
        self._check_source(stored)
        schema = self.view.reader.catalog.collection(stored.collection).schema
        self.records[stored.collection, stored.key] = Record(
            collection=stored.collection,
            key=stored.key,
            said_at=max(self.now, stored.said_at),
            body=self.body(stored, schema),
            source=stored.source,
            when=stored.when,
            place=stored.place(),
            origin=Origin(entered_by=self.principal.name),
            marking=stored.marking,
            retracts=True,
        )

    def _check_source(self, stored: Stored) -> None:
        own = self.principal
        if "*" not in own.organisations and stored.source not in {*own.organisations, own.name}:
            raise DeniedError(
                f"{own.name} may not change what {stored.source} said.",
                f"{own.name}は{stored.source}の情報を変更できません。",
                rule="source",
            )
