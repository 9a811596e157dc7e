"""The hub and the nodes as real processes."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.nation import arrivals
from benchmarks.nation.setting import Setting
from benchmarks.nation.towns import update
from hinomi.kernel.errors import HinomiError
from hinomi.kernel.store import Put
from hinomi.runtime import folder
from hinomi.runtime import socket as wire
from hinomi.runtime.federation import nodekey
from hinomi.runtime.federation.agreement import Agreement, Peer
from hinomi.runtime.federation.registry import Registry


class Process:
    """One node: its folder, its process, its door for writing."""

    def __init__(self, data: Path, command: list[str]) -> None:
        self.data, self._command = data, command
        self.process: subprocess.Popen[bytes] | None = None
        self.line = wire.Line(folder.socket_path(data))
        self.down: list[tuple[float, float]] = []
        """When it was killed or stopped, and when it was let go on [s since 1970]."""
        self._spent_s = 0.0

    def start(self) -> None:
        log = (self.data / "log").open("ab")
        self.process = subprocess.Popen(
            self._command, stdout=log, stderr=log, start_new_session=True
        )
        log.close()

    def kill(self) -> None:
        """Kill it; what it has spent stays counted."""
        self._spent_s = self.cpu_s()
        self.signal(signal.SIGKILL)
        assert self.process is not None  # noqa: S101
        self.process.wait()

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
        return self._spent_s + ticks / os.sysconf("SC_CLK_TCK")

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
        wait_for(lambda: all(arrivals.count(one.data) >= len(first) for one in nodes), patience_s)
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
