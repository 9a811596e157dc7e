"""A state machine that drives a store and the memory store together and compares every answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

import msgspec
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from hinomi.kernel.errors import InputError, MissingError
from hinomi.kernel.marking import Marking
from hinomi.kernel.records import Complete, Readings, Record
from hinomi.kernel.store import Change, Latest, Page, Query, Store
from hinomi.stores.memory import MemoryStore
from hinomi.testing import strategies as some

T = TypeVar("T")


class StoreMachine(RuleBasedStateMachine):
    """Subclass it with ``make`` returning an empty store; hypothesis runs the subclass.

    Pages may come in another order than the memory store's; what they hold in all, without a
    repeat, may not differ, nor anything else.
    """

    def make(self) -> Store:
        """Return an empty store, the one to be tested."""
        raise NotImplementedError

    def __init__(self) -> None:
        super().__init__()
        self.store = self.make()
        self.reference = MemoryStore()
        self.at = some.START
        self.said: list[Record] = []

    def both(self, ask: Callable[[Store], T]) -> T:
        """Ask both stores and compare; return what they agree on."""
        expected, found = ask(self.reference), ask(self.store)
        assert found == expected, _difference(found, expected)
        return found

    @rule(
        records=st.lists(some.records, max_size=4),
        readings=st.lists(some.batches(), max_size=1),
        complete=st.lists(some.lists, max_size=1),
        seconds=st.integers(-5, 60),
    )
    def put(
        self,
        records: list[Record],
        readings: list[Readings],
        complete: list[Complete],
        seconds: int,
    ) -> None:
        """Append; the clock may run backwards."""
        self.at += timedelta(seconds=seconds)
        self.said += records
        self.both(lambda store: store.put(records, readings, complete, at=self.at))

    @rule(data=st.data(), origin=some.origins)
    def repeat(self, data: st.DataObject, origin: Any) -> None:
        """Deliver a statement again."""
        if self.said:
            record = data.draw(st.sampled_from(self.said))
            again = msgspec.structs.replace(record, origin=origin)
            self.both(lambda store: store.put([again], at=self.at))

    @rule(data=st.data(), old=some.markings, new=some.markings)
    def remark(self, data: st.DataObject, old: Marking, new: Marking) -> None:
        """Narrow, or be refused alike."""
        key = data.draw(st.sampled_from(some.KEYS))
        source = data.draw(st.sampled_from(some.SOURCES))

        def narrow(store: Store) -> int | str:
            try:
                return store.remark(some.COLLECTION, key, source, old=old, new=new, at=self.at)
            except (InputError, MissingError) as error:
                return type(error).__name__

        self.both(narrow)

    @rule(data=st.data())
    def find(self, data: st.DataObject) -> None:
        """Ask any question, page by page."""
        fields = data.draw(some.question(self.reference.position()))
        query = Query(**fields)
        found = [pages(query, store) for store in (self.reference, self.store)]
        assert found[0] == found[1]
        assert self.both(lambda store: store.count(query)) == len(found[0])
        self.both(lambda store: sorted(features(query, store)))

    @rule(key=st.sampled_from(some.KEYS), visible=some.visible, data=st.data())
    def history(self, key: str, visible: frozenset[Marking], data: st.DataObject) -> None:
        """Read a thing's history page by page."""
        as_of = data.draw(st.none() | st.integers(0, self.reference.position()))
        limit = data.draw(st.integers(1, 5))

        def read(store: Store) -> list[Any]:
            found: list[Any] = []
            page = Page([], "")
            while page.next is not None:
                page = store.history(
                    some.COLLECTION,
                    key,
                    visible=visible,
                    as_of=as_of,
                    limit=limit,
                    after=page.next or None,
                )
                found += page.items
            return found

        for record in self.both(read):
            self.both(lambda store, name=record.id: store.trace(name, visible=visible))  # type: ignore[misc]

    @rule(visible=some.visible, limit=st.integers(1, 5), some_only=st.booleans())
    def changes(self, visible: frozenset[Marking], limit: int, *, some_only: bool) -> None:
        """Follow the feed from its beginning, in steps."""
        only = [some.COLLECTION] if some_only else None

        def follow(store: Store) -> list[Change]:
            found: list[Change] = []
            after = 0
            while after < store.position():
                step = store.changes(after, visible=visible, collections=only, limit=limit)
                assert step.position > after
                found += step.items
                after = step.position
            assert [c.seq for c in found] == sorted(c.seq for c in found)
            # The parts of one batch have one position, and no order among them.
            return sorted(found, key=lambda c: (c.seq, c.collection, c.key, c.kind))

        self.both(follow)

    @rule(visible=some.visible, box=st.sampled_from(some.BOXES), data=st.data())
    def readings(self, visible: frozenset[Marking], box: Any, data: st.DataObject) -> None:
        """Read series, their readings and what lies in a box."""

        def series(store: Store, **chosen: Any) -> list[Latest]:
            found = store.series(some.SERIES, visible=visible, **chosen)
            assert [f.series.id for f in found] == sorted(f.series.id for f in found)
            return sorted(found, key=str)

        named = self.both(series)
        self.both(lambda store: series(store, bbox=box))
        self.both(lambda store: series(store, things=["a1"]))
        for since in range(self.reference.position() + 1):
            self.both(lambda store, since=since: series(store, since=since))  # type: ignore[misc]
        as_of = data.draw(st.none() | st.integers(0, self.reference.position()))
        limit = data.draw(st.integers(1, 6))
        start = some.EPOCH + timedelta(microseconds=data.draw(st.integers(0, 3)))
        end = start + timedelta(microseconds=data.draw(st.integers(1, 4)))
        for latest in named:
            self.both(
                lambda store, name=latest.series.id: store.readings(  # type: ignore[misc]
                    name, visible=visible, start=start, as_of=as_of, limit=limit, after=0
                )
            )
        self.both(
            lambda store: store.readings_in(
                some.SERIES, visible=visible, bbox=box, start=start, end=end, limit=limit
            )
        )

    @rule(moment=some.moments, visible=some.visible)
    def keepsakes(self, moment: datetime, visible: frozenset[Marking]) -> None:
        """Compare what is kept about all."""
        self.both(lambda store: store.next_expiry(some.COLLECTION, moment, visible=visible))
        self.both(lambda store: store.position_at(moment))
        self.both(lambda store: store.counts())
        self.both(lambda store: store.markings())

    @invariant()
    def stands_alike(self) -> None:
        """After every step the whole current state is the same."""
        query = Query(collection=some.COLLECTION, visible=frozenset(some.MARKINGS), beside=True)
        assert pages(query, self.store) == pages(query, self.reference)
        assert self.store.position() == self.reference.position()

    def teardown(self) -> None:
        """Nothing may be wrong with the store at the end."""
        assert self.store.check() == []
        self.store.close()


def _difference(found: Any, expected: Any) -> str:
    if isinstance(found, list) and isinstance(expected, list):
        more = [f for f in found if f not in expected]
        fewer = [e for e in expected if e not in found]
        return f"more than expected: {more}; fewer: {fewer}; order {found == expected}"
    return f"found {found}, expected {expected}"


def features(query: Query, store: Store) -> list[bytes]:
    """Return the stored bytes of all that a query finds, page by page."""
    found: list[bytes] = []
    while True:
        page = store.features(query)
        found += page.items
        if page.next is None:
            return found
        query = msgspec.structs.replace(query, after=page.next)


def pages(query: Query, store: Store) -> list[Any]:
    """Return all that a query finds, page by page, by key and lane; nothing may come twice."""
    found: list[Any] = []
    while True:
        page = store.find(query)
        assert len(page.items) <= query.limit
        found += page.items
        if page.next is None:
            break
        assert page.items
        query = msgspec.structs.replace(query, after=page.next)
    assert len({record.id for record in found}) == len(found)
    return sorted(found, key=lambda record: record.id)
