"""Narrowing: what a source said before never shows more than what it says now.

A source that restates a thing in a narrower marking takes back the wider one: what it said is
withdrawn and narrowed before the new statement is appended, so that the two never stand beside
each other. Another status (exercise beside actual) is another lane and stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from hinomi.kernel.errors import DeniedError, InputError
from hinomi.kernel.marking import Marking, Principal
from hinomi.kernel.records import Origin, Record, Stored
from hinomi.kernel.store import MAX_LIMIT, Query, Store
from hinomi.stores.statements import check_narrowing


def narrows(old: Marking, new: Marking) -> bool:
    """Tell whether ``new`` is ``old`` or stricter, in the same status."""
    try:
        check_narrowing(old, new)
    except InputError:
        return False
    return True


def check_release(store: Store, principal: Principal, record: Record) -> None:
    """Refuse a wider marking than that of what the source's standing statement has.

    Only the operator releases. What the caller may not see is no reason to refuse: the answer
    would tell that it is there.

    Raises:
        DeniedError: the record's marking does not narrow, and the caller is not the operator.
    """
    if "*" in principal.organisations:
        return
    standing = _standing(
        store,
        record,
        frozenset(
            m
            for m in store.markings()
            if m.status is record.marking.status and principal.may_see(m)
        ),
        beside=False,
    )
    for said in standing:
        if not narrows(said.marking, record.marking):
            raise DeniedError(
                f"{record.key} stands as {said.marking}; {record.marking} does not narrow that,"
                " and only the operator releases to a wider circle.",
                f"{record.key}は{said.marking}です。{record.marking}はそれより狭くありません。"
                "公開範囲を広げられるのは運用者だけです。",
                rule="release",
            )


def narrow_before(store: Store, record: Record, at: datetime) -> None:
    """Withdraw and narrow what the source said about the thing in wider markings.

    The withdrawal comes first: it says no more than was open anyway, and is narrowed with the
    rest. Without it the old statement would stand again once the new one is withdrawn.
    """
    new = record.marking
    wider = frozenset(m for m in store.markings() if m != new and narrows(m, new))
    if record.retracts or not wider:
        return
    standing = _standing(store, record, wider, beside=True)
    if standing:
        store.put([_withdrawal(said, record, at) for said in standing], at=at)
    said_in = {s.marking for s in _said(store, record, wider)}
    for old in sorted(said_in, key=str):
        store.remark(record.collection, record.key, record.source, old=old, new=new, at=at)


def _standing(
    store: Store, record: Record, visible: frozenset[Marking], *, beside: bool
) -> list[Stored]:
    query = Query(
        collection=record.collection,
        visible=visible,
        keys=(record.key,),
        sources=(record.source,),
        beside=beside,
        limit=MAX_LIMIT,
    )
    return store.find(query).items


def _said(store: Store, record: Record, visible: frozenset[Marking]) -> Iterator[Stored]:
    after: str | None = None
    while True:
        page = store.history(record.collection, record.key, visible=visible, after=after)
        yield from (said for said in page.items if said.source == record.source)
        if page.next is None:
            return
        after = page.next


def _withdrawal(said: Stored, record: Record, at: datetime) -> Record:
    return Record(
        collection=said.collection,
        key=said.key,
        said_at=max(at, said.said_at),
        body=said.body(),
        source=said.source,
        when=said.when,
        place=said.place(),
        origin=Origin(entered_by=record.origin.entered_by),
        marking=said.marking,
        retracts=True,
    )
