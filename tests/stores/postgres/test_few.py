"""Small batches of readings: one call, and no position twice, whatever the server goes through."""

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from hinomi.kernel.records import EPOCH, Readings
from hinomi.stores.postgres import PostgresStore
from hinomi.stores.postgres.few import Few
from hinomi.stores.postgres.link import WRITERS_LOCK
from hinomi.testing.strategies import SERIES, START
from hinomi.testing.suite import SEE, level, rows, said
from tests.stores.postgres.server import Cluster

SECOND = 1_000_000


@pytest.fixture
def ways(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """What took the short way (true), and what did not."""
    taken: list[bool] = []
    put = Few.put

    def noted(self: Few, batch: Readings, at: Any) -> Any:
        done = put(self, batch, at)
        taken.append(done is not None)
        return done

    monkeypatch.setattr(Few, "put", noted)
    return taken


def told(store: PostgresStore, line: str = "levels.1") -> list[tuple[int, float]]:
    return [(r.time, r.value) for r in store.readings(line, visible=SEE)]


def test_what_needs_no_decision_takes_the_short_way(store: PostgresStore, ways: list[bool]) -> None:
    lines = (level("levels.1"), level("levels.2"))
    batches = [
        Readings(series=lines, rows=[(n, 10 * k + m, float(k), n) for m in (1, 0) for n in (1, 0)])
        for k in range(3)
    ]
    done = [store.put([], [batch], at=START + timedelta(seconds=3 - n)) for n, batch in
            enumerate(batches)]  # fmt: skip
    assert ways == [False, True, True]
    assert [(put.position, put.readings_new, put.readings_known) for put in done] == [
        (1, 4, 0), (2, 4, 0), (3, 4, 0),
    ]  # fmt: skip
    expected = [(10 * k + m, float(k)) for k in range(3) for m in (0, 1)]
    assert told(store, "levels.1") == told(store, "levels.2") == expected
    changes = store.changes(1, visible=SEE)
    assert [(c.kind, c.collection, c.key) for c in changes.items] == [("readings", SERIES, "4")] * 2
    # The clock went back; what is recorded does not.
    assert [c.recorded_at for c in changes.items] == [START + timedelta(seconds=3)] * 2
    latest = store.series(SERIES, visible=SEE)
    assert [x.reading.quality for x in latest if x.reading] == [0, 1]
    assert store.check() == []


@pytest.mark.parametrize(
    ("batch", "new", "value"),
    [
        (rows((SECOND, 1.0)), 0, 1.0),
        (rows((SECOND, 2.0)), 1, 2.0),
        (rows((0, 2.0)), 1, 1.0),
        (rows((2 * SECOND, 2.0), (2 * SECOND, 3.0)), 2, 3.0),
        (rows((400 * 86_400 * SECOND, 2.0)), 1, 2.0),
        (rows((2 * SECOND, 2.0), series=level(unit="m")), 1, 2.0),
        (rows((2 * SECOND, 2.0), series=level(title="renamed")), 1, 2.0),
        (rows(), 0, 1.0),
    ],
    ids=["known", "corrected", "late", "twice", "no partition", "same", "redefined", "empty"],
)
def test_what_needs_one_is_decided_as_ever(
    store: PostgresStore, ways: list[bool], batch: Readings, new: int, value: float
) -> None:
    store.put([], [rows((SECOND, 1.0))], at=START)
    done = store.put([], [batch], at=START)
    assert ways[1] is (batch.series[0] == level() and batch.rows == [(0, 2 * SECOND, 2.0, 0)])
    assert done.readings_new == new
    (latest,) = store.series(SERIES, visible=SEE)
    assert latest.reading is not None
    assert latest.reading.value == value
    assert latest.series == batch.series[0]
    assert store.check() == []


def test_what_another_process_defined_or_wrote_meanwhile_is_seen(
    store: PostgresStore, ways: list[bool]
) -> None:
    other = PostgresStore(store.url)
    store.put([], [rows((1, 1.0))], at=START)
    other.put([], [rows((3, 3.0), series=level(title="renamed"))], at=START)
    # By what this process knew, both would be new and the name as it was.
    assert store.put([], [rows((3, 3.0))], at=START).readings_new == 0
    assert store.put([], [rows((2, 2.0))], at=START).readings_new == 1
    assert ways == [False] * 4
    assert told(store) == [(1, 1.0), (2, 2.0), (3, 3.0)]
    assert store.check() == []
    other.close()


def test_a_partition_that_was_retired_is_made_again(
    store: PostgresStore, ways: list[bool], tmp_path: Path
) -> None:
    pytest.importorskip("pyarrow.parquet")
    store.put([], [rows((SECOND, 1.0))], at=START)
    other = PostgresStore(store.url)
    assert other.retire_readings(EPOCH + timedelta(days=800), tmp_path / "old.parquet") == 1
    other.close()
    assert store.put([], [rows((2 * SECOND, 2.0))], at=START).readings_new == 1
    assert ways == [False, False]
    assert told(store) == [(2 * SECOND, 2.0)]


def test_inside_of_a_step_of_several_it_is_kept_or_lost_with_them(
    store: PostgresStore, ways: list[bool]
) -> None:
    store.put([], [rows((1, 1.0))], at=START)
    ways.clear()

    def fail() -> None:
        with store.exclusive():
            store.put([], [rows((2, 2.0))], at=START)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert ways == []
    assert told(store) == [(1, 1.0)]


def crash(cluster: Cluster) -> None:
    """Kill the server's processes, all at one moment, as a power failure would."""
    main = int((cluster.folder / "db" / "postmaster.pid").read_text().splitlines()[0])
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                parents[int(entry.name)] = int(
                    (entry / "stat").read_text().rsplit(")", 1)[1].split()[1]
                )
    killed = [main, *(pid for pid, parent in parents.items() if parent == main)]
    for pid in killed:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    for pid in killed:
        with contextlib.suppress(OSError):
            while Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z":
                time.sleep(0.01)
    # As after a power failure, when no process of those numbers is there.
    (cluster.folder / "db" / "postmaster.pid").unlink()
    for lock in cluster.folder.glob(".s.PGSQL.*.lock"):
        lock.unlink()


@pytest.fixture
def crashing() -> Iterator[Cluster]:
    cluster = Cluster()
    yield cluster
    cluster.remove()


def test_no_position_is_given_twice_though_a_crash_takes_back_what_was_seen(
    crashing: Cluster,
) -> None:
    """What is seen before it is durable may be lost; nobody was told that it is kept.

    Were its position given to something else, a reader who has passed it would miss that for ever.
    """
    store = PostgresStore(crashing.url())
    reader = PostgresStore(crashing.url(), read_only=True)
    store.put([said("a")], [rows((1, 1.0))], at=START)
    kept = store.put([], [rows((2, 2.0))], at=START).position
    with psycopg.connect(crashing.url(), autocommit=True) as admin:
        held = admin.execute("SELECT pid FROM pg_stat_activity WHERE backend_type = 'walwriter'")
        # Nothing reaches the disk on its own from here on.
        os.kill(int(held.fetchall()[0][0]), signal.SIGSTOP)
    # A writer whose call the crash interrupts: its batch is seen, and not yet on the disk.
    store._own.connection.execute("SET synchronous_commit = off")
    store.put([], [rows((3, 3.0))], at=START)
    seen = reader.changes(0, visible=SEE).position
    assert seen == kept + 1
    crash(crashing)
    crashing.start()
    assert told(reader) == [(1, 1.0), (2, 2.0)]
    assert reader.position() == kept
    newer = PostgresStore(crashing.url())
    # Both ways begin behind all that was ever seen.
    first = newer.put([], [rows((3, 3.0))], at=START)
    again = newer.put([], [rows((4, 4.0))], at=START)
    assert seen < first.position < again.position
    found = reader.changes(seen, visible=SEE)
    assert [change.seq for change in found.items] == [first.position, again.position]
    assert newer.check() == []
    for one in (store, reader, newer):
        one.close()


def test_what_was_acknowledged_is_there_after_a_crash_and_the_short_way_finds_the_crash(
    crashing: Cluster, ways: list[bool]
) -> None:
    store = PostgresStore(crashing.url())
    for n in range(3):
        done = store.put([], [rows((2 * n, 1.0))], at=START)
        done = store.put([], [rows((2 * n + 1, 1.0))], at=START)
        crashing.stop("immediate")
        crashing.start()
        assert len(told(store)) == 2 * n + 2
        assert store.position() == done.position
    assert ways == [False, True, True, True, True, True]
    assert store.check() == []
    store.close()


def test_who_waits_long_for_the_lock_stands_in_its_queue(
    store: PostgresStore, ways: list[bool]
) -> None:
    """It tries for a moment, then waits for its turn: nobody passes it for ever."""
    store.put([], [rows((SECOND, 1.0))], at=START)
    with psycopg.connect(store.url) as other, ThreadPoolExecutor(1) as pool:
        other.execute("SELECT pg_advisory_xact_lock(%s)", (WRITERS_LOCK,))
        waiting = pool.submit(store.put, [], [rows((2 * SECOND, 2.0))], at=START)
        end = time.monotonic() + 60
        while not other.execute(
            "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        ).fetchall():
            assert time.monotonic() < end
            time.sleep(0.01)
        assert not waiting.done()
        other.rollback()
        assert waiting.result(timeout=60).position == 2
    assert ways == [False, True]
