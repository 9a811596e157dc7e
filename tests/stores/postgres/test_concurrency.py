"""Several writers at once: what the feed gives, what is stored once, who wins."""

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from hinomi.kernel.errors import ConflictError
from hinomi.kernel.records import Complete
from hinomi.runtime.writer import Writer
from hinomi.stores.postgres import PostgresStore
from hinomi.testing.strategies import COLLECTION, SERIES, START, Sighting
from hinomi.testing.suite import SEE, ask, level, rows, said

WRITERS = 16


@pytest.fixture
def stores(town: str) -> Iterator[list[PostgresStore]]:
    """Several processes' stores of one town: each has connections of its own."""
    with ExitStack() as stack:
        opened = [PostgresStore(town) for _ in range(4)]
        for store in opened:
            stack.callback(store.close)
        yield opened
        assert opened[0].check() == []


def together(work: Callable[[int], Any], count: int = WRITERS) -> list[Any]:
    """Do it in so many threads, begun at one moment; give their results."""
    gate = threading.Barrier(count)

    def begin(number: int) -> Any:
        gate.wait()
        return work(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(begin, range(count)))


def follow(read: Callable[[int], tuple[Sequence[int], int]], stop: threading.Event) -> list[int]:
    """Read by cursor, again and again, until told to stop; then once more to the end."""
    found: list[int] = []
    position = 0
    while True:
        last = stop.is_set()
        seqs, position = read(position)
        found += seqs
        if last and not seqs:
            return found


@pytest.mark.slow
def test_a_reader_by_cursor_never_misses_and_never_repeats(town: str) -> None:
    puts = 12
    with ExitStack() as stack:
        writers = [PostgresStore(town) for _ in range(WRITERS)]
        reader = PostgresStore(town, read_only=True)
        for store in (*writers, reader):
            stack.callback(store.close)
        stop = threading.Event()

        def read(after: int) -> tuple[list[int], int]:
            step = reader.changes(after, visible=SEE, limit=7)
            return [change.seq for change in step.items], step.position

        def write(number: int) -> int:
            chance = random.Random(number)
            for n in range(puts):
                records = [said(f"{number}-{n}-{k}") for k in range(chance.randint(1, 4))]
                line = level(f"levels.{number}")
                writers[number].put(records, [rows((2 * n, 1.0), series=line)], at=START)
                # A small batch alone takes a shorter way, and shares its flush with others.
                writers[number].put([], [rows((2 * n + 1, 1.0), series=line)], at=START)
            return number

        with ThreadPoolExecutor(1) as pool:
            following = pool.submit(follow, read, stop)
            together(write)
            stop.set()
            found = following.result()
        # Each record and each batch is one position, without a gap.
        assert found == list(range(1, reader.position() + 1))
        assert reader.position() >= WRITERS * puts * 3
        assert reader.check() == []


@pytest.mark.slow
def test_the_naive_reader_of_a_sequence_misses_what_commits_late(town: str) -> None:
    """Numbers from a sequence are given before the commit: what a cursor has passed comes later.

    The test above would show it, if the store did so: here is the same reader on such a table.
    """
    with psycopg.connect(town, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS naive")
        connection.execute("CREATE TABLE naive (seq bigserial PRIMARY KEY)")
    stop = threading.Event()
    reader = psycopg.connect(town, autocommit=True)

    def read(after: int) -> tuple[list[int], int]:
        seqs = [
            seq
            for (seq,) in reader.execute(
                "SELECT seq FROM naive WHERE seq > %s ORDER BY seq", (after,)
            )
        ]
        return seqs, seqs[-1] if seqs else after

    def write(number: int) -> None:
        chance = random.Random(number)
        with psycopg.connect(town) as connection:
            for _ in range(12):
                connection.execute("INSERT INTO naive DEFAULT VALUES")
                # What a writer does between its first row and its commit takes its time.
                time.sleep(chance.uniform(0, 0.004))
                connection.commit()

    with ThreadPoolExecutor(1) as pool:
        following = pool.submit(follow, read, stop)
        together(write)
        stop.set()
        found = following.result()
    stored = [seq for (seq,) in reader.execute("SELECT seq FROM naive ORDER BY seq")]
    reader.close()
    assert len(stored) == WRITERS * 12
    assert set(found) < set(stored)


def test_one_statement_from_two_writers_is_stored_once(stores: list[PostgresStore]) -> None:
    done = together(lambda n: stores[n % 4].put([said(f"k{i}") for i in range(20)], at=START), 8)
    assert sum(put.new for put in done) == 20
    assert sum(put.known for put in done) == 7 * 20
    assert len({put.ids for put in done}) == 1
    assert stores[0].position() == 20


def test_readings_from_several_writers_are_stored_once(stores: list[PostgresStore]) -> None:
    batch = rows(*((n, float(n)) for n in range(50)))
    done = together(lambda n: stores[n % 4].put([], [batch], at=START), 8)
    assert sum(put.readings_new for put in done) == 50
    (latest,) = stores[0].series(SERIES, visible=SEE)
    assert latest.reading is not None
    assert latest.reading.time == 49


def test_of_writers_that_saw_the_same_state_one_wins(stores: list[PostgresStore]) -> None:
    position = stores[0].put([said("a")], at=START).position
    writers = [Writer(store, now=lambda: START) for store in stores]

    def restate(number: int) -> bool:
        record = said("a", number + 1, body=Sighting(name=f"by {number}"))
        try:
            writers[number % 4].append([record], since=position)
        except ConflictError:
            return False
        return True

    won = together(restate, 8)
    assert won.count(True) == 1
    assert ask(stores[0]) == [f"a:by {won.index(True)}"]
    assert stores[0].position() == position + 1


@pytest.mark.parametrize("seed", range(3))
def test_lists_end_what_they_leave_out_whoever_writes_first(
    stores: list[PostgresStore], seed: int
) -> None:
    def listed(minute: int) -> Complete:
        return Complete(
            collection=COLLECTION,
            source="jma",
            said_at=START + timedelta(minutes=minute),
            covers=("*",),
            keys=(f"k{minute}",),
        )

    steps: list[Callable[[PostgresStore], Any]] = [
        *(lambda s, m=m: s.put([said(f"k{m}", m)], at=START) for m in range(8)),  # type: ignore[misc]
        *(lambda s, m=m: s.put([], complete=[listed(m)], at=START) for m in range(8)),  # type: ignore[misc]
    ]
    random.Random(seed).shuffle(steps)
    together(lambda n: steps[n](stores[n % 4]))
    assert ask(stores[0]) == ["k7:7"]


def test_names_that_two_writers_meet_at_once_are_one(stores: list[PostgresStore]) -> None:
    together(lambda n: stores[n % 4].put([said("a", n, source=f"s{n % 2}")], at=START), 8)
    assert len(ask(stores[0], beside=True)) == 2


def test_a_failed_writer_leaves_nothing_and_holds_nobody_up(stores: list[PostgresStore]) -> None:
    with pytest.raises(TypeError):
        stores[0].put([said("a", source="new"), said("b", body=object())], at=START)
    assert stores[1].put([said("a", source="new")], at=START).position == 1
    assert stores[0].put([said("a", source="new")], at=START).known == 1
