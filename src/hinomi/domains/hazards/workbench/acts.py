"""The workbench's acts: ask for a run of a case under changes, cancel it."""

from __future__ import annotations

from typing import Any

import msgspec

from hinomi.domains.hazards.collections.scenarios import (
    CLOSED_STATES,
    OPEN_STATES,
    SCENARIO_CASES,
    SCENARIO_MAPS,
    SCENARIO_RUNS,
    BreachAt,
    Changes,
    Curve,
    DemEdit,
    GateAt,
    PumpAt,
    ScenarioCase,
    ScenarioMap,
    ScenarioRun,
)
from hinomi.domains.hazards.workbench.changing import checked
from hinomi.domains.hazards.workbench.records import MAPS, asked, closed, run_record
from hinomi.kernel.errors import ConflictError, InputError, Text
from hinomi.kernel.ports import Parsed
from hinomi.kernel.reader import Reader
from hinomi.vocabulary.acts import Act, Choice, Deed, Input

MOST_OPEN = 20
"""Runs that wait at once: beyond, nobody sees what is computed for whom."""


def ask(reader: Reader, deed: Deed) -> Parsed:
    """Return a run that waits for its turn."""
    item = reader.get(SCENARIO_CASES.id, deed.key)
    case = msgspec.convert(item.body(), ScenarioCase)
    waiting = [
        run for run in reader.every(SCENARIO_RUNS.id) if run.properties()["state"] in OPEN_STATES
    ]
    if len(waiting) >= MOST_OPEN:
        raise ConflictError(
            f"{len(waiting)} runs wait already; cancel some, or wait.",
            f"すでに{len(waiting)}件が計算待ちです。取り消すか、終わるまで待ってください。",
        )
    body = asked(
        case, item.id, item.key, checked(_changes(deed)), title=deed.text("title"),
        asked_by=deed.person.name, asked_at=deed.at,
    )  # fmt: skip
    marking = closed(item.marking, deed.marking())
    record = run_record(
        deed.id, body, deed.at, deed.person.organisation, marking,
        entered_by=deed.person.name, inputs=(item.id,),
    )  # fmt: skip
    return Parsed(records=[record])


def cancel(reader: Reader, deed: Deed) -> Parsed:
    """Return the run as not wanted any more."""
    item = reader.get(SCENARIO_RUNS.id, deed.key)
    body = msgspec.convert(item.body(), ScenarioRun)
    gone = msgspec.structs.replace(body, state="cancelled")
    return Parsed(records=[deed.record(SCENARIO_RUNS.id, item.key, gone, before=item)])


def remove(reader: Reader, deed: Deed) -> Parsed:
    """Return the run and its maps as taken back: out of the list, and told no more."""
    item = reader.get(SCENARIO_RUNS.id, deed.key)
    keys = tuple(f"{item.key}/{name}" for name in MAPS)
    maps = reader.every(SCENARIO_MAPS.id, keys=keys)
    run = deed.record(
        SCENARIO_RUNS.id, item.key, msgspec.convert(item.body(), ScenarioRun), before=item,
        retracts=True,
    )  # fmt: skip
    gone = (
        deed.record(
            SCENARIO_MAPS.id, one.key, msgspec.convert(one.body(), ScenarioMap), before=one,
            retracts=True,
        )
        for one in maps
    )  # fmt: skip
    return Parsed(records=[run, *gone])


_PLACED = {
    "breach": ("breach_width_m", "breach_min"),
    "levee": ("levee_by_m",),
    "gate": ("gate_crest_m", "gate_width_m", "gate_from_min", "gate_to_min"),
    "pump": ("pump_m3_s",),
}
"""Figures that say nothing without their place."""


def _place_told(deed: Deed) -> None:
    """Refuse a figure whose place was not chosen: the run would go on as if it were not there."""
    for place, figures in _PLACED.items():
        told = [name for name in figures if deed.values.get(name) is not None]
        if told and deed.values.get(place) is None:
            labels = {one.name: one.label for one in ACTS[0].inputs}
            ja, en = labels[told[0]].ja, labels[told[0]].en
            raise InputError(
                f"{en}: choose {labels[place].en[0].lower()}{labels[place].en[1:]} on the map.",
                f"「{ja}」には「{labels[place].ja}」を地図で選んでください。",
            )


def _changes(deed: Deed) -> Changes:
    _place_told(deed)
    values = deed.values
    given: dict[str, Any] = {}
    if values.get("rain") is not None:
        given["rain_factor"] = values["rain"] / 100
    if deed.text("hyetograph"):
        given["rain_mm_h"] = _hyetograph(deed.text("hyetograph"))
    if values.get("inflow") is not None:
        given["inflow_factor"] = values["inflow"] / 100
    for name in ("manning", "drain_mm_h", "hours"):
        if values.get(name) is not None:
            given[name] = values[name]
    breach = _breach(deed)
    if breach is not None:
        given["breach"] = breach
    if values.get("levee") is not None:
        given["dem"] = _levee(deed)
    if values.get("pump") is not None:
        rate = _needed(deed, "pump_m3_s", "排水量", "the pump's capacity")
        given["pump"] = (PumpAt(place=_point(deed, "pump"), capacity_m3_s=rate),)
    if values.get("gate") is not None:
        given["gate"] = _gate(deed)
    return Changes(**given)


def _breach(deed: Deed) -> tuple[BreachAt, ...] | None:
    wish = deed.text("breaches")
    if deed.values.get("breach") is None:
        return () if wish == "none" else None
    if wish == "none":
        raise InputError(
            "A place of a breach and no breach at all do not go together.",
            "破堤の位置と「破堤なし」は同時に指定できません。",
        )
    return (
        BreachAt(
            place=_point(deed, "breach"), width_m=_number(deed, "breach_width_m", 100.0),
            start_min=_number(deed, "breach_min", 0.0),
        ),
    )  # fmt: skip


def _levee(deed: Deed) -> tuple[DemEdit, ...]:
    by_m = _needed(deed, "levee_by_m", "高さの変更", "by how much the ground changes")
    drawn = deed.values["levee"]
    kind, points = drawn["type"], drawn["coordinates"]
    if kind == "Point":
        raise InputError(
            "The line to raise needs two points or more.", "地盤を変える線は2点以上必要です。"
        )
    line = points[0] if kind == "Polygon" else points
    return (DemEdit(line=tuple((p[0], p[1]) for p in line), by_m=by_m),)


def _gate(deed: Deed) -> tuple[GateAt, ...]:
    start = _number(deed, "gate_from_min", 0.0)
    end = _number(deed, "gate_to_min", 60 * 240.0)
    crest = _needed(deed, "gate_crest_m", "水門の天端高", "the gate's crest")
    width = _number(deed, "gate_width_m", 30.0)
    at = _point(deed, "gate")
    return (GateAt(place=at, width_m=width, crest_m=crest, closed_min=((start, end),)),)


def _hyetograph(text: str) -> Curve:
    """Return the rain [mm/h] of an hour each, as it is typed: ``20 40 60 10``."""
    try:
        hours = tuple(float(part) for part in text.replace(",", " ").replace("、", " ").split())
    except ValueError:
        raise InputError(
            f"{text!r}: expected millimetres an hour for each hour, as 20 40 60 10.",
            "雨量は1時間ごとのmm/hを空白で区切ってください(例: 20 40 60 10)。",
        ) from None
    if not hours or len(hours) > 240 or any(not 0 <= one <= 300 for one in hours):
        raise InputError("Rain: expected 0 to 300 mm/h (雨量は0から300 mm/hです)。")
    # Each hour is one value: it changes within a minute of the full hour.
    minutes = tuple(m for n in range(len(hours)) for m in (60.0 * n + (n > 0), 60.0 * (n + 1)))
    return Curve(minutes, tuple(value for value in hours for _ in (0, 1)))


def _point(deed: Deed, name: str) -> tuple[float, float]:
    drawn = deed.values[name]
    if drawn["type"] != "Point":
        raise InputError(f"{name}: expected one point (地点は1点です)。")
    longitude, latitude = drawn["coordinates"][:2]
    return round(longitude, 6), round(latitude, 6)


def _number(deed: Deed, name: str, usual: float) -> float:
    value = deed.values.get(name)
    return usual if value is None else float(value)


def _needed(deed: Deed, name: str, ja: str, en: str) -> float:
    value = deed.values.get(name)
    if value is None:
        raise InputError(f"Say {en}.", f"{ja}を入れてください。")
    return float(value)


def _place(name: str, ja: str, en: str, ja_hint: str = "", en_hint: str = "") -> Input:
    hint = Text(ja_hint, en_hint) if ja_hint else None
    return Input(name=name, label=Text(ja, en), kind="place", hint=hint)


def _figure(name: str, ja: str, en: str, unit: str, preset: str = "") -> Input:
    return Input(name=name, label=Text(ja, en), kind="number", unit=unit, preset=preset)


ACTS: tuple[Act, ...] = (
    Act(
        id="hazards.run-scenario",
        title=Text("条件を変えて計算", "Run with changes"),
        text=Text(
            "空欄はケースのままです。結果は仮定の計算で、公開されません(組織内だけ)。",
            "What is left empty is as in the case. The result is a what-if, for your organisation"
            " alone.",
        ),
        collection=SCENARIO_CASES.id,
        perform=ask,
        gives=(SCENARIO_RUNS.id,),
        inputs=(
            Input(name="title", label=Text("名称", "Title"), required=True),
            _figure("rain", "雨", "Rain", "%"),
            Input(name="hyetograph", label=Text("雨量の時系列", "Rain by the hour"), unit="mm/h",
                  hint=Text("1時間ごと。例: 20 40 60 10", "An hour each: 20 40 60 10")),
            _figure("inflow", "河川の流入", "River inflow", "%"),
            Input(name="breaches", label=Text("破堤", "Breaches"), kind="choice",
                  choices=(Choice("none", Text("なしにする", "none")),),
                  hint=Text("空欄はケースの想定。位置を選ぶと、それに置き換えます。",
                            "Empty: the case's. A place below takes their place.")),
            _place("breach", "破堤の位置", "Place of a breach"),
            _figure("breach_width_m", "破堤の幅", "Breach's width", "m"),
            _figure("breach_min", "破堤の時刻(開始から)", "Breach after", "min"),
            _place("levee", "地盤を変える線(堤防のかさ上げなど)", "Line of ground to change",
                   "地図で2点以上を選びます。", "Pick two points or more on the map."),
            _figure("levee_by_m", "高さの変更", "Higher by", "m"),
            _place("gate", "水門の位置", "Place of a gate"),
            _figure("gate_crest_m", "水門の天端高(標高)", "Gate's crest", "m"),
            _figure("gate_width_m", "水門の幅", "Gate's width", "m"),
            _figure("gate_from_min", "閉める時刻(開始から)", "Closed from", "min"),
            _figure("gate_to_min", "開ける時刻(開始から)", "Closed until", "min"),
            _place("pump", "排水ポンプの位置", "Place of a pump"),
            _figure("pump_m3_s", "排水量", "Pump's capacity", "m3/s"),
            _figure("drain_mm_h", "下水道の排水能力", "Sewers take", "mm/h"),
            _figure("manning", "粗度係数", "Manning's n", "s/m^(1/3)"),
            _figure("hours", "計算する時間", "Hours", "h"),
        ),
    ),
    Act(
        id="hazards.cancel-scenario",
        title=Text("計算を取り消す", "Cancel the run"),
        text=Text("待っている計算をやめ、動いている計算を止めます。",
                  "One that waits is dropped; one under way is stopped."),
        collection=SCENARIO_RUNS.id,
        perform=cancel,
        states={"state": OPEN_STATES},
    ),
    Act(
        id="hazards.remove-scenario",
        title=Text("計算を削除", "Remove the run"),
        text=Text("一覧と比較から外します。履歴には残ります。",
                  "It leaves the list and comparisons; the history keeps it."),
        collection=SCENARIO_RUNS.id,
        perform=remove,
        gives=(SCENARIO_RUNS.id, SCENARIO_MAPS.id),
        states={"state": CLOSED_STATES},
    ),
)  # fmt: skip
