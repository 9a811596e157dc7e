"""response.lifelines: electricity, water, trains, roads …, each in one municipality."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from hinomi.domains.response.collections.chronology import HEADQUARTERS_ONLY, LICENCE
from hinomi.kernel.collections import Collection, Verb
from hinomi.kernel.errors import Text

Line = Literal["electricity", "gas", "water", "sewer", "telephone", "mobile", "railway", "road"]
LINES: dict[str, Text] = {
    "electricity": Text("電気", "electricity"),
    "gas": Text("ガス", "gas"),
    "water": Text("水道", "water"),
    "sewer": Text("下水道", "sewers"),
    "telephone": Text("固定電話", "telephone"),
    "mobile": Text("携帯電話", "mobile telephone"),
    "railway": Text("鉄道", "railways"),
    "road": Text("道路", "roads"),
}
LineState = Literal["normal", "partial", "out", "restored", "unknown"]
STATES: dict[str, Text] = {
    "out": Text("全域で停止", "out"),
    "partial": Text("一部で停止", "partly out"),
    "restored": Text("復旧済み", "restored"),
    "normal": Text("支障なし", "normal"),
    "unknown": Text("確認中", "not known"),
}


class Lifeline(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The state of one line in one municipality, as its operator or our people tell it."""

    municipality_code: str
    municipality: str
    line: Line
    operator: str = ""
    state: LineState
    households_out: int | None = None
    """Households (for telephones: lines) without it now; not cumulative."""
    where: str = ""
    """Districts, stations, road sections."""
    since: datetime | None = None
    expected: datetime | None = None
    """When it is expected to work again."""
    said_by: str = ""
    remarks: str = ""


LIFELINES = Collection(
    id="response.lifelines",
    title=Text("ライフラインの状況", "Lifelines"),
    text=Text(
        "市町村ごとの電気・ガス・水道・通信・鉄道・道路の状況、停止戸数、復旧見込み。",
        "Per municipality the state of electricity, gas, water, telephones, railways and roads, the"
        " households without, and when it is expected back.",
    ),
    schema=Lifeline,
    verb=Verb.RESPOND,
    licence=LICENCE,
    marking=HEADQUARTERS_ONLY,
)
