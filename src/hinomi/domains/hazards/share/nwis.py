"""The layer of gauges abroad; off at the start: no warnings for Japan."""

from __future__ import annotations

from hinomi.kernel.errors import Text
from hinomi.vocabulary.layers import Class, Field, Layer

WORLD_GAUGES_LAYER = Layer(
    id="world-gauges",
    group="world",
    collection="hazards.world_gauges",
    title=Text("海外の水位計", "Gauges abroad"),
    shape="circle",
    classes=(Class(label=Text("水位計", "Gauge"), colour="#3b7ea1", ink="#ffffff"),),
    name=Text("name", "name"),
    tiles=True,
    shown=False,
    size_px=4,
    fields=(
        Field(name="agency", label=Text("機関", "Agency")),
        Field(name="number", label=Text("番号", "Number")),
        Field(name="link", label=Text("詳細", "Details")),
    ),
    credit="USGS",
)
