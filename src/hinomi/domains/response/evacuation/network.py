"""How long it takes from each block to each shelter, and how people and cars arrive."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hinomi.domains.response.evacuation.facts import Facts
from hinomi.domains.response.evacuation.ground import closed_links
from hinomi.science.evacuation import crowds as c
from hinomi.science.evacuation import roads as r

DETOUR = 1.3
"""Way by straight line, where no road network is there: assumed (measured circuities of street
networks are 1.2 to 1.4; Levinson & El-Geneidy 2009, from memory)."""
PARK_S = 300.0
"""[s] from parking to the door: assumed."""
CAR_PEOPLE = 2.5
"""People in a car that flees: assumed."""
PATH_WIDTH_M = 3.0
"""Of a road whose width nobody gives, for walkers: assumed."""
FAR_FROM_ROADS_M = 1_000.0
"""A place so far from every road is not joined to it: the network does not cover it."""


class Network:
    """Ways from blocks to shelters; without roads by straight line."""

    def __init__(self, facts: Facts, blocks: NDArray[Any], shelters: NDArray[Any]) -> None:

        self.blocks, self.shelters = blocks, shelters
        self.longest_s = 60 * facts.case.longest_min
        self.closed = 0
        self.lines = facts.lines
        self.roads: Any = None
        """The graph; None where no roads are known."""
        self.off_road = 0
        if facts.lines and len(blocks) and len(shelters):
            self._on_roads(facts)
        else:
            self.walk_s = self.slow_s = self.drive_s = np.zeros((len(blocks), len(shelters)))
            self._straight()

    def _straight(self) -> None:

        if not len(self.blocks) or not len(self.shelters):
            return
        metres = DETOUR * r.distance_m(self.blocks[:, None, :], self.shelters[None, :, :])
        self.walk_s, self.slow_s = metres / r.WALK_M_S, metres / r.SLOW_WALK_M_S
        self.drive_s = metres / (r.DRIVE_KM_H / 3.6) + PARK_S
        for times in (self.walk_s, self.slow_s, self.drive_s):
            times[times > self.longest_s] = np.inf

    def _on_roads(self, facts: Facts) -> None:

        given = facts.lines
        whole = r.roads_from(
            [np.asarray(line) for _, line in given],
            oneway=np.array([road.oneway for road, _ in given]),
            drives=np.array([road.drive for road, _ in given]),
        )
        closed = closed_links(facts, whole)
        self.closed = int(closed.size)
        roads = self.roads = whole.without(closed)
        if not roads.walks.any():
            self.walk_s = self.slow_s = self.drive_s = np.full(
                (len(self.blocks), len(self.shelters)), np.inf
            )
            return
        speed = np.array([road.speed_km_h or r.DRIVE_KM_H for road, _ in given])[roads.line] / 3.6
        self.speed_m_s = np.maximum(speed, r.SLOW_WALK_M_S)
        walk_s = roads.length_m / r.WALK_M_S
        self.walk_from, apart = r.nearest_nodes(roads, self.blocks, roads.walks)
        goals, goal_apart = r.nearest_nodes(roads, self.shelters, roads.walks)
        self.walks = r.ways(roads, goals, walk_s, roads.walks, longest_s=self.longest_s)
        self.drives_too = bool(roads.drives.any())
        if self.drives_too:
            self.drive_from, drive_apart = r.nearest_nodes(roads, self.blocks, roads.drives)
            car_goals, car_goal_apart = r.nearest_nodes(roads, self.shelters, roads.drives)
            drive_s = roads.length_m / self.speed_m_s
            longest = max(self.longest_s - PARK_S, 0.0)
            self.drives = r.ways(roads, car_goals, drive_s, roads.drives, longest_s=longest)
            off = (drive_apart[:, None] + car_goal_apart[None, :]) / r.WALK_M_S
            self.drive_s = self.drives.time_s[:, self.drive_from].T + off + PARK_S
        else:
            self.drive_s = np.full((len(self.blocks), len(self.shelters)), np.inf)
        off = (apart[:, None] + goal_apart[None, :]) / r.WALK_M_S
        self.walk_s = self.walks.time_s[:, self.walk_from].T + off
        self.slow_s = self.walk_s * (r.WALK_M_S / r.SLOW_WALK_M_S)
        far = (apart[:, None] > FAR_FROM_ROADS_M) | (goal_apart[None, :] > FAR_FROM_ROADS_M)
        self.off_road = int((apart > FAR_FROM_ROADS_M).sum())
        for times in (self.walk_s, self.slow_s, self.drive_s):
            times[far | (times > self.longest_s)] = np.inf

    def arrivals(
        self, depart_s: Any, block: Any, shelter: Any, slow: Any, until_s: float, *, by_car: Any
    ) -> tuple[Any, Any, list[str]]:
        """Return when each is at the shelter [s], who went by car, and where the queues are.

        Args:
            depart_s: [s, shape (n,)] when they leave.
            block: [shape (n,)] from which block.
            shelter: [shape (n,)] to which shelter.
            slow: [bool, shape (n,)] who needs help.
            until_s: [s] the end; who is not there by then arrives never (infinite).
            by_car: [bool, shape (n,)] who goes by car where it can be driven.
        """
        walk = np.where(slow, self.slow_s[block, shelter], self.walk_s[block, shelter])
        drive = self.drive_s[block, shelter]
        car = (by_car & np.isfinite(drive)) | (~np.isfinite(walk) & np.isfinite(drive))
        if self.roads is None:
            return depart_s + np.where(car, drive, walk), car, []
        arrival = np.full(len(depart_s), np.inf)
        lost = np.zeros(self.roads.tail.size)

        if (~car).any():
            free = np.where(slow, r.SLOW_WALK_M_S, r.WALK_M_S)[~car]
            there, waited = self._walkers(depart_s[~car], block[~car], shelter[~car], free, until_s)
            beside = walk[~car] - self.walks.time_s[shelter[~car], self.walk_from[block[~car]]] / (
                free / r.WALK_M_S
            )
            arrival[~car], lost = there + beside, lost + waited
        if car.any():
            there, waited = self._cars(depart_s[car], block[car], shelter[car], until_s)
            beside = drive[car] - self.drives.time_s[shelter[car], self.drive_from[block[car]]]
            arrival[car], lost = there + beside, lost + CAR_PEOPLE * waited
        return arrival, car, self._slow(lost)

    def _walkers(self, depart: Any, block: Any, shelter: Any, free: Any, until: float) -> Any:

        width = np.array([road.width_m or PATH_WIDTH_M for road, _ in self.lines])
        width = np.maximum(width, 0.5)[self.roads.line]
        streets = c.Streets(
            speed_m_s=np.full(width.size, np.inf), flow_per_s=c.WALKERS_PER_M_S * width,
            area_m2=width * self.roads.length_m,
        )  # fmt: skip
        who = c.Travellers(
            depart_s=depart, node=self.walk_from[block], goal=shelter, speed_m_s=free
        )
        fared = c.travel(self.roads, self.walks, who, streets, until)
        return fared.arrival_s, fared.waited_s

    def _cars(self, depart: Any, block: Any, shelter: Any, until: float) -> Any:
        """Return the arrival of everyone in a car: those of one block and shelter fill cars."""
        order = np.lexsort((depart, shelter, block))
        pair = block[order] * len(self.shelters) + shelter[order]
        first = np.concatenate([[True], pair[1:] != pair[:-1]])
        begins = np.maximum.accumulate(np.where(first, np.arange(pair.size), 0))
        seat = np.floor((np.arange(pair.size) - begins) / CAR_PEOPLE).astype(np.int64)
        number = np.concatenate([[0], np.cumsum(first[1:] | (np.diff(seat) > 0))])
        last = np.concatenate([np.flatnonzero(np.diff(number)), [pair.size - 1]])
        # A car leaves when its last passenger is ready.
        lanes = np.array([float(road.lanes or 1) for road, _ in self.lines])[self.roads.line]
        streets = c.Streets(
            speed_m_s=self.speed_m_s, flow_per_s=c.CARS_PER_LANE_S * np.maximum(lanes, 1.0),
            area_m2=np.zeros(lanes.size),
        )  # fmt: skip
        who = c.Travellers(
            depart_s=depart[order][last], node=self.drive_from[block[order][last]],
            goal=shelter[order][last], speed_m_s=np.full(last.size, np.inf),
        )  # fmt: skip
        fared = c.travel(self.roads, self.drives, who, streets, until)
        arrival = np.empty(pair.size)
        arrival[order] = fared.arrival_s[number]
        return arrival, fared.waited_s

    def _slow(self, lost: Any) -> list[str]:
        """Return the three roads where most time is lost, with how much."""
        by_line = np.bincount(self.roads.line, weights=lost, minlength=len(self.lines))
        worst = [n for n in np.argsort(-by_line)[:3] if by_line[n] >= 60 * 60]
        return [
            f"{self.lines[n][0].name or self.lines[n][0].kind or '(名称なし)'}"
            f" {by_line[n] / 3600:,.0f}人時"
            for n in worst
        ]
