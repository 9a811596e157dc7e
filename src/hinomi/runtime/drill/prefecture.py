"""火の見県, a fictional island prefecture: its towns, forecast areas, river gauges and shelters.

It lies in the open sea south of Honshu, so that nobody can take it for a real place. The same
seed always gives the same prefecture.
"""

from __future__ import annotations

import math
from random import Random

import msgspec

from hinomi.kernel.geometry import Geometry
from hinomi.runtime.drill.stage import Gauge, Named, Shelter, Stage, Town

CENTRE = (139.25, 31.55)
RADIUS_DEG = 0.36
PREFECTURE_CODE = "980000"
PREFECTURE_NAME = "火の見県"
DISTRICTS = {"980010": "北部", "980020": "南部"}
RIVERS = {"980000000101": "火の見川", "980000000102": "半鐘川"}
COAST = Named("980", "火の見県沿岸")
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


class Ground(msgspec.Struct, frozen=True):
    """A municipality's outline and a point inside."""

    town: Town
    place: Geometry
    centre: tuple[float, float]


class Prefecture(msgspec.Struct, frozen=True):
    """All of it."""

    grounds: tuple[Ground, ...]
    gauges: tuple[Gauge, ...]
    shelters: tuple[Shelter, ...]

    def stage(self) -> Stage:
        """Return the stage that a scenario is played on."""
        return Stage(
            office=Named(PREFECTURE_CODE, PREFECTURE_NAME),
            prefecture=Named(PREFECTURE_CODE[:2], PREFECTURE_NAME),
            publisher="火の見地方気象台",
            towns=tuple(g.town for g in self.grounds),
            districts=tuple(Named(code, name) for code, name in DISTRICTS.items()),
            seismic=tuple(
                Named(seismic_code(c), f"{PREFECTURE_NAME}{n}") for c, n in DISTRICTS.items()
            ),
            rivers=tuple(Named(code, name) for code, name in RIVERS.items()),
            coasts=(COAST,),
            epicentre=Named("989", "火の見県近海"),
            gauges=self.gauges,
            shelters=self.shelters,
        )


def make_prefecture(seed: int = 118) -> Prefecture:
    """Return the prefecture that belongs to a seed."""
    random = Random(seed)  # noqa: S311  (a drill, not a secret)
    grounds = _grounds()
    return Prefecture(grounds, _gauges(grounds, random), _shelters(grounds, random))


def seismic_code(district: str) -> str:
    """Return the 地震情報 area's code of a forecast district."""
    return f"98{district[4]}"


def _grounds() -> tuple[Ground, ...]:
    grounds = []
    names = iter(TOWNS)
    for inner, outer, count in RINGS:
        for sector in range(count):
            code, name, english = next(names)
            start, end = _sector(outer, sector, count)
            middle = _position((inner + outer) / 2 if inner else 0.0, (start + end) / 2)
            district = "980010" if middle[1] >= CENTRE[1] else "980020"
            place = {"type": "Polygon", "coordinates": [_outline(inner, outer, start, end)]}
            town = Town(code, name, english, district, "", seismic_code(district))
            grounds.append(Ground(town, place, middle))
    return tuple(grounds)


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


def _gauges(grounds: tuple[Ground, ...], random: Random) -> tuple[Gauge, ...]:
    rivers = list(RIVERS.values())
    gauges = []
    for number, ground in enumerate(grounds[:8]):
        start = round(random.uniform(1.2, 2.4), 2)
        warn = round(start + random.uniform(0.6, 1.0), 2)
        gauges.append(
            Gauge(
                code=f"98000000{number + 1:02d}",
                name=f"{rivers[number % 2]}{ground.town.name[:-1]}橋",
                river=rivers[number % 2],
                town=ground.town,
                point=_near(ground.centre, random),
                start_m=start,
                warn_m=warn,
                danger_m=round(warn + random.uniform(0.5, 0.9), 2),
            )
        )
    return tuple(gauges)


def _shelters(grounds: tuple[Ground, ...], random: Random) -> tuple[Shelter, ...]:
    kinds = ("第一小学校", "中学校", "公民館", "体育館")
    return tuple(
        Shelter(
            code=f"E{ground.town.code[:5]}{number:08d}",
            name=f"{ground.town.name[:-1]}{kind}",
            town=ground.town,
            point=_near(ground.centre, random),
            capacity=random.choice((80, 120, 200, 350, 600)),
        )
        for ground in grounds
        for number, kind in enumerate(kinds, start=1)
    )


def _near(centre: tuple[float, float], random: Random) -> tuple[float, float]:
    return (
        round(centre[0] + random.uniform(-0.035, 0.035), 5),
        round(centre[1] + random.uniform(-0.03, 0.03), 5),
    )
