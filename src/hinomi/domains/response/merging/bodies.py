"""A merged place as it is stated: its values, its statements, what is open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from hinomi.domains.response.collections.merging import Doubt, Place, Settlement, Statement
from hinomi.domains.response.merging.grouping import ASK, Groups, Pair, Question, pair_of
from hinomi.domains.response.merging.showing import Rules, view_of
from hinomi.domains.response.merging.things import Thing
from hinomi.domains.response.merging.weighing import Weighed, distance_m
from hinomi.kernel.geometry import Geometry
from hinomi.kernel.marking import OPEN, Marking
from hinomi.kernel.records import Stored

MAX_DOUBTS = 5


class Made(msgspec.Struct, frozen=True):
    """A place in one circle, before it is a record."""

    key: str
    marking: Marking
    body: Place
    place: Geometry | None
    inputs: tuple[str, ...]
    said_at: datetime


def place_of(  # noqa: PLR0913  (what a place is made of)
    key: str,
    members: list[Thing],
    groups: Groups,
    weighed: dict[Pair, Weighed],
    settled: Sequence[tuple[Stored, Settlement]],
    rules: Rules,
    things: Sequence[Thing],
) -> Made | None:
    """Return the place, or None where one source alone speaks of it and nothing is open."""
    refs = {t.ref for t in members}
    by_ref = {t.ref: t for t in things}
    doubts = [_doubt(q, refs, by_ref) for q in groups.questions if refs & {q.one, q.other}]
    mine = [(i, b) for i, b in settled if refs & set(b.refs)]
    if len(members) < 2 and not doubts and not mine:
        return None
    doubts = doubts[:MAX_DOUBTS]
    values = [(i, b) for i, b in mine if b.decision == "value"]
    view = view_of(members, rules, values)
    joins = {pair_of(*b.refs): i.id for i, b in mine if b.decision == "same"}
    inputs = [t.record for t in members]
    inputs += [by_ref[d.other].record for d in doubts]
    inputs += [i.id for i, _ in mine]
    inputs += [i.id for i, _ in rules.set]
    others = [by_ref[r] for _, b in mine for r in b.refs if r in by_ref and r not in refs]
    inputs += [t.record for t in others]
    times = [t.said_at for t in members] + [i.said_at for i, _ in mine]
    first = next((t for t in members if not t.is_photo), members[0])
    shown = view.values
    body = Place(
        kind=first.kind,
        stands="stands",
        name=str(shown.get("name") or first.title),
        municipality_code=_first(members, "municipality_code"),
        municipality=_first(members, "municipality"),
        state=str(shown.get("state") or ""),
        people=_count(shown.get("people")),
        capacity=_count(shown.get("capacity")),
        values=shown,
        provenance=view.provenance,
        sources=tuple(sorted({t.source for t in members})),
        statements=tuple(_statement(t, members, weighed, joins) for t in members),
        disagreements=view.disagreements,
        doubts=tuple(doubts),
        open=len(view.disagreements) + len(doubts),
        settlements=tuple(i.id for i, _ in mine),
    )
    return Made(key, OPEN, body, view.place, tuple(dict.fromkeys(inputs)), max(times))


def single(key: str, thing: Thing, rules: Rules) -> Made:
    """Return a place of which one statement is left for this circle."""
    view = view_of([thing], rules)
    body = Place(
        kind=thing.kind,
        stands="stands",
        name=thing.title,
        municipality_code=_first([thing], "municipality_code"),
        municipality=_first([thing], "municipality"),
        values=view.values,
        provenance=view.provenance,
        sources=(thing.source,),
        statements=(_statement(thing, [thing], {}, {}),),
        open=0,
    )
    return Made(key, OPEN, body, view.place, (thing.record,), thing.said_at)


def joined(
    heir: Made, marking: Marking, groups: Groups, keys: Sequence[str], whole: tuple[str, ...]
) -> Made:
    """Return a place of a wider circle as part of another one, for this circle."""
    refs = {s.ref for s in heir.body.statements}
    shared = [len(refs & {t.ref for t in members}) for members in groups.groups]
    into = keys[shared.index(max(shared))]
    body = Place(kind=heir.body.kind, stands="joined", joined_to=into, name=heir.body.name, open=0)
    return Made(heir.key, marking, body, heir.place, whole, heir.said_at)


def _doubt(question: Question, refs: set[str], by_ref: dict[str, Thing]) -> Doubt:
    mine, other = question.one, question.other
    if mine not in refs:
        mine, other = other, mine
    apart = distance_m(by_ref[mine], by_ref[other])
    return Doubt(
        ref=mine,
        other=other,
        other_name=by_ref[other].title,
        other_source=by_ref[other].source,
        probability=question.weighed.probability,
        distance_m=round(apart, 1) if apart is not None else None,
        evidence=_why(question.weighed),
    )


def _statement(
    thing: Thing,
    members: Sequence[Thing],
    weighed: dict[Pair, Weighed],
    joins: dict[Pair, str],
) -> Statement:
    pairs = [pair_of(thing.ref, t.ref) for t in members if t is not thing]
    best = max(
        (weighed[p] for p in pairs if p in weighed), key=lambda w: w.probability, default=None
    )
    return Statement(
        ref=thing.ref,
        collection=thing.collection,
        source=thing.source,
        key=thing.key,
        record=thing.record,
        said_at=thing.said_at,
        values=thing.values(),
        probability=best.probability if best and best.probability >= ASK else None,
        evidence=_why(best) if best else "",
        joined_by=next((joins[p] for p in pairs if p in joins), ""),
    )


def _why(weighed: Weighed) -> str:
    return ", ".join(f"{e.what} {e.level}" for e in weighed.evidence if e.level != "missing")


def _first(things: Sequence[Thing], name: str) -> str:
    return next((str(t.said[name]) for t in things if t.said.get(name)), "")


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
