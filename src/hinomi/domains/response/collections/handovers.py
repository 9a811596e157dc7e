"""response.handovers: the change of shift: what stood, what to mind, and who signed."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from hinomi.domains.response.collections.chronology import HEADQUARTERS_ONLY, LICENCE
from hinomi.kernel.collections import Collection, Verb
from hinomi.kernel.errors import Text

HandoverState = Literal["drawn_up", "signed_out", "signed"]
STATES: dict[str, Text] = {
    "drawn_up": Text("作成済み", "drawn up"),
    "signed_out": Text("引継者が確認", "signed by who leaves"),
    "signed": Text("双方が確認", "signed by both"),
}


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One thing handed over, with the statement that says so."""

    kind: str
    """``task``, ``level``, ``shelter``, ``order``, ``alert``, ``decision``."""
    text: str
    record: str


class Handover(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One change of shift. What is handed over was taken from the records at ``position``."""

    outgoing: str
    incoming: str
    notes: str = ""
    """申し送り: what no record says."""
    since: datetime | None = None
    """When the shift that leaves took over; None for the first."""
    known_at: datetime
    position: int
    lines: tuple[Line, ...] = ()
    omitted: int = 0
    """Lines beyond the most that a sheet holds."""
    state: HandoverState
    signed_out_by: str = ""
    signed_out_at: datetime | None = None
    signed_in_by: str = ""
    signed_in_at: datetime | None = None


HANDOVERS = Collection(
    id="response.handovers",
    title=Text("引継ぎ", "Hand-overs"),
    text=Text(
        "勤務交代の引継書。未完了の任務、発表中の警報、避難所、避難情報、未確認の通知、前回から"
        "の決定を記録から集め、双方が確認します。",
        "Change of shift: open tasks, levels, shelters, orders, unacknowledged alerts and decisions"
        " since the last one, taken from the records and signed by both.",
    ),
    schema=Handover,
    verb=Verb.RESPOND,
    licence=LICENCE,
    marking=HEADQUARTERS_ONLY,
)
