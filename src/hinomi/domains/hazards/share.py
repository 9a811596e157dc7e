"""Share: how the hazards look on the map and in the lists, and what is made for others."""

from __future__ import annotations

from hinomi.kernel.errors import Text
from hinomi.vocabulary.hazards import HAZARDS
from hinomi.vocabulary.layers import Board, Class, Field, Layer, Pattern
from hinomi.vocabulary.levels import LEVELS

_PATTERNS: dict[int, Pattern] = {3: "lines", 4: "cross", 5: "dots"}

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

LEVELS_LAYER = Layer(
    id="levels",
    collection="hazards.levels",
    title=Text("警戒レベル相当(市町村)", "Alert level by municipality"),
    shape="area",
    property="level",
    classes=_LEVEL_CLASSES,
    name=Text("area_name", "area_name"),
    filter="level > 0",
    fields=(_IN_FORCE,),
    label_zoom=7.5,
    board=Board(
        title=Text("気象の警報・注意報", "Weather warnings in force"),
        empty=Text(
            "発表中の警報・注意報はありません。", "No weather warning or advisory is in force."
        ),
        fields=(_IN_FORCE,),
        open=True,
    ),
    credit="気象庁 / 国土数値情報(行政区域)",
)

LAYERS: tuple[Layer, ...] = (LEVELS_LAYER,)
