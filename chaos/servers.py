"""Servers to break: PostgreSQL with a standby, a NATS cluster, a user-space proxy between nodes."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

PATIENCE_S = 30.0


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def wait_for(true: Callable[[], object], seconds: float = PATIENCE_S, step_s: float = 0.05) -> bool:
    """Wait until something is true, at most so long [s]."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if true():
            return True
        time.sleep(step_s)
    return bool(true())


class Postgres:
    """One cluster in a folder of its own, on a Unix socket; it may become another's standby."""

    def __init__(
        self, home: Path, name: str, *, primary: Postgres | None = None, room: str = ""
    ) -> None:
        self.folder = home / name
        self.folder.mkdir()
        self._mounted = bool(room) and mount(self.folder, room)
        self._as: list[str] = []
        if os.geteuid() == 0:
            for place in (*home.parents[:-2], home):
                if place.owner() == "root" and place != Path("/tmp"):  # noqa: S108
                    place.chmod(0o711)
            shutil.chown(self.folder, "postgres")
            self._as = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        if primary is None:
            self._run("initdb", "-D", str(self.db), "-U", "hinomi", "-A", "trust", "-E", "UTF8",
                      "--locale=C.UTF-8", "--no-sync")  # fmt: skip
        else:
            self._run("pg_basebackup", "-D", str(self.db), "-h", str(primary.folder), "-U",
                      "hinomi", "-R", "-X", "stream", "-c", "fast", "--no-sync")  # fmt: skip
            conf = self.db / "postgresql.auto.conf"
            text = conf.read_text().replace("primary_conninfo = '", f"primary_conninfo = "
                                            f"'application_name={name} ")  # fmt: skip
            conf.write_text(text)
        self.start()

    @property
    def db(self) -> Path:
        return self.folder / "db"

    def _run(self, program: str, *words: str, check: bool = True) -> None:
        done = subprocess.run(
            [*self._as, _programs() / program, *words], check=False, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, cwd="/",
        )  # fmt: skip
        if check and done.returncode:
            raise RuntimeError(done.stdout.decode())

    def start(self) -> None:
        options = (
            f"-k {self.folder} -p 5432 -c listen_addresses='' -c max_connections=100"
            " -c shared_buffers=32MB -c wal_level=replica -c max_wal_senders=4"
            # After a crash one sync of the file system, not one for each of 2,000 files (10 s).
            " -c recovery_init_sync_method=syncfs"
        )
        log = str(self.folder / "log")
        self._run("pg_ctl", "-D", str(self.db), "-w", "-l", log, "-o", options, "start")

    def stop(self, how: str) -> None:
        """Stop: ``fast``, or ``immediate`` as in a crash."""
        self._run("pg_ctl", "-D", str(self.db), "-m", how, "-w", "stop", check=False)

    def runs(self) -> bool:
        """Tell whether the server is there."""
        command = [*self._as, _programs() / "pg_ctl", "-D", str(self.db), "status"]
        return subprocess.run(command, check=False, capture_output=True, cwd="/").returncode == 0

    def end(self) -> None:
        """Stop for good."""
        self.stop("immediate")
        if self._mounted:
            unmount(self.folder)

    def promote(self) -> None:
        self._run("pg_ctl", "-D", str(self.db), "-w", "promote")

    def sql(self, statement: str, database: str = "postgres") -> list[tuple[object, ...]]:
        import psycopg

        address = f"postgresql://hinomi@/{database}?host={self.folder}"
        with psycopg.connect(address, autocommit=True) as connection:
            cursor = connection.execute(statement)  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else []


def mount(folder: Path, room: str) -> bool:
    """Put a file system of so much room over a folder.

    Raises:
        RuntimeError: it cannot be done, as where one is not root.
    """
    command = ["mount", "-t", "tmpfs", "-o", f"size={room}", "tmpfs", str(folder)]
    if subprocess.run(command, check=False, stderr=subprocess.DEVNULL).returncode:
        raise RuntimeError("not run: mounting a tmpfs needs root")
    return True


def unmount(folder: Path) -> None:
    subprocess.run(["umount", "-l", str(folder)], check=False)


def _programs() -> Path:
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        extension = Path(f"/usr/share/postgresql/{folder.parent.name}/extension/postgis.control")
        if extension.exists():
            return folder
    raise RuntimeError(
        "PostgreSQL with PostGIS is missing: apt-get install postgresql-15-postgis-3"
    )


class Nats:
    """NATS servers with JetStream on files, each write synced; three make a cluster."""

    def __init__(self, home: Path, count: int = 1) -> None:
        self.ports = [free_port() for _ in range(count)]
        inner = [free_port() for _ in range(count)]
        routes = ", ".join(f'"nats://127.0.0.1:{port}"' for port in inner)
        self._commands, self.processes = [], []
        program = Path(sys.executable).with_name("nats-server")
        for number, port in enumerate(self.ports):
            conf = home / f"nats-{number}.conf"
            own = f"'127.0.0.1:{inner[number]}'"
            cluster = f"cluster {{ name: chaos, listen: {own}, routes: [{routes}] }}"
            conf.write_text(
                f"server_name: n{number}\nlisten: '127.0.0.1:{port}'\n"
                f"jetstream {{ store_dir: '{home}/nats-{number}', sync_interval: always }}\n"
                + (cluster if count > 1 else "")
            )
            self._commands.append([str(program), "-c", str(conf)])
            self.processes.append(self._start(number))
        wait_for(lambda: all(map(listens, self.ports)))

    @property
    def urls(self) -> list[str]:
        return [f"nats://127.0.0.1:{port}" for port in self.ports]

    def _start(self, number: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self._commands[number], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def kill(self, number: int) -> None:
        self.processes[number].kill()
        self.processes[number].wait()

    def restart(self, number: int) -> None:
        self.processes[number] = self._start(number)

    def leader(self, stream: str, patience_s: float = 60.0) -> int:
        """Return which node leads a stream that three keep, as soon as one does."""
        found: list[str] = []

        def leads() -> bool:
            with contextlib.suppress(Exception):
                found[:] = asyncio.run(_cluster_of(self.urls, stream))
            return len(found) == len(self.processes)

        if not wait_for(leads, patience_s, 0.2):
            raise RuntimeError(f"{stream} is led by nobody, or not on every node: {found}")
        return int(found[0][1:])

    def end(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()


async def _cluster_of(urls: list[str], stream: str) -> list[str]:
    """Return the names of the nodes that keep a stream, its leader first."""
    import nats

    client = await nats.connect(urls, connect_timeout=2, max_reconnect_attempts=1)
    try:
        cluster = (await client.jetstream(timeout=3).stream_info(stream)).cluster
        others = [one.name for one in cluster.replicas or ()] if cluster else []
        return [cluster.leader, *others] if cluster and cluster.leader else []
    finally:
        await client.close()


def listens(port: int) -> bool:
    """Tell whether a port of this machine takes callers."""
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


class Proxy:
    """A user-space proxy: it can cut a line, lose a share of what passes, and speak TLS.

    What is lost on a TCP line comes again later: a lost piece waits 0.2 s (a retransmission), and
    one in ten of the lost ones ends its connection.
    """

    def __init__(self, to: int, *, tls: Callable[[], ssl.SSLContext] | None = None) -> None:
        self._to, self._tls = to, tls
        self.cut = False
        self.loss = 0.0
        self.passed = self.lost = 0
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def partition(self, *, on: bool) -> None:
        """Cut all that goes through, or let it through again."""
        self.cut = on
        if on:
            for one in list(self._open):
                _close(one)

    def close(self) -> None:
        _close(self._listener)
        self.partition(on=True)

    def _accept(self) -> None:
        while True:
            try:
                caller, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._join, args=(caller,), daemon=True).start()

    def _join(self, caller: socket.socket) -> None:
        if self.cut:
            _close(caller)
            return
        try:
            caller.settimeout(120)
            if self._tls is not None:
                caller = self._tls().wrap_socket(caller, server_side=True)
            there = socket.create_connection(("127.0.0.1", self._to), timeout=120)
        except OSError:
            _close(caller)
            return
        self._open |= {caller, there}
        for one, other in ((caller, there), (there, caller)):
            threading.Thread(target=self._pass, args=(one, other), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError):
            while data := source.recv(65536):
                self.passed += 1
                if self.loss and random.random() < self.loss:
                    self.lost += 1
                    if random.random() < 0.1:
                        break
                    time.sleep(0.2)
                target.sendall(data)
        for one in (source, target):
            _close(one)
            self._open.discard(one)


def _close(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()


class Process:
    """One hinomi process: started, killed, started again; its log is kept."""

    def __init__(
        self, name: str, words: list[str], log: Path, *, environment: dict[str, str] | None = None,
        listener: socket.socket | None = None,
    ) -> None:  # fmt: skip
        self.name, self._log = name, log
        self._environment = {**os.environ, "HINOMI_LOG": "warning", **(environment or {})}
        self._listener = listener
        self._notices: socket.socket | None = None
        self._command = [sys.executable, "-m", "hinomi.apps.cli", *words]
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command, first = self._command, subprocess.DEVNULL
        if self._listener is not None:
            # As systemd hands a socket over: descriptor 3, for the process of that number. It comes
            # as standard input: dash knows no descriptor of two digits.
            first = self._listener.fileno()
            shell = 'export LISTEN_PID=$$ LISTEN_FDS=1; exec "$@" 3<&0 </dev/null'
            command = ["sh", "-c", shell, "sh", *command]
        if self._notices is not None:
            self._notices.close()
        self._notices = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        # An abstract address, as systemd's in a container.
        self._notices.bind("")
        address = "@" + self._notices.getsockname()[1:].decode()
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, stdin=first,
                env={**self._environment, "NOTIFY_SOCKET": address}, start_new_session=True,
            )  # fmt: skip

    def ready(self, patience_s: float = 60.0) -> bool:
        """Wait until the process tells that it is there, as systemd does."""
        assert self._notices is not None
        self._notices.settimeout(patience_s)
        with contextlib.suppress(TimeoutError):
            return self._notices.recv(100) == b"READY=1"
        return False

    def send(self, number: int) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(number)

    def kill(self) -> None:
        """Kill the process; its web workers end by themselves."""
        self.send(signal.SIGKILL)
        if self.process is not None:
            self.process.wait()

    def stop(self, patience_s: float = 20.0) -> None:
        """Stop it gently."""
        if self.process is None:
            return
        self.send(signal.SIGCONT)
        self.send(signal.SIGTERM)
        try:
            self.process.wait(patience_s)
        except subprocess.TimeoutExpired:
            self.kill()

    def close(self) -> None:
        """Hear no more of it."""
        if self._notices is not None:
            self._notices.close()

    def children(self) -> list[int]:
        assert self.process is not None
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(one) for one in path.read_text().split()]
