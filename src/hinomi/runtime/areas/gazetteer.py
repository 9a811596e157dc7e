"""The gazetteer over the store's ``areas``: what sources ask while they parse."""

from __future__ import annotations

import threading
from datetime import date, datetime

import msgspec

from hinomi.kernel.geometry import Geometry
from hinomi.kernel.marking import Disclosure, Marking
from hinomi.kernel.records import Interval, Stored
from hinomi.kernel.store import MAX_LIMIT, Query, Store
from hinomi.vocabulary.areas import AREAS, codes
from hinomi.vocabulary.times import JST


class _Feature(msgspec.Struct):
    geometry: Geometry | None


_FEATURE = msgspec.json.Decoder(_Feature)


class StoreGazetteer:
    """Areas by code and day, read once and again whenever the store's ``areas`` have changed.

    Where the store has no boundary for a code, that of the ground around it is given: the whole
    municipality for a part that JMA divides it into, the successor for a code out of use.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._position = -1
        self._areas: dict[str, Stored] = {}
        self._places: dict[str, Geometry | None] = {}

    def refresh(self) -> None:
        """Read the areas again at the next question, changed or not."""
        with self._lock:
            self._position = -1

    def place(self, code: str, on: date) -> Geometry | None:
        """Return the area's geometry on that day, or None where it is not known."""
        with self._lock:
            self._follow()
            for key in _keys(code, on):
                stored = self._areas.get(key)
                if stored is not None and _stands(stored.when, on):
                    place = self._decoded(key, stored)
                    if place is not None:
                        return place
            # The same ground under the code that it has had since.
            after = _successor(code)
            return self._decoded(after, self._areas[after]) if after in self._areas else None

    def knows(self, code: str, on: date) -> bool:
        """Tell whether the code is in the master on that day (with or without a geometry)."""
        kind, _, bare = code.rpartition("-")
        if codes.knows_kind(kind, bare, on) if kind else codes.knows(code, on):
            return True
        with self._lock:
            self._follow()
            keys = (code, *(f"{kind}-{code}" for kind in codes.KINDS))
            return any(k in self._areas and _stands(self._areas[k].when, on) for k in keys)

    def _decoded(self, key: str, stored: Stored) -> Geometry | None:
        if key not in self._places:
            self._places[key] = _FEATURE.decode(stored.feature).geometry
        return self._places[key]

    def _follow(self) -> None:
        now = self._store.position()
        if now == self._position:
            return
        visible = _public(self._store.markings())
        if self._position < 0 or self._changed(visible):
            self._areas = {}
            self._places = {}
            query = Query(collection=AREAS.id, visible=visible, limit=MAX_LIMIT)
            while True:
                page = self._store.find(query)
                self._areas.update((stored.key, stored) for stored in page.items)
                if page.next is None:
                    break
                query = msgspec.structs.replace(query, after=page.next)
        self._position = now

    def _changed(self, visible: frozenset[Marking]) -> bool:
        found = self._store.changes(
            self._position, visible=visible, collections=(AREAS.id,), limit=1
        )
        return bool(found.items)


def _public(markings: frozenset[Marking]) -> frozenset[Marking]:
    """Boundaries of every status: a drill's fictional towns are areas too; nothing restricted."""
    return frozenset(m for m in markings if m.disclosure is Disclosure.CLEAR and not m.audience)


def _stands(when: Interval, on: date) -> bool:
    """Tell whether a validity covers the day's noon in Japan: areas change at midnight."""
    noon = datetime(on.year, on.month, on.day, 12, tzinfo=JST)
    return when.overlaps(noon, noon)


def _keys(code: str, on: date) -> list[str]:
    """Return the keys under which a place for the code may lie, the exact one first."""
    keys = [code]
    if len(code) == 3:
        keys.append(codes.key_of("seismic", code))
    if len(code) == 7 and not code.endswith("00"):
        # A part, or one of 土砂災害警戒情報: 0410101 is 仙台市青葉区東部, in the ward 0410100.
        keys.append(f"{code[:5]}00")
    entry = codes.find(code, on)
    if entry is not None and entry.kind == "landslide":
        keys += [up.code for up in codes.above(entry, on).values() if up.kind == "municipality"]
    return keys


def _successor(code: str) -> str:
    entry = codes.ever(code, "municipality")
    return entry.successor if entry else ""
