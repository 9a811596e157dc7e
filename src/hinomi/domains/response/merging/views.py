"""Places for each circle of readers: what is marked for few never shapes what the others see.

Of the statements that hang together, each marking sees those that everyone who may read that
marking may read. A place is stated in a marking only where it is made of that marking; who may read
several gets the strictest, which has the highest rank.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from hashlib import blake2b

import msgspec

from hinomi.domains.response.collections.merging import PLACES, Settlement
from hinomi.domains.response.merging.bodies import Made, joined, place_of, single
from hinomi.domains.response.merging.grouping import Groups, group, pair_of, weigh_pairs
from hinomi.domains.response.merging.region import Region, Standing, verdicts
from hinomi.domains.response.merging.showing import Rules
from hinomi.domains.response.merging.things import Thing
from hinomi.domains.response.merging.weighing import Weighed
from hinomi.kernel.errors import InputError
from hinomi.kernel.marking import Disclosure, Marking, strictest
from hinomi.kernel.records import Origin, Record, Stored

SOURCE = "hinomi"
MAX_MARKINGS = 12
"""More circles than this around one place are not combined any further."""
_STEP = timedelta(microseconds=1)


def below(marking: Marking, other: Marking) -> bool:
    """Tell whether everyone who may read ``marking`` may read ``other`` too.

    Example:
        >>> amber = Marking(disclosure=Disclosure.AMBER, audience=("nanao",))
        >>> below(amber, Marking()), below(Marking(), amber)
        (True, False)
    """
    try:
        return strictest((marking, other)) == marking
    except InputError:
        return False


def circles(markings: Iterable[Marking]) -> list[Marking]:
    """Return the markings and their combinations, those that see least first."""
    found = dict.fromkeys(sorted(set(markings), key=str))
    for one in list(found):
        for other in list(found):
            if len(found) >= MAX_MARKINGS:
                break
            try:
                found[strictest((one, other))] = None
            except InputError:
                continue
    return sorted(found, key=lambda m: (sum(below(m, o) for o in found), rank_of(m), str(m)))


def rank_of(marking: Marking) -> int:
    """Return the rank of a place's lane: whoever may read the stricter one is shown that one."""
    if not marking.audience:
        return marking.disclosure * 1000 + (1000 if marking.disclosure > Disclosure.GREEN else 0)
    return marking.disclosure * 1000 + 1000 - min(999, len(marking.audience))


class Places:
    """Makes the records of the places of components, and takes back those that are over."""

    def __init__(self, region: Region) -> None:
        self._region = region
        self._of: dict[str, list[Standing]] = {}
        for standing in region.standing.values():
            for ref in standing.refs:
                self._of.setdefault(ref, []).append(standing)

    def records(self, components: Sequence[list[Thing]], gone: Iterable[str]) -> list[Record]:
        """Return what changes: new and other places, and those that no longer are.

        Args:
            components: the things that hang together, complete.
            gone: refs that were changed: a place of one that stands no more is over.
        """
        made: dict[tuple[str, Marking], Made] = {}
        concerned: dict[str, Standing] = {}
        for ref in gone:
            concerned.update((s.item.id, s) for s in self._of.get(ref, ()))
        for things in components:
            old = {s.item.id: s for t in things for s in self._of.get(t.ref, ())}
            concerned.update(old)
            for place in _Component(self._region, things, list(old.values())).made():
                made[place.key, place.marking] = place
        before = {(s.item.key, s.item.marking): s for s in concerned.values()}
        records = [
            record
            for lane, place in made.items()
            if (record := _record(place, before.get(lane), self._region)) is not None
        ]
        return records + [_over(s) for lane, s in before.items() if lane not in made]


class _Component:
    """Things that hang together, seen by one circle after the other."""

    def __init__(self, region: Region, things: list[Thing], standing: list[Standing]) -> None:
        self._region = region
        self._things = things
        self._standing = standing
        refs = {t.ref for t in things}
        self._settled = [
            (item, body) for item, body in region.settled.records if refs & set(body.refs)
        ]
        self._refs = refs

    def made(self) -> list[Made]:
        if len(self._refs) < 2 and not self._settled:
            return []
        markings = [t.marking for t in self._things]
        markings += [item.marking for item, _ in self._settled]
        markings += [item.marking for item, _ in self._region.settled.rules.set]
        seen: list[tuple[Marking, dict[str, Made]]] = []
        for marking in circles(markings):
            inherited: dict[str, Made] = {}
            for lower, places in seen:
                if below(marking, lower):
                    inherited.update(places)
            seen.append((marking, self._circle(marking, inherited)))
        return [place for _, places in seen for place in places.values()]

    def _circle(self, marking: Marking, inherited: dict[str, Made]) -> dict[str, Made]:
        things = _newest(t for t in self._things if below(marking, t.marking))
        if not things:
            return {}
        settled = [(i, b) for i, b in self._settled if below(marking, i.marking)]
        rules = Rules(
            tuple(r for r in self._region.settled.rules.set if below(marking, r[0].marking))
        )
        weighed = self._weighed(things, rules)
        groups = group(things, weighed, verdicts(settled), more=rules.bits)
        keys = self._keys(marking, groups, inherited)
        made: dict[str, Made] = {}
        whole = tuple(t.record for t in things)
        for members, key in zip(groups.groups, keys, strict=True):
            place = place_of(key, members, groups, weighed, settled, rules, things)
            heir = inherited.get(key)
            if place is None and heir is None:
                continue
            if place is None:
                place = single(key, members[0], rules)
            own = _marking_of(place.inputs, things, settled, rules)
            if own != marking and (heir is None or heir.body.statements == place.body.statements):
                continue  # A circle that sees less states it.
            if own != marking:
                place = msgspec.structs.replace(place, inputs=(*place.inputs, *whole))
            made[key] = msgspec.structs.replace(place, marking=marking)
        for key, heir in inherited.items():
            if key not in keys and heir.body.stands == "stands":
                made[key] = joined(heir, marking, groups, keys, whole)
        return made

    def _weighed(self, things: Sequence[Thing], rules: Rules) -> dict[tuple[str, str], Weighed]:
        """Return the pairs; of a thing that is stated in two circles this circle's words count."""
        if len({t.marking for t in self._things}) > 1:
            return weigh_pairs(things, more=rules.bits)
        refs = sorted(self._refs)
        known = self._region.weighed
        return {
            pair: known[pair]
            for n, one in enumerate(refs)
            for other in refs[n + 1 :]
            if (pair := pair_of(one, other)) in known
        }

    def _keys(self, marking: Marking, groups: Groups, inherited: dict[str, Made]) -> list[str]:
        """Return the places' keys: that of the standing place that shares most, where one does."""
        offers = [
            (len(refs & {t.ref for t in members}), -order, key, n)
            for order, (key, refs) in enumerate(self._offers(marking, inherited))
            for n, members in enumerate(groups.groups)
        ]
        given: dict[int, str] = {}
        for shared, _, key, n in sorted(offers, key=lambda o: (-o[0], -o[1], o[2], o[3])):
            if shared and n not in given and key not in given.values():
                given[n] = key
        return [given.get(n) or new_key(m) for n, m in enumerate(groups.groups)]

    def _offers(
        self, marking: Marking, inherited: dict[str, Made]
    ) -> list[tuple[str, frozenset[str]]]:
        found = [
            (key, frozenset(s.ref for s in place.body.statements))
            for key, place in sorted(inherited.items())
        ]
        found += [
            (s.item.key, s.refs)
            for s in sorted(self._standing, key=lambda s: s.item.key)
            if s.item.marking == marking and s.body.stands == "stands"
        ]
        return found


def new_key(members: Sequence[Thing]) -> str:
    """Return the key of a place that is new: from the statement whose ref comes first."""
    first = min(t.ref for t in members)
    return f"place-{blake2b(first.encode(), digest_size=8).hexdigest()}"


def _newest(things: Iterable[Thing]) -> list[Thing]:
    """Return one thing a ref: of several circles' words the newest, then the strictest."""
    found: dict[str, Thing] = {}
    for thing in things:
        held = found.get(thing.ref)
        order = (thing.said_at, rank_of(thing.marking))
        if held is None or order > (held.said_at, rank_of(held.marking)):
            found[thing.ref] = thing
    return list(found.values())


def _marking_of(
    inputs: Sequence[str],
    things: Sequence[Thing],
    settled: Sequence[tuple[Stored, Settlement]],
    rules: Rules,
) -> Marking:
    wanted = set(inputs)
    known = {t.record: t.marking for t in things}
    known.update((item.id, item.marking) for item, _ in settled)
    known.update((item.id, item.marking) for item, _ in rules.set)
    return strictest(known[i] for i in wanted)


def _record(made: Made, before: Standing | None, region: Region) -> Record | None:
    """Return the statement, or None where the same stands; a lane's time never runs backwards."""
    said_at = made.said_at
    ended_at = region.ended_at(made.key, made.marking) if before is None else None
    if ended_at is not None:
        said_at = max(said_at, ended_at + _STEP)
    if before is not None:
        if before.body == made.body and before.place == made.place:
            return None
        said_at = max(said_at, before.item.said_at + _STEP)
    return Record(
        collection=PLACES.id,
        key=made.key,
        said_at=said_at,
        body=made.body,
        source=SOURCE,
        place=made.place,
        rank=rank_of(made.marking),
        origin=Origin(inputs=made.inputs),
    )


def _over(standing: Standing) -> Record:
    return Record(
        collection=PLACES.id,
        key=standing.item.key,
        said_at=standing.item.said_at + _STEP,
        body=standing.body,
        source=SOURCE,
        place=standing.place,
        rank=rank_of(standing.item.marking),
        origin=Origin(inputs=(standing.item.id,)),
        retracts=True,
    )
