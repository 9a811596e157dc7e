"""A light node: one process that writes, follows its partners and shows no page.

For a machine that only keeps its own copy, or for many nodes on one machine: everything that
writes goes through the folder's socket as ever, and nothing is served.
"""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

from hinomi.runtime import desk, folder
from hinomi.runtime import socket as wire
from hinomi.runtime.folder import Holder
from hinomi.runtime.intake import Watch


class Node:
    """Runs until told to stop."""

    def __init__(self, data: Path) -> None:
        self._stop = threading.Event()
        lock = folder.lock(data, "peer run")
        try:
            self._desk = desk.LocalDesk(data, lock)
        except BaseException:
            lock.close()
            raise
        self._desk.settle = lambda: None
        path = folder.socket_path(data)
        self._server = wire.Server(path, self._answer)
        lock.describe(Holder(os.getpid(), "peer run", str(path), ""))

    def run(self) -> None:
        """Serve the socket and the partners until SIGINT or SIGTERM."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self._stop.set())
        self._server.start()
        try:
            self._desk.federation.run(self._stop)
        finally:
            self._server.close()
            self._desk.close()

    def _answer(self, request: wire.Request, watch: Watch, gone: threading.Event) -> object:
        return desk.answer(self._desk, request, watch, gone)
