"""Evacuation plans in reports: tables for PDF, Excel and HTML by the reports' own templates."""

from __future__ import annotations

from hinomi.domains.response.evacuation.collections import (
    HAZARDS,
    PLAN_STATES,
    PLANS,
    SHELTER_PLANS,
)
from hinomi.domains.response.share.reports.tables import Given, Kind, Part, number, text, time, word
from hinomi.kernel.errors import Text
from hinomi.kernel.filters import Compare, Property, Value
from hinomi.standards.paper import Cell


def _range(given: Given) -> Cell:
    said = given[2]
    return Cell(text=f"{said.get('people_low', 0):,}〜{said.get('people_high', 0):,}")


def _fill(given: Given) -> Cell:
    fill = given[2].get("fill")
    return Cell(text="" if fill is None else f"{fill:.0%}", align="right")


def _staff(given: Given) -> Cell:
    view, _, said = given
    name = "name" if view.language == "ja" else "name_en"
    posts = (f"{p[name]}{p['most']}({p['shifts']})" for p in said.get("staff", ()))
    return Cell(text=" ".join(posts))


def _goods(given: Given) -> Cell:
    view, _, said = given
    name = "name" if view.language == "ja" else "name_en"
    return Cell(text="、".join(
        f"{g[name]} {g['quantity']:,.0f}{g['unit']}" for g in said.get("goods", ())
    ))  # fmt: skip


def _notes(given: Given) -> Cell:
    view, _, said = given
    return Cell(text=" ".join(said.get("notes" if view.language == "ja" else "notes_en", ())))


def _edits(given: Given) -> Cell:
    return Cell(text=" / ".join(given[2].get("edits", ())))


_STATE = word("state", "状態", "State", PLAN_STATES)
_PLANNED = number("planned", "受入計画(人)", "Room for")

EVACUATION_KINDS: dict[str, Kind] = {
    "evacuation-plans": Kind(
        collection=PLANS.id,
        area="municipality_code",
        empty=Text("避難計画はありません。", "There is no evacuation plan."),
        usual=("title", "hazard", "state", "starts", "range", "planned", "open", "staff",
               "unplaced", "notes", "confirmed_by"),
        parts={
            "title": text("title", "計画", "Plan", width=1.5),
            "hazard": word("hazard", "災害", "Hazard", HAZARDS),
            "state": _STATE,
            "starts": time("starts_at", "開始", "From"),
            "people": number("people", "見込み(人)", "Expected"),
            "range": Part(title=Text("幅(10〜90%)", "10 to 90 %"), give=_range),
            "planned": _PLANNED,
            "open": number("open_shelters", "開設", "Shelters"),
            "staff": number("staff_most", "職員(最大)", "Staff, at most"),
            "unplaced": number("unplaced", "不足(人)", "Without a place"),
            "in_water": number("in_water", "浸水後の出発(人)", "Leave in water"),
            "minutes": number("minutes", "平均移動(分)", "Mean way (min)"),
            "goods": Part(title=Text("物資", "Goods"), give=_goods, width=4),
            "notes": Part(title=Text("注意", "Notes"), give=_notes, width=3),
            "confirmed_by": text("confirmed_by", "確認者", "Confirmed by"),
        },
    ),
    "evacuation-shelters": Kind(
        collection=SHELTER_PLANS.id,
        filter=Compare("=", Property("use"), Value("open")),
        area="municipality_code",
        order=lambda item: (item.properties()["case"], str(item.properties().get("opens_at"))),
        empty=Text("開設する避難所はありません。", "No shelter is to open."),
        usual=("name", "prepare", "opens", "full", "people", "range", "capacity", "fill", "needs",
               "staff", "goods", "edits"),
        parts={
            "name": text("name", "避難所", "Shelter", width=1.6),
            "state": _STATE,
            "prepare": time("prepare_at", "参集", "Staff from"),
            "opens": time("opens_at", "開設", "Opens"),
            "full": time("full_at", "満員", "Full"),
            "people": number("people", "見込み(人)", "Expected"),
            "range": Part(title=Text("幅(10〜90%)", "10 to 90 %"), give=_range),
            "capacity": number("capacity", "定員(人)", "Capacity"),
            "fill": Part(title=Text("定員比", "Fill"), give=_fill, width=0.7, align="right"),
            "needs": number("needs_time", "要配慮者(人)", "Need help"),
            "minutes": number("minutes", "平均移動(分)", "Mean way (min)"),
            "staff": Part(title=Text("職員 同時(交替数)", "Staff at once (shifts)"), give=_staff,
                          width=2.5),
            "goods": Part(title=Text("物資", "Goods"), give=_goods, width=4),
            "edits": Part(title=Text("職員の指定", "Settled"), give=_edits, width=1.5),
            "why": text("why", "注意", "Note", name_en="why_en", width=1.5),
        },
    ),
}  # fmt: skip
