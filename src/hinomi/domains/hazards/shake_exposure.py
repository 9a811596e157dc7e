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
from hinomi.domains.hazards.standing import standing
from hinomi.kernel.errors import Text
from hinomi.kernel.geometry import BBox, Geometry
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Stored
from hinomi.science.coverages import cells_at, cells_within, moments_of
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


def ground_of(reader: Reader, frame: Frame) -> Ground:
    """Lay the imported ground on a map's cells: each takes the mesh in which its middle lies."""
    whole = np.full((frame.rows, frame.columns), np.nan, np.float32)
    used = []
    for item in reader.every(SITE_GROUND.id, bbox=frame.bounds):
        body = item.body()
        shape = body["rows"], body["columns"]
        down, right = cells_at(body["bounds"], shape, frame.longitude, frame.latitude)
        rows, columns = np.flatnonzero(down >= 0), np.flatnonzero(right >= 0)
        if not rows.size or not columns.size:
            continue
        values = moments_of(reader.blob(item, str(body["grid_digest"])), "avs30_m_s")(0)
        part = values[np.ix_(down[rows], right[columns])]
        held = whole[np.ix_(rows, columns)]
        whole[np.ix_(rows, columns)] = np.where(np.isfinite(part), part, held)
        used.append(item)
    return Ground(whole, float(np.isfinite(whole).mean()), tuple(used))


def ground_under(ground: Ground, frame: Frame, place: Geometry) -> float:
    """Return the AVS30 [m/s] that a municipality's meters are taken to stand on; NaN: not known."""
    outline = shapely.from_geojson(msgspec.json.encode(place))
    values = ground.avs30_m_s[cells_within(frame.bounds, (frame.rows, frame.columns), outline)]
    values = values[np.isfinite(values)]
    return float(np.percentile(values, _SOFTER)) if values.size else float("nan")


def reached(reader: Reader, frame: Frame, found: ShakeMap) -> Reached:
    """Return people and buildings by class of intensity, from 4 on, and how many houses fall."""
    box = _felt_box(frame, found, CLASSES[0] - float(found.sigma.max()))
    if box is None:
        return Reached((), None, None, Text("", ""), ())
    blocks, houses = standing(reader, POPULATION, box), standing(reader, BUILDINGS, box)
    people = stand = None
    low = high = None
    inputs: list[str] = []
    if blocks is not None:
        many = np.array([float(p.get("people") or 0) for p in blocks.properties])
        people = counted(*_there(frame, found, blocks.shapes), many)
        inputs += [item.id for item in blocks.items]
    if houses is not None:
        said, sure = _there(frame, found, houses.shapes)
        stand = counted(said, sure, np.ones(len(houses.items)))
        low = round(float(destroyed_share(said, sure, "from 1982").sum()))
        high = round(float(destroyed_share(said, sure, "1962-81").sum()))
        inputs += [item.id for item in houses.items]
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


def _there(
    frame: Frame, found: ShakeMap, shapes: NDArray[Any]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the intensity at the middle of shapes, NaN beside the map, and how sure it is."""
    middle = shapely.centroid(shapes)
    row, column = cells_at(
        frame.bounds, (frame.rows, frame.columns), shapely.get_x(middle), shapely.get_y(middle)
    )
    inside = (row >= 0) & (column >= 0)
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
