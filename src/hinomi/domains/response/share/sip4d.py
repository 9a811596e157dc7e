"""How what comes in packages looks on the map: roads, relief, and free layers as they are."""

from __future__ import annotations

from hinomi.kernel.errors import Text
from hinomi.vocabulary.exchange import SENT_FIELDS
from hinomi.vocabulary.layers import Board, Class, Field, Layer, Shape

_SHUT, _LIMITED, _OPEN, _OTHER = "#c92a2a", "#e8590c", "#0b7a33", "#868e96"
_TOWN = Field(name="municipality", label=Text("市町村", "Municipality"))
_REMARKS = Field(name="remarks", label=Text("備考", "Remarks"))
_UNTIL = Field(name="until", label=Text("終了", "Until"), kind="time")
_NAME = Text("name", "name")

_ROAD_CLASSES = (
    Class(value="road_close", label=Text("通行止め・閉鎖", "Closed"), colour=_SHUT, ink="#ffffff"),
    Class(value="close_road_large", label=Text("大型通行止め", "No lorries"), colour=_LIMITED),
    Class(
        value="chain_regulation",
        label=Text("チェーン必要", "Chains"),
        colour="#1971c2",
        ink="#ffffff",
    ),
    Class(label=Text("その他の規制", "Other restriction"), colour="#f08c00"),
)
_ROAD_FIELDS = (
    _TOWN,
    Field(name="start_point", label=Text("起点", "From")),
    Field(name="end_point", label=Text("終点", "To")),
    Field(name="cause", label=Text("規制理由", "Cause")),
    Field(name="detail", label=Text("詳細", "Detail")),
    _UNTIL,
    _REMARKS,
)
_STATES = (
    Class(value="open", label=Text("開設", "Open"), colour=_OPEN, ink="#ffffff"),
    Class(value="notaccept", label=Text("受入不可", "Accepts nothing"), colour=_LIMITED),
    Class(label=Text("閉鎖・不明", "Closed or not known"), colour=_OTHER),
)


_ROAD_BOARD = Board(
    title=Text("道路規制", "Road restrictions"),
    empty=Text("道路規制の情報はありません。", "No road restriction is known."),
    fields=(
        Field(name="municipality", label=Text("", "")),
        Field(name="detail", label=Text("", "")),
    ),
)
"""Of sections and places alike: both layers show one collection."""


def _roads(name: str, shape: Shape, ja: str, en: str, board: Board | None = None) -> Layer:
    return Layer(
        id=name,
        collection="response.roads",
        group="damage",
        title=Text(ja, en),
        shape=shape,
        property="state",
        classes=_ROAD_CLASSES,
        name=_NAME,
        size_px=7,
        label_zoom=13,
        fields=_ROAD_FIELDS,
        board=board,
    )


def _facility(name: str, shape: Shape, title: Text, *fields: Field) -> Layer:
    return Layer(
        id=name.replace("_", "-"),
        collection=f"response.{name}",
        group="support",
        title=title,
        shape=shape,
        property="state",
        classes=_STATES,
        name=_NAME,
        size_px=6,
        label_zoom=12,
        fields=(_TOWN, Field(name="address", label=Text("所在地", "Address")), *fields, _REMARKS),
    )


_RECEIVED: tuple[tuple[Shape, str, str], ...] = (
    ("area", "面", "areas"),
    ("line", "線", "lines"),
    ("circle", "点", "points"),
)

LAYERS: tuple[Layer, ...] = (
    _roads("roads", "line", "道路規制(区間)", "Road restrictions", _ROAD_BOARD),
    _roads("roads-points", "diamond", "道路規制(地点)", "Road restrictions (points)"),
    _facility(
        "water_points",
        "circle",
        Text("給水拠点", "Water points"),
        Field(name="hours", label=Text("時間", "Hours")),
        _UNTIL,
    ),
    _facility("supply_bases", "square", Text("物資拠点", "Supply bases")),
    _facility("debris_yards", "triangle", Text("災害廃棄物仮置場", "Debris yards")),
    Layer(
        id="hospitals",
        group="support",
        collection="response.hospitals",
        title=Text("医療機関", "Hospitals"),
        shape="diamond",
        property="state",
        classes=(
            Class(
                value="sup_req", label=Text("支援要", "Needs support"), colour=_SHUT, ink="#ffffff"
            ),
            Class(value="sup_arrgd", label=Text("支援手配済み", "Arranged"), colour=_LIMITED),
            Class(value="supporting", label=Text("支援中", "Supported"), colour="#f08c00"),
            Class(value="non_sup_req", label=Text("支援要請なし", "No request"), colour=_OPEN),
            Class(label=Text("不明・その他", "Not known, other"), colour=_OTHER),
        ),
        name=_NAME,
        size_px=6,
        label_zoom=12,
        fields=(_TOWN, _REMARKS),
    ),
    *(
        Layer(
            id=f"received-{shape}",
            collection="response.layers",
            group="received",
            title=Text(f"受信レイヤー({ja})", f"Layers received ({en})"),
            shape=shape,
            classes=(Class(label=Text("凡例は送信者による", "Sender's legend"), colour="#4c6ef5"),),
            name=_NAME,
            size_px=5,
            label_zoom=14,
            fields=(
                Field(name="layer_title", label=Text("レイヤー", "Layer")),
                *SENT_FIELDS,
            ),
        )
        for shape, ja, en in _RECEIVED
    ),
)
