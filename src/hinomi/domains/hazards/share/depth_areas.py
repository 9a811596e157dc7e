"""The layers of flooded areas with whom they hold, and of flooded roads."""

from __future__ import annotations

from hinomi.domains.hazards.collections.depth_areas import DEPTH_AREAS, FLOODED_ROADS, MAPS
from hinomi.domains.hazards.share.inundation import INUNDATION_LAYER
from hinomi.kernel.errors import Text
from hinomi.vocabulary.layers import Board, Class, Field, Layer

_PEOPLE = Field(name="people", label=Text("居住人口", "People living there"), kind="number")
_BUILDINGS = Field(name="buildings", label=Text("建物", "Buildings"), kind="number")
_LIMITS = Field(name="limits", name_en="limits_en", label=Text("限界", "Limits"))
_KIND = Field(name="map_kind", label=Text("もとの地図", "Made from"), words=MAPS)

DEPTH_AREAS_LAYER = Layer(
    id="depth-areas",
    group="water",
    collection=DEPTH_AREAS.id,
    title=Text("浸水区域と人口(独自計算・公式でない)", "Flooded areas and people (ours)"),
    shape="area",
    property="rank",
    classes=INUNDATION_LAYER.classes,
    name=Text("rank_label", "rank_label_en"),
    shown=False,
    fields=(
        _KIND,
        Field(name="title", label=Text("計算", "Run")),
        _PEOPLE,
        _BUILDINGS,
        Field(name="area_m2", label=Text("面積", "Area"), kind="number", unit="m2"),
        Field(name="deepest_m", label=Text("最大", "Deepest"), kind="number", unit="m"),
        Field(name="people_all", label=Text("全体の居住人口", "People in all"), kind="number"),
        Field(name="people_deep", label=Text("うち0.5m以上", "Of them at 0.5 m and more"),
              kind="number"),
        Field(name="people_unknown", label=Text("深さ不明の人口", "People where depth is unknown"),
              kind="number"),
        Field(name="buildings_all", label=Text("全体の建物", "Buildings in all"), kind="number"),
        Field(name="buildings_deep", label=Text("うち0.5m以上", "Of them at 0.5 m and more"),
              kind="number"),
        Field(name="roads_closed", label=Text("冠水道路", "Flooded roads"), kind="number"),
        Field(name="roads_closed_km", label=Text("冠水延長", "Their flooded length"),
              kind="number", unit="km"),
        _LIMITS,
    ),
    board=Board(
        title=Text("浸水区域と人口(独自計算)", "Flooded areas and people (ours)"),
        empty=Text("浸水区域はありません。", "No flooded area."),
        fields=(_PEOPLE, _BUILDINGS),
        slim=True,
    ),
    credit="Hinomi(独自計算)",
)  # fmt: skip

FLOODED_ROADS_LAYER = Layer(
    id="flooded-roads",
    group="water",
    collection=FLOODED_ROADS.id,
    title=Text("冠水道路(独自計算・公式でない)", "Flooded roads (ours, not official)"),
    shape="line",
    classes=(Class(label=Text("0.3m以上の冠水", "0.3 m of water or more"), colour="#9c36b5"),),
    name=Text("name", "name"),
    shown=False,
    fields=(
        _KIND,
        Field(name="deepest_m", label=Text("最大", "Deepest"), kind="number", unit="m"),
        Field(name="share", label=Text("冠水の割合", "Part under water"), kind="share"),
        Field(name="closes_at", label=Text("冠水の始まり", "Closed from"), kind="time"),
        Field(name="opens_at", label=Text("終わり", "until"), kind="time"),
        _LIMITS,
    ),
    credit="Hinomi(独自計算)",
)
