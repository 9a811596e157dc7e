"""Graphs from lines, ways on them, walkers and cars: against closed forms."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hinomi.kernel.errors import InputError
from hinomi.science.evacuation.crowds import (
    FREE_M_S,
    JAM_PER_M2,
    SHAPE_PER_M2,
    Journeys,
    Streets,
    Travellers,
    flow_per_m_s,
    travel,
)
from hinomi.science.evacuation.roads import Roads, distance_m, nearest_nodes, roads_from, ways

STEP = 0.001  # a tenth of a kilometre and a bit, at the equator: 111.195 m
METRES = 111.19508


def grid(side: int) -> Roads:
    """Streets both ways on a square grid at the equator, each a line of `side` vertices."""
    at = STEP * np.arange(side)
    rows = [np.column_stack([at, np.full(side, y)]) for y in at]
    return roads_from([*rows, *(row[:, ::-1] for row in rows)])


def line(count: int) -> Roads:
    return roads_from([np.column_stack([STEP * np.arange(count), np.zeros(count)])])


def test_lines_join_where_they_share_a_vertex_and_only_there() -> None:
    along, across = [[0.0, 0.0], [0.001, 0.0], [0.002, 0.0]], [[0.001, -0.001], [0.001, 0.0]]
    bridge = [[0.0005, -0.001], [0.0005, 0.001]]
    found = roads_from([np.array(along), np.array(across), np.array(bridge)])
    # Two halves of the first, the second, and the third apart: each in two directions.
    assert found.tail.size == 2 * 4
    assert found.nodes == 6
    assert found.length_m[0] == pytest.approx(METRES, rel=1e-6)


def test_a_grid_gives_manhattan_distances() -> None:
    roads = grid(20)
    goal, _ = nearest_nodes(roads, np.array([[0.0, 0.0]]), roads.walks)
    found = ways(roads, goal, roads.length_m / 1.0, roads.walks)
    exact = METRES * (roads.longitude + roads.latitude) / STEP
    np.testing.assert_allclose(found.time_s[0], exact, rtol=1e-6)
    # Following the links from the far corner takes just that long.
    node, took = int(np.argmax(exact)), 0.0
    while node != goal[0]:
        link = found.link[0, node]
        took, node = took + roads.length_m[link], int(roads.head[link])
    assert took == pytest.approx(exact.max(), rel=1e-6)


def test_a_closed_road_is_gone_round_and_an_island_is_not_reached() -> None:
    square = [[[0, 0], [STEP, 0]], [[STEP, 0], [STEP, STEP]], [[STEP, STEP], [0, STEP]],
              [[0, STEP], [0, 0]]]  # fmt: skip
    roads = roads_from([np.array(side, float) for side in square])
    ends = np.array([[0.0, 0.0], [STEP, 0.0]])
    (start, goal), _ = nearest_nodes(roads, ends, roads.walks)

    def way(now: Roads) -> float:
        return float(ways(now, np.array([goal]), now.length_m, now.walks).time_s[0, start])

    assert way(roads) == pytest.approx(METRES, rel=1e-5)
    assert way(roads.without(np.array([0]))) == pytest.approx(3 * METRES, rel=1e-5)
    assert way(roads.without(np.array([0, 2]))) == np.inf


def test_cars_obey_a_one_way_street_and_walkers_do_not() -> None:
    roads = roads_from([np.array([[0.0, 0.0], [STEP, 0.0]])], oneway=np.array([True]))
    assert roads.drives.tolist() == [True, False]
    assert roads.walks.all()


def test_roads_that_cannot_be_are_refused() -> None:
    for lines in ([], [np.array([[0.0, 0.0]])], [np.array([[36.0, 136.0], [36.1, 136.1]])]):
        with pytest.raises(InputError):
            roads_from(lines)


def test_the_haversine_is_the_meridians_arc() -> None:
    assert distance_m(np.array([139.0, 35.0]), np.array([139.0, 36.0])) == pytest.approx(
        2 * np.pi * 6_371_008.8 / 360, rel=1e-12
    )


def walk(
    roads: Roads, count: int, *, apart_s: float = 0.0, until_s: float = 1e6, **of: Any
) -> Journeys:
    """`count` people from one end of the roads to the other; flow, area and speed in ``of``."""
    ends = np.array([[0.0, 0.0], [roads.longitude.max(), roads.latitude.max()]])
    (start, goal), _ = nearest_nodes(roads, ends, roads.walks)
    found = ways(roads, np.array([goal]), roads.length_m, roads.walks)
    who = Travellers(
        depart_s=apart_s * np.arange(count), node=np.full(count, start),
        goal=np.zeros(count, int), speed_m_s=np.full(count, of.get("speed", 1.0)),
    )  # fmt: skip
    links = roads.tail.size
    streets = Streets(
        speed_m_s=np.full(links, np.inf), flow_per_s=np.full(links, of.get("flow", 1e6)),
        area_m2=np.broadcast_to(np.asarray(of.get("area", 0.0)), (links,)),
    )  # fmt: skip
    return travel(roads, found, who, streets, until_s)


def test_on_free_roads_everyone_arrives_after_length_by_speed() -> None:
    fared = walk(grid(10), 50, speed=0.5)
    np.testing.assert_allclose(fared.arrival_s, 2 * 9 * METRES / 0.5, rtol=1e-4)


def test_a_bottleneck_delays_as_vickrey_says() -> None:
    # All at once through a flow of 0.5 a second: the n-th waits 2 n seconds, at the first link.
    fared = walk(line(3), 100, flow=0.5)
    free = 2 * METRES
    np.testing.assert_allclose(np.sort(fared.arrival_s), free + 2.0 * np.arange(100), rtol=1e-6)
    assert fared.waited_s.sum() == pytest.approx(2.0 * 99 * 100 / 2, rel=1e-9)
    assert fared.longest_queue.max() == 99
    # Who come slower than that wait for nobody.
    assert walk(line(3), 100, flow=0.5, apart_s=2.01).waited_s.sum() == pytest.approx(0, abs=1e-6)


def test_a_crowd_slows_down_as_weidmann_says() -> None:
    roads = line(2)
    width = 2.0
    count = 200
    fared = walk(roads, count, area=width * roads.length_m)
    density = np.arange(1, count + 1) / (width * roads.length_m[0])
    slowed = 1 - np.exp(-SHAPE_PER_M2 * (1 / density - 1 / JAM_PER_M2))
    np.testing.assert_allclose(np.sort(fared.arrival_s), np.sort(METRES / slowed), rtol=1e-4)
    assert flow_per_m_s(np.linspace(0.1, 5, 500)).max() == pytest.approx(1.225, abs=2e-3)
    assert flow_per_m_s(np.array([JAM_PER_M2]))[0] == pytest.approx(0)
    assert FREE_M_S == 1.34


def test_who_is_late_or_has_no_way_is_told_and_never_arrives_in_silence() -> None:
    roads = line(3)
    fared = walk(roads, 10, until_s=100.0)
    assert np.isinf(fared.arrival_s).all()
    assert fared.stranded == 0
    cut = walk(
        roads_from([np.array([[0.0, 0], [STEP, 0]]), np.array([[2 * STEP, 0], [3 * STEP, 0]])]), 4
    )
    assert cut.stranded == 4
    assert np.isinf(cut.arrival_s).all()


def test_broken_travellers_are_refused() -> None:
    with pytest.raises(InputError):
        walk(line(3), 2, speed=0.0)
    with pytest.raises(InputError):
        walk(line(3), 2, flow=-1.0)


def test_nobody_is_lost_on_a_large_grid() -> None:
    roads = grid(60)
    rng = np.random.default_rng(3)
    count = 5_000
    goals = rng.integers(0, roads.nodes, 8)
    found = ways(roads, goals, roads.length_m, roads.walks)
    start, goal = rng.integers(0, roads.nodes, count), rng.integers(0, 8, count)
    who = Travellers(
        depart_s=rng.random(count) * 3600, node=start, goal=goal, speed_m_s=np.ones(count)
    )
    links = roads.tail.size
    streets = Streets(
        speed_m_s=np.full(links, np.inf), flow_per_s=np.full(links, 1.0), area_m2=np.zeros(links)
    )
    fared = travel(roads, found, who, streets, 1e9)
    took = fared.arrival_s - who.depart_s
    free = found.time_s[goal, start]
    assert (took >= free - 1e-6).all()
    # Each second lost is a second waited: nothing else slows anybody.
    assert (took - free).sum() == pytest.approx(fared.waited_s.sum(), rel=1e-6)
    hops = fared.passed.sum()
    assert hops > count


def test_a_place_without_a_position_is_told() -> None:
    with pytest.raises(InputError, match="points"):
        nearest_nodes(line(3), np.array([[np.nan, 0.0]]), np.ones(line(3).tail.size, bool))
