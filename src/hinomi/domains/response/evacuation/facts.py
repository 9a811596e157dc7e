"""What a case's plan is made of: the records that hold in its place, as one reader sees them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

import msgspec

from hinomi.domains.response.collections.facilities import ROADS
from hinomi.domains.response.collections.orders import ORDERS, Order
from hinomi.domains.response.collections.shelters import SHELTERS, SITES, Shelter, Site
from hinomi.domains.response.evacuation.collections import (
    CONFIRMATIONS,
    EDITS,
    POPULATION,
    ROAD_LINES,
    Block,
    Case,
    Confirmation,
    Edit,
    RoadLine,
)
from hinomi.domains.response.respond.words import body_of
from hinomi.kernel.filters import And, Compare, Filter, Property, Value
from hinomi.kernel.geometry import BBox, Geometry, bounds, positions
from hinomi.kernel.marking import Disclosure
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Stored

LEVELS = "hazards.levels"
INUNDATION = "hazards.inundation_forecasts"
RAIN = "hazards.rain_nowcasts"
HOUR = timedelta(hours=1)
CLOSED = frozenset({"road_close"})
"""States of ``response.roads`` in which nobody passes (全面通行止)."""
DEEP_RANK = 2
"""浸水ランク 2: 0.5 m and more, where walking and driving end."""
MOST_NAMED = 100
"""Of a collection, ids named as a plan's inputs: a town has tens of thousands of roads."""
MARGIN_DEGREE = 0.02
"""Roads and closures so far around the blocks are looked at: about 2 km."""


class Area(msgspec.Struct, frozen=True):
    """Ground under one order, or under water of one depth class."""

    place: Geometry | None
    level: int
    """Of an order the level, of water the depth class."""
    at: datetime | None
    """When the order was issued; when water comes."""


class _BlockFeature(msgspec.Struct, frozen=True):
    properties: Block
    geometry: Geometry | None


class _LineFeature(msgspec.Struct, frozen=True):
    properties: RoadLine
    geometry: Geometry | None


_BLOCKS = msgspec.json.Decoder(_BlockFeature)
_LINES = msgspec.json.Decoder(_LineFeature)
"""Of these there are thousands: decoded in one go."""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """All that stands when a plan is made."""

    key: str
    case: Case
    blocks: list[tuple[str, Block, Geometry]]
    placeless: int
    """Blocks without a place, left out."""
    lines: list[tuple[RoadLine, list[list[float]]]]
    broken_lines: int
    """Lines of one vertex, left out."""
    closures: list[Geometry]
    orders: list[Area]
    told_level: int
    """Of the municipality by JMA's and the rivers' information."""
    told_at: datetime | None
    water: list[Area]
    water_known: bool
    rain: tuple[Stored, bytes] | None
    shelters: list[tuple[str, Shelter, Geometry | None]]
    sites: list[Site]
    edits: list[Edit]
    confirmation: Confirmation | None
    inputs: tuple[str, ...]
    """Ids of the records, the most important first."""
    said_at: datetime


def facts_of(reader: Reader, item: Stored) -> Facts:
    """Return what stands for a case.

    Only what everyone may read who may read the case is used: so the plan is marked as the case is,
    and neither hides what is open nor shows what is closed.
    """
    case = body_of(item, Case)
    look = _Looking(reader, item)
    here = _equal("municipality_code", case.municipality_code)
    mine = _equal("case", item.key)
    edits = [body_of(i, Edit) for i in look.at(EDITS.id, filter=mine)]
    confirmed = [body_of(i, Confirmation) for i in look.at(CONFIRMATIONS.id, keys=(item.key,))]
    in_force = And((here, _equal("state", "in_force")))
    orders = [_order(i) for i in look.at(ORDERS.id, filter=in_force)]
    levels = look.at(LEVELS, keys=(case.municipality_code,))
    shelters = [(i.key, body_of(i, Shelter), i.place()) for i in look.at(SHELTERS.id, filter=here)]
    sites = [body_of(i, Site) for i in look.at(SITES.id, filter=here)]
    found = [(i.key, _BLOCKS.decode(i.feature)) for i in look.at(POPULATION.id, filter=here)]
    blocks = [(key, f.properties, f.geometry) for key, f in found if f.geometry is not None]
    box = _around([place for _, _, place in blocks] + [p for *_, p in shelters if p is not None])
    drawn = list(_lines(look.at(ROAD_LINES.id, bbox=box))) if box else []
    lines = [one for one in drawn if len(one[1]) > 1]
    water = _newest_run(look.at(INUNDATION, bbox=box), case.run) if box else []
    return Facts(
        key=item.key, case=case, blocks=blocks, placeless=len(found) - len(blocks),
        lines=lines, broken_lines=len(drawn) - len(lines),
        closures=_closures(look.at(ROADS.id, bbox=box)) if box else [],
        orders=orders,
        told_level=max((int(i.properties().get("level") or 0) for i in levels), default=0),
        told_at=min((i.when.start or i.said_at for i in levels), default=None),
        water=water, water_known=bool(water), rain=_rain(look, box, case),
        shelters=shelters, sites=sites, edits=edits,
        confirmation=confirmed[0] if confirmed else None,
        inputs=tuple(dict.fromkeys(look.ids)), said_at=look.said_at,
    )  # fmt: skip


class _Looking:
    """Reads what may be used, and keeps the ids and the newest time of it."""

    def __init__(self, reader: Reader, case: Stored) -> None:
        self.reader = reader
        self._case = case
        self.ids = [case.id]
        self.said_at = case.said_at

    def at(self, collection: str, **question: Any) -> list[Stored]:
        """Return what stands in a collection, as far as the case's readers may all read it."""
        if collection not in self.reader.catalog.collections:
            return []
        found = [i for i in self.reader.every(collection, **question) if self._shared(i)]
        # None of them is marked more strictly than the case, so that a part of them will do.
        self.ids += [item.id for item in found[:MOST_NAMED]]
        self.said_at = max([self.said_at, *(item.said_at for item in found)])
        return found

    def _shared(self, item: Stored) -> bool:
        theirs, ours = item.marking, self._case.marking
        if theirs.disclosure > ours.disclosure:
            return False
        if not theirs.audience:
            return theirs.disclosure <= Disclosure.GREEN
        return bool(ours.audience) and set(ours.audience) <= set(theirs.audience)


def _equal(name: str, value: str) -> Filter:
    return Compare("=", Property(name), Value(value))


def _order(item: Stored) -> Area:
    body = body_of(item, Order)
    whole = body.district == "全域"
    return Area(None if whole else item.place(), body.level, body.since)


def _around(places: list[Geometry]) -> BBox | None:
    if not places:
        return None
    boxes = [bounds(place) for place in places]
    west, south = min(b[0] for b in boxes), min(b[1] for b in boxes)
    east, north = max(b[2] for b in boxes), max(b[3] for b in boxes)
    pad = MARGIN_DEGREE
    return (
        max(west - pad, -180.0), max(south - pad, -90.0),
        min(east + pad, 180.0), min(north + pad, 90.0),
    )  # fmt: skip


def _newest_run(items: list[Stored], run: str) -> list[Area]:
    said = [(item, item.properties()) for item in items]
    said = [(i, p) for i, p in said if p.get("part") == "depth" and run in {"", p.get("run")}]
    if not said:
        return []
    newest = max(said, key=lambda one: (one[0].said_at, str(one[1]["run"])))[1]["run"]
    return [
        Area(item.place(), int(p["rank"]), _arrives(item, p))
        for item, p in said
        if p["run"] == newest and item.place() is not None
    ]


def _arrives(item: Stored, said: dict[str, Any]) -> datetime | None:
    minutes = said.get("earliest_arrival_min")
    start = item.when.start
    if minutes is None or start is None:
        return start
    return datetime.fromtimestamp(start.timestamp() + 60 * float(minutes), start.tzinfo)


def _lines(items: Iterable[Stored]) -> Iterator[tuple[RoadLine, list[list[float]]]]:
    for item in items:
        feature = _LINES.decode(item.feature)
        place, body = feature.geometry, feature.properties
        if place is not None and place["type"] == "LineString":
            yield body, place["coordinates"]
        elif place is not None and place["type"] == "MultiLineString":
            yield from ((body, line) for line in place["coordinates"])


def _closures(items: Iterable[Stored]) -> list[Geometry]:
    return [
        place
        for item in items
        if item.properties().get("state") in CLOSED and (place := item.place()) is not None
    ]


def _rain(look: _Looking, box: BBox | None, case: Case) -> tuple[Stored, bytes] | None:
    if box is None:
        return None
    span = (case.starts_at - HOUR, case.starts_at + case.hours * HOUR)
    found = look.at(RAIN, bbox=box, when=span)
    if not found:
        return None
    newest = max(found, key=lambda item: item.said_at)
    return newest, look.reader.blob(newest, str(newest.body()["grid_digest"]))


def middle(place: Geometry) -> tuple[float, float]:
    """Return the mean of a place's vertices: near enough for a block's nearest road."""
    points = positions(place)
    count = len(points)
    return sum(p[0] for p in points) / count, sum(p[1] for p in points) / count
