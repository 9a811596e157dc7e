"""Shared work: who does what now, and how far it is; leases in the database.

A lease is a row with a holder and an end. Who has died is replaced when its lease has ended; who
was only slow finds at its end that the work is another's, and what it made is not kept. The end
is by the server's clock, and by the asker's own: a lease that nobody lengthens for so long is
over, wherever a clock that was set has put its end.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime

import msgspec
import psycopg

from hinomi.kernel.errors import UnavailableError
from hinomi.stores.postgres.link import Connection, Link, Names, alive, connect, unavailable

LEASE_S = 6.0
"""A worker that says nothing for so long is taken for dead [s]."""


class LostError(UnavailableError):
    """The work is another's now: what was made of it here is not kept."""


class Taken(msgspec.Struct, frozen=True):
    """Work that is ours until the lease ends."""

    name: str
    state: str
    """What the last finisher left."""
    tries: int
    """How often it was taken since it was last finished, this time included."""


class Work:
    """The table of work. Its questions have a connection of their own: an append never waits."""

    def __init__(self, url: str, owner: Callable[[], AbstractContextManager[Link]]) -> None:
        self._url, self._owner = url, owner
        self._lock = threading.Lock()
        self._connection: Connection | None = None
        self.holder = f"{socket.gethostname()}/{os.getpid()}/{secrets.token_hex(4)}"
        self._ends: dict[str, tuple[datetime | None, float]] = {}
        """The end that another's lease had when it was looked at, and when that was first so."""

    def take(self, name: str, seconds: float = LEASE_S) -> Taken | None:
        """Take work for so long [s]; None while another has it."""
        over = self._stale(name, seconds)
        with self._asking() as link:
            link.rows("INSERT INTO work (name) VALUES (%s) ON CONFLICT DO NOTHING", (name,))
            rows = link.rows(
                "UPDATE work SET holder = %s, tries = tries + 1,"
                " until = clock_timestamp() + make_interval(secs => %s) WHERE name = %s"
                " AND (holder IS NULL OR until <= clock_timestamp() OR until = %s::timestamptz)"
                " RETURNING state, tries",
                (self.holder, seconds, name, over),
            )
            if not rows:
                end = link.value("SELECT until FROM work WHERE name = %s", (name,))
                if self._ends.get(name, (None, 0.0))[0] != end:
                    self._ends[name] = end, time.monotonic()
                return None
        self._ends.pop(name, None)
        return Taken(name, *rows[0])

    def _stale(self, name: str, seconds: float) -> datetime | None:
        """Return the end of a lease that stands unchanged for longer than leases last."""
        end, since = self._ends.get(name, (None, 0.0))
        return end if time.monotonic() - since > 1.5 * seconds else None

    def keep(self, names: Sequence[str], seconds: float = LEASE_S) -> set[str]:
        """Lengthen leases; return those that still are ours."""
        with self._asking() as link:
            rows = link.rows(
                "UPDATE work SET until = clock_timestamp() + make_interval(secs => %s)"
                " WHERE name = ANY(%s) AND holder = %s RETURNING name",
                (seconds, list(names), self.holder),
            )
        return {name for (name,) in rows}

    def states(self) -> dict[str, str]:
        """Return how far all work is."""
        with self._asking() as link:
            return dict(link.rows("SELECT name, state FROM work"))

    def note(self, name: str, state: str) -> None:
        """Keep the greater of what is noted under a name and this; nobody has to hold it."""
        with self._asking() as link:
            link.rows(
                "INSERT INTO work (name, state) VALUES (%s, %s) ON CONFLICT (name)"
                " DO UPDATE SET state = greatest(work.state, excluded.state) RETURNING name",
                (name, state),
            )

    def finish(self, name: str, state: str, *, well: bool = True) -> None:
        """Say how far it is and let go, in the transaction of what was made where one is open.

        ``well`` forgets the tries.

        Raises:
            LostError: another has taken it.
        """
        with self._owner() as link:
            rows = link.rows(
                "UPDATE work SET state = %s, holder = NULL, until = NULL,"
                " tries = CASE WHEN %s THEN 0 ELSE tries END"
                " WHERE name = %s AND holder = %s RETURNING name",
                (state, well, name, self.holder),
            )
        if not rows:
            raise LostError(
                f"{name}: the lease has ended, another worker does it.",
                f"{name}: 担当の期限が切れ、別のワーカーが行っています。",
            )

    def let_go(self, name: str) -> None:
        """Let another take it at once; it was not tried."""
        with self._asking() as link:
            link.rows(
                "UPDATE work SET holder = NULL, until = NULL, tries = greatest(tries - 1, 0)"
                " WHERE name = %s AND holder = %s",
                (name, self.holder),
            )

    def close(self) -> None:
        """Let go of what is held, and of the connection."""
        if self._connection is not None and alive(self._connection):
            with contextlib.suppress(UnavailableError), self._asking() as link:
                link.rows(
                    "UPDATE work SET holder = NULL, until = NULL, tries = greatest(tries - 1, 0)"
                    " WHERE holder = %s",
                    (self.holder,),
                )
        with self._lock:
            self._drop()

    @contextmanager
    def _asking(self) -> Iterator[Link]:
        with self._lock:
            if self._connection is None or not alive(self._connection):
                self._drop()
                self._connection = connect(self._url)
            try:
                yield Link(self._connection, Names())
            except psycopg.Error as error:
                self._drop()
                raise unavailable(error) from error
            except UnavailableError:
                self._drop()
                raise

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
