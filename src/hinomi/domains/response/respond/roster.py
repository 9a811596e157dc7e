"""The roster's acts: put a person on duty, change it, stand them down."""

from __future__ import annotations

from typing import Any

import msgspec

from hinomi.domains.response.collections.roster import ROSTER, STATES, Duty
from hinomi.domains.response.respond.words import body_of, choices
from hinomi.kernel.errors import InputError, Text
from hinomi.kernel.ports import Parsed
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Interval
from hinomi.vocabulary.acts import Act, Deed, Input

_WORDS = ("name", "team", "duty", "shift", "contact", "remarks")


def assign(_: Reader, deed: Deed) -> Parsed:
    """Return a person's duty."""
    body = Duty(state=deed.values.get("state", "on_duty"), **{w: deed.text(w) for w in _WORDS})
    when = _shift(deed, Interval(deed.at, None))
    return Parsed(records=[deed.record(ROSTER.id, deed.id, body, when=when)])


def change(reader: Reader, deed: Deed) -> Parsed:
    """Return the duty with what was changed; boxes that were not sent stay."""
    before = reader.get(ROSTER.id, deed.key)
    changed: dict[str, Any] = {w: deed.text(w) for w in _WORDS if w in deed.values}
    if "state" in deed.values:
        changed["state"] = deed.values["state"]
    body = msgspec.structs.replace(body_of(before, Duty), **changed)
    when = _shift(deed, before.when)
    return Parsed(records=[deed.record(ROSTER.id, before.key, body, before=before, when=when)])


def stand_down(reader: Reader, deed: Deed) -> Parsed:
    """Return the duty as ended now."""
    before = reader.get(ROSTER.id, deed.key)
    body = msgspec.structs.replace(body_of(before, Duty), state="off")
    start = before.when.start
    when = Interval(start, max(deed.at, start) if start else deed.at)
    return Parsed(records=[deed.record(ROSTER.id, before.key, body, before=before, when=when)])


def _shift(deed: Deed, usual: Interval) -> Interval:
    start = deed.values.get("start", usual.start)
    end = deed.values.get("end", usual.end)
    if start is not None and end is not None and end <= start:
        raise InputError("The shift ends before it begins.", "勤務の終わりが始まりより前です。")
    return Interval(start, end)


_BOXES = (
    Input(name="name", label=Text("氏名", "Name"), required=True, prefill="name"),
    Input(name="team", label=Text("班", "Team"), required=True, prefill="team"),
    Input(name="duty", label=Text("役割", "Duty"), prefill="duty"),
    Input(name="shift", label=Text("勤務区分", "Shift"), prefill="shift"),
    Input(name="start", label=Text("開始", "From"), kind="time", prefill="start", preset="now"),
    Input(name="end", label=Text("終了予定", "To"), kind="time", prefill="end"),
    Input(
        name="contact",
        label=Text("連絡先(個人情報)", "Contact (personal)"),
        prefill="contact",
        hint=Text("組織の外には出ません", "never leaves the organisation"),
    ),
    Input(
        name="state",
        label=Text("状態", "State"),
        kind="choice",
        choices=choices(STATES, but=("off",)),
        prefill="state",
        preset="on_duty",
    ),
    Input(name="remarks", label=Text("備考", "Remarks"), prefill="remarks"),
)

ACTS: tuple[Act, ...] = (
    Act(
        id="response.assign-duty",
        title=Text("参集・配置", "Put on duty"),
        text=Text("職員を班に配置します。", "Put a person on duty in a team."),
        collection=ROSTER.id,
        perform=assign,
        new=True,
        inputs=_BOXES,
    ),
    Act(
        id="response.change-duty",
        title=Text("変更", "Change"),
        text=Text("配置を変更します。", "Change a duty."),
        collection=ROSTER.id,
        perform=change,
        states={"state": ("planned", "on_duty")},
        inputs=_BOXES,
    ),
    Act(
        id="response.end-duty",
        title=Text("交代・退庁", "Off duty"),
        text=Text("勤務を終えたことを記録します。", "Record that the duty has ended."),
        collection=ROSTER.id,
        perform=stand_down,
        states={"state": ("planned", "on_duty")},
    ),
)
