"""Single statements and what is kept about all: history, traces, positions, counts, expiries."""

# ruff: noqa: S608 - only names from this package are written into SQL; values are bound
from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import NamedTuple

import msgspec

from hinomi.kernel.marking import Marking
from hinomi.kernel.records import Origin, Stored, from_micros
from hinomi.kernel.store import Page, Trace
from hinomi.stores.encoding import record_number
from hinomi.stores.postgres.direct import Statement, number_of
from hinomi.stores.postgres.finding import STORED, stored
from hinomi.stores.postgres.link import Link, cleaned
from hinomi.stores.statements import page_token, token_place

_ORIGIN = msgspec.json.Decoder(Origin)
_RECORD = f"SELECT {STORED} FROM record r LEFT JOIN shape g ON g.id = r.shape"
_END_OF_TIME = 1 << 62
_STATE = "SELECT (SELECT max(position) FROM step), (SELECT max(id) FROM marking)"
_STATE_NOW = Statement("state", _STATE)


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
    rows = link.rows(
        f"{_RECORD} WHERE r.collection = %s AND r.key = %s AND r.seq > %s AND r.seq <= %s"
        " AND r.marking = ANY(%s) ORDER BY r.seq LIMIT %s",
        (
            link.number(thing[0]),
            cleaned(thing[1]),
            start,
            _END_OF_TIME if as_of is None else as_of,
            link.listed(visible),
            limit + 1,
        ),
    )
    items = [stored(link, row) for row in rows[:limit]]
    return Page(items, page_token([items[-1].seq]) if len(rows) > limit else None)


def record(link: Link, record_id: str, visible: frozenset[Marking]) -> Stored | None:
    """Return one statement by its id."""
    number = record_number(record_id)
    if number is None:
        return None
    rows = link.rows(
        f"{_RECORD} WHERE r.id = %s AND r.marking = ANY(%s)", (number, link.listed(visible))
    )
    return stored(link, rows[0]) if rows else None


def trace(link: Link, record_id: str, visible: frozenset[Marking]) -> Trace | None:
    """Return one statement with its origins and what was made from it."""
    with link.snapshot():
        found = record(link, record_id, visible)
        if found is None:
            return None
        origins = link.rows(
            "SELECT 0, origin, recorded_at FROM record WHERE seq = %s UNION ALL"
            " SELECT number, origin, at FROM delivery WHERE record = %s ORDER BY 1",
            (found.seq, found.seq),
        )
        made = link.rows(
            "SELECT r.id FROM made m JOIN record r ON r.seq = m.record"
            " WHERE m.input = %s AND r.marking = ANY(%s) ORDER BY r.seq",
            (record_number(record_id), link.listed(visible)),
        )
    return Trace(
        record=found,
        origins=[(_ORIGIN.decode(origin), from_micros(at)) for _, origin, at in origins],
        made=[number.hex() for (number,) in made],
    )


class State(NamedTuple):
    """How far the store is: the newest append's position, and the newest marking's number."""

    position: int
    marking: int


class Glance(threading.local):
    """What a thread holds in a block that is answered by one look at the store."""

    link: Link | None = None
    seen: State | None = None

    @contextmanager
    def steady(self, reading: Callable[[], AbstractContextManager[Link]]) -> Iterator[None]:
        """Let one connection, and what is seen of the state, serve the block."""
        if self.link is not None:
            yield
            return
        with reading() as self.link:
            try:
                yield
            finally:
                self.link = self.seen = None


def state(link: Link) -> State:
    """Return how far the store is: while that stays, so do the answers and the markings."""
    if link.direct is None:
        position, marking = link.rows(_STATE)[0]
        return State(position or 0, marking or 0)
    found = link.direct.ask(_STATE_NOW)
    return State(number_of(found, 0, 0), number_of(found, 0, 1))


def position_at(link: Link, time: int) -> int:
    """Return the position as it stood at that time [us]."""
    found = link.value(
        "SELECT position FROM step WHERE at <= %s ORDER BY at DESC, position DESC LIMIT 1", (time,)
    )
    return int(found or 0)


def counts(link: Link) -> dict[tuple[str, Marking], int]:
    """Return how many things stand in each collection, by marking."""
    rows = link.rows("SELECT collection, marking, things FROM tally WHERE things > 0")
    return {(link.name(c), link.marking(m)): things for c, m, things in rows}


def next_expiry(
    link: Link, collection: str, after: int, visible: frozenset[Marking]
) -> datetime | None:
    """Return the next moment at which a current statement begins or ends."""
    number, markings = link.number(collection), link.listed(visible)
    moment = link.value(
        " UNION ALL ".join(
            f"(SELECT {column} AS moment FROM record WHERE collection = %s AND stands"
            f" AND {column} > %s AND marking = ANY(%s) ORDER BY {column} LIMIT 1)"
            for column in ("start", '"end"')
        )
        + " ORDER BY moment LIMIT 1",
        (number, after, markings) * 2,
    )
    return None if moment is None else from_micros(moment)
