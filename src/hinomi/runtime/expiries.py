"""Announcing expiries: the clock alone changes what is valid, and those who listen must hear it."""

from __future__ import annotations

import logging
import threading
from datetime import datetime

from hinomi.kernel.catalog import Catalog
from hinomi.kernel.collections import Kind
from hinomi.kernel.marking import ANONYMOUS
from hinomi.runtime import operations
from hinomi.runtime.writer import Writer

log = logging.getLogger("hinomi.expiries")

CHECK_S = 1.0


class Expiries:
    """Looks once a second whether something that everyone may see has begun or ended."""

    def __init__(self, writer: Writer, catalog: Catalog) -> None:
        self._writer = writer
        own = operations.DOMAIN.id
        self._collections = [
            c.id
            for c in catalog.collections.values()
            if c.kind is Kind.FEATURES and not c.id.startswith(f"{own}.")
        ]
        self._position = -1
        self._next: dict[str, datetime] = {}

    def run(self, stop: threading.Event) -> None:
        """Announce until ``stop`` is set."""
        while not stop.wait(CHECK_S):
            try:
                self.announce()
            except Exception:
                log.exception("hop=5 the look for expiries failed")

    def announce(self) -> list[str]:
        """Append an announcement for each collection in which something expired; return them."""
        now = self._writer.now()
        passed = {c: at for c, at in self._next.items() if at <= now}
        if passed:
            self._writer.put([operations.expiry_record(c, at) for c, at in sorted(passed.items())])
        self._look(now)
        return sorted(passed)

    def _look(self, after: datetime) -> None:
        store = self._writer.store
        position = store.position()
        if position == self._position:
            return
        visible = frozenset(m for m in store.markings() if ANONYMOUS.may_see(m))
        self._next = {}
        for collection in self._collections:
            at = store.next_expiry(collection, after, visible=visible)
            if at is not None:
                self._next[collection] = at
        self._position = position
