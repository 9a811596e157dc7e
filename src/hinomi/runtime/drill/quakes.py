"""Earthquake telegrams of a drill, structured as JMA's published samples are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from hinomi.runtime.drill.envelope import (
    DRILL_NOTE,
    WIDE_DIGITS,
    basis,
    clock,
    head,
    jst,
    maker,
    report,
)
from hinomi.runtime.drill.stage import Stage, Town
from hinomi.vocabulary.times import JST


class Shock(msgspec.Struct, frozen=True):
    """An earthquake of a drill."""

    origin: datetime
    hypocentre: tuple[float, float, float]
    """lon, lat, depth [km]."""
    magnitude: float
    towns: tuple[tuple[Town, str], ...]
    """Each municipality's intensity as JMA writes it: ``5+``."""
    tsunami: bool = False
    """A warning or an advisory is in force for it."""


def quick_report(stage: Stage, at: datetime, shock: Shock) -> bytes | None:
    """Return a 震度速報 (VXSE51): each area's greatest intensity; none where none felt 3."""
    make = maker("informationBasis1/")
    strongest = {
        code: value for code, value in _by_area(shock.towns).items() if intensity_order(value) >= 3
    }
    if not strongest:
        return None
    names = {area.code: area.name for area in stage.seismic}
    origin = shock.origin
    headline = make.Headline(
        make.Text(f"{DRILL_NOTE}{clock(origin)}ころ、地震による強い揺れを感じました。"),
        make.Information(
            *[
                make.Item(
                    make.Kind(make.Name(f"震度{intensity_name(value)}")),
                    make.Areas(
                        make.Area(make.Name(names.get(code, "")), make.Code(code)),
                        codeType="地震情報／細分区域",
                    ),
                )
                for code, value in strongest.items()
            ],
            type="震度速報",
        ),
    )
    top = head(at, "震度速報", "震度速報", "1.0_0", headline, event_id(origin))
    body = maker("body/seismology1/")
    greatest = max(strongest.values(), key=intensity_order)
    areas = [
        body.Area(body.Name(names.get(code, "")), body.Code(code), body.MaxInt(value))
        for code, value in strongest.items()
    ]
    observation = body.Observation(
        body.CodeDefine(
            body.Type("地震情報／都道府県等", xpath="Pref/Code"),
            body.Type("地震情報／細分区域", xpath="Pref/Area/Code"),
        ),
        body.MaxInt(greatest),
        _prefecture(stage, body, greatest, areas),
    )
    return report("震度速報", at, stage.publisher, top, body.Body(body.Intensity(observation)))


def hypocentre_report(stage: Stage, at: datetime, shock: Shock) -> bytes:
    """Return a 震源に関する情報 (VXSE52): where it was, before the intensities are known."""
    make = maker("informationBasis1/")
    headline = make.Headline(
        make.Text(f"{DRILL_NOTE}{clock(shock.origin)}ころ、地震がありました。")
    )
    title = "震源に関する情報"
    top = head(at, title, "震源速報", "1.0_0", headline, event_id(shock.origin))
    body = maker("body/seismology1/")
    content = body.Body(earthquake(stage, shock), _comments(body, shock))
    return report(title, at, stage.publisher, top, content)


def full_report(stage: Stage, at: datetime, shock: Shock) -> bytes:
    """Return a 震源・震度に関する情報 (VXSE53): the intensity of each municipality."""
    make = maker("informationBasis1/")
    towns = shock.towns
    headline = make.Headline(
        make.Text(f"{DRILL_NOTE}{clock(shock.origin)}ころ、地震がありました。"),
        make.Information(
            *[
                make.Item(
                    make.Kind(make.Name(f"震度{intensity_name(value)}")),
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
    top = head(at, "震源・震度情報", "地震情報", "1.0_0", headline, event_id(shock.origin), 1)
    body = maker("body/seismology1/")
    observed = body.Intensity(_observation(stage, body, towns))
    content = body.Body(earthquake(stage, shock), observed, _comments(body, shock))
    return report("震源・震度に関する情報", at, stage.publisher, top, content)


def update(stage: Stage, at: datetime, shock: Shock) -> bytes:
    """Return a 顕著な地震の震源要素更新のお知らせ (VXSE61): the hypocentre as analysed anew."""
    make = maker("informationBasis1/")
    text = f"{DRILL_NOTE}{clock(at)}をもって、地震の発生場所と規模を更新します。"
    title = "顕著な地震の震源要素更新のお知らせ"
    headline = make.Headline(make.Text(text))
    top = head(at, title, "震源要素更新のお知らせ", "1.0_0", headline, event_id(shock.origin))
    body = maker("body/seismology1/")
    content = body.Body(
        earthquake(stage, shock, minutes=True),
        body.Comments(body.FreeFormComment("度単位の震源要素は、津波情報等で使用します。")),
    )
    return report(title, at, stage.publisher, top, content)


def earthquake(stage: Stage, shock: Shock, *, minutes: bool = False) -> Any:
    """Return the Earthquake element; with the hypocentre in minutes too where it was reviewed."""
    body = maker("body/seismology1/")
    eb = basis()
    longitude, latitude, depth_km = shock.hypocentre
    called = f"北緯{latitude:.1f}度　東経{longitude:.1f}度　深さ　{depth_km:.0f}ｋｍ"
    place = f"{latitude:+.1f}{longitude:+.1f}{-depth_km * 1000:+.0f}/"
    coordinates = [eb.Coordinate(place, description=called, datum="日本測地系")]
    if minutes:
        exact = f"{_minutes(latitude, 2)}{_minutes(longitude, 3)}{-depth_km * 1000:+.0f}/"
        coordinates.append(eb.Coordinate(exact, type="震源位置（度分）", description=called))
    area = body.Area(
        body.Name(stage.epicentre.name), body.Code(stage.epicentre.code, type="震央地名")
    )
    area.extend(coordinates)
    return body.Earthquake(
        body.OriginTime(jst(shock.origin)),
        body.ArrivalTime(jst(shock.origin)),
        body.Hypocenter(area),
        eb.Magnitude(f"{shock.magnitude:.1f}", type="Mj", description=f"Ｍ{shock.magnitude:.1f}"),
    )


def _minutes(degrees: float, digits: int) -> str:
    whole, part = divmod(abs(degrees) * 60, 60)
    sign = "+" if degrees >= 0 else "-"
    return f"{sign}{whole:0{digits}.0f}{part:04.1f}"


def _comments(body: Any, shock: Shock) -> Any:
    """Return the fixed comment on tsunami: 0211 under a warning, else 0215 (none to fear)."""
    text, code = (
        ("津波警報等（大津波警報・津波警報あるいは津波注意報）を発表中です。", "0211")
        if shock.tsunami
        else ("この地震による津波の心配はありません。", "0215")
    )
    return body.Comments(
        body.ForecastComment(
            body.Text(f"{DRILL_NOTE}{text}"), body.Code(code), codeType="固定付加文"
        )
    )


def _observation(stage: Stage, body: Any, towns: Sequence[tuple[Town, str]]) -> Any:
    names = {area.code: area.name for area in stage.seismic}
    greatest = max((value for _, value in towns), key=intensity_order)
    areas = []
    for area, value in _by_area(towns).items():
        cities = [
            body.City(
                body.Name(town.name),
                body.Code(town.code),
                body.MaxInt(shake),
                body.IntensityStation(
                    body.Name(f"{town.name}役所＊"), body.Code(town.code), body.Int(shake)
                ),
            )
            for town, shake in towns
            if town.seismic == area
        ]
        areas.append(
            body.Area(body.Name(names.get(area, "")), body.Code(area), body.MaxInt(value), *cities)
        )
    return body.Observation(
        body.CodeDefine(
            body.Type("地震情報／都道府県等", xpath="Pref/Code"),
            body.Type("地震情報／細分区域", xpath="Pref/Area/Code"),
            body.Type("気象・地震・火山情報／市町村等", xpath="Pref/Area/City/Code"),
            body.Type("震度観測点", xpath="Pref/Area/City/IntensityStation/Code"),
        ),
        body.MaxInt(greatest),
        _prefecture(stage, body, greatest, areas),
    )


def _prefecture(stage: Stage, body: Any, greatest: str, areas: list[Any]) -> Any:
    named = stage.prefecture
    return body.Pref(body.Name(named.name), body.Code(named.code), body.MaxInt(greatest), *areas)


def _by_area(towns: Sequence[tuple[Town, str]]) -> dict[str, str]:
    """Return the greatest intensity of each 細分区域."""
    found: dict[str, str] = {}
    for town, value in towns:
        kept = found.get(town.seismic)
        if kept is None or intensity_order(value) > intensity_order(kept):
            found[town.seismic] = value
    return found


def intensity_order(value: str) -> float:
    """Return what puts intensities in order: 5- below 5+, both below 6-."""
    return int(value[0]) + {"": 0.0, "-": -0.25, "+": 0.25}[value[1:]]


def intensity_name(value: str) -> str:
    """Return the intensity as people say it: ``5+`` is ５強."""
    return value[0].translate(WIDE_DIGITS) + {"": "", "-": "弱", "+": "強"}[value[1:]]


def event_id(origin: datetime) -> str:
    """Return the EventID that all telegrams of one quake carry."""
    return origin.astimezone(JST).strftime("%Y%m%d%H%M%S")
