"""Layers of the water: tsunami, flood forecasts, river gauges."""

from __future__ import annotations

from hinomi.domains.hazards.share.weather import LEVEL_CLASSES
from hinomi.kernel.errors import Text
from hinomi.vocabulary.layers import Board, Chart, Class, Field, Layer, Threshold

_LIGHT = "#ffffff"

_BLACK = "#000000"
"""Where white has less contrast than small text needs (WCAG 2.2, 1.4.3)."""

_JMA = "気象庁"

_HEADLINE = Field(name="headline", label=Text("見出し", "Headline"))

TSUNAMI_LAYER = Layer(
    id="tsunami",
    group="warnings",
    collection="hazards.tsunami",
    title=Text("津波警報・注意報", "Tsunami warnings"),
    shape="line",
    property="severity",
    classes=(
        Class(
            value=4,
            label=Text("大津波警報", "Major tsunami warning"),
            colour="#c800ff",
            ink=_BLACK,
        ),
        Class(value=3, label=Text("津波警報", "Tsunami warning"), colour="#ff2800", ink=_BLACK),
        Class(value=2, label=Text("津波注意報", "Tsunami advisory"), colour="#faf500"),
        Class(value=1, label=Text("津波予報（若干の海面変動）", "Slight change"), colour="#a0d2ff"),
    ),
    name=Text("name", "name_en"),
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
    group="warnings",
    collection="hazards.floods",
    title=Text("洪水予報（河川）", "Flood forecasts of rivers"),
    shape="line",
    property="level",
    classes=LEVEL_CLASSES[:4],
    name=Text("river_name", "river_name_en"),
    filter="in_force = true",
    area="inundations.city_code",
    # Its place is the municipalities that the forecast names: their outlines would say too much.
    shown=False,
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
        ink=_BLACK,
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
    Field(name="river", name_en="river_en", label=Text("河川", "River")),
    Field(name="municipality", name_en="municipality_en", label=Text("市町村", "Municipality")),
    Field(name="level_m", label=Text("判定水位", "Level then"), kind="number", unit="m"),
    Field(name="standby_m", label=Text("水防団待機", "Standby"), kind="number", unit="m"),
    Field(name="caution_m", label=Text("氾濫注意", "Caution"), kind="number", unit="m"),
    Field(name="evacuation_m", label=Text("避難判断", "Evacuation"), kind="number", unit="m"),
    Field(name="danger_m", label=Text("氾濫危険", "Danger"), kind="number", unit="m"),
    Field(name="overflow_m", label=Text("氾濫開始", "Overflow"), kind="number", unit="m"),
)

_THRESHOLDS = (
    Threshold(name="overflow_m", label=Text("氾濫開始", "overflow"), colour="#0c000c"),
    Threshold(name="danger_m", label=Text("氾濫危険", "danger"), colour="#aa00aa"),
    Threshold(name="evacuation_m", label=Text("避難判断", "evacuation"), colour="#ff2800"),
    Threshold(name="caution_m", label=Text("氾濫注意", "caution"), colour="#b59f00"),
    Threshold(name="standby_m", label=Text("水防団待機", "standby"), colour="#3f8f45"),
)

_CHART = Chart(
    collection="hazards.river_levels",
    series="series",
    unit="m",
    hours=12,
    thresholds=_THRESHOLDS,
    forecast="river-forecasts",
)

GAUGES_LAYER = Layer(
    id="gauges",
    group="water",
    collection="hazards.gauges",
    title=Text("水位計（基準超過）", "River gauges over a threshold"),
    shape="triangle",
    property="state",
    classes=_PASSED,
    name=Text("name", "called_en"),
    filter="state IN ('overflow', 'danger', 'evacuation', 'caution', 'standby')",
    size_px=7,
    label_zoom=9,
    fields=_GAUGE_FIELDS,
    board=Board(
        title=Text("河川の水位", "River gauges"),
        empty=Text("基準を超えた水位計はありません。", "No gauge is over a threshold."),
        fields=(
            Field(name="river", name_en="river_en", label=Text("", "")),
            Field(name="municipality", name_en="municipality_en", label=Text("", "")),
        ),
        chart=_CHART,
    ),
    area="municipality_code",
    credit="国土交通省「川の水位情報」",
)

CALM_GAUGES_LAYER = Layer(
    id="gauges-calm",
    group="water",
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
    name=Text("name", "called_en"),
    filter="state IN ('observing', 'below', 'silent')",
    tiles=True,
    min_zoom=8.5,
    size_px=4,
    label_zoom=11,
    fields=_GAUGE_FIELDS,
    board=Board(
        title=Text("水位計（平常・休止）", "River gauges, calm or silent"),
        empty=Text("ほかの水位計はありません。", "No other gauges."),
        fields=(Field(name="river", name_en="river_en", label=Text("", "")),),
        local=True,
        chart=_CHART,
    ),
    area="municipality_code",
    credit="国土交通省「川の水位情報」",
)
