"""A town under load: its processes, and people who write to it and are told what was taken."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from chaos.servers import Nats, Postgres, Process, free_port, wait_for
from hinomi.kernel.marking import Disclosure, Principal
from hinomi.runtime import storing
from hinomi.runtime.keys import Keys
from hinomi.stores.postgres import PostgresStore

COLLECTION = "response.shelters"
_ANSWER_S = 30.0
NAMES = ("api-1", "api-2", "ingest", "models")


def new_key(data: Path) -> str:
    """Return a key that may write everything."""
    keys = Keys(data)
    try:
        return keys.create(Principal("chaos", (), Disclosure.CLEAR, ("*",)))
    finally:
        keys.close()


class Load:
    """Writers that state one shelter after the other, and try each again until it is taken."""

    def __init__(
        self, port: int, key: str, *, writers: int = 4, name: str = "w", pause_s: float = 0.0
    ) -> None:
        self._port, self._key, self._name, self._pause_s = port, key, name, pause_s
        self._stop = threading.Event()
        self.sent: set[str] = set()
        self.acknowledged: set[str] = set()
        self.at: list[float] = []
        """When each was acknowledged."""
        self.refused = self.broken = 0
        """Answers that told to come again; connections that ended without an answer."""
        self._lock = threading.Lock()
        self._threads = [
            threading.Thread(target=self._write, args=(number,), daemon=True)
            for number in range(writers)
        ]

    def start(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(_ANSWER_S * 2)

    def _write(self, writer: int) -> None:
        number, link = 0, None
        while not self._stop.is_set():
            key = f"{self._name}{writer}-{number}"
            self.sent.add(key)
            try:
                link = link or http.client.HTTPConnection(
                    "127.0.0.1", self._port, timeout=_ANSWER_S
                )
                status = self._put(link, key)
            except (OSError, http.client.HTTPException):
                self.broken += 1
                if link is not None:
                    link.close()
                link = None
                time.sleep(0.05)
                continue
            # 412: it was stored, and its answer was lost on the way.
            if status in {200, 201, 412}:
                with self._lock:
                    self.acknowledged.add(key)
                    self.at.append(time.monotonic())
                number += 1
                time.sleep(self._pause_s)
            else:
                self.refused += 1
                time.sleep(0.05)
        if link is not None:
            link.close()

    def _put(self, link: http.client.HTTPConnection, key: str) -> int:
        body = json.dumps({
            "type": "Feature", "id": key, "geometry": {"type": "Point", "coordinates": [136, 37]},
            "properties": {"name": key, "match_key": key, "state": "open"},
        })  # fmt: skip
        link.request(
            "PUT", f"/collections/{COLLECTION}/items/{key}", body,
            {"X-API-Key": self._key, "If-None-Match": "*", "Content-Type": "application/geo+json"},
        )  # fmt: skip
        answer = link.getresponse()
        answer.read()
        if answer.headers.get("connection") == "close":
            link.close()
        if answer.status not in {200, 201, 412, 503}:
            raise RuntimeError(f"{key}: {answer.status}")
        return answer.status

    def troubles(self) -> str:
        """Return what the writers had to try again."""
        return f"{self.broken} broken, {self.refused} refused, all tried again"

    def gap_s(self, since: float) -> float:
        """Return the longest time without an acknowledgement after a moment [s]."""
        at = [since, *(t for t in sorted(self.at) if t > since)]
        return max((b - a for a, b in pairwise(at)), default=float("inf"))


class Town:
    """A town on PostgreSQL: two api processes on one socket, ingest, models, and NATS.

    ``pause_s`` is how long each writer rests after a write: less load, the same faults.
    """

    def __init__(self, home: Path, *, nats: int = 1, standby: bool = False, pause_s: float = 0.0,
                 names: tuple[str, ...] = NAMES,
                 environment: dict[str, str] | None = None) -> None:  # fmt: skip
        self.pause_s, self._names = pause_s, names
        self.nats: Nats | None = None
        self.listener: socket.socket | None = None
        self.processes: dict[str, Process] = {}
        self.servers: list[Postgres] = []
        try:
            self._found(home, nats=nats, standby=standby, environment=environment or {})
        except BaseException:
            self.end()
            raise

    def _found(self, home: Path, *, nats: int, standby: bool, environment: dict[str, str]) -> None:
        self.home, self.data = home, home / "data"
        self.data.mkdir()
        first = Postgres(home, "first")
        self.servers.append(first)
        first.sql("CREATE DATABASE town")
        if standby:
            self.servers.append(Postgres(home, "second", primary=first))
            first.sql("ALTER SYSTEM SET synchronous_standby_names = 'second'")
            first.sql("SELECT pg_reload_conf()")
            wait_for(lambda: first.sql("SELECT sync_state FROM pg_stat_replication"
                                       " WHERE sync_state = 'sync'"))  # fmt: skip
        hosts = ",".join(str(server.folder) for server in self.servers)
        self.url = f"postgresql://hinomi@/town?host={hosts}&target_session_attrs=read-write"
        PostgresStore(self.url).close()
        self.nats = Nats(home, nats)
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.port = int(self.listener.getsockname()[1])
        self._environment = {"HINOMI_STORE": self.url, **environment}
        self.key = self._new_key()
        self.processes = {name: self._process(name) for name in self._names}

    def _new_key(self) -> str:
        return new_key(self.data)

    def _process(self, name: str) -> Process:
        role = name.split("-")[0]
        assert self.nats is not None
        nats = [word for url in self.nats.urls for word in ("--nats", url)]
        port = [] if role == "api" else ["--port", str(free_port())]
        words = ["run", "--data", str(self.data), "--role", role, "--no-drill", "--no-open", *nats]
        return Process(
            name, [*words, *port], self.home / f"{name}.log", environment=self._environment,
            listener=self.listener if role == "api" else None,
        )  # fmt: skip

    def start(self) -> Town:
        for process in self.processes.values():
            process.start()
        there = [process.ready() for process in self.processes.values()]
        if not (all(there) and wait_for(lambda: self.asks("/readyz") == 200, 60.0)):
            raise RuntimeError("The town does not start:\n" + self.logs())
        return self

    def asks(self, path: str) -> int:
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=3)
        try:
            link.request("GET", path, headers={"X-API-Key": self.key, "Connection": "close"})
            return link.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            link.close()

    def found(self) -> set[str]:
        """Return the keys that stand in the store."""
        store = storing.open_store(self.url, read_only=True)
        try:
            return standing(store)
        finally:
            store.close()

    def logs(self) -> str:
        return "\n".join(f"{p}: {p.read_text()[-2000:]}" for p in self.home.glob("*.log"))

    def end(self) -> None:
        for process in self.processes.values():
            process.kill()
        for process in self.processes.values():
            process.close()
        if self.listener is not None:
            self.listener.close()
        if self.nats is not None:
            self.nats.end()
        for server in self.servers:
            server.stop("immediate")


def standing(store: Any) -> set[str]:
    """Return the keys that a store's collection holds."""
    found: set[str] = set()
    after = 0
    while True:
        changes = store.changes(
            after, visible=store.markings(), collections=(COLLECTION,), limit=5000
        )
        found.update(c.record.key for c in changes.items if c.record is not None)
        if changes.position == after:
            return found
        after = changes.position


@contextlib.contextmanager
def town(**how: Any) -> Iterator[Town]:
    """Start a town, and remove all of it at the end."""
    with tempfile.TemporaryDirectory(prefix="hinomi-chaos-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        one = Town(home, **how)
        try:
            yield one.start()
        finally:
            one.end()
