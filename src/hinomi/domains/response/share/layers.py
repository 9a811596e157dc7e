"""Layers of the response: evacuation sites and shelters."""

from __future__ import annotations

from hinomi.domains.response.share.headquarters import HEADQUARTERS_LAYERS
from hinomi.kernel.errors import Text
from hinomi.vocabulary.layers import Board, Class, Field, Layer

_SUITS = {"true": Text("○", "yes"), "false": Text("×", "no")}

_THREATS = tuple(
    Field(name=name, label=label, kind="flag", words=_SUITS)
    for name, label in (
        ("flood", Text("洪水", "Flood")),
        ("landslide", Text("崖崩れ・土石流・地滑り", "Landslide")),
        ("storm_surge", Text("高潮", "Storm surge")),
        ("earthquake", Text("地震", "Earthquake")),
        ("tsunami", Text("津波", "Tsunami")),
        ("fire", Text("大規模な火事", "Large fire")),
        ("inland_flood", Text("内水氾濫", "Inland flood")),
        ("volcano", Text("火山現象", "Volcano")),
    )
)
_ADDRESS = Field(name="address", label=Text("所在地", "Address"))
_CAPACITY = Field(name="capacity", label=Text("定員", "Capacity"), kind="number")
_PEOPLE = Field(name="people", label=Text("避難者", "People"), kind="number")
_PHONE = Field(name="phone", label=Text("電話", "Phone"))
_REMARKS = Field(name="remarks", label=Text("備考", "Remarks"))
_GSI = "国土地理院"

_CROWDING = Field(name="crowding", label=Text("混み具合", "Crowding"), kind="share")

_CROWDED = (
    Class(at_least=1.0, label=Text("満員", "Full"), colour="#c2255c", ink="#ffffff"),
    Class(at_least=0.8, label=Text("混雑（8割以上）", "Crowded (80 % or more)"), colour="#f08c00"),
    Class(at_least=0.0, label=Text("空きあり", "Room left"), colour="#0b7a33", ink="#ffffff"),
    Class(label=Text("開設中（人数は不明）", "Open, head-count unknown"), colour="#748ffc"),
)
"""How full an open shelter is; from four fifths on the next group may find no place."""

OPEN_SHELTERS_LAYER = Layer(
    id="shelters-open",
    group="evacuation",
    collection="response.shelters",
    title=Text("避難所（開設中）", "Shelters (open)"),
    shape="square",
    property="crowding",
    classes=_CROWDED,
    name=Text("name", "called_en"),
    filter="state = 'open'",
    size_px=7,
    label_zoom=11,
    fields=(_ADDRESS, _CROWDING, _PEOPLE, _CAPACITY, _PHONE, _REMARKS, *_THREATS),
    board=Board(
        title=Text("開設中の避難所", "Open shelters"),
        empty=Text("開設の情報はありません。", "None is known to be open."),
        since="said_at",
        fields=(
            Field(name="municipality", name_en="municipality_en", label=Text("", "")),
            Field(name="people", label=Text("避難者", "people"), kind="number"),
            Field(name="capacity", label=Text("定員", "capacity"), kind="number"),
            _CROWDING,
        ),
    ),
    area="municipality_code",
)

SHELTERS_LAYER = Layer(
    id="shelters",
    group="evacuation",
    collection="response.shelters",
    title=Text("指定避難所", "Designated shelters"),
    shape="square",
    property="state",
    classes=(
        Class(value="closed", label=Text("閉鎖", "Closed"), colour="#868e96"),
        Class(label=Text("開設状況は不明", "Not known to be open"), colour="#4c6ef5"),
    ),
    name=Text("name", "called_en"),
    filter="state IS NULL OR state <> 'open'",
    tiles=True,
    # Farther out they would cover the levels, which are what one looks for there.
    min_zoom=8,
    size_px=5,
    label_zoom=13,
    fields=(_ADDRESS, _CAPACITY, _PHONE, _REMARKS, *_THREATS),
    board=Board(
        title=Text("指定避難所（開設していない）", "Designated shelters (not open)"),
        empty=Text("ほかの指定避難所はありません。", "No other designated shelter."),
        since="said_at",
        fields=(_ADDRESS, _CAPACITY),
        local=True,
    ),
    area="municipality_code",
    credit=_GSI,
)

SITES_LAYER = Layer(
    id="sites",
    group="evacuation",
    collection="response.sites",
    title=Text("指定緊急避難場所", "Emergency evacuation sites"),
    shape="circle",
    classes=(Class(label=Text("避難場所", "Site"), colour="#1098ad"),),
    name=Text("name", "called_en"),
    tiles=True,
    min_zoom=8,
    size_px=4.5,
    label_zoom=13,
    fields=(_ADDRESS, *_THREATS, _CAPACITY, _REMARKS),
    area="municipality_code",
    credit=_GSI,
)

LAYERS: tuple[Layer, ...] = (*HEADQUARTERS_LAYERS, OPEN_SHELTERS_LAYER, SHELTERS_LAYER, SITES_LAYER)
"""In the order of the lists."""
