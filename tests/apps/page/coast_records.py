"""What happened at the made-up coast: its towns, levels, quake, shelters, gauge and rain."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256
from math import cos, pi, sin

import msgspec

from hinomi.domains.hazards.collections.gauges import Gauge
from hinomi.domains.hazards.collections.quakes import Quake
from hinomi.domains.hazards.collections.rain import RainGrid
from hinomi.domains.hazards.collections.warnings import AlertLevel, InForce
from hinomi.domains.response.collections.shelters import Shelter, Site
from hinomi.kernel.geometry import Geometry, point
from hinomi.kernel.marking import Marking, Status
from hinomi.kernel.records import Interval, Origin, Readings, Record, Series, instant, micros
from hinomi.kernel.store import Store
from hinomi.runtime import operations
from hinomi.vocabulary.areas import Area
from hinomi.vocabulary.grids import box

TOWNS = {
    "1720200": ("七尾市", "Nanao City", 136.9, 37.0),
    "1720400": ("輪島市", "Wajima City", 136.9, 37.3),
    "1720500": ("珠洲市", "Suzu City", 137.2, 37.3),
    "1746300": ("<img src=x onerror=alert(1)>町", "", 137.2, 37.0),
}
KINDS = {
    0: "解除",
    2: "レベル２大雨注意報",
    3: "レベル３大雨警報",
    4: "レベル４大雨危険警報",
    5: "レベル５大雨特別警報",
}
MUNICIPALITIES, CORNERS = 1_900, 48
EXERCISE = Marking(Status.EXERCISE)
SKY = (130.0, 30.0, 140.0, 40.0)


def outline(key: str) -> Geometry:
    _, _, west, south = TOWNS[key]
    corners = [(0, 0), (0.28, 0), (0.28, 0.28), (0, 0.28), (0, 0)]
    return {"type": "Polygon", "coordinates": [[[west + x, south + y] for x, y in corners]]}


def town(key: str, at: datetime) -> Record:
    name, name_en, _, _ = TOWNS[key]
    body = Area(code=key, kind="municipality", name=name, name_en=name_en, prefecture="石川県")
    return Record(
        collection="areas",
        key=key,
        said_at=at - timedelta(days=300),
        place=outline(key),
        body=body,
        source="mlit",
    )


def level(key: str, number: int, at: datetime, status: Status = Status.ACTUAL) -> Record:
    name, name_en, _, _ = TOWNS[key]
    kind = InForce(
        hazard="rain",
        kind_name=KINDS[number],
        kind_code="03",
        level=number,
        level_stated=True,
        stated_at=at,
        since=at,
        until=at + timedelta(hours=9) if number == 3 else None,
    )
    return Record(
        collection="hazards.levels",
        key=key,
        said_at=at,
        when=Interval(at, None),
        place=outline(key),
        body=AlertLevel(
            area_code=key,
            area_name=name,
            area_name_en=name_en,
            level=number,
            level_stated=True,
            count=int(number > 0),
            hazards="rain" if number else "",
            in_force=[kind] if number else [],
        ),
        source="jma",
        marking=Marking(status),
    )


def quake(at: datetime) -> Record:
    return Record(
        collection="hazards.quakes",
        key="20261121210000",
        said_at=at,
        when=instant(at),
        place=point(137.27, 37.49),
        body=Quake(
            event_id="20261121210000",
            origin_time=at,
            hypocentre="能登半島沖",
            magnitude=5.4,
            magnitude_text="Ｍ５．４",
            max_intensity="5-",
            max_intensity_at_least=4.5,
            tsunami_text="この地震による津波の心配はありません。",
        ),
        source="jma",
    )


def shelters(at: datetime) -> list[Record]:
    gym = Shelter(
        name="矢田郷地区体育館",
        municipality="七尾市",
        municipality_code="1720200",
        match_key="1720200/矢田郷地区体育館",
        state="open",
        people=270,
        capacity=300,
        crowding=0.9,
        earthquake=True,
    )
    sites = [
        Record(
            collection="response.sites",
            key=f"site-{i}",
            said_at=at,
            place=point(136.95 + i / 500, 37.05),
            body=Site(
                name=f"広場{i}",
                match_key=f"1720200/広場{i}",
                municipality_code="1720200",
                tsunami=i % 2 == 0,
            ),
            source="gsi",
        )
        for i in range(20)
    ]
    place = point(136.97, 37.05)
    opened = Record(
        collection="response.shelters", key="gym", said_at=at, place=place, body=gym, source="nanao"
    )
    return [opened, *sites]


def heard(source_id: str, title: str, title_en: str, quarantined: int, at: datetime) -> Record:
    state = operations.SourceState(
        title_ja=title,
        title_en=title_en,
        state="amber" if quarantined else "green",
        payloads=40,
        quarantined=quarantined,
        records=300,
        readings=0,
        last_at=at,
        last_kind="VPWW55",
    )
    return operations.source_record(source_id, state, at=at)


def gauge(at: datetime, state: str, level_m: float) -> Record:
    body = Gauge(
        name="御祓川橋",
        river="御祓川",
        municipality_code="1720200",
        municipality="七尾市",
        start_m=1.0,
        caution_m=1.8,
        danger_m=2.6,
        state=state,  # type: ignore[arg-type]
        level_m=level_m,
        series=SERIES.id,
    )
    return Record(
        collection="hazards.gauges",
        key="misogi",
        said_at=at,
        when=Interval(at, None),
        place=point(136.96, 37.04),
        body=body,
        source="hinomi",
    )


SERIES = Series(
    id="hazards.river_levels.misogi",
    collection="hazards.river_levels",
    thing="misogi",
    property="level_m",
    unit="m",
    source="mlit",
    title="御祓川橋",
    longitude=136.96,
    latitude=37.04,
)


def rising(start: datetime, end: datetime) -> list[tuple[int, int, float, int]]:
    """Return a reading every ten minutes, 20 cm higher each."""
    count = int((end - start) / timedelta(minutes=10)) + 1
    times = [start + timedelta(minutes=10 * i) for i in range(count)]
    return [(0, micros(time), round(0.8 + 0.2 * i, 2), 0) for i, time in enumerate(times)]


def crowd(count: int, at: datetime) -> list[Record]:
    """Return so many sites all over the country, the same ones each time."""
    found = []
    for i in range(count):
        along = i / count
        lon = 130.0 + 14 * along + (i * 7919 % 1000) / 700
        lat = 31.5 + 12 * along + (i * 104729 % 1000) / 800
        body = Site(name=f"避難場所{i}", match_key=f"many/{i}", flood=i % 3 > 0)
        found.append(
            Record(
                collection="response.sites",
                key=f"many-{i}",
                said_at=at,
                place=point(round(lon, 5), round(lat, 5)),
                body=body,
                source="gsi",
            )
        )
    return found


def country(at: datetime) -> list[Record]:
    """Return as many municipalities as Japan has, each with an outline and a level in force."""
    found: list[Record] = []
    for i in range(MUNICIPALITIES):
        along, across = divmod(i, 19)
        west, south = 130.0 + along * 0.14 + across * 0.03, 31.5 + along * 0.11 + across * 0.06
        # A coast's or a ridge's line: as many corners as simplified real outlines have.
        ring = [
            [
                round(west + 0.07 * (1 + 0.12 * cos(7 * turn + i)) * cos(turn), 5),
                round(south + 0.06 * (1 + 0.12 * cos(5 * turn + i)) * sin(turn), 5),
            ]
            for turn in (2 * pi * k / CORNERS for k in range(CORNERS))
        ]
        outline: Geometry = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
        code = f"{10_000 + i:05d}00"
        area = Area(code=code, kind="municipality", name=f"町{i}", prefecture="石川県")
        found.append(
            Record(
                collection="areas", key=code, said_at=at, place=outline, body=area, source="mlit"
            )
        )
        stated = level("1720200", 2 + i % 4, at)
        named = msgspec.structs.replace(stated.body, area_code=code, area_name=f"町{i}")
        found.append(msgspec.structs.replace(stated, key=code, place=None, body=named))
    return found


def seed(store: Store, at: datetime) -> None:
    """Fill the store as it stood at a moment, and as it went on from there."""
    records = [
        *(town(key, at) for key in TOWNS),
        level("1720200", 3, at),
        level("1720400", 2, at),
        level("1720500", 0, at),
        level("1746300", 4, at),
        level("1720200", 5, at, Status.EXERCISE),
        quake(at),
        *shelters(at),
        heard("jma-xml", "気象庁防災情報XML", "JMA telegrams", 0, at + timedelta(minutes=1)),
        heard("gsi-sites", "指定緊急避難場所", "Evacuation sites", 3, at),
    ]
    store.put(
        records, [Readings(series=(SERIES,), rows=rising(at - timedelta(hours=1), at))], at=at
    )
    later = at + timedelta(hours=1)
    known = [Readings(series=(SERIES,), rows=rising(at - timedelta(hours=1), later))]
    store.put([gauge(later, "danger", 3.2)], known, at=later)


def rain(store: Store, at: datetime) -> list[Record]:
    """Return what a radar saw just now and five minutes ago; the grids are in the store."""
    import numpy as np  # noqa: PLC0415 - heavy, and for one test only

    from hinomi.science.coverages import Packed, pack  # noqa: PLC0415

    found = []
    for moment in (at - timedelta(minutes=5), at):
        values = np.full((1, 20, 20), 12.0, np.float32)
        grid = Packed(parameter="rain_mm_per_h", unit="mm/h", times=(moment,), bounds=SKY,
                      values=values)  # fmt: skip
        body = RainGrid(
            parameter="rain_mm_per_h", unit="mm/h", bounds=SKY, rows=20, columns=20,
            moments=(moment,), grid_digest=store.put_blob(pack(grid, 0.1)), network="a",
        )  # fmt: skip
        found.append(
            Record(
                collection="hazards.rain", key=f"a/{moment:%H%M}", said_at=moment, body=body,
                source="radar", when=Interval(moment - timedelta(minutes=5), moment),
                place=box(*SKY), origin=Origin(sha256(b"raw").hexdigest()),
            )
        )  # fmt: skip
    return found
