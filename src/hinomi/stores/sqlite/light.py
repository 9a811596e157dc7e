"""A light node's store: small pages, and a commit that does not wait for the disk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import apsw

from hinomi.stores.room import make_room
from hinomi.stores.sqlite.link import FILE, Link, transaction, unavailable
from hinomi.stores.sqlite.store import SqliteStore

_CHECKPOINT = 256 * 1024 * 1024
"""[B] Should the WAL be so large before it is tidied, a commit waits for that after all."""
_ROOM = 96 * 1024 * 1024
"""[B] The WAL has so much room from the beginning: about what is appended between two tidyings
where two hundred statements come in a second."""
_CACHE_KB = 16 * 1024
"""[kB] Of pages. SQLite (3.5x) goes through all that it keeps after each commit that split a page
out of order: 64 MB of 1 kB pages cost a tenth of the processor, pages read again cost less."""
STRIDE = 1_000_000
"""Positions go on so much further where the log has lost its end."""


class LightStore(SqliteStore):
    """An :class:`SqliteStore` for a node that mostly keeps what partners tell it.

    A batch of 40 statements changes some hundred pages, here and there in the file, and each is
    written whole: with 1 kB pages that is 175 kB, with SQLite's usual 4 kB it is 390 kB.
    """

    page_size = 1024

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        link = self._written().link
        link.checkpoint_at(_CHECKPOINT)
        link.rows(f"PRAGMA journal_size_limit={_CHECKPOINT}")
        link.rows(f"PRAGMA cache_size=-{_CACHE_KB}")
        make_room(folder / f"{FILE}-wal", _ROOM)
        self._tidier: Link | None = None

    @contextmanager
    def unflushed(self) -> Iterator[None]:
        """Append what the block puts without waiting for the disk.

        For what would be told again. A killed process loses nothing of it; a power cut may take
        the newest of it back, never a part of a transaction and nothing that came before it. Who
        then appends without the block waits for the disk, for all that came before as well.
        """
        with self._lock:
            link = self._written().link
            link.rows("PRAGMA synchronous=NORMAL")
            try:
                yield
            finally:
                link.rows("PRAGMA synchronous=FULL")

    def tidy(self) -> None:
        """Move the WAL's pages into the file, while others append; one caller at a time.

        Else the commit that finds the WAL too long does it, and the town waits for a hundred
        times what its own statement writes.
        """
        if self._tidier is None:
            self._tidier = Link(self.folder / FILE, write=True)
        try:
            # The second has little to do: so the next commit finds all done, and begins anew.
            for _ in range(2):
                self._tidier.connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
        except apsw.Error as error:
            raise unavailable(error) from error

    def close(self) -> None:
        """Let go of files, connections and the folder."""
        if self._tidier is not None:
            self._tidier.close()
            self._tidier = None
        super().close()

    def skip(self, at: datetime) -> int:
        """Go on a million positions further, durable on return; return the position.

        Whoever has read up to a position that a power cut took back would else miss what is
        appended there the second time.
        """
        with self._lock:
            writer = self._written()
            with transaction(writer.link):
                writer.begin(at)
                writer.seq += STRIDE
                writer.finish()
            return writer.seq
