"""Layers of the headquarters' work: orders, their drafts, entries with a place, damage.

Colours of the levels: 内閣府「避難情報に関するガイドライン」 and JMA's guide, as in
:mod:`hinomi.vocabulary.levels`.
"""

from __future__ import annotations

from hinomi.domains.response.collections.chronology import CHRONOLOGY, KINDS, STATES
from hinomi.domains.response.collections.damage import DAMAGE, FIGURES, WORST, Worst
from hinomi.domains.response.collections.orders import (
    ACTIONS,
    DRAFT_STATES,
    DRAFTS,
    MEASURES,
    ORDERS,
    REASONS,
)
from hinomi.kernel.errors import Text
from hinomi.vocabulary.layers import Board, Class, Field, Layer, Pattern
from hinomi.vocabulary.levels import LEVELS

_PATTERNS: dict[int, Pattern] = {3: "lines", 4: "cross", 5: "dots"}

_CLASSES = tuple(
    Class(
        value=measure.level,
        label=Text(
            f"レベル{measure.level} {measure.name.ja}", f"Level {measure.level}: {measure.name.en}"
        ),
        short=measure.name,
        colour=LEVELS[measure.level].colour,
        ink=LEVELS[measure.level].ink,
        pattern=_PATTERNS[measure.level],
    )
    for measure in reversed(MEASURES.values())
)
_TOLD = (
    "dead", "missing", "unaccounted", "injured_serious", "injured_slight", "destroyed_buildings",
    "half_buildings", "partial_buildings", "above_floor_buildings", "below_floor_buildings",
    "water_households", "power_households",
)  # fmt: skip
"""Figures of the pop-up: the form's other rows are in the report."""
_REASON = Field(name="reason", label=Text("理由", "Reason"), words=REASONS)
_PEOPLE = Field(name="people", label=Text("対象人数", "People"), kind="number")
_HOUSEHOLDS = Field(name="households", label=Text("対象世帯", "Households"), kind="number")
_REVIEW = Field(name="review_at", label=Text("次の見直し", "Next review"), kind="time")
_GROUNDS = Field(name="reason_text", label=Text("判断の根拠", "Grounds"))
_BASIS = Field(name="legal_basis", label=Text("根拠法令", "Legal basis"))

ORDERS_LAYER = Layer(
    id="evacuation-orders",
    group="evacuation",
    collection=ORDERS.id,
    title=Text("避難情報", "Evacuation orders"),
    shape="area",
    property="level",
    classes=_CLASSES,
    name=Text("where", "where_en"),
    filter="state = 'in_force'",
    label_zoom=9,
    area="municipality_code",
    fields=(
        Field(name="name", name_en="name_en", label=Text("避難情報", "Order")),
        Field(name="message", label=Text("呼びかけ", "Message")),
        Field(name="shelters", label=Text("避難先", "Where to go")),
        _REASON,
        _GROUNDS,
        _HOUSEHOLDS,
        _PEOPLE,
        Field(name="first_issued_at", label=Text("最初の発令", "First issued"), kind="time"),
        _REVIEW,
        _BASIS,
    ),
    board=Board(
        title=Text("避難情報", "Evacuation orders"),
        empty=Text("発令中の避難情報はありません。", "No evacuation order is in force."),
        since="since",
        first=True,
        fields=(
            Field(name="reason", label=Text("", ""), words=REASONS),
            Field(name="people", label=Text("対象", "people"), kind="number"),
            _REVIEW,
        ),
    ),
)

DRAFTS_LAYER = Layer(
    id="order-drafts",
    group="evacuation",
    collection=DRAFTS.id,
    title=Text("避難情報の起案(発令前)", "Drafts of orders (not published)"),
    shape="line",
    property="state",
    classes=(
        Class(value="confirmed", label=DRAFT_STATES["confirmed"], colour="#aa00aa", ink="#ffffff"),
        Class(value="draft", label=DRAFT_STATES["draft"], colour="#5c6773", ink="#ffffff"),
    ),
    name=Text("where", "where_en"),
    filter="state IN ('draft', 'confirmed')",
    area="municipality_code",
    fields=(
        Field(name="action", label=Text("内容", "What"), words=ACTIONS),
        Field(name="name", name_en="name_en", label=Text("避難情報", "Order")),
        _REASON,
        _GROUNDS,
        Field(name="drafted_by", label=Text("起案", "Drafted by")),
        Field(name="confirmed_by", label=Text("確認", "Confirmed by")),
    ),
)

CHRONOLOGY_LAYER = Layer(
    id="chronology",
    group="damage",
    collection=CHRONOLOGY.id,
    title=Text("クロノロジー(位置のあるもの)", "Chronology (with a place)"),
    shape="diamond",
    property="state",
    classes=(
        Class(value="open", label=STATES["open"], colour="#d9480f", ink="#ffffff"),
        Class(value="doing", label=STATES["doing"], colour="#f08c00"),
        Class(label=Text("その他", "Other"), colour="#4c6ef5", ink="#ffffff"),
    ),
    name=Text("text", "text"),
    # What Hinomi notes by itself is on the map as what it is.
    filter="automatic IS NULL AND struck IS NULL",
    area="area_code",
    days=3,
    size_px=6,
    fields=(
        Field(name="kind", label=Text("種別", "Kind"), words=KINDS),
        Field(name="from_whom", label=Text("発信元", "From whom")),
        Field(name="written_by", label=Text("記録", "Written by")),
    ),
)

_COLOURS: dict[Worst, tuple[str, str]] = {
    "lives": ("#c2255c", "#ffffff"),
    "injured": ("#e8590c", "#000000"),
    "homes": ("#f08c00", "#000000"),
    "other": ("#4c6ef5", "#ffffff"),
    "none": ("#0b7a33", "#ffffff"),
}

DAMAGE_LAYER = Layer(
    id="damage",
    group="damage",
    collection=DAMAGE.id,
    title=Text("被害状況", "Damage"),
    shape="square",
    property="worst",
    classes=(
        *(
            Class(value=worst, label=label, colour=_COLOURS[worst][0], ink=_COLOURS[worst][1])
            for worst, label in WORST.items()
        ),
        Class(label=Text("数は未報告", "No figure yet"), colour="#868e96"),
    ),
    name=Text("municipality", "municipality"),
    area="municipality_code",
    size_px=8,
    fields=(
        Field(name="incident", label=Text("災害名", "Disaster")),
        Field(name="number", label=Text("報", "Report no."), kind="number"),
        *(
            Field(name=name, label=Text(f"{item.label.ja}({item.unit})", item.label.en),
                  kind="number")
            for name, item in FIGURES.items()
            if name in _TOLD
        ),
        Field(name="outline", label=Text("概況", "Outline")),
        Field(name="said_by", label=Text("情報源", "Found by")),
    ),
    # No list: whoever may not see the reports would read that there is no damage.
)  # fmt: skip

HEADQUARTERS_LAYERS: tuple[Layer, ...] = (
    ORDERS_LAYER,
    DRAFTS_LAYER,
    CHRONOLOGY_LAYER,
    DAMAGE_LAYER,
)
