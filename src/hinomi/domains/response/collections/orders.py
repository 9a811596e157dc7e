"""response.evacuation_orders and .order_drafts: 避難情報, and how each came to be decided.

Names and levels: 内閣府「避難情報に関するガイドライン」(令和3年5月改定), 警戒レベル3 to 5. Legal
basis: 災害対策基本法 (as amended 2021) 第56条第2項 (高齢者等避難), 第60条第1項 (避難指示),
第60条第3項 (緊急安全確保), 第60条第5項 (the notice that it is no longer needed).
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from hinomi.domains.response.collections.chronology import HEADQUARTERS_ONLY, LICENCE
from hinomi.kernel.collections import Collection, Verb
from hinomi.kernel.errors import Text

OrderKind = Literal["elderly", "evacuate", "secure"]
OrderAction = Literal["issue", "raise", "lower", "extend", "lift"]
DraftState = Literal["draft", "confirmed", "published", "returned"]


class Measure(msgspec.Struct, frozen=True):
    """One kind of evacuation order: alert level, name, legal basis, what residents do."""

    level: int
    name: Text
    basis: str
    asks: Text


MEASURES: dict[str, Measure] = {
    "elderly": Measure(
        3,
        Text("高齢者等避難", "Evacuation of the elderly and others"),
        "災害対策基本法第56条第2項",
        Text(
            "危険な場所から高齢者等は避難してください。",
            "The elderly and all who need time: leave dangerous places.",
        ),
    ),
    "evacuate": Measure(
        4,
        Text("避難指示", "Evacuation order"),
        "災害対策基本法第60条第1項",
        Text("危険な場所から全員避難してください。", "Everyone: leave dangerous places."),
    ),
    "secure": Measure(
        5,
        Text("緊急安全確保", "Emergency safety measures"),
        "災害対策基本法第60条第3項",
        Text(
            "命の危険があります。直ちに安全を確保してください。",
            "Your life is in danger: save yourselves at once.",
        ),
    ),
}
LIFT_BASIS = "災害対策基本法第60条第5項"

ACTIONS: dict[str, Text] = {
    "issue": Text("発令", "Issue"),
    "raise": Text("引き上げ", "Raise"),
    "lower": Text("引き下げ", "Lower"),
    "extend": Text("継続・延長", "Extend"),
    "lift": Text("解除", "Lift"),
}
REASONS: dict[str, Text] = {
    "flood": Text("洪水", "River flood"),
    "inundation": Text("内水氾濫", "Inland flood"),
    "landslide": Text("土砂災害", "Landslide"),
    "surge": Text("高潮", "Storm surge"),
    "tsunami": Text("津波", "Tsunami"),
    "quake": Text("地震", "Earthquake"),
    "fire": Text("大規模な火災", "Large fire"),
    "volcano": Text("火山現象", "Volcano"),
    "other": Text("その他", "Other"),
}
DRAFT_STATES: dict[str, Text] = {
    "draft": Text("起案(確認待ち)", "Draft: to be confirmed"),
    "confirmed": Text("確認済(発令待ち)", "Confirmed: to be published"),
    "published": Text("発令済", "Published"),
    "returned": Text("差し戻し", "Sent back"),
}


class Order(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What holds in one district, as published. Its key is ``municipality/district``."""

    municipality_code: str
    municipality: str
    district: str
    """As the municipality calls it; 全域 for all of it."""
    where: str
    where_en: str
    """Municipality and district, as a list shows them."""
    name: str
    name_en: str
    """The measure's name; for a lifted order of the one that was lifted."""
    kind: OrderKind
    level: int
    """3 to 5; 0 once lifted."""
    state: Literal["in_force", "lifted"]
    action: OrderAction
    """What the last publication did."""
    since: datetime
    """When this level was issued; for a lifted order, when it was lifted."""
    first_issued_at: datetime
    reason: str
    reason_text: str = ""
    message: str = ""
    """To the residents."""
    shelters: str = ""
    """Where to go."""
    households: int | None = None
    people: int | None = None
    review_at: datetime | None = None
    """Until when it holds before it is looked at again."""
    legal_basis: str
    draft: str
    """Key of the draft that says who and why."""
    based_on: tuple[str, ...] = ()
    """Ids of the records (levels, forecasts) that were before those who decided."""


class OrderDraft(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A proposal, its confirmation by a second person, and its publication."""

    state: DraftState
    action: OrderAction
    municipality_code: str
    municipality: str
    municipality_en: str
    districts: tuple[str, ...]
    where: str
    where_en: str
    kind: OrderKind
    name: str
    name_en: str
    level: int
    reason: str
    reason_text: str = ""
    message: str = ""
    shelters: str = ""
    households: int | None = None
    people: int | None = None
    review_at: datetime | None = None
    legal_basis: str
    based_on: tuple[str, ...] = ()
    stood: dict[str, str] = {}
    """Order's key -> id of the statement that stood when it was drafted (empty: none)."""
    drafted_by: str
    drafted_at: datetime
    confirmed_by: str = ""
    confirmed_at: datetime | None = None
    published_by: str = ""
    published_at: datetime | None = None
    returned_by: str = ""
    comment: str = ""


ORDERS = Collection(
    id="response.evacuation_orders",
    title=Text("避難情報", "Evacuation orders"),
    text=Text(
        "市町村が出す高齢者等避難・避難指示・緊急安全確保。地区ごとの、発令された状態。",
        "What the municipality orders: evacuation of the elderly (3), evacuation order (4),"
        " emergency safety measures (5); per district, as published.",
    ),
    schema=Order,
    verb=Verb.RESPOND,
    licence="CC BY 4.0 (市町村の発表)",
)
DRAFTS = Collection(
    id="response.order_drafts",
    title=Text("避難情報の起案", "Drafts of evacuation orders"),
    text=Text(
        "起案・確認(起案者以外)・発令の記録。誰が、なぜ、何を見て。組織の内部だけに見えます。",
        "Draft, confirmation by a second person and publication: who, why, and what they saw."
        " For the organisation only.",
    ),
    schema=OrderDraft,
    verb=Verb.RESPOND,
    licence=LICENCE,
    marking=HEADQUARTERS_ONLY,
)
