"""A running Hinomi: start to first answer, idle memory, a thousand subscribers of its feed."""

from __future__ import annotations

import shutil
import subprocess
import threading
import time
import urllib.request
from pathlib import Path
from typing import Any

from benchmarks import load, ours, peers, sse
from hinomi.kernel.marking import OPEN
from hinomi.kernel.records import Record
from hinomi.runtime import clock
from hinomi.runtime.desk import RemoteDesk
from hinomi.runtime.folder import socket_path
from hinomi.runtime.operations import EXPIRIES, Expiry

SUBSCRIBERS = 1000
CHANGES_PER_S = 10
SECONDS = 30


def pss_mb(pid: int) -> float:
    """Return the memory of a process and its children, shared pages counted once [MB]."""
    children = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False
    ).stdout.split()
    own = 0.0
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            own = int(line.split()[1]) / 1024
    return own + sum(pss_mb(int(child)) for child in children)


def start(work: Path) -> dict[str, float]:
    """Return the seconds from the command to the first answer, and the idle memory [MB]."""
    port = peers.free_port()
    url = f"http://127.0.0.1:{port}/collections?f=json"
    command = [*ours.HINOMI, "run", "--data", str(work / "idle"), "--port", str(port), "--no-drill"]
    before = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while True:
            try:
                urllib.request.urlopen(url, timeout=5).read()
            except OSError:
                time.sleep(0.02)
            else:
                break
        took = time.monotonic() - before
        time.sleep(3)
        return {"start_s": took, "idle_mb": pss_mb(process.pid)}
    finally:
        process.terminate()
        process.wait(20)


def subscribers(work: Path) -> dict[str, Any]:
    """Return delays [ms] from the append to the subscriber, and the server's cores."""
    folder = work / "live"
    with ours.serving(folder) as (base, pid):
        listeners = sse.Subscribers(base, "/changes/stream", SUBSCRIBERS)
        writer = RemoteDesk(socket_path(folder))
        stop = threading.Event()
        durable: dict[float, float] = {}

        def write() -> None:
            while not stop.wait(1 / CHANGES_PER_S):
                now = clock.now()
                begun = f"{time.time():.6f}"
                writer.append(
                    [
                        Record(
                            collection=EXPIRIES.id,
                            key=f"{sse.MARK.decode()}{begun}",
                            said_at=now,
                            body=Expiry(expired_collection="bench", expired_at=now),
                            source="bench",
                            marking=OPEN,
                        )
                    ]
                )
                durable[float(begun)] = time.time()

        thread = threading.Thread(target=write)
        before, began = load.cpu_s([pid]), time.monotonic()
        thread.start()
        listeners.listen(SECONDS)
        stop.set()
        thread.join()
        listeners.listen(1)
        cores = (load.cpu_s([pid]) - before) / (time.monotonic() - began)
        listeners.close()
    return {**sse.summary(listeners.heard, durable, SUBSCRIBERS), "cores": cores}


def measure(work: Path) -> dict[str, Any]:
    """Return all of it."""
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    # The first one finds files that this machine has not read for long: what counts is the rest.
    cold, *warm = (start(work) for _ in range(4))
    warm.sort(key=lambda one: one["start_s"])
    return {"first_start_s": cold["start_s"], **warm[1], **subscribers(work)}


if __name__ == "__main__":
    for name, value in measure(peers.HOME / "live").items():
        print(f"{name:12} {value:.3f}")
