"""Allocation: who goes to which shelter, at the least travel in all (避難先の割当て).

A transportation problem: groups of people, shelters with room for so many, an arc where a group
may go (suitable for the hazard, accessible, reachable by open roads) with its travel time. Whoever
finds no room is counted and costs a penalty. It is solved by successive shortest paths, group by
group, over the shelters alone (a path moves people of earlier groups from a full shelter on to the
next), in whole seconds and persons: so the answer is exact, and its prices prove it
(:attr:`Placed.bound` is the value of the dual linear programme; Ahuja, Magnanti & Orlin 1993,
Network Flows, ch. 9).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from hinomi.kernel.errors import InputError

Array = NDArray[Any]
_FAR = np.int64(1) << np.int64(60)
MOST_COST_S = 10_000_000
"""[s] Longest travel or penalty: with it sums over a country's people stay within 64 bits."""


@dataclass(frozen=True, kw_only=True)
class Arcs:
    """Where each group may go: group ``g`` has the entries ``start[g]`` to ``start[g + 1]``."""

    start: Array
    """[shape (groups + 1,)]"""
    shelter: Array
    """[shape (arcs,)] index of the shelter."""
    cost_s: Array
    """[s, shape (arcs,), whole] travel time, and what else counts against it."""


@dataclass(frozen=True, kw_only=True)
class Placed:
    """Who goes where."""

    people: Array
    """[persons, shape (arcs,)] along each arc."""
    unplaced: Array
    """[persons, shape (groups,)] for whom no allowed shelter has room."""
    room_left: Array
    """[persons, shape (shelters,)]"""
    room_price_s: Array
    """[s, shape (shelters,)] what one more place there would save; 0 where room is left."""
    cost_s: int
    """[person s] all travel and penalties."""
    bound: int
    """[person s] what no allocation can go below (the dual): equal to ``cost_s`` it is optimal."""


def arcs_from(times_s: Array, *, nearest: int | None = None) -> Arcs:
    """Return the arcs of a table of times; where it is not finite there is none.

    Args:
        times_s: [s, shape (groups, shelters)]
        nearest: only so many of each group, the nearest.
    """
    times = np.asarray(times_s, float)
    allowed = np.isfinite(times)
    if nearest is not None and nearest < times.shape[1]:
        limit = np.partition(np.where(allowed, times, np.inf), nearest - 1, axis=1)[:, nearest - 1]
        allowed &= times <= limit[:, None]
    group, shelter = np.nonzero(allowed)
    start = np.zeros(times.shape[0] + 1, np.int64)
    np.cumsum(allowed.sum(1), out=start[1:])
    cost = np.minimum(np.rint(times[group, shelter]), MOST_COST_S).astype(np.int64)
    return Arcs(start=start, shelter=shelter.astype(np.int64), cost_s=cost)


def allocate(people: Array, room: Array, arcs: Arcs, penalty_s: int) -> Placed:
    """Return the allocation with the least travel, everyone placed for whom there is room.

    Args:
        people: [persons, shape (groups,), whole]
        room: [persons, shape (shelters,), whole]
        arcs: who may go where; an arc that costs ``penalty_s`` or more is not used.
        penalty_s: [s] for each person without a place.

    Raises:
        InputError: negative or broken numbers, indices that lead nowhere.

    Limits:
        Households may be split over two shelters: at most as many groups are as shelters are full.

    Example:
        >>> arcs = arcs_from(np.array([[60.0, 600.0], [120.0, 240.0]]))
        >>> placed = allocate(np.array([10, 10]), np.array([10, 20]), arcs, 3600)
        >>> placed.people.tolist(), placed.cost_s == placed.bound
        ([10, 0, 0, 10], True)
    """
    supply, capacity = _whole(people, "people"), _whole(room, "room")
    _check(arcs, supply.size, capacity.size, penalty_s)
    start, column, cost = (np.asarray(a, np.int64) for a in (arcs.start, arcs.shelter, arcs.cost_s))
    row = np.repeat(np.arange(supply.size), np.diff(start))
    order = np.argsort(column, kind="stable")
    by = np.zeros(capacity.size + 1, np.int64)
    np.cumsum(np.bincount(column, minlength=capacity.size), out=by[1:])
    flow, unplaced, free, price = _augment(
        start, column, cost, row, by, order, supply, capacity, np.int64(penalty_s)
    )
    cost_s = int((flow * cost).sum() + unplaced.sum() * penalty_s)
    cheapest = np.full(supply.size, penalty_s, np.int64)
    np.minimum.at(cheapest, row, cost + price[column])
    bound = int((supply * cheapest).sum() - (capacity * price).sum())
    return Placed(
        people=flow, unplaced=unplaced, room_left=free, room_price_s=price, cost_s=cost_s,
        bound=bound,
    )  # fmt: skip


def _whole(values: Array, name: str) -> Array:
    found = np.asarray(values)
    if found.ndim != 1 or not np.isfinite(found).all() or (found < 0).any():
        raise InputError(f"{name}: expected whole numbers of 0 or more.", f"{name}は0以上です。")
    if (found != np.floor(found)).any():
        raise InputError(f"{name}: expected whole persons.", f"{name}は整数です。")
    return found.astype(np.int64)


def _check(arcs: Arcs, groups: int, shelters: int, penalty_s: int) -> None:
    start, column, cost = np.asarray(arcs.start), np.asarray(arcs.shelter), np.asarray(arcs.cost_s)
    good = (
        start.shape == (groups + 1,)
        and start[0] == 0
        and (np.diff(start) >= 0).all()
        and start[-1] == column.size == cost.size
        and (column.size == 0 or (column.min() >= 0 and column.max() < shelters))
        and (cost.size == 0 or (cost.min() >= 0 and cost.max() <= MOST_COST_S))
        and 0 < penalty_s <= MOST_COST_S
    )
    if not good:
        raise InputError(
            f"arcs: expected starts of {groups} groups, shelters under {shelters}, costs and"
            f" penalty from 0 to {MOST_COST_S:,} s.",
            "割当ての候補(グループ・避難所・所要時間)の形か値が正しくありません。",
        )


@numba.njit(cache=True)
def _links(  # type: ignore[no-untyped-def]  # noqa: PLR0913
    j, start, column, cost, row, by, order, flow, penalty, weight, leaves, enters
):
    """Fill in what moving someone out of shelter ``j`` to each other one adds, and by whom."""
    last = weight.shape[1] - 1
    weight[j, :] = _FAR
    for m in range(by[j], by[j + 1]):
        a = order[m]
        if flow[a] > 0:
            g = row[a]
            if penalty - cost[a] < weight[j, last]:
                weight[j, last], leaves[j, last], enters[j, last] = penalty - cost[a], a, -1
            for b in range(start[g], start[g + 1]):
                more = cost[b] - cost[a]
                if more < weight[j, column[b]]:
                    weight[j, column[b]], leaves[j, column[b]], enters[j, column[b]] = more, a, b
    weight[j, j] = _FAR


@numba.njit(cache=True)
def _augment(  # type: ignore[no-untyped-def]  # noqa: C901, PLR0913, PLR0915
    start, column, cost, row, by, order, supply, capacity, penalty
):
    """One loop by intent: a path's search, its people and the new prices are one step."""
    n = capacity.size  # the node after the shelters stands for "no place"
    flow = np.zeros(column.size, np.int64)
    unplaced = np.zeros(supply.size, np.int64)
    free = capacity.copy()
    price = np.zeros(n + 1, np.int64)
    weight = np.full((n, n + 1), _FAR)
    leaves = np.full((n, n + 1), -1, np.int64)
    enters = np.full((n, n + 1), -1, np.int64)
    stale = np.ones(n, np.bool_)
    distance = np.empty(n + 1, np.int64)
    before = np.empty(n + 1, np.int64)
    first = np.empty(n + 1, np.int64)
    done = np.empty(n + 1, np.bool_)
    for i in range(supply.size):
        left = supply[i]
        while left > 0:
            distance[:], before[:], done[:] = _FAR, -1, False
            for a in range(start[i], start[i + 1]):
                j = column[a]
                if cost[a] < penalty and cost[a] + price[j] < distance[j]:
                    distance[j], first[j] = cost[a] + price[j], a
            distance[n], first[n] = penalty, -1
            end = n
            while True:
                least = _FAR
                for j in range(n + 1):
                    if not done[j] and distance[j] < least:
                        least, end = distance[j], j
                done[end] = True
                if end == n or free[end] > 0:
                    break
                if stale[end]:
                    _links(
                        end, start, column, cost, row, by, order, flow, penalty, weight, leaves,
                        enters,
                    )  # fmt: skip
                    stale[end] = False
                for j in range(n + 1):
                    if not done[j] and weight[end, j] < _FAR:
                        along = least + weight[end, j] - price[end] + price[j]
                        if along < distance[j]:
                            distance[j], before[j] = along, end
            amount = left if end == n else min(left, free[end])
            j = end
            while before[j] >= 0:
                amount = min(amount, flow[leaves[before[j], j]])
                j = before[j]
            if end < n:
                free[end] -= amount
                stale[end] = True
            j = end
            while before[j] >= 0:
                p = before[j]
                out, into = leaves[p, j], enters[p, j]
                flow[out] -= amount
                if into >= 0:
                    flow[into] += amount
                else:
                    unplaced[row[out]] += amount
                stale[p] = True
                j = p
            if j == n:
                unplaced[i] += amount
            else:
                flow[first[j]] += amount
                stale[j] = True
            left -= amount
            for j in range(n):
                if distance[j] < least:
                    price[j] += least - distance[j]
    return flow, unplaced, free, price[:n]


def needed(
    people: Array, room: Array, arcs: Arcs, penalty_s: int, *, least: int, fixed: Array
) -> tuple[Array, Placed]:
    """Return which shelters to open, and who goes where: those that few would use stay shut.

    All that may open are opened; then the one that would take the fewest people (under ``least``)
    is shut, as long as nobody more is left without a place.

    Args:
        people: as in :func:`allocate`.
        room: as in :func:`allocate`; 0 where a shelter must not open.
        arcs: as in :func:`allocate`.
        penalty_s: as in :func:`allocate`.
        least: [persons] a shelter is worth its staff from so many on.
        fixed: [bool, shape (shelters,)] those that are open, or that a person wants open.

    Limits:
        A heuristic: another choice of shelters may need less walking. ``bound`` of the first
        allocation, with all open, is what no choice can go below.
    """
    room, fixed = np.asarray(room, np.int64).copy(), np.asarray(fixed, bool)
    best = allocate(people, room, arcs, penalty_s)
    kept = fixed.copy()
    without = int(best.unplaced.sum())
    while True:
        taken = np.where(kept | (room == 0), _FAR, room - best.room_left)
        weakest = int(taken.argmin()) if taken.size else 0
        if not taken.size or taken[weakest] >= least:
            break
        tried = room.copy()
        tried[weakest] = 0
        again = best if taken[weakest] == 0 else allocate(people, tried, arcs, penalty_s)
        if int(again.unplaced.sum()) > without:
            kept[weakest] = True
        else:
            room, best = tried, again
    final = allocate(people, room, arcs, penalty_s)
    return (room > 0) & ((room > final.room_left) | fixed), final
