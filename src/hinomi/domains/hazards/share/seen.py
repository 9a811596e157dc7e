"""Layers of what was seen on the ground: inundation, levee breaches, landslides."""

from __future__ import annotations

from hinomi.kernel.errors import Text
from hinomi.vocabulary.layers import Class, Field, GroupId, Layer, Shape

_TOWN = Field(name="municipality", label=Text("市町村", "Municipality"))
_DETAIL = Field(name="detail", label=Text("詳細", "Detail"))
_DAY = Field(name="occurred_day", label=Text("発生日", "Day"))
_REMARKS = Field(name="remarks", label=Text("備考", "Remarks"))

_EVENT = (_TOWN, _DAY, _DETAIL, _REMARKS)


def _layer(  # noqa: PLR0913 - one argument a column of the table below
    name: str,
    collection: str,
    title: Text,
    shape: Shape,
    colour: str,
    *,
    group: GroupId,
    heading: str,
    fields: tuple[Field, ...] = _EVENT,
) -> Layer:
    return Layer(
        id=name,
        collection=f"hazards.{collection}",
        group=group,
        title=title,
        shape=shape,
        classes=(Class(label=title, colour=colour),),
        name=Text(heading, heading),
        size_px=6,
        label_zoom=12,
        fields=fields,
        area="municipality_code",
    )


LAYERS: tuple[Layer, ...] = (
    _layer("inundation", "inundation", Text("浸水範囲", "Inundated areas"), "area", "#4dabf7",
           group="water", heading="municipality", fields=(_TOWN, _REMARKS)),
    _layer("levee-breaches", "levee_breaches", Text("堤防決壊", "Levee breaches"), "diamond",
           "#1864ab", group="water", heading="river_name"),
    _layer("landslides", "landslides", Text("土砂災害(地点)", "Landslides (points)"), "triangle",
           "#a0522d", group="ground", heading="name"),
    _layer("landslide-areas", "landslides", Text("土砂災害(範囲)", "Landslides (areas)"), "area",
           "#a0522d", group="ground", heading="name"),
)  # fmt: skip
