"""MLIT's water gauges: readings, stations, and the state that a model makes of them."""

from __future__ import annotations

import json
import random
import tarfile
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hinomi.domains.hazards.collections.gauges import GAUGES, RIVER_LEVELS, Thresholds
from hinomi.domains.hazards.observe import gauges
from hinomi.domains.hazards.predict_gauges import GAUGE_STATES
from hinomi.kernel.errors import DataError
from hinomi.kernel.geometry import Geometry
from hinomi.kernel.marking import OPEN, OPERATOR
from hinomi.kernel.ports import Parsed, Payload
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import SUSPECT, UNCHECKED
from hinomi.runtime.catalog import default_catalog
from hinomi.stores.memory import MemoryStore

NOW = datetime(2026, 6, 5, tzinfo=UTC)


class Nowhere:
    def place(self, code: str, on: date) -> Geometry | None:  # noqa: ARG002
        return None

    def knows(self, code: str, on: date) -> bool:  # noqa: ARG002
        return False


def item(code: str = "1000000264", time: str = "05:50", **more: Any) -> dict[str, Any]:
    return {
        "code": code,
        "name": "桂川４．２ｋ桂川橋",
        "obsTime": f"2026-06-03T{time}:00+09:00",
        "level": 113.2,
        "townCode": "10201",
        "over": 11,
        "startLevel": 112.92,
        "warnLevel": 113.1,
        "fladLevel": 113.6,
        "qt": None,
        "placeRiver": "桂川４．２ｋ桂川橋",
        "placeCity": None,
        "latitude": 36.373474,
        "longitude": 139.2028,
        **more,
    }


def snapshot(*items: Any, **more: Any) -> Payload:
    document = {"generatedAt": "2026-06-02T20:57:58.877Z", "items": list(items), **more}
    return payload(json.dumps(document).encode())


def payload(data: bytes, name: str = "2026060305.json") -> Payload:
    return Payload(data=data, name=name, address=name, digest="0" * 64, taken_at=NOW)


def parse(given: Payload) -> Parsed:
    return gauges.parse(given, Nowhere())


def put(store: MemoryStore, given: Payload) -> int:
    """Take a snapshot, run the model, and return how many states it made."""
    parsed = parse(given)
    store.put(parsed.records, parsed.readings, parsed.complete, at=NOW)
    made = GAUGE_STATES.predict(reader(store), {})
    store.put(made.records, at=NOW)
    return len(made.records)


def reader(store: MemoryStore) -> Reader:
    return Reader(store, default_catalog(), OPERATOR)


def states(store: MemoryStore) -> dict[str, str]:
    return {s.key: s.properties()["state"] for s in reader(store).every(GAUGES.id)}


@pytest.fixture(scope="module")
def flood(shared_data: Path) -> list[Payload]:
    """The 46 hourly snapshots of a real flood, in time order."""
    found = []
    with tarfile.open(shared_data / "exchange/river-levels-jp/2026-06-01_03.tar.xz") as archive:
        for member in archive:
            handle = archive.extractfile(member)
            if handle is not None and member.name.endswith(".json"):
                found.append(payload(handle.read(), Path(member.name).name))
    return sorted(found, key=lambda p: p.name)


def test_every_reading_of_the_flood_is_taken_once(flood: list[Payload]) -> None:
    store = MemoryStore()
    rows = new = 0
    problems: Counter[tuple[str, str]] = Counter()
    for given_payload in flood:
        assert gauges.is_snapshot(given_payload)
        parsed = parse(given_payload)
        rows += sum(len(batch.rows) for batch in parsed.readings)
        put_now = store.put(parsed.records, parsed.readings, parsed.complete, at=NOW)
        new += put_now.readings_new
        problems.update((p.code, p.grade) for p in parsed.problems)
    series = reader(store).series(RIVER_LEVELS.id)
    assert (len(flood), rows, len(series)) == (46, 13_275, 1_437)
    assert new == 13_275 - 1_266  # an obsTime that is repeated is known, not new
    # One gauge's 危険水位 stands above its 氾濫開始水位.
    assert problems == {("gauges.thresholds", "alarm"): 2}


def test_the_gauges_over_flood_level_are_as_many_as_the_sender_counts(
    flood: list[Payload],
) -> None:
    for given_payload in flood:
        parsed = parse(given_payload)
        thresholds = {r.key: r.body for r in parsed.records}
        (batch,) = parsed.readings
        over = sum(
            gauges.state_of(value, thresholds[batch.series[index].thing]) == "overflow"
            for index, _, value, _ in batch.rows
        )
        assert over == json.loads(given_payload.data)["floodCount"]


def test_a_count_that_is_not_the_senders_is_an_alarm() -> None:
    parsed = parse(snapshot(item(level=114.0), floodCount=0))
    assert [(p.code, p.grade) for p in parsed.problems] == [("gauges.flood-count", "alarm")]


@pytest.mark.slow
def test_a_record_is_made_only_when_a_state_changes_and_order_does_not_matter(
    flood: list[Payload],
) -> None:
    in_order, shuffled = MemoryStore(), MemoryStore()
    some = flood[:14]
    made = sum(put(in_order, p) for p in some)
    mixed = some[:]
    random.Random(4).shuffle(mixed)
    for given_payload in [*mixed, *mixed[:3]]:
        put(shuffled, given_payload)
    assert states(in_order) == states(shuffled)
    assert made < sum(len(json.loads(p.data)["items"]) for p in some) * 0.6
    assert put(in_order, some[-1]) == 0


@pytest.mark.parametrize(
    ("level", "state"),
    [
        (112.0, "below"),
        (112.92, "observing"),
        (113.09, "observing"),
        (113.1, "danger"),
        (113.6, "overflow"),
    ],
)
def test_a_state_is_the_gravest_threshold_reached(level: float, state: str) -> None:
    store = MemoryStore()
    put(store, snapshot(item(level=level)))
    assert states(store) == {"1000000264": state}


def test_a_threshold_that_the_source_does_not_state_is_passed_over() -> None:
    assert gauges.state_of(3.5, Thresholds(start_m=1.0, overflow_m=3.0)) == "overflow"
    assert gauges.state_of(2.0, Thresholds(caution_m=1.5, evacuation_m=2.5)) == "caution"
    assert gauges.state_of(2.0, Thresholds()) == "below"


def test_the_states_history_names_when_each_was_reached() -> None:
    store = MemoryStore()
    for time, level in (("01:00", 113.0), ("01:10", 113.05), ("01:20", 113.2), ("01:30", 113.0)):
        put(store, snapshot(item(time=time, level=level)))
    history = reader(store).history(GAUGES.id, "1000000264").items
    told = [(s.properties()["state"], s.said_at.isoformat()) for s in history]
    assert told == [
        ("observing", "2026-06-02T16:00:00+00:00"),
        ("danger", "2026-06-02T16:20:00+00:00"),
        ("observing", "2026-06-02T16:30:00+00:00"),
    ]


def test_a_late_snapshot_changes_nothing() -> None:
    store = MemoryStore()
    put(store, snapshot(item(time="02:00", level=113.0)))
    assert put(store, snapshot(item(time="01:00", level=114.0))) == 0
    assert states(store) == {"1000000264": "observing"}


def test_new_thresholds_make_a_new_record() -> None:
    store = MemoryStore()
    put(store, snapshot(item()))
    later = {"generatedAt": "2026-06-03T20:57:58Z"}
    assert put(store, snapshot(item(), **later)) == 0
    assert put(store, snapshot(item(fladLevel=113.15), generatedAt="2026-06-04T20:57:58Z")) == 1
    assert states(store) == {"1000000264": "overflow"}


def test_a_gauge_that_falls_silent_is_not_called_low() -> None:
    store = MemoryStore()
    put(store, snapshot(item("1", time="01:00"), item("2", time="01:00")))
    put(store, snapshot(item("2", time="05:00")))
    assert states(store) == {"1": "silent", "2": "danger"}
    put(store, snapshot(item("1", time="05:10"), item("2", time="05:10")))
    assert states(store) == {"1": "danger", "2": "danger"}


@pytest.mark.parametrize(
    ("wrong", "code", "grade"),
    [
        ({"level": -9999.0}, "gauges.level", "error"),
        ({"level": 150.0}, "gauges.level", "error"),
        ({"level": None}, "gauges.no-level", "note"),
        ({"level": "high"}, "gauges.broken-item", "error"),
        ({"obsTime": "yesterday"}, "gauges.time", "error"),
        ({"obsTime": "2026-06-09T00:00:00+09:00"}, "gauges.time", "error"),
        ({"obsTime": "9999-06-09T00:00:00+09:00"}, "gauges.time", "error"),
        ({"code": "../../etc"}, "gauges.code", "error"),
    ],
)
def test_an_impossible_value_costs_only_itself(wrong: Any, code: str, grade: str) -> None:
    parsed = parse(snapshot(item("1"), {**item("2"), **wrong}, item("3")))
    (batch,) = parsed.readings
    assert [s.thing for s in batch.series] == ["1", "3"]
    assert [(p.code, p.grade, p.path) for p in parsed.problems] == [(code, grade, "/items[1]")]


def test_a_wrong_position_leaves_the_reading() -> None:
    parsed = parse(snapshot(item(latitude=139.2, longitude=36.4)))
    assert parsed.records[0].place is None
    assert len(parsed.readings[0].rows) == 1
    assert [p.code for p in parsed.problems] == ["gauges.position"]


@pytest.mark.parametrize("generated", [None, 5, "soon", "2026-06-02T20:57:58"])
def test_a_snapshot_without_a_time_of_its_own_takes_the_files(generated: Any) -> None:
    parsed = parse(snapshot(item(), generatedAt=generated))
    assert parsed.records[0].said_at.isoformat() == "2026-06-05T00:00:00+09:00"


def test_a_time_without_a_zone_is_japans() -> None:
    parsed = parse(snapshot(item(obsTime="2026-06-03T05:50:00")))
    assert [(p.code, p.grade) for p in parsed.problems] == [("gauges.zone", "note")]
    assert parsed.readings[0].rows == parse(snapshot(item())).readings[0].rows


def test_a_gauge_without_a_position_is_an_alarm() -> None:
    parsed = parse(snapshot(item(latitude=None)))
    assert [(p.code, p.grade) for p in parsed.problems] == [("gauges.no-position", "alarm")]
    assert parsed.readings[0].series[0].longitude is None


def test_the_models_own_statements_do_not_wake_it() -> None:
    store = MemoryStore()
    put(store, snapshot(item()))
    assert GAUGE_STATES.predict(reader(store), {GAUGES.id: ("1000000264",)}).records == []


def test_what_the_sender_flags_is_suspect() -> None:
    parsed = parse(snapshot(item("1"), item("2", qt=8)))
    assert [row[3] for row in parsed.readings[0].rows] == [UNCHECKED, SUSPECT]


def test_a_station_carries_what_the_crisis_gauges_state_and_no_more() -> None:
    (record,) = parse(snapshot(item())).records
    body = record.body
    assert (body.start_m, body.danger_m, body.overflow_m) == (112.92, 113.1, 113.6)
    assert (body.standby_m, body.caution_m, body.evacuation_m) == (None, None, None)
    assert (body.municipality_code, body.municipality, body.river) == (
        "1020100",
        "群馬県前橋市",
        "",
    )
    assert record.marking == OPEN


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_cut_and_flipped_snapshots_give_records_or_a_named_refusal(data: st.DataObject) -> None:
    whole = bytearray(snapshot(item("1"), item("2"), item("3")).data)
    cut = data.draw(st.integers(1, len(whole)))
    for at in data.draw(st.lists(st.integers(0, len(whole) - 1), max_size=3)):
        whole[at] = data.draw(st.integers(0, 255))
    mangled = payload(bytes(whole[:cut]))
    gauges.is_snapshot(mangled)
    try:
        parsed = parse(mangled)
    except DataError:
        return
    store = MemoryStore()
    store.put(parsed.records, parsed.readings, parsed.complete, at=NOW)
    assert len(GAUGE_STATES.predict(reader(store), {}).records) <= 3
