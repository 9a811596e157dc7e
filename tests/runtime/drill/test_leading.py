"""Leading an exercise: pause, speed, jumps, injects, stop, replay, crash; who may see what."""

from __future__ import annotations

import threading
import time

import msgspec
import pytest
from shapely.geometry import shape

from hinomi.domains.response.collections.exercises import Direction
from hinomi.kernel.errors import DataError, InputError, MissingError
from hinomi.kernel.marking import ANONYMOUS, Disclosure, Marking, Principal, Status
from hinomi.runtime.drill import looking
from hinomi.runtime.drill.conductor import Conductor
from hinomi.runtime.drill.directing import leads, record
from tests.runtime.drill.conftest import EXERCISE, START, Theatre

GUEST = Principal("客（訓練）", ("exercise",), Disclosure.AMBER, ("*",))
INSTRUCTOR = Principal("進行", ("instructors",), Disclosure.AMBER, ("response.directions",))


def clock(theatre: Theatre) -> str:
    found = looking.standing(theatre.reader(), theatre.now)
    assert found is not None
    return str(found["time"])


def state(theatre: Theatre) -> str:
    found = looking.latest(theatre.reader())
    assert found is not None
    return found[1].state


def direct(theatre: Theatre, **said: object) -> None:
    theatre.conductor.direct(record("k", theatre.now, by="進行", **said).body)
    theatre.conductor.tick()


def test_the_clock_stands_still_in_a_pause_and_follows_the_speed(theatre: Theatre) -> None:
    theatre.conductor.start("typhoon", speed=10)
    theatre.go(1)
    direct(theatre, command="pause")
    assert clock(theatre) == "0:10:00"
    theatre.go(30)
    assert clock(theatre) == "0:10:00"
    direct(theatre, command="resume")
    direct(theatre, command="speed", speed=60.0)
    theatre.go(1)
    assert clock(theatre) == "1:10:00"


def test_a_jump_states_what_would_stand_then(theatre: Theatre) -> None:
    theatre.conductor.start("typhoon", speed=1)
    direct(theatre, command="pause")
    direct(theatre, command="jump", phase="特別警報と氾濫")
    levels = {b["area_name"]: b["level"] for b in theatre.bodies("hazards.levels").values()}
    assert (levels["望楼市"], levels["川守市"]) == (5, 5)
    assert next(iter(theatre.bodies("hazards.floods").values()))["level"] == 4
    # Of each hazard only the last state was told, but all that people were told.
    kinds = [b["kind"] for b in theatre.bodies("response.injects").values()]
    assert kinds == ["電話", "通行止"]


def test_a_jump_back_takes_back_what_was_said_since(theatre: Theatre) -> None:
    theatre.conductor.start("typhoon", speed=60)
    theatre.go(5)
    assert theatre.bodies("hazards.quake_reports")
    direct(theatre, command="jump", phase="警報")
    assert theatre.bodies("hazards.quake_reports") == {}
    assert max(b["level"] for b in theatre.bodies("hazards.levels").values()) == 3
    assert clock(theatre).startswith("0:30")


def test_an_injected_quake_comes_as_telegrams_and_in_the_script(theatre: Theatre) -> None:
    theatre.conductor.start("typhoon", speed=1)
    theatre.go(10)
    event = {
        "what": "地震", "where": "土手町=6弱", "value": "M6.0 深さ10km", "lon": "139.2",
        "lat": "31.5", "expected": "被害の確認",
    }  # fmt: skip
    direct(theatre, command="inject", event=event)
    theatre.go(10)
    reports = theatre.bodies("hazards.quake_reports").values()
    assert {b["telegram"] for b in reports} == {"VXSE51", "VXSE52", "VXSE53"}
    assert {b["max_intensity"] for b in reports if b["telegram"] == "VXSE53"} == {"6-"}
    [line] = [b for b in theatre.bodies("response.script").values() if b.get("injected_by")]
    assert (line["state"], line["title"]) == ("played", "地震 土手町=6弱 M6.0 深さ10km")


def test_a_quake_injected_in_the_second_of_another_is_a_quake_of_its_own(theatre: Theatre) -> None:
    theatre.conductor.start("typhoon", speed=60)
    direct(theatre, command="jump", phase="地震")
    event = {"what": "地震", "where": "土手町=5強", "value": "M6.1 深さ10km", "lon": "139.2"}
    direct(theatre, command="inject", event={**event, "lat": "31.5"})
    theatre.go(1)
    reports = theatre.bodies("hazards.quake_reports").values()
    full = {b["event_id"]: b["magnitude"] for b in reports if b["telegram"] == "VXSE53"}
    assert len(full) == 2
    assert 6.1 in full.values()


def test_a_full_shelter_is_full_at_once(theatre: Theatre) -> None:
    theatre.conductor.start("typhoon", speed=60)
    theatre.go(2)
    event = {"what": "満員", "where": "半鐘中学校", "text": "満員になった"}
    direct(theatre, command="inject", event=event)
    found = {b["name"]: b for b in theatre.bodies("response.shelters").values()}
    assert found["半鐘中学校"]["crowding"] == 1.0


def test_a_cut_road_is_a_restriction_until_it_is_open_again(theatre: Theatre) -> None:
    theatre.conductor.start("typhoon", speed=1)
    event = {"what": "通行止", "where": "県道1号、望楼市", "text": "倒木"}
    direct(theatre, command="inject", event=event)
    [road] = theatre.reader().every("response.roads")
    assert road.marking == Marking(Status.EXERCISE)
    said = road.body()
    assert (said["state"], said["municipality"], said["detail"]) == ("road_close", "望楼市", "倒木")
    # Where no point was given it stands inside its municipality.
    town = next(a for a in theatre.reader().every("areas") if a.body()["name"] == "望楼市")
    assert shape(town.place()).contains(shape(road.place()))
    direct(theatre, command="inject", event={**event, "value": "片側交互"})
    [said] = theatre.bodies("response.roads").values()
    assert said["state"] == "one_sided_alternating_traffic"
    direct(theatre, command="inject", event={**event, "value": "解除"})
    assert theatre.bodies("response.roads") == {}
    with pytest.raises(DataError, match="片側交互"):
        direct(theatre, command="inject", event={**event, "value": "半分"})


def test_a_power_failure_is_a_lifeline_of_each_municipality(theatre: Theatre) -> None:
    theatre.conductor.start("typhoon", speed=1)
    event = {"what": "停電", "where": "望楼市、雲見町", "value": "1,200戸", "text": "変電所が浸水"}
    direct(theatre, command="inject", event=event)
    found = {b["municipality"]: b for b in theatre.bodies("response.lifelines").values()}
    assert set(found) == {"望楼市", "雲見町"}
    assert {b["state"] for b in found.values()} == {"partial"}
    assert {b["households_out"] for b in found.values()} == {1200}
    assert all(s.place() for s in theatre.reader().every("response.lifelines"))
    direct(theatre, command="inject", event={**event, "where": "望楼市", "value": "復旧"})
    found = {b["municipality"]: b for b in theatre.bodies("response.lifelines").values()}
    assert (found["望楼市"]["state"], found["雲見町"]["state"]) == ("restored", "partial")


def test_a_jump_back_opens_the_roads_and_a_jump_forward_cuts_them_again(theatre: Theatre) -> None:
    theatre.conductor.start("typhoon", speed=1)
    for phase, roads in (("地震", 1), ("警報", 0), ("地震", 1)):
        direct(theatre, command="jump", phase=phase)
        assert len(theatre.bodies("response.roads")) == roads, phase
    assert theatre.bodies("response.lifelines")


def test_an_inject_that_makes_no_sense_is_refused_with_what_to_write(theatre: Theatre) -> None:
    theatre.conductor.start("typhoon", speed=1)
    with pytest.raises(DataError, match="Write what"):
        direct(theatre, command="inject", event={"what": "停電", "where": "土手町"})
    with pytest.raises(DataError):
        direct(theatre, command="inject", event={"what": "大雨", "where": "土出町", "value": "4"})


def test_commands_without_an_exercise_and_unknown_phases_are_refused(theatre: Theatre) -> None:
    with pytest.raises(InputError, match="No exercise"):
        direct(theatre, command="pause")
    theatre.conductor.start("typhoon", speed=1)
    with pytest.raises(InputError, match="stop it first"):
        theatre.conductor.start("typhoon")
    with pytest.raises(MissingError, match="phase"):
        direct(theatre, command="jump", phase="なんとか")
    with pytest.raises(InputError):
        record("k", START, by="x", command="fly")


def test_players_see_nothing_of_what_is_to_come(theatre: Theatre) -> None:
    theatre.conductor.start("typhoon", speed=60)
    theatre.go(2)
    for who in (ANONYMOUS, GUEST):
        reader = theatre.reader(who)
        for hidden in ("response.script", "response.directions"):
            assert list(reader.every(hidden)) == []
            assert reader.changes(0, collections=(hidden,)).items == []
        told = [s.body() for s in reader.every("response.injects")]
        assert {t["kind"] for t in told} == {"電話"}
        assert "停電" not in str([s.body() for s in reader.every("response.exercises")])
        assert not leads(who)
    assert leads(INSTRUCTOR)
    states = {s.body()["state"] for s in theatre.reader(INSTRUCTOR).every("response.script")}
    assert states == {"coming", "played"}


def test_the_end_is_told_and_a_second_run_starts_clean(theatre: Theatre) -> None:
    theatre.conductor.start("typhoon", speed=60)
    theatre.go(5)
    direct(theatre, command="stop")
    assert state(theatre) == "stopped"
    assert max(b["level"] for b in theatre.bodies("hazards.levels").values()) >= 3
    first = theatre.now
    theatre.now = theatre.now.replace(second=theatre.now.second + 5)
    theatre.conductor.start("typhoon", speed=1)
    theatre.go(3)
    for gone in ("hazards.quake_reports", "hazards.floods", "response.injects", "hazards.tsunami"):
        assert theatre.bodies(gone) == {}, gone
    assert {b["level"] for b in theatre.bodies("hazards.levels").values()} == {2}
    assert (
        len([b for b in theatre.bodies("response.shelters").values() if b["state"] == "open"]) == 1
    )
    # The history keeps the first run.
    assert list(theatre.reader().at(first).every("hazards.quake_reports"))
    direct(theatre, command="jump", phase="8:59")
    theatre.go(5)
    assert state(theatre) == "ended"
    found = looking.standing(theatre.reader(), theatre.now)
    assert found is not None
    assert "終了しました" in found["words_ja"]


def test_a_run_that_a_crash_left_open_is_told_to_be_over(theatre: Theatre) -> None:
    theatre.conductor.start("typhoon", speed=1)
    Conductor(theatre.writer, theatre.catalog, theatre.gazetteer).recover()
    assert state(theatre) == "stopped"


def test_commands_that_are_written_as_records_are_obeyed_and_answered(theatre: Theatre) -> None:
    stop = threading.Event()
    thread = threading.Thread(target=theatre.conductor.run, args=(stop,))
    thread.start()
    try:
        for key, said in (
            ("a", {"command": "start", "scenario": "typhoon", "speed": 1.0}),
            ("b", {"command": "pause"}),
            ("c", {"command": "pause"}),
        ):
            theatre.writer.put([record(key, theatre.now, by="進行", **said)])
            answer = looking.answered(theatre.reader, key)
            assert answer is not None
            assert bool(answer.en) is (key == "c")
        assert state(theatre) == "paused"
    finally:
        stop.set()
        thread.join(5)
    assert state(theatre) == "stopped"


def test_a_command_of_somebody_else_is_not_obeyed(theatre: Theatre) -> None:
    stop = threading.Event()
    thread = threading.Thread(target=theatre.conductor.run, args=(stop,))
    thread.start()
    try:
        real = record("a", theatre.now, by="x", command="start", scenario="typhoon")
        open_one = msgspec.structs.replace(real, marking=Marking(Status.EXERCISE))
        theatre.writer.put([open_one, msgspec.structs.replace(real, marking=Marking())])
        time.sleep(1.0)
        assert looking.latest(theatre.reader()) is None
    finally:
        stop.set()
        thread.join(5)


def test_a_direction_is_a_record_with_who_gave_it() -> None:
    made = record("k", START, by="進行", command="speed", speed=5.0)
    assert made.body == Direction(command="speed", speed=5.0, by="進行")
    assert made.marking.status in EXERCISE
    assert made.origin.entered_by == "進行"
