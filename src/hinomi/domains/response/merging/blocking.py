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
NEAR_DEG = 0.0015
"""About 150 m: so near a line or an area something is compared with it."""
INUNDATION = "hazards.inundation"


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
    if one.ref == other.ref or not set(one.kinds) & set(other.kinds):
        return False
    if one.source != other.source or one.collection != other.collection:
        return True
    # What one source draws apart of a flood are parts; only another source's area joins them.
    return one.kind in EVENTS and one.collection != INUNDATION and one.key != other.key


def parts(one: Thing, other: Thing) -> bool:
    """Tell whether two may be parts of one flooded area, which nobody sees as a whole."""
    return "inundation" in one.kinds and "inundation" in other.kinds


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
        if not several & set(thing.kinds):
            continue
        for name in _names(thing):
            named[name].append(index)
        if thing.at is not None:
            cells[cell_of(thing.at)].append(index)
    yield from _wide([i for i, t in enumerate(things) if t.kind in EVENTS], things)
    for name, block in named.items():
        if 1 < len(block) <= COMMON or (len(block) > 1 and name[0] != "name"):
            yield block
    for (column, row), block in cells.items():
        yield block
        for near in _beside(column, row):
            beside = cells.get(near)
            if beside:
                yield from ([one, other] for one in block for other in beside)


def _wide(events: list[int], things: Sequence[Thing]) -> Iterator[list[int]]:
    """Yield what lies at lines and areas: their middles may be far from where they meet."""
    wide = [index for index in events if things[index].box is not None]
    if not wide:
        return
    # Imported here: starting must not wait for it.
    import numpy as np  # noqa: PLC0415
    from shapely import STRtree, box  # noqa: PLC0415

    placed = [index for index in events if things[index].at is not None]
    tree = STRtree(box(*np.array([_reach(things[index]) for index in placed]).T))
    for index in wide:
        west, south, east, north = _reach(things[index])
        around = box(west - NEAR_DEG, south - NEAR_DEG, east + NEAR_DEG, north + NEAR_DEG)
        yield from ([index, placed[found]] for found in tree.query(around).tolist()
                    if placed[found] != index)  # fmt: skip


def _reach(thing: Thing) -> tuple[float, float, float, float]:
    assert thing.at is not None  # noqa: S101 - for the type: asked where it is called
    return thing.box or (*thing.at, *thing.at)


def _several(things: Iterable[Thing]) -> set[str]:
    """Return the kinds of which more than one list, or events, are at hand."""
    lists: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for thing in things:
        for kind in thing.kinds:
            lists[kind].add((thing.collection, thing.source))
    return {kind for kind, found in lists.items() if len(found) > 1 or kind in EVENTS}


def _names(thing: Thing) -> Iterator[tuple[str, ...]]:
    yield "key", thing.collection, thing.key
    if thing.is_photo:
        return
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
