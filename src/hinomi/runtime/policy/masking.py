"""Masking: the store as a Reader gets it whose caller has no need to know personal data.

What the fields hold leaves on no way that a Reader offers: their values are covered wherever a
statement comes out, and what would ask for them (a filter) is refused, since its answer tells.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, cast

import msgspec

from hinomi.kernel.catalog import Catalog
from hinomi.kernel.errors import DeniedError
from hinomi.kernel.filters import Property
from hinomi.kernel.marking import Marking, Principal, Status
from hinomi.kernel.reader import ACTUAL, Reader
from hinomi.kernel.records import Stored
from hinomi.kernel.store import Change, Changes, Features, Page, Query, Store, Trace
from hinomi.runtime import clock
from hinomi.runtime.policy import Policy

COVER = "●●●"
_Masks = dict[str, tuple[str, ...]]


def reader(
    store: Store,
    catalog: Catalog,
    principal: Principal,
    policy: Policy,
    *,
    status: frozenset[Status] = ACTUAL,
    now: clock.Clock = clock.now,
) -> Reader:
    """Return the store as the policy shows it to the principal."""
    if not policy.personal:
        return _Seeing(store, catalog, principal, status=status)
    masked = cast(Store, Masked(store, policy, policy.masked(principal), now))
    return _Seeing(masked, catalog, principal, status=status)


class _Seeing(Reader):
    """A reader that asks the policy once for each set of markings, not once a question."""

    _seen: tuple[frozenset[Marking] | None, frozenset[Marking]] = (None, frozenset())

    def visible(self) -> frozenset[Marking]:
        markings = self._store.markings()
        of, seen = self._seen
        if of is not markings:
            seen = _visible(self.principal, self.status, markings)
            self._seen = markings, seen
        return seen


@lru_cache(maxsize=1_024)
def _visible(
    principal: Principal, status: frozenset[Status], markings: frozenset[Marking]
) -> frozenset[Marking]:
    """Return which of the markings the principal sees: it follows from nothing else."""
    return frozenset(m for m in markings if m.status in status and principal.may_see(m))


def mask_of(reader: Reader, collection: str = "") -> str:
    """Return what tells apart readers who see the same markings, but not the same fields of them.

    Whatever is kept for those who ask the same again is kept under this too. It changes with the
    hour where there are personal data: their retention ends without an append.

    Args:
        reader: a reader as :func:`reader` makes it.
        collection: the one that is asked for; empty: any.
    """
    store = reader._store  # what the Reader shows is what this store lets through
    return store.mask(collection) if isinstance(store, Masked) else ""


class Masked:
    """A store that covers personal fields; all else is the store's own."""

    def __init__(self, store: Store, policy: Policy, masks: _Masks, now: clock.Clock) -> None:
        self._store, self._policy, self._masks, self._now = store, policy, masks, now

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def markings(self) -> frozenset[Marking]:
        """Return the markings that occur: each question asks, so not by way of the above."""
        return self._store.markings()

    def mask(self, collection: str) -> str:
        """Return which fields are covered of a collection, or of any; see :func:`mask_of`."""
        if not collection:
            return f"{sorted(self._masks.items())} {self._now():%Y%m%d%H}"
        if collection not in self._policy.personal:
            return ""
        return f"{self._masks.get(collection, ())} {self._now():%Y%m%d%H}"

    def find(self, query: Query) -> Page:
        """Return a page with personal fields covered."""
        self._check(query)
        page = self._store.find(query)
        if query.collection not in self._policy.personal:
            return page
        return Page([self._covered(item) for item in page.items], page.next)

    def features(self, query: Query) -> Features:
        """Return a page of features with personal fields covered."""
        if query.collection not in self._policy.personal:
            return self._store.features(query)
        page = self.find(query)
        return Features([item.feature for item in page.items], page.next)

    def count(self, query: Query) -> int:
        """Return how many the query selects."""
        self._check(query)
        return self._store.count(query)

    def history(self, collection: str, key: str, **how: Any) -> Page:
        """Return every statement about a thing, personal fields covered."""
        page = self._store.history(collection, key, **how)
        return Page([self._covered(item) for item in page.items], page.next)

    def record(self, record_id: str, **how: Any) -> Stored | None:
        """Return one statement, personal fields covered."""
        found = self._store.record(record_id, **how)
        return None if found is None else self._covered(found)

    def trace(self, record_id: str, **how: Any) -> Trace | None:
        """Return one statement with its origins, personal fields covered."""
        found = self._store.trace(record_id, **how)
        if found is None:
            return None
        return msgspec.structs.replace(found, record=self._covered(found.record))

    def changes(self, after: int, **how: Any) -> Changes:
        """Return what was appended, personal fields covered."""
        found = self._store.changes(after, **how)
        if not any(c.collection in self._policy.personal for c in found.items):
            return found
        return Changes([self._change(c) for c in found.items], found.position)

    def _change(self, change: Change) -> Change:
        if change.record is None or change.collection not in self._policy.personal:
            return change
        return msgspec.structs.replace(change, record=self._covered(change.record))

    def _covered(self, stored: Stored) -> Stored:
        personal = self._policy.personal.get(stored.collection)
        if personal is None:
            return stored
        fields = self._masks.get(stored.collection, ())
        if stored.said_at < self._now() - personal.retention:
            fields = personal.fields
        if not fields:
            return stored
        return msgspec.structs.replace(stored, feature=covered(stored.feature, fields))

    def _check(self, query: Query) -> None:
        fields = self._masks.get(query.collection)
        if not fields or query.filter is None:
            return
        asked = set(names(query.filter)) & set(fields)
        if asked:
            listed = ", ".join(sorted(asked))
            raise DeniedError(
                f"{listed} of {query.collection} is personal; you may not ask by it.",
                f"{query.collection}の{listed}は個人情報のため、条件にできません。",
                rule="personal",
            )


def covered(feature: bytes, fields: Iterable[str]) -> bytes:
    """Return a feature with the values of some properties covered; what is empty stays so."""
    decoded = msgspec.json.decode(feature)
    properties = decoded["properties"]
    for name in fields:
        if properties.get(name):
            properties[name] = COVER
    return msgspec.json.encode(decoded)


def names(condition: Any) -> list[str]:
    """Return the properties that a filter names, however deep."""
    if isinstance(condition, Property):
        return [condition.name]
    if isinstance(condition, tuple | list):
        return [name for part in condition for name in names(part)]
    if isinstance(condition, msgspec.Struct):
        parts = (getattr(condition, field) for field in condition.__struct_fields__)
        return [name for part in parts for name in names(part)]
    return []
