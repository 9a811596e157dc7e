"""The chronology's acts: write, correct without losing, follow up, strike."""

from __future__ import annotations

from typing import Any

import msgspec

from hinomi.domains.response.collections.chronology import CHRONOLOGY, KINDS, STATES, Entry
from hinomi.domains.response.respond.words import body_of, choices
from hinomi.kernel.errors import InputError, Text
from hinomi.kernel.ports import Parsed
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Record, Stored, instant
from hinomi.vocabulary.acts import Act, Deed, Input

_TEXT = Input(
    name="text", label=Text("内容", "What"), kind="longtext", required=True, prefill="text"
)
_KIND = Input(
    name="kind",
    label=Text("種別", "Kind"),
    kind="choice",
    choices=choices(KINDS, but=("system",)),
    prefill="kind",
    preset="information",
)
_STATE = Input(
    name="state",
    label=Text("状況", "State"),
    kind="choice",
    choices=choices(STATES),
    prefill="state",
    preset="noted",
)
_MORE = (
    Input(name="from_whom", label=Text("発信元", "From whom"), prefill="from_whom"),
    Input(name="to_whom", label=Text("宛先・担当", "To whom"), prefill="to_whom"),
    Input(
        name="happened_at",
        label=Text("発生時刻", "Happened at"),
        kind="time",
        prefill="happened_at",
    ),
    Input(name="known_at", label=Text("覚知時刻", "Known at"), kind="time", prefill="known_at"),
    Input(name="place_name", label=Text("場所", "Where"), prefill="place_name"),
    Input(name="area_code", label=Text("市町村", "Municipality"), kind="area", prefill="area_code"),
    Input(name="place", label=Text("地図の位置", "On the map"), kind="place"),
)
_FOLLOWS = Input(
    name="follows",
    label=Text("続報の元", "Follows up"),
    kind="key",
    collection=CHRONOLOGY.id,
    prefill="follows",
)
_ABOUT = Input(name="about_record", label=Text("元の記録", "About the record"))
_FIELDS = ("text", "kind", "state", "from_whom", "to_whom", "place_name", "area_code", "follows")


def write(reader: Reader, deed: Deed) -> Parsed:
    """Return a new entry."""
    values = deed.values
    if deed.text("follows"):
        reader.get(CHRONOLOGY.id, deed.text("follows"))
    body = Entry(
        text=deed.text("text"),
        kind=values.get("kind", "information"),
        state=values.get("state", "noted"),
        known_at=values.get("known_at", deed.at),
        happened_at=values.get("happened_at"),
        from_whom=deed.text("from_whom"),
        to_whom=deed.text("to_whom"),
        place_name=deed.text("place_name"),
        area_code=deed.text("area_code"),
        follows=deed.text("follows"),
        about_record=deed.text("about_record"),
        written_by=deed.person.name,
        organisation=deed.person.organisation,
    )
    return _stated(deed, deed.id, body, place=values.get("place"))


def correct(reader: Reader, deed: Deed) -> Parsed:
    """Return the entry as it should have been written; boxes that were not sent stay."""
    item = reader.get(CHRONOLOGY.id, deed.key)
    was = body_of(item, Entry)
    given = {name: deed.values[name] for name in (*_FIELDS, "happened_at") if name in deed.values}
    if deed.values.get("known_at") is not None:
        given["known_at"] = deed.values["known_at"]
    place = deed.values.get("place", item.place())
    if place == item.place() and all(getattr(was, n) == value for n, value in given.items()):
        raise InputError("Nothing would change.", "変わるところがありません。")
    if given.get("follows") == deed.key:
        raise InputError("An entry cannot follow itself.", "自分自身の続報にはできません。")
    return _again(deed, item, was, {**given, **_signed(deed, was)})


def mark(reader: Reader, deed: Deed) -> Parsed:
    """Return the entry in another state (未対応, 対応中, 済)."""
    item = reader.get(CHRONOLOGY.id, deed.key)
    was = body_of(item, Entry)
    if was.state == deed.values["state"]:
        raise InputError("It is in this state already.", "すでにその状況です。")
    return _again(deed, item, was, {"state": deed.values["state"]})


def strike(reader: Reader, deed: Deed) -> Parsed:
    """Return the entry struck through, with the reason."""
    item = reader.get(CHRONOLOGY.id, deed.key)
    was = body_of(item, Entry)
    return _again(deed, item, was, {"struck": True, **_signed(deed, was)})


def _signed(deed: Deed, was: Entry) -> dict[str, Any]:
    return {
        "corrections": was.corrections + 1,
        "corrected_by": deed.person.name,
        "corrected_at": deed.at,
        "correction": deed.text("why"),
    }


def _again(deed: Deed, item: Stored, was: Entry, changes: dict[str, Any]) -> Parsed:
    body = msgspec.structs.replace(was, **changes)
    return _stated(deed, item.key, body, before=item, place=deed.values.get("place", item.place()))


def _stated(deed: Deed, key: str, body: Entry, *, before: Stored | None = None,
            place: Any = None) -> Parsed:  # fmt: skip
    inputs = (body.about_record,) if body.about_record else ()
    record: Record = deed.record(
        CHRONOLOGY.id,
        key,
        body,
        before=before,
        when=instant(body.happened_at or body.known_at),
        place=place,
        inputs=inputs,
    )
    return Parsed(records=[record])


_WHY = Input(name="why", label=Text("訂正の理由", "Why"))

ACTS: tuple[Act, ...] = (
    Act(
        id="response.write-entry",
        title=Text("記録する", "Write"),
        text=Text("クロノロジーに1件書きます。", "Write an entry into the chronology."),
        collection=CHRONOLOGY.id,
        perform=write,
        new=True,
        inputs=(_TEXT, _KIND, _STATE, *_MORE, _FOLLOWS, _ABOUT),
    ),
    Act(
        id="response.correct-entry",
        title=Text("訂正", "Correct"),
        text=Text(
            "記載を訂正します。元の記載は履歴に残ります。",
            "Correct an entry; what was written stays in its history.",
        ),
        collection=CHRONOLOGY.id,
        perform=correct,
        states={"automatic": (None, False), "struck": (None, False)},
        inputs=(_TEXT, _KIND, _STATE, *_MORE, _FOLLOWS, _WHY),
    ),
    Act(
        id="response.mark-entry",
        title=Text("状況を変える", "Change state"),
        text=Text("未対応・対応中・済を変えます。", "Say whether it is open, in hand or done."),
        collection=CHRONOLOGY.id,
        perform=mark,
        states={"automatic": (None, False), "struck": (None, False)},
        inputs=(msgspec.structs.replace(_STATE, required=True),),
    ),
    Act(
        id="response.strike-entry",
        title=Text("取り消す", "Strike"),
        text=Text(
            "誤って書いた記載を取り消し線にします。読めるまま残ります。",
            "Strike through what should not have been written; it stays readable.",
        ),
        collection=CHRONOLOGY.id,
        perform=strike,
        states={"automatic": (None, False), "struck": (None, False)},
        inputs=(msgspec.structs.replace(_WHY, required=True),),
    ),
)
