"""Roads of the fictional prefecture: the streets between its blocks, and highways between towns."""

from __future__ import annotations

import math
from collections.abc import Iterator

from hinomi.domains.response.evacuation.collections import ROAD_LINES, RoadLine
from hinomi.kernel.marking import Marking, Status
from hinomi.kernel.records import Interval, Origin, Record
from hinomi.runtime.drill.areas import SAID_AT
from hinomi.runtime.drill.residents import SIDE, SOURCE, Settlement, settlements

Line = list[list[float]]
NEIGHBOURS = 2
"""Each town's highways lead to so many of the nearest others."""
STREET = RoadLine(kind="市町村道", speed_km_h=25.0, lanes=1, width_m=4.0)
HIGHWAY = RoadLine(kind="県道", speed_km_h=45.0, lanes=1, width_m=7.0)


def records(seed: int = 118) -> Iterator[Record]:
    """Yield the roads of the seed's prefecture; all exercise, the same at each run."""
    towns = settlements(seed)
    for settlement in towns:
        yield from _streets(settlement)
    for one, two in _joined(towns):
        names = [towns[n].ground.town.name[:-1] for n in (one, two)]
        line = [_middle(towns[one]), _middle(towns[two])]
        codes = [towns[n].ground.town.code for n in (one, two)]
        yield _record(f"drill/{codes[0]}-{codes[1]}", HIGHWAY, f"県道{'・'.join(names)}線", line)


def _streets(settlement: Settlement) -> Iterator[Record]:
    """Yield a town's streets; they meet at the blocks' corners, the two in the middle are wide."""
    town = settlement.ground.town
    across, up = settlement.longitudes, settlement.latitudes
    lines: list[tuple[str, str, Line]] = []
    for number in range(SIDE + 1):
        lines.append(("n", "南北", [[across[number], latitude] for latitude in up]))
        lines.append(("e", "東西", [[longitude, up[number]] for longitude in across]))
    for number, (kind, name, line) in enumerate(lines):
        order = number // 2
        road = HIGHWAY if order == SIDE // 2 else STREET
        title = f"{town.name[:-1]}{name}{order + 1}号線"
        yield _record(f"drill/{town.code}/{kind}{order + 1}", road, title, line)


def _middle(settlement: Settlement) -> list[float]:
    return [settlement.longitudes[SIDE // 2], settlement.latitudes[SIDE // 2]]


def _joined(towns: tuple[Settlement, ...]) -> list[tuple[int, int]]:
    """Return the pairs of towns that a highway joins: each with its nearest, all with each other.

    The nearest pair of what is not joined yet follows until all is (Kruskal 1956).
    """
    points = [_middle(town) for town in towns]
    apart = sorted(
        (math.dist(points[one], points[two]), one, two)
        for one in range(len(points))
        for two in range(one)
    )
    group = list(range(len(points)))
    count = [0] * len(points)
    found = []
    for _, one, two in apart:
        if group[one] != group[two] or min(count[one], count[two]) < NEIGHBOURS:
            group = [group[two] if g == group[one] else g for g in group]
            count[one] += 1
            count[two] += 1
            found.append((two, one))
    return found


def _record(key: str, road: RoadLine, name: str, line: Line) -> Record:
    body = RoadLine(
        name=name, kind=road.kind, speed_km_h=road.speed_km_h, lanes=road.lanes,
        width_m=road.width_m,
    )  # fmt: skip
    return Record(
        collection=ROAD_LINES.id, key=key, said_at=SAID_AT, when=Interval(SAID_AT, None),
        place={"type": "LineString", "coordinates": line}, body=body, source=SOURCE,
        marking=Marking(Status.EXERCISE), origin=Origin(address="drill:prefecture"),
    )  # fmt: skip
