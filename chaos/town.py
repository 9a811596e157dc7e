"""A town on PostgreSQL to break: its processes, its database and its NATS."""

from __future__ import annotations

import contextlib
import http.client
import socket
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chaos.load import standing
from chaos.servers import Nats, Postgres, Process, free_port, wait_for
from hinomi.kernel.marking import Disclosure, Principal
from hinomi.runtime import storing
from hinomi.runtime.keys import Keys
from hinomi.stores.postgres import PostgresStore

NAMES = ("api-1", "api-2", "ingest", "models")


def new_key(data: Path) -> str:
    """Return a key that may write everything."""
    keys = Keys(data)
    try:
        return keys.create(Principal("chaos", (), Disclosure.CLEAR, ("*",)))
    finally:
        keys.close()


class Town:
    """A town on PostgreSQL: two api processes on one socket, ingest, models, and NATS.

    ``pause_s`` is how long each writer rests after a write: less load, the same faults. ``package``
    is what makes a domain from outside known, and with it the files of the watched folder. ``room``
    is how large the file system is on which the database lies.
    """

    def __init__(self, home: Path, *, nats: int = 1, standby: bool = False,  # noqa: PLR0913
                 pause_s: float = 0.0, names: tuple[str, ...] = NAMES,
                 package: dict[str, str] | None = None,
                 environment: dict[str, str] | None = None, room: str = "") -> None:  # fmt: skip
        self.pause_s, self._names, self._room = pause_s, names, room
        self.incoming = home / "incoming" if package else None
        self.nats: Nats | None = None
        self.listener: socket.socket | None = None
        self.processes: dict[str, Process] = {}
        self.servers: list[Postgres] = []
        try:
            together = {**(environment or {}), **(package or {})}
            self._found(home, nats=nats, standby=standby, environment=together)
        except BaseException:
            self.end()
            raise

    def _found(self, home: Path, *, nats: int, standby: bool, environment: dict[str, str]) -> None:
        self.home, self.data = home, home / "data"
        self.data.mkdir()
        first = Postgres(home, "first", room=self._room)
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
        if role == "ingest" and self.incoming is not None:
            words += ["--watch", str(self.incoming)]
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

    def found(self) -> Counter[str]:
        """Return how often each unit is in the store's log."""
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
            server.end()


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
