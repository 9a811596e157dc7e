"""Which pairs are worth comparing: neighbours by cell, namesakes in a municipality, identifiers."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from hinomi.domains.response.merging.things import EVENTS, Thing

CELL_DEG = 0.0025
"""About 280 m of latitude: neighbours within it are compared whatever they are called."""
COMMON = 40
"""A name that so many in one municipality bear tells nothing (集会所); position must tell."""
_LONG_ID = 5
"""Shorter identifiers (1, 2, 3) are row numbers."""


def pairs(things: Sequence[Thing]) -> Iterator[tuple[int, int]]:
    """Yield the pairs of indices to compare, each once, the lesser first.

    Two of one source in one collection are never a pair, but for events: a source lists a place
    once.
    """
    seen: set[tuple[int, int]] = set()
    for block in _blocks(things):
        for at, one in enumerate(block):
            for other in block[at + 1 :]:
                pair = (one, other) if one < other else (other, one)
                if pair not in seen and comparable(things[one], things[other]):
                    seen.add(pair)
                    yield pair


def comparable(one: Thing, other: Thing) -> bool:
    """Tell whether two statements can be about one thing at all."""
    if one.kind != other.kind or one.ref == other.ref:
        return False
    same_list = one.source == other.source and one.collection == other.collection
    return not same_list or (one.kind in EVENTS and one.key != other.key)


def cell_of(at: tuple[float, float]) -> tuple[int, int]:
    """Return the cell of a position; columns are as wide as rows are high, at any latitude."""
    row = math.floor(at[1] / CELL_DEG)
    width = CELL_DEG / max(0.1, math.cos(math.radians(row * CELL_DEG)))
    return math.floor(at[0] / width), row


def _blocks(things: Sequence[Thing]) -> Iterator[list[int]]:
    named: dict[tuple[str, ...], list[int]] = defaultdict(list)
    cells: dict[tuple[int, int], list[int]] = defaultdict(list)
    several = _several(things)
    for index, thing in enumerate(things):
        if thing.kind not in several:
            continue
        for name in _names(thing):
            named[name].append(index)
        if thing.at is not None:
            cells[cell_of(thing.at)].append(index)
    for name, block in named.items():
        if 1 < len(block) <= COMMON or (len(block) > 1 and name[0] != "name"):
            yield block
    for (column, row), block in cells.items():
        yield block
        for near in _beside(column, row):
            beside = cells.get(near)
            if beside:
                yield from ([one, other] for one in block for other in beside)


def _several(things: Iterable[Thing]) -> set[str]:
    """Return the kinds of which more than one list, or events, are at hand."""
    lists: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for thing in things:
        lists[thing.kind].add((thing.collection, thing.source))
    return {kind for kind, found in lists.items() if len(found) > 1 or kind in EVENTS}


def _names(thing: Thing) -> Iterator[tuple[str, ...]]:
    yield "key", thing.collection, thing.key
    if thing.name.core and thing.municipality:
        yield "name", thing.kind, thing.name.core, thing.municipality
    if thing.common_id:
        yield "common", thing.common_id
    if len(thing.local_id) >= _LONG_ID:
        yield "local", thing.kind, thing.local_id, thing.municipality


def _beside(column: int, row: int) -> Iterator[tuple[int, int]]:
    """Yield half of the neighbours, so that each pair of cells comes once; rows differ in width."""
    yield column + 1, row
    width = CELL_DEG / max(0.1, math.cos(math.radians(row * CELL_DEG)))
    above = CELL_DEG / max(0.1, math.cos(math.radians((row + 1) * CELL_DEG)))
    first = math.floor((column - 1) * width / above)
    last = math.floor((column + 2) * width / above)
    yield from ((near, row + 1) for near in range(first, last + 1))
