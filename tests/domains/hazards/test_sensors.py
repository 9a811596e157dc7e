"""What sensors say and whether they are believed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from hinomi.domains.hazards.observe import sensors
from hinomi.domains.hazards.predict_sensors import SENSOR_STATES
from hinomi.kernel.marking import OPERATOR, Marking, Status
from hinomi.kernel.ports import Payload
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import GOOD, SUSPECT, Readings, from_micros
from hinomi.runtime import clock
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.models import Models
from hinomi.runtime.models_cursors import FileCursors
from hinomi.runtime.mqtt.registry import Registry
from hinomi.runtime.writer import Writer
from hinomi.stores.memory import MemoryStore

T0 = int(datetime(2026, 7, 1, tzinfo=UTC).timestamp())
HEAD = "sensor_id,name,kind,longitude,latitude,heartbeat_s,status\n"


def town(count: int = 1, step: float = 1.0, status: str = "") -> MemoryStore:
    rows = [f"S{n},S{n},flood-switch,{139 + n * step},35,600,{status}" for n in range(count)]
    store = MemoryStore()
    payload = Payload(
        data=(HEAD + "\n".join(rows)).encode(), name="s.csv", address="", digest="",
        taken_at=from_micros(T0 * 1_000_000),
    )  # fmt: skip
    parsed = sensors.parse(payload, None)  # type: ignore[arg-type]
    assert not parsed.problems
    store.put(parsed.records, at=from_micros(T0 * 1_000_000))
    return store


def say(store: Any, *said: tuple[str, float, float], quality: int = GOOD, status: str = "actual",
        measured: str = "depth_cm") -> None:  # fmt: skip
    registry = Registry(store)
    registry.refresh()
    for key, after_s, value in said:
        series = registry.series[sensors.series_id(key, measured), status]
        row = (0, int((T0 + after_s) * 1_000_000), value, quality)
        store.put([], [Readings(series=(series,), rows=[row])], at=from_micros(row[1]))


def states(store: Any, folder: Path, status: Status = Status.ACTUAL) -> dict[str, tuple[str, str]]:
    catalog = default_catalog()
    models = Models(Writer(store, now=clock.now), catalog, FileCursors(folder / "c.json"))
    models.catch_up()
    reader = Reader(store, catalog, OPERATOR, status=frozenset({status}))
    return {s.key: (s.body()["state"], s.body()["doubt"]) for s in reader.every("hazards.sensors")}


def steps(*values: float, every_s: float = 300) -> Sequence[tuple[str, float, float]]:
    return [("S0", n * every_s, value) for n, value in enumerate(values)]


@pytest.mark.parametrize(
    ("said", "state"),
    [
        (steps(0), ("dry", "")),
        (steps(0, 10), ("wet10", "")),
        (steps(0, 10, 20), ("wet20", "")),
        (steps(0, 10, 20, 30), ("wet30", "")),
        (steps(0, 10, 0), ("dry", "")),
        (steps(0, 30, every_s=10), ("suspect", "jump")),
        (steps(0, 30, 30, 30, every_s=70), ("wet30", "")),
        (steps(0, 10, 0, 10, 0, 10, every_s=60), ("suspect", "flapping")),
    ],
)
def test_water_is_believed_and_nonsense_is_not(
    tmp_path: Path, said: Sequence[tuple[str, float, float]], state: tuple[str, str]
) -> None:
    store = town()
    say(store, *said)
    assert states(store, tmp_path)["S0"] == state


def test_a_switch_above_a_dry_one_is_not_believed(tmp_path: Path) -> None:
    store = town()
    say(store, ("S0", 0, 30), quality=SUSPECT)
    assert states(store, tmp_path)["S0"] == ("suspect", "order")


def test_silence_means_something(tmp_path: Path) -> None:
    store = town(2)
    say(store, ("S0", 0, 10), ("S1", 0, 0), ("S1", 1_700, 0))
    assert states(store, tmp_path)["S0"] == ("wet10", "")
    say(store, ("S1", 1_900, 0))
    assert states(store, tmp_path)["S0"][0] == "silent"
    say(store, ("S0", 2_000, 0))
    assert states(store, tmp_path)["S0"] == ("dry", "")


def test_one_that_all_neighbours_contradict_waits_until_it_has_said_so_for_long(
    tmp_path: Path,
) -> None:
    store = town(6, step=0.0005)
    say(store, *((f"S{n}", 0, 0) for n in range(6)), ("S2", 60, 10))
    assert states(store, tmp_path)["S2"] == ("suspect", "neighbours")
    say(store, *((f"S{n}", 900, 0) for n in range(6) if n != 2), ("S2", 970, 10))
    assert states(store, tmp_path)["S2"] == ("wet10", "")


def test_a_dead_battery_is_not_believed_and_a_low_one_is_told(tmp_path: Path) -> None:
    store = town()
    say(store, ("S0", 0, 2.4), measured="battery_v")
    say(store, ("S0", 1, 10))
    assert states(store, tmp_path)["S0"] == ("suspect", "battery")


def test_an_exercise_never_raises_a_sensor_in_actual(tmp_path: Path) -> None:
    store = town(status="exercise")
    say(store, ("S0", 0, 10), status="exercise")
    assert states(store, tmp_path) == {}
    assert states(store, tmp_path, Status.EXERCISE)["S0"] == ("wet10", "")
    assert {m for c, m in store.counts() if c == "hazards.sensors"} == {Marking(Status.EXERCISE)}


def test_a_state_that_stays_makes_no_new_record(tmp_path: Path) -> None:
    store = town()
    say(store, ("S0", 0, 10))
    states(store, tmp_path)
    before = store.counts()
    say(store, ("S0", 60, 10), ("S0", 120, 10))
    states(store, tmp_path)
    assert store.counts() == before
    reader = Reader(store, default_catalog(), OPERATOR)
    assert len(reader.history("hazards.sensors", "S0").items) == 1


def test_a_list_with_faults_gives_its_good_rows() -> None:
    rows = ["A,a,flood-switch,139,35,60,", "B,b,nothing,139,35,60,", "A,again,other,139,35,60,",
            "C,c,other,35,139,60,", "D!,d,other,139,35,60,", "E,e,other,x,35,60,"]  # fmt: skip
    payload = Payload(data=(HEAD + "\n".join(rows)).encode(), name="s.csv", address="", digest="",
                      taken_at=from_micros(T0 * 1_000_000))  # fmt: skip
    parsed = sensors.parse(payload, None)  # type: ignore[arg-type]
    assert {r.key for r in parsed.records if r.collection.endswith("stations")} == {"A"}
    assert [p.path for p in parsed.problems] == ["/3", "/4", "/5", "/6", "/7"]
    assert SENSOR_STATES.limits.ja
