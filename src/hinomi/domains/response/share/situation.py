"""Layers of the situation beside hazards: lifelines that are out, and a drill's injects."""

from __future__ import annotations

from hinomi.domains.response.collections.exercises import INJECTS
from hinomi.domains.response.collections.lifelines import LIFELINES, LINES, STATES
from hinomi.kernel.errors import Text
from hinomi.vocabulary.layers import Board, Class, Field, Layer

_LINE = Field(name="line", label=Text("種別", "Line"), words=LINES)
_HOUSEHOLDS = Field(
    name="households_out", label=Text("停止戸数", "Households"), kind="number", unit="戸"
)
_EXPECTED = Field(name="expected", label=Text("復旧見込み", "Expected"), kind="time")

LIFELINES_LAYER = Layer(
    id="lifelines",
    group="damage",
    collection=LIFELINES.id,
    title=Text("ライフラインの停止", "Lifelines out"),
    shape="triangle",
    property="state",
    classes=(
        Class(value="out", label=STATES["out"], colour="#862e9c", ink="#ffffff"),
        Class(value="partial", label=STATES["partial"], colour="#cc5de8", ink="#000000"),
        Class(value="unknown", label=STATES["unknown"], colour="#868e96"),
    ),
    name=Text("municipality", "municipality"),
    filter="state IN ('out', 'partial', 'unknown')",
    area="municipality_code",
    size_px=8,
    fields=(
        _LINE,
        Field(name="operator", label=Text("事業者・路線", "Operator")),
        _HOUSEHOLDS,
        Field(name="where", label=Text("地区・区間", "Where")),
        Field(name="since", label=Text("停止時刻", "Since"), kind="time"),
        _EXPECTED,
        Field(name="said_by", label=Text("情報源", "Told by")),
        Field(name="remarks", label=Text("備考", "Remarks")),
    ),
    board=Board(
        title=Text("ライフラインの停止", "Lifelines out"),
        # Whoever may not see the headquarters' records must not read that all is well.
        empty=Text("停止の記録は見えません。", "No record of an outage is visible."),
        since="since",
        fields=(Field(name="line", label=Text("", ""), words=LINES), _HOUSEHOLDS, _EXPECTED),
    ),
)

INJECTS_LAYER = Layer(
    id="injects",
    group="damage",
    collection=INJECTS.id,
    title=Text("状況付与", "Injects"),
    shape="diamond",
    property="kind",
    classes=(
        Class(value="流言", label=Text("流言・誤情報", "Rumour"), colour="#495057", ink="#ffffff"),
        Class(value="電話", label=Text("電話", "Phone call"), colour="#1971c2", ink="#ffffff"),
        Class(label=Text("状況", "Situation"), colour="#d9480f", ink="#ffffff"),
    ),
    name=Text("title", "title"),
    # A cut road, a power failure and a full shelter are on the map as what they are.
    filter="kind NOT IN ('通行止', '停電', '満員')",
    size_px=7,
    fields=(Field(name="text", label=Text("内容", "What")),),
    board=Board(
        title=Text("状況付与(訓練)", "Injects (exercise)"),
        empty=Text("状況付与はまだありません。", "Nothing has been injected."),
        happens=True,
        fields=(Field(name="text", label=Text("", "")),),
    ),
    status="exercise",
)

LAYERS: tuple[Layer, ...] = (LIFELINES_LAYER, INJECTS_LAYER)
