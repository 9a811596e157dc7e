"""Layers and boards of the sensors: what is under water, and what needs a look."""

from __future__ import annotations

from hinomi.kernel.errors import Text
from hinomi.vocabulary.layers import Board, Chart, Class, Field, Layer

_LIGHT = "#ffffff"
_FIELDS = (
    Field(name="kind", label=Text("種類", "Kind")),
    Field(name="municipality", label=Text("市町村", "Municipality")),
    Field(name="depth_cm", label=Text("スイッチ", "Switch"), kind="number", unit="cm"),
    Field(name="doubt", label=Text("疑い", "Doubt")),
    Field(name="battery", label=Text("電池", "Battery")),
)
_CHART = Chart(collection="hazards.sensor_readings", series="series", unit="cm", hours=6)

WET_LAYER = Layer(
    id="sensors-wet",
    group="water",
    collection="hazards.sensors",
    title=Text("浸水センサ（浸水中）", "Flood sensors under water"),
    shape="square",
    property="state",
    classes=(
        Class(value="wet30", label=Text("30 cm以上", "Over 30 cm"), colour="#7a0a8c", ink=_LIGHT),
        Class(value="wet20", label=Text("20 cm以上", "Over 20 cm"), colour="#d6006c", ink=_LIGHT),
        Class(value="wet10", label=Text("10 cm以上", "Over 10 cm"), colour="#ff8c1a"),
    ),
    name=Text("name", "name"),
    filter="state IN ('wet10', 'wet20', 'wet30')",
    size_px=7,
    label_zoom=12,
    fields=_FIELDS,
    board=Board(
        title=Text("浸水センサ", "Flood sensors"),
        empty=Text("浸水を検知したセンサーはありません。", "No sensor is under water."),
        fields=(
            Field(name="municipality", label=Text("", "")),
            Field(name="depth_cm", label=Text("", ""), kind="number", unit="cm"),
        ),
        chart=_CHART,
    ),
    area="municipality_code",
    credit="センサーの設置者",
)

CALM_LAYER = Layer(
    id="sensors-calm",
    group="water",
    collection="hazards.sensors",
    title=Text("センサー（平常・要確認）", "Sensors, calm or in doubt"),
    shape="circle",
    property="state",
    classes=(
        Class(value="suspect", label=Text("疑わしい", "In doubt"), colour="#f2e700"),
        Class(value="silent", label=Text("受信なし", "Silent"), colour="#495057", ink=_LIGHT),
        Class(value="dry", label=Text("浸水なし", "Dry"), colour="#6fb1d6"),
        Class(value="reporting", label=Text("受信中", "Reporting"), colour="#8fa3b5"),
    ),
    name=Text("name", "name"),
    filter="state IN ('suspect', 'silent', 'dry', 'reporting')",
    tiles=True,
    min_zoom=9,
    size_px=4,
    label_zoom=14,
    fields=_FIELDS,
    board=Board(
        title=Text("センサー（平常・要確認）", "Sensors, calm or in doubt"),
        empty=Text("ほかのセンサーはありません。", "No other sensors."),
        fields=(Field(name="doubt", label=Text("", "")),),
        local=True,
        chart=_CHART,
    ),
    area="municipality_code",
    credit="センサーの設置者",
)

LAYERS = (WET_LAYER, CALM_LAYER)
