"""One play: start, feed, trouble, count."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

from benchmarks.nation import arrivals
from benchmarks.nation.processes import Process, running, wait_for
from benchmarks.nation.setting import Outcome, Setting
from benchmarks.nation.towns import Feeder, trouble
from hinomi.kernel.errors import HinomiError
from hinomi.runtime import socket as wire
from hinomi.runtime.report import Report

TELEGRAMS = Path(__file__).resolve().parents[3] / "shared/data/exchange/jma-xml"
PATIENCE_S = 60.0
PARTS = 6
"""What is written to the disk is told for so many parts of the time: it grows with the files."""


def play(home: Path, setting: Setting) -> Outcome:
    """Play it all and count what arrived."""
    outcome = Outcome()
    with running(home, setting) as (hub, nodes):
        time.sleep(setting.warm_s)
        outcome.idle_mb = [one.memory_mb() for one in nodes]
        stop = threading.Event()
        rate, rounds = setting.rate / len(nodes), setting.rounds
        feeders = [Feeder(node, rate, rounds, stop) for node in nodes]
        threads: list[threading.Thread] = [*feeders]
        threads.append(threading.Thread(target=_telegrams, args=(hub, setting, stop, outcome)))
        if setting.faults and len(nodes) > 2:
            threads.append(threading.Thread(target=trouble, args=(nodes, setting, stop)))
        _measured(outcome, hub, nodes, threads, setting.seconds)
        stop.set()
        for one in threads:
            one.join()
        for feeder in feeders:
            outcome.append_ms += feeder.append_ms
        sent = {
            record: (node.data.name, said)
            for node, feeder in zip(nodes, feeders, strict=True)
            for record, said in feeder.sent.items()
        }
        outcome.sent = len(sent)
        wait_for(lambda: all(arrivals.has_all(one.data, sent) for one in nodes), PATIENCE_S, 1.0)
    arrivals.tell(outcome, hub, nodes, sent)
    return outcome


def _measured(
    outcome: Outcome,
    hub: Process,
    nodes: list[Process],
    threads: list[threading.Thread],
    seconds: float,
) -> None:
    """Start the threads and measure the CPU of everything for some time."""
    every = hub, *nodes
    busy, cpu, own = _machine_cpu_s(), sum(one.cpu_s() for one in every), time.process_time()
    hub_cpu, start = hub.cpu_s(), time.monotonic()
    for one in threads:
        one.start()
    _watch_disk(outcome, hub.data, seconds)
    outcome.cpu_s = sum(one.cpu_s() for one in every) - cpu
    outcome.hub_cpu_s = hub.cpu_s() - hub_cpu
    outcome.load_cpu_s = time.process_time() - own
    outcome.others_cpu_s = _machine_cpu_s() - busy - outcome.cpu_s - outcome.load_cpu_s
    outcome.wall_s = time.monotonic() - start


def _watch_disk(outcome: Outcome, folder: Path, seconds: float) -> None:
    """Wait so long, and note how much the folder's disk was written meanwhile, part by part.

    The disk's own count: a process's tells whole folios of the page cache for a kilobyte in each.
    """
    device = folder.stat().st_dev
    stat = Path(f"/sys/dev/block/{os.major(device)}:{os.minor(device)}/stat")
    start = time.monotonic()
    for part in range(1, PARTS + 1):
        began, before = time.monotonic(), _written_mb(stat)
        time.sleep(max(0.0, start + part * seconds / PARTS - began))
        rate = (_written_mb(stat) - before) / (time.monotonic() - began)
        outcome.written_mb_s.append(rate)


def _written_mb(stat: Path) -> float:
    """Return what a disk has written [MB]; NaN where the system does not tell."""
    return int(stat.read_text().split()[6]) * 512 / 1e6 if stat.exists() else float("nan")


def _machine_cpu_s() -> float:
    """Return for how long the machine's cores have been busy [s]."""
    fields = [int(x) for x in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    user, nice, system, _, _, irq, soft, steal = fields
    return (user + nice + system + irq + soft + steal) / os.sysconf("SC_CLK_TCK")


def _telegrams(hub: Process, setting: Setting, stop: threading.Event, outcome: Outcome) -> None:
    """Give the hub real telegrams, where there are some, one after the other."""
    files = sorted(TELEGRAMS.rglob("*.xml")) if TELEGRAMS.is_dir() else []
    for path in files[: setting.telegrams]:
        if stop.wait(setting.seconds / (setting.telegrams + 1)):
            return
        try:
            hub.line.ask(wire.Ingest((str(path),)), Report)
        except HinomiError:
            continue
        outcome.telegrams += 1
