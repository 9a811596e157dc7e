"""The store on PostgreSQL beside bare PostgreSQL, and its pages beside TiPg and pygeoapi.

Run: ``.venv/bin/python -m benchmarks.postgres [--small] [--pages]``. A cluster of its own; rounds
take turns, medians are printed.
"""

# ruff: noqa: E501 - names are ours; lines of a table are long
from __future__ import annotations

import argparse
import multiprocessing as mp
import random
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
import psycopg

from benchmarks import load, peers
from benchmarks.postgres_order import order
from benchmarks.postgres_pages import fresh, pages
from hinomi.kernel.marking import OPEN
from hinomi.kernel.records import Readings, Series, micros
from hinomi.stores.postgres import PostgresStore
from hinomi.stores.postgres.series import _HEAD, _TAIL, _WIRE

START = datetime(2026, 1, 1, tzinfo=UTC)
SEE = frozenset({OPEN})
COLUMNS = ("series", "marking", "quality", "time", "batch", "value")
SIZES = (4, 2, 2, 8, 8, 8)
MINUTE = 60_000_000


class Spent(NamedTuple):
    """What something took: seconds by the clock, and of CPU on both sides together."""

    wall_s: float
    cpu_s: float


def timed(call: Callable[[], Any], server: int | None = None) -> Spent:
    """Run something; ``server`` is the pid of the database whose CPU counts too."""
    pids = [] if server is None else [server]
    start, used = time.perf_counter(), time.process_time() + load.cpu_s(pids)
    call()
    wall = time.perf_counter() - start
    return Spent(wall, time.process_time() + load.cpu_s(pids) - used)


def gauges(count: int, prefix: str = "g") -> tuple[Series, ...]:
    rng = random.Random(3)
    return tuple(
        Series(
            id=f"{prefix}{n:05}", collection="bench.levels", thing=f"{n}", property="level_m",
            unit="m", source="mlit", longitude=rng.uniform(128, 146), latitude=rng.uniform(30, 45),
        )
        for n in range(count)
    )  # fmt: skip


def wire(rows: np.ndarray[Any, Any], first: int) -> bytes:
    """Return (series, minute, value) as COPY's binary form."""
    made = np.zeros(len(rows), _WIRE)
    made["count"] = len(COLUMNS)
    for name, size in zip(COLUMNS, SIZES, strict=True):
        made[f"{name}_size"] = size
    made["series"], made["value"] = rows[:, 0] + 1, rows[:, 2]
    made["time"] = micros(START) + rows[:, 1].astype(np.int64) * MINUTE
    made["batch"], made["marking"] = first, 1
    return bytes(_HEAD + made.tobytes() + _TAIL)


def copy_in(connection: psycopg.Connection[Any], data: bytes) -> None:
    with connection.cursor() as cursor:
        statement = f"COPY hinomi.reading ({', '.join(COLUMNS)}) FROM STDIN (FORMAT BINARY)"
        with cursor.copy(statement) as copy:  # type: ignore[arg-type]
            copy.write(data)


def bulk(url: str, server: int, total: int, rounds: int) -> str:
    """Readings in bulk through the store, and by bare COPY into the same partitioned table."""
    count, batch = 1_000, 100_000
    series = gauges(count)
    minutes = batch // count
    found: dict[str, list[Spent]] = {"bare": [], "store": []}
    for _ in range(rounds):
        store = PostgresStore(fresh(url, "bulk"))
        store.put([], [Readings(series=series, rows=[(n, micros(START) - 1, 0.0, 0) for n in range(count)])], at=START)  # fmt: skip
        chunks = [
            [
                (n, micros(START) + (first * minutes + m) * MINUTE, m + n / 1000, 0)
                for m in range(minutes)
                for n in range(count)
            ]
            for first in range(total // batch)
        ]

        def through_store(store: PostgresStore = store, chunks: Any = chunks) -> None:
            for rows in chunks:
                store.put([], [Readings(series=series, rows=rows)], at=START)

        found["store"].append(timed(through_store, server))
        bare = PostgresStore(fresh(url, "bulkbare"))
        bare.put([], [Readings(series=series, rows=[(n, micros(START) + m * 24 * 60 * MINUTE - 1, 0.0, 0) for n in (0,) for m in range(20)])], at=START)  # fmt: skip
        arrays = [np.array([(n, (r[1] - micros(START)) // MINUTE, r[2]) for r in rows for n in (r[0],)]) for rows in chunks]  # fmt: skip
        with psycopg.connect(bare.url, autocommit=True) as connection:
            # In the order that the index likes best, as the store writes them.
            copies = [
                wire(rows[np.lexsort((rows[:, 1], rows[:, 0]))], 2 + i)
                for i, rows in enumerate(arrays)
            ]
            found["bare"].append(
                timed(lambda c=connection, d=copies: [copy_in(c, one) for one in d], server)  # type: ignore[misc]
            )
        store.close()
        bare.close()
    (ours_, our_cpu), (plain, cpu) = (_medians(found[name], total) for name in ("store", "bare"))
    return f"| readings by COPY, 100,000 a batch | {ours_:,.0f} rows/s | bare COPY {plain:,.0f} | {ours_ / plain:.2f} | {cpu / our_cpu:.2f} | >= 0.60 |"


def _medians(rounds: list[Spent], count: float) -> tuple[float, float]:
    """Return the medians of how many a second, and of CPU [us] for each."""
    per_s = statistics.median(count / one.wall_s for one in rounds)
    return per_s, statistics.median(one.cpu_s / count * 1e6 for one in rounds)


_SMALL, _SECONDS = 100, 4.0


def _store_writer(url: str, number: int, gate: Any, done: Any) -> None:
    store = PostgresStore(url)
    series = gauges(_SMALL, f"w{number}-")
    store.put([], [Readings(series=series, rows=[(n, 0, 0.0, 0) for n in range(_SMALL)])], at=START)
    gate.wait()
    used = time.process_time()
    end, count = time.perf_counter() + _SECONDS, 0
    while time.perf_counter() < end:
        count += 1
        at = micros(START) + count * MINUTE
        store.put(
            [], [Readings(series=series, rows=[(n, at, 1.0, 0) for n in range(_SMALL)])], at=START
        )
    done.put((count, time.process_time() - used))
    gate.wait()
    store.close()


def _bare_writer(url: str, number: int, gate: Any, done: Any) -> None:
    """The same rows into the same tables, as plainly as PostgreSQL lets one."""
    with psycopg.connect(url) as connection:
        gate.wait()
        used = time.process_time()
        end, count = time.perf_counter() + _SECONDS, 0
        lines = np.arange(_SMALL) + number * _SMALL
        numbers = (lines + 1).tolist()
        while time.perf_counter() < end:
            count += 1
            rows = np.column_stack([lines, np.full(_SMALL, count), np.ones(_SMALL)])
            copy_in(connection, wire(rows, count))
            connection.execute(
                "INSERT INTO hinomi.latest SELECT s, 1, 0, %s, %s, 1.0 FROM unnest(%s::int[]) AS s"
                " ON CONFLICT (series) DO UPDATE SET time = excluded.time, batch = excluded.batch",
                (micros(START) + count * MINUTE, count, numbers),
            )
            connection.commit()
        done.put((count, time.process_time() - used))
        gate.wait()


def writers(url: str, server: int, work: Callable[..., None], count: int) -> tuple[float, float]:
    """Return rows/s of so many processes that commit small batches, and CPU [ms] a batch."""
    context = mp.get_context("spawn")
    gate, done = context.Barrier(count + 1), context.Queue()
    processes = [context.Process(target=work, args=(url, n, gate, done)) for n in range(count)]
    for process in processes:
        process.start()
    gate.wait()
    used = load.cpu_s([server])
    told = [done.get(timeout=120) for _ in processes]
    # A server's process that has ended is counted no more.
    used = load.cpu_s([server]) - used
    gate.wait()
    for process in processes:
        process.join()
    batches = sum(made for made, _ in told)
    cpu_s = used + sum(cpu for _, cpu in told)
    return batches * _SMALL / _SECONDS, cpu_s / batches * 1e3


def small(url: str, server: int, rounds: int) -> str:
    found: dict[str, list[tuple[float, float]]] = {"store": [], "bare": []}
    for _ in range(rounds):
        found["store"].append(writers(_empty(url, "small"), server, _store_writer, 8))
        found["bare"].append(writers(_empty(url, "smallbare"), server, _bare_writer, 8))
    (ours_, our_cpu), (plain, cpu) = (
        (statistics.median(a for a, _ in found[name]), statistics.median(b for _, b in found[name]))
        for name in ("store", "bare")
    )
    return f"| readings, durable batches of 100, 8 writers | {ours_:,.0f} rows/s | bare COPY + latest {plain:,.0f} | {ours_ / plain:.2f} | {cpu / our_cpu:.2f} | >= 0.50 |"


def _empty(url: str, name: str) -> str:
    """Return a new town with one series and partitions for the times to come."""
    address = fresh(url, name)
    store = PostgresStore(address)
    days = [(0, micros(START) + day * 24 * 60 * MINUTE, 0.0, 0) for day in range(10)]
    store.put([], [Readings(series=gauges(1), rows=days)], at=START)
    store.close()
    return address


def box_and_day(url: str, total: int, rounds: int) -> str:
    """One sensor box and day out of many readings, beside the covering index asked plainly."""
    count = 1_000
    store = PostgresStore(fresh(url, "days"))
    series = gauges(count)
    store.put(
        [],
        [Readings(series=series, rows=[(n, micros(START) - 1, 0.0, 0) for n in range(count)])],
        at=START,
    )
    minutes = total // count
    store.put(
        [],
        [
            Readings(
                series=series[:1],
                rows=[
                    (0, micros(START) + d * 24 * 60 * MINUTE, 0.0, 0)
                    for d in range(minutes // 1440 + 1)
                ],
            )
        ],
        at=START,
    )
    with psycopg.connect(store.url, autocommit=True) as connection:
        for first in range(0, minutes, 500):
            grid = np.array(
                [(n, m, m) for n in range(count) for m in range(first, min(first + 500, minutes))]
            )
            copy_in(connection, wire(grid, 9))
        connection.execute("VACUUM ANALYZE")
        box = (136.0, 36.0, 137.0, 36.8)
        first_day = 2 if minutes > 3 * 1440 else 0
        start, end = START + timedelta(days=first_day), START + timedelta(days=first_day + 1)
        bare = (
            "SELECT r.series, r.time, r.value FROM hinomi.series s JOIN hinomi.reading r ON r.series = s.id"
            " WHERE s.longitude BETWEEN %s AND %s AND s.latitude BETWEEN %s AND %s"
            " AND r.time >= %s AND r.time < %s"
        )
        values = (box[0], box[2], box[1], box[3], micros(start), micros(end))
        found: dict[str, list[float]] = {"store": [], "bare": []}
        rows = 0

        def asked() -> list[Any]:
            return store.readings_in("bench.levels", visible=SEE, bbox=box, start=start, end=end)

        for _ in range(rounds * 10):
            found["bare"].append(
                timed(lambda: connection.execute(bare, values, binary=True).fetchall()).wall_s
            )
            found["store"].append(timed(asked).wall_s)
            rows = len(asked())
    store.close()
    ours_, plain = (1e3 * statistics.median(found[name]) for name in ("store", "bare"))
    return f"| one sensor box and day ({rows:,} rows) out of {total:.0e} | {ours_:.1f} ms | covering index, plain SQL {plain:.1f} ms | {ours_ / plain:.2f} | | <= 3 |"


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--small", action="store_true", help="a tenth of the rows, one round")
    words.add_argument("--pages", action="store_true", help="only the pages beside the peers")
    chosen = words.parse_args()
    rounds = 1 if chosen.small else 3
    work = peers.HOME / "postgres"
    if not chosen.pages:
        with peers.postgres(work / "pg") as (url, server):
            print(
                "| measure | ours | beside | ratio | by CPU | goal |\n|---|---:|---:|---:|---:|---|",
                flush=True,
            )
            print(bulk(url, server, 500_000 if chosen.small else 1_000_000, rounds), flush=True)
            print(small(url, server, 2 * rounds - 1), flush=True)
            print(box_and_day(url, 1_000_000 if chosen.small else 10_000_000, rounds), flush=True)
            print(
                "\n| order of positions, 16 writers | commits/s | missed | repeated |\n|---|---:|---:|---:|"
            )
            print("\n".join(order(url)), flush=True)
    print()
    print("\n".join(pages(work / "pages", rounds)), flush=True)


if __name__ == "__main__":
    main()
