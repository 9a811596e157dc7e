"""From facts to a plan in numbers: demand, places, arrivals by the hour."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from hinomi.domains.response.evacuation.choosing import Candidate, candidates
from hinomi.domains.response.evacuation.facts import Facts
from hinomi.domains.response.evacuation.ground import HEAVY_RAIN_MM_H, Told
from hinomi.domains.response.evacuation.network import Network
from hinomi.kernel.errors import InputError
from hinomi.science.evacuation import allocation as a
from hinomi.science.evacuation import demand as d

NEEDS_SHARE = 0.29
"""Of a block's people who need time, where nobody says: 29 % of Japan are 65 or older (総務省統計局
人口推計 2023-10-01: 29.1 %; from memory). Not all of them need help: a plan on the safe side."""
PREFER_S = 600
"""[s] so much farther is a place that is fit for those who need help preferred: assumed."""
UNKNOWN_S = 600
"""[s] so much farther is a designated place preferred to one that nobody speaks of: assumed."""
PENALTY_S = 1_000_000
"""[s] for a person without a place: more than any way."""
MOST_PAIRS = 4_000_000
"""Blocks times shelters that are looked at: half a gigabyte."""
MOST_PEOPLE = 400_000
"""Travellers that are followed one by one; of more every k-th stands for k."""


class Reckoned(msgspec.Struct, kw_only=True):
    """A plan's numbers. Groups are block by block: who need no time, then the others."""

    places: list[Candidate]
    opened: Any
    """[bool, shape (places,)]"""
    demand: d.Demand
    planned: int
    given: Any
    """[persons, shape (blocks, 2, places)] who go where."""
    unplaced: int
    seconds: Any
    """[s, shape (blocks, 2, places)] how long the ways take."""
    by_hour: Any
    """[persons, shape (places, hours)] there at each hour's end, as planned."""
    needs_share: Any
    """[shape (places,)] of them who need help."""
    first_s: Any
    """[s, shape (places,)] the first arrival; infinite: nobody comes."""
    by_car: int
    not_arrived: int
    in_water: int
    in_rain: int
    slow_roads: list[str]
    cost_s: int
    bound_s: int
    all_open_s: int
    closed: int
    off_road: int
    unknown_blocks: list[str]
    """Edits that name a block or shelter that is not there."""
    has_roads: bool


def reckon(facts: Facts) -> Reckoned:
    """Return the plan's numbers.

    Raises:
        InputError: too many blocks and shelters at once; the roads or blocks make no sense.
    """
    told, places = Told(facts), candidates(facts)
    if len(facts.blocks) * len(places) > MOST_PAIRS:
        raise InputError(
            f"{len(facts.blocks):,} blocks and {len(places):,} shelters: at most {MOST_PAIRS:,}"
            " pairs. Import coarser blocks.",
            f"{len(facts.blocks):,}区画と{len(places):,}避難所は多すぎます。"
            "粗い区画で取り込んでください。",
        )
    demand, planned, wanted = _demand(facts, told, places)
    network = Network(facts, told.points, np.array([c.point for c in places]).reshape(-1, 2))
    seconds, counted, unknown = _times(facts, network, places)
    counts = np.array([c.room for c in places], np.int64)
    flat = counted.reshape(2 * len(facts.blocks), len(places))
    groups = wanted.reshape(-1)
    arcs = a.arcs_from(flat, nearest=30)
    first = a.allocate(groups, counts, arcs, PENALTY_S)
    if first.unplaced.sum():  # Room may be left farther away.
        arcs = a.arcs_from(flat)
        first = a.allocate(groups, counts, arcs, PENALTY_S)
    fixed = np.array([(c.is_open or c.wanted) and c.excluded is None for c in places], bool)
    opened, placed = a.needed(
        groups, counts, arcs, PENALTY_S, least=facts.case.least_people, fixed=fixed
    )
    given = _given(arcs, placed, len(facts.blocks), len(places))
    found = Reckoned(
        places=places, opened=opened, demand=demand, planned=planned, given=given,
        unplaced=int(placed.unplaced.sum()), seconds=seconds, by_hour=None, needs_share=None,
        first_s=None, by_car=0, not_arrived=0, in_water=0,
        in_rain=int(sum(b.people for (_, b, _), rain in zip(facts.blocks, told.rain, strict=True)
                        if rain >= HEAVY_RAIN_MM_H)),
        slow_roads=[], cost_s=placed.cost_s, bound_s=placed.bound, all_open_s=first.cost_s,
        closed=network.closed, off_road=network.off_road, unknown_blocks=unknown,
        has_roads=network.roads is not None,
    )  # fmt: skip
    _arrive(facts, told, network, found)
    return found


def _demand(facts: Facts, told: Told, places: list[Candidate]) -> tuple[d.Demand, int, Any]:
    """Return the demand, for how many room is planned, and how many of each group are to come."""
    people = np.array([block.people for _, block, _ in facts.blocks], float)
    needs = np.array([
        min(block.people, round(NEEDS_SHARE * block.people))
        if block.needs_time is None else min(block.needs_time, block.people)
        for _, block, _ in facts.blocks
    ], float)  # fmt: skip
    groups = d.Groups(
        people=np.column_stack([people - needs, needs]).reshape(-1),
        level=np.repeat(told.level, 2), told_min=np.repeat(told.told_min, 2),
        facing_water=np.repeat(told.wet, 2), needs_time=np.tile([False, True], people.size),
    )  # fmt: skip
    times = 60.0 * np.arange(1, facts.case.hours + 1)
    found = d.leave(groups, times)
    final = found.final_high if facts.case.aim == "high" else found.left[:, -1]
    planned = int(np.ceil(final.sum() - 1e-9))
    # Who is in a shelter already is part of those who were expected.
    present = sum(c.present for c in places if c.excluded is None)
    coming = max(planned - present, 0)
    share = final * (coming / final.sum()) if final.sum() > 0 else final
    return found, planned, _rounded(share).reshape(-1, 2)


def _rounded(values: NDArray[Any]) -> NDArray[Any]:
    """Return whole numbers that sum to the rounded sum (largest remainders)."""
    whole = np.floor(values + 1e-9).astype(np.int64)
    left = round(float(values.sum())) - int(whole.sum())
    if left > 0:
        whole[np.argsort(whole - values, kind="stable")[:left]] += 1
    return whole


def _times(facts: Facts, network: Network, places: list[Candidate]) -> tuple[Any, Any, list[str]]:
    """Return how long each way takes and what it counts, and edits that fit nothing.

    Times and counts: [s, shape (blocks, 2, places)]; infinite where nobody is to go.
    """
    quick = np.minimum(network.walk_s, network.drive_s)
    slow = np.minimum(network.slow_s, network.drive_s)
    takes = np.stack([quick, slow], axis=1)
    seconds = takes.copy()
    for n, one in enumerate(places):
        if one.excluded is not None:
            seconds[:, :, n] = np.inf
        if one.welfare:
            seconds[:, 0, n] = np.inf
        if one.accessible is False:
            seconds[:, 1, n] = np.inf
        elif one.accessible is None:
            seconds[:, 1, n] += PREFER_S
        if one.remark is not None:
            seconds[:, :, n] += UNKNOWN_S
    unknown = []
    names = {name: n for n, c in enumerate(places) for name in (c.key, c.name)}
    rows = {key: n for n, (key, _, _) in enumerate(facts.blocks)}
    for edit in facts.edits:
        if edit.about != "block":
            continue
        row, column = rows.get(edit.target), names.get(edit.shelter)
        if row is None or column is None or places[column].excluded is not None:
            unknown.append(f"{edit.name} → {edit.shelter}")
            continue
        # A person has said it: that way, and were it off every road.
        kept = takes[row, :, column]
        takes[row, :, column] = np.where(np.isfinite(kept), kept, network.longest_s)
        seconds[row] = np.inf
        seconds[row, :, column] = takes[row, :, column]
    return takes, seconds, unknown


def _given(arcs: a.Arcs, placed: a.Placed, blocks: int, places: int) -> Any:

    given = np.zeros((2 * blocks, places), np.int64)
    row = np.repeat(np.arange(2 * blocks), np.diff(arcs.start))
    given[row, arcs.shelter] = placed.people
    return given.reshape(blocks, 2, places)


def _arrive(facts: Facts, told: Told, network: Network, found: Reckoned) -> None:
    """Let everyone set out, and count who is where at each hour's end."""
    hours, count = facts.case.hours, len(found.places)
    present = np.array([c.present for c in found.places], np.int64)
    block, slow, shelter = np.nonzero(found.given)
    number = found.given[block, slow, shelter]
    each = max(1, -(-int(number.sum()) // MOST_PEOPLE))
    number = -(-number // each)
    who = np.repeat(np.arange(number.size), number)
    place_in = np.arange(who.size) - np.repeat(np.cumsum(number) - number, number)
    quantile = (place_in + 0.5) / number[who]
    sigma = d.SPREAD_MIN.likely
    begun = np.maximum(told.told_min[block[who]], 0.0)
    depart_s = 60 * (begun + sigma * np.sqrt(-2 * np.log1p(-quantile)))
    by_car = (place_in * 0.6180339887 % 1.0) < d.BY_CAR.likely
    # Each leaves at the quantile of the curve that is theirs; who goes by car is spread evenly.
    arrival, car = depart_s, by_car
    if who.size:
        arrival, car, found.slow_roads = network.arrivals(
            depart_s, block[who], shelter[who], slow[who] == 1, 3600.0 * hours, by_car=by_car
        )
    weight = (found.given[block, slow, shelter] / number)[who]
    there = np.isfinite(arrival) & (arrival <= 3600 * hours)
    hour = np.minimum(np.ceil(np.where(there, arrival, 0) / 3600).astype(int), hours) - 1
    came = np.zeros((count, hours))
    np.add.at(came, (shelter[who][there], np.maximum(hour[there], 0)), weight[there])
    found.by_hour = np.rint(present[:, None] + np.cumsum(came, axis=1)).astype(np.int64)
    found.first_s = np.full(count, np.inf)
    np.minimum.at(found.first_s, shelter[who], arrival)
    found.by_car = round(float(weight[car].sum()))
    found.not_arrived = round(float(weight[~there].sum()))
    wet = told.water_min[block[who]]
    found.in_water = round(float(weight[depart_s / 60 > wet].sum()))
    total, helped = found.given.sum((0, 1)), found.given[:, 1].sum(0)
    found.needs_share = np.where(total > 0, helped / np.maximum(total, 1), NEEDS_SHARE)
