"""Erasing personal data when its retention is over, or when somebody asks for it.

What was said stays in the log; names, telephones and the like are overwritten in every statement
(its history too), and the raw payloads that they came from go once no statement that is still kept
came from them. The audit log holds which statements were erased, before they are: so a changed
record can be told from one that was erased as it had to be.

Partners who hold the statements are told by an order in the log (``operations.erasures``), and obey
it; a list of these orders lies beside the back-ups, and is done again when one is restored
(:mod:`hinomi.runtime.erasures`).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import msgspec

from hinomi.kernel.errors import HinomiError, InputError, MissingError, Problem, Text
from hinomi.kernel.marking import Marking
from hinomi.kernel.records import Record, Stored
from hinomi.runtime import clock, operations, policy
from hinomi.runtime.audit import Audit, Event, Found
from hinomi.runtime.operations import ErasureOrder, erasure_records
from hinomi.stores.erasing import Erased, Erasure

log = logging.getLogger("hinomi.erasing")

BY_RETENTION = "retention"
"""Who erases when the time is over: the policy does."""
_LOOK_S = 60.0
_TOGETHER = 500
"""Ids in one entry of the log."""


class Erases(Protocol):
    """A store that can erase."""

    def erase(self, erasure: Erasure) -> Erased:
        """Overwrite personal data in what was said."""

    def forget_blob(self, digest: str) -> None:
        """Erase a blob's bytes."""

    def blob(self, digest: str) -> bytes | None:
        """Return a blob's bytes."""

    def record(self, record_id: str, *, visible: frozenset[Marking]) -> Stored | None:
        """Return one statement by its id."""

    def markings(self) -> frozenset[Marking]:
        """Return the markings that occur."""


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """What was erased."""

    statements: dict[str, int]
    """How many, by collection."""
    payloads: int
    kept: tuple[str, ...] = ()
    """Digests of raw payloads that stay: statements that are still kept came from them too."""


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """Personal data of a collection."""

    collection: str
    fields: tuple[str, ...]
    retention_days: int
    statements: int
    """How many hold some."""
    due: int
    """Of these, how many are past their retention."""


class Eraser:
    """Erases from a town's store, writes down what, and tells partners (by ``put``, if given)."""

    def __init__(
        self,
        store: Erases,
        data: Path,
        *,
        now: clock.Clock = clock.now,
        put: Callable[[Sequence[Record]], object] | None = None,
    ) -> None:
        self._store, self._data, self._now, self._put = store, data, now, put

    def run(self, stop: threading.Event) -> None:
        """Erase at the start and after each midnight (UTC) until ``stop`` is set."""
        done = None
        while not stop.wait(_LOOK_S if done else 1.0):
            today = self._now().date()
            if today != done:
                self.expire()
                done = today

    def expire(self) -> Done:
        """Erase what is past its retention."""
        now = self._now()
        wanted = [
            Erasure(collection=name, fields=one.fields, before=now - one.retention)
            for name, one in policy.of(self._data).personal.items()
        ]
        try:
            done = self._erase(wanted, Event(who=BY_RETENTION, verb="erased", what=""))
        except HinomiError as error:
            log.error("part=erasing %s", error.text.en)  # noqa: TRY400 - no fault of ours; tomorrow again
            return Done(statements={}, payloads=0)
        if done.statements:
            log.warning(
                "part=erasing personal data past its retention: %s; %d raw payloads",
                ", ".join(f"{count} of {name}" for name, count in done.statements.items()),
                done.payloads,
            )
        return done

    def on_request(self, collection: str, key: str, *, who: str, reason: str) -> Done:
        """Erase all personal data that was ever said about one thing.

        Raises:
            MissingError: the policy names no personal data of the collection.
            InputError: no reason was given.
        """
        rules = policy.of(self._data).personal
        if collection not in rules:
            what = Text("個人情報のコレクション", "collection with personal data")
            raise MissingError(what, collection, rules)
        if not reason.strip():
            raise InputError("An erasure needs a reason.", "消去には理由が必要です。")
        erasure = Erasure(collection=collection, fields=rules[collection].fields, key=key)
        return self._erase([erasure], Event(who=who, verb="erased", what="", reason=reason.strip()))

    def at_partners_wish(self, order: ErasureOrder, ids: Sequence[str], who: str) -> int:
        """Erase as :meth:`obey` does; return how many statements."""
        return sum(self.obey(order, ids, who=who).statements.values())

    def obey(self, order: ErasureOrder, ids: Sequence[str], *, who: str) -> Done:
        """Erase what an order names, in these of its statements."""
        erasure = Erasure(
            collection=order.erased_collection, fields=order.fields, ids=frozenset(ids)
        )
        event = Event(who=who, verb="erased", what="", reason=order.cause)
        return self._erase([erasure], event, told=True)

    def held(self) -> list[Held]:
        """Return what personal data there is, and how much of it is past its retention."""
        found = []
        for name, one in policy.of(self._data).personal.items():
            due = self._look(name, one.fields, before=self._now() - one.retention)
            every = self._look(name, one.fields, before=datetime.max.replace(tzinfo=UTC))
            found.append(
                Held(
                    collection=name, fields=one.fields, retention_days=one.retention_days,
                    statements=len(every.ids), due=len(due.ids),
                )
            )  # fmt: skip
        return found

    def _look(self, name: str, fields: tuple[str, ...], *, before: datetime | None) -> Erased:
        erasure = Erasure(collection=name, fields=fields, before=before, look=True)
        return self._store.erase(erasure)

    def _erase(self, wanted: Sequence[Erasure], event: Event, *, told: bool = False) -> Done:
        """Write down, tell, forget the payloads, overwrite: whatever breaks off is done again."""
        looked = {
            one.collection: self._store.erase(msgspec.structs.replace(one, look=True))
            for one in wanted
        }
        payloads, kept = self._payloads(looked)
        statements: dict[str, int] = {}
        with closing(Audit(self._data, policy=policy.of(self._data).digest)) as audit:
            for name, found in looked.items():
                _tell(audit, event, f"{name}: {len(found.ids)} statements", found.ids)
                if not told:
                    self._order(name, found.ids, event)
            _tell(audit, event, f"{len(payloads)} raw payloads", payloads)
            for digest in payloads:
                self._store.forget_blob(digest)
            for one in wanted:
                done = self._store.erase(one)
                late = [i for i in done.ids if i not in set(looked[one.collection].ids)]
                _tell(audit, event, f"{one.collection}: {len(late)} statements", late)
                if not told:
                    self._order(one.collection, late, event)
                if done.ids:
                    statements[one.collection] = len(done.ids)
        return Done(statements=statements, payloads=len(payloads), kept=kept)

    def _order(self, collection: str, ids: Sequence[str], event: Event) -> None:
        """Tell all who hold the statements too."""
        if self._put is None or not ids:
            return
        visible = self._store.markings()
        said = [self._store.record(one, visible=visible) for one in ids]
        order = ErasureOrder(
            erased_collection=collection,
            fields=policy.of(self._data).personal[collection].fields,
            statements=(),
            cause="retention" if event.who == BY_RETENTION else "request",
        )
        erased = {one.id: one.marking for one in said if one is not None}
        self._put(erasure_records(erased, order, at=self._now()))

    def _payloads(self, looked: dict[str, Erased]) -> tuple[list[str], tuple[str, ...]]:
        """Return the digests that can go, and those that others' statements still came from."""
        came = {digest for found in looked.values() for digest in found.payloads}
        wanted = {digest for found in looked.values() for digest in found.wanted}
        for name, one in policy.of(self._data).personal.items() if came else ():
            if name not in looked:
                wanted |= self._look(name, one.fields, before=None).wanted
        there = {digest for digest in came if self._store.blob(digest) is not None}
        return sorted(there - wanted), tuple(sorted(there & wanted))


def _tell(audit: Audit, event: Event, what: str, ids: Sequence[str]) -> None:
    for first in range(0, len(ids), _TOGETHER):
        part = tuple(ids[first : first + _TOGETHER])
        audit.write(msgspec.structs.replace(event, what=what, erased=part))


def report(collection: str, key: str, who: str, at: datetime) -> Record:
    """Return what the operators are told of an erasure on request."""
    text = Text(
        f"{who}が{collection}/{key}の個人情報を消去しました。",
        f"{who} has erased the personal data of {collection}/{key}.",
    )
    problem = Problem("policy.erased", "", text, found=f"{collection}/{key}")
    alarm = operations.alarm_of("policy", problem)
    name = f"policy:erased:{collection}:{key}:{at.isoformat()}"
    return operations.alarm_record(name, alarm, at=at)


def erased(audit: Audit, record_id: str) -> Found | None:
    """Return the entry of the log that tells that a statement was erased; None: there is none."""
    return next((one for one in _entries(audit) if record_id in one.event.erased), None)


def _entries(audit: Audit) -> Iterator[Found]:
    before: int | None = None
    while page := audit.find({"verb": "erased"}, limit=100, before=before):
        yield from page
        before = page[-1].index
