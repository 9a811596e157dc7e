"""A town moves between SQLite and PostgreSQL with nothing lost, and may go on meanwhile."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import rule, run_state_machine_as_test

from hinomi.kernel.errors import InputError
from hinomi.kernel.marking import OPEN, Principal
from hinomi.kernel.records import Complete, Origin
from hinomi.kernel.store import Store
from hinomi.runtime import copying, storing
from hinomi.runtime.backup import back_up, restore
from hinomi.runtime.copying import copy
from hinomi.runtime.keys import Keys
from hinomi.stores.moving.of_postgres import PostgresFreight
from hinomi.stores.postgres import PostgresStore
from hinomi.stores.sqlite import SqliteStore
from hinomi.testing.machine import StoreMachine
from hinomi.testing.strategies import COLLECTION, START, Sighting
from hinomi.testing.suite import AMBER, EXERCISE, level, rows, said
from tests.stores.postgres.emptying import empty

LARGE = {"type": "LineString", "coordinates": [[130 + n / 100, 35.5] for n in range(500)]}


def live(store: Store, first: int, count: int = 30) -> None:
    """Let a town live: statements, corrections, lists, narrowings, readings, blobs."""
    for n in range(first, first + count):
        digest = store.put_blob(f"raw {n}".encode())
        place = [None, {"type": "Point", "coordinates": [139 + n / 100, 35]}, LARGE][n % 3]
        record = said(f"k{n % 7}", n, place=place, origin=Origin(digest=digest),
                      marking=[OPEN, AMBER, EXERCISE][n % 5 % 3],
                      body=Sighting(name="\x00 川", number=n), retracts=n % 11 == 10)  # fmt: skip
        done = store.put([record], [rows((n % 9, float(n)), (n, 0.5),
                                    series=level(f"levels.{n % 3}", title=f"{n // 20}"))],
                         at=START + timedelta(seconds=n))  # fmt: skip
        store.put([said(f"made{n}", n, origin=Origin(run="m@1", inputs=done.ids))], at=START)
        if n % 10 == 3:
            given = Complete(collection=COLLECTION, source="jma", covers=("k*",), keys=("k1", "k2"),
                             said_at=START + timedelta(minutes=n))  # fmt: skip
            store.put([], complete=[given], at=START)
        if n % 10 == 7:
            store.put([said("secret", n)], at=START)
            store.remark(COLLECTION, "secret", "jma", old=OPEN, new=AMBER, at=START)


def whole(store: Store) -> dict[str, Any]:
    """What a town answers, all markings seen."""
    everyone = store.markings()
    changes = store.changes(0, visible=everyone, limit=100_000)
    return {
        "changes": changes,
        "traces": [
            store.trace(change.record.id, visible=everyone)
            for change in changes.items
            if change.record is not None
        ],
        "counts": store.counts(),
        "position": store.position(),
        "moments": [store.position_at(START + timedelta(seconds=n)) for n in range(100)],
        "series": store.series("test.levels", visible=everyone),
        "readings": [store.readings(f"levels.{n}", visible=everyone) for n in range(3)],
        "as_of": [
            store.readings(f"levels.{n}", visible=everyone, as_of=40) for n in range(3)
        ],
        "blobs": {digest: store.blob(digest) for digest in store.blobs()},
        "history": store.history(COLLECTION, "k1", visible=everyone, limit=1000).items,
    }  # fmt: skip


@pytest.fixture
def village(tmp_path: Path) -> Path:
    store = SqliteStore(tmp_path / "village")
    live(store, 0)
    store.close()
    return tmp_path / "village"


def test_a_town_moves_to_the_server_and_back(village: Path, town: str, tmp_path: Path) -> None:
    there = copy(f"sqlite:{village}", town)
    back = copy(town, f"sqlite:{tmp_path / 'back'}")
    assert there.held == back.held
    assert {count for count, _ in there.held.values()} > {0}
    stores: list[Store] = [
        SqliteStore(village),
        PostgresStore(town),
        SqliteStore(tmp_path / "back"),
    ]
    answers = [whole(store) for store in stores]
    assert answers[0] == answers[1]
    assert answers[0] == answers[2]
    # And all three go on alike: lanes, lists and series are where they were.
    for store in stores:
        live(store, 30)
    answers = [whole(store) for store in stores]
    assert answers[0] == answers[1]
    assert answers[0] == answers[2]
    for store in stores:
        assert store.check() == []
        store.close()


def test_what_comes_after_a_copy_is_moved_by_the_next(village: Path, town: str) -> None:
    first = copy(f"sqlite:{village}", town)
    store = SqliteStore(village)
    live(store, 30)
    second = copy(f"sqlite:{village}", town)
    assert second.position > first.position
    assert 0 < second.moved["record"] < second.held["record"][0]
    target = PostgresStore(town, read_only=True)
    assert whole(target) == whole(store)
    target.close()
    store.close()


@pytest.mark.parametrize("steps", range(1, 12, 2))
def test_a_copy_that_broke_off_goes_on_where_it_was(
    village: Path, town: str, steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "_CHUNK", 20)
    load = PostgresFreight.load
    loaded = 0

    def fail(self: PostgresFreight, kind: str, rows: Any) -> None:
        nonlocal loaded
        loaded += 1
        if loaded > steps:
            raise ConnectionAbortedError
        load(self, kind, rows)

    with monkeypatch.context() as broken:
        broken.setattr(PostgresFreight, "load", fail)
        with pytest.raises(ConnectionAbortedError):
            copy(f"sqlite:{village}", town)
    store = SqliteStore(village)
    live(store, 30, 5)
    done = copy(f"sqlite:{village}", town)
    assert done.position == store.position()
    target = PostgresStore(town, read_only=True)
    assert whole(target) == whole(store)
    target.close()
    store.close()


def test_a_store_that_holds_something_is_no_target(village: Path, town: str) -> None:
    store = PostgresStore(town)
    store.put([said("own")], at=START)
    with pytest.raises(InputError, match="of its own"):
        copy(f"sqlite:{village}", town)
    store.close()
    with pytest.raises(InputError, match="same"):
        copy(town, town)


def test_a_target_that_was_written_to_after_the_copy_is_left_alone(
    village: Path, town: str
) -> None:
    copy(f"sqlite:{village}", town)
    store = PostgresStore(town)
    store.put([said("own", 99)], at=START)
    with pytest.raises(InputError, match="of its own"):
        copy(f"sqlite:{village}", town)
    store.close()


@pytest.mark.slow
def test_a_moved_store_answers_as_one_that_was_never_moved(
    new_town: Callable[[], str], tmp_path: Path
) -> None:
    """The state machine drives a store that is moved again and again, there and back."""
    towns = new_town()
    count = 0

    class Moving(StoreMachine):
        def make(self) -> Store:
            nonlocal count
            count += 1
            self.moves = 0
            self.address = f"sqlite:{tmp_path / str(count)}-0"
            return SqliteStore(Path(self.address.removeprefix("sqlite:")))

        @rule()
        def move(self) -> None:
            """Move the store to the other kind."""
            self.store.close()
            self.moves += 1
            target = f"sqlite:{tmp_path / str(count)}-{self.moves}"
            if self.address.startswith("sqlite:"):
                target = towns
                empty(towns)
            copy(self.address, target)
            self.address = target
            self.store = (
                PostgresStore(target)
                if target == towns
                else SqliteStore(Path(target.removeprefix("sqlite:")))
            )

    run_state_machine_as_test(
        Moving,
        settings=settings(
            max_examples=10,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.explicit, Phase.reuse, Phase.generate),
            print_blob=True,
        ),
    )


def test_a_back_up_of_a_town_on_postgres_is_restored_into_either_kind(
    town: str, new_town: Callable[[], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data"
    keys = Keys(data)
    secret = keys.create(Principal("officer"))
    keys.close()
    store = PostgresStore(town)
    live(store, 0)
    before = whole(store)
    store.close()
    monkeypatch.setenv(storing.VARIABLE, town)
    back_up(data, tmp_path / "town.tar")
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == ["data", "hinomi-erased.jsonl", "town.tar"]
    again = new_town()
    monkeypatch.setenv(storing.VARIABLE, again)
    restore(tmp_path / "town.tar", tmp_path / "again")
    assert not (tmp_path / "again" / "hinomi.db").exists()
    with pytest.raises(InputError, match="not empty"):
        restore(tmp_path / "town.tar", tmp_path / "again")
    monkeypatch.delenv(storing.VARIABLE)
    restore(tmp_path / "town.tar", tmp_path / "small")
    for restored in (PostgresStore(again), SqliteStore(tmp_path / "small")):
        assert whole(restored) == before
        assert restored.check() == []
        restored.close()
    for folder in ("again", "small"):
        # Keys lie where the town does.
        if folder == "again":
            monkeypatch.setenv(storing.VARIABLE, again)
        else:
            monkeypatch.delenv(storing.VARIABLE)
        kept = Keys(tmp_path / folder)
        found = kept.principal(secret)
        kept.close()
        assert found is not None
        assert found.name == "officer"
