"""Share: how the hazards look on the map and in the lists.

Colours are JMA's own where it has some: 気象庁ホームページにおける気象情報の配色に関する設定指針.
"""

from __future__ import annotations

from hinomi.kernel.errors import Text
from hinomi.vocabulary.hazards import HAZARDS
from hinomi.vocabulary.layers import Board, Class, Field, Layer, Pattern
from hinomi.vocabulary.levels import LEVELS

_PATTERNS: dict[int, Pattern] = {3: "lines", 4: "cross", 5: "dots"}
_DARK = "#1b2430"
_LIGHT = "#ffffff"
_JMA = "気象庁"

_LEVEL_CLASSES = tuple(
    Class(
        value=level.number,
        label=level.name,
        short=Text(f"レベル{level.number}", f"Level {level.number}"),
        colour=level.colour,
        ink=level.ink,
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
        Field(name="stated_at", label=Text("発表", "stated"), kind="time"),
        Field(name="until", label=Text("終了予定", "until"), kind="time"),
    ),
)
_HEADLINE = Field(name="headline", label=Text("見出し", "Headline"))

LEVELS_LAYER = Layer(
    id="levels",
    collection="hazards.levels",
    title=Text("警戒レベル相当（市町村）", "Alert level by municipality"),
    shape="area",
    property="level",
    classes=_LEVEL_CLASSES,
    name=Text("area_name", "area_name"),
    filter="level > 0",
    fields=(_IN_FORCE,),
    label_zoom=7.5,
    board=Board(
        title=Text("気象の警報・注意報", "Weather warnings"),
        empty=Text("発表中の警報・注意報はありません。", "None in force."),
        fields=(_IN_FORCE,),
        open=True,
    ),
    credit=_JMA,
)

AREAS_LAYER = Layer(
    id="areas",
    collection="areas",
    title=Text("市区町村の境界", "Municipal boundaries"),
    shape="line",
    classes=(Class(label=Text("境界", "boundary"), colour="#8a949e"),),
    name=Text("name", "name_en"),
    filter="kind = 'municipality'",
    reference=True,
    by_view=True,
    min_zoom=7.5,
    label_zoom=9,
    credit="国土数値情報（行政区域）",
)

TSUNAMI_LAYER = Layer(
    id="tsunami",
    collection="hazards.tsunami",
    title=Text("津波警報・注意報", "Tsunami warnings"),
    shape="line",
    property="severity",
    classes=(
        Class(
            value=4,
            label=Text("大津波警報", "Major tsunami warning"),
            colour="#c800ff",
            ink=_LIGHT,
        ),
        Class(value=3, label=Text("津波警報", "Tsunami warning"), colour="#ff2800", ink=_LIGHT),
        Class(value=2, label=Text("津波注意報", "Tsunami advisory"), colour="#faf500"),
        Class(value=1, label=Text("津波予報（若干の海面変動）", "Slight change"), colour="#a0d2ff"),
    ),
    name=Text("name", "name"),
    filter="part = 'warning' AND severity > 0",
    fields=(
        Field(name="kind_name", label=Text("種別", "Kind")),
        Field(name="height_text", label=Text("予想の高さ", "Expected height")),
        Field(name="arrival_at", label=Text("到達予想", "Expected arrival"), kind="time"),
        Field(name="arrival_condition", label=Text("状況", "Condition")),
        _HEADLINE,
    ),
    board=Board(
        title=Text("津波", "Tsunami"),
        empty=Text(
            "発表中の津波警報・注意報はありません。", "No tsunami warning or advisory in force."
        ),
        since="said_at",
        fields=(
            Field(name="height_text", label=Text("高さ", "height")),
            Field(name="arrival_at", label=Text("到達", "arrival"), kind="time"),
            Field(name="arrival_condition", label=Text("", "")),
        ),
    ),
    credit=_JMA,
)

FLOODS_LAYER = Layer(
    id="floods",
    collection="hazards.floods",
    title=Text("洪水予報（河川）", "Flood forecasts of rivers"),
    shape="line",
    property="level",
    classes=_LEVEL_CLASSES[:4],
    name=Text("river_name", "river_name"),
    filter="in_force = true",
    fields=(
        Field(name="kind", label=Text("種別", "Kind")),
        Field(name="observed_level_m", label=Text("観測水位", "Level"), kind="number", unit="m"),
        _HEADLINE,
        Field(name="office", label=Text("発表官署", "Office")),
    ),
    board=Board(
        title=Text("河川の洪水予報", "Flood forecasts"),
        empty=Text("発表中の洪水予報はありません。", "None in force."),
        since="said_at",
        fields=(Field(name="kind", label=Text("", "")),),
    ),
    credit="気象庁・国土交通省",
)

_INTENSITIES: tuple[tuple[str, Text, str, str], ...] = (
    ("7", Text("震度７", "Intensity 7"), "#b40068", _LIGHT),
    ("6+", Text("震度６強", "Intensity 6 upper"), "#a50021", _LIGHT),
    ("6-", Text("震度６弱", "Intensity 6 lower"), "#ff2800", _LIGHT),
    ("5+", Text("震度５強", "Intensity 5 upper"), "#ff9900", _DARK),
    ("5-", Text("震度５弱", "Intensity 5 lower"), "#ffe600", _DARK),
    ("4", Text("震度４", "Intensity 4"), "#fae696", _DARK),
    ("3", Text("震度３", "Intensity 3"), "#0041ff", _LIGHT),
    ("2", Text("震度２", "Intensity 2"), "#00aaff", _DARK),
    ("1", Text("震度１", "Intensity 1"), "#f2f2ff", _DARK),
)

QUAKES_LAYER = Layer(
    id="quakes",
    collection="hazards.quakes",
    title=Text("地震（7日間）", "Earthquakes (7 days)"),
    shape="diamond",
    property="max_intensity",
    classes=(
        *(Class(value=v, label=text, colour=c, ink=ink) for v, text, c, ink in _INTENSITIES),
        Class(label=Text("震度情報なし", "No intensity stated"), colour="#8a949e", ink=_DARK),
    ),
    name=Text("hypocentre", "hypocentre"),
    days=7,
    size_px=8,
    label_zoom=7,
    fields=(
        Field(name="origin_time", label=Text("発生", "Time"), kind="time"),
        Field(name="magnitude", label=Text("マグニチュード", "Magnitude"), kind="number"),
        Field(name="depth_km", label=Text("深さ", "Depth"), kind="number", unit="km"),
        Field(name="tsunami_text", label=Text("津波", "Tsunami")),
        _HEADLINE,
    ),
    board=Board(
        title=Text("地震（7日間）", "Earthquakes (7 days)"),
        empty=Text("7日以内の地震情報はありません。", "None in the last seven days."),
        since="origin_time",
        fields=(
            Field(name="magnitude_text", label=Text("", "")),
            Field(name="tsunami_text", label=Text("", "")),
        ),
        happens=True,
    ),
    credit=_JMA,
)

VOLCANOES_LAYER = Layer(
    id="volcanoes",
    collection="hazards.volcanoes",
    title=Text("火山（噴火警戒レベル2以上・警報）", "Volcanoes (alert level 2 and above)"),
    shape="triangle",
    property="alert_level",
    classes=(
        Class(
            value=5,
            label=Text("レベル５（避難）", "Level 5: evacuate"),
            colour="#c800ff",
            ink=_LIGHT,
        ),
        Class(
            value=4,
            label=Text("レベル４（高齢者等避難）", "Level 4: prepare to evacuate"),
            colour="#ff2800",
            ink=_LIGHT,
        ),
        Class(
            value=3,
            label=Text("レベル３（入山規制）", "Level 3: do not approach"),
            colour="#ffaa00",
        ),
        Class(
            value=2,
            label=Text("レベル２（火口周辺規制）", "Level 2: keep from the crater"),
            colour="#faf500",
        ),
        Class(label=Text("警報（レベルなし）", "Warning without a level"), colour="#b08d57"),
    ),
    name=Text("volcano_name", "volcano_name"),
    filter="part = 'level' AND about = 'volcano' AND in_force = true",
    size_px=8,
    label_zoom=6.5,
    fields=(
        Field(name="kind", label=Text("種別", "Kind")),
        Field(name="action", label=Text("防災対応", "What it asks")),
        _HEADLINE,
    ),
    board=Board(
        title=Text("火山", "Volcanoes"),
        empty=Text("発表中の噴火警報はありません。", "No eruption warning in force."),
        since="said_at",
        fields=(Field(name="kind", label=Text("", "")),),
    ),
    credit=_JMA,
)

TYPHOON_AREAS_LAYER = Layer(
    id="typhoon-areas",
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

_PASSED = (
    Class(
        value="overflow",
        label=Text("氾濫開始水位を超過", "Over its banks"),
        colour="#0c000c",
        ink=_LIGHT,
    ),
    Class(
        value="danger",
        label=Text("氾濫危険水位を超過", "Over the danger level"),
        colour="#aa00aa",
        ink=_LIGHT,
    ),
    Class(
        value="evacuation",
        label=Text("避難判断水位を超過", "Over the evacuation level"),
        colour="#ff2800",
        ink=_LIGHT,
    ),
    Class(
        value="caution",
        label=Text("氾濫注意水位を超過", "Over the caution level"),
        colour="#f2e700",
    ),
    Class(
        value="standby",
        label=Text("水防団待機水位を超過", "Over the standby level"),
        colour="#7bc47f",
    ),
)
"""Thresholds in the colours of the levels that they correspond to."""

_GAUGE_FIELDS = (
    Field(name="river", label=Text("河川", "River")),
    Field(name="municipality", label=Text("市町村", "Municipality")),
    Field(name="level_m", label=Text("判定水位", "Level then"), kind="number", unit="m"),
    Field(name="standby_m", label=Text("水防団待機", "Standby"), kind="number", unit="m"),
    Field(name="caution_m", label=Text("氾濫注意", "Caution"), kind="number", unit="m"),
    Field(name="evacuation_m", label=Text("避難判断", "Evacuation"), kind="number", unit="m"),
    Field(name="danger_m", label=Text("氾濫危険", "Danger"), kind="number", unit="m"),
    Field(name="overflow_m", label=Text("氾濫開始", "Overflow"), kind="number", unit="m"),
)

GAUGES_LAYER = Layer(
    id="gauges",
    collection="hazards.gauges",
    title=Text("水位計（基準超過）", "River gauges over a threshold"),
    shape="triangle",
    property="state",
    classes=_PASSED,
    name=Text("name", "name"),
    filter="state IN ('overflow', 'danger', 'evacuation', 'caution', 'standby')",
    size_px=7,
    label_zoom=9,
    fields=_GAUGE_FIELDS,
    board=Board(
        title=Text("河川の水位", "River gauges"),
        empty=Text("基準を超えた水位計はありません。", "No gauge is over a threshold."),
        fields=(
            Field(name="river", label=Text("", "")),
            Field(name="level_m", label=Text("水位", "level"), kind="number", unit="m"),
            Field(name="danger_m", label=Text("危険", "danger"), kind="number", unit="m"),
        ),
    ),
    credit="国土交通省「川の水位情報」",
)

CALM_GAUGES_LAYER = Layer(
    id="gauges-calm",
    collection="hazards.gauges",
    title=Text("水位計（平常・休止）", "River gauges, calm or silent"),
    shape="circle",
    property="state",
    classes=(
        Class(
            value="observing",
            label=Text("観測開始水位を超過", "Over the observing level"),
            colour="#3b9bd6",
        ),
        Class(value="below", label=Text("基準未満", "Below all"), colour="#8fa3b5"),
        Class(value="silent", label=Text("受信なし", "Silent"), colour="#495057", ink=_LIGHT),
    ),
    name=Text("name", "name"),
    filter="state IN ('observing', 'below', 'silent')",
    by_view=True,
    min_zoom=8.5,
    size_px=4,
    label_zoom=11,
    fields=_GAUGE_FIELDS,
    credit="国土交通省「川の水位情報」",
)

LAYERS: tuple[Layer, ...] = (
    AREAS_LAYER,
    TSUNAMI_LAYER,
    LEVELS_LAYER,
    FLOODS_LAYER,
    GAUGES_LAYER,
    CALM_GAUGES_LAYER,
    TYPHOONS_LAYER,
    TYPHOON_AREAS_LAYER,
    QUAKES_LAYER,
    VOLCANOES_LAYER,
)
"""In the order of the lists; areas are drawn below lines and symbols."""
