"""The acts of evacuation planning: ask for a plan, settle what it must keep to, confirm, close."""

from __future__ import annotations

from typing import Any

import msgspec

from hinomi.domains.response.evacuation.collections import (
    CASES,
    CONFIRMATIONS,
    EDITS,
    HAZARDS,
    PLANS,
    POPULATION,
    SHELTER_PLANS,
    WISHES,
    Case,
    Confirmation,
    Edit,
    Plan,
    ShelterPlan,
)
from hinomi.domains.response.respond.districts import municipality_of
from hinomi.domains.response.respond.words import body_of, choices
from hinomi.kernel.errors import InputError, MissingError, Text
from hinomi.kernel.filters import And, Compare, Property, Value
from hinomi.kernel.ports import Parsed
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Stored
from hinomi.vocabulary.acts import COMMANDER, Act, Choice, Deed, Input

MOST_HOURS, MOST_DAYS = 72, 30
_AIMS = {
    "high": Text("多めに見込む(90%)", "Room for nine times in ten"),
    "middle": Text("中央の見込み", "The median"),
}
_LEVELS = {
    "0": Text("仮定しない", "None"),
    "3": Text("レベル3 高齢者等避難", "Level 3"),
    "4": Text("レベル4 避難指示", "Level 4"),
    "5": Text("レベル5 緊急安全確保", "Level 5"),
}
_YES_NO = (Choice("yes", Text("可", "yes")), Choice("no", Text("不可", "no")))


def begin(reader: Reader, deed: Deed) -> Parsed:
    """Return a new case."""
    code = deed.values["area_code"]
    name = municipality_of(reader, code, deed.at)
    hazard = deed.values["hazard"]
    body = Case(
        title=deed.text("title") or f"{name} {HAZARDS[hazard].ja}", municipality_code=code,
        municipality=name, hazard=hazard, starts_at=deed.values.get("starts_at") or deed.at,
        hours=_whole(deed, "hours", 12, MOST_HOURS), days=_days(deed),
        assume_level=int(deed.values.get("assume_level") or 0),
        aim=deed.values.get("aim") or "high",
        least_people=_whole(deed, "least_people", 20, 10_000, least=0),
        longest_min=float(_whole(deed, "longest_min", 60, 600)), run=deed.text("run"),
        state="open", begun_by=deed.person.name,
    )  # fmt: skip
    return Parsed(records=[deed.record(CASES.id, deed.id, body)])


def change(reader: Reader, deed: Deed) -> Parsed:
    """Return the case of a plan with other assumptions; boxes left out stay."""
    item = reader.get(CASES.id, deed.key)
    was = body_of(item, Case)
    given: dict[str, Any] = {}
    if deed.values.get("assume_level"):
        given["assume_level"] = int(deed.values["assume_level"])
    if deed.values.get("aim"):
        given["aim"] = deed.values["aim"]
    if deed.values.get("starts_at"):
        given["starts_at"] = deed.values["starts_at"]
    for name, most in (("hours", MOST_HOURS), ("least_people", 10_000)):
        if deed.values.get(name) is not None:
            given[name] = _whole(deed, name, 0, most, least=int(name == "hours"))
    if deed.values.get("days") is not None:
        given["days"] = _days(deed)
    body = msgspec.structs.replace(was, **given)
    if body == was:
        raise InputError("Nothing would change.", "変わるところがありません。")
    return Parsed(records=[deed.record(CASES.id, item.key, body, before=item)])


def close(reader: Reader, deed: Deed) -> Parsed:
    """Return the case as closed: its plan is no longer made, and leaves the lists."""
    item = reader.get(CASES.id, deed.key)
    body = msgspec.structs.replace(body_of(item, Case), state="closed")
    return Parsed(records=[deed.record(CASES.id, item.key, body, before=item)])


def settle_shelter(reader: Reader, deed: Deed) -> Parsed:
    """Return what the person settles for a shelter; boxes that were left empty stay as settled."""
    plan = body_of(reader.get(SHELTER_PLANS.id, deed.key), ShelterPlan)
    before = _edit(reader, deed.key)
    was = body_of(before, Edit) if before is not None else None
    values = deed.values
    accessible = {"yes": True, "no": False}.get(values.get("accessible", ""))
    body = Edit(
        case=plan.case, about="shelter", target=plan.shelter, name=plan.name,
        wish=values.get("wish") or (was.wish if was else "auto"),
        capacity=_kept(deed, "capacity", was.capacity if was else None, 100_000),
        accessible=was.accessible if accessible is None and was else accessible,
        opens_at=values.get("opens_at") or (was.opens_at if was else None),
        staff_at_least=_kept(deed, "staff_at_least", was.staff_at_least if was else None, 1_000),
        note=deed.text("note") or (was.note if was else ""),
        decided_by=deed.person.name, decided_at=deed.at,
    )  # fmt: skip
    return Parsed(records=[deed.record(EDITS.id, deed.key, body, before=before)])


def release_shelter(reader: Reader, deed: Deed) -> Parsed:
    """Return the shelter's edit as taken back: the plan is free again."""
    before = _edit(reader, deed.key)
    if before is None:
        raise InputError("Nothing is settled here.", "この避難所には指定がありません。")
    gone = deed.record(EDITS.id, deed.key, body_of(before, Edit), before=before, retracts=True)
    return Parsed(records=[gone])


def assign_block(reader: Reader, deed: Deed) -> Parsed:
    """Return what the person settles for a block: its people go to this shelter."""
    case = body_of(reader.get(CASES.id, deed.key), Case)
    here = Compare("=", Property("municipality_code"), Value(case.municipality_code))
    wanted = deed.text("block")
    blocks = [
        item
        for item in reader.every(POPULATION.id, filter=here)
        if wanted in {item.key, item.properties()["name"]}
    ]
    if not blocks:
        raise MissingError(Text("区画", "block"), wanted)
    if len(blocks) > 1:
        keys = ", ".join(item.key for item in blocks[:5])
        raise InputError(
            f"Several blocks are named {wanted!r}: give one of {keys}.",
            f"「{wanted}」は複数あります。キーで指定してください: {keys}",
        )
    shelter = _shelter(reader, deed.key, deed.text("shelter"))
    key = f"{deed.key}/block/{blocks[0].key}"
    body = Edit(
        case=deed.key, about="block", target=blocks[0].key,
        name=str(blocks[0].properties()["name"]), shelter=shelter, note=deed.text("note"),
        decided_by=deed.person.name, decided_at=deed.at,
    )  # fmt: skip
    return Parsed(records=[deed.record(EDITS.id, key, body, before=_edit(reader, key))])


def release_block(reader: Reader, deed: Deed) -> Parsed:
    """Return the edits of a block as taken back."""
    wanted = deed.text("block")
    mine = And((_equal("case", deed.key), _equal("about", "block")))
    found = [
        item
        for item in reader.every(EDITS.id, filter=mine)
        if wanted in {item.properties()["target"], item.properties()["name"]}
    ]
    if not found:
        raise MissingError(Text("区画の指定", "edit of a block"), wanted)
    return Parsed(
        records=[
            deed.record(EDITS.id, item.key, body_of(item, Edit), before=item, retracts=True)
            for item in found
        ]
    )


def confirm(reader: Reader, deed: Deed) -> Parsed:
    """Return the person's word for the plan as it now stands."""
    item = reader.get(PLANS.id, deed.key)
    plan = body_of(item, Plan)
    rows = list(reader.every(SHELTER_PLANS.id, filter=_equal("case", deed.key)))
    opened = {
        str(row.properties()["shelter"]): int(row.properties().get("people") or 0)
        for row in rows
        if row.properties()["use"] == "open"
    }
    before = next(iter(reader.find(CONFIRMATIONS.id, keys=(deed.key,), limit=1).items), None)
    body = Confirmation(
        case=deed.key, fingerprint=plan.fingerprint, shelters=opened,
        records=(item.id, *(row.id for row in rows)), comment=deed.text("comment"),
        confirmed_by=deed.person.name, confirmed_at=deed.at,
    )  # fmt: skip
    inputs = (item.id, *(row.id for row in rows))
    return Parsed(
        records=[deed.record(CONFIRMATIONS.id, deed.key, body, before=before, inputs=inputs)]
    )


def _equal(name: str, value: str) -> Compare:
    return Compare("=", Property(name), Value(value))


def _edit(reader: Reader, key: str) -> Stored | None:
    return next(iter(reader.find(EDITS.id, keys=(key,), limit=1).items), None)


def _shelter(reader: Reader, case: str, wanted: str) -> str:
    rows = [r.properties() for r in reader.every(SHELTER_PLANS.id, filter=_equal("case", case))]
    named = [r["shelter"] for r in rows if wanted in {r["shelter"], r["name"]}]
    if len(named) != 1:
        raise MissingError(Text("避難所", "shelter"), wanted, [r["name"] for r in rows])
    return str(named[0])


def _days(deed: Deed) -> float:
    days = float(deed.values.get("days") or 3.0)
    if not 0 < days <= MOST_DAYS:
        raise InputError(f"days: expected 0 to {MOST_DAYS}.", f"日数は{MOST_DAYS}日までです。")
    return days


def _whole(deed: Deed, name: str, usual: int, most: int, *, least: int = 1) -> int:
    number = deed.values.get(name)
    number = usual if number is None else number
    if number != int(number) or not least <= number <= most:
        raise InputError(
            f"{name}: expected a whole number from {least} to {most:,}.",
            f"{name}は{least}から{most:,}までの整数です。",
        )
    return int(number)


def _kept(deed: Deed, name: str, was: int | None, most: int) -> int | None:
    return was if deed.values.get(name) is None else _whole(deed, name, 0, most, least=0)


_ASSUMED = Input(
    name="assume_level", label=Text("出ると仮定する避難情報", "Order taken for given"),
    kind="choice", choices=choices(_LEVELS), prefill="assume_level",
    hint=Text("まだ発令していなくても、その場合の計画を立てます。", "Plan ahead of the order."),
)  # fmt: skip
_STARTS = Input(
    name="starts_at", label=Text("計画の開始", "From"), kind="time", prefill="starts_at",
    preset="now",
)  # fmt: skip
_AIM = Input(
    name="aim", label=Text("人数の見込み", "How many to plan for"), kind="choice",
    choices=choices(_AIMS), prefill="aim", preset="high",
)  # fmt: skip
_HOURS = Input(
    name="hours", label=Text("計算する時間", "Hours ahead"), kind="number", unit="h",
    prefill="hours", preset="12",
)  # fmt: skip
_DAYS = Input(
    name="days", label=Text("物資の日数", "Days of goods"), kind="number", unit="日/days",
    prefill="days", preset="3",
)  # fmt: skip
_LEAST = Input(
    name="least_people", label=Text("開設の目安(最少人数)", "Fewest people to open for"),
    kind="number", unit="人", prefill="least_people", preset="20",
)  # fmt: skip
_BLOCK = Input(name="block", label=Text("区画(町丁名)", "Block"), required=True)
_NOTE = Input(name="note", label=Text("理由・メモ", "Why"))

ACTS: tuple[Act, ...] = (
    Act(
        id="response.plan-evacuation",
        title=Text("避難計画を作る", "Plan an evacuation"),
        text=Text(
            "避難者の見込み、開設する避難所、職員・物資の案を作り、状況が変わるたびに作り直します。",
            "Who comes, which shelters open, staff and goods: a draft, made anew as facts change.",
        ),
        collection=CASES.id,
        perform=begin,
        new=True,
        inputs=(
            Input(name="title", label=Text("名称", "Title")),
            Input(name="area_code", label=Text("市町村", "Municipality"), kind="area",
                  required=True),
            Input(name="hazard", label=Text("災害", "Hazard"), kind="choice", required=True,
                  choices=choices(HAZARDS), preset="flood"),
            _STARTS, _ASSUMED, _AIM, _HOURS, _DAYS, _LEAST,
            Input(name="longest_min", label=Text("移動の上限", "Longest way"), kind="number",
                  unit="min", preset="60"),
            Input(name="run", label=Text("浸水予測の計算(空欄は最新)", "Inundation run")),
        ),
    ),
    Act(
        id="response.change-evacuation",
        title=Text("前提を変える", "Change assumptions"),
        text=Text("仮定・時間などを変えて計算し直します。", "Compute with other assumptions."),
        collection=CASES.id,
        perform=change,
        states={"state": ("open",)},
        inputs=tuple(
            msgspec.structs.replace(box, preset="")
            for box in (_STARTS, _ASSUMED, _AIM, _HOURS, _DAYS, _LEAST)
        ),
    ),
    Act(
        id="response.close-evacuation",
        title=Text("計画を終える", "Close the plan"),
        text=Text("計算をやめ、計画を一覧から消します(履歴は残ります)。",
                  "No longer computed; it leaves the lists and stays in the history."),
        collection=CASES.id,
        perform=close,
        states={"state": ("open",)},
        grave=True,
    ),
    Act(
        id="response.settle-shelter",
        title=Text("避難所を指定する", "Settle a shelter"),
        text=Text("開設・定員・職員を決めます。再計算しても守られます。",
                  "Settle opening, capacity, staff; the plan keeps to it."),
        collection=SHELTER_PLANS.id,
        perform=settle_shelter,
        gives=(EDITS.id,),
        inputs=(
            Input(name="wish", label=Text("使い方", "Use"), kind="choice",
                  choices=choices(WISHES)),
            Input(name="capacity", label=Text("受け入れる人数", "Capacity"), kind="number",
                  unit="人"),
            Input(name="accessible", label=Text("要配慮者の受け入れ", "Takes who need help"),
                  kind="choice", choices=_YES_NO),
            Input(name="opens_at", label=Text("開設時刻", "Opens at"), kind="time"),
            Input(name="staff_at_least", label=Text("職員(最少)", "Staff, at least"),
                  kind="number", unit="人"),
            _NOTE,
        ),
    ),
    Act(
        id="response.release-shelter",
        title=Text("指定を取り消す", "Take the edit back"),
        text=Text("計算に任せます。", "As computed again."),
        collection=SHELTER_PLANS.id,
        perform=release_shelter,
        gives=(EDITS.id,),
    ),
    Act(
        id="response.assign-block",
        title=Text("地区の避難先を決める", "Assign a block"),
        text=Text("この区画の人の避難先を決めます。", "Where the people of a block go."),
        collection=CASES.id,
        perform=assign_block,
        states={"state": ("open",)},
        gives=(EDITS.id,),
        inputs=(
            _BLOCK,
            Input(name="shelter", label=Text("避難所", "Shelter"), required=True),
            _NOTE,
        ),
    ),
    Act(
        id="response.release-block",
        title=Text("地区の指定を取り消す", "Release a block"),
        text=Text("計算に任せます。", "As computed again."),
        collection=CASES.id,
        perform=release_block,
        gives=(EDITS.id,),
        inputs=(_BLOCK,),
    ),
    Act(
        id="response.confirm-evacuation-plan",
        title=Text("計画を確認する", "Confirm the plan"),
        text=Text("いまの案を実行する計画として確認します。状況が変わると改定案になります。",
                  "The plan as it stands is the one to carry out; when facts change, a revision"
                  " is drafted."),
        collection=PLANS.id,
        perform=confirm,
        states={"state": ("draft", "revised")},
        gives=(CONFIRMATIONS.id,),
        role=COMMANDER,
        inputs=(Input(name="comment", label=Text("コメント", "Comment")),),
    ),
)  # fmt: skip
