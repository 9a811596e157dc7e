"""Earthquake telegrams of a drill, structured as JMA's published samples are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from hinomi.runtime.drill.areas import seismic_code
from hinomi.runtime.drill.envelope import (
    DRILL_NOTE,
    JST,
    WIDE_DIGITS,
    basis,
    clock,
    head,
    jst,
    maker,
    report,
)
from hinomi.runtime.drill.prefecture import DISTRICTS, PREFECTURE_NAME, Town


def quake_intensity(at: datetime, origin: datetime, towns: Sequence[tuple[Town, str]]) -> bytes:
    """Return a 震度速報 (VXSE51): the greatest intensity (JMA's ``5+``) of each district."""
    make = maker("informationBasis1/")
    strongest = _by_district(towns)
    headline = make.Headline(
        make.Text(f"{DRILL_NOTE}{clock(origin)}ころ、地震による強い揺れを感じました。"),
        make.Information(
            *[
                make.Item(
                    make.Kind(make.Name(f"震度{_intensity_name(value)}")),
                    make.Areas(
                        make.Area(
                            make.Name(f"{PREFECTURE_NAME}{DISTRICTS[code]}"), make.Code(area)
                        ),
                        codeType="地震情報／細分区域",
                    ),
                )
                for code, (area, value) in strongest.items()
            ],
            type="震度速報",
        ),
    )
    top = head(at, "震度速報", "震度速報", "1.0_0", headline, _event(origin))
    body = maker("body/seismology1/")
    greatest = max((value for _, value in strongest.values()), key=_intensity_order)
    areas = [
        body.Area(
            body.Name(f"{PREFECTURE_NAME}{DISTRICTS[code]}"), body.Code(area), body.MaxInt(value)
        )
        for code, (area, value) in strongest.items()
    ]
    observation = body.Observation(
        body.CodeDefine(
            body.Type("地震情報／都道府県等", xpath="Pref/Code"),
            body.Type("地震情報／細分区域", xpath="Pref/Area/Code"),
        ),
        body.MaxInt(greatest),
        body.Pref(body.Name(PREFECTURE_NAME), body.Code("98"), body.MaxInt(greatest), *areas),
    )
    return report("震度速報", at, top, body.Body(body.Intensity(observation)))


def quake(
    at: datetime,
    origin: datetime,
    hypocentre: tuple[float, float, int],
    magnitude: float,
    towns: Sequence[tuple[Town, str]],
) -> bytes:
    """Return a 震源・震度に関する情報 (VXSE53); hypocentre: lon, lat, depth [km]."""
    longitude, latitude, depth_km = hypocentre
    make = maker("informationBasis1/")
    headline = make.Headline(
        make.Text(f"{DRILL_NOTE}{clock(origin)}ころ、地震がありました。"),
        make.Information(
            *[
                make.Item(
                    make.Kind(make.Name(f"震度{_intensity_name(value)}")),
                    make.Areas(
                        make.Area(make.Name(town.name), make.Code(town.code)),
                        codeType="気象・地震・火山情報／市町村等",
                    ),
                )
                for town, value in towns
            ],
            type="震源・震度に関する情報（市町村等）",
        ),
    )
    top = head(at, "震源・震度情報", "地震情報", "1.0_0", headline, _event(origin), 1)
    body = maker("body/seismology1/")
    eb = basis()
    place = f"{latitude:+.1f}{longitude:+.1f}{-depth_km * 1000:+d}/"
    earthquake = body.Earthquake(
        body.OriginTime(jst(origin)),
        body.ArrivalTime(jst(origin)),
        body.Hypocenter(
            body.Area(
                body.Name("火の見県近海"),
                body.Code("989", type="震央地名"),
                eb.Coordinate(
                    place,
                    description=f"北緯{latitude:.1f}度 東経{longitude:.1f}度 深さ {depth_km}km",
                    datum="日本測地系",
                ),
            )
        ),
        eb.Magnitude(f"{magnitude:.1f}", type="Mj", description=f"Ｍ{magnitude:.1f}"),
    )
    comments = body.Comments(
        body.ForecastComment(
            body.Text(f"{DRILL_NOTE}この地震による津波の心配はありません。"),
            body.Code("0215"),
            codeType="固定付加文",
        )
    )
    return report(
        "震源・震度に関する情報",
        at,
        top,
        body.Body(earthquake, body.Intensity(_observation(body, towns)), comments),
    )


def _observation(body: Any, towns: Sequence[tuple[Town, str]]) -> Any:
    strongest = _by_district(towns)
    greatest = max((value for _, value in towns), key=_intensity_order)
    areas = []
    for district, (area, value) in strongest.items():
        cities = [
            body.City(
                body.Name(town.name),
                body.Code(town.code),
                body.MaxInt(shake),
                body.IntensityStation(
                    body.Name(f"{town.name}役所＊"), body.Code(f"{town.code}"), body.Int(shake)
                ),
            )
            for town, shake in towns
            if town.district == district
        ]
        areas.append(
            body.Area(
                body.Name(f"{PREFECTURE_NAME}{DISTRICTS[district]}"),
                body.Code(area),
                body.MaxInt(value),
                *cities,
            )
        )
    return body.Observation(
        body.CodeDefine(
            body.Type("地震情報／都道府県等", xpath="Pref/Code"),
            body.Type("地震情報／細分区域", xpath="Pref/Area/Code"),
            body.Type("気象・地震・火山情報／市町村等", xpath="Pref/Area/City/Code"),
            body.Type("震度観測点", xpath="Pref/Area/City/IntensityStation/Code"),
        ),
        body.MaxInt(greatest),
        body.Pref(body.Name(PREFECTURE_NAME), body.Code("98"), body.MaxInt(greatest), *areas),
    )


def _by_district(towns: Sequence[tuple[Town, str]]) -> dict[str, tuple[str, str]]:
    """Return district -> (seismic area's code, greatest intensity there)."""
    found: dict[str, tuple[str, str]] = {}
    for town, value in towns:
        kept = found.get(town.district)
        if kept is None or _intensity_order(value) > _intensity_order(kept[1]):
            found[town.district] = (seismic_code(town.district), value)
    return found


def _intensity_order(value: str) -> float:
    return int(value[0]) + {"": 0.0, "-": -0.25, "+": 0.25}[value[1:]]


def _intensity_name(value: str) -> str:
    return value[0].translate(WIDE_DIGITS) + {"": "", "-": "弱", "+": "強"}[value[1:]]


def _event(origin: datetime) -> str:
    return origin.astimezone(JST).strftime("%Y%m%d%H%M%S")
