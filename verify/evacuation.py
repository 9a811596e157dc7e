"""Evacuation: closed forms, published numbers, and the same problem solved by others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array

from hinomi.science.evacuation import allocation, crowds, demand, intake, roads
from verify.rows import Row

_STEP = 0.001
_METRES = 111.19508
"""One thousandth of a degree of longitude at the equator, radius 6,371,008.8 m."""
_PENALTY_S = 20_000


def placing() -> Iterator[Row]:
    """2,000 blocks, 150 shelters short of room: the linear programme by HiGHS."""
    rng = np.random.default_rng(1)
    blocks, shelters = rng.random((2_000, 2)) * 10_000, rng.random((150, 2)) * 10_000
    metres = np.hypot(*(blocks[:, None, :] - shelters[None, :, :]).transpose(2, 0, 1))
    people = rng.integers(0, 40, 2_000)
    for share in (1.05, 0.9):
        room = rng.multinomial(round(people.sum() * share), np.full(150, 1 / 150))
        arcs = allocation.arcs_from(metres * 1.3, nearest=20)
        ours = allocation.allocate(people, room, arcs, _PENALTY_S)
        row = np.repeat(np.arange(people.size), np.diff(arcs.start))
        count = arcs.shelter.size
        both = (np.concatenate([row, np.arange(people.size)]), np.arange(count + people.size))
        placed = coo_array((np.ones(count + people.size), both))
        inside = coo_array(
            (np.ones(count), (arcs.shelter, np.arange(count))),
            shape=(room.size, count + people.size),
        )
        cost = np.concatenate([arcs.cost_s, np.full(people.size, _PENALTY_S)])
        theirs = linprog(cost, A_ub=inside, b_ub=room, A_eq=placed, b_eq=people, method="highs")
        case = f"2,000 blocks x 150 shelters, room for {share:.0%}"
        yield Row(
            model="shelter allocation", case=f"{case}: person seconds", ours=float(ours.cost_s),
            theirs=float(theirs.fun), reference="linear programme, HiGHS (SciPy)", tolerance=0.5,
        )  # fmt: skip
        yield Row(
            model="shelter allocation", case=f"{case}: duality gap", ours=float(ours.cost_s),
            theirs=float(ours.bound), reference="its own dual's value", tolerance=0.0,
        )  # fmt: skip


HELD_BACK = {
    "本宮市 2019: left home": (0.23, "NHK 放送文化研究所, 放送研究と調査 70(10), 2020"),
    "いわき市 2019: left home": (0.29, "NHK 放送文化研究所, 放送研究と調査 70(10), 2020"),
}
"""Surveys of flooded places that were told to leave, which the shares were not taken from."""


def leaving() -> Iterator[Row]:
    """The curve as it was published, and shares of who left that ours are not from."""
    for place, (share, reference) in HELD_BACK.items():
        low, high = demand.triangle(demand.TOLD, np.array([0.1, 0.9]))
        sides: tuple[tuple[str, float, Literal["at most", "at least"]], ...] = (
            ("10 %", low, "at most"), ("90 %", high, "at least"),
        )  # fmt: skip
        for name, ours, kind in sides:
            yield Row(
                model="who leaves", case=f"{place}; our {name}", ours=float(ours), theirs=share,
                reference=reference, tolerance=0.0, kind=kind,
            )  # fmt: skip
    yield Row(
        model="departures", case="1 - exp(-t²/1800) after an hour", tolerance=1e-12,
        reference="Tweedie et al. 1986 (formula from memory)",
        ours=float(demand.rayleigh(np.array([60.0]), demand.SPREAD_MIN.likely)[0]),
        theirs=1 - np.exp(-(60**2) / 1800),
    )  # fmt: skip


def moving() -> Iterator[Row]:
    """Shortest ways, a bottleneck, a crowd."""
    at = _STEP * np.arange(30)
    lines = [np.column_stack([at, np.full(30, y)]) for y in at]
    grid = roads.roads_from([*lines, *(line[:, ::-1] for line in lines)])
    goal, _ = roads.nearest_nodes(grid, np.array([[0.0, 0.0]]), grid.walks)
    way = roads.ways(grid, goal, grid.length_m, grid.walks)
    exact = _METRES * (grid.longitude + grid.latitude) / _STEP
    yield Row(
        model="walking times", case="30 x 30 grid at the equator, largest error [s]",
        ours=float(np.abs(way.time_s[0] - exact).max()), theirs=0.0, tolerance=0.02,
        reference="Manhattan distance",
    )  # fmt: skip
    street = roads.roads_from([np.column_stack([at[:3], np.zeros(3)])])
    ends = np.array([[0.0, 0.0], [at[2], 0.0]])
    (start, end), _ = roads.nearest_nodes(street, ends, street.walks)
    to_end = roads.ways(street, np.array([end]), street.length_m, street.walks)
    links, count, flow = street.tail.size, 400, 0.5
    who = crowds.Travellers(
        depart_s=np.zeros(count), node=np.full(count, start), goal=np.zeros(count, int),
        speed_m_s=np.ones(count),
    )  # fmt: skip
    narrow = crowds.Streets(
        speed_m_s=np.full(links, np.inf), flow_per_s=np.full(links, flow), area_m2=np.zeros(links)
    )
    fared = crowds.travel(street, to_end, who, narrow, 1e6)
    yield Row(
        model="queues", case="400 at once through 0.5/s: delay in all [s]",
        ours=float(fared.waited_s.sum()), theirs=count * (count - 1) / 2 / flow, tolerance=1e-3,
        reference="Vickrey 1969: n (n - 1) / 2 s",
    )  # fmt: skip
    density = np.linspace(0.01, crowds.JAM_PER_M2, 100_000)
    yield Row(
        model="crowds", case="greatest flow of walkers [1/(m s)]",
        ours=float(crowds.flow_per_m_s(density).max()), theirs=1.22, tolerance=0.01,
        reference="Weidmann 1993 (from memory)",
    )  # fmt: skip


def needs() -> Iterator[Row]:
    """A gymnasium with 200 people for three days, by the published standards."""
    goods = intake.intake(np.full(24, 200.0), np.zeros(24), days=3).goods
    later = intake.intake(np.full(24, 200.0), np.zeros(24), days=7).goods
    cabinet = "内閣府 避難所におけるトイレの確保・管理ガイドライン"
    for case, ours, theirs, reference in (
        ("toilets at first", goods["toilets-first"], 4.0, f"{cabinet}: 50人に1基"),
        ("toilets later", later["toilets-later"], 10.0, f"{cabinet}: 20人に1基"),
        ("toilet bags", goods["toilet-bags"], 3_000.0, f"{cabinet}: 1日5回"),
        ("floor [m2]", goods["floor"], 700.0, "内閣府 2024-12 / Sphere: 3.5 m2"),
        (
            "all water on the second day and after [L/person/day]",
            3.0 + goods["water-other"] / (200 * 2), 15.0, "Sphere: 7.5 to 15 L",
        ),
    ):  # fmt: skip
        yield Row(
            model="intake", case=f"200 people, 3 days: {case}", ours=ours, theirs=theirs,
            tolerance=1e-9, reference=reference,
        )  # fmt: skip


ROWS = (placing, leaving, moving, needs)
