"""火の見県, a fictional island prefecture: its towns, forecast areas, river gauges and shelters.

It lies in the open sea south of Honshu, so that nobody can take it for a real place. The same
seed always gives the same prefecture.
"""

from __future__ import annotations

import math
from random import Random
from typing import Any

import msgspec

from hinomi.kernel.geometry import Geometry

CENTRE = (139.25, 31.55)
RADIUS_DEG = 0.36
PREFECTURE_CODE = "980000"
PREFECTURE_NAME = "火の見県"
DISTRICTS = {"980010": "北部", "980020": "南部"}
RIVERS = {"980000000101": "火の見川", "980000000102": "半鐘川"}
TOWNS = (
    ("9820100", "望楼市", "Boro-shi"),
    ("9820200", "半鐘市", "Hansho-shi"),
    ("9820300", "川守市", "Kawamori-shi"),
    ("9830100", "風待町", "Kazamachi-cho"),
    ("9830200", "水見町", "Mizumi-cho"),
    ("9830300", "土手町", "Dote-cho"),
    ("9830400", "雲見町", "Kumomi-cho"),
    ("9830500", "潮見町", "Shiomi-cho"),
    ("9830600", "石堤町", "Ishizutsumi-cho"),
    ("9830700", "灯守村", "Tomori-mura"),
    ("9830800", "堰上村", "Sekigami-mura"),
    ("9830900", "松明村", "Taimatsu-mura"),
)
RINGS = ((0.0, 0.34, 1), (0.34, 0.68, 5), (0.68, 1.0, 6))
"""Inner and outer edge (fractions of the coast's radius) and number of towns in each ring."""


class Town(msgspec.Struct, frozen=True):
    """A municipality: JMA's 7-digit code, names, district, outline and a point inside."""

    code: str
    name: str
    english: str
    district: str
    place: Geometry
    centre: tuple[float, float]


class Gauge(msgspec.Struct, frozen=True):
    """A water-level gauge with its thresholds [m above its zero point]."""

    code: str
    name: str
    river: str
    town: Town
    point: tuple[float, float]
    start_m: float
    warn_m: float
    danger_m: float


class Shelter(msgspec.Struct, frozen=True):
    """A designated shelter and the people it can take."""

    code: str
    name: str
    town: Town
    point: tuple[float, float]
    capacity: int


class Prefecture(msgspec.Struct, frozen=True):
    """All of it."""

    towns: tuple[Town, ...]
    gauges: tuple[Gauge, ...]
    shelters: tuple[Shelter, ...]

    def town(self, code: str) -> Town:
        """Return a town by its 7-digit code."""
        return next(t for t in self.towns if t.code == code)


def make_prefecture(seed: int = 118) -> Prefecture:
    """Return the prefecture that belongs to a seed."""
    random = Random(seed)  # noqa: S311  (a drill, not a secret)
    towns = _towns()
    return Prefecture(towns, _gauges(towns, random), _shelters(towns, random))


def outlines(prefecture: Prefecture) -> dict[str, Any]:
    """Return the towns as a GeoJSON FeatureCollection with the property names of MLIT's N03."""
    features = [
        {
            "type": "Feature",
            "geometry": town.place,
            "properties": {
                "N03_001": PREFECTURE_NAME,
                "N03_002": None,
                "N03_003": None,
                "N03_004": town.name,
                "N03_007": town.code[:5],
            },
        }
        for town in prefecture.towns
    ]
    return {"type": "FeatureCollection", "features": features}


def _towns() -> tuple[Town, ...]:
    towns = []
    names = iter(TOWNS)
    for inner, outer, count in RINGS:
        for sector in range(count):
            code, name, english = next(names)
            start, end = _sector(outer, sector, count)
            middle = _position((inner + outer) / 2 if inner else 0.0, (start + end) / 2)
            district = "980010" if middle[1] >= CENTRE[1] else "980020"
            place = {"type": "Polygon", "coordinates": [_outline(inner, outer, start, end)]}
            towns.append(Town(code, name, english, district, place, middle))
    return tuple(towns)


def _sector(outer: float, number: int, count: int) -> tuple[float, float]:
    """Return the bearings [rad] between which a ring's sector lies."""
    start = 2 * math.pi * number / count + 0.4 * outer
    return start, start + 2 * math.pi / count


def _outline(inner: float, outer: float, start: float, end: float) -> list[list[float]]:
    # Neighbours along an edge take the same corners, so that no gap opens between them.
    out = [_position(outer, angle) for angle in _bearings(outer, start, end)]
    if inner == 0:
        ring = out[:-1]
    else:
        back = [_position(inner, angle) for angle in reversed(_bearings(inner, start, end))]
        up = [_position(inner + (outer - inner) * i / 8, start) for i in range(1, 8)]
        down = [_position(outer - (outer - inner) * i / 8, end) for i in range(1, 8)]
        ring = [*out, *down, *back, *up]
    return [*map(list, ring), list(ring[0])]


def _bearings(fraction: float, start: float, end: float) -> list[float]:
    """Return the bearings of the corners on one ring's edge between two sector borders.

    A grid that both sides share, and where a sector of either side begins.
    """
    turn = 2 * math.pi
    corners = {turn * i / 120 for i in range(120)}
    for inner, outer, count in RINGS:
        if fraction in (inner, outer):
            corners |= {_sector(outer, number, count)[0] % turn for number in range(count)}
    inside = {corner + lap for corner in corners for lap in (0.0, turn)}
    margin = 1e-9
    return [start, *sorted(a for a in inside if start + margin < a < end - margin), end]


def _position(fraction: float, angle: float) -> tuple[float, float]:
    """Return lon, lat of a place given by its share of the coast's radius and its bearing."""
    coast = (
        1
        + 0.14 * math.sin(3 * angle + 0.7)
        + 0.08 * math.sin(5 * angle)
        + 0.03 * math.cos(11 * angle)
    )
    wiggle = 0.05 * math.sin(7 * angle + 9 * fraction) * math.sin(math.pi * fraction)
    turn = angle + 0.12 * math.sin(8 * fraction) * math.sin(math.pi * fraction)
    radius = RADIUS_DEG * coast * (fraction + wiggle)
    longitude = CENTRE[0] + radius * math.cos(turn) / math.cos(math.radians(CENTRE[1]))
    return round(longitude, 5), round(CENTRE[1] + radius * math.sin(turn), 5)


def _gauges(towns: tuple[Town, ...], random: Random) -> tuple[Gauge, ...]:
    rivers = list(RIVERS.values())
    gauges = []
    for number, town in enumerate(towns[:8]):
        start = round(random.uniform(1.2, 2.4), 2)
        warn = round(start + random.uniform(0.6, 1.0), 2)
        gauges.append(
            Gauge(
                code=f"98000000{number + 1:02d}",
                name=f"{rivers[number % 2]}{town.name[:-1]}橋",
                river=rivers[number % 2],
                town=town,
                point=_near(town.centre, random),
                start_m=start,
                warn_m=warn,
                danger_m=round(warn + random.uniform(0.5, 0.9), 2),
            )
        )
    return tuple(gauges)


def _shelters(towns: tuple[Town, ...], random: Random) -> tuple[Shelter, ...]:
    kinds = ("第一小学校", "中学校", "公民館", "体育館")
    return tuple(
        Shelter(
            code=f"E{town.code[:5]}{number:08d}",
            name=f"{town.name[:-1]}{kind}",
            town=town,
            point=_near(town.centre, random),
            capacity=random.choice((80, 120, 200, 350, 600)),
        )
        for town in towns
        for number, kind in enumerate(kinds, start=1)
    )


def _near(centre: tuple[float, float], random: Random) -> tuple[float, float]:
    return (
        round(centre[0] + random.uniform(-0.035, 0.035), 5),
        round(centre[1] + random.uniform(-0.03, 0.03), 5),
    )
