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
from pathlib import Path

from chaos import faults, nodes
from chaos.faults import Outcome
from chaos.town import town


def everything() -> Iterator[Outcome]:
    """All faults."""
    with (
        folder() as home,
        town(nats=3, standby=True, environment=faults.poison_package(home / "package")) as one,
    ):
        yield from faults.kill_each(one, *one.processes)
        yield from faults.worker(one)
        yield from faults.rolling(one, *one.processes)
        yield from faults.nats_node(one)
        yield from faults.nats_gone(one)
        yield from faults.poison(one)
        yield from faults.slow_callers(one, 10_000)
        yield from faults.database_restart(one)
        yield from faults.failover(one)
    yield from faults.clock_jumps(1)
    with folder() as home:
        yield from faults.disk_full(home)
        yield from faults.slow_disk(home)
        yield from nodes.between_nodes(home, 10.0)


def short() -> Iterator[Outcome]:
    """What the test command runs."""
    with town() as one:
        yield from faults.rolling(one, "api-1")
        yield from faults.kill_each(one, "api-2")
        yield from faults.worker(one)
        yield from faults.nats_gone(one)
        yield from faults.slow_callers(one, 500)
        yield from faults.database_restart(one)
    with folder() as home:
        yield from nodes.between_nodes(
            home, 1.0, "partition between nodes", "20 % loss between nodes"
        )


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
