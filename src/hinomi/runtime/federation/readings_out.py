"""Readings for the outbox: the rows of each batch, and what a snapshot holds of each series."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import msgspec

from hinomi.kernel.catalog import Catalog
from hinomi.kernel.marking import Marking
from hinomi.kernel.records import Origin, Series, from_micros
from hinomi.kernel.store import Latest, Store
from hinomi.runtime import clock
from hinomi.runtime.federation.agreement import Agreement
from hinomi.standards import batches
from hinomi.standards.batches import Cursor, Rows
from hinomi.stores.moving.freight import Part, text_marking

_AROUND = timedelta(hours=6)
"""Rows of a batch lie around their series' latest; where some do not, the whole table is read."""
_SERIES = 200
"""Series of a snapshot in one batch."""
_MOST = 10_000
_ALL_S = 1e9
"""[s] More history than that is all of it."""
Row = tuple[int, float, int]
"""Time [µs], value, quality."""
Item = tuple[int, int, Rows]
"""Position, recorded at [µs], readings."""


class ReadingsOut:
    """Reads readings for agreements."""

    def __init__(self, store: Store, catalog: Catalog, node: str) -> None:
        self._store, self._catalog, self._node = store, catalog, node

    def since(self, agreement: Agreement, without: str, part: Part, freight: Any) -> list[Item]:
        """Return the batches of readings in a part of the log."""
        asked: dict[tuple[str, Marking], list[tuple[Any, ...]]] = {}
        for row in freight.rows("batch", part):
            marking = text_marking(row[2])
            if agreement.shows(row[1]) and agreement.sees(marking):
                asked.setdefault((row[1], marking), []).append(row)
        found: list[Item] = []
        for (collection, marking), rows in asked.items():
            found += self._of(collection, marking, rows, part, freight)
        kept = []
        for seq, at, item in found:
            origin = msgspec.json.decode(item.part, type=Origin)
            if without and origin.path == f"via:{without}":
                continue
            named = self._named(agreement, item)
            if named.rows:
                kept.append((seq, at, _with_origin(named, origin, self._node, seq)))
        return kept

    def _of(
        self,
        collection: str,
        marking: Marking,
        rows: list[tuple[Any, ...]],
        part: Part,
        freight: Any,
    ) -> list[Item]:
        visible = frozenset({marking})
        near: dict[int, list[tuple[Series, Row]]] = {}
        changed = self._store.series(collection, visible=visible, since=part.done)
        for latest in changed:
            if latest.reading is None:
                continue
            start = from_micros(latest.reading.time) - _AROUND
            for one in self._store.readings(
                latest.series.id, visible=visible, start=start, limit=_MOST
            ):
                if part.done < one.batch <= part.upto:
                    told = latest.series, (one.time, one.value, one.quality)
                    near.setdefault(one.batch, []).append(told)
        found: list[Item] = []
        for seq, _, _, at, count, origin in rows:
            told_of = near.get(seq, [])
            if len(told_of) != count:
                told_of = self._all_of(collection, marking, seq, freight)
            found.append((seq, at, _rows(self._node, seq, origin, told_of)))
        return found

    def _all_of(
        self, collection: str, marking: Marking, seq: int, freight: Any
    ) -> list[tuple[Series, Row]]:
        """Return a batch's rows by a look at all readings: late ones, corrections."""
        rows = [
            row
            for row in freight.rows("reading", Part(seq - 1, seq))
            if text_marking(row[2]) == marking
        ]
        visible = frozenset({marking})
        names = sorted({row[0] for row in rows})
        known = {
            (latest.series.id, latest.series.source): latest.series
            for latest in self._store.series(collection, visible=visible, ids=names)
        }
        return [
            (known[name, source], (time, value, quality))
            for name, source, _, time, _, value, quality in rows
            if (name, source) in known
        ]

    def _named(self, agreement: Agreement, item: Rows) -> Rows:
        """Leave out the series outside of the agreement's areas."""
        if not agreement.areas:
            return item
        inside = [agreement.covers(one.thing, {}) for one in item.series]
        rows = [row for row in item.rows if inside[row[0]]]
        return msgspec.structs.replace(item, rows=rows)

    def snapshot(
        self, agreement: Agreement, cursor: Cursor, history_s: float
    ) -> tuple[list[tuple[int, msgspec.Raw]], Cursor]:
        """Return the next series of a snapshot: the chosen history, at least the latest."""
        chosen = self._next(agreement, cursor.series)
        done = Cursor(cursor.snapshot)
        if not chosen:
            return [], done
        start = clock.now() - timedelta(seconds=history_s) if history_s < _ALL_S else None
        told: list[tuple[Series, Row]] = []
        for latest in chosen:
            told += self._history(latest, start, cursor.snapshot)
        rows = _rows(self._node, cursor.snapshot, "", told)
        name = f"{chosen[-1].series.collection}/{chosen[-1].series.id}"
        then = Cursor(cursor.position, cursor.snapshot, name)
        return ([(0, batches.encode_item(rows))] if told else []), then

    def _history(
        self, latest: Latest, start: datetime | None, snapshot: int
    ) -> Iterable[tuple[Series, Row]]:
        visible = frozenset({latest.series.marking})
        after = None
        found = []
        while True:
            page = self._store.readings(
                latest.series.id,
                visible=visible,
                start=start,
                as_of=snapshot,
                limit=_MOST,
                after=after,
            )
            found += [(latest.series, (r.time, r.value, r.quality)) for r in page]
            if len(page) < _MOST:
                break
            after = page[-1].time
        last = latest.reading
        if not found and last is not None and last.batch <= snapshot:
            return [(latest.series, (last.time, last.value, last.quality))]
        return found

    def _next(self, agreement: Agreement, after: str) -> list[Latest]:
        """Return the next series that the agreement shows, in the order of their names."""
        markings = frozenset(m for m in self._store.markings() if agreement.sees(m))
        chosen: list[Latest] = []
        for collection in sorted(self._catalog.collections):
            if not agreement.shows(collection) or f"{collection}0" <= after:
                continue
            for latest in self._store.series(collection, visible=markings):
                named = f"{collection}/{latest.series.id}"
                if named > after and agreement.covers(latest.series.thing, {}):
                    if len(chosen) >= _SERIES and named != _name(chosen[-1]):
                        return chosen
                    chosen.append(latest)
        return chosen


def _name(latest: Latest) -> str:
    return f"{latest.series.collection}/{latest.series.id}"


def _rows(node: str, seq: int, part: str, told: list[tuple[Series, Row]]) -> Rows:
    numbers: dict[Series, int] = {}
    rows = [(numbers.setdefault(series, len(numbers)), *row) for series, row in told]
    return Rows(node, seq, part, tuple(numbers), rows)


def _with_origin(item: Rows, origin: Origin, node: str, seq: int) -> Rows:
    """Name where the batch was told first; its part is its collection and marking."""
    first = item.series[0]
    part = f"{first.collection} {first.marking}"
    if origin.address.startswith("hinomi://"):
        node, _, text = origin.address.removeprefix("hinomi://").partition("/")
        seq = int(text)
    return msgspec.structs.replace(item, node=node, position=seq, part=part)
