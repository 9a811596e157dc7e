"""What the writer keeps in mind of complete lists, so that few statements ask the file for them."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from hinomi.stores.sqlite.link import Link
from hinomi.stores.statements import cover_entries

MOST_KEPT = 1_000
"""So many lists' keys are kept: late statements ask for the same ones."""
MOST_ENTRIES = 200_000
"""So many entries of a scope are kept, some 100 bytes each."""

Scope = tuple[int, int, int]
"""Collection, source, marking as said, by number."""


class Lists:
    """The newest time of each scope's lists and of their entries."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._newest: dict[Scope, int] = {
            (collection, source, marking): said_at
            for collection, source, marking, said_at in link.rows(
                "SELECT collection, source, marking, max(said_at) FROM complete GROUP BY 1, 2, 3"
            )
        }
        # What the lists of before cover, only the file knows.
        self._forgotten = dict(self._newest)
        self._entries: dict[Scope, dict[str, int]] = {}
        self._lengths: dict[Scope, set[int]] = {}
        self._keys: dict[int, frozenset[str]] = {}

    def note(self, scope: Scope, said_at: int, covers: Iterable[str]) -> None:
        """Remember a list that was written."""
        self._newest[scope] = max(said_at, self._newest.get(scope, said_at))
        entries = self._entries.setdefault(scope, {})
        lengths = self._lengths.setdefault(scope, set())
        for entry in covers:
            entries[entry] = max(said_at, entries.get(entry, said_at))
            if entry.endswith("*"):
                lengths.add(len(entry) - 1)
        if len(entries) > MOST_ENTRIES:
            self._forgotten[scope] = self._newest[scope]
            entries.clear()

    def entries(self, scope: Scope, key: str, said_at: int) -> list[str]:
        """Return all entries by which lists later than that may cover the key."""
        if self._newest.get(scope, said_at) <= said_at:
            return []
        if self._forgotten.get(scope, said_at) > said_at:
            return cover_entries(key)
        newest = self._entries[scope]
        possible = [key, *(f"{key[:n]}*" for n in self._lengths[scope] if n <= len(key))]
        return [entry for entry in possible if newest.get(entry, said_at) > said_at]

    def keys(self, number: int) -> frozenset[str]:
        """Return the keys that a list names."""
        keys = self._keys.get(number)
        if keys is None:
            told = self._link.value("SELECT keys FROM complete WHERE id = ?", (number,))
            if len(self._keys) >= MOST_KEPT:
                self._keys.clear()
            keys = self._keys[number] = frozenset(msgspec.json.decode(told))
        return keys
