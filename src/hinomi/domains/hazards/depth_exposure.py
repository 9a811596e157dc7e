"""What stands in a depth map: people by block, buildings, roads, as one reader sees them."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec
import numpy as np
import shapely
from numpy.typing import NDArray

from hinomi.domains.hazards.collections.depth_areas import BUILDINGS, POPULATION, ROAD_LINES
from hinomi.domains.hazards.collections.depths import DEPTH_STEP_M
from hinomi.domains.hazards.standing import Standing, standing
from hinomi.kernel.geometry import BBox, Geometry
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Stored
from hinomi.science.coverages import moments_of
from hinomi.science.coverages.outlines import outlines
from hinomi.science.inundation.exposure import (
    CAR_LIMIT_M,
    buildings_inside,
    people_inside,
    roads_inside,
    tally,
)
from hinomi.science.inundation.ranks import rank_of
from hinomi.vocabulary.areas import AREAS

Array = NDArray[Any]
MOST_ROADS = 2_000
"""Flooded roads that are stated one by one, the deepest first; all are counted."""
MOST_VALUES = 40_000_000
"""Of a run's moments kept for roads; of a longer run every second, third, ... is looked at."""
_LIMIT_M = CAR_LIMIT_M - DEPTH_STEP_M / 2
"""[m] What is stored may be half a step below what was computed."""
_DEEP = 2
"""浸水ランク 2: 0.5 m and more."""
_DEGREE_M = 111_195.0
"""[m] Of latitude on a sphere of 6,371 km."""


class Area(NamedTuple):
    """The ground of one class."""

    place: Geometry
    area_m2: float
    deepest_m: float
    people: int | None
    buildings: int | None


class Road(NamedTuple):
    """A flooded road."""

    id: str
    key: str
    name: str
    kind: str
    place: Geometry
    deepest_m: float
    share: float
    first: int
    last: int


class Inside(NamedTuple):
    """What a map's water reaches."""

    areas: dict[int, Area]
    roads: list[Road]
    people_all: int | None
    people_deep: int | None
    people_unknown: int | None
    buildings_all: int | None
    buildings_deep: int | None
    roads_closed: int | None
    roads_closed_km: float | None
    inputs: tuple[str, ...]


def inside(reader: Reader, item: Stored, body: dict[str, Any]) -> Inside:
    """Return what the water of a map reaches; of several moments the greatest counts.

    Raises:
        InputError: the map cannot be read, or a number of people makes no sense.
    """
    west, south, east, north = (float(value) for value in body["bounds"])
    bounds = (west, south, east, north)
    moment = moments_of(reader.blob(item, str(body["grid_digest"])), str(body["parameter"]))
    count = len(body["moments"])
    greatest: Array = moment(0)
    for number in range(1, count):
        greatest = np.fmax(greatest, moment(number))
    # As stored, in whole steps: 0.3 m as 32 bits have it would be under 0.3 m. A debt is no water.
    greatest = np.round(np.maximum(greatest.astype(np.float64), 0.0), 2)
    rank = rank_of(np.nan_to_num(greatest, nan=0.0))
    if not rank.any():
        return Inside({}, [], None, None, None, None, None, None, None, ())
    box = _wet_box(rank, bounds)
    blocks, houses = standing(reader, POPULATION, box), standing(reader, BUILDINGS, box)
    lines = standing(reader, ROAD_LINES, box, lines=True)
    people, unknown = _people(greatest, bounds, blocks)
    stand = None if houses is None else tally(buildings_inside(greatest, bounds, houses.shapes))[0]
    roads, closed, km = None, None, None
    if lines is not None:
        step = max(1, -(-count * greatest.size // MOST_VALUES))
        roads, closed, km = _roads(moment, range(0, count, step), greatest, bounds, lines)
    areas = {}
    size = _cell_m2(bounds, rank.shape)
    for number, shape in outlines(rank, bounds):
        of = rank == number
        if of.any():
            areas[number] = Area(
                msgspec.json.decode(shapely.to_geojson(_multi(shape))), float(of.sum()) * size,
                float(greatest[of].max()),
                None if people is None else round(float(people[number])),
                None if stand is None else int(stand[number]),
            )  # fmt: skip
    read = [i.id for things in (blocks, houses, lines) if things is not None for i in things.items]
    return Inside(
        areas, roads or [],
        None if people is None else round(float(people[1:].sum())),
        None if people is None else round(float(people[_DEEP:].sum())), unknown,
        None if stand is None else int(stand[1:].sum()),
        None if stand is None else int(stand[_DEEP:].sum()), closed, km, tuple(read),
    )  # fmt: skip


def municipality_of(reader: Reader, place: Geometry) -> tuple[str, str]:
    """Return code and name of the municipality in which most of an area lies; empty: none known.

    Several may share it: the package has room for one code, and the outline says the rest.
    """
    found = shapely.make_valid(shapely.from_geojson(msgspec.json.encode(place)))
    west, south, east, north = shapely.bounds(found).tolist()
    best, code, name = 0.0, "", ""
    for item in reader.every(AREAS.id, bbox=(west, south, east, north)):
        area, body = item.place(), item.body()
        if area is None or body["kind"] != "municipality":
            continue
        outline = shapely.make_valid(shapely.from_geojson(msgspec.json.encode(area)))
        share = float(shapely.area(shapely.intersection(found, outline)))
        if share > best:
            best, code, name = share, body["code"], body["name"]
    return code, name


def _people(depth: Array, bounds: BBox, blocks: Standing | None) -> tuple[Array | None, int | None]:
    if blocks is None:
        return None, None
    count = np.array([float(p.get("people") or 0) for p in blocks.properties])
    found = people_inside(depth, bounds, blocks.shapes, count)
    return found.by_rank.sum(axis=0), round(float(found.unknown.sum()))


def _roads(
    moment: Any, moments: range, greatest: Array, bounds: BBox, lines: Standing
) -> tuple[list[Road], int, float]:
    """Return the flooded roads, how many there are, and how long their flooded parts are [km]."""
    over = roads_inside(greatest, bounds, lines.shapes, limit_m=_LIMIT_M)
    wet = np.flatnonzero(over.share > 0)
    km = float((over.share * _length_m(lines.shapes))[wet].sum()) / 1000
    wet = wet[np.argsort(-over.deepest_m[wet], kind="stable")][:MOST_ROADS]
    first, last = np.zeros(len(lines.items), int), np.zeros(len(lines.items), int)
    if len(moments) > 1 and wet.size:
        part = np.stack([moment(number) for number in moments])
        times = roads_inside(part, bounds, lines.shapes[wet], limit_m=_LIMIT_M)
        at = np.array(moments)
        first[wet], last[wet] = at[np.maximum(times.first, 0)], at[np.maximum(times.last, 0)]
    under = [shape for _, shape in outlines((greatest >= _LIMIT_M).astype(np.uint8), bounds)]
    # A road's flooded part: what a ragged map's outlines miss is shown whole.
    parts = shapely.intersection(lines.shapes[wet], shapely.union_all(under))
    parts = np.where(shapely.length(parts) > 0, parts, lines.shapes[wet])
    found = []
    for n, part in zip(wet.tolist(), parts, strict=True):
        item, said = lines.items[n], lines.properties[n]
        found.append(
            Road(
                item.id, item.key, str(said.get("name") or ""), str(said.get("kind") or ""),
                msgspec.json.decode(shapely.to_geojson(_lines(part))),
                float(over.deepest_m[n]), float(over.share[n]), int(first[n]), int(last[n]),
            )
        )  # fmt: skip
    return found, int((over.share > 0).sum()), round(km, 3)


def _wet_box(rank: Array, bounds: BBox) -> BBox:
    west, south, east, north = bounds
    height, width = (north - south) / rank.shape[0], (east - west) / rank.shape[1]
    rows, columns = np.flatnonzero(rank.any(axis=1)), np.flatnonzero(rank.any(axis=0))
    return (
        west + float(columns[0]) * width, north - float(rows[-1] + 1) * height,
        west + float(columns[-1] + 1) * width, north - float(rows[0]) * height,
    )  # fmt: skip


def _cell_m2(bounds: BBox, shape: tuple[int, ...]) -> float:
    west, south, east, north = bounds
    across = (east - west) / shape[1] * _DEGREE_M * np.cos(np.radians((south + north) / 2))
    return float((north - south) / shape[0] * _DEGREE_M * across)


def _length_m(shapes: Array) -> Array:
    def metres(points: Array) -> Array:
        return np.column_stack([
            points[:, 0] * _DEGREE_M * np.cos(np.radians(points[:, 1])), points[:, 1] * _DEGREE_M
        ])  # fmt: skip

    if not shapes.size:
        return np.zeros(0)
    found: Array = shapely.length(shapely.transform(shapes, metres))
    return found


def _lines(shape: Any) -> Any:
    parts = shapely.get_parts(shape)
    return shapely.multilinestrings(parts[shapely.get_type_id(parts) == 1])


def _multi(shape: Any) -> Any:
    parts = shapely.get_parts(shape)
    return shapely.multipolygons(parts[shapely.get_type_id(parts) == 3])
