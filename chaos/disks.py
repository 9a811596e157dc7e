"""Faults of the disk: a full one and a slow one under SQLite, a full one under PostgreSQL."""

from __future__ import annotations

import contextlib
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from chaos.faults import Outcome, measured
from chaos.load import standing
from chaos.servers import Process, free_port, listens, mount, unmount, wait_for
from chaos.town import new_key, town
from hinomi.stores.sqlite import SqliteStore


def disk_full(home: Path) -> Iterator[Outcome]:
    """A town's folder is full: nothing is acknowledged that is not kept; with room it goes on."""
    data = home / "small"
    data.mkdir()
    try:
        mount(data, "16m")
    except RuntimeError as error:
        yield Outcome(fault="disk full", note=str(error), failed=True)
        return
    try:
        yield from _with_sqlite(home, data, "disk full", lambda: _fill(data))
    finally:
        unmount(data)


def database_disk_full(room: str = "400m") -> Iterator[Outcome]:
    """The disk of PostgreSQL is full; what then ends is started again, as systemd would."""
    name = "disk full under PostgreSQL"
    try:
        with town(room=room) as one:
            server = one.servers[0]

            def fault() -> str:
                told = _fill(server.folder, 4.0)
                ended = not server.runs()
                if ended:
                    server.start()
                return f"{told}, PostgreSQL {'ended and was started again' if ended else 'stayed'}"

            yield measured(one, name, fault, after_s=2.0)
    except RuntimeError as error:
        yield Outcome(fault=name, note=str(error), failed=True)


def _fill(data: Path, seconds: float = 2.0) -> str:
    junk = data / "junk"
    try:
        with junk.open("wb", buffering=0) as file:
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                with contextlib.suppress(OSError):
                    while True:
                        file.write(bytes(4096))
                time.sleep(0.01)  # What is given back meanwhile is taken too.
    finally:
        junk.unlink()
    return f"full for {seconds:.0f} s"


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
        "            with open(os.environ['SLOW_DISK'] + '.count', 'ab') as count:\n"
        "                count.write(b'.')\n"
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
    switch, count = home / "slow-now", home / "slow-now.count"
    more = {"PYTHONPATH": f"{layer}{os.pathsep}{os.environ.get('PYTHONPATH', '')}",
            "SLOW_DISK": str(switch)}  # fmt: skip

    def fault() -> str:
        switch.touch()
        time.sleep(3.0)
        switch.unlink()
        slowed = count.stat().st_size if count.exists() else 0
        return f"{slowed} syncs, each {seconds * 1e3:.0f} ms later, for 3 s"

    for row in _with_sqlite(home, data, "slow disk", fault, more):
        row.failed = row.failed or not count.exists()
        yield row


class Single:
    """A town on SQLite: one hub."""

    pause_s = 0.0
    incoming = None

    def __init__(self, home: Path, data: Path, name: str, environment: dict[str, str]) -> None:
        self.data, self.key, self.port = data, new_key(data), free_port()
        words = ["run", "--data", str(data), "--port", str(self.port), "--no-drill", "--no-open"]
        self.process = Process(name, words, home / f"{name}.log", environment=environment)

    def found(self) -> Counter[str]:
        """Return how often each unit is in the log."""
        store = SqliteStore(self.data, read_only=True)
        try:
            return standing(store)
        finally:
            store.close()


def _with_sqlite(
    home: Path, data: Path, name: str, fault: Callable[[], str],
    environment: dict[str, str] | None = None,
) -> Iterator[Outcome]:  # fmt: skip
    """Do a fault to a town on SQLite."""
    one = Single(home, data, name, environment or {})
    one.process.start()
    try:
        wait_for(lambda: listens(one.port), 60.0)
        row = measured(one, name, fault, after_s=1.0)
    finally:
        one.process.stop()
    store = SqliteStore(data, read_only=True)
    faults = store.check()
    store.close()
    row.failed = row.failed or bool(faults)
    yield row
