"""The model: every open case is planned anew when something that it rests on changes."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from hinomi.domains.response.collections.facilities import ROADS
from hinomi.domains.response.collections.orders import ORDERS
from hinomi.domains.response.collections.shelters import SHELTERS, SITES
from hinomi.domains.response.evacuation.collections import (
    CASES,
    CONFIRMATIONS,
    EDITS,
    LIMITS,
    PLANS,
    POPULATION,
    ROAD_LINES,
    SHELTER_PLANS,
    SOURCE,
    Case,
    Plan,
    ShelterPlan,
)
from hinomi.domains.response.evacuation.facts import INUNDATION, LEVELS, RAIN, facts_of
from hinomi.domains.response.respond.words import body_of
from hinomi.kernel.errors import InputError, Problem, Text
from hinomi.kernel.filters import Compare, Property, Value
from hinomi.kernel.ports import Model, Parsed
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Origin, Record, Stored

WATCHED = (
    CASES.id, EDITS.id, CONFIRMATIONS.id, POPULATION.id, ROAD_LINES.id, ROADS.id, ORDERS.id,
    SHELTERS.id, SITES.id, LEVELS, INUNDATION, RAIN,
)  # fmt: skip
"""A change in these makes a new plan; its own records are read only to see what has changed."""


def predict_plans(reader: Reader, keys: dict[str, Sequence[str]]) -> Parsed:
    """Return the plans of all open cases, as far as they differ from what stands."""
    parsed = Parsed(kind=PLANS.id)
    if keys and not any(keys.get(name) for name in WATCHED):
        return parsed
    standing = list(reader.every(CASES.id))
    for item in standing:
        if body_of(item, Case).state == "closed":
            parsed.records += _withdrawn(reader, item, frozenset())
            continue
        try:
            made = _planned(reader, item)
        except ModuleNotFoundError as missing:
            parsed.problems.append(_problem("evacuation.extra", item.key, str(missing.name)))
        except InputError as error:
            parsed.problems.append(
                Problem("evacuation.input", item.key, error.text, "alarm", expected="see the text")
            )
        else:
            kept = frozenset((r.collection, r.key) for r in made)
            parsed.records += _news(reader, made)
            parsed.records += _withdrawn(reader, item, kept)
    return parsed


def _planned(reader: Reader, case: Stored) -> list[Record]:
    """Return the plan's records; what computes them is loaded only by those who plan."""
    from hinomi.domains.response.evacuation.planning import reckon  # noqa: PLC0415 - heavy
    from hinomi.domains.response.evacuation.writing import records_of  # noqa: PLC0415

    facts = facts_of(reader, case)
    return records_of(facts, reckon(facts))


def _news(reader: Reader, made: list[Record]) -> list[Record]:
    """Return the records whose content is not what stands: what changes nothing is silent."""
    news = []
    for record in made:
        before = next(iter(reader.find(record.collection, keys=(record.key,), limit=1).items), None)
        schema = Plan if record.collection == PLANS.id else ShelterPlan
        if before is None:
            news.append(record)
        elif body_of(before, schema) != record.body:
            # Once an edit is taken back, what is left was said earlier than the plan that stands.
            said_at = max(record.said_at, before.said_at)
            news.append(msgspec.structs.replace(record, said_at=said_at))
    return news


def _withdrawn(reader: Reader, case: Stored, kept: frozenset[tuple[str, str]]) -> list[Record]:
    """Return what takes back a case's records that are no longer part of its plan."""
    mine = Compare("=", Property("case"), Value(case.key))
    old: list[tuple[str, type[Plan] | type[ShelterPlan], Stored]] = [
        (SHELTER_PLANS.id, ShelterPlan, i) for i in reader.every(SHELTER_PLANS.id, filter=mine)
    ]
    old += [(PLANS.id, Plan, i) for i in reader.find(PLANS.id, keys=(case.key,), limit=1).items]
    return [
        Record(
            collection=name, key=item.key, said_at=max(item.said_at, case.said_at),
            body=body_of(item, schema), source=SOURCE, when=item.when, retracts=True,
            origin=Origin(inputs=(case.id, item.id)),
        )
        for name, schema, item in old
        if (name, item.key) not in kept and item.source == SOURCE
    ]  # fmt: skip


def _problem(code: str, path: str, found: str) -> Problem:
    text = Text(
        "避難計画の計算部品が入っていません。pip install 'hinomi[models]'",
        "What computes evacuation plans is not installed: pip install 'hinomi[models]'",
    )
    return Problem(code, path, text, "alarm", found, "numba, scipy")


EVACUATION_PLANS = Model(
    id="response.evacuation-plans",
    title=Text("避難計画(独自)", "Evacuation plans (our own)"),
    version="1",
    needs=(*WATCHED, PLANS.id, SHELTER_PLANS.id),
    gives=(PLANS.id, SHELTER_PLANS.id),
    predict=predict_plans,
    reference="Ahuja, Magnanti & Orlin 1993, Network Flows; 内閣府 避難所運営等避難生活支援のための"
    "ガイドライン; Sphere Handbook 2018; docs/reference/evacuation.md",
    limits=LIMITS,
)
