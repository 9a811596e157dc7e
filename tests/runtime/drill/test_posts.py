"""The drill's flood sensors: a town's own list, SensorThings arrays, a map that follows them."""

from __future__ import annotations

import itertools
import json
from datetime import timedelta

import pytest

from hinomi.kernel.marking import OPERATOR, Status
from hinomi.runtime.drill import areas, posts, terrain
from hinomi.runtime.drill.cue import Memory, Moment
from hinomi.runtime.drill.guard import ExerciseWriter
from hinomi.runtime.drill.library import FIRST, load
from hinomi.runtime.drill.posts_cues import dry, sensor_cues
from hinomi.runtime.intake import Intake
from hinomi.runtime.mqtt.messages import Message, Sense
from tests.runtime.drill.conftest import START, Theatre

SEED = 118


def hear(theatre: Theatre, data: bytes) -> None:
    sensing = ExerciseWriter(theatre.writer).sensing
    message = Message("sensorthings", "v1.1/CreateObservations", data)
    found = sensing.take(Sense(messages=(message,), status="exercise"), "drill:x")
    sensing.ring()
    assert found.problems == ()
    assert found.new > 0
    theatre.models.catch_up()


@pytest.fixture
def town(theatre: Theatre) -> Theatre:
    intake = Intake(ExerciseWriter(theatre.writer), theatre.catalog, theatre.gazetteer)
    theatre.writer.put(areas.records(SEED))
    for name, data in (
        ("drill-ground.tif", terrain.elevation(SEED)),
        ("drill_sensors.csv", posts.station_list(SEED)),
    ):
        report = intake.take(data, name, f"drill:{name}", areas.SAID_AT)
        assert report.records_new
    return theatre


def test_the_water_comes_from_the_breach_down_and_goes_again() -> None:
    at = [posts.said(SEED, timedelta(minutes=m)) for m in range(0, 361, 5)]
    first = {key: next((n for n, said in enumerate(at) if said[key]), None) for key in at[0]}
    last_spot = max(posts.posts(SEED)[:-1], key=lambda post: post.below_m)
    nearest = min(posts.posts(SEED)[:-1], key=lambda post: post.below_m)
    assert first[nearest.key] < first[last_spot.key]
    assert first[posts.posts(SEED)[-1].key] is None  # It stands on a hill.
    assert sum(n is not None for n in first.values()) == 8
    assert not any(at[0].values())
    assert not any(at[-1].values())


def test_each_switch_turns_after_the_one_below_it(theatre: Theatre) -> None:
    del theatre
    memory = Memory()
    scenario = load(FIRST, START.date())
    told: dict[str, list[float]] = {}
    for cue in sensor_cues(scenario):
        data = cue.make(Moment(START + cue.after, lambda after: START + after), memory)  # type: ignore[misc]
        if data is None:
            continue
        for array in json.loads(data):
            name = array["Datastream"]["@iot.id"]
            if name.endswith("depth_cm"):
                told.setdefault(name, []).extend(row[1] for row in array["dataArray"])
    assert len(told) == 9
    assert max(max(values) for values in told.values()) == 30
    for values in told.values():
        steps = [abs(b - a) for a, b in itertools.pairwise(values)]
        assert all(step == 10 for step in steps)
        assert values[-1] == 0


def test_the_towns_map_follows_its_sensors_and_stays_in_the_exercise(town: Theatre) -> None:
    memory = Memory()
    cues = list(sensor_cues(load(FIRST, START.date())))[:5]
    for cue in cues:
        town.now = START + cue.after
        data = cue.make(Moment(town.now, lambda after: START + after), memory)  # type: ignore[misc]
        if data is not None:
            hear(town, data)
    states = {key: body["state"] for key, body in town.bodies("hazards.sensors").items()}
    assert states["drill-s9"] == "dry"
    assert "wet10" in states.values() or "wet30" in states.values()
    (newest, *_) = sorted(
        town.reader().every("hazards.depths"), key=lambda s: s.said_at, reverse=True
    )
    assert newest.body()["wet"] > 0
    assert newest.marking.status is Status.EXERCISE
    assert town.reader(OPERATOR, frozenset({Status.ACTUAL})).find("hazards.depths").items == []
    town.now += timedelta(minutes=10)
    hear(town, dry(Moment(town.now, lambda after: START + after), memory))
    states = {b["state"] for b in town.bodies("hazards.sensors").values()}
    assert states == {"dry"}
