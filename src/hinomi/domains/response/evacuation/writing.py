"""A plan's numbers as records: one for the whole, one for each shelter."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

import msgspec
import numpy as np

from hinomi import __version__
from hinomi.domains.response.evacuation.choosing import Candidate, jst
from hinomi.domains.response.evacuation.collections import (
    LIMITS,
    PLANS,
    SHELTER_PLANS,
    SOURCE,
    Good,
    Hour,
    Origin,
    Plan,
    PlanState,
    Post,
    ShelterPlan,
)
from hinomi.domains.response.evacuation.facts import Facts
from hinomi.domains.response.evacuation.planning import Reckoned
from hinomi.kernel.errors import Text
from hinomi.kernel.records import Interval, Record
from hinomi.kernel.records import Origin as RecordOrigin
from hinomi.science.evacuation import intake as i

MOST_ORIGINS = 40
UNCERTAINTY = Text(
    "人数の幅は過去の水害の調査(避難した割合・避難所を選んだ割合・出発の早さ)の幅から計算した"
    "10〜90パーセンタイルです。浸水・雨の予測そのものの幅は含みません。",
    "The range is the 10th to 90th percentile by the spread of surveys after past floods (who"
    " leaves, who goes to shelters, how soon). That of the water and rain forecasts is not in it.",
)


def records_of(facts: Facts, found: Reckoned) -> list[Record]:
    """Return the plan's record and its shelters', as drafts or as confirmed."""
    shelters = [_shelter(facts, found, n) for n in range(len(found.places))]
    plan = _plan(facts, found, [body for body, _ in shelters])
    bare = [plan, *(body for body, _ in shelters)]
    # What it is worked out to is what is confirmed; by whose words it stands is not part of it.
    mark = blake2b(msgspec.json.encode(bare, order="deterministic"), digest_size=12).hexdigest()
    state: PlanState = "draft"
    agreed = facts.confirmation
    if agreed is not None:
        state = "confirmed" if agreed.fingerprint == mark else "revised"
    changes = _changes(facts, [body for body, _ in shelters]) if state == "revised" else []
    plan = msgspec.structs.replace(
        plan, fingerprint=mark, state=state,
        changes=tuple(c.ja for c in changes), changes_en=tuple(c.en for c in changes),
        confirmed_by=agreed.confirmed_by if agreed else "",
        confirmed_at=agreed.confirmed_at if agreed else None,
    )  # fmt: skip
    rows: list[tuple[str, str, Any, Any]] = [(PLANS.id, facts.key, plan, None)]
    for body, place in shelters:
        said = msgspec.structs.replace(body, state=state)
        rows.append((SHELTER_PLANS.id, f"{facts.key}/{body.shelter}", said, place))
    return [
        Record(
            collection=collection, key=key, said_at=facts.said_at, body=body, source=SOURCE,
            when=Interval(facts.case.starts_at, None), place=place,
            origin=RecordOrigin(inputs=facts.inputs),
        )
        for collection, key, body, place in rows
    ]  # fmt: skip


def _shelter(facts: Facts, found: Reckoned, n: int) -> tuple[ShelterPlan, Any]:
    one: Candidate = found.places[n]
    case = facts.case
    why = one.excluded or one.remark
    common: dict[str, Any] = {
        "case": facts.key, "case_title": case.title, "shelter": one.key, "name": one.name,
        "municipality_code": case.municipality_code, "state": "draft", "edits": one.edits,
        "capacity": one.capacity, "present": one.present,
        "why": why.ja if why else "", "why_en": why.en if why else "",
    }  # fmt: skip
    if one.excluded is not None and not one.present:
        return ShelterPlan(**common, use="excluded"), one.place
    if not found.opened[n] and not one.present:
        return ShelterPlan(**common, use="reserve"), one.place
    people = [int(value) for value in found.by_hour[n]]
    low, high = _spread(found)
    needs = float(found.needs_share[n])
    needed, opens_at, prepare_at = _needed(facts, found, n, people, needs)
    hours = tuple(
        Hour(
            at=case.starts_at + timedelta(hours=h + 1), people=count,
            low=math.floor(one.present + (count - one.present) * low[h]),
            high=math.ceil(one.present + (count - one.present) * high[h]),
            staff=_on_duty(needed, case.starts_at + timedelta(hours=h), prepare_at, one),
        )
        for h, count in enumerate(people)
    )  # fmt: skip
    final = people[-1]
    full = next((hour.at for hour in hours if one.capacity and hour.people >= one.capacity), None)
    return ShelterPlan(
        **common, use="open", prepare_at=prepare_at, opens_at=opens_at, full_at=full,
        first_arrival_at=_after(case.starts_at, float(found.first_s[n])),
        people=final, people_low=hours[-1].low, people_high=hours[-1].high,
        needs_time=round(needs * final),
        fill=round(final / one.capacity, 3) if one.capacity else None,
        minutes=_minutes(found, n), hours=hours, staff=_posts(needed),
        staff_most=max((hour.staff for hour in hours), default=0), goods=_goods(needed.goods),
        origins=_origins(facts, found, n),
    ), one.place  # fmt: skip


def _spread(found: Reckoned) -> tuple[list[float], list[float]]:
    """Return how far the town's total may be from what is planned, hour by hour."""
    demand = found.demand
    planned = max(found.planned, 1)
    final = max(float(demand.total[-1]), 1e-9)
    low, high = [], []
    for less, middle, more in zip(demand.total_low, demand.total, demand.total_high, strict=True):
        # In the plan's curve this hour's share of the end, scaled to what is planned for.
        here = max(float(middle) / final * planned, 1e-9)
        low.append(min(float(less) / here, 1.0))
        high.append(max(float(more) / here, 1.0))
    return low, high


def _after(start: datetime, seconds: float) -> datetime | None:
    return start + timedelta(seconds=round(seconds)) if math.isfinite(seconds) else None


def _needed(
    facts: Facts, found: Reckoned, n: int, people: list[int], needs: float
) -> tuple[i.Intake, datetime | None, datetime | None]:
    """Return staff and goods, when the doors open and when staff are to be there."""
    one, case = found.places[n], facts.case
    opens_at = one.edit.opens_at if one.edit is not None else None
    first = _after(case.starts_at, float(found.first_s[n]))
    if one.is_open:
        opens_at = case.starts_at
    elif opens_at is None:
        opens_at = first or case.starts_at
    prepare_at = None if one.is_open else opens_at - timedelta(hours=i.SET_UP_H)
    inside = np.array(people, float)
    begun = int(np.flatnonzero(inside > 0)[0]) if (inside > 0).any() else 0
    asked = i.intake(
        inside[begun:], np.rint(needs * inside[begun:]), days=case.days,
        set_up_h=0 if one.is_open else 1,
    )  # fmt: skip
    return asked, opens_at, prepare_at


def _on_duty(needed: i.Intake, at: datetime, begins: datetime | None, one: Candidate) -> int:
    """Return how many work in the hour from ``at`` on."""
    counts: list[int] = [sum(row) for row in zip(*needed.staff.values(), strict=True)]
    hour = 0 if begins is None else math.floor((at - begins).total_seconds() / 3600)
    if not counts or hour < 0:
        return 0
    least = one.edit.staff_at_least if one.edit is not None else None
    return max(counts[min(hour, len(counts) - 1)], least or 0)


def _posts(needed: i.Intake) -> tuple[Post, ...]:
    return tuple(
        Post(
            role=role.id, name=role.name.ja, name_en=role.name.en, most=max(needed.staff[role.id]),
            shifts=needed.shifts[role.id], basis=role.source, certainty=role.certainty,
        )
        for role in i.ROLES
        if max(needed.staff[role.id])
    )  # fmt: skip


def _goods(quantities: dict[str, float]) -> tuple[Good, ...]:
    return tuple(
        Good(
            good=need.id, name=need.name.ja, name_en=need.name.en, quantity=quantities[need.id],
            unit=need.unit.ja, basis=need.source, certainty=need.certainty,
        )
        for need in i.NEEDS
        if quantities.get(need.id)
    )  # fmt: skip


def _minutes(found: Reckoned, n: int) -> float | None:
    people = found.given[:, :, n]
    if not people.sum():
        return None
    took = (people[people > 0] * found.seconds[:, :, n][people > 0]).sum() / people.sum() / 60
    return round(float(took), 1)


def _origins(facts: Facts, found: Reckoned, n: int) -> tuple[Origin, ...]:
    people = found.given[:, :, n].sum(1)
    order = sorted((int(b) for b in people.nonzero()[0]), key=lambda b: -int(people[b]))
    return tuple(
        Origin(
            block=facts.blocks[b][1].name, people=int(people[b]),
            minutes=round(float(min(found.seconds[b, k, n] for k in (0, 1)
                                    if found.given[b, k, n])) / 60, 1),
        )
        for b in order[:MOST_ORIGINS]
    )  # fmt: skip


def _plan(facts: Facts, found: Reckoned, shelters: list[ShelterPlan]) -> Plan:
    case, demand = facts.case, found.demand
    opened = [s for s in shelters if s.use == "open"]
    totals: dict[str, float] = {}
    for shelter in opened:
        for good in shelter.goods:
            totals[good.good] = totals.get(good.good, 0.0) + good.quantity
    placed = found.given.sum()
    minutes = None
    if placed:
        went = found.given > 0
        took = (found.given[went] * found.seconds[went]).sum() / placed / 60
        minutes = round(float(took), 1)
    staff = [sum(s.hours[h].staff for s in opened) for h in range(case.hours)]
    notes = _notes(facts, found)
    return Plan(
        title=case.title, municipality_code=case.municipality_code,
        municipality=case.municipality, hazard=case.hazard, state="draft",
        starts_at=case.starts_at, hours=case.hours, people=round(float(demand.total[-1])),
        people_low=round(float(demand.total_low[-1])),
        people_high=round(float(demand.total_high[-1])), planned=found.planned,
        unplaced=found.unplaced,
        by_car=found.by_car, in_water=found.in_water, in_rain=found.in_rain,
        not_arrived=found.not_arrived, open_shelters=len(opened),
        staff_most=max(staff, default=0), minutes=minutes, cost_s=found.cost_s,
        bound_s=found.bound_s, all_open_s=found.all_open_s, goods=_goods(totals),
        slow_roads=tuple(found.slow_roads), notes=tuple(n.ja for n in notes),
        notes_en=tuple(n.en for n in notes), edits=len(facts.edits), fingerprint="",
        based_on=_based_on(facts), parameters=_parameters(facts), code_version=__version__,
        uncertainty=UNCERTAINTY.ja, uncertainty_en=UNCERTAINTY.en, limits=LIMITS.ja,
        limits_en=LIMITS.en,
    )  # fmt: skip


def _based_on(facts: Facts) -> str:
    return (
        f"blocks={len(facts.blocks)} road_lines={len(facts.lines)} closures={len(facts.closures)}"
        f" orders={len(facts.orders)} level={facts.told_level} water_areas={len(facts.water)}"
        f" rain={'yes' if facts.rain else 'no'} shelters={len(facts.shelters)}"
        f" sites={len(facts.sites)} edits={len(facts.edits)}"
    )


def _parameters(facts: Facts) -> str:
    case = facts.case
    return (
        f"aim={case.aim} assume_level={case.assume_level} least_people={case.least_people}"
        f" longest_min={case.longest_min:g} days={case.days:g}"
    )


def _notes(facts: Facts, found: Reckoned) -> list[Text]:
    """Return what an officer must know of how the plan came about."""
    said = (
        (not facts.blocks, Text("人口が取り込まれていません。", "No population is imported.")),
        (facts.placeless, Text(f"位置のない{facts.placeless}区画を除いています。",
                               f"{facts.placeless} blocks without a place are left out.")),
        (facts.broken_lines, Text(f"頂点が1つの道路{facts.broken_lines}本を除いています。",
                                  f"{facts.broken_lines} roads of one vertex are left out.")),
        (not found.has_roads, Text("道路網がないため、直線距離の1.3倍で計算しています。",
                                   "No road network: straight lines times 1.3.")),
        (found.closed, Text(f"{found.closed}本の道路を通れないものとしています。",
                            f"{found.closed} roads count as closed.")),
        (found.off_road, Text(f"{found.off_road}区画は道路網から1km以上離れています。",
                              f"{found.off_road} blocks lie over 1 km from the road network.")),
        (found.unplaced, Text(f"{found.unplaced}人分の避難先が足りません。",
                              f"There is no room for {found.unplaced} people.")),
        (found.not_arrived, Text(f"{found.not_arrived}人は期間内に着きません。",
                                 f"{found.not_arrived} people do not arrive within the hours.")),
        (found.in_water, Text(f"{found.in_water}人は浸水が始まってから出発する見込みです。",
                              f"{found.in_water} people leave after the water has come.")),
        (found.in_rain, Text(f"{found.in_rain}人の居住地で1時間以内に50mm/h以上の雨の予測。",
                             f"50 mm/h or more within the hour where {found.in_rain} live.")),
        (not facts.water_known, Text("浸水予測がなく、区域全体を危険としています。",
                                     "No inundation forecast: all blocks count as in danger.")),
        (found.unknown_blocks, Text(f"適用できない指定: {'、'.join(found.unknown_blocks)}",
                                    f"Edits that fit nothing: {', '.join(found.unknown_blocks)}")),
    )  # fmt: skip
    return [text for holds, text in said if holds]


def _changes(facts: Facts, shelters: list[ShelterPlan]) -> list[Text]:
    """Return how the plan differs from what was confirmed, in words."""
    agreed = facts.confirmation
    if agreed is None:
        return []
    now = {s.shelter: s for s in shelters if s.use == "open"}
    names = {s.shelter: s.name for s in shelters}
    found = [
        Text(f"開設を追加: {now[key].name}({now[key].people}人)", f"Opens too: {now[key].name}")
        for key in now
        if key not in agreed.shelters
    ]
    found += [
        Text(f"開設しない: {names.get(key, key)}", f"No longer opens: {names.get(key, key)}")
        for key in agreed.shelters
        if key not in now
    ]
    for key, before in agreed.shelters.items():
        if key in now and now[key].people != before:
            what = f"{now[key].name} {before}人→{now[key].people}人"
            found.append(Text(what, f"{now[key].name}: {before} to {now[key].people}"))
    at = jst(agreed.confirmed_at)
    return found or [Text(f"{at}の確認後に時刻などが変わりました。", f"Times differ from {at}'s.")]
