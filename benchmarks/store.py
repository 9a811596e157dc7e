"""The embedded store beside bare SQLite with the same layout, and its growth with the table.

Run: ``.venv/bin/python benchmarks/store.py [--small]``. Prints one table; medians of rounds.
"""

# ruff: noqa: B023, E501, FBT003 - loops call their closures at once; lines of a table are long
from __future__ import annotations

import argparse
import multiprocessing as mp
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import apsw
import msgspec

from hinomi.kernel.filters import And, Compare, Property, Value
from hinomi.kernel.geometry import point
from hinomi.kernel.marking import OPEN
from hinomi.kernel.records import EPOCH, Readings, Record, Series
from hinomi.kernel.store import Query
from hinomi.stores.sqlite import SqliteStore
from hinomi.stores.sqlite.link import WRITER_PRAGMAS
from hinomi.stores.sqlite.schema import VERSION_1

START = datetime(2026, 1, 1, tzinfo=UTC)
SEE = frozenset({OPEN})


class Site(msgspec.Struct):
    name: str
    address: str
    capacity: int
    flood: bool


def sites(count: int, version: int = 0) -> list[Record]:
    rng = random.Random(7)
    return [
        Record(
            collection="bench.sites",
            key=f"{n:08d}",
            said_at=START + timedelta(minutes=version),
            body=Site(f"避難所{n}", f"石川県{n}番地", version * 7 + n % 500, n % 3 == 0),
            source="gsi",
            place=point(rng.uniform(128, 146), rng.uniform(30, 45)),
        )
        for n in range(count)
    ]


def timed(call: Callable[[], Any], clock: Callable[[], float] = time.perf_counter) -> float:
    start = clock()
    call()
    return clock() - start


def median_us(calls: list[Callable[[], Any]]) -> float:
    calls[0]()
    # Of this thread's own time: what else runs on the machine is not the store's.
    return statistics.median(timed(call, time.thread_time) for call in calls) * 1e6


def boxes(count: int, size: float) -> list[tuple[float, float, float, float]]:
    rng = random.Random(11)
    corners = [(rng.uniform(129, 144), rng.uniform(31, 43)) for _ in range(count)]
    return [(w, s, w + size, s + size) for w, s in corners]


def pages(store: SqliteStore, size: float, **question: Any) -> float:
    """The first page of 100 of never-repeated boxes [us]."""
    queries = [
        Query(collection="bench.sites", visible=SEE, bbox=box, limit=100, **question)
        for box in boxes(60, size)
    ]
    return median_us([lambda q=q: store.find(q) for q in queries])


def fill(folder: Path, count: int, versions: int = 1) -> SqliteStore:
    store = SqliteStore(folder)
    taken = 0.0
    for version in range(versions):
        records = sites(count, version)
        at = START + timedelta(minutes=version)
        for first in range(0, count, 1000):
            part = records[first : first + 1000]
            taken += timed(lambda part=part, at=at: store.put(part, at=at))
    print(
        f"put, {count:>9,} things x {versions:>3} versions: {count * versions / taken:>9,.0f} records/s"
    )
    return store


def growth(room: Path, sizes: list[int]) -> None:
    for count in sizes:
        store = fill(room / f"grown{count}", count)
        size = 18 * (1500 / count) ** 0.5
        narrow = And(
            (
                Compare(">", Property("capacity"), Value(250)),
                Compare("=", Property("flood"), Value(True)),
            )
        )
        for label, question in (
            ("bbox page (about 1,000 hits)", {}),
            ("bbox page as of the newest", {"as_of": store.position()}),
            ("bbox page with a filter (1 in 6)", {"filter": narrow}),
        ):
            print(f"  {label:<40} {pages(store, min(size, 15), **question):>9,.0f} us")
        queries = [
            Query(collection="bench.sites", visible=SEE, keys=(f"{n:08d}",)) for n in range(60)
        ]
        print(
            f"  {'one by key':<40} {median_us([lambda q=q: store.find(q) for q in queries]):>9,.0f} us"
        )
        first = Query(collection="bench.sites", visible=SEE, limit=100)
        print(
            f"  {'first page of 100, no box':<40} {median_us([lambda: store.find(first)] * 30):>9,.0f} us"
        )
        print(f"  {'position()':<40} {median_us([store.position] * 300):>9,.1f} us")
        store.close()


def history(room: Path, things: int) -> None:
    for versions in (1, 10, 100):
        store = fill(room / f"history{versions}", things, versions)
        now = pages(store, 5)
        middle = store.position_at(START + timedelta(minutes=versions // 2))
        then = pages(store, 5, as_of=middle)
        print(f"  current {now:,.0f} us, as of the middle {then:,.0f} us, ratio {then / now:.2f}")
        store.close()


def bare(file: Path) -> apsw.Connection:
    connection = apsw.Connection(str(file))
    for pragma in WRITER_PRAGMAS:
        connection.execute(f"PRAGMA {pragma}").fetchall()
    connection.execute(VERSION_1).fetchall()
    return connection


def bare_batch(
    connection: apsw.Connection, rows: list[tuple[int, int, float, int]], batch: int
) -> None:
    with connection:
        connection.executemany(
            "INSERT INTO reading VALUES (?, ?, ?, ?, ?)",
            ((s, t, batch, v, q) for s, t, v, q in rows),
        )
        connection.executemany(
            "INSERT INTO latest VALUES (?, ?, ?, ?, ?) ON CONFLICT (series) DO UPDATE SET"
            " time = excluded.time, batch = excluded.batch, value = excluded.value,"
            " quality = excluded.quality",
            ((s, t, batch, v, q) for s, t, v, q in rows),
        )


def gauges(count: int) -> tuple[Series, ...]:
    rng = random.Random(3)
    return tuple(
        Series(
            id=f"bench.levels.{n:05d}.level_m",
            collection="bench.levels",
            thing=f"{n:05d}",
            property="level_m",
            unit="m",
            source="mlit",
            longitude=rng.uniform(128, 146),
            latitude=rng.uniform(30, 45),
        )
        for n in range(count)
    )


def durable(room: Path, series: tuple[Series, ...]) -> None:
    rng = random.Random(5)
    for size, rounds in ((100, 150), (1_000, 60), (100_000, 3)):
        ours, theirs = [], []
        store = SqliteStore(room / f"ours{size}")
        store.put(
            [],
            [Readings(series=series, rows=[(n, 0, 1.0, 0) for n in range(len(series))])],
            at=START,
        )
        connection = bare(room / f"bare{size}.db")
        bare_batch(connection, [(n, 0, 1.0, 0) for n in range(len(series))], 0)
        for number in range(1, rounds + 1):
            rows = [
                (rng.randrange(len(series)), number * 1_000_000 + n, rng.random(), 0)
                for n in range(size)
            ]
            chosen = sorted({row[0] for row in rows})
            index = {n: i for i, n in enumerate(chosen)}
            batch = Readings(
                series=tuple(series[n] for n in chosen),
                rows=[(index[s], t, v, q) for s, t, v, q in rows],
            )
            # Turn about, so that both meet the same neighbours on the machine.
            ours.append(timed(lambda batch=batch: store.put([], [batch], at=START)))
            theirs.append(timed(lambda rows=rows, n=number: bare_batch(connection, rows, n)))
        a, b = size / statistics.median(ours), size / statistics.median(theirs)
        print(
            f"readings, batches of {size:>7,}: {a:>9,.0f} rows/s; bare {b:>9,.0f}; ratio {a / b:.2f}"
        )
        store.close()
        connection.close()


def many(room: Path, series: tuple[Series, ...], steps: int) -> Path:
    folder = room / "many"
    store = SqliteStore(folder)
    taken = 0.0
    step = 100
    for first in range(0, steps, step):
        rows = [
            (n, (first + k) * 600_000_000, float(k), 0)
            for n in range(len(series))
            for k in range(step)
        ]
        batch = Readings(series=series, rows=rows)
        taken += timed(lambda batch=batch: store.put([], [batch], at=START))
    print(f"readings, {steps * len(series):,} in bulk: {steps * len(series) / taken:,.0f} rows/s")
    connection = store._links.here().connection
    end = EPOCH + timedelta(seconds=600 * steps)
    ours, theirs, rows_read = [], [], 0
    for box in boxes(40, 0.9):
        start = end - timedelta(days=1)
        ask = lambda box=box, start=start: store.readings_in(  # noqa: E731
            "bench.levels", visible=SEE, bbox=box, start=start, end=end
        )
        ask()
        rows_read += len(ask())
        ours.append(timed(ask, time.thread_time))

        def sql(box: Any = box, start: datetime = start) -> list[Any]:
            low = (start - EPOCH) // timedelta(microseconds=1)
            return connection.execute(
                "SELECT s.name, r.time, r.value, r.quality, r.batch FROM series s CROSS JOIN reading r"
                " WHERE s.longitude BETWEEN ? AND ? AND s.latitude BETWEEN ? AND ?"
                " AND r.series = s.id AND r.time >= ? AND r.time < ?",
                (box[0], box[2], box[1], box[3], low, low + 86_400_000_000),
            ).fetchall()

        theirs.append(timed(sql, time.thread_time))
    a, b = statistics.median(ours) * 1e3, statistics.median(theirs) * 1e3
    print(
        f"sensor box and day ({rows_read // 40:,} rows): {a:.1f} ms; bare SQL {b:.1f} ms; ratio {a / b:.2f}"
    )
    print(
        f"latest of {len(series):,}: series() {median_us([lambda: store.series('bench.levels', visible=SEE)] * 7) / 1e3:.1f} ms;",
        end=" ",
    )
    print(
        f"nothing new since {median_us([lambda: store.series('bench.levels', visible=SEE, since=store.position())] * 30) / 1e3:.2f} ms;",
        end=" ",
    )
    again = []
    for n in range(7):
        rows = [(i, (steps + n) * 600_000_000, 1.0, 0) for i in range(0, len(series), 100)]
        since = store.position()
        store.put([], [Readings(series=series, rows=rows)], at=START)
        again.append(
            timed(
                lambda since=since: store.series("bench.levels", visible=SEE, since=since),
                time.thread_time,
            )
        )
    print(f"after a batch of 100 {statistics.median(again) * 1e3:.1f} ms")
    store.close()
    return folder


def write_on(folder: Path, stop: Any) -> None:
    store = SqliteStore(folder)
    version = 1
    count = 0
    began = time.perf_counter()
    while not stop.is_set():
        records = sites(100, version)
        store.put(records, at=START + timedelta(minutes=version))
        version += 1
        count += 100
    print(
        f"  the writer committed {count / (time.perf_counter() - began):,.0f} records/s in batches of 100"
    )
    store.close()


def beside_the_writer(folder: Path) -> None:
    reader = SqliteStore(folder, read_only=True)
    queries = [
        Query(collection="bench.sites", visible=SEE, bbox=b, limit=100) for b in boxes(1500, 0.5)
    ]

    def measure(label: str) -> None:
        times = sorted(timed(lambda q=q: reader.find(q)) * 1e3 for q in queries)
        print(f"  reader {label}: p50 {times[750]:.2f} ms, p99 {times[1485]:.2f} ms")

    measure("alone")
    stop = mp.Event()
    writer = mp.Process(target=write_on, args=(folder, stop))
    writer.start()
    time.sleep(1.0)
    measure("while a process commits at full rate")
    stop.set()
    writer.join()
    reader.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="a hundredth of the sizes")
    parser.add_argument("--only", default="growth,history,durable,many,beside")
    chosen = parser.parse_args()
    only = chosen.only.split(",")
    # 10^6 records are asked through the API, by benchmarks/scale.py.
    sizes = [1_000, 10_000] if chosen.small else [10_000, 100_000]
    with tempfile.TemporaryDirectory(prefix="hinomi-bench-") as name:
        room = Path(name)
        if "growth" in only:
            growth(room, sizes)
        if "history" in only:
            history(room, 1_000 if chosen.small else 10_000)
        series = gauges(1_000 if chosen.small else 10_000)
        if "durable" in only:
            durable(room, series)
        if "many" in only:
            many(room, series, 200 if chosen.small else 1_000)
        if "beside" in only:
            fill(room / "beside", sizes[1]).close()
            beside_the_writer(room / "beside")


if __name__ == "__main__":
    main()
