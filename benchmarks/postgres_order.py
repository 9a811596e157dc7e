"""Positions in the order of commits: what each way to give them costs, and what it misses."""

# ruff: noqa: S608, E501 - names are ours; lines of a table are long
from __future__ import annotations

import random
import threading
import time
from typing import Any

import psycopg

from benchmarks.postgres_pages import fresh

_WAYS = {
    "sequence alone (misses)": ("", ""),
    "advisory lock over the commit": ("SELECT pg_advisory_xact_lock(7);", ""),
    "lock, asynchronous commit, then a flush": (
        "SET LOCAL synchronous_commit = off; SELECT pg_advisory_xact_lock(7);",
        "SELECT pg_logical_emit_message(true, 'flush', '')",
    ),
    "sequence, reader waits for pg_snapshot_xmin": ("", ""),
}


def order(url: str) -> list[str]:
    """Return, for each way to order positions, commits/s of 16 writers and a reader's delay."""
    lines = []
    for way, (before, after) in _WAYS.items():
        address = fresh(url, "ordering")
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(
                "CREATE TABLE log (seq bigserial PRIMARY KEY, xid xid8 DEFAULT pg_current_xact_id(), at timestamptz DEFAULT clock_timestamp(), body text)"
            )
        xmin = "snapshot" in way
        lines.append(_one_way(address, way, (before, after), xmin=xmin))
    return lines


def _one_way(url: str, way: str, words: tuple[str, str], *, xmin: bool) -> str:
    stop = threading.Event()
    seconds, counts = 3.0, [0] * 16
    body = "x" * 500

    def write(number: int) -> None:
        chance = random.Random(number)
        with psycopg.connect(url) as connection:
            end = time.perf_counter() + seconds
            while time.perf_counter() < end:
                # What is decided before the first row is written takes a little.
                time.sleep(chance.uniform(0, 0.002))
                if words[0]:
                    connection.execute(words[0])  # type: ignore[arg-type]
                connection.execute(
                    "INSERT INTO log (body) SELECT %s FROM generate_series(1, 10)", (body,)
                )
                connection.commit()
                if words[1]:
                    connection.execute(words[1])  # type: ignore[arg-type]
                    connection.commit()
                counts[number] += 1

    seen: list[int] = []

    def read() -> None:
        horizon = " AND xid < pg_snapshot_xmin(pg_current_snapshot())" if xmin else ""
        place = "(xid, seq) > (%s::text::xid8, %s)" if xmin else "seq > %s"
        cursor: tuple[Any, ...] = ("0", 0) if xmin else (0,)
        columns, by = ("xid::text, seq", "xid, seq") if xmin else ("seq", "seq")
        with psycopg.connect(url, autocommit=True) as connection:
            while True:
                last = stop.is_set()
                rows = connection.execute(
                    f"SELECT {columns} FROM log WHERE {place}{horizon} ORDER BY {by} LIMIT 5000",
                    cursor,
                ).fetchall()  # type: ignore[arg-type]
                seen.extend(row[-1] for row in rows)
                cursor = rows[-1] if rows else cursor
                if last and not rows:
                    return

    threads = [threading.Thread(target=write, args=(n,)) for n in range(16)]
    reader = threading.Thread(target=read)
    for thread in (*threads, reader):
        thread.start()
    for thread in threads:
        thread.join()
    stop.set()
    reader.join()
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM log").fetchone()
    missed = (row[0] if row else 0) - len(set(seen))
    return f"| {way} | {sum(counts) / seconds:,.0f} | {missed:,} | {len(seen) - len(set(seen)):,} |"
