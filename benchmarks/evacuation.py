"""Evacuation beside its peers: ``python -m benchmarks.evacuation`` prints one table.

UXsim (MIT) and OR-Tools (Apache-2.0) are installed by this program only, into ``.bench``. Times are
CPU seconds of one process, best of three, after compiling (numba keeps what it compiled).
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from time import process_time
from typing import Any

import numpy as np

from benchmarks import peers, sites
from hinomi.science.evacuation import allocation, crowds, demand, roads

PEERS = {"uxsim": ["uxsim==1.14.2"], "ortools": ["ortools>=9.12,<10"]}
PENALTY_S = 20_000


def best(run: Callable[[], Any], times: int = 3) -> tuple[float, Any]:
    found: list[float] = []
    result = None
    for _ in range(times):
        start = process_time()
        result = run()
        found.append(process_time() - start)
    return min(found), result


def peer(name: str, program: str, given: dict[str, Any]) -> dict[str, Any]:
    """Run a program under a peer's own interpreter; it reads JSON and ends with a line of it."""
    peers.PEERS[name] = PEERS[name]
    python = peers.python_of(name)
    done = subprocess.run(
        [python, "-c", program], input=json.dumps(given), capture_output=True, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def city(share: float) -> tuple[Any, Any, allocation.Arcs]:
    """2,000 blocks and 150 shelters, 20 nearest each; room for a share of the people."""
    rng = np.random.default_rng(1)
    blocks, shelters = rng.random((2_000, 2)) * 10_000, rng.random((150, 2)) * 10_000
    metres = np.hypot(*(blocks[:, None, :] - shelters[None, :, :]).transpose(2, 0, 1))
    people = rng.integers(0, 40, 2_000)
    room = rng.multinomial(round(people.sum() * share), np.full(150, 1 / 150))
    return people, room, allocation.arcs_from(metres * 1.3, nearest=20)


_ORTOOLS = """
import json, sys, time
import numpy as np
from ortools.graph.python import min_cost_flow
d = json.load(sys.stdin)
people, room = np.array(d["people"]), np.array(d["room"])
start, column, cost = (np.array(d[k]) for k in ("start", "shelter", "cost"))
best, total = 1e9, 0
for _ in range(3):
    begun = time.process_time()
    n, m = people.size, room.size
    flow = min_cost_flow.SimpleMinCostFlow()
    row = np.repeat(np.arange(n), np.diff(start))
    add = flow.add_arcs_with_capacity_and_unit_cost
    add(row, n + column, people[row], cost)
    add(n + np.arange(m), np.full(m, n + m), room, np.zeros(m, int))
    add(np.arange(n), np.full(n, n + m), people, np.full(n, d["penalty"]))
    supply = np.concatenate([people, np.zeros(m, int), [-people.sum()]])
    flow.set_nodes_supplies(np.arange(n + m + 1), supply)
    assert flow.solve() == flow.OPTIMAL
    total = int(flow.optimal_cost())
    best = min(best, time.process_time() - begun)
print(json.dumps({"cpu_s": best, "cost": total}))
"""


def placing() -> list[tuple[str, str, str]]:
    rows = []
    for share in (1.5, 1.05, 0.9):
        people, room, arcs = city(share)
        allocation.allocate(people, room, arcs, PENALTY_S)
        took, ours = best(lambda: allocation.allocate(people, room, arcs, PENALTY_S))  # noqa: B023
        theirs = peer(
            "ortools", _ORTOOLS,
            {"people": people.tolist(), "room": room.tolist(), "start": arcs.start.tolist(),
             "shelter": arcs.shelter.tolist(), "cost": arcs.cost_s.tolist(), "penalty": PENALTY_S},
        )  # fmt: skip
        same = "the same optimum" if theirs["cost"] == ours.cost_s == ours.bound else "NOT THE SAME"
        rows.append((
            f"2,000 blocks x 150 shelters, room for {share:.0%}", f"{took:.3f} s (goal < 0.2)",
            f"OR-Tools {theirs['cpu_s']:.3f} s, {same}",
        ))  # fmt: skip
    return rows


def walking() -> list[tuple[str, str, str]]:
    side = 113  # 2 x 113 x 112 streets: 25,312, both ways 50,624 edges
    at = 0.001 * np.arange(side)
    lines = [np.column_stack([at, np.full(side, y)]) for y in at]
    grid = roads.roads_from([*lines, *(line[:, ::-1] for line in lines)])
    rng = np.random.default_rng(2)
    goals = rng.choice(grid.nodes, 150, replace=False)
    took_ways, way = best(lambda: roads.ways(grid, goals, grid.length_m, grid.walks), 1)
    count, links = 100_000, grid.tail.size
    node = rng.integers(0, grid.nodes, count)
    goal = np.argsort(way.time_s[:, node], axis=0)[rng.integers(0, 4, count), np.arange(count)]
    who = crowds.Travellers(
        depart_s=60 * demand.SPREAD_MIN.likely * np.sqrt(-2 * np.log(rng.random(count))),
        node=node, goal=goal, speed_m_s=np.where(rng.random(count) < 0.29, 0.5, 1.0),
    )  # fmt: skip
    streets = crowds.Streets(
        speed_m_s=np.full(links, np.inf), flow_per_s=np.full(links, 3 * crowds.WALKERS_PER_M_S),
        area_m2=3 * grid.length_m,
    )  # fmt: skip
    crowds.travel(grid, way, who, streets, 60.0)
    took, fared = best(lambda: crowds.travel(grid, way, who, streets, 7_200.0))
    arrived = np.isfinite(fared.arrival_s).mean()
    return [
        (f"ways to 150 shelters on {links:,} edges", f"{took_ways:.2f} s", "SciPy's Dijkstra"),
        (f"100,000 walkers, {links:,} edges, two hours", f"{took:.2f} s (goal < 5)",
         f"{arrived:.0%} arrived, {fared.passed.sum():,} links walked"),
    ]  # fmt: skip


_UXSIM = """
import json, sys, time
from uxsim import World
d = json.load(sys.stdin)
begun = time.process_time()
w = World(name="", deltan=1, tmax=d["tmax"], print_mode=0, save_mode=0, show_mode=0, random_seed=0)
side = d["side"]
for i in range(side):
    for j in range(side):
        w.addNode(f"{i},{j}", i * d["length"], j * d["length"])
for i in range(side):
    for j in range(side):
        for a, b in ((i + 1, j), (i, j + 1)):
            if a < side and b < side:
                for one, two in ((f"{i},{j}", f"{a},{b}"), (f"{a},{b}", f"{i},{j}")):
                    w.addLink(one + ">" + two, one, two, d["length"], free_flow_speed=d["speed"],
                              jam_density=0.2, number_of_lanes=1)
for t, a, b in d["trips"]:
    w.addVehicle(a, b, t)
built = time.process_time() - begun
begun = time.process_time()
w.exec_simulation()
took = time.process_time() - begun
w.analyzer.basic_analysis()
print(json.dumps({"built_s": built, "cpu_s": took, "arrived": int(w.analyzer.trip_completed),
                  "mean_s": float(w.analyzer.average_travel_time), "links": len(w.LINKS)}))
"""


def driving() -> list[tuple[str, str, str]]:
    """13,500 cars on 900 links for an hour: UXsim one by one (deltan=1), as we do."""
    side, metres, speed, count = 15, 300.0, 10.0, 13_500
    step = metres / 111_195.08
    at = step * np.arange(side)
    lines = [np.column_stack([at, np.full(side, y)]) for y in at]
    grid = roads.roads_from([*lines, *(line[:, ::-1] for line in lines)])
    rng = np.random.default_rng(4)
    goals = rng.choice(grid.nodes, 6, replace=False)
    node, goal = rng.integers(0, grid.nodes, count), rng.integers(0, 6, count)
    depart = np.sort(rng.random(count) * 3_000)
    links = grid.tail.size
    way = roads.ways(grid, goals, grid.length_m / speed, grid.drives)
    who = crowds.Travellers(depart_s=depart, node=node, goal=goal, speed_m_s=np.full(count, np.inf))
    streets = crowds.Streets(
        speed_m_s=np.full(links, speed), flow_per_s=np.full(links, 0.8), area_m2=np.zeros(links)
    )
    crowds.travel(grid, way, who, streets, 10.0)
    took, fared = best(lambda: crowds.travel(grid, way, who, streets, 3_600.0))

    def name(n: int) -> str:
        return f"{round(grid.longitude[n] / step)},{round(grid.latitude[n] / step)}"

    trips = [
        (float(t), name(a), name(int(goals[g])))
        for t, a, g in zip(depart, node, goal, strict=True)
        if a != goals[g]
    ]
    theirs = peer(
        "uxsim", _UXSIM,
        {"side": side, "length": metres, "speed": speed, "tmax": 3_600, "trips": trips},
    )  # fmt: skip
    there = np.isfinite(fared.arrival_s)
    mean = (fared.arrival_s - depart)[there & (node != goals[goal])].mean()
    ratio = (theirs["cpu_s"] / len(trips)) / (took / count)
    return [
        (f"{count:,} cars, {links} links, an hour", f"{took:.3f} s",
         f"UXsim 1.14.2, deltan=1: {theirs['cpu_s']:.1f} s; {ratio:,.0f} x per agent (goal >= 20)"),
        ("the same: arrived, mean time", f"{there.sum():,}, {mean:.0f} s",
         f"UXsim: {theirs['arrived']:,}, {theirs['mean_s']:.0f} s (it lets queues spill back and"
         " drivers change their way)"),
    ]  # fmt: skip


def main() -> int:
    print(f"# {sites.ROOT.name}: evacuation, CPU seconds, numpy {np.__version__}")
    for measured in (placing, walking, driving):
        for what, ours, beside in measured():
            print(f"| {what} | {ours} | {beside} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
