"""Orders of erasure from partners: what they told us of a person goes here when it goes there."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from hinomi.kernel.errors import UnavailableError
from hinomi.kernel.marking import Marking
from hinomi.kernel.records import Record
from hinomi.kernel.store import Store
from hinomi.runtime.federation.agreement import Peer
from hinomi.runtime.federation.outbox import VIA, origin_of
from hinomi.runtime.operations import ErasureOrder

log = logging.getLogger("hinomi.federation")

Erase = Callable[[ErasureOrder, Sequence[str], str], int]
"""Erases what an order names in these of its statements, at whose wish; returns how many."""


def nothing_erased(order: ErasureOrder, ids: Sequence[str], who: str) -> int:
    """Refuse: a node obeys before it takes an order, and this one was given no way to.

    Raises:
        UnavailableError: always; the order comes again.
    """
    raise UnavailableError(
        f"{who} asks to erase {len(ids)} of {order.erased_collection}; nothing here can.",
        f"{who}から{order.erased_collection}の{len(ids)}件の消去を求められましたが、消去できません。",
    )


class Orders:
    """Obeys orders of erasure; one caller at a time."""

    def __init__(self, store: Store, erase: Erase) -> None:
        self._store, self._erase = store, erase

    def obey(self, peer: Peer, record: Record) -> int:
        """Erase the statements of an order that were said at its node, and nowhere else.

        Returns how many of them stay, since another partner told of them: people are to know.

        What another node or a source of our own said too is theirs and ours to keep or erase; and
        only who told us of a statement may pass on an order for it: anybody can name a node. An
        order is obeyed before it is appended, so one that broke off comes again.
        """
        order: ErasureOrder = record.body
        said_at = origin_of(record.origin)
        visible = self._store.markings()
        node = said_at[0] if said_at else ""
        path = f"{VIA}{peer.node}"
        ids, stay = [], 0
        for one in order.statements:
            ways = self._ways(one, node, visible)
            if path in ways:
                ids.append(one)
            elif ways:
                stay += 1
        if not ids:
            return stay
        count = self._erase(order, ids, f"partner {peer.name} ({node})")
        if count:
            log.warning(
                "peer=%s erased %d statements of %s at its order",
                peer.name, count, order.erased_collection,
            )  # fmt: skip
        return stay

    def _ways(self, record_id: str, node: str, visible: frozenset[Marking]) -> set[str]:
        """Return by whom a statement came that was said at a node and nowhere else."""
        trace = self._store.trace(record_id, visible=visible)
        origins = [origin for origin, _ in trace.origins] if trace else []
        said = [origin_of(origin) for origin in origins]
        if not all(one is not None and one[0] == node for one in said):
            return set()
        return {origin.path for origin in origins}


def concerned(record: Record) -> str:
    """Return the collection that an agreement must name: for an order, that of what it erases."""
    body = record.body
    return body.erased_collection if isinstance(body, ErasureOrder) else record.collection
