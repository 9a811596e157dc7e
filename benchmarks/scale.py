"""The same questions through the API as the table grows: 10^4 to 10^6 records, 10^7 readings.

``python -m benchmarks.scale [--small]``. A web worker of Hinomi serves the folder; the writer is
this process. CPU is the worker's, by request; boxes never repeat.
"""

from __future__ import annotations

import argparse
import http.client
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from benchmarks import load, sites
from benchmarks.store import gauges
from hinomi.kernel.geometry import point
from hinomi.kernel.marking import OPEN
from hinomi.kernel.records import EPOCH, Readings, Record, Series
from hinomi.runtime.catalog import default_catalog
from hinomi.stores.sqlite import SqliteStore

START = datetime(2026, 1, 1, tzinfo=UTC)
SITES, LEVELS = "response.sites", "hazards.river_levels"
ITEMS = f"/collections/{SITES}/items"
HITS = 1_500
"""About so many things lie in each box, however many there are."""
STEP_S = 600
ROUNDS = 40


@contextmanager
def worker(
    folder: Path, app: str = "hinomi.apps.web.app:create_app"
) -> Iterator[tuple[str, int, int]]:
    """Serve a folder with one web worker; yields base URL, port and pid."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(1024)
    port = listener.getsockname()[1]
    command = [sys.executable, "-m", "hinomi.runtime.web", str(listener.fileno()), str(folder)]
    process = subprocess.Popen(
        [*command, app],
        cwd=sites.ROOT,
        stdin=subprocess.PIPE,
        pass_fds=(listener.fileno(),),
    )
    try:
        # The first connection waits in the socket's queue until the worker takes it.
        ask(port, "/conformance?f=json")
        yield f"http://127.0.0.1:{port}", port, process.pid
    finally:
        process.kill()
        process.wait()
        listener.close()


def ask(port: int, path: str) -> tuple[float, bytes]:
    """Return the milliseconds until the whole answer was there, and its body."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    before = time.perf_counter()
    link.request("GET", path, headers={"Accept": "application/json"})
    answer = link.getresponse()
    body = answer.read()
    took = (time.perf_counter() - before) * 1e3
    link.close()
    if answer.status != 200:
        raise RuntimeError(f"{path}: {answer.status} {body[:300]!r}")
    return took, body


def fill(folder: Path, count: int) -> int:
    """Put so many sites, each with a second version of its name; return the position between."""
    made = random.Random(7)
    schema = default_catalog().collection(SITES).schema
    places = [point(made.uniform(128, 146), made.uniform(30, 45)) for _ in range(count)]
    store = SqliteStore(folder)
    between = 0
    for version in range(2 if count <= 100_000 else 1):
        at = START + timedelta(days=version)
        for first in range(0, count, 5_000):
            store.put(
                [
                    Record(
                        collection=SITES,
                        key=f"s{n}",
                        said_at=at,
                        body=schema(
                            name=f"避難場所{n} 第{version}版",
                            address=f"火の見市{n}番地",
                            match_key=f"避難場所{n}",
                        ),
                        source="bench",
                        place=places[n],
                        marking=OPEN,
                    )
                    for n in range(first, min(first + 5_000, count))
                ],
                at=at,
            )
        between = between or store.position()
    store.close()
    return between


def growth(room: Path, sizes: list[int], seconds: float) -> list[str]:
    """Return a Markdown table: CPU ms a request (p50 ms under load) by question and size."""
    rows: dict[str, list[str]] = {}
    for count in sizes:
        folder = room / f"grown{count}"
        between = fill(folder, count)
        side = min(14.0, (HITS / count * 18 * 15) ** 0.5)
        made = random.Random(11)
        corners = [
            (made.uniform(128, 146 - side), made.uniform(30, 45 - side)) for _ in range(9_000)
        ]
        boxes = [f"{w:.4f},{s:.4f},{w + side:.4f},{s + side:.4f}" for w, s in corners]
        questions = {
            "limit=10&bbox": [f"{ITEMS}?limit=10&bbox={b}" for b in boxes],
            "limit=100&bbox": [f"{ITEMS}?limit=100&bbox={b}" for b in boxes],
            "limit=1000&bbox": [f"{ITEMS}?limit=1000&bbox={b}" for b in boxes],
            "limit=100&bbox, counted": [f"{ITEMS}?limit=100&count=true&bbox={b}" for b in boxes],
            "limit=100&bbox, as-of": [f"{ITEMS}?limit=100&as-of={between}&bbox={b}" for b in boxes],
            "limit=100, no box": [f"{ITEMS}?limit=100&lang=en&f=json"],
            "single": [f"{ITEMS}/s{made.randrange(count)}" for _ in range(9_000)],
        }
        with worker(folder) as (base, _, pid):
            for question, paths in questions.items():
                got = load.load(base, paths, [pid], seconds=seconds, connections=8)
                told = f"{got['cpu_ms']:.2f} ({got['p50_ms']:.1f})"
                rows.setdefault(question, []).append(
                    told + ("" if not got["errors"] else " errors!")
                )
    head = " | ".join(f"{count:,}" for count in sizes)
    lines = [f"| records | {head} |", "|---|" + "---:|" * len(sizes)]
    return [*lines, *(f"| {question} | {' | '.join(cells)} |" for question, cells in rows.items())]


def levels(count: int) -> tuple[Series, ...]:
    """Return gauges of the real collection."""
    return tuple(
        Series(
            id=f"{LEVELS}.{one.thing}", collection=LEVELS, thing=one.thing, property="level_m",
            unit="m", source="mlit", longitude=one.longitude, latitude=one.latitude,
        )
        for one in gauges(count)
    )  # fmt: skip


def readings(room: Path, series: tuple[Series, ...], steps: int) -> list[str]:
    """Return a Markdown table about so many readings of each series."""
    folder = room / "readings"
    store = SqliteStore(folder)
    numbers = range(len(series))
    for first in range(0, steps, 100):
        times = range(first, min(first + 100, steps))
        rows = [(n, k * STEP_S * 1_000_000, float(k), 0) for n in numbers for k in times]
        store.put([], [Readings(series=series, rows=rows)], at=START)
    total = len(series) * steps
    lines = [
        f"| {total:,} readings of {len(series):,} series | p50 ms | worst ms |",
        "|---|---:|---:|",
    ]

    def tell(what: str, taken: list[float]) -> None:
        lines.append(f"| {what} | {statistics.median(taken):.1f} | {max(taken):.1f} |")

    end = EPOCH + timedelta(seconds=STEP_S * steps)
    day = quote(f"{(end - timedelta(days=1)).isoformat()}/{end.isoformat()}")
    made = random.Random(5)
    corners = [(made.uniform(129, 144), made.uniform(31, 43)) for _ in range(ROUNDS)]
    with worker(folder) as (_, port, _):
        taken, bare, rows_read = [], [], 0
        connection = store._links.here().connection
        for west, south in corners:
            box = f"{west:.4f},{south:.4f},{west + 0.9:.4f},{south + 0.9:.4f}"
            took, _ = ask(port, f"/readings?collection={LEVELS}&bbox={box}&datetime={day}")
            taken.append(took)
            low = (end - timedelta(days=1) - EPOCH) // timedelta(microseconds=1)
            before = time.perf_counter()
            rows_read += len(
                connection.execute(
                    "SELECT s.name, r.time, r.value, r.quality FROM series s CROSS JOIN reading r"
                    " WHERE s.longitude BETWEEN ? AND ? AND s.latitude BETWEEN ? AND ?"
                    " AND r.series = s.id AND r.time >= ?",
                    (west, west + 0.9, south, south + 0.9, low),
                ).fetchall()
            )
            bare.append((time.perf_counter() - before) * 1e3)
        tell(f"sensor box and day ({rows_read // ROUNDS:,} rows) at the API", taken)
        tell("the same, bare SQL on the same table", bare)
        latest(store, port, series, steps, tell)
    store.close()
    return lines


def latest(
    store: SqliteStore,
    port: int,
    series: tuple[Series, ...],
    steps: int,
    tell: Callable[[str, list[float]], None],
) -> None:
    """Tell how long the latest values of all series take, as they stand and after appends."""
    path = f"/series?collection={LEVELS}"
    tell("latest of all series, first time", [ask(port, path)[0]])
    tell("latest, nothing new", [ask(port, path)[0] for _ in range(ROUNDS)])
    for what, changed in (("100 changed", 100), ("all changed", len(series))):
        at_once, soon = [], []
        for wait_s, taken in ((0.0, at_once), (0.5, soon)) * 9:
            steps += 1
            few = [(n, steps * STEP_S * 1_000_000, steps / 2, 0) for n in range(changed)]
            store.put([], [Readings(series=series, rows=few)], at=START)
            time.sleep(wait_s)
            taken.append(ask(port, path)[0])
        tell(f"latest, {what}, asked at once", at_once)
        tell(f"latest, {what}, asked half a second later", soon)


def main() -> None:
    """Print both tables."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--small", action="store_true", help="a hundredth of the sizes")
    words.add_argument("--seconds", type=float, default=2.0)
    words.add_argument("--only", default="growth,readings")
    chosen = words.parse_args()
    sizes = [1_000, 10_000] if chosen.small else [10_000, 100_000, 1_000_000]
    with tempfile.TemporaryDirectory(prefix="hinomi-scale-", dir=os.environ.get("TMPDIR")) as name:
        if "growth" in chosen.only:
            print("\n".join(growth(Path(name), sizes, chosen.seconds)), end="\n\n")
        if "readings" in chosen.only:
            series = levels(1_000 if chosen.small else 10_000)
            print("\n".join(readings(Path(name), series, 300 if chosen.small else 1_000)))


if __name__ == "__main__":
    main()
