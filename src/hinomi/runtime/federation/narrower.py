"""Narrowing what came from a partner: a stricter marking travels, and what is gone is gone here."""

from __future__ import annotations

import msgspec

from hinomi.kernel.catalog import Catalog
from hinomi.kernel.errors import HinomiError, Problem, Text, UnavailableError
from hinomi.kernel.marking import Disclosure, Marking
from hinomi.kernel.records import Origin, Record
from hinomi.kernel.store import MAX_LIMIT, Query
from hinomi.runtime.federation.agreement import Peer
from hinomi.runtime.federation.outbox import VIA
from hinomi.runtime.writer import Writer
from hinomi.standards.batches import Narrowing


class Narrower:
    """Applies narrowings; one caller at a time."""

    def __init__(self, writer: Writer, catalog: Catalog) -> None:
        self._writer, self._catalog = writer, catalog

    def apply(self, peer: Peer, item: Narrowing) -> list[Problem]:
        """Narrow what came from this partner; what is gone is withdrawn too.

        Raises:
            UnavailableError: the store cannot be written; nothing was narrowed, it comes again.
        """
        accepted = peer.accepts(item.collection, item.old.status.value)
        if not (accepted and peer.speaks_for(item.source)):
            return []
        try:
            position = self._narrowed(peer, item)
        except UnavailableError:
            raise
        except HinomiError as error:
            return [refusal(item.collection, item.key, error.text.en)]
        if position is not None:
            self._writer.ring(position)
        return []

    def _narrowed(self, peer: Peer, item: Narrowing) -> int | None:
        """Withdraw and narrow in one step, and return its position; None where nothing stands."""
        store = self._writer.store
        with self._writer.together():
            visible = frozenset({item.old})
            if not self._said_by(peer, item, visible):
                return None
            new = item.new
            if new is None:
                new = Marking(item.old.status, Disclosure.RED, item.old.audience)
                self._withdraw(item, visible)
            at = self._writer.now()
            return store.remark(
                item.collection, item.key, item.source, old=item.old, new=new, at=at
            )

    def _said_by(self, peer: Peer, item: Narrowing, visible: frozenset[Marking]) -> bool:
        """Tell whether something stands under the old marking that this partner told."""
        store = self._writer.store
        after = None
        while True:
            page = store.history(item.collection, item.key, visible=visible, after=after)
            for said in page.items:
                if said.source != item.source:
                    continue
                trace = store.trace(said.id, visible=visible)
                origins = trace.origins if trace else []
                if any(origin.path == f"{VIA}{peer.node}" for origin, _ in origins):
                    return True
            if page.next is None:
                return False
            after = page.next

    def _withdraw(self, item: Narrowing, visible: frozenset[Marking]) -> None:
        query = Query(
            collection=item.collection,
            visible=visible,
            keys=(item.key,),
            sources=(item.source,),
            beside=True,
            limit=MAX_LIMIT,
        )
        at = self._writer.now()
        schema = self._catalog.collection(item.collection).schema
        withdrawn = [
            Record(
                collection=said.collection,
                key=said.key,
                said_at=max(at, said.said_at),
                body=msgspec.convert(said.body(), schema),
                source=said.source,
                when=said.when,
                place=said.place(),
                marking=said.marking,
                origin=Origin(path="gone"),
                retracts=True,
            )
            for said in self._writer.store.find(query).items
        ]
        if withdrawn:
            self._writer.store.put(withdrawn, at=at)


def refusal(collection: str, key: str, found: str) -> Problem:
    """Return the problem of something that is not taken."""
    text = Text("連携先からの記録を受け取れません。", "A partner's record cannot be taken.")
    return Problem("federation.record", f"{collection}/{key}"[:300], text, found=found[:200])
