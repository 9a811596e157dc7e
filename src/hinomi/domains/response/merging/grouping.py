"""Which statements are about one place: the probable pairs first, what people said before all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import msgspec

from hinomi.domains.response.merging.blocking import comparable, pairs, parts
from hinomi.domains.response.merging.things import Thing
from hinomi.domains.response.merging.weighing import Bits, Weighed, unchanged, weigh

SAME = 0.95
"""From here on two statements are one place without a question."""
ASK = 0.5
"""From here on a person is asked."""

Pair = tuple[str, str]
Verdict = Literal["same", "different"]


class Question(msgspec.Struct, frozen=True):
    """Two statements that may be one thing: a person is to say."""

    one: str
    other: str
    weighed: Weighed


class Groups(msgspec.Struct, frozen=True):
    """The things that are one place each (singles as well), and what is to be asked."""

    groups: list[list[Thing]]
    questions: list[Question]


def pair_of(one: str, other: str) -> Pair:
    """Return two refs as the name of their pair."""
    return (one, other) if one < other else (other, one)


def weigh_pairs(
    things: Sequence[Thing], least: float = ASK, *, more: Bits = unchanged
) -> dict[Pair, Weighed]:
    """Return the pairs that are at least so probable."""
    found = {}
    for i, j in pairs(things):
        weighed = weigh(things[i], things[j], more=more)
        if weighed.probability >= least:
            found[pair_of(things[i].ref, things[j].ref)] = weighed
    return found


def group(
    things: Sequence[Thing],
    weighed: Mapping[Pair, Weighed],
    said: Mapping[Pair, Verdict],
    *,
    same: float = SAME,
    more: Bits = unchanged,
) -> Groups:
    """Return which things are one place.

    What a person joined is joined; what a person parted stays apart, also through a third.
    Then pairs are joined in the order of their probability, if no pair between the two sides was
    parted, none is improbable, and no source would list one place twice.

    Args:
        things: the statements of one view.
        weighed: pairs that were compared and are at least to be asked; what is missing is not one.
        said: what people settled.
        same: the probability from which on pairs are joined.
        more: what the town adds for a kind of thing.
    """
    groups = _Groups(things, weighed, said, more)
    for (one, other), verdict in sorted(said.items()):
        if verdict == "same":
            groups.join(one, other, forced=True)
    unclear = _ambiguous(things, weighed, same)
    order = sorted(weighed, key=lambda pair: (-weighed[pair].probability, pair))
    for pair in order:
        if weighed[pair].probability >= same and pair not in unclear:
            groups.join(*pair)
    return Groups(groups.members(), [q for pair in order if (q := groups.question(pair))])


def _ambiguous(
    things: Sequence[Thing], weighed: Mapping[Pair, Weighed], same: float
) -> frozenset[Pair]:
    """Return the pairs of a thing without a position that has several equals in one list."""
    by_ref = {thing.ref: thing for thing in things}
    found: dict[tuple[str, str, str], list[Pair]] = defaultdict(list)
    for pair, evidence in weighed.items():
        if evidence.probability < same or pair[0] not in by_ref or pair[1] not in by_ref:
            continue
        for mine, theirs in (pair, pair[::-1]):
            if by_ref[mine].at is None:
                other = by_ref[theirs]
                found[mine, other.collection, other.source].append(pair)
    return frozenset(pair for several in found.values() if len(several) > 1 for pair in several)


class _Groups:
    """Groups that grow by joins."""

    def __init__(
        self,
        things: Sequence[Thing],
        weighed: Mapping[Pair, Weighed],
        said: Mapping[Pair, Verdict],
        more: Bits,
    ) -> None:
        self._more = more
        self._things = {thing.ref: thing for thing in things}
        self._weighed, self._said = weighed, said
        self._of = {ref: ref for ref in self._things}
        self._members = {ref: [ref] for ref in self._things}

    def join(self, one: str, other: str, *, forced: bool = False) -> None:
        if one not in self._of or other not in self._of:
            return
        a, b = self._of[one], self._of[other]
        if a == b or self._parted(a, b) or not (forced or self._possible(a, b)):
            return
        if len(self._members[a]) < len(self._members[b]):
            a, b = b, a
        for ref in self._members.pop(b):
            self._of[ref] = a
            self._members[a].append(ref)

    def question(self, pair: Pair) -> Question | None:
        """Return the question that a pair leaves: apart, and nobody said that it must be."""
        one, other = pair
        if one not in self._of or other not in self._of:
            return None
        a, b = self._of[one], self._of[other]
        if a == b or self._parted(a, b) or not self._lists_apart(a, b):
            return None
        if self._things[one].is_photo and self._things[other].is_photo:
            return None  # Whether two photos show one thing is worth nobody's time.
        return Question(one, other, self._weighed[pair])

    def members(self) -> list[list[Thing]]:
        found = ([self._things[ref] for ref in sorted(refs)] for refs in self._members.values())
        return sorted(found, key=lambda members: members[0].ref)

    def _cross(self, a: str, b: str) -> Iterable[Pair]:
        return (pair_of(x, y) for x in self._members[a] for y in self._members[b])

    def _parted(self, a: str, b: str) -> bool:
        return any(self._said.get(pair) == "different" for pair in self._cross(a, b))

    def _possible(self, a: str, b: str) -> bool:
        """Tell whether every pair between the two sides may be one thing."""
        for pair in self._cross(a, b):
            mine, theirs = (self._things[ref] for ref in pair)
            if parts(mine, theirs):
                continue
            if not comparable(mine, theirs):
                return False
            known = self._weighed.get(pair)
            likely = known if known is not None else weigh(mine, theirs, more=self._more)
            if likely.probability < ASK and self._said.get(pair) != "same":
                return False
        return True

    def _lists_apart(self, a: str, b: str) -> bool:
        """Tell whether no source would list one place twice if the two were one."""
        pairs_ = ((self._things[x], self._things[y]) for x, y in self._cross(a, b))
        return all(parts(one, other) or comparable(one, other) for one, other in pairs_)
