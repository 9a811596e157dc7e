"""The writer: the one door to a store's ``put``, and the bell that rings after each append."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from hinomi.kernel.records import Complete, Readings, Record
from hinomi.kernel.store import Put, Store
from hinomi.runtime import clock


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
        with self.lock:
            done = self.store.put(records, readings, complete, at=self.now())
        for listener in self.listeners:
            listener(done.position)
        return done
