"""Faults of the disk under a town on SQLite: a full one, and a slow one."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from chaos.faults import Outcome
from chaos.servers import Process, free_port, listens, wait_for
from chaos.town import Load, new_key, standing
from hinomi.stores.sqlite import SqliteStore


def disk_full(home: Path) -> Iterator[Outcome]:
    """A town's folder is full: nothing is acknowledged that is not kept; with room it goes on."""
    data = home / "small"
    data.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(data)],
        check=False, stderr=subprocess.DEVNULL,
    ).returncode:  # fmt: skip
        yield Outcome(fault="disk full", note="not run: mounting a tmpfs needs root", failed=True)
        return
    try:
        yield from _with_sqlite(home, data, "disk full", lambda: _fill(data))
    finally:
        subprocess.run(["umount", "-l", str(data)], check=False)


def _fill(data: Path) -> str:
    junk = data / "junk"
    with junk.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(4096))
    time.sleep(2.0)
    junk.unlink()
    return "full for 2 s"


def slow_disk(home: Path, seconds: float = 0.2) -> Iterator[Outcome]:
    """Every sync of the disk takes a while: SQLite's own layer for files is put in between."""
    layer = home / "slow"
    layer.mkdir()
    (layer / "sitecustomize.py").write_text(
        "import apsw, os, time\n"
        "class File(apsw.VFSFile):\n"
        "    def __init__(self, *a):\n"
        "        super().__init__(*a)\n"
        "    def xSync(self, flags):\n"
        "        if os.path.exists(os.environ['SLOW_DISK']):\n"
        f"            time.sleep({seconds})\n"
        "        super().xSync(flags)\n"
        "class Layer(apsw.VFS):\n"
        "    def __init__(self):\n"
        "        super().__init__('slow', 'unix', makedefault=True)\n"
        "    def xOpen(self, name, flags):\n"
        "        return File('unix', name, flags)\n"
        "LAYER = Layer()\n"
    )
    data = home / "slow-data"
    data.mkdir()
    switch = home / "slow-now"
    more = {"PYTHONPATH": f"{layer}{os.pathsep}{os.environ.get('PYTHONPATH', '')}",
            "SLOW_DISK": str(switch)}  # fmt: skip

    def fault() -> str:
        switch.touch()
        time.sleep(3.0)
        switch.unlink()
        return f"each sync {seconds * 1e3:.0f} ms later, for 3 s"

    yield from _with_sqlite(home, data, "slow disk", fault, more)


def _with_sqlite(
    home: Path, data: Path, name: str, fault: Callable[[], str],
    environment: dict[str, str] | None = None,
) -> Iterator[Outcome]:  # fmt: skip
    """Do a fault to a town on SQLite."""
    key = new_key(data)
    port = free_port()
    words = ["run", "--data", str(data), "--port", str(port), "--no-drill", "--no-open"]
    process = Process(name, words, home / f"{name}.log", environment=environment)
    process.start()
    try:
        wait_for(lambda: listens(port), 60.0)
        load = Load(port, key, name="d").start()
        wait_for(lambda: len(load.at) > 20, 60.0)
        began = time.monotonic()
        note = fault()
        done = time.monotonic()
        back = wait_for(lambda: load.at and load.at[-1] > done, 30.0)
        time.sleep(1.0)
        load.stop()
    finally:
        process.stop()
    store = SqliteStore(data, read_only=True)
    found = standing(store)
    faults = store.check()
    store.close()
    yield Outcome(
        fault=name, sent=len(load.sent), acknowledged=len(load.acknowledged),
        found=len(load.acknowledged & found), lost=len(load.acknowledged - found),
        recovery_s=load.gap_s(began), failed=not back or bool(faults),
        note=f"{note}; {load.troubles()}",
    )  # fmt: skip
