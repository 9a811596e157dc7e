"""The writer: the one door to a store's ``put``, and the bell that rings after each append."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Protocol

from hinomi.kernel.errors import ConflictError
from hinomi.kernel.records import Complete, Readings, Record
from hinomi.kernel.store import Put, Store
from hinomi.runtime import clock
from hinomi.runtime.narrowing import narrow_before
from hinomi.runtime.observing import observed


class Append(Protocol):
    """Appends records that an app writes, wherever the writer is."""

    def __call__(self, records: Sequence[Record], *, since: int | None = None) -> Put:
        """Append unless something was said about the same things after ``since``.

        Raises:
            ConflictError: it was; nothing is appended.
        """


class Writer:
    """Lets one thread at a time append; listeners hear the new position and only enqueue."""

    def __init__(self, store: Store, *, now: clock.Clock = clock.now) -> None:
        self.store = store
        self.now = now
        self.lock = threading.RLock()
        self.listeners: list[Callable[[int], None]] = []

    def put(
        self,
        records: Sequence[Record],
        readings: Sequence[Readings] = (),
        complete: Sequence[Complete] = (),
    ) -> Put:
        """Append in one transaction, durable on return; see :meth:`Store.put`."""
        with self.lock, observed("put", "put", hop=4):
            done = self.store.put(records, readings, complete, at=self.now())
        return self._ring(done)

    def append(self, records: Sequence[Record], *, since: int | None = None) -> Put:
        """Append what an app writes: what is restated in a narrower marking is narrowed first.

        ``since`` is the position at which the caller looked at what it now states anew.

        Raises:
            ConflictError: something was said since about one of the records' things.
        """
        # Narrowing, withdrawal and the new statement: nobody sees, and no crash leaves, a part.
        with self.together(), observed("put", "append", hop=4):
            if since is not None:
                _check_unchanged(self.store, records, since)
            for record in records:
                narrow_before(self.store, record, self.now())
            done = self.store.put(records, at=self.now())
        return self._ring(done)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep every other writer out, those in other processes too where the store has several.

        For what is decided by what stands: it still stands when the decision is written.
        """
        exclusive: Callable[[], AbstractContextManager[Any]] = getattr(
            self.store, "exclusive", nullcontext
        )
        with self.lock, exclusive():
            yield

    @contextmanager
    def together(self) -> Iterator[None]:
        """Keep others out, and append what the block puts and remarks whole or not at all.

        Who appends by the store itself rings with :meth:`ring` afterwards.
        """
        together: Callable[[], AbstractContextManager[Any]] = getattr(
            self.store, "together", nullcontext
        )
        with self.alone(), together():
            yield

    @contextmanager
    def retold(self) -> Iterator[None]:
        """Append what would be told again without waiting for the disk, where the store can."""
        unflushed: Callable[[], AbstractContextManager[Any]] | None = getattr(
            self.store, "unflushed", None
        )
        if unflushed is None:
            yield
            return
        with self.lock, unflushed():
            yield

    def ring(self, position: int) -> None:
        """Let the listeners hear the log's position."""
        for listener in self.listeners:
            listener(position)

    def _ring(self, done: Put) -> Put:
        self.ring(done.position)
        return done


def _check_unchanged(store: Store, records: Sequence[Record], since: int) -> None:
    """Refuse what was written without knowledge of a statement in the same status."""
    markings = store.markings()
    for record in records:
        visible = frozenset(m for m in markings if m.status is record.marking.status)
        # A request that is repeated after a lost answer finds its own statement, and before that
        # what its narrowing did: no conflict.
        own = store.record(record.identity(), visible=visible)
        position = since
        while True:
            found = store.changes(position, visible=visible, collections=(record.collection,))
            for change in found.items:
                if change.key == record.key and (own is None or change.seq > own.seq):
                    raise ConflictError(
                        "The item is not as you read it; read it again.",
                        "読んだ後に変更されています。もう一度読んでください。",
                    )
            if found.position == position:
                break
            position = found.position
