"""What is read again after a change: the municipality, the neighbours, what hangs on them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

import msgspec

from hinomi.domains.response.collections.merging import (
    PLACES,
    SETTLEMENTS,
    TRUST,
    Place,
    Settlement,
    Trust,
)
from hinomi.domains.response.merging.grouping import Pair, Verdict, pair_of, weigh_pairs
from hinomi.domains.response.merging.showing import Rules
from hinomi.domains.response.merging.things import KINDS, Thing, collection_and_key, thing_of
from hinomi.domains.response.merging.weighing import Weighed
from hinomi.kernel.filters import Filter, In, Or, Property
from hinomi.kernel.geometry import BBox, Geometry
from hinomi.kernel.marking import Marking
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Stored

_Box = tuple[int, int, int, int]
MARGIN_DEG = 0.01
"""Wider than two cells of blocking: who is near enough to be compared is read."""
_BATCH = 200
_HISTORY = 100


class Standing(msgspec.Struct, frozen=True):
    """A merged place as it stands in one lane."""

    item: Stored
    body: Place
    place: Geometry | None
    refs: frozenset[str]


class _Feature(msgspec.Struct):
    properties: Place
    geometry: Geometry | None


_FEATURE = msgspec.json.Decoder(_Feature)


class _SettlementFeature(msgspec.Struct):
    properties: Settlement


class _TrustFeature(msgspec.Struct):
    properties: Trust


_SETTLEMENT = msgspec.json.Decoder(_SettlementFeature)
_TRUST = msgspec.json.Decoder(_TrustFeature)


class Settled:
    """What people settled, as this reader may see it: the newest of a pair holds."""

    def __init__(self, reader: Reader) -> None:
        found = [
            (i, _SETTLEMENT.decode(i.feature).properties) for i in reader.every(SETTLEMENTS.id)
        ]
        self.records = [
            (item, body)
            for item, body in sorted(found, key=lambda f: (f[0].said_at, f[0].seq))
            if body.state == "in_force"
        ]
        rules = [(i, _TRUST.decode(i.feature).properties) for i in reader.every(TRUST.id)]
        rules.sort(key=lambda r: (r[0].said_at, r[0].seq), reverse=True)
        self.rules = Rules(tuple(r for r in rules if r[1].state == "in_force"))

    def pairs(self) -> list[Pair]:
        """Return the pairs that people joined or parted."""
        return [pair_of(*body.refs) for _, body in self.records if body.decision != "value"]


def verdicts(settled: Iterable[tuple[Stored, Settlement]]) -> dict[Pair, Verdict]:
    """Return what stands of each pair; the settlements come oldest first."""
    return {pair_of(*body.refs): body.decision for _, body in settled if body.decision != "value"}


class Region:
    """Things, and merged places of them, as far as they have been read."""

    def __init__(self, reader: Reader, settled: Settled) -> None:
        self._reader = reader
        self.settled = settled
        self.things: dict[tuple[str, str], Thing] = {}
        """By ref and marking: one source may state one thing in two circles."""
        self.standing: dict[str, Standing] = {}
        self.weighed: dict[Pair, Weighed] = {}
        self._towns: set[str] = set()
        self._boxes: set[_Box] = set()
        self._asked: set[str] = set()
        self._fresh: bool | None = None
        """Whether no place has ever been stated."""
        self._collections = [c for c in KINDS if c in reader.catalog.collections]

    def read_all(self) -> None:
        """Read everything."""
        for collection in self._collections:
            self._take(self._reader.every(collection, beside=True))
        self._stand(self._reader.every(PLACES.id, beside=True))
        self._weigh()

    def read_around(self, changed: Mapping[str, Sequence[str]]) -> frozenset[str]:
        """Read what a change may concern, and return the refs of the changed."""
        keys = {c: set(changed.get(c, ())) for c in self._collections}
        for ref in self._settled_refs(changed.get(SETTLEMENTS.id, ())):
            collection, key = collection_and_key(ref)
            if collection in keys:
                keys[collection].add(key)
        touched: set[str] = set()
        for collection, wanted in keys.items():
            # What is gone from view was somewhere: its history tells where.
            spoken = [
                thing_of(item)
                for key in sorted(wanted)
                for item in self._reader.history(collection, key, limit=_HISTORY).items
            ]
            current = [thing_of(i) for i in _keyed(self._reader, collection, sorted(wanted))]
            touched |= {thing.ref for thing in (*spoken, *current)}
            self._read_near((*spoken, *current))
        while True:
            self._weigh()
            reached = [t for c in self.components(touched) for t in c]
            # What a person joined, or what a place has held so far, may lie far away.
            linked = self._read_linked({t.ref for t in reached})
            if not self._read_near((*reached, *linked)):
                return frozenset(touched)

    def components(self, touched: Iterable[str] | None = None) -> list[list[Thing]]:
        """Return the things that hang together by pairs, people's words or standing places."""
        above: dict[str, str] = {}

        def top(ref: str) -> str:
            above.setdefault(ref, ref)
            while above[ref] != ref:
                above[ref] = above[above[ref]]
                ref = above[ref]
            return ref

        for one, other in (*self.weighed, *self.settled.pairs()):
            above[top(one)] = top(other)
        for standing in self.standing.values():
            first, *others = sorted(standing.refs) or [""]
            for other in others:
                above[top(first)] = top(other)
        found: dict[str, list[Thing]] = {}
        for (ref, _), thing in self.things.items():
            found.setdefault(top(ref), []).append(thing)
        if touched is not None:
            wanted = {top(ref) for ref in touched}
            return [things for first, things in found.items() if first in wanted]
        return list(found.values())

    def _read_linked(self, refs: set[str]) -> list[Thing]:
        """Read what hangs on things by people's words or by a standing place, and return it."""
        held = {ref for ref, _ in self.things}
        wanted: set[str] = set()
        for _, body in self.settled.records:
            if refs & set(body.refs):
                wanted |= set(body.refs)
        for standing in self.standing.values():
            if refs & standing.refs:
                wanted |= standing.refs
        found: list[Thing] = []
        for ref in sorted(wanted - held - self._asked):
            collection, key = collection_and_key(ref)
            if collection in self._collections:
                items = list(_keyed(self._reader, collection, [key]))
                self._take(items)
                found += [thing_of(item) for item in items]
        self._asked |= wanted
        return found

    def _settled_refs(self, keys: Sequence[str]) -> Iterator[str]:
        for key in keys:
            for item in self._reader.history(SETTLEMENTS.id, key, limit=_HISTORY).items:
                yield from _SETTLEMENT.decode(item.feature).properties.refs

    def _read_near(self, things: Iterable[Thing]) -> bool:
        """Read the municipalities and surroundings of things; tell whether any was not read yet."""
        things = list(things)
        towns = {t.municipality for t in things if t.municipality} - self._towns
        boxes = {_box(t.box or (*t.at, *t.at)) for t in things if t.at is not None} - self._boxes
        self._towns |= towns
        self._boxes |= boxes
        if towns:
            of_towns: Filter = Or(
                (
                    In(Property("municipality_code"), tuple(sorted(towns))),
                    In(Property("municipality"), tuple(sorted(towns))),
                )
            )
            for collection in self._collections:
                self._take(self._reader.every(collection, filter=of_towns, beside=True))
            self._stand(self._reader.every(PLACES.id, filter=of_towns, beside=True))
        for box in boxes:
            for collection in self._collections:
                self._take(self._reader.every(collection, bbox=_bounds(box), beside=True))
            self._stand(self._reader.every(PLACES.id, bbox=_bounds(box), beside=True))
        return bool(towns or boxes)

    def _take(self, items: Iterable[Stored]) -> None:
        for item in items:
            thing = thing_of(item)
            self.things[thing.ref, str(item.marking)] = thing

    def _stand(self, items: Iterable[Stored]) -> None:
        for item in items:
            if item.id not in self.standing:
                feature = _FEATURE.decode(item.feature)
                refs = frozenset(s.ref for s in feature.properties.statements)
                self.standing[item.id] = Standing(item, feature.properties, feature.geometry, refs)

    def ended_at(self, key: str, marking: Marking) -> datetime | None:
        """Return when a place that stands no more was last spoken of; None of one that is new."""
        if self._fresh is None:
            any_ = self._reader.changes(0, collections=(PLACES.id,), limit=1).items
            self._fresh = not any_
        if self._fresh:
            return None  # The first merging of a nation's lists asks nothing of each place.
        after: str | None = None
        times: list[datetime] = []
        while True:
            page = self._reader.history(PLACES.id, key, after=after)
            times += [item.said_at for item in page.items if item.marking == marking]
            after = page.next
            if after is None:
                return max(times, default=None)

    def _weigh(self) -> None:
        self.weighed = weigh_pairs(list(self.things.values()), more=self.settled.rules.bits)


def _keyed(reader: Reader, collection: str, keys: Sequence[str]) -> Iterator[Stored]:
    for at in range(0, len(keys), _BATCH):
        yield from reader.every(collection, keys=tuple(keys[at : at + _BATCH]), beside=True)


def _box(reach: BBox) -> _Box:
    """Return the cells that bounds reach into: the first and the last column and row."""
    west, south, east, north = (int(edge // MARGIN_DEG) for edge in reach)
    return west, south, east, north


def _bounds(box: _Box) -> BBox:
    """Return cells with their neighbours on all sides."""
    west, south = (box[0] - 1) * MARGIN_DEG, (box[1] - 1) * MARGIN_DEG
    east, north = (box[2] + 2) * MARGIN_DEG, (box[3] + 2) * MARGIN_DEG
    return max(-180.0, west), max(-90.0, south), min(180.0, east), min(90.0, north)
