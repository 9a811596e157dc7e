"""Crowds: people and cars on their ways, one by one, with queues and crowding (群集・車列).

Event by event: each traveller takes the quickest link towards its goal, slows down where the link
is crowded (Weidmann's relation), and leaves it no sooner than its end lets the next one through.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from hinomi.kernel.errors import InputError
from hinomi.science.evacuation.roads import Roads, Ways

Array = NDArray[Any]
FREE_M_S, SHAPE_PER_M2, JAM_PER_M2 = 1.34, 1.913, 5.4
"""Weidmann 1993, Transporttechnik der Fussgänger, ETH: v = 1.34 (1 - exp(-1.913 (1/k - 1/5.4)))
with k [persons/m2] (from memory; the flow that follows, 1.22 persons/(m s), is his)."""
WALKERS_PER_M_S = 1.22
"""[persons/(m s)] greatest flow through a metre of width, of the same relation (at 1.75 /m2)."""
CARS_PER_LANE_S = 0.5
"""[cars/s] 1,800 an hour and lane: Highway Capacity Manual's saturation flow is 1,900 (from
memory), a little less for rain."""
SLOWEST = 0.05
"""Of the free speed: in the densest crowd people still shuffle on."""


@dataclass(frozen=True, kw_only=True)
class Travellers:
    """Who sets out when, from where, to which goal, how fast. Each array: [shape (travellers,)]."""

    depart_s: Array
    """[s]"""
    node: Array
    goal: Array
    """Row of :attr:`Ways.goals`."""
    speed_m_s: Array
    """[m/s] on a free road."""


@dataclass(frozen=True, kw_only=True)
class Streets:
    """What the links let through. Each array: [shape (links,)]."""

    speed_m_s: Array
    """[m/s] at most (cars); infinite: as fast as each goes."""
    flow_per_s: Array
    """[1/s] travellers through the link's end."""
    area_m2: Array
    """[m2] for walkers; 0: crowding does not slow them down, they only queue."""


@dataclass(frozen=True, kw_only=True)
class Journeys:
    """How they fared."""

    arrival_s: Array
    """[s, shape (travellers,)] infinite: not there by the end, or no way leads there."""
    waited_s: Array
    """[s, shape (links,)] time lost in the queue at the link's end, of all together."""
    passed: Array
    """[shape (links,)] travellers that passed."""
    longest_queue: Array
    """[shape (links,)] how many stood in the queue at once, at most."""
    stranded: int
    """Travellers whom no open road leads to their goal."""


def flow_per_m_s(density_per_m2: Array) -> Array:
    """Return Weidmann's flow of walkers at a density.

    Example:
        >>> flow_per_m_s(np.array([1.75])).round(2)
        array([1.22])
    """
    k = np.asarray(density_per_m2, float)
    speed = FREE_M_S * -np.expm1(-SHAPE_PER_M2 * (1 / k - 1 / JAM_PER_M2))
    result: Array = k * np.maximum(speed, 0.0)
    return result


def travel(
    roads: Roads, ways: Ways, travellers: Travellers, streets: Streets, until_s: float
) -> Journeys:
    """Return when everyone arrives.

    Args:
        roads: the graph.
        ways: the quickest ways to the goals, closed links left out.
        travellers: who travels.
        streets: what the links let through.
        until_s: [s] the end.

    Raises:
        InputError: shapes that differ, speeds or flows that are not positive.

    Limits:
        Queues stand at a link's end and take no room (a point queue, Vickrey 1969): one that is
        longer than its link does not block the crossing behind it; :attr:`Journeys.longest_queue`
        shows where. Ways are chosen once, by free times: nobody turns round in a jam.
    """
    _check(roads, ways, travellers, streets)
    order = np.argsort(travellers.depart_s, kind="stable")
    arrival = np.full(order.size, np.inf)
    waited, passed = np.zeros(roads.tail.size), np.zeros(roads.tail.size, np.int64)
    longest = np.zeros(roads.tail.size, np.int64)
    stranded = _travel(
        order, np.asarray(travellers.depart_s, float), np.asarray(travellers.node, np.int64),
        np.asarray(travellers.goal, np.int64), np.asarray(travellers.speed_m_s, float),
        ways.goals, ways.link, roads.head.astype(np.int64), roads.length_m.astype(float),
        np.asarray(streets.speed_m_s, float), 1 / np.asarray(streets.flow_per_s, float),
        np.asarray(streets.area_m2, float), float(until_s), arrival, waited, passed, longest,
    )  # fmt: skip
    return Journeys(
        arrival_s=arrival, waited_s=waited, passed=passed, longest_queue=longest,
        stranded=int(stranded),
    )  # fmt: skip


def _check(roads: Roads, ways: Ways, travellers: Travellers, streets: Streets) -> None:
    count, links = np.size(travellers.depart_s), roads.tail.size
    same = all(
        np.shape(a) == (count,) for a in (travellers.node, travellers.goal, travellers.speed_m_s)
    ) and all(
        np.shape(a) == (links,) for a in (streets.speed_m_s, streets.flow_per_s, streets.area_m2)
    )
    if not same or ways.link.shape != (ways.goals.size, roads.nodes):
        raise InputError("travellers, streets, ways: shapes differ.", "配列の大きさが違います。")
    if count and not (
        np.isfinite(travellers.depart_s).all()
        and np.min(travellers.node) >= 0
        and np.max(travellers.node) < roads.nodes
        and np.min(travellers.goal) >= 0
        and np.max(travellers.goal) < ways.goals.size
    ):
        raise InputError("travellers: times, nodes, goals out of range.", "出発の指定が不正です。")
    positive = (travellers.speed_m_s, streets.speed_m_s, streets.flow_per_s)
    if any(not (np.asarray(a) > 0).all() for a in positive):
        raise InputError("speeds and flows: expected above 0.", "速さと流量は正の数です。")


@numba.njit(cache=True)
def _push(times, who, size, time, one):  # type: ignore[no-untyped-def]
    at = size
    while at > 0:
        above = (at - 1) >> 1
        if times[above] <= time:
            break
        times[at], who[at] = times[above], who[above]
        at = above
    times[at], who[at] = time, one


@numba.njit(cache=True)
def _sink(times, who, size, time, one):  # type: ignore[no-untyped-def]
    """Put an entry in the place of the first one, and let it sink to where it belongs."""
    at = 0
    while True:
        below = 2 * at + 1
        if below >= size:
            break
        if below + 1 < size and times[below + 1] < times[below]:
            below += 1
        if times[below] >= time:
            break
        times[at], who[at] = times[below], who[below]
        at = below
    times[at], who[at] = time, one


@numba.njit(cache=True)
def _travel(  # type: ignore[no-untyped-def]  # noqa: C901, PLR0913, PLR0915
    order, depart, origin, goal, speed, goals, take, head, length, limit, headway, area, until,
    arrival, waited, passed, longest,
):  # fmt: skip
    """One loop by intent: an event is a traveller at the end of its link.

    Nearly every event is followed by the same traveller's next one: it takes its place in the heap.
    """
    count = order.size
    times = np.empty(count + 1, np.float64)
    who = np.empty(count + 1, np.int64)
    on = np.full(count, -1, np.int64)
    crowd = np.zeros(head.size, np.int64)
    opens = np.zeros(head.size, np.float64)
    size, coming, stranded = 0, 0, 0
    while True:
        node = np.int64(-1)
        fresh = coming < count and (size == 0 or depart[order[coming]] <= times[0])
        if fresh:
            one = order[coming]
            now = depart[one]
            coming += 1
            node = origin[one]
        elif size > 0:
            one, now = who[0], times[0]
        else:
            break
        if now > until:
            break
        if not fresh:
            link = on[one]
            crowd[link] -= 1
            node = head[link]
            passed[link] += 1
            if opens[link] > now:
                late = opens[link] - now
                waited[link] += late
                standing = np.int64(np.ceil(late / headway[link]))
                if standing > longest[link]:
                    longest[link] = standing
                now = opens[link]
            opens[link] = now + headway[link]
        ahead = np.int64(-1)
        if node == goals[goal[one]]:
            if now <= until:
                arrival[one] = now
        else:
            ahead = np.int64(take[goal[one], node])
            if ahead < 0:
                stranded += 1
        if ahead < 0:
            if not fresh:
                size -= 1
                _sink(times, who, size, times[size], who[size])
            continue
        pace = min(speed[one], limit[ahead])
        crowd[ahead] += 1
        if area[ahead] > 0:
            density = crowd[ahead] / area[ahead]
            slowed = 1.0 - np.exp(-SHAPE_PER_M2 * (1 / density - 1 / JAM_PER_M2))
            pace *= min(1.0, max(slowed, SLOWEST))
        on[one] = ahead
        then = now + length[ahead] / pace
        if fresh:
            _push(times, who, size, then, one)
            size += 1
        else:
            _sink(times, who, size, then, one)
    return stranded
