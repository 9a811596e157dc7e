"""``make chaos``: every fault in turn, one table; the last line is faults, lost.

CHAOS=short is the short form. It ends non-zero when anything acknowledged was lost, or when what
was expected did not come back.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from chaos import disks, faults, nodes, poisoned
from chaos.faults import Outcome
from chaos.town import town


def everything() -> Iterator[Outcome]:
    """All faults."""
    with (
        folder() as home,
        town(nats=3, standby=True, package=poisoned.package(home / "package")) as one,
    ):
        yield from faults.kill_each(one, *one.processes)
        yield from faults.worker(one)
        yield from faults.rolling(one, *one.processes)
        yield from faults.nats_node(one)
        yield from faults.nats_gone(one)
        yield from poisoned.poison(one)
        yield from faults.slow_callers(one, 10_000, 1.0)
        yield from faults.database_restart(one)
        yield from faults.failover(one)
    yield from faults.clock_jumps(1)
    yield from disks.database_disk_full()
    with folder() as home:
        yield from disks.disk_full(home)
        yield from disks.slow_disk(home)
        yield from nodes.between_nodes(home, 10.0)


def short() -> Iterator[Outcome]:
    """What the test command runs; the two nodes beside the town, which mostly waits."""

    def two_nodes() -> list[Outcome]:
        with folder() as home:
            names = ("partition between nodes", "20 % loss between nodes")
            return list(nodes.between_nodes(home, 1.0, *names))

    with ThreadPoolExecutor(1) as pool:
        beside = pool.submit(two_nodes)
        yield from short_town()
        yield from beside.result()


def short_town() -> Iterator[Outcome]:
    """The short form's town."""
    # Fewer writes a second than in the long form, and no process that no fault here is done to:
    # what takes time is the starting of processes.
    with town(pause_s=0.02, names=("api-1", "api-2", "models")) as one:
        yield from faults.rolling(one, "api-1")
        yield from faults.kill_each(one, "api-2")
        yield from faults.worker(one)
        yield from faults.nats_gone(one)
        yield from faults.slow_callers(one, 500)
        yield from faults.database_restart(one)


def folder() -> tempfile.TemporaryDirectory[str]:
    """Return a folder for servers of other users too."""

    class Folder(tempfile.TemporaryDirectory):  # type: ignore[type-arg]
        def __enter__(self) -> Path:  # type: ignore[override]
            return Path(super().__enter__())

    return Folder(prefix="hinomi-chaos-", ignore_cleanup_errors=True)


def report(outcomes: Iterator[Outcome]) -> int:
    """Print a row for each fault as it is over; return the exit code."""
    start = time.monotonic()
    print("| fault | sent | acknowledged | found | lost | recovery [s] | |")
    print("|---|---:|---:|---:|---:|---:|---|")
    done = []
    for one in outcomes:
        done.append(one)
        state = "**not as expected**: " if one.failed else ""
        print(f"| {one.fault} | {one.sent:,} | {one.acknowledged:,} | {one.found:,} | {one.lost} |"
              f" {one.recovery_s:.1f} | {state}{one.note} |", flush=True)  # fmt: skip
    lost, failed = sum(one.lost for one in done), sum(one.failed for one in done)
    print(f"\n{time.monotonic() - start:.0f} s, not as expected {failed}")
    print(f"faults {len(done)}, lost {lost}")
    return 1 if lost or failed else 0


if __name__ == "__main__":
    sys.exit(report(short() if os.environ.get("CHAOS") == "short" else everything()))
