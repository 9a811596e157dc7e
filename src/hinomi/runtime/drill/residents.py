"""Who lives where in the fictional prefecture: blocks of half a kilometre around the centres.

Invented, as all of it: as many people as the towns' shelters can take in a bad case, most of them
near the centre. The same seed always gives the same people.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from random import Random

import msgspec

from hinomi.domains.response.evacuation.collections import POPULATION, Block
from hinomi.kernel.geometry import Geometry
from hinomi.kernel.marking import Marking, Status
from hinomi.kernel.records import Interval, Origin, Record
from hinomi.runtime.drill.areas import SAID_AT
from hinomi.runtime.drill.prefecture import Ground, make_prefecture
from hinomi.vocabulary.grids import box

SOURCE = "hinomi-drill"
SIDE = 8
"""Blocks along a settlement's side."""
BLOCK_KM = 0.5
PEOPLE = {"市": 5_600, "町": 3_600, "村": 1_500}
"""By what a municipality is called at its end: its size."""
HOUSEHOLD = 2.2
"""People in a household, as in Japan (令和2年国勢調査: 2.21)."""
_QUARTERS = ("西町", "宮前", "本町", "大手", "中央", "川端", "東町", "旭町")
_NUMBERS = "一二三四五六七八"
_KM_A_DEGREE = 111.195


class Settlement(msgspec.Struct, frozen=True):
    """Where a town's people live: the corners of its blocks."""

    ground: Ground
    longitudes: tuple[float, ...]
    latitudes: tuple[float, ...]


def settlements(seed: int = 118) -> tuple[Settlement, ...]:
    """Return the settlements of the seed's prefecture, one a town."""
    return tuple(_settlement(ground) for ground in make_prefecture(seed).grounds)


def _settlement(ground: Ground) -> Settlement:
    """Return the blocks around a town's centre; near a border they move inland until all fit."""
    from shapely.geometry import box as rectangle  # noqa: PLC0415 - heavy
    from shapely.geometry import shape  # noqa: PLC0415

    outline = shape(ground.place)
    inland = outline.representative_point()
    longitude, latitude = ground.centre
    for step in range(10):
        east, north = inland.x - longitude, inland.y - latitude
        found = _around(ground, longitude + step / 10 * east, latitude + step / 10 * north)
        across, up = found.longitudes, found.latitudes
        if outline.contains(rectangle(across[0], up[0], across[-1], up[-1])):
            return found
    return _around(ground, inland.x, inland.y)


def _around(ground: Ground, longitude: float, latitude: float) -> Settlement:
    high = BLOCK_KM / _KM_A_DEGREE
    wide = high / math.cos(math.radians(latitude))
    steps = [number - SIDE / 2 for number in range(SIDE + 1)]
    return Settlement(
        ground,
        tuple(round(longitude + step * wide, 5) for step in steps),
        tuple(round(latitude + step * high, 5) for step in steps),
    )


def records(seed: int = 118) -> Iterator[Record]:
    """Yield the blocks of the seed's prefecture; all exercise, the same at each run."""
    for settlement in settlements(seed):
        town = settlement.ground.town
        random = Random(f"{seed}/{town.code}")  # noqa: S311  (a drill, not a secret)
        shares = _shares(random)
        people = _whole([PEOPLE[town.name[-1]] * share for share in shares])
        for number, count in enumerate(people):
            row, column = divmod(number, SIDE)
            body = Block(
                name=f"{_QUARTERS[column]}{_NUMBERS[row]}丁目", municipality_code=town.code,
                people=count, households=round(count / HOUSEHOLD),
                needs_time=round(count * random.uniform(0.2, 0.4)), as_of="架空(訓練用)",
            )  # fmt: skip
            yield _record(f"drill/{town.code}/{number + 1:02d}", body, _place(settlement, number))


def _shares(random: Random) -> list[float]:
    """Return the part of a town's people in each block: fewer outward, some blocks fields."""
    middle = (SIDE - 1) / 2
    found = []
    for number in range(SIDE * SIDE):
        row, column = divmod(number, SIDE)
        away = math.hypot(row - middle, column - middle) / SIDE
        found.append(math.exp(-6 * away * away) * random.uniform(0.4, 1.6))
    whole = sum(found)
    return [share / whole for share in found]


def _whole(values: list[float]) -> list[int]:
    """Return whole numbers with the same sum (largest remainders)."""
    found = [int(value) for value in values]
    left = round(sum(values)) - sum(found)
    order = sorted(range(len(values)), key=lambda n: found[n] - values[n])
    for number in order[:left]:
        found[number] += 1
    return found


def _place(settlement: Settlement, number: int) -> Geometry:
    row, column = divmod(number, SIDE)
    west, east = settlement.longitudes[column : column + 2]
    south, north = settlement.latitudes[row : row + 2]
    return box(west, south, east, north)


def _record(key: str, body: Block, place: Geometry) -> Record:
    return Record(
        collection=POPULATION.id, key=key, said_at=SAID_AT, when=Interval(SAID_AT, None),
        place=place, body=body, source=SOURCE, marking=Marking(Status.EXERCISE),
        origin=Origin(address="drill:prefecture"),
    )  # fmt: skip
