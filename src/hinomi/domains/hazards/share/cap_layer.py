"""The layer of the alerts that others send, coloured by CAP's severity."""

from __future__ import annotations

from hinomi.kernel.errors import Text
from hinomi.vocabulary.layers import Board, Class, Field, Layer

_SEVERITIES = (
    Class(value="Extreme", label=Text("極めて重大", "Extreme"), colour="#aa00aa", ink="#ffffff"),
    Class(value="Severe", label=Text("重大", "Severe"), colour="#d6001c", ink="#ffffff"),
    Class(value="Moderate", label=Text("中程度", "Moderate"), colour="#ff9900"),
    Class(value="Minor", label=Text("軽微", "Minor"), colour="#f2e700"),
    Class(label=Text("不明", "Unknown"), colour="#8a949e"),
)
_WORDS = {
    "trusted": Text("署名を確認", "signed, trusted"),
    "untrusted": Text("署名あり(未登録)", "signed by one not on the list"),
    "weak": Text("署名あり(古い方式)", "signed by a weak method"),
    "invalid": Text("署名が不正", "SIGNATURE BROKEN"),
    "unchecked": Text("署名は未確認", "signature not checked"),
    "unsigned": Text("署名なし", "unsigned"),
}
_FIELDS = (
    Field(name="area", label=Text("地域", "Area")),
    Field(name="event", label=Text("事象", "Event")),
    Field(name="sender_name", label=Text("発表者", "By")),
    Field(name="sender", label=Text("送信者", "Sender")),
    Field(name="urgency", label=Text("緊急度", "Urgency")),
    Field(name="certainty", label=Text("確度", "Certainty")),
    Field(name="signature", label=Text("署名", "Signature"), words=_WORDS),
    Field(
        name="says",
        label=Text("内容", "Text"),
        kind="list",
        fields=(
            Field(name="headline", label=Text("", "")),
            Field(name="description", label=Text("", "")),
            Field(name="instruction", label=Text("", "")),
        ),
    ),
)

ALERTS_LAYER = Layer(
    id="alerts",
    group="warnings",
    collection="hazards.alerts",
    title=Text("他機関の警報(CAP・衛星)", "Alerts of others (CAP, satellite)"),
    shape="area",
    property="severity",
    classes=_SEVERITIES,
    name=Text("title", "title_en"),
    filter="in_force = true",
    fields=_FIELDS,
    board=Board(
        title=Text("他機関の警報", "Alerts of others"),
        empty=Text("受信した警報はありません。", "None in force."),
        fields=(_FIELDS[0], _FIELDS[6]),
        slim=True,
    ),
)
