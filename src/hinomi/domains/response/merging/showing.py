"""Which value is shown of a place, and where its sources disagree.

A value weighs trust x 0.5^(age / half-life). Which one weighs most depends on the differences of
their ages alone, so that the choice changes by a new statement, never by the clock.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

import msgspec

from hinomi.domains.response.collections.merging import (
    Disagreement,
    Opinion,
    Settlement,
    Shown,
    Trust,
)
from hinomi.domains.response.merging.things import Thing
from hinomi.domains.response.merging.weighing import metres
from hinomi.kernel.geometry import Geometry
from hinomi.kernel.records import Stored
from hinomi.vocabulary.naming import (
    Address,
    Name,
    address_likeness,
    address_of,
    likeness,
    name_of,
    spelled,
)

DAY_H, YEAR_H = 24.0, 8766.0

TRUSTED: tuple[tuple[str, str, float], ...] = (
    ("gsi", "*", 0.8),
    ("qzss", "*", 0.7),
    ("*satellite*", "*", 0.5),
    ("*sns*", "*", 0.3),
    ("*resident*", "*", 0.3),
    ("*-prefecture", "*", 0.8),
    ("prefecture-*", "*", 0.8),
    ("*-city", "*", 0.9),
    ("*-town", "*", 0.9),
    ("*-village", "*", 0.9),
    ("*-ward", "*", 0.9),
    ("municipality-*", "*", 0.9),
    ("*", "*", 0.6),
)
"""(source, field, trust): the first that fits. Ours: a municipality knows its own shelters best
(災害対策基本法49条の4, 49条の7: it designates them); GSI restates what municipalities
sent it. A town changes them with the act response.set-trust."""
HALF_LIFE_H: dict[str, float] = {
    "people": 3.0,
    "state": 12.0,
    "cause": 2 * DAY_H,
    "detail": DAY_H,
    "until": DAY_H,
    "hours": DAY_H,
    "place": 5 * YEAR_H,
    "*": 2 * YEAR_H,
}
"""[h] Ours: head-counts are taken several times a day; lists are renewed in years."""
_NEAR_M = 100.0
_NEAR_SHARE = 0.1
_FRESH = 2.0
"""A value older than the newest one by more half-lives than this is out of date, not in dispute."""
_TEXTS = frozenset(
    {"remarks", "detail", "measures", "name_kana", "name_en", "district", "serves", "phone",
     "accepts", "hours", "until", "also_site", "also_shelter", "outline", "title", "text",
     "taken_at"}
)  # fmt: skip
"""Fields that sources word freely, or that speak of one list only: shown, never in dispute."""


class Rules(msgspec.Struct, frozen=True):
    """What a town set, the newest first, before the defaults."""

    set: tuple[tuple[Stored, Trust], ...] = ()

    def trust(self, source: str, field: str) -> float:
        """Return how far a source is trusted for a field."""
        for _, rule in self.set:
            if rule.trust is not None and _fits(rule, source, field):
                return rule.trust
        return next(t for s, f, t in TRUSTED if fnmatchcase(source, s) and f in {field, "*"})

    def half_life_h(self, source: str, field: str) -> float:
        """Return after how long a field's value weighs half."""
        for _, rule in self.set:
            if rule.half_life_h is not None and _fits(rule, source, field):
                return rule.half_life_h
        return HALF_LIFE_H.get(field, HALF_LIFE_H["*"])

    def bits(self, kind: str) -> float:
        """Return what is added to log2 of the odds that statements of a kind are one thing."""
        for _, rule in self.set:
            if rule.bits is not None and rule.kind in {kind, "*"}:
                return rule.bits
        return 0.0


class View(msgspec.Struct, frozen=True, kw_only=True):
    """What is shown of a place."""

    values: dict[str, Any]
    provenance: dict[str, Shown]
    disagreements: tuple[Disagreement, ...]
    place: Geometry | None


def view_of(
    things: Sequence[Thing],
    rules: Rules,
    settled: Sequence[tuple[Stored, Settlement]] = (),
) -> View:
    """Return what is shown of one place: for each field the weightiest statement's value."""
    chosen = {s.field: (record, s) for record, s in settled if _stands(s, things)}
    stated = _stated(things)
    values: dict[str, Any] = {}
    provenance: dict[str, Shown] = {}
    disagreements: list[Disagreement] = []
    for field, opinions in stated.items():
        best = max(opinions, key=lambda o: (_weight(o[0], field, rules), o[0].ref))
        value, shown = best[1], _shown(best[0])
        others = _others(field, value, opinions)
        if field in chosen:
            record, decision = chosen[field]
            value = decision.value
            shown = Shown(
                source=record.source, record=record.id, said_at=record.said_at, settled=True
            )
        elif _disputed(field, best[0], others, rules):
            disagreements.append(_disagreement(field, value, opinions))
        if others:
            shown = msgspec.structs.replace(shown, beside=len({t.source for t, _ in others}))
        values[field] = value
        provenance[field] = shown
    place = values.pop("place", None)
    return View(
        values=values,
        provenance=provenance,
        disagreements=tuple(disagreements),
        place=place,
    )


def differ(field: str, one: Any, other: Any) -> bool:
    """Tell whether two values differ by more than spelling or rounding."""
    if one == other:
        return False
    if field == "place":
        return _apart(one, other)
    if field == "name":
        return _names_differ(name_of(str(one)), name_of(str(other)))
    if field == "address":
        return _addresses_differ(address_of(str(one)), address_of(str(other)))
    if isinstance(one, bool) or isinstance(other, bool):
        return True
    if isinstance(one, int | float) and isinstance(other, int | float):
        return abs(one - other) > _NEAR_SHARE * max(abs(one), abs(other))
    return spelled(str(one)) != spelled(str(other))


def _names_differ(one: Name, other: Name) -> bool:
    """Tell whether two names differ: one that says more (七尾支社) does not contradict."""
    inside = one.core in other.core or other.core in one.core
    alike = likeness(one, other)
    return alike == "conflict" or (alike not in {"same", "core", "near"} and not inside)


def _addresses_differ(one: Address, other: Address) -> bool:
    """Tell whether two addresses differ: one without a number does not contradict."""
    alike = address_likeness(one, other)
    return alike == "different" or (alike == "town" and bool(one.numbers and other.numbers))


def _stated(things: Sequence[Thing]) -> dict[str, list[tuple[Thing, Any]]]:
    found: dict[str, list[tuple[Thing, Any]]] = {}
    only_photos = all(thing.is_photo for thing in things)
    for thing in things:
        for field, value in thing.values().items():
            found.setdefault(field, []).append((thing, value))
        # Where the photographer stood is not where the thing is.
        if thing.at is not None and (only_photos or not thing.is_photo):
            found.setdefault("place", []).append((thing, thing.place))
    return found


def _weight(thing: Thing, field: str, rules: Rules) -> float:
    """Return log2 of trust x 0.5^(age / half-life), up to a constant."""
    trust = max(1e-6, rules.trust(thing.voice, field))
    half_life_s = rules.half_life_h(thing.voice, field) * 3600
    return math.log2(trust) + thing.said_at.timestamp() / half_life_s


def _others(
    field: str, value: Any, opinions: Sequence[tuple[Thing, Any]]
) -> list[tuple[Thing, Any]]:
    return [(thing, said) for thing, said in opinions if differ(field, value, said)]


def _disputed(field: str, best: Thing, others: Sequence[tuple[Thing, Any]], rules: Rules) -> bool:
    """Tell whether another source's word is fresh enough to be a disagreement."""
    if field in _TEXTS:
        return False
    for thing, _ in others:
        # Two lists of one source (sites and shelters) have purposes of their own.
        if thing.source == best.source:
            continue
        age_h = (best.said_at - thing.said_at).total_seconds() / 3600
        if age_h <= _FRESH * rules.half_life_h(thing.voice, field):
            return True
    return False


def _disagreement(field: str, shown: Any, opinions: Sequence[tuple[Thing, Any]]) -> Disagreement:
    return Disagreement(
        field=field,
        shown=shown,
        values=tuple(
            Opinion(ref=thing.ref, source=thing.source, value=value, said_at=thing.said_at)
            for thing, value in opinions
        ),
    )


def _shown(thing: Thing) -> Shown:
    return Shown(source=thing.source, record=thing.record, said_at=thing.said_at)


def _stands(settlement: Settlement, things: Sequence[Thing]) -> bool:
    """Tell whether every source still says what was weighed, and none that was not has joined."""
    return said_of(settlement.field, things) == settlement.weighed


def said_of(field: str, things: Sequence[Thing]) -> dict[str, Any]:
    """Return what each statement says of a field."""
    return {thing.ref: value for thing, value in _stated(things).get(field, ())}


def _apart(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Tell whether two positions differ; lines and areas are drawn by hand and always do."""
    if one["type"] != "Point" or other["type"] != "Point":
        return False
    (x, y), (u, v) = one["coordinates"][:2], other["coordinates"][:2]
    return metres((x, y), (u, v)) > _NEAR_M


def _fits(rule: Trust, source: str, field: str) -> bool:
    return fnmatchcase(source, rule.pattern) and rule.field in {field, "*"}
