"""How plans look on the map and in the lists: shelters as they will fill, blocks, roads."""

from __future__ import annotations

from hinomi.domains.response.evacuation.collections import (
    PLAN_STATES,
    POPULATION,
    ROAD_LINES,
    SHELTER_PLANS,
)
from hinomi.kernel.errors import Text
from hinomi.vocabulary.layers import Board, Class, Field, Layer

_PEOPLE = Field(name="people", label=Text("見込み", "expected"), kind="number")
_CAPACITY = Field(name="capacity", label=Text("定員", "capacity"), kind="number")
_FILL = Field(name="fill", label=Text("定員に対して", "Of capacity"), kind="share")
_OPENS = Field(name="opens_at", label=Text("開設", "opens"), kind="time")
_STAFF = Field(name="staff_most", label=Text("職員(最大)", "Staff, at most"), kind="number")

SHELTER_PLANS_LAYER = Layer(
    id="shelter-plans",
    group="evacuation",
    collection=SHELTER_PLANS.id,
    title=Text("避難計画: 開設する避難所(案)", "Evacuation plan: shelters to open (draft)"),
    shape="square",
    property="fill",
    classes=(
        Class(at_least=0.95, label=Text("満員になる", "Will be full"), colour="#c2255c",
              ink="#ffffff"),
        Class(at_least=0.8, label=Text("混雑する(8割以上)", "Will be crowded (80 % or more)"),
              colour="#f08c00"),
        Class(label=Text("余裕がある", "Room left"), colour="#2b8a3e", ink="#ffffff"),
    ),
    name=Text("name", "name"),
    filter="use = 'open'",
    area="municipality_code",
    size_px=8,
    label_zoom=12,
    fields=(
        Field(name="case_title", label=Text("計画", "Plan")),
        Field(name="state", label=Text("状態", "State"), words=PLAN_STATES),
        Field(name="prepare_at", label=Text("職員参集", "Staff there from"), kind="time"),
        _OPENS,
        Field(name="first_arrival_at", label=Text("最初の到着", "First arrival"), kind="time"),
        Field(name="full_at", label=Text("満員", "Full"), kind="time"),
        _PEOPLE,
        Field(name="people_low", label=Text("少ない場合", "At the low end"), kind="number"),
        Field(name="people_high", label=Text("多い場合", "At the high end"), kind="number"),
        _CAPACITY,
        _FILL,
        Field(name="needs_time", label=Text("要配慮者", "Who need help"), kind="number"),
        Field(name="minutes", label=Text("平均移動時間", "Mean way"), kind="number", unit="min"),
        _STAFF,
        Field(
            name="staff", label=Text("職員", "Staff"), kind="list",
            fields=(
                Field(name="name", name_en="name_en", label=Text("", "")),
                Field(name="most", label=Text("同時", "at once"), kind="number"),
                Field(name="shifts", label=Text("交替数", "shifts"), kind="number"),
            ),
        ),
        Field(
            name="goods", label=Text("物資", "Goods"), kind="list",
            fields=(
                Field(name="name", name_en="name_en", label=Text("", "")),
                Field(name="quantity", label=Text("", ""), kind="number"),
                Field(name="unit", label=Text("", "")),
            ),
        ),
        Field(name="edits", label=Text("職員の指定", "Settled by people"), kind="list"),
        Field(name="why", name_en="why_en", label=Text("注意", "Note")),
    ),
    board=Board(
        title=Text("避難計画(案)", "Evacuation plan (draft)"),
        empty=Text("避難計画はありません。", "There is no evacuation plan."),
        since="opens_at",
        fields=(_OPENS, _PEOPLE, _CAPACITY, _FILL, _STAFF),
    ),
    credit="Hinomi(独自計算)",
)  # fmt: skip

POPULATION_LAYER = Layer(
    id="population-blocks",
    group="base",
    collection=POPULATION.id,
    title=Text("人口(町丁・メッシュ)", "Population by block"),
    shape="line",
    classes=(Class(label=Text("区画", "Block"), colour="#5c6773"),),
    name=Text("name", "name"),
    by_view=True,
    min_zoom=12,
    shown=False,
    area="municipality_code",
    fields=(
        Field(name="people", label=Text("人口", "People"), kind="number"),
        Field(name="households", label=Text("世帯数", "Households"), kind="number"),
        Field(name="needs_time", label=Text("要配慮者", "Who need time"), kind="number"),
        Field(name="as_of", label=Text("時点", "As of")),
    ),
)

ROAD_LINES_LAYER = Layer(
    id="road-lines",
    group="base",
    collection=ROAD_LINES.id,
    title=Text("道路網(避難経路用)", "Roads, for evacuation"),
    shape="line",
    classes=(Class(label=Text("道路", "Road"), colour="#868e96"),),
    name=Text("name", "name"),
    by_view=True,
    min_zoom=14,
    shown=False,
    fields=(
        Field(name="kind", label=Text("種別", "Kind")),
        Field(name="width_m", label=Text("幅員", "Width"), kind="number", unit="m"),
        Field(name="lanes", label=Text("車線数", "Lanes"), kind="number"),
        Field(name="speed_km_h", label=Text("速度", "Speed"), kind="number", unit="km/h"),
        Field(name="oneway", label=Text("一方通行", "One way"), kind="flag"),
    ),
)

LAYERS: tuple[Layer, ...] = (SHELTER_PLANS_LAYER, POPULATION_LAYER, ROAD_LINES_LAYER)
