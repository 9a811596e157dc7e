"""Which tables there are: by the name that a template's section gives."""

from __future__ import annotations

from typing import Any

from hinomi.domains.response.collections import chronology as log
from hinomi.domains.response.collections.alerts import ACKNOWLEDGEMENTS, ALERTS
from hinomi.domains.response.collections.decisions import DECISIONS
from hinomi.domains.response.collections.decisions import STATES as DECISION_STATES
from hinomi.domains.response.collections.lifelines import LIFELINES, LINES
from hinomi.domains.response.collections.lifelines import STATES as LINE_STATES
from hinomi.domains.response.collections.orders import ORDERS, REASONS
from hinomi.domains.response.collections.roster import ROSTER
from hinomi.domains.response.collections.roster import STATES as DUTY_STATES
from hinomi.domains.response.collections.shelters import SHELTERS
from hinomi.domains.response.collections.tasks import TASK_STATES, TASKS
from hinomi.domains.response.share.reports.evacuation import EVACUATION_KINDS
from hinomi.domains.response.share.reports.tables import (
    Given,
    Kind,
    Part,
    level,
    number,
    text,
    time,
    word,
)
from hinomi.domains.response.share.reports.view import View, clock_time, time_of
from hinomi.kernel.errors import Text
from hinomi.kernel.filters import Compare, In, Property, Value
from hinomi.kernel.records import Stored
from hinomi.standards.paper import Cell
from hinomi.vocabulary.hazards import HAZARDS


def _hazards(given: Given) -> Cell:
    view, _, said = given
    parts = []
    for state in said.get("in_force", ()):
        hazard = HAZARDS.get(state["hazard"])
        name = state["kind_name"] if view.language == "ja" or hazard is None else hazard.en
        parts.append(name)
    return Cell(text="、".join(parts) if view.language == "ja" else ", ".join(parts))


def _crowding(given: Given) -> Cell:
    said = given[2]
    people, capacity = said.get("people"), said.get("capacity")
    return Cell(text=f"{people / capacity:.0%}" if people is not None and capacity else "")


def _entry_text(given: Given) -> Cell:
    view, _, said = given
    words = str((said.get("text_en") if view.language != "ja" else "") or said["text"])
    if said.get("struck"):
        words = f"{view.say(Text('【取消】', '[struck] '))}{words}"
    if said.get("corrections"):
        times = said["corrections"]
        words += view.say(Text(f" (訂正{times}回)", f" (corrected {times}x)"))
    return Cell(text=words)


def _picture(given: Given) -> Cell:
    view, _, said = given
    known = time_of(said["known_at"])
    assert known is not None  # noqa: S101  (the schema demands it)
    return Cell(text=clock_time(known), link=view.picture_link(known))


def _joined(name: str, ja: str, en: str, *, width: float) -> Part:
    return Part(
        title=Text(ja, en),
        give=lambda given: Cell(text="\n".join(f"・{o}" for o in given[2].get(name, ()))),
        width=width,
    )


def _overdue(given: Given) -> Cell:
    view, _, said = given
    due = time_of(said.get("due_at"))
    late = due is not None and due < view.moment
    mark = view.say(Text(" 超過", " overdue")) if late else ""
    return Cell(text=f"{clock_time(due)}{mark}", ink="#b00000" if late else "", strong=late)


def _unheard(view: View, found: list[Stored]) -> list[Stored]:
    heard = {item.key for item in view.find(ACKNOWLEDGEMENTS.id)}
    news = (i for i in found if i.when.end is None or i.when.end > view.moment)
    return [i for i in news if i.key not in heard and _concerns(i, view.area)]


def _concerns(item: Stored, area: str) -> bool:
    """Tell whether an alert is about the area; an alert about a prefecture is about its towns."""
    areas: list[str] = item.properties().get("areas", [])
    return not area or not areas or any(a.startswith(area) or area.startswith(a) for a in areas)


def _by(*names: str) -> Any:
    def order(item: Stored) -> tuple[str, ...]:
        said = item.properties()
        return tuple(str(said.get(name) or "") for name in names)

    return order


def _worst_first(item: Stored) -> tuple[int, str]:
    said = item.properties()
    return -int(said.get("level", 0)), str(said.get("area_code") or said.get("municipality_code"))


_MUNICIPALITY = text("municipality", "市町村", "Municipality")
_REMARKS = text("remarks", "備考", "Remarks", width=1.5)

KINDS: dict[str, Kind] = {
    **EVACUATION_KINDS,
    "levels": Kind(
        collection="hazards.levels",
        filter=Compare(">=", Property("level"), Value(2)),
        area="area_code",
        order=_worst_first,
        empty=Text("発表中の警報・注意報はありません。", "No warning is in force."),
        usual=("area", "level", "hazards", "since"),
        parts={
            "area": text("area_name", "市町村", "Municipality", name_en="area_name_en"),
            "level": level("level", "レベル", "Level"),
            "hazards": Part(title=Text("発表中", "In force"), give=_hazards, width=3),
            "since": time("start", "このレベルになった時刻", "Since"),
        },
    ),
    "orders": Kind(
        collection=ORDERS.id,
        filter=Compare("=", Property("state"), Value("in_force")),
        area="municipality_code",
        order=_worst_first,
        empty=Text("発令中の避難情報はありません。", "No evacuation order is in force."),
        usual=("municipality", "district", "order", "level", "since", "households", "people",
               "reason"),
        parts={
            "municipality": _MUNICIPALITY,
            "district": text("district", "地区", "District"),
            "order": text("name", "避難情報", "Order", name_en="name_en", width=1.2),
            "level": level("level", "レベル", "Level"),
            "since": time("since", "発令", "Issued"),
            "households": number("households", "世帯", "Households"),
            "people": number("people", "人数", "People"),
            "reason": word("reason", "理由", "Reason", REASONS),
            "message": text("message", "住民への伝達文", "Message", width=2),
            "shelters": text("shelters", "避難先", "Where to go", width=1.5),
            "review": time("review_at", "見直し", "Review"),
            "basis": text("legal_basis", "根拠", "Basis", width=1.5),
        },
    ),
    "shelters": Kind(
        collection=SHELTERS.id,
        filter=Compare("=", Property("state"), Value("open")),
        area="municipality_code",
        order=_by("municipality_code", "name"),
        empty=Text("開設中の避難所はありません。", "No shelter is open."),
        usual=("municipality", "name", "people", "capacity", "crowding", "said_at"),
        parts={
            "municipality": _MUNICIPALITY,
            "name": text("name", "避難所", "Shelter", name_en="called_en", width=2),
            "address": text("address", "所在地", "Address", width=2),
            "people": number("people", "避難者(人)", "People"),
            "capacity": number("capacity", "定員(人)", "Capacity"),
            "crowding": Part(
                title=Text("混雑率", "Crowding"), give=_crowding, width=0.7, align="right"
            ),
            "phone": text("phone", "電話", "Phone"),
            "said_at": time("said_at", "報告", "Stated"),
            "source": text("source", "発表者", "Stated by"),
        },
    ),
    "lifelines": Kind(
        collection=LIFELINES.id,
        area="municipality_code",
        order=_by("line", "municipality_code", "operator"),
        empty=Text("ライフラインの報告はありません。", "Nothing is reported of lifelines."),
        usual=("line", "municipality", "operator", "state", "households", "where", "expected",
               "said_at"),
        parts={
            "line": word("line", "種別", "Line", LINES, width=0.8),
            "municipality": _MUNICIPALITY,
            "operator": text("operator", "事業者・路線", "Operator"),
            "state": word("state", "状況", "State", LINE_STATES),
            "households": number("households_out", "停止(戸)", "Out"),
            "where": text("where", "地区・区間", "Where", width=1.5),
            "since": time("since", "停止", "Since"),
            "expected": time("expected", "復旧見込み", "Expected"),
            "said_by": text("said_by", "情報源", "Told by"),
            "remarks": _REMARKS,
            "said_at": time("said_at", "報告", "Stated"),
        },
    ),
    "decisions": Kind(
        collection=DECISIONS.id,
        order=_by("known_at"),
        empty=Text("決定の記録はありません。", "No decision is on record."),
        usual=("what", "decided_by", "why", "known", "state"),
        parts={
            "what": text("what", "決定", "Decision", width=2.5),
            "decided_by": text("decided_by", "決定者", "By", width=0.9),
            "why": text("why", "理由", "Why", width=2.5),
            "options": _joined("options", "検討した案", "Options", width=2),
            "known": Part(
                title=Text("決定時刻(当時の状況)", "At (picture then)"), give=_picture, width=1.1
            ),
            "state": word("state", "状態", "State", DECISION_STATES, width=0.7),
        },
    ),
    "tasks": Kind(
        collection=TASKS.id,
        filter=In(Property("state"), ("open", "doing")),
        order=_by("due_at", "given_at"),
        empty=Text("未完了のタスクはありません。", "No task is open."),
        usual=("title", "owner", "due", "state"),
        parts={
            "title": text("title", "タスク", "Task", width=3),
            "text": text("text", "内容", "Text", width=3),
            "owner": text("owner", "担当", "Owner"),
            "due": Part(title=Text("期限", "Due"), give=_overdue, width=1.1),
            "state": word("state", "状態", "State", TASK_STATES, width=0.8),
        },
    ),
    "alerts": Kind(
        collection=ALERTS.id,
        filter=Compare("=", Property("state"), Value("raised")),
        choose=_unheard,
        order=_worst_first,
        empty=Text("未確認の通知はありません。", "No alert waits for somebody."),
        usual=("area", "level", "text", "raised_at"),
        parts={
            "area": text("area_name", "市町村", "Municipality", name_en="area_name_en"),
            "level": level("level", "レベル", "Level"),
            "text": text("text", "内容", "Text", name_en="text_en", width=3),
            "raised_at": time("raised_at", "時刻", "Raised"),
        },
    ),
    "chronology": Kind(
        collection=log.CHRONOLOGY.id,
        order=_by("known_at"),
        empty=Text("記録はありません。", "Nothing is written."),
        usual=("known", "kind", "text", "from", "to", "place", "state", "by"),
        parts={
            "known": time("known_at", "覚知", "Known"),
            "happened": time("happened_at", "発生", "Happened"),
            "kind": word("kind", "種別", "Kind", log.KINDS, width=0.7),
            "text": Part(title=Text("内容", "What"), give=_entry_text, width=5),
            "from": text("from_whom", "発信元", "From"),
            "to": text("to_whom", "宛先・担当", "To"),
            "place": text("place_name", "場所", "Where"),
            "state": word("state", "状況", "State", log.STATES, width=0.7),
            "by": text("written_by", "記入者", "Written by", width=0.9),
        },
    ),
    "roster": Kind(
        collection=ROSTER.id,
        filter=In(Property("state"), ("on_duty", "planned")),
        order=_by("team", "start", "name"),
        empty=Text("勤務中・予定の職員はいません。", "Nobody is on duty or planned."),
        usual=("team", "name", "duty", "shift", "start", "end", "state"),
        parts={
            "team": text("team", "班", "Team"),
            "name": text("name", "氏名", "Name"),
            "duty": text("duty", "役割", "Duty"),
            "shift": text("shift", "勤務区分", "Shift"),
            "start": time("start", "開始", "From"),
            "end": time("end", "終了予定", "To"),
            "state": word("state", "状態", "State", DUTY_STATES, width=0.8),
            "contact": text("contact", "連絡先(個人情報)", "Contact (personal)", width=1.5),
            "remarks": _REMARKS,
        },
    ),
    "quakes": Kind(
        collection="hazards.quakes",
        order=lambda item: item.when.start.timestamp() if item.when.start else 0.0,
        empty=Text("地震の情報はありません。", "No earthquake is on record."),
        usual=("at", "where", "magnitude", "intensity"),
        parts={
            "at": time("start", "発生", "At"),
            "where": text("hypocentre", "震央地名", "Epicentre", width=2, name_en="hypocentre_en"),
            "magnitude": number("magnitude", "規模(M)", "Magnitude"),
            "intensity": text("max_intensity", "最大震度", "Max. intensity"),
        },
    ),
}  # fmt: skip
