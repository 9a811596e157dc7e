"""The page that is printed, and the command."""

from __future__ import annotations

import os
import resource
import shutil
import sys
import tempfile
import time
from array import array
from pathlib import Path

from benchmarks.nation.arrivals import percentile
from benchmarks.nation.playing import play
from benchmarks.nation.setting import Outcome, Setting

GOAL_S = 1.0
MOST_SECONDS = 12


def bare_limit(home: Path, nodes: int, seconds: float = 5.0) -> tuple[float, float]:
    """Return durable deliveries a second of a bare fan-out, and the CPU [us] that each takes.

    Bytes to SQLite in batches of 25, by one process without a network: no signature, no index, no
    thing found by its key.
    """
    import apsw

    links = []
    for number in range(nodes):
        link = apsw.Connection(str(home / f"bare-{number}.db"))
        for pragma in ("journal_mode = wal", "synchronous = full"):
            link.execute(f"pragma {pragma}").fetchall()
        link.execute("create table said (id integer primary key, data blob)")
        links.append(link)
    data = os.urandom(700)
    done, start, cpu = 0, time.monotonic(), time.process_time()
    while time.monotonic() - start < seconds:
        for link in links:
            with link:
                link.executemany("insert into said (data) values (?)", [(data,)] * 25)
            done += 25
    rate = done / (time.monotonic() - start)
    each_us = (time.process_time() - cpu) / done * 1e6
    for link in links:
        link.close()
    return rate, each_us


def report(outcome: Outcome, setting: Setting, bare: tuple[float, float]) -> bool:
    """Print the page; return whether the goal was met."""
    up_s = outcome.between_up_s
    print(f"prefectures {setting.nodes}, changes/s {setting.rate:.0f}, "
          f"a shelter closes each {setting.rounds} statements, "
          f"seconds {outcome.wall_s:.0f}, telegrams to the hub {outcome.telegrams}")  # fmt: skip
    print(f"idle node [MB]: median {percentile(outcome.idle_mb, 0.5):.0f}, "
          f"most {max(outcome.idle_mb, default=0):.0f} (goal < 120)")  # fmt: skip
    print(f"append in the town [ms]: p50 {percentile(outcome.append_ms, 0.5):.1f}, "
          f"p99 {percentile(outcome.append_ms, 0.99):.1f}")  # fmt: skip
    _draw(up_s)
    print(f"{'delay [s]':36}{'number':>10}{'p50':>8}{'p90':>8}{'p99':>8}{'most':>8}")
    every_s = array("d", up_s)
    every_s.extend(outcome.faulted_s)
    _row("all deliveries", every_s)
    _row("between nodes that were up", up_s)
    _row("to or from one that was down", outcome.faulted_s)
    _row("  of them up: town to hub", outcome.to_hub_s)
    _row("  of them up: hub to prefecture", outcome.from_hub_s)
    _seconds(outcome)
    _cost(outcome, bare)
    p50, p99 = percentile(up_s, 0.5), percentile(up_s, 0.99)
    good = outcome.lost == 0 and outcome.twice == 0 and p99 < GOAL_S
    verdict = "met" if good else "missed"
    print(f"sent {outcome.sent:,} lost {outcome.lost} twice {outcome.twice} "
          f"p50 {p50:.3f} s p99 {p99:.3f} s (goal < {GOAL_S:.0f} s: {verdict})")  # fmt: skip
    return good


def _draw(delays: array[float]) -> None:
    edges = [0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0, 2.0, 5.0, float("inf")]
    before = 0.0
    for edge in edges:
        number = sum(before <= d < edge for d in delays)
        share = number / len(delays) if delays else 0.0
        print(
            f"  {before:4.1f} to {edge:4.1f} s {number:9,} {share:6.1%} {'#' * round(share * 60)}"
        )
        before = edge


def _row(name: str, delays: array[float]) -> None:
    shares = "".join(f"{percentile(delays, share):8.3f}" for share in (0.5, 0.9, 0.99))
    print(f"{name:36}{len(delays):10,}{shares}{max(delays, default=float('nan')):8.3f}")


def _seconds(outcome: Outcome) -> None:
    """Print in which seconds the slowest deliveries began, and what was done before."""
    slow = {second: percentile(delays, 0.99) for second, delays in outcome.up_s.items()}
    over = sorted((s for s, p99 in slow.items() if p99 >= GOAL_S), key=lambda s: -slow[s])
    print(f"seconds in which p99 was over the goal: {len(over)} of {len(slow)}"
          + "".join(f"; {s} s: {slow[s]:.2f} s" for s in sorted(over[:MOST_SECONDS])))  # fmt: skip
    told = "".join(f"; {at:.0f} s: {node}" for at, node in outcome.faults[:MOST_SECONDS])
    print(f"killed or cut off: {len(outcome.faults)}{told}")


def _cost(outcome: Outcome, bare: tuple[float, float]) -> None:
    wall_s, each_us = max(outcome.wall_s, 1e-9), 1e6 / max(outcome.deliveries, 1)
    print(f"deliveries/s {outcome.deliveries / wall_s:,.0f} at {outcome.cpu_s / wall_s:.2f} cores "
          f"({outcome.cpu_s * each_us:.0f} us CPU each), the hub {outcome.hub_cpu_s / wall_s:.2f} "
          f"of them ({outcome.hub_cpu_s * each_us:.0f} us); the load itself "
          f"{outcome.load_cpu_s / wall_s:.2f} cores, all else on the machine "
          f"{outcome.others_cpu_s / wall_s:.2f} of {os.cpu_count()}")  # fmt: skip
    print(f"records that the nodes took {outcome.records / wall_s:,.0f}/s "
          f"({outcome.cpu_s / max(outcome.records, 1) * 1e6:.0f} us CPU each): the deliveries, and "
          "the line of chronology that the hub writes of each opening and closing")  # fmt: skip
    print("written to the disk [MB/s], from the beginning to the end: "
          + " ".join(f"{rate:.0f}" for rate in outcome.written_mb_s))  # fmt: skip
    print(f"bare fan-out limit {bare[0]:,.0f}/s ({bare[1]:.0f} us CPU each); "
          f"load of the machine {os.getloadavg()[0]:.1f}")  # fmt: skip


def main() -> int:
    """Play the nation as the environment says."""
    minutes = float(os.environ.get("NATION_MINUTES", "30"))
    setting = Setting(
        nodes=int(os.environ.get("NATION_NODES", "47")),
        rate=float(os.environ.get("NATION_RATE", "100")),
        rounds=int(os.environ.get("NATION_ROUNDS", "2")),
        seconds=minutes * 60,
        faults=os.environ.get("NATION_FAULTS", "1") != "0",
    )
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 4096)), hard))
    home = Path(tempfile.mkdtemp(prefix="nation-"))
    try:
        bare = bare_limit(home, setting.nodes)
        return 0 if report(play(home, setting), setting, bare) else 1
    finally:
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
