"""Who and what stands in a shake map, and on which ground the map stands, as one reader sees it."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec
import numpy as np
import shapely
from numpy.typing import NDArray

from hinomi.domains.hazards.collections.depth_areas import BUILDINGS, POPULATION
from hinomi.domains.hazards.collections.shake_maps import ShakeLevel
from hinomi.domains.hazards.collections.site_ground import SITE_GROUND
from hinomi.kernel.errors import Text
from hinomi.kernel.geometry import BBox, Geometry
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Stored
from hinomi.science.coverages import moments_of
from hinomi.science.shaking.exposure import CLASSES, counted, destroyed_share
from hinomi.science.shaking.maps import Frame, ShakeMap

NAMES = ("4", "5-", "5+", "6-", "6+", "7")
_JA = ("4", "5弱", "5強", "6弱", "6強", "7")
_EN = ("4", "5 lower", "5 upper", "6 lower", "6 upper", "7")
_SOFTER = 25
"""[percent] Of a municipality's meshes, the softer quarter: meters stand where people live, on its
plains rather than its mountains (ours)."""


class Reached(NamedTuple):
    """What a map reaches; None where nothing was imported."""

    levels: tuple[ShakeLevel, ...]
    destroyed_low: int | None
    destroyed_high: int | None
    told: Text
    inputs: tuple[str, ...]


class Ground(NamedTuple):
    """AVS30 on a map's cells, [m/s, shape (rows, columns)], NaN where none was imported."""

    avs30_m_s: NDArray[np.float32]
    share: float
    """Part of the cells with a value."""
    inputs: tuple[Stored, ...]


class _Thing(msgspec.Struct):
    properties: dict[str, Any]
    geometry: Geometry | None


_THING = msgspec.json.Decoder(_Thing)


def ground_of(reader: Reader, frame: Frame) -> Ground:
    """Lay the imported ground on a map's cells: each takes the mesh in which its middle lies."""
    whole = np.full((frame.rows, frame.columns), np.nan, np.float32)
    used = []
    for item in reader.every(SITE_GROUND.id, bbox=frame.bounds):
        body = item.body()
        w, s, e, n = (float(v) for v in body["bounds"])
        rows = np.flatnonzero((frame.latitude > s) & (frame.latitude < n))
        columns = np.flatnonzero((frame.longitude > w) & (frame.longitude < e))
        if not rows.size or not columns.size:
            continue
        values = moments_of(reader.blob(item, str(body["grid_digest"])), "avs30_m_s")(0)
        down = ((n - frame.latitude[rows]) / (n - s) * values.shape[0]).astype(np.int64)
        right = ((frame.longitude[columns] - w) / (e - w) * values.shape[1]).astype(np.int64)
        part = values[down[:, None], right[None, :]]
        held = whole[np.ix_(rows, columns)]
        whole[np.ix_(rows, columns)] = np.where(np.isfinite(part), part, held)
        used.append(item)
    return Ground(whole, float(np.isfinite(whole).mean()), tuple(used))


def ground_under(ground: Ground, frame: Frame, place: Geometry) -> float:
    """Return the AVS30 [m/s] that a municipality's meters are taken to stand on; NaN: not known."""
    outline = shapely.from_geojson(msgspec.json.encode(place))
    west, south, east, north = shapely.bounds(outline)
    rows = np.flatnonzero((frame.latitude >= south) & (frame.latitude <= north))
    columns = np.flatnonzero((frame.longitude >= west) & (frame.longitude <= east))
    x, y = np.meshgrid(frame.longitude[columns], frame.latitude[rows])
    shapely.prepare(outline)
    values = ground.avs30_m_s[np.ix_(rows, columns)][shapely.contains_xy(outline, x, y)]
    values = values[np.isfinite(values)]
    return float(np.percentile(values, _SOFTER)) if values.size else float("nan")


def reached(reader: Reader, frame: Frame, found: ShakeMap) -> Reached:
    """Return people and buildings by class of intensity, from 4 on, and how many houses fall."""
    box = _felt_box(frame, found, CLASSES[0] - float(found.sigma.max()))
    if box is None:
        return Reached((), None, None, Text("", ""), ())
    blocks, houses = _at(reader, POPULATION, box), _at(reader, BUILDINGS, box)
    people = stand = None
    low = high = None
    inputs: list[str] = []
    if blocks is not None:
        items, properties, at = blocks
        many = np.array([float(p.get("people") or 0) for p in properties])
        people = counted(*_there(frame, found, at), many)
        inputs += [item.id for item in items]
    if houses is not None:
        items, _, at = houses
        said, sure = _there(frame, found, at)
        stand = counted(said, sure, np.ones(len(items)))
        low = round(float(destroyed_share(said, sure, "from 1982").sum()))
        high = round(float(destroyed_share(said, sure, "1962-81").sum()))
        inputs += [item.id for item in items]
    levels = tuple(
        ShakeLevel(
            intensity=NAMES[n],
            people=None if people is None else round(float(people.best[n])),
            people_low=None if people is None else round(float(people.low[n])),
            people_high=None if people is None else round(float(people.high[n])),
            buildings=None if stand is None else round(float(stand.best[n])),
        )
        for n in reversed(range(len(NAMES)))
        if people is not None or stand is not None
    )  # fmt: skip
    return Reached(levels, low, high, _told(levels, low, high), tuple(inputs))


def _felt_box(frame: Frame, found: ShakeMap, least: float) -> BBox | None:
    felt = found.intensity >= least
    rows, columns = np.flatnonzero(felt.any(axis=1)), np.flatnonzero(felt.any(axis=0))
    if not rows.size:
        return None
    west, east = frame.longitude[columns[[0, -1]]].tolist()
    north, south = frame.latitude[rows[[0, -1]]].tolist()
    return (west, south, east, north)


def _at(
    reader: Reader, collection: str, box: BBox
) -> tuple[list[Stored], list[dict[str, Any]], NDArray[np.float64]] | None:
    """Return what a collection has in a box, and a point of each; None: it has nothing at all."""
    if collection not in reader.catalog.collections:
        return None
    items, properties, places = [], [], []
    for item in reader.every(collection, bbox=box):
        thing = _THING.decode(item.feature)
        if thing.geometry is not None:
            items.append(item)
            properties.append(thing.properties)
            places.append(msgspec.json.encode(thing.geometry))
    if not items and not reader.find(collection, limit=1).items:
        return None
    shapes = shapely.from_geojson(np.array(places, object)) if places else np.empty(0, object)
    points = shapely.centroid(shapes)
    return items, properties, np.stack([shapely.get_x(points), shapely.get_y(points)], axis=-1)


def _there(
    frame: Frame, found: ShakeMap, at: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    west, south, east, north = frame.bounds
    row = np.floor((north - at[:, 1]) / (north - south) * frame.rows).astype(np.int64)
    column = np.floor((at[:, 0] - west) / (east - west) * frame.columns).astype(np.int64)
    inside = (row >= 0) & (row < frame.rows) & (column >= 0) & (column < frame.columns)
    row, column = np.where(inside, row, 0), np.where(inside, column, 0)
    said = np.where(inside, found.intensity[row, column], np.nan).astype(np.float64)
    return said, np.where(inside, found.sigma[row, column], 0.0).astype(np.float64)


def _told(levels: tuple[ShakeLevel, ...], low: int | None, high: int | None) -> Text:
    """Return it in words: the strongest first."""
    ja, en = [], []
    for level in levels:
        if level.people:
            n = NAMES.index(level.intensity)
            ja.append(f"震度{_JA[n]} {level.people:,}人")
            en.append(f"intensity {_EN[n]}: {level.people:,} people")
    if low is not None and high is not None:
        ja.append(f"全壊 {low:,}〜{high:,}棟(1982年以降の木造のみ〜1962〜81年の木造のみ)")
        en.append(f"{low:,} to {high:,} houses destroyed (all wooden, built from 1982 to 1962-81)")
    return Text("、".join(ja), "; ".join(en))
