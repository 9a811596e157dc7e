"""The shipped scenario: a typhoon, rising rivers, shelters that fill, a quake on top."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

import msgspec

from hinomi.runtime.drill import quakes, weather
from hinomi.runtime.drill.envelope import JST
from hinomi.runtime.drill.prefecture import (
    RIVERS,
    Gauge,
    Prefecture,
    Shelter,
    Town,
    make_prefecture,
)

LENGTH = timedelta(hours=9)
SECOND = timedelta(seconds=1)
GAUGES_EVERY = timedelta(minutes=10)
SHELTERS_EVERY = timedelta(minutes=30)

RAIN = (
    # hours from the start; for each town (by its place in the list) the level then in force
    (0.0, "222222222222"),
    (0.5, "332322322222"),
    (1.2, "333332333323"),
    (2.0, "434332433323"),
    (3.0, "545433443333"),
    (4.8, "444333433333"),
    (6.0, "333322322222"),
    (7.2, "222222222222"),
    (8.5, "000000000000"),
)
LANDSLIDE = (
    (0.3, "002020020222"),
    (1.5, "203030032333"),
    (2.4, "304040043434"),
    (5.2, "303030033333"),
    (7.0, "000000000000"),
)
STORM = (
    (0.1, "222222222222"),
    (1.0, "333222333333"),
    (5.5, "222222222222"),
    (7.5, "000000000000"),
)
FLOOD = ((1.4, 2), (2.2, 3), (2.8, 4), (3.6, 5), (5.6, 4), (6.4, 3), (7.2, 2), (8.2, 0))
QUAKE_HOURS = 4.1
QUAKE = ((139.05, 31.35, 20), 6.3)
INTENSITIES = ("5-", "5+", "4", "4", "5-", "4", "3", "4", "5-", "3", "3", "4")


OPEN_COLUMNS = (
    "所在地_連結表記",
    "所在地_都道府県",
    "所在地_市区町村",
    "緯度",
    "経度",
    "想定収容人数",
)


class Step(msgspec.Struct, frozen=True):
    """One payload of the drill: when it comes [drill time from the start], its name, its bytes."""

    after: timedelta
    name: str
    data: bytes


def steps(start: datetime, speed: float = 1.0, seed: int = 118) -> list[Step]:
    """Return the whole drill in time order.

    Times inside the payloads are the times at which they will come when the drill is played at
    that speed from ``start``, so that what is said agrees with when it is known.
    """
    prefecture = make_prefecture(seed)

    def at(after: timedelta) -> datetime:
        return start + after / speed

    found = [
        Step(timedelta(), "drill_sites.csv", site_list(prefecture)),
        *_warnings("VPWW55", weather.RAIN, RAIN, prefecture, at),
        *_warnings("VPWW56", weather.LANDSLIDE, LANDSLIDE, prefecture, at),
        *_warnings("VPWW58", weather.STORM, STORM, prefecture, at),
        *_floods(prefecture, at),
        *_quakes(prefecture, at),
        *_observations(prefecture, at, Random(seed + 1)),  # noqa: S311
    ]
    return sorted(found, key=lambda step: step.after)


def level_m(gauge: Gauge, after: timedelta) -> float:
    """Return a gauge's water level [m]: a flood wave that peaks 3.8 hours into the drill."""
    hours = after / timedelta(hours=1)
    lag = int(gauge.code[-2:]) * 0.12
    rise = math.exp(-(((hours - 3.8 - lag) / (1.6 if hours < 3.8 + lag else 2.2)) ** 2))
    return round(0.3 + (gauge.danger_m + 0.6 - 0.3) * rise, 2)


def site_list(prefecture: Prefecture) -> bytes:
    """Return the designated sites in the municipal open-data layout (推奨データセット)."""
    rows = [
        {
            "全国地方公共団体コード": organisation_code(s.town),
            "ID": s.code,
            "地方公共団体名": s.town.name,
            "名称": s.name,
            "所在地_連結表記": f"火の見県{s.town.name}",
            "緯度": f"{s.point[1]:.5f}",
            "経度": f"{s.point[0]:.5f}",
            "災害種別_洪水": "1" if index % 3 else "",
            "災害種別_崖崩れ、土石流及び地滑り": "1",
            "災害種別_地震": "1",
            "指定避難所との重複": "1",
            "想定収容人数": str(s.capacity),
        }
        for index, s in enumerate(prefecture.shelters)
    ]
    return _csv(list(rows[0]), rows)


def organisation_code(town: Town) -> str:
    """Return the six-digit code: JIS X 0402's five digits and the check digit (modulus 11)."""
    digits = [int(digit) for digit in town.code[:5]]
    total = sum(digit * weight for digit, weight in zip(digits, (6, 5, 4, 3, 2), strict=True))
    return f"{town.code[:5]}{(11 - total % 11) % 10}"


def open_shelters(prefecture: Prefecture, after: timedelta) -> bytes:
    """Return the open shelters with head-counts, in the layout of a municipality's lists.

    The list names no time of its own, so that the moment at which it comes stands for it: lists
    that name the minute would tie when the drill is played fast.
    """
    rows = [
        {
            "全国地方公共団体コード": organisation_code(shelter.town),
            "ID": shelter.code,
            "地区": shelter.town.name,
            "名称": shelter.name,
            "人数": str(people),
            **dict(
                zip(
                    OPEN_COLUMNS,
                    (
                        f"火の見県{shelter.town.name}",
                        "火の見県",
                        shelter.town.name,
                        f"{shelter.point[1]:.5f}",
                        f"{shelter.point[0]:.5f}",
                        f"屋内{shelter.capacity}人",
                    ),
                    strict=True,
                )
            ),
        }
        for number, shelter in enumerate(prefecture.shelters)
        if (people := people_in(shelter, number, after)) is not None
    ]
    columns = ["全国地方公共団体コード", "ID", "地区", "名称", "人数", *OPEN_COLUMNS]
    return _csv(columns, rows)


def people_in(shelter: Shelter, number: int, after: timedelta) -> int | None:
    """Return the head-count of a shelter, None while it is closed."""
    hours = after / timedelta(hours=1)
    if number == 0:
        # The first one is open from before the start to after the end: a list is never empty.
        return round(4 + shelter.capacity * 0.7 * max(0.0, 1 - ((hours - 4.5) / 4) ** 2))
    opens, closes = 0.6 + 0.15 * (number % 12), 7.0 + 0.1 * (number % 16)
    if number % 4 == 3 or not opens <= hours < closes:
        return None
    share = min(1.0, (hours - opens) / 3) if hours < 5.5 else max(0.1, 1 - (hours - 5.5) / 2.2)
    return round(shelter.capacity * share * (0.35 + 0.2 * (number % 5)))


def gauge_snapshot(prefecture: Prefecture, at: datetime, after: timedelta, random: Random) -> bytes:
    """Return all gauges at one moment, in the layout of the MLIT snapshots."""
    local = at.astimezone(JST).replace(microsecond=0)
    items = []
    for gauge in prefecture.gauges:
        level = round(level_m(gauge, after) + random.uniform(-0.02, 0.02), 2)
        over = sum(level >= limit for limit in (gauge.start_m, gauge.warn_m, gauge.danger_m))
        items.append(
            {
                "code": gauge.code,
                "name": gauge.name,
                "obsTime": local.isoformat(),
                "point": None,
                "level": level,
                "townCode": gauge.town.code[:5],
                "prefCode": "98000",
                "over": (0, 1, 11, 21)[over],
                "startLevel": gauge.start_m,
                "warnLevel": gauge.warn_m,
                "fladLevel": gauge.danger_m,
                "qt": None,
                "placeRiver": gauge.river,
                "placePref": "火の見県",
                "placeCity": f"火の見県{gauge.town.name}",
                "isWarning": over >= 1,
                "isFlood": over == 3,
                "longitude": gauge.point[0],
                "latitude": gauge.point[1],
            }
        )
    snapshot = {
        "generatedAt": local.isoformat(),
        "timeZone": "Asia/Tokyo",
        "source": "drill",
        "totalItems": len(items),
        "floodCount": sum(bool(i["isFlood"]) for i in items),
        "warningCount": sum(bool(i["isWarning"]) for i in items),
        "items": items,
    }
    return json.dumps(snapshot, ensure_ascii=False).encode()


def _warnings(
    kind: str, product: weather.Product, course: Any, prefecture: Prefecture, at: Any
) -> Iterator[Step]:
    before: dict[str, int] = {}
    said = at(timedelta()) - SECOND
    for hours, digits in course:
        after = timedelta(hours=hours)
        # Telegrams tell whole seconds: played very fast, two would share one and have no order.
        said = max(at(after), said + SECOND)
        levels = {
            town.code: int(digit)
            for town, digit in zip(prefecture.towns, digits, strict=True)
            if digit != "0"
        }
        data = weather.warning(product, said, prefecture, levels, before)
        yield Step(after, f"{kind}_{int(hours * 60):04d}.xml", data)
        before = levels


def _floods(prefecture: Prefecture, at: Any) -> Iterator[Step]:
    river = next(iter(RIVERS.items()))
    gauge = next(g for g in prefecture.gauges if g.river == river[1])
    for serial, (hours, level) in enumerate(FLOOD, start=1):
        after = timedelta(hours=hours)
        data = weather.flood(at(after), river, gauge, level, level_m(gauge, after), serial)
        yield Step(after, f"VXKO50_{int(hours * 60):04d}.xml", data)


def _quakes(prefecture: Prefecture, at: Any) -> Iterator[Step]:
    origin = at(timedelta(hours=QUAKE_HOURS))
    towns = list(zip(prefecture.towns, INTENSITIES, strict=True))
    first, full = timedelta(hours=QUAKE_HOURS, minutes=2), timedelta(hours=QUAKE_HOURS, minutes=8)
    yield Step(first, "VXSE51.xml", quakes.quake_intensity(at(first), origin, towns))
    yield Step(full, "VXSE53.xml", quakes.quake(at(full), origin, *QUAKE, towns))


def _observations(prefecture: Prefecture, at: Any, random: Random) -> Iterator[Step]:
    after = timedelta()
    while after <= LENGTH:
        minutes = int(after / timedelta(minutes=1))
        data = gauge_snapshot(prefecture, at(after), after, random)
        yield Step(after, f"gauges_{minutes:04d}.json", data)
        if after % SHELTERS_EVERY == timedelta():
            data = open_shelters(prefecture, after)
            yield Step(after, f"open_shelter_drill_{minutes:04d}.csv", data)
        after += GAUGES_EVERY


def _csv(columns: Sequence[str], rows: list[dict[str, str]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")
