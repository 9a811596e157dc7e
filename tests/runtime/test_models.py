"""The model runner: by the feed, status by status, marked by its inputs, idempotent."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hinomi.kernel.catalog import Catalog
from hinomi.kernel.errors import Text
from hinomi.kernel.marking import ANONYMOUS, OPERATOR, Disclosure, Marking, Status
from hinomi.kernel.ports import Domain, Model, Parsed
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Record
from hinomi.runtime import operations, quarantine
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.models import Models
from hinomi.runtime.models_cursors import FileCursors
from hinomi.runtime.models_poison import RunApart
from hinomi.runtime.writer import Writer
from hinomi.stores.sqlite import SqliteStore

T0 = datetime(2026, 6, 1, tzinfo=UTC)
EXERCISE = Marking(Status.EXERCISE)
AMBER = Marking(Status.ACTUAL, Disclosure.AMBER, ("city",))


@pytest.fixture
def models(writer: Writer, catalog: Catalog) -> Models:
    return Models(writer, catalog)


def thing(catalog: Catalog, key: str, value: float, marking: Marking | None = None) -> Record:
    schema = catalog.collection("demo.things").schema
    return Record(
        collection="demo.things",
        key=key,
        said_at=T0,
        body=schema(value),
        source="demo",
        marking=marking or Marking(),
    )


def doubles(writer: Writer, catalog: Catalog, **view: Any) -> dict[str, float]:
    principal = view.pop("principal", OPERATOR)
    reader = Reader(writer.store, catalog, principal, **view)
    return {i.key: i.body()["value"] for i in reader.every("demo.doubles")}


def test_results_follow_what_was_appended_and_name_their_run_and_inputs(
    writer: Writer, catalog: Catalog, models: Models
) -> None:
    put = writer.put([thing(catalog, "a", 1.0), thing(catalog, "b", 2.0)])
    models.catch_up()
    assert doubles(writer, catalog) == {"a": 2.0, "b": 4.0}
    reader = Reader(writer.store, catalog, OPERATOR)
    origin = reader.trace(reader.get("demo.doubles", "a").id).origins[0][0]
    assert (origin.run, origin.position) == ("demo-double@1", put.position)
    assert set(origin.inputs) == set(put.ids)


def test_a_second_round_and_a_lost_cursor_append_nothing(
    writer: Writer, catalog: Catalog, models: Models
) -> None:
    writer.put([thing(catalog, "a", 1.0)])
    models.catch_up()
    position = writer.store.position()
    assert models.catch_up() == 0
    Models(writer, catalog).catch_up()
    assert len(Reader(writer.store, catalog, OPERATOR).history("demo.doubles", "a").items) == 1
    assert writer.store.position() == position


def test_cursors_survive_a_restart(writer: Writer, catalog: Catalog, tmp_path: Path) -> None:
    path = tmp_path / "models.json"
    writer.put([thing(catalog, "a", 1.0)])
    assert Models(writer, catalog, FileCursors(path)).catch_up() > 0
    assert Models(writer, catalog, FileCursors(path)).catch_up() == 0


def test_an_exercise_stays_an_exercise(writer: Writer, catalog: Catalog, models: Models) -> None:
    writer.put([thing(catalog, "a", 1.0), thing(catalog, "a", 50.0, EXERCISE)])
    models.catch_up()
    assert doubles(writer, catalog) == {"a": 2.0}
    exercise = frozenset({Status.EXERCISE})
    assert doubles(writer, catalog, status=exercise) == {"a": 100.0}


def test_closed_inputs_give_closed_results_and_leave_the_open_ones_alone(
    writer: Writer, catalog: Catalog, models: Models
) -> None:
    writer.put([thing(catalog, "a", 1.0), thing(catalog, "secret", 9.0, AMBER)])
    models.catch_up()
    assert doubles(writer, catalog, principal=ANONYMOUS) == {"a": 2.0}
    reader = Reader(writer.store, catalog, OPERATOR)
    assert reader.get("demo.doubles", "secret").marking == AMBER


def faulty(catalog: Catalog, predict: Callable[..., Any]) -> Catalog:
    text = Text("故障", "faulty")
    model = Model(
        id="faulty",
        title=text,
        version="1",
        needs=("demo.things",),
        gives=(),
        predict=predict,
        reference="none",
        limits=text,
    )
    domain = Domain(id="more", title=text, models=(model,))
    return Catalog((*catalog.domains, domain))


def test_a_failing_model_raises_an_alarm_and_holds_up_no_other(
    writer: Writer, catalog: Catalog
) -> None:
    def predict(_reader: Reader, _keys: dict[str, Any]) -> Any:
        raise ZeroDivisionError

    wider = faulty(catalog, predict)
    writer.put([thing(catalog, "a", 1.0)])
    Models(writer, wider).catch_up()
    assert doubles(writer, wider) == {"a": 2.0}
    alarms = [i.body() for i in Reader(writer.store, wider, OPERATOR).every(operations.ALARMS.id)]
    assert [(a["source_id"], a["code"]) for a in alarms] == [("faulty", "model.failed")]


def test_after_a_failure_the_model_reads_everything_again(writer: Writer, catalog: Catalog) -> None:
    calls: list[dict[str, Any]] = []

    def predict(_reader: Reader, keys: dict[str, Any]) -> Parsed:
        calls.append(keys)
        if len(calls) == 1:
            raise ZeroDivisionError
        return Parsed()

    models = Models(writer, faulty(catalog, predict))
    writer.put([thing(catalog, "a", 1.0)])
    models.catch_up()
    writer.put([thing(catalog, "b", 1.0)])
    models.catch_up()
    assert calls == [{"demo.things": ("a",)}, {}]


def test_a_listener_only_wakes_and_the_thread_does_the_work(
    writer: Writer, catalog: Catalog, models: Models
) -> None:
    stop = threading.Event()
    writer.listeners.append(models.wake)
    thread = threading.Thread(target=models.run, args=(stop,))
    thread.start()
    try:
        writer.put([thing(catalog, "a", 1.0)])
        done = threading.Event()
        for _ in range(100):
            if doubles(writer, catalog):
                break
            done.wait(0.05)
    finally:
        stop.set()
        thread.join()
    assert doubles(writer, catalog) == {"a": 2.0}


class Crash:
    """A model that fails on a value, and whatever else it is shown it doubles."""

    def __init__(self, poison: set[float]) -> None:
        self.poison, self.runs = poison, 0

    def __call__(self, reader: Reader, _keys: dict[str, Any]) -> Parsed:
        self.runs += 1
        values = [item.body()["value"] for item in reader.every("demo.things")]
        if self.poison & set(values):
            raise ZeroDivisionError(f"{values}")
        return Parsed()


def test_a_record_that_fails_a_model_three_times_is_set_aside_and_the_others_go_on(
    writer: Writer, catalog: Catalog, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("hinomi.runtime.models._AGAIN_S", 0.0)
    crash = Crash({13.0, 17.0})
    wider = faulty(catalog, crash)
    put = writer.put([thing(catalog, f"k{n}", float(n)) for n in range(20)])
    models = Models(writer, wider, FileCursors(tmp_path / "models.json"))
    for _ in range(3):
        models.catch_up()
    reader = Reader(writer.store, wider, OPERATOR)
    found = {
        i.body()["found"]
        for i in reader.every(operations.ALARMS.id)
        if i.body()["code"] == "model.poisoned"
    }
    assert found == {put.ids[13], put.ids[17]}
    aside = quarantine.list_aside(writer.store)
    assert {(one.model, one.record, one.collection, one.key) for one in aside} == {
        ("faulty", put.ids[n], "demo.things", f"k{n}") for n in (13, 17)
    }
    # It stands for everyone else, the other models read it, and new ones are read without it.
    assert reader.get("demo.things", "k13").body()["value"] == 13.0
    assert doubles(writer, wider)["k13"] == 26.0
    before = crash.runs
    writer.put([thing(catalog, "new", 1.0)])
    restarted = Models(writer, wider, FileCursors(tmp_path / "models.json"))
    restarted.catch_up()
    assert crash.runs == before + 1
    failed = FileCursors(tmp_path / "models.json").of(wider.models["faulty"])
    assert (failed.failed, failed.tries) == (False, 0)


def test_a_record_that_kills_the_worker_is_found_apart(
    writer: Writer, catalog: Catalog, tmp_path: Path
) -> None:
    class Killed(BaseException):
        pass

    hidden_from: list[frozenset[str]] = []
    ended: list[bool] = []
    put = writer.put([thing(catalog, f"k{n}", float(n)) for n in range(8)])

    def predict(reader: Reader, _keys: dict[str, Any]) -> Parsed:
        if 5.0 in [item.body()["value"] for item in reader.every("demo.things")]:
            raise Killed
        return Parsed()

    class Dies:
        def __call__(self, _m: Model, _s: Status, _head: int, hidden: frozenset[str], /) -> bool:
            hidden_from.append(hidden)
            return put.ids[5] not in hidden

        def over(self) -> None:
            ended.append(True)

    wider = faulty(catalog, predict)
    for _ in range(3):
        with pytest.raises(Killed):
            Models(writer, wider, FileCursors(tmp_path / "m.json"), apart=Dies()).catch_up()
    assert hidden_from == []
    Models(writer, wider, FileCursors(tmp_path / "m.json"), apart=Dies()).catch_up()
    assert FileCursors(tmp_path / "m.json").of(wider.models["faulty"]).aside == (put.ids[5],)
    assert len(hidden_from) < 10
    assert ended


def test_a_model_at_fault_by_itself_blames_no_record(
    writer: Writer, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hinomi.runtime.models._AGAIN_S", 0.0)
    runs = 0

    def predict(_reader: Reader, _keys: dict[str, Any]) -> Parsed:
        nonlocal runs
        runs += 1
        raise ZeroDivisionError

    wider = faulty(catalog, predict)
    writer.put([thing(catalog, f"k{n}", 1.0) for n in range(3)])
    models = Models(writer, wider)
    for _ in range(6):
        models.catch_up()
    codes = [
        i.body()["code"] for i in Reader(writer.store, wider, OPERATOR).every(operations.ALARMS.id)
    ]
    # Three tries, one run without any of them; then it waits for something new.
    assert (codes, runs) == (["model.failed"], 4)


def test_a_run_apart_tells_how_it_ended_and_stores_nothing(tmp_path: Path) -> None:
    data = tmp_path / "data"
    SqliteStore(data).close()
    apart = RunApart(data)
    good = default_catalog().models["hazards.levels"]
    assert not apart(good, Status.ACTUAL, 0, frozenset())
    assert not apart(good, Status.ACTUAL, 0, frozenset({"some"}))
    assert apart(msgspec.structs.replace(good, id="nobody"), Status.ACTUAL, 0, frozenset())
    apart.over()


def test_a_round_that_the_server_closes_the_store_under_ends_quietly_and_runs_again(
    writer: Writer, catalog: Catalog, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    stop = threading.Event()
    open_ = [False]

    def predict(_reader: Reader, _keys: dict[str, Any]) -> Parsed:
        if not open_[0]:
            stop.set()
            raise ValueError("the connection is closed")
        return Parsed()

    wider = faulty(catalog, predict)
    writer.put([thing(catalog, "a", 1.0)])
    cursors = FileCursors(tmp_path / "models.json")
    models = Models(writer, wider, cursors)
    models.run(stop)
    assert not [r for r in caplog.records if r.levelno >= logging.WARNING]
    assert not list(Reader(writer.store, wider, OPERATOR).every(operations.ALARMS.id))
    assert cursors.of(wider.models["faulty"]).tries == 0
    open_[0] = True
    assert Models(writer, wider, FileCursors(tmp_path / "models.json")).catch_up() > 0
