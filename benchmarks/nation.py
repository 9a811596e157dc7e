"""The nation on one machine: prefecture nodes and the state's hub as real processes.

    NATION_MINUTES=3 make nation        (NATION_NODES=8 for fewer)

Each prefecture is a light node (one process, SQLite) that sends to the hub and follows it by long
poll. All are fed with shelter updates at NATION_RATE changes a second in all, the hub with real
telegrams where there are some; each minute one node is killed, and another is stopped (a
partition) for ten seconds. Delay: from the call that appends in the town to the moment at which
another prefecture's writer takes the record (its ``recorded_at``). The commit that follows is not
in the delay; what an append takes in the town, its commit included, is printed beside it. The CPU
is that of hub and nodes; the load's own is printed beside it, since it runs on the same cores.
"""

from __future__ import annotations

import contextlib
import os
import random
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from hinomi.domains.response.collections.shelters import Shelter
from hinomi.kernel.errors import HinomiError
from hinomi.kernel.marking import OPEN
from hinomi.kernel.records import Record, micros
from hinomi.kernel.store import Put
from hinomi.runtime import clock, folder
from hinomi.runtime import socket as wire
from hinomi.runtime.federation import nodekey
from hinomi.runtime.federation.agreement import Agreement, Peer
from hinomi.runtime.federation.registry import Registry
from hinomi.stores.sqlite import SqliteStore

SHELTERS = "response.shelters"
GOAL_S = 1.0
TELEGRAMS = Path(__file__).resolve().parents[2] / "shared/data/exchange/jma-xml"


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """What is played."""

    nodes: int = 47
    rate: float = 100.0
    """Changes a second, all towns together."""
    seconds: float = 180.0
    warm_s: float = 5.0
    faults: bool = True
    telegrams: int = 20


class Outcome(msgspec.Struct, kw_only=True):
    """What was found."""

    sent: int = 0
    deliveries: int = 0
    lost: int = 0
    twice: int = 0
    delays_s: list[float] = []
    faulted_s: list[float] = []
    """Delays to or from a node that was down or cut off meanwhile."""
    idle_mb: list[float] = []
    cpu_s: float = 0.0
    hub_cpu_s: float = 0.0
    load_cpu_s: float = 0.0
    """What this process took to play the towns: no part of the nodes' CPU."""
    wall_s: float = 0.0
    telegrams: int = 0
    commit_ms: list[float] = []


class Process:
    """One node: its folder, its process, its door for writing."""

    def __init__(self, data: Path, command: list[str]) -> None:
        self.data, self._command = data, command
        self.process: subprocess.Popen[bytes] | None = None
        self.line = wire.Line(folder.socket_path(data))
        self.down: list[tuple[float, float]] = []

    def start(self) -> None:
        log = (self.data / "log").open("ab")
        self.process = subprocess.Popen(
            self._command, stdout=log, stderr=log, start_new_session=True
        )
        log.close()

    def signal(self, number: int) -> None:
        assert self.process is not None  # noqa: S101
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)

    def end(self) -> None:
        if self.process is None:
            return
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        try:
            self.process.wait(8)
        except subprocess.TimeoutExpired:
            self.signal(signal.SIGKILL)
            self.process.wait()
        self.line.close()

    def says_first(self) -> bool:
        """Have the town say something, once its node is there; tell whether it was taken."""
        with contextlib.suppress(HinomiError):
            self.line.ask(wire.Append([update(self.data.name, 0)]), Put)
            return True
        return False

    def pids(self) -> list[int]:
        """Return the node's processes: the group's."""
        assert self.process is not None  # noqa: S101
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(OSError, IndexError):
                    fields = (entry / "stat").read_text().rpartition(")")[2].split()
                    if int(fields[2]) == self.process.pid:
                        found.append(int(entry.name))
        return found

    def cpu_s(self) -> float:
        ticks = 0
        for pid in self.pids():
            with contextlib.suppress(OSError):
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def memory_mb(self) -> float:
        """Return the resident memory [MB]; pages that processes share count in each."""
        kb = 0
        for pid in self.pids():
            with contextlib.suppress(OSError):
                for row in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                    if row.startswith("Rss:"):
                        kb += int(row.split()[1])
        return kb / 1024


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def found_nation(home: Path, setting: Setting) -> tuple[Process, list[Process]]:
    """Make folders, keys and agreements; return the hub and the nodes, not started."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    hinomi = [sys.executable, "-m", "hinomi.apps.cli"]
    everything = Agreement(collections=("*",))
    hub_data = home / "hub"
    hub_data.mkdir()
    hub_key = nodekey.load(hub_data)
    registry = Registry(hub_data)
    nodes = []
    for number in range(1, setting.nodes + 1):
        data = home / f"{number:02d}"
        data.mkdir()
        key = nodekey.load(data)
        registry.add(Peer(name=data.name, public=key.public, node=key.node, shows=everything))
        own = Registry(data)
        own.add(
            Peer(
                name="hub", public=hub_key.public, node=hub_key.node, url=url, pushes=True,
                shows=everything,
            )
        )  # fmt: skip
        own.close()
        nodes.append(Process(data, [*hinomi, "peer", "run", "--data", str(data)]))
    registry.close()
    command = [*hinomi, "run", "--data", str(hub_data), "--port", str(port), "--no-drill",
               "--no-open"]  # fmt: skip
    return Process(hub_data, command), nodes


@contextlib.contextmanager
def running(home: Path, setting: Setting) -> Iterator[tuple[Process, list[Process]]]:
    """Start everything and wait until each node has heard the hub."""
    hub, nodes = found_nation(home, setting)
    try:
        hub.start()
        for one in nodes:
            one.start()
        patience_s = 30.0 + 6 * setting.nodes
        first = [one for one in nodes if wait_for(one.says_first, patience_s)]
        wait_for(lambda: all(len(_arrived(one)) >= len(first) for one in nodes), patience_s)
        yield hub, nodes
    finally:
        for one in (*nodes, hub):
            one.end()


def wait_for(true: Any, seconds: float, step_s: float = 0.2) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if true():
            return True
        time.sleep(step_s)
    return bool(true())


def update(town: str, number: int) -> Record:
    """Return the next that a prefecture's towns say about one of their shelters."""
    key = f"{town}-{number % 50}"
    return Record(
        collection=SHELTERS,
        key=key,
        said_at=clock.now(),
        body=Shelter(
            name=f"避難所{number % 50}",
            match_key=key,
            state="open" if number // 50 % 2 else "closed",
            people=number,
            municipality=town,
        ),
        source=f"town-{town}",
        place={"type": "Point", "coordinates": spot(town, number % 50)},
        marking=OPEN,
    )


def spot(town: str, shelter: int) -> list[float]:
    """Return where a shelter is: each prefecture's lie apart from all others', 1 km and more."""
    row, column = divmod(int(town), 7)
    return [128.0 + 2.4 * column + shelter % 10 / 50, 31.0 + 2.0 * row + shelter // 10 / 50]


class Feeder(threading.Thread):
    """The towns of some prefectures: updates at an even rate, each acknowledged by its node."""

    def __init__(self, nodes: list[Process], rate: float, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self._nodes, self._rate, self._stop_event = nodes, rate, stop
        self.sent: dict[str, tuple[str, float]] = {}
        """Record id -> (prefecture, when it was said)."""
        self.append_ms: list[float] = []

    def run(self) -> None:
        due = time.monotonic() + random.random() / self._rate
        number = 0
        while not self._stop_event.is_set():
            wait_s = due - time.monotonic()
            if wait_s > 0:
                self._stop_event.wait(wait_s)
                continue
            due += 1 / self._rate
            node = self._nodes[number % len(self._nodes)]
            number += 1
            self._say(node, number)

    def _say(self, node: Process, number: int) -> None:
        record = update(node.data.name, number)
        start = time.monotonic()
        try:
            put = node.line.ask(wire.Append([record]), Put)
        except HinomiError:
            return  # The node is down: the town is told so, and nothing was acknowledged.
        self.append_ms.append((time.monotonic() - start) * 1e3)
        self.sent[put.ids[0]] = (node.data.name, record.said_at.timestamp())


def trouble(nodes: list[Process], setting: Setting, stop: threading.Event) -> None:
    """Kill a node each minute, and cut another off for ten seconds."""
    every_s = min(60.0, setting.seconds / 3)
    while not stop.wait(every_s / 2):
        killed, cut = random.sample(nodes, 2)
        began = clock.now().timestamp()
        killed.signal(signal.SIGKILL)
        assert killed.process is not None  # noqa: S101
        killed.process.wait()
        if stop.wait(2.0):
            pass
        killed.start()
        killed.down.append((began, clock.now().timestamp() + 15.0))
        if stop.wait(every_s / 4):
            return
        began = clock.now().timestamp()
        cut.signal(signal.SIGSTOP)
        stop.wait(min(10.0, setting.seconds / 6))
        cut.signal(signal.SIGCONT)
        cut.down.append((began, clock.now().timestamp() + 5.0))


def play(home: Path, setting: Setting) -> Outcome:
    """Play it all and count what arrived."""
    outcome = Outcome()
    with running(home, setting) as (hub, nodes):
        time.sleep(setting.warm_s)
        outcome.idle_mb = [one.memory_mb() for one in nodes]
        outcome.telegrams = _telegrams(hub, setting.telegrams)
        stop = threading.Event()
        groups = [nodes[k :: min(8, len(nodes))] for k in range(min(8, len(nodes)))]
        feeders = [Feeder(g, setting.rate * len(g) / len(nodes), stop) for g in groups]
        cpu = sum(one.cpu_s() for one in (hub, *nodes))
        hub_cpu = hub.cpu_s()
        own_cpu = time.process_time()
        start = time.monotonic()
        chaos = threading.Thread(target=trouble, args=(nodes, setting, stop), daemon=True)
        for one in feeders:
            one.start()
        if setting.faults and len(nodes) > 2:
            chaos.start()
        time.sleep(setting.seconds)
        outcome.cpu_s = sum(one.cpu_s() for one in (hub, *nodes)) - cpu
        outcome.hub_cpu_s = hub.cpu_s() - hub_cpu
        outcome.load_cpu_s = time.process_time() - own_cpu
        outcome.wall_s = time.monotonic() - start
        stop.set()
        for one in feeders:
            one.join()
        if chaos.ident is not None:
            chaos.join()
        sent: dict[str, tuple[str, float]] = {}
        for feeder in feeders:
            sent |= feeder.sent
            outcome.commit_ms += feeder.append_ms
        outcome.sent = len(sent)
        wait_for(lambda: all(_has_all(one, sent) for one in nodes), 60.0, 1.0)
    for one in nodes:
        _count(one, nodes, sent, outcome)
    return outcome


def _telegrams(hub: Process, most: int) -> int:
    """Give the hub real telegrams, where there are some."""
    files = sorted(TELEGRAMS.rglob("*.xml"))[:most] if TELEGRAMS.is_dir() else []
    if not files:
        return 0
    from hinomi.runtime.report import Report

    hub.line.ask(wire.Ingest(tuple(str(path) for path in files)), Report)
    return len(files)


def _arrived(one: Process) -> dict[str, list[tuple[float, float]]]:
    """Return by record id: when it was recorded."""
    store = SqliteStore(one.data, read_only=True)
    found: dict[str, list[tuple[float, float]]] = {}
    try:
        after = 0
        while True:
            changes = store.changes(
                after, visible=frozenset({OPEN}), collections=(SHELTERS,), limit=5000
            )
            for change in changes.items:
                if change.record is not None:
                    at = micros(change.recorded_at) / 1e6
                    found.setdefault(change.record.id, []).append((at, 0.0))
            if changes.position == after:
                return found
            after = changes.position
    finally:
        store.close()


def _has_all(one: Process, sent: dict[str, Any]) -> bool:
    return sent.keys() <= _arrived(one).keys()


def _count(
    one: Process, nodes: list[Process], sent: dict[str, tuple[str, float]], outcome: Outcome
) -> None:
    down = {node.data.name: node.down for node in nodes}
    arrived = _arrived(one)
    for record_id, (town, said) in sent.items():
        times = arrived.get(record_id, [])
        outcome.lost += not times
        outcome.twice += len(times) > 1
        if not times or town == one.data.name:
            continue
        outcome.deliveries += 1
        delay_s = times[0][0] - said
        faulted = any(
            start - 2.0 <= at <= end
            for name in (one.data.name, town)
            for start, end in down[name]
            for at in (said, said + delay_s)
        )
        (outcome.faulted_s if faulted else outcome.delays_s).append(delay_s)


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("nan")


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
    delays = outcome.delays_s
    print(f"prefectures {setting.nodes}, changes/s {setting.rate:.0f}, "
          f"seconds {outcome.wall_s:.0f}, telegrams to the hub {outcome.telegrams}")  # fmt: skip
    print(f"idle node [MB]: median {percentile(outcome.idle_mb, 0.5):.0f}, "
          f"most {max(outcome.idle_mb, default=0):.0f} (goal < 120)")  # fmt: skip
    print(f"append in the town [ms]: p50 {percentile(outcome.commit_ms, 0.5):.1f}, "
          f"p99 {percentile(outcome.commit_ms, 0.99):.1f}")  # fmt: skip
    edges = [0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0, 2.0, 5.0, float("inf")]
    before = 0.0
    for edge in edges:
        number = sum(before <= d < edge for d in delays)
        share = number / len(delays) if delays else 0.0
        print(
            f"  {before:4.1f} to {edge:4.1f} s {number:9,} {share:6.1%} {'#' * round(share * 60)}"
        )
        before = edge
    print(f"to or from a node that was down or cut off: {len(outcome.faulted_s):,} deliveries, "
          f"p50 {percentile(outcome.faulted_s, 0.5):.2f} s, "
          f"most {max(outcome.faulted_s, default=0.0):.1f} s")  # fmt: skip
    per_s = outcome.deliveries / outcome.wall_s if outcome.wall_s else 0.0
    all_s, hub_s, load_s, wall_s = (
        outcome.cpu_s, outcome.hub_cpu_s, outcome.load_cpu_s, max(outcome.wall_s, 1e-9)
    )  # fmt: skip
    each_us = 1e6 / max(outcome.deliveries, 1)
    print(f"deliveries/s {per_s:,.0f} at {all_s / wall_s:.2f} cores ({all_s * each_us:.0f} us CPU "
          f"each), the hub {hub_s / wall_s:.2f} of them ({hub_s * each_us:.0f} us); "
          f"the load itself {load_s / wall_s:.2f} cores")  # fmt: skip
    print(f"bare fan-out limit {bare[0]:,.0f}/s ({bare[1]:.0f} us CPU each); "
          f"load of the machine {os.getloadavg()[0]:.1f}")  # fmt: skip
    p50, p99 = percentile(delays, 0.5), percentile(delays, 0.99)
    good = outcome.lost == 0 and outcome.twice == 0 and p99 < GOAL_S
    verdict = "met" if good else "missed"
    print(f"sent {outcome.sent:,} lost {outcome.lost} twice {outcome.twice} "
          f"p50 {p50:.3f} s p99 {p99:.3f} s (goal < {GOAL_S:.0f} s: {verdict})")  # fmt: skip
    return good


def main() -> int:
    """Play the nation as the environment says."""
    minutes = float(os.environ.get("NATION_MINUTES", "30"))
    setting = Setting(
        nodes=int(os.environ.get("NATION_NODES", "47")),
        rate=float(os.environ.get("NATION_RATE", "100")),
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
