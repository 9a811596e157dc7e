"""Typhoon analyses and forecasts (VPTW60) of a drill, as JMA's published samples are built.

A scenario gives the typhoon's fixes; a telegram at one of them forecasts along those that follow.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from hinomi.runtime.drill.envelope import WIDE_DIGITS, basis, head, jst, maker, report
from hinomi.runtime.drill.stage import Stage

KNOT_MS = 0.514444
MILE_KM = 1.852
FORECAST_HOURS = (3, 6, 12, 24)
_EARTH_KM = 6371.0
_COMPASS = (
    *("北", "北北東", "北東", "東北東", "東", "東南東", "南東", "南南東"),
    *("南", "南南西", "南西", "西南西", "西", "西北西", "北西", "北北西"),
)


class Fix(msgspec.Struct, frozen=True):
    """Where the typhoon is at one time of the drill, and how strong."""

    after: timedelta
    longitude: float
    latitude: float
    pressure_hpa: float
    wind_ms: float
    """Greatest wind near the centre."""
    location: str = ""


class Name(msgspec.Struct, frozen=True):
    """What it is called: number (``2618``), name and how it is read."""

    number: str
    roman: str
    kana: str


def typhoon(
    stage: Stage, at: datetime, name: Name, fixes: Sequence[Fix], index: int, serial: int
) -> bytes:
    """Return the telegram at one fix, with the forecasts that the fixes after it tell."""
    now = fixes[index]
    body = maker("body/meteorology1/")
    gone = now.wind_ms < 17.2  # 台風 is from 17.2 m/s (34 kt) on, by JMA's definition.
    infos = [_analysis(body, at, name, fixes, index, gone=gone)]
    ahead = () if gone else FORECAST_HOURS
    infos += [_forecast(body, at, fixes, index, hours) for hours in ahead]
    make = maker("informationBasis1/")
    top = head(
        at,
        "台風解析・予報情報",
        "台風解析・予報情報（５日予報）",
        "1.0_2",
        make.Headline(make.Text("")),
        f"TC{name.number}",
        serial,
    )
    content = body.Body(body.MeteorologicalInfos(*infos, type="台風情報"))
    title = "台風解析・予報情報（５日予報）（Ｈ３０）"
    return report(title, at, stage.publisher, top, content)


def position(fixes: Sequence[Fix], after: timedelta) -> tuple[float, float]:
    """Return lon, lat at a time of the drill: along the fixes, beyond the last as it went on."""
    if len(fixes) == 1:
        return fixes[0].longitude, fixes[0].latitude
    later = next((i for i, fix in enumerate(fixes) if fix.after > after), len(fixes) - 1)
    a, b = fixes[max(0, later - 1)], fixes[max(1, later)]
    share = (after - a.after) / (b.after - a.after)
    return (
        a.longitude + (b.longitude - a.longitude) * share,
        a.latitude + (b.latitude - a.latitude) * share,
    )


def _motion(fixes: Sequence[Fix], after: timedelta) -> tuple[str, float]:
    """Return the direction (of 16) and the speed [km/h]."""
    hour = timedelta(hours=1)
    if len(fixes) == 1:
        return "", 0.0
    here, there = position(fixes, after), position(fixes, after + hour)
    east = math.radians(there[0] - here[0]) * math.cos(math.radians(here[1])) * _EARTH_KM
    north = math.radians(there[1] - here[1]) * _EARTH_KM
    bearing = math.degrees(math.atan2(east, north)) % 360
    return _COMPASS[round(bearing / 22.5) % 16], math.hypot(east, north)


def _analysis(
    make: Any, at: datetime, name: Name, fixes: Sequence[Fix], index: int, *, gone: bool
) -> Any:
    eb = basis()
    now = fixes[index]
    remark = "台風消滅（温帯低気圧化）" if gone else ""
    called = make.TyphoonNamePart(
        make.Name(name.roman), make.NameKana(name.kana), make.Number(name.number),
        make.Remark(remark),
    )  # fmt: skip
    wind = make.WindPart(
        *_wind(eb, "最大風速", now.wind_ms, condition="中心付近"),
        *_wind(eb, "最大瞬間風速", now.wind_ms * 1.4),
    )
    areas = [
        _wind_area(make, eb, "暴風域", 25, max(0.0, (now.wind_ms - 25) * 9)),
        _wind_area(make, eb, "強風域", 15, max(0.0, (now.wind_ms - 15) * 14)),
    ]
    direction, speed = _motion(fixes, now.after)
    place = (now.longitude, now.latitude)
    center = make.CenterPart(
        *_points(eb.Coordinate, place, condition="正確", called="中心位置"),
        make.Location(now.location),
        eb.Direction(direction, type="移動方向", unit="１６方位漢字"),
        *_speeds(eb, speed),
        _pressure(eb, now.pressure_hpa),
    )
    return make.MeteorologicalInfo(
        make.DateTime(jst(at), type="実況"),
        make.Item(
            make.Kind(make.Property(make.Type("呼称"), called)),
            make.Kind(make.Property(make.Type("階級"), _classes(make, eb, now.wind_ms, gone=gone))),
            make.Kind(make.Property(make.Type("中心"), center)),
            make.Kind(make.Property(make.Type("風"), wind, *areas)),
        ),
    )


def _forecast(make: Any, at: datetime, fixes: Sequence[Fix], index: int, hours: int) -> Any:
    eb = basis()
    now = fixes[index]
    after = now.after + timedelta(hours=hours)
    place = position(fixes, after)
    later = next((fix for fix in fixes if fix.after >= after), fixes[-1])
    # JMA's circle of 70 percent is about 70 km a day wide near Japan.
    radius_km = 40 + 4.5 * hours
    circle = make.ProbabilityCircle(
        *_points(eb.BasePoint, place, called="中心位置"),
        _axes(
            eb, radius_km, "７０パーセント確率半径", "中心が７０パーセントの確率で入る予報円の半径"
        ),
        type="予報円",
    )
    direction, speed = _motion(fixes, after)
    center = make.CenterPart(
        circle,
        make.Location(later.location),
        eb.Direction(direction, type="移動方向", unit="１６方位漢字"),
        *_speeds(eb, speed),
        _pressure(eb, later.pressure_hpa),
    )
    wind = make.WindPart(*_wind(eb, "最大風速", later.wind_ms, condition="中心付近"))
    label = f"予報　{str(hours).translate(WIDE_DIGITS)}時間後"
    return make.MeteorologicalInfo(
        make.DateTime(jst(at + timedelta(hours=hours)), type=label),
        make.Item(
            make.Kind(make.Property(make.Type("階級"), _classes(make, eb, later.wind_ms))),
            make.Kind(make.Property(make.Type("中心"), center)),
            make.Kind(make.Property(make.Type("風"), wind)),
        ),
    )


def _classes(make: Any, eb: Any, wind_ms: float, *, gone: bool = False) -> Any:
    """Return the classes by the greatest wind: 強い from 33 m/s, 非常に強い from 44 (JMA)."""
    kind = "温帯低気圧(LOW)" if gone else "台風(STS)" if wind_ms < 33 else "台風(TY)"
    strength = "非常に強い" if wind_ms >= 44 else "強い" if wind_ms >= 33 else ""
    return make.ClassPart(
        eb.TyphoonClass(kind, type="熱帯擾乱種類"),
        eb.AreaClass("", type="大きさ階級"),
        eb.IntensityClass(strength, type="強さ階級"),
    )


def _points(make: Any, place: tuple[float, float], *, called: str, **attributes: str) -> list[Any]:
    longitude, latitude = place
    east, east_min = divmod(round(longitude * 60), 60)
    north, north_min = divmod(round(latitude * 60), 60)
    return [
        make(
            f"{latitude:+.1f}{longitude:+.1f}/",
            type=f"{called}（度）",
            description=f"北緯{latitude:.1f}度東経{longitude:.1f}度",
            **attributes,
        ),
        make(
            f"+{north:02d}{north_min:02d}+{east:03d}{east_min:02d}/",
            type=f"{called}（度分）",
            description=f"北緯{north}度{north_min:02d}分東経{east}度{east_min:02d}分",
            **attributes,
        ),
    ]


def _speeds(eb: Any, speed_kmh: float) -> list[Any]:
    knots, rounded = round(speed_kmh / MILE_KM), round(speed_kmh / 5) * 5
    return [
        eb.Speed(str(knots), type="移動速度", unit="ノット", description=f"{knots}ノット"),
        eb.Speed(str(rounded), type="移動速度", unit="km/h", description=f"毎時{rounded}キロ"),
    ]


def _pressure(eb: Any, value: float) -> Any:
    called = f"中心気圧{value:.0f}ヘクトパスカル"
    return eb.Pressure(f"{value:.0f}", type="中心気圧", unit="hPa", description=called)


def _wind(eb: Any, kind: str, wind_ms: float, **attributes: str) -> list[Any]:
    knots, metres = round(wind_ms / KNOT_MS / 5) * 5, round(wind_ms)
    return [
        eb.WindSpeed(
            str(knots), type=kind, unit="ノット", description=f"{kind}{knots}ノット", **attributes
        ),
        eb.WindSpeed(
            str(metres), type=kind, unit="m/s", description=f"{kind}{metres}メートル", **attributes
        ),
    ]


def _wind_area(make: Any, eb: Any, kind: str, speed_ms: int, radius_km: float) -> Any:
    knots = round(speed_ms * 2)
    bounds = {"type": "風速", "condition": "以上"}
    return make.WarningAreaPart(
        eb.WindSpeed(str(knots), unit="ノット", description=f"風速{knots}ノット以上", **bounds),
        eb.WindSpeed(
            str(speed_ms), unit="m/s", description=f"風速{speed_ms}メートル以上", **bounds
        ),
        eb.Circle(_axes(eb, radius_km, "半径", "半径")),
        type=kind,
    )


def _axes(eb: Any, radius_km: float, kind: str, called: str) -> Any:
    whole = {"type": "方向", "unit": "８方位漢字", "condition": "全域", "description": "全域"}
    if radius_km <= 0:
        none = {"type": kind, "condition": "なし", "description": "なし"}
        radii = [eb.Radius("", unit="海里", **none), eb.Radius("", unit="km", **none)]
    else:
        miles, rounded = round(radius_km / MILE_KM / 5) * 5, round(radius_km / 10) * 10
        radii = [
            eb.Radius(str(miles), type=kind, unit="海里", description=f"{called}{miles}海里"),
            eb.Radius(str(rounded), type=kind, unit="km", description=f"{called}{rounded}キロ"),
        ]
    return eb.Axes(eb.Axis(eb.Direction("", **whole), *radii))
