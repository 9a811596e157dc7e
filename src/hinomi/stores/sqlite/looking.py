"""Single statements and what is kept about all: history, traces, positions, counts, expiries."""

# ruff: noqa: S608 - only names from this package are written into SQL; values are bound
from __future__ import annotations

from datetime import datetime
from heapq import merge
from itertools import islice
from typing import Any

import msgspec

from hinomi.kernel.errors import UnavailableError
from hinomi.kernel.marking import Marking
from hinomi.kernel.records import Origin, Stored, from_micros
from hinomi.kernel.store import Page, Trace
from hinomi.stores.cells import ALWAYS, UNBOUNDED_START
from hinomi.stores.encoding import record_number
from hinomi.stores.sqlite.finding import SPANS, STORED, stored
from hinomi.stores.sqlite.link import Link
from hinomi.stores.sqlite.schema import MIGRATIONS
from hinomi.stores.statements import page_token, token_place

_ORIGIN = msgspec.json.Decoder(Origin)
_RECORD = f"SELECT {STORED} FROM record r JOIN lane l ON l.id = r.lane"
_SHAPE = "LEFT JOIN shape g ON g.id = r.shape"


def check_version(link: Link) -> None:
    """Refuse to read a file of another layout; the writer is who migrates it.

    Raises:
        UnavailableError: it is older or newer than this version's.
    """
    version = int(link.value("PRAGMA user_version"))
    if version != len(MIGRATIONS):
        raise UnavailableError(
            f"This store has layout {version}, expected {len(MIGRATIONS)}: open it for writing"
            " once with the newest Hinomi.",
            f"データの形式は{version}です({len(MIGRATIONS)}が必要)。新しいHinomiで一度書き込み用に"
            "開いてください。",
        )


def history(
    link: Link,
    thing: tuple[str, str],
    visible: frozenset[Marking],
    as_of: int | None,
    limit: int,
    after: str | None,
) -> Page:
    """Return every statement about a thing (collection, key), oldest first, one page."""
    start = 0 if after is None else token_place(after, (int,))[0]
    markings = link.listed(visible)
    lanes = link.rows(
        "SELECT id FROM lane WHERE collection = ? AND key = ?", (link.number(thing[0]), thing[1])
    )
    # In each lane, what was ever its latest and what came late are two ordered runs of the index.
    runs = [
        link.rows(
            f"{_RECORD} {_SHAPE} WHERE r.lane = ? AND r.ever = ? AND r.seq > ? AND r.seq <= ?"
            f" AND r.marking IN ({markings}) ORDER BY r.seq LIMIT ?",
            (lane, ever, start, (1 << 62) if as_of is None else as_of, limit + 1),
        )
        for (lane,) in lanes
        for ever in (1, 0)
    ]
    rows = list(islice(merge(*runs, key=lambda row: row[0]), limit + 1))
    items = [stored(link, row) for row in rows[:limit]]
    return Page(items, page_token([items[-1].seq]) if len(rows) > limit else None)


def record(link: Link, record_id: str, visible: frozenset[Marking]) -> Stored | None:
    """Return one statement by its id."""
    number = record_number(record_id)
    if number is None:
        return None
    rows = link.rows(f"{_RECORD} {_SHAPE} WHERE r.id = ?", (number,))
    found = stored(link, rows[0]) if rows else None
    return found if found is not None and found.marking in visible else None


def trace(link: Link, record_id: str, visible: frozenset[Marking]) -> Trace | None:
    """Return one statement with its origins and what was made from it."""
    with link.snapshot():
        found = record(link, record_id, visible)
        if found is None:
            return None
        origins = link.rows(
            "SELECT origin, recorded_at FROM record WHERE seq = ?1 UNION ALL"
            " SELECT * FROM (SELECT origin, at FROM delivery WHERE record = ?1 ORDER BY rowid)",
            (found.seq,),
        )
        markings = link.listed(visible)
        made = link.rows(
            "SELECT r.id FROM made m JOIN record r ON r.seq = m.record"
            f" WHERE m.input = ? AND r.marking IN ({markings}) ORDER BY r.seq",
            (record_number(record_id),),
        )
    return Trace(
        record=found,
        origins=[(_ORIGIN.decode(origin), from_micros(at)) for origin, at in origins],
        made=[number.hex() for (number,) in made],
    )


def position(link: Link) -> int:
    """Return the position of the newest append."""
    kept: int = link.kept("position", lambda: _position(link))
    return kept


def _position(link: Link) -> int:
    return int(link.value("SELECT max(position) FROM step") or 0)


def position_at(link: Link, time: int) -> int:
    """Return the position as it stood at that time [us]."""
    found = link.value(
        "SELECT position FROM step WHERE at <= ? ORDER BY at DESC, position DESC LIMIT 1", (time,)
    )
    return int(found or 0)


def markings(link: Link) -> frozenset[Marking]:
    """Return the markings that occur or have occurred."""
    kept: frozenset[Marking] = link.kept("markings", lambda: frozenset(link.learn_markings()))
    return kept


def counts(link: Link) -> dict[tuple[str, Marking], int]:
    """Return how many things stand in each collection, by marking."""
    kept: dict[tuple[str, Marking], int] = link.kept("counts", lambda: _counts(link))
    return dict(kept)


def _counts(link: Link) -> dict[tuple[str, Marking], int]:
    rows: list[tuple[Any, ...]] = link.rows("SELECT * FROM tally WHERE things > 0")
    return {(link.name(c), link.marking(m)): things for c, m, things in rows}


def next_expiry(
    link: Link, collection: str, after: int, visible: frozenset[Marking]
) -> datetime | None:
    """Return the next moment at which a current statement begins or ends."""
    number = link.number(collection)
    markings = link.listed(visible)
    with link.snapshot():
        ends = link.value(
            'SELECT "end" FROM lane INDEXED BY lane_end WHERE collection = ? AND stands = 1'
            f' AND "end" > ? AND shown IN ({markings}) ORDER BY "end" LIMIT 1',
            (number, after),
        )
        starts = [
            link.value(
                "SELECT moment FROM lane INDEXED BY lane_when WHERE collection = ? AND span = ?"
                f" AND stands = 1 AND moment > ? AND shown IN ({markings}) ORDER BY moment LIMIT 1",
                (number, span, after),
            )
            for span in link.distinct(SPANS, number)
            if span not in {ALWAYS, UNBOUNDED_START}
        ]
    moments = [m for m in (ends, *starts) if m is not None]
    return from_micros(min(moments)) if moments else None
