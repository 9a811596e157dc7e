"""Erasing personal data from the SQLite file: the rows, the freed bytes and the log of changes."""

from __future__ import annotations

from hinomi.stores.erasing import Erased, Erasure, Sweep, origins_of
from hinomi.stores.sqlite.link import Link, transaction


def erase(link: Link, erasure: Erasure) -> Erased:
    """Overwrite the fields in all statements concerned, in one transaction.

    ``secure_delete`` zeroes what the shorter rows leave free in their pages; the file's
    write-ahead log, which holds the pages as they were, is written back and emptied.
    """
    sweep = Sweep(erasure)
    link.rows("PRAGMA secure_delete=ON")
    try:
        with transaction(link):
            said = link.rows(
                "SELECT r.seq, r.id, l.key, r.said_at, CAST(r.feature AS BLOB), r.origin"
                " FROM lane l JOIN record r ON r.lane = l.id WHERE l.collection = ?",
                (link.number(erasure.collection),),
            )
            for seq, number, key, said_at, feature, origin in said:
                later = link.rows("SELECT origin FROM delivery WHERE record = ?", (seq,))
                texts = [origin, *(text for (text,) in later)]
                new = sweep.erased(number.hex(), key, said_at, feature, origins_of(texts))
                if new is not None:
                    link.rows("UPDATE record SET feature = ? WHERE seq = ?", (new.decode(), seq))
    finally:
        link.rows("PRAGMA secure_delete=OFF")
    found = sweep.done()
    if found.ids:
        link.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    return found
