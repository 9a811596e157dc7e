"""Nodes for the tests: real folders and stores; lines between them without a network."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hinomi.domains.response.collections.shelters import Shelter
from hinomi.kernel.marking import OPEN, Marking
from hinomi.kernel.reader import statuses
from hinomi.kernel.records import Readings, Record, Series
from hinomi.kernel.store import Query
from hinomi.runtime import clock
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.erasing import Eraser
from hinomi.runtime.federation import nodekey
from hinomi.runtime.federation.agreement import Agreement, Peer
from hinomi.runtime.federation.door import Door, Wish
from hinomi.runtime.federation.following import Federation
from hinomi.runtime.federation.inbox import Ack
from hinomi.runtime.federation.registry import ALL_S
from hinomi.runtime.writer import Writer
from hinomi.stores.sqlite import SqliteStore

NOON = datetime(2026, 6, 1, 3, tzinfo=UTC)
EVERYTHING = Agreement(collections=("*",))


class Node:
    """A node with everything but its network."""

    def __init__(self, data: Path, kind: type[SqliteStore] = SqliteStore) -> None:
        data.mkdir(parents=True, exist_ok=True)
        self.data = data
        self.store = kind(data)
        self.skew = timedelta()
        self.writer = Writer(self.store, now=lambda: clock.now() + self.skew)
        self.catalog = default_catalog()
        self.federation = Federation(self.writer, self.catalog, data)
        self.federation.erase = Eraser(self.store, data).at_partners_wish
        self.registry = self.federation.registry
        self.key = nodekey.load(data)
        self.door = Door(data, self.store, self.catalog, self.federation.receive)

    def knows(self, other: Node, shows: Agreement = EVERYTHING, **terms: Any) -> Peer:
        """Make the other a partner."""
        terms = {"history_s": ALL_S, **terms}
        peer = Peer(
            name=other.data.name, public=other.key.public, node=other.key.node, shows=shows, **terms
        )
        self.registry.add(peer)
        return peer

    def wish(self, other: Node) -> Wish:
        stands = self.registry.reached(other.key.node)
        peer = self.registry.of_node(other.key.node)
        assert peer is not None
        history_s = self.registry.wanted(peer, stands)
        return Wish(stands.cursor, stands.log, stands.view, stands.mark, history_s)

    def fetch(self, other: Node) -> bytes:
        """Return the next sealed batch that the other has for this node; empty: none."""
        me = other.registry.of_node(self.key.node)
        assert me is not None
        return other.door.next(me, self.wish(other), other.store.position())[1]

    def pull(self, other: Node) -> list[Ack]:
        """Read all that is new at the other."""
        acks = []
        for _ in range(1000):
            sealed = self.fetch(other)
            if not sealed:
                return acks
            acks += self.federation.receive([sealed])
            assert acks[-1].taken, acks[-1]
        raise AssertionError("it never ends")

    def seen(self, status: str = "any") -> dict[tuple[str, str], str]:
        """Return what stands at this node in the collection of shelters: by key and source."""
        markings = frozenset(m for m in self.store.markings() if m.status in statuses(status))
        query = Query(collection="response.shelters", visible=markings, beside=True, limit=10_000)
        return {
            (one.key, str(one.marking)): one.body()["state"] for one in self.store.find(query).items
        }

    def close(self) -> None:
        self.door.registry.close()
        if self.federation._own is not None:
            self.federation._own[1].close()
        if self.door._made is not None:
            self.door._made[1].close()
        self.registry.close()
        self.store.close()


@contextmanager
def nodes(folder: Path, *names: str) -> Iterator[list[Node]]:
    """Make nodes that know each other and show each other everything that is open."""
    found = [Node(folder / name) for name in names]
    for one in found:
        for other in found:
            if one is not other:
                one.knows(other)
    try:
        yield found
    finally:
        for one in found:
            one.close()


def shelter(
    key: str, state: str = "open", *, at: float = 0.0, marking: Marking = OPEN, **more: Any
) -> Record:
    """Return what a town says about a shelter, ``at`` minutes past noon."""
    body = Shelter(name=f"避難所{key}", match_key=key, state=state, **more)  # type: ignore[arg-type]
    return Record(
        collection="response.shelters",
        key=key,
        said_at=NOON + timedelta(minutes=at),
        body=body,
        source="town",
        place={"type": "Point", "coordinates": [136.9, 37.1]},
        marking=marking,
    )


def levels(*values: tuple[float, float], series: str = "G1", marking: Marking = OPEN) -> Readings:
    """Return readings of a gauge: (minutes past noon, level [m])."""
    line = Series(
        id=f"hazards.river_levels.{series}",
        collection="hazards.river_levels",
        thing=series,
        property="level_m",
        unit="m",
        source="town",
        marking=marking,
    )
    start = int(NOON.timestamp() * 1e6)
    rows = [(0, start + int(minute * 6e7), value, 0) for minute, value in values]
    return Readings(series=(line,), rows=rows)


def rows(node: Node, series: str = "G1") -> list[float]:
    found = node.store.readings(
        f"hazards.river_levels.{series}", visible=node.store.markings(), limit=10_000
    )
    return [one.value for one in found]
