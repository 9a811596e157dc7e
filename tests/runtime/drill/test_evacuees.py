"""The drill has people and roads: its evacuation is planned anew as the typhoon goes on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from shapely.geometry import shape

from hinomi.domains.response.collections.exercises import Direction
from hinomi.domains.response.evacuation.collections import (
    CASES,
    PLANS,
    POPULATION,
    ROAD_LINES,
    SHELTER_PLANS,
)
from hinomi.kernel.marking import ANONYMOUS, OPERATOR, Status
from hinomi.runtime.drill import evacuees, residents, streets
from hinomi.runtime.drill.prefecture import TOWNS, make_prefecture
from hinomi.science.evacuation.roads import roads_from, ways
from tests.runtime.drill.conftest import Theatre


def direct(theatre: Theatre, **words: Any) -> None:
    theatre.conductor.direct(Direction(**words))


def plan(theatre: Theatre) -> dict[str, Any]:
    (found,) = theatre.bodies(PLANS.id).values()
    return found


def test_the_same_seed_has_the_same_people_and_roads() -> None:
    for made in (residents.records, streets.records):
        one, two = ([r.identity() for r in made()] for _ in range(2))
        assert one == two


def test_another_seed_has_other_people() -> None:
    one, two = ([r.body.people for r in residents.records(seed)] for seed in (1, 2))
    assert one != two
    assert sum(one) == sum(two)


def test_each_town_has_its_people_inside_its_border() -> None:
    blocks = list(residents.records())
    for ground in make_prefecture().grounds:
        mine = [b for b in blocks if b.body.municipality_code == ground.town.code]
        assert len(mine) == residents.SIDE**2
        assert sum(b.body.people for b in mine) == residents.PEOPLE[ground.town.name[-1]]
        assert len({b.body.name for b in mine}) == len(mine)
        border = shape(ground.place)
        assert all(border.contains(shape(b.place)) for b in mine), ground.town.name


def test_the_roads_are_one_network() -> None:
    lines = [np.array(r.place["coordinates"]) for r in streets.records()]
    graph = roads_from(lines)
    there = ways(graph, np.array([0]), graph.length_m, graph.walks)
    assert np.isfinite(there.time_s).all()
    assert 1_000 < graph.tail.size < 5_000


@pytest.fixture(scope="module")
def stormy() -> tuple[Theatre, list[dict[str, Any]]]:
    """The drill at its start, two and five hours in, each with the plan that stood."""
    theatre = Theatre()
    theatre.conductor.start("typhoon", speed=1)
    theatre.go(10, step=10)
    plans = [plan(theatre)]
    for phase in ("2:20", "3:20"):
        direct(theatre, command="jump", phase=phase)
        theatre.go(2, step=2)
        plans.append(plan(theatre))
    return theatre, plans


def test_the_plan_is_made_anew_as_levels_rise(
    stormy: tuple[Theatre, list[dict[str, Any]]],
) -> None:
    _, plans = stormy
    people = [p["people"] for p in plans]
    assert people[0] < people[1] <= people[2]
    assert len({p["fingerprint"] for p in plans}) == 3
    assert plans[-1]["open_shelters"] >= 3
    assert plans[-1]["staff_most"] > 0
    assert plans[-1]["cost_s"] == plans[-1]["bound_s"], "the best there is"


def test_shelters_fill_by_the_hour_and_nobody_beyond_their_room(
    stormy: tuple[Theatre, list[dict[str, Any]]],
) -> None:
    theatre, plans = stormy
    rows = [b for b in theatre.bodies(SHELTER_PLANS.id).values() if b["use"] == "open"]
    assert sum(row["people"] for row in rows) > 300
    for row in rows:
        hours = [hour["people"] for hour in row["hours"]]
        assert hours == sorted(hours)
        assert row["people"] <= row["capacity"]
    assert any(row["present"] for row in rows), "heads that were counted are part of it"
    assert any(row.get("fill", 0) > 0.5 for row in rows)
    assert plans[-1]["planned"] >= sum(row["people"] for row in rows)


def test_a_town_goes_by_its_roads(stormy: tuple[Theatre, list[dict[str, Any]]]) -> None:
    _, plans = stormy
    assert "road_lines=" in plans[-1]["based_on"]
    assert "road_lines=0" not in plans[-1]["based_on"]
    assert 2 < plans[-1]["minutes"] < 60


def test_nobody_of_the_drill_is_actual(stormy: tuple[Theatre, list[dict[str, Any]]]) -> None:
    theatre, _ = stormy
    for status in (Status.ACTUAL, Status.TEST):
        reader = theatre.reader(status=frozenset({status}))
        for collection in (POPULATION, ROAD_LINES, CASES, PLANS, SHELTER_PLANS):
            assert list(reader.every(collection.id)) == []
    assert list(theatre.reader(ANONYMOUS).every(PLANS.id)) == [], "a draft is the headquarters'"


def test_turning_the_time_back_keeps_a_plan(
    stormy: tuple[Theatre, list[dict[str, Any]]],
) -> None:
    theatre, plans = stormy
    direct(theatre, command="jump", phase="0:30")
    theatre.go(2, step=2)
    assert plan(theatre)["people"] < plans[-1]["people"]
    direct(theatre, command="stop")
    theatre.conductor.start("typhoon", speed=1)
    theatre.go(5, step=5)
    (case,) = theatre.reader(OPERATOR).every(CASES.id)
    assert case.body()["municipality"] == TOWNS[0][1]
    assert len(list(theatre.reader().every(POPULATION.id))) == 12 * 64


def test_without_what_computes_plans_there_is_no_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evacuees, "possible", lambda: False)
    theatre = Theatre()
    made = [*evacuees.stage(), *evacuees.cases("x", theatre.now + timedelta(0))]
    assert {r.collection for r in made} == {POPULATION.id, ROAD_LINES.id}
