"""What a data folder knows of places: boundaries, and where shelters of a name are."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import date

import msgspec

from hinomi.kernel.geometry import Geometry
from hinomi.kernel.marking import Disclosure, Marking, Status
from hinomi.kernel.ports import Gazetteer
from hinomi.kernel.store import MAX_LIMIT, Query, Store

NAMED = ("response.sites", "response.shelters")
SOURCES = ("gsi",)
"""Who is believed about where a place is."""


class StoreGround:
    """Boundaries from the area master, names from the designated sites and shelters."""

    def __init__(self, store: Store, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer
        self._named: dict[tuple[str, str], list[tuple[float, float]]] = {}
        seen = frozenset(
            m
            for m in store.markings()
            if m.status is Status.ACTUAL and m.disclosure is Disclosure.CLEAR and not m.audience
        )
        for collection in NAMED:
            self._learn(store, collection, seen)

    def _learn(self, store: Store, collection: str, seen: frozenset[Marking]) -> None:
        query = Query(
            collection=collection,
            visible=seen,
            sources=SOURCES,
            limit=MAX_LIMIT,
        )
        while True:
            page = store.find(query)
            for stored in page.items:
                body, place = stored.body(), stored.place()
                if place is not None and place["type"] == "Point":
                    key = (body.get("municipality_code", ""), _plain(body["name"]))
                    at = (place["coordinates"][0], place["coordinates"][1])
                    known = self._named.setdefault(key, [])
                    if at not in known:
                        known.append(at)
            if page.next is None:
                return
            query = msgspec.structs.replace(query, after=page.next)

    def boundary(self, code: str, on: date) -> Geometry | None:
        """Return a municipality's boundary."""
        return self._gazetteer.place(code, on)

    def named(self, code: str, name: str) -> Sequence[tuple[float, float]]:
        """Return where places of that name in the municipality are."""
        return self._named.get((code, _plain(name)), ())


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()
