"""Erasing personal data from the SQLite file: the rows, the freed bytes and the log of changes."""

from __future__ import annotations

from hinomi.stores.erasing import Erased, Erasure, Sweep, origins_of
from hinomi.stores.sqlite.link import Link, transaction

_LANES = 500
"""Looked through at a time."""


def look(link: Link, erasure: Erasure) -> Erased:
    """Tell what would be erased."""
    sweep = Sweep(erasure)
    with link.snapshot():
        _sweep(link, erasure, sweep)
    return sweep.done()


def erase(link: Link, erasure: Erasure) -> Erased:
    """Overwrite the fields in all statements concerned, in one transaction.

    ``secure_delete`` zeroes what the shorter rows leave free in their pages; the file's
    write-ahead log, which holds the pages as they were, is written back and emptied.
    """
    sweep = Sweep(erasure)
    link.rows("PRAGMA secure_delete=ON")
    try:
        with transaction(link):
            _sweep(link, erasure, sweep)
    finally:
        link.rows("PRAGMA secure_delete=OFF")
    found = sweep.done()
    if found.ids:
        link.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    return found


def _sweep(link: Link, erasure: Erasure, sweep: Sweep) -> None:
    number = link.number(erasure.collection)
    last: tuple[str, int, int] = ("", -1, -1)
    while lanes := link.rows(
        "SELECT key, source, marking, id FROM lane WHERE collection = ?"
        " AND (key, source, marking) > (?, ?, ?) ORDER BY key, source, marking LIMIT ?",
        (number, *last, _LANES),
    ):
        for key, _, _, lane in lanes:
            _sweep_lane(link, key, lane, sweep)
        last = lanes[-1][:3]


def _sweep_lane(link: Link, key: str, lane: int, sweep: Sweep) -> None:
    for seq, number, said_at, feature, origin in link.rows(
        "SELECT seq, id, said_at, CAST(feature AS BLOB), origin FROM record WHERE lane = ?", (lane,)
    ):
        later = link.rows("SELECT origin FROM delivery WHERE record = ?", (seq,))
        texts = [origin, *(text for (text,) in later)]
        new = sweep.erased(number.hex(), key, said_at, feature, origins_of(texts))
        if new is not None:
            link.rows("UPDATE record SET feature = ? WHERE seq = ?", (new.decode(), seq))
