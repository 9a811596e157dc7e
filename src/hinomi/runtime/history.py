"""Every statement of a collection that meets a question, also those about what has ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from hinomi.kernel.geometry import BBox, bounds
from hinomi.kernel.reader import Question, Reader
from hinomi.kernel.records import Stored
from hinomi.stores.evaluate import check_filter, compile_filter

Test = Callable[["_Statement"], bool]


class _Statement:
    """A statement as a filter sees it."""

    def __init__(self, said: Stored) -> None:
        self.said = said
        self.key = said.key
        self.properties: dict[str, Any] = said.properties()
        self.place: bytes = msgspec.json.encode(said.place())


def statements(reader: Reader, collection: str, question: Question) -> Iterator[Stored]:
    """Yield the statements that meet the question themselves, each thing's together, oldest first.

    Things come in the order in which they were first spoken of. The question's page is not looked
    at; what the caller may not see, or was not known yet, is left out.
    """
    tests = _tests(question)
    for key in question.get("keys") or _keys(reader, collection):
        after = None
        while True:
            page = reader.history(collection, key, after=after)
            for said in page.items:
                if not tests or all(test(_Statement(said)) for test in tests):
                    yield said
            after = page.next
            if after is None:
                break


def _keys(reader: Reader, collection: str) -> Iterator[str]:
    """Yield each thing that was ever spoken of, from the feed: what has ended stands nowhere."""
    known: set[str] = set()
    after, last = 0, reader.position()
    while after < last:
        changes = reader.changes(after, collections=(collection,))
        for change in changes.items:
            if change.seq > last:
                return
            if change.kind != "readings" and change.key not in known:
                known.add(change.key)
                yield change.key
        after = changes.position


def _tests(question: Question) -> list[Test]:
    tests: list[Test] = []
    when = question.get("when")
    if when is not None:
        tests.append(lambda one: one.said.when.overlaps(*when))
    box = question.get("bbox")
    if box is not None:
        tests.append(_inside(box))
    tree = question.get("filter")
    if tree is not None:
        check_filter(tree)
        meets = compile_filter(tree)
        tests.append(lambda one: meets(one) is True)
    return tests


def _inside(box: BBox) -> Test:
    from hinomi.stores import spatial  # noqa: PLC0415 - GEOS is loaded only when asked for

    area = spatial.box(box)

    def inside(one: _Statement) -> bool:
        place = one.said.place()
        if place is None:
            return False
        west, south, east, north = bounds(place)
        # An empty geometry is nowhere.
        return west <= east and south <= north and spatial.holds("intersects", one.place, area)

    return inside
