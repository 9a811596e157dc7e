"""A PostgreSQL server of the tests' own: a cluster in a folder of its own, on a Unix socket."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

SOCKET = 5432
"""The socket's number, in a folder of its own: no port of the machine is taken."""


def programs() -> Path:
    """Return the folder of PostgreSQL's programs; without PostGIS there is no test of the store."""
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        extensions = Path(f"/usr/share/postgresql/{folder.parent.name}/extension")
        if (extensions / "postgis.control").exists():
            return folder
    raise AssertionError(
        "PostgreSQL with PostGIS is not installed: apt-get install postgresql-15-postgis-3"
    )


class Cluster:
    """A running server; the database ``town`` is made anew from an empty one for each test."""

    def __init__(self, *, durable: bool = True) -> None:
        self._durable = durable
        self.folder = Path(tempfile.mkdtemp(prefix="hinomi-pg-", dir="/tmp"))
        self._as: list[str] = []
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres")
            self._as = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        self._run("initdb", "-U", "hinomi", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
        self.start()
        self._made = 0

    def _run(self, program: str, *words: str) -> None:
        done = subprocess.run(
            [*self._as, programs() / program, "-D", self.folder / "db", *words],
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            cwd="/",
        )
        assert done.returncode == 0, done.stdout.decode()

    def start(self) -> None:
        """Start the server."""
        options = (
            f"-k {self.folder} -p {SOCKET} -c listen_addresses='' -c max_connections=100"
            " -c shared_buffers=64MB -c autovacuum=off"
            f" -c fsync={'on' if self._durable else 'off'}"
        )
        # Its own log file: a pipe that the server keeps open would never end.
        log = str(self.folder / "log")
        self._run("pg_ctl", "-w", "-l", log, "-o", options, "start")

    def stop(self, how: str = "fast") -> None:
        """Stop the server; ``immediate`` is a crash."""
        self._run("pg_ctl", "-m", how, "-w", "stop")

    def url(self, database: str = "postgres", user: str = "hinomi") -> str:
        """Return the address of a database."""
        return f"postgresql://{user}@/{database}?host={self.folder}&port={SOCKET}"

    def remove(self) -> None:
        """Stop the server and remove its files."""
        self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)
