"""The bell: what wakes who waits for new positions, across processes, by LISTEN and NOTIFY."""

from __future__ import annotations

import threading
from collections.abc import Callable

import psycopg

from hinomi.kernel.errors import UnavailableError
from hinomi.stores.postgres.link import connect
from hinomi.stores.postgres.writing import CHANNEL

_LOOK_S = 0.5
_AGAIN_S = 1.0


def listen(url: str, ring: Callable[[int], None], stop: threading.Event) -> None:
    """Call ``ring`` with each new position until ``stop`` is set; a lost server is tried again.

    A notice can be lost with the connection: who is woken must read by cursor, and a reconnection
    rings too.
    """
    while not stop.is_set():
        try:
            with connect(url) as connection:
                connection.execute(f"LISTEN {CHANNEL}")
                found = connection.execute("SELECT max(position) FROM step").fetchone()
                ring(int(found[0] or 0) if found else 0)
                while not stop.is_set():
                    for notice in connection.notifies(timeout=_LOOK_S):
                        ring(int(notice.payload))
        except (UnavailableError, psycopg.Error):
            stop.wait(_AGAIN_S)
