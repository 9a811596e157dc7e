"""The forms of the evacuation orders' acts: boxes, buttons, on what they go."""

from __future__ import annotations

from typing import Any

import msgspec

from hinomi.domains.response.collections.orders import DRAFTS, MEASURES, ORDERS, REASONS
from hinomi.domains.response.respond.words import choices
from hinomi.kernel.errors import Text
from hinomi.kernel.filters import Filter, In, Property
from hinomi.vocabulary.acts import COMMANDER, OFFICER, Choice, Input


def waiting(states: tuple[str, ...]) -> Filter:
    """Return the filter for drafts in these states."""
    return In(Property("state"), states)


_KIND = Input(
    name="kind",
    label=Text("避難情報", "Order"),
    kind="choice",
    required=True,
    choices=tuple(
        Choice(value, Text(f"レベル{m.level} {m.name.ja}", f"Level {m.level}: {m.name.en}"))
        for value, m in MEASURES.items()
    ),
    preset="evacuate",
)
_REASON = Input(
    name="reason",
    label=Text("理由", "Reason"),
    kind="choice",
    required=True,
    choices=choices(REASONS),
    prefill="reason",
)
_REASON_TEXT = Input(
    name="reason_text",
    label=Text("判断の根拠", "Grounds"),
    kind="longtext",
    hint=Text(
        "例: 半鐘川 氾濫危険水位を超過、さらに上昇の見込み",
        "such as: the Hansho river is above its danger level and rising",
    ),
)
_REST = (
    Input(
        name="message",
        label=Text("住民への呼びかけ", "Message to residents"),
        kind="longtext",
        prefill="message",
    ),
    Input(name="shelters", label=Text("避難先", "Where to go"), prefill="shelters"),
    Input(
        name="households",
        label=Text("対象世帯", "Households"),
        kind="number",
        prefill="households",
    ),
    Input(name="people", label=Text("対象人数", "People"), kind="number", prefill="people"),
)
_REVIEW = Input(name="review_at", label=Text("次の見直し", "Next review"), kind="time")
_GROUNDS = Input(name="based_on", label=Text("根拠とした記録", "Records relied on"), many=True)
_COMMENT = Input(name="comment", label=Text("コメント", "Comment"))
_OUTLINE = Input(
    name="place",
    label=Text("範囲(地図に描く)", "Outline (drawn)"),
    kind="place",
    hint=Text("描かなければ市町村の範囲です。", "Without one it is the municipality's."),
)

DRAFT: dict[str, Any] = {
    "id": "response.draft-order",
    "title": Text("避難情報を起案", "Draft an order"),
    "text": Text(
        "地区ごとの避難情報を起案します。別の人の確認の後に発令されます。",
        "Draft an evacuation order by district; it is published after a second person confirmed.",
    ),
    "collection": DRAFTS.id,
    "new": True,
    "inputs": (
        _KIND,
        Input(name="area_code", label=Text("市町村", "Municipality"), kind="area", required=True),
        Input(
            name="districts",
            label=Text("地区", "Districts"),
            many=True,
            hint=Text("空なら全域。読点かカンマで複数。", "Empty: all of it; several by commas."),
        ),
        _REASON,
        _REASON_TEXT,
        *_REST,
        _REVIEW,
        _OUTLINE,
        _GROUNDS,
    ),
}
CHANGE: dict[str, Any] = {
    "id": "response.draft-change",
    "title": Text("引き上げ・引き下げ", "Raise or lower"),
    "text": Text("発令中のレベルを変える起案をします。", "Draft another level for an order."),
    "collection": ORDERS.id,
    "gives": (DRAFTS.id,),
    "states": {"state": ("in_force",)},
    "inputs": (_KIND, _REASON, _REASON_TEXT, *_REST, _REVIEW, _GROUNDS),
}
EXTENSION: dict[str, Any] = {
    "id": "response.draft-extension",
    "title": Text("継続・延長", "Extend"),
    "text": Text("発令中の避難情報を続ける起案をします。", "Draft that an order holds on."),
    "collection": ORDERS.id,
    "gives": (DRAFTS.id,),
    "states": {"state": ("in_force",)},
    "inputs": (
        msgspec.structs.replace(_REVIEW, required=True),
        _REASON_TEXT,
        *_REST,
        _GROUNDS,
    ),
}
LIFT: dict[str, Any] = {
    "id": "response.draft-lift",
    "title": Text("解除を起案", "Draft its lifting"),
    "text": Text("発令中の避難情報を解除する起案をします。", "Draft that an order is lifted."),
    "collection": ORDERS.id,
    "gives": (DRAFTS.id,),
    "states": {"state": ("in_force",)},
    "inputs": (msgspec.structs.replace(_REASON_TEXT, required=True), _REST[0], _GROUNDS),
}
CONFIRM: dict[str, Any] = {
    "id": "response.confirm-order",
    "title": Text("確認", "Confirm"),
    "text": Text(
        "起案した人とは別の人が内容を確認します。責任者はそのまま発令できます。",
        "A second person confirms the draft; a commander may publish it at once.",
    ),
    "collection": DRAFTS.id,
    "states": {"state": ("draft",)},
    "gives": (DRAFTS.id, ORDERS.id),
    "role": OFFICER,
    "grave": True,
    "inputs": (
        Input(name="publish", label=Text("確認してすぐ発令する", "Publish at once"), kind="flag"),
        _COMMENT,
    ),
}
PUBLISH: dict[str, Any] = {
    "id": "response.publish-order",
    "title": Text("発令", "Publish"),
    "text": Text(
        "確認済みの避難情報を発令し、すべての人に見えるようにします。",
        "Publish a confirmed order: everyone sees it.",
    ),
    "collection": DRAFTS.id,
    "states": {"state": ("confirmed",)},
    "gives": (DRAFTS.id, ORDERS.id),
    "role": COMMANDER,
    "grave": True,
}
SEND_BACK: dict[str, Any] = {
    "id": "response.send-back-order",
    "title": Text("差し戻す", "Send back"),
    "text": Text("起案を差し戻します。", "Send a draft back with a reason."),
    "collection": DRAFTS.id,
    "states": {"state": ("draft", "confirmed")},
    "inputs": (msgspec.structs.replace(_COMMENT, required=True),),
}
