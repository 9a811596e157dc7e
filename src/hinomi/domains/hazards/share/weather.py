"""Layers of the weather: alert levels, typhoons, and the municipalities below them.

Colours are JMA's own: 気象庁ホームページにおける気象情報の配色に関する設定指針.
"""

from __future__ import annotations

from hinomi.kernel.errors import Text
from hinomi.vocabulary.hazards import HAZARDS
from hinomi.vocabulary.layers import Board, Class, Field, Layer, Pattern
from hinomi.vocabulary.levels import LEVELS

_PATTERNS: dict[int, Pattern] = {3: "lines", 4: "cross", 5: "dots"}

_INKS = {3: "#000000"}
"""White upon JMA's red has a contrast of 3.8 only; small text needs 4.5 (WCAG 2.2, 1.4.3)."""

_LIGHT = "#ffffff"

_JMA = "気象庁"

LEVEL_CLASSES = tuple(
    Class(
        value=level.number,
        label=level.name,
        short=Text(f"レベル{level.number}", f"Level {level.number}"),
        colour=level.colour,
        ink=_INKS.get(level.number, level.ink),
        pattern=_PATTERNS.get(level.number, ""),
    )
    for level in reversed(LEVELS)
)
"""JMA's levels with its official colours, the gravest first; level 0 draws nothing."""

_IN_FORCE = Field(
    name="in_force",
    label=Text("発表中", "In force"),
    kind="list",
    fields=(
        Field(name="kind_name", name_en="hazard", label=Text("", ""), words=HAZARDS),
        Field(name="level", label=Text("レベル", "level"), kind="number"),
        Field(name="since", label=Text("発表", "since"), kind="time"),
        Field(name="stated_at", label=Text("最新", "last stated"), kind="time"),
        Field(name="until", label=Text("終了予定", "until"), kind="time"),
    ),
)
_IN_FORCE_SHORT = Field(
    name="in_force",
    label=Text("", ""),
    kind="list",
    fields=(
        Field(name="kind_name", name_en="hazard", label=Text("", ""), words=HAZARDS),
        Field(name="since", label=Text("", "since"), kind="time"),
        Field(name="until", label=Text("終了予定", "until"), kind="time"),
    ),
)

LEVELS_LAYER = Layer(
    id="levels",
    group="warnings",
    collection="hazards.levels",
    title=Text("警戒レベル相当（市町村）", "Alert level by municipality"),
    shape="area",
    property="level",
    classes=LEVEL_CLASSES,
    name=Text("area_name", "area_name_en"),
    filter="level > 0",
    fields=(_IN_FORCE,),
    label_zoom=7.5,
    board=Board(
        title=Text("気象の警報・注意報", "Weather warnings"),
        empty=Text("発表中の警報・注意報はありません。", "None in force."),
        fields=(_IN_FORCE_SHORT,),
        open=True,
    ),
    area="area_code",
    outlines="areas",
    credit=_JMA,
)

AREAS_LAYER = Layer(
    id="areas",
    group="base",
    collection="areas",
    title=Text("市区町村の境界", "Municipal boundaries"),
    shape="line",
    classes=(Class(label=Text("境界", "boundary"), colour="#8a949e"),),
    name=Text("name", "name_en"),
    filter="kind = 'municipality'",
    reference=True,
    tiles=True,
    min_zoom=7.5,
    label_zoom=7.5,
    credit="国土数値情報（行政区域）",
)

TYPHOON_AREAS_LAYER = Layer(
    id="typhoon-areas",
    group="rain",
    collection="hazards.typhoons",
    title=Text("台風の進路と強風域", "Typhoons: track and wind areas"),
    shape="line",
    property="part",
    classes=(
        Class(value="storm", label=Text("暴風域", "Storm winds"), colour="#d6001c"),
        Class(value="gale", label=Text("強風域", "Gale winds"), colour="#c9a400"),
        Class(value="forecast", label=Text("予報円", "Probability circle"), colour="#5c6773"),
        Class(value="track", label=Text("経路", "Track"), colour="#0b57a4"),
    ),
    name=Text("name_kana", "name"),
    filter="in_force = true AND part IN ('storm', 'gale', 'forecast', 'track')",
    fields=(
        Field(name="label", label=Text("時刻", "Time")),
        Field(name="radius_km", label=Text("半径", "Radius"), kind="number", unit="km"),
    ),
    credit=_JMA,
)

TYPHOONS_LAYER = Layer(
    id="typhoons",
    group="rain",
    collection="hazards.typhoons",
    title=Text("台風（中心）", "Typhoons (centre)"),
    shape="circle",
    classes=(Class(label=Text("台風", "Typhoon"), colour="#d6001c", ink=_LIGHT),),
    name=Text("name_kana", "name"),
    filter="in_force = true AND part = 'analysis'",
    size_px=7,
    label_zoom=3,
    fields=(
        Field(name="number", label=Text("番号", "Number")),
        Field(name="location", label=Text("位置", "Position")),
        Field(name="pressure_hpa", label=Text("中心気圧", "Pressure"), kind="number", unit="hPa"),
        Field(name="max_wind_ms", label=Text("最大風速", "Wind"), kind="number", unit="m/s"),
        Field(name="direction", label=Text("進行方向", "Heading")),
        Field(name="speed_kmh", label=Text("速さ", "Speed"), kind="number", unit="km/h"),
    ),
    board=Board(
        title=Text("台風", "Typhoons"),
        empty=Text("発表中の台風情報はありません。", "No typhoon at present."),
        since="said_at",
        fields=(
            Field(name="location", label=Text("", "")),
            Field(name="pressure_hpa", label=Text("", ""), kind="number", unit="hPa"),
            Field(name="max_wind_ms", label=Text("", ""), kind="number", unit="m/s"),
        ),
    ),
    credit=_JMA,
)
