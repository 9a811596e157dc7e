"""A made-up coast behind the real app, for the browser tests.

Run as a script it waits for lines that ask for coasts (:class:`Wanted`, JSON) and serves each in a
child of its own: what takes seconds, loading the app, is done once. ``POST /coast/level`` states a
new level for a town, ``POST /coast/rain`` what a radar saw.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec

from hinomi.apps.web.app import create_app
from hinomi.kernel.marking import Status
from hinomi.runtime import clock
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.service import Service
from hinomi.stores.memory import MemoryStore
from hinomi.stores.sqlite import SqliteStore
from tests.apps.page.coast_records import country, crowd, level, rain, seed


class Change(msgspec.Struct):
    """What a test asks for."""

    key: str
    level: int
    status: Status = Status.ACTUAL


class Wanted(msgspec.Struct):
    """What a test asks of the nursery: a port (0: any), more places, where to write."""

    port: int
    many: int
    folder: str


class Born(msgspec.Struct):
    """Where the coast is."""

    url: str
    pid: int


def coast(many: int) -> Any:
    """Return the app after two hours, with the test's own doors beside it, and more sites."""
    # A hundred thousand places belong on the disk, as they do in a town.
    store = SqliteStore(Path(tempfile.mkdtemp(prefix="hinomi-coast-"))) if many else MemoryStore()
    start = clock.now() - timedelta(hours=2)
    seed(store, start)
    if many:
        store.put(country(start), at=clock.now())
    sites = crowd(many, start)
    for first in range(0, many, 10_000):
        store.put(sites[first : first + 10_000], at=clock.now())
    app = create_app(Service(store, default_catalog()))

    async def with_doors(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/coast/"):
            await app(scope, receive, send)
            return
        message = await receive()
        now = clock.now()
        if scope["path"] == "/coast/rain":
            store.put(rain(store, now), at=now)
        else:
            asked = msgspec.json.decode(message["body"], type=Change)
            store.put([level(asked.key, asked.level, now, asked.status)], at=now)
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    return with_doors


async def serve(port: int, many: int) -> None:
    from granian.constants import Interfaces  # noqa: PLC0415 - only the script serves
    from granian.server.embed import Server  # noqa: PLC0415

    await Server(coast(many), address="127.0.0.1", port=port, interface=Interfaces.ASGI).serve()


def bear(wanted: Wanted) -> Born:
    """Fork a coast; the child never returns."""
    with socket.socket() as free:
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        free.bind(("127.0.0.1", wanted.port))
        port = free.getsockname()[1]
    pid = os.fork()
    if pid:
        return Born(f"http://127.0.0.1:{port}", pid)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    log = os.open(f"{wanted.folder}/server.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    tempfile.tempdir = wanted.folder
    asyncio.run(serve(port, wanted.many))
    os._exit(0)


def main() -> None:
    import granian.server.embed  # noqa: F401, PLC0415 - before the children, not in each

    default_catalog()
    # Nobody waits for the children: they are gone when they are killed.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    born: list[int] = []
    for line in sys.stdin:
        found = bear(msgspec.json.decode(line, type=Wanted))
        born.append(found.pid)
        sys.stdout.write(msgspec.json.encode(found).decode() + "\n")
        sys.stdout.flush()
    for pid in born:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


if __name__ == "__main__":
    main()
