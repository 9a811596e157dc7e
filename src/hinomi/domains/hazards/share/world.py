"""The layer of disasters abroad, in GDACS's colours; off at the start: no warnings for Japan."""

from __future__ import annotations

from hinomi.kernel.errors import Text
from hinomi.vocabulary.layers import Board, Class, Field, Layer

_SEVERITY = Field(name="severity", label=Text("規模", "Severity"))

WORLD_LAYER = Layer(
    id="world-events",
    group="world",
    collection="hazards.world_events",
    title=Text("世界の災害（30日間）", "Disasters in the world (30 days)"),
    shape="circle",
    property="alert",
    classes=(
        Class(value="red", label=Text("赤", "Red"), colour="#d6001c", ink="#ffffff"),
        Class(value="orange", label=Text("橙", "Orange"), colour="#ff9900"),
        Class(value="yellow", label=Text("黄", "Yellow"), colour="#ffe600"),
        Class(value="green", label=Text("緑", "Green"), colour="#3fa34d", ink="#ffffff"),
        Class(label=Text("評価なし", "Not rated"), colour="#8a949e"),
    ),
    name=Text("title", "title"),
    filter="current = true",
    days=30,
    shown=False,
    fields=(
        Field(name="country", label=Text("国", "Country")),
        _SEVERITY,
        Field(name="magnitude", label=Text("マグニチュード", "Magnitude"), kind="number"),
        Field(name="population", label=Text("影響人口", "People affected")),
    ),
    board=Board(
        title=Text("世界の災害", "Disasters in the world"),
        empty=Text("続いている災害の情報はありません。", "None is being followed."),
        fields=(_SEVERITY,),
        slim=True,
    ),
    credit="GDACS, USGS",
)
