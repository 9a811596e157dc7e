"""response.roster: who is on duty, with which task, and how they are reached.

Telephone numbers are personal data: the collection is marked for the organisation alone, and no
report shows them unless its template asks for them.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from hinomi.domains.response.collections.chronology import HEADQUARTERS_ONLY, LICENCE
from hinomi.kernel.collections import Collection, Verb
from hinomi.kernel.errors import Text

DutyState = Literal["planned", "on_duty", "off"]
STATES: dict[str, Text] = {
    "planned": Text("予定", "planned"),
    "on_duty": Text("勤務中", "on duty"),
    "off": Text("交代済み", "off duty"),
}


class Duty(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One person's duty in one shift; the record's start and end are the shift's."""

    name: str
    team: str
    """班: 総務班, 避難所班 …"""
    duty: str = ""
    """役割: 班長, 記録 …"""
    shift: str = ""
    """第1班, 夜間 …"""
    state: DutyState
    contact: str = ""
    """Telephone or radio call sign: personal."""
    remarks: str = ""


ROSTER = Collection(
    id="response.roster",
    title=Text("参集・勤務状況", "Staff roster"),
    text=Text(
        "本部員の班・役割・勤務時間と連絡先(個人情報。組織内限り)。",
        "Who is on duty in which team and when, and how to reach them (personal: for the"
        " organisation alone).",
    ),
    schema=Duty,
    verb=Verb.RESPOND,
    licence=LICENCE,
    marking=HEADQUARTERS_ONLY,
)
