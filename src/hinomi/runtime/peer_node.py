"""A light node: one process that writes, follows its partners and shows no page.

For a machine that only keeps its own copy, or for many nodes on one machine: everything that
writes goes through the folder's socket as ever, and nothing is served.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
from pathlib import Path

from hinomi.kernel.errors import UnavailableError
from hinomi.runtime import clock, desk, folder, storing
from hinomi.runtime import socket as wire
from hinomi.runtime.federation.logs import about_s
from hinomi.runtime.federation.registry import Registry
from hinomi.runtime.folder import Holder
from hinomi.runtime.intake import Watch
from hinomi.runtime.storing import TownStore

log = logging.getLogger("hinomi.federation")

TIDY_S = 60.0
"""A store's file is brought up to its log so often.

Less often, pages that change again and again are written once: where 160,000 statements about
2,350 shelters were in the file, one more cost 11 kB of it at a tidying each 25 s, and 6 kB at one
each 75 s. But the log must not outgrow the room that it was given (see
:func:`hinomi.stores.room.make_room`), and each page is looked for in all of it.
"""


class Node:
    """Runs until told to stop."""

    def __init__(self, data: Path) -> None:
        self._stop = threading.Event()
        lock = folder.lock(data, "peer run")
        try:
            store = storing.open_store(storing.address(data), light=True)
            self._desk = desk.LocalDesk(data, lock, store=store)
            _ask_again(data, store)
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
        tidier = threading.Thread(target=self._tidy, name="tidy", daemon=True)
        tidier.start()
        try:
            self._desk.federation.run(self._stop)
        finally:
            self._server.close()
            tidier.join()
            self._desk.close()

    def _tidy(self) -> None:
        """Tidy the store now and then, each node of a machine at a moment of its own."""
        tidy = getattr(self._desk.store, "tidy", None)
        while tidy is not None and not self._stop.wait(about_s(TIDY_S)):
            try:
                tidy()
            except UnavailableError as error:
                log.warning("the store could not be tidied: %s", error)

    def _answer(self, request: wire.Request, watch: Watch, gone: threading.Event) -> object:
        return desk.answer(self._desk, request, watch, gone)


def _ask_again(data: Path, store: TownStore) -> None:
    """Ask partners again for what a power cut took back of what they told."""
    registry = Registry(data)
    try:
        lost = registry.forget_lost(store.position())
    finally:
        registry.close()
    skip = getattr(store, "skip", None)
    if lost and skip is not None:
        log.warning("the log has lost its end: nodes=%s are asked for all again", ",".join(lost))
        skip(clock.now())
