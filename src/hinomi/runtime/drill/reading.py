"""A table's rows to a scenario: settings, definitions and events; all faults by line."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from difflib import get_close_matches
from itertools import pairwise
from typing import Any

import msgspec

from hinomi.kernel.errors import Problem
from hinomi.runtime.drill import kinds
from hinomi.runtime.drill.prefecture import PREFECTURE_NAME, make_prefecture
from hinomi.runtime.drill.rows import FaultError, Row, after_of, listed, number, point_of, read_rows
from hinomi.runtime.drill.scenario import Count, End, Event, Scenario
from hinomi.runtime.drill.stage import Gauge, Shelter, Stage, Town, real_stage
from hinomi.runtime.drill.typhoon import Fix, Name

MAX_LENGTH = timedelta(hours=240)
SETTINGS = ("題名", "場所", "種", "台風", "水位の間隔", "避難所の間隔")
"""What 設定 rows may set."""
DEFINITIONS = ("設定", "避難所の定義", "水位計の定義")
"""Kinds of rows without a time."""


def read(data: bytes, name: str, on: date) -> tuple[Scenario | None, list[Problem]]:
    """Return the scenario of a file, None where there are faults, and all faults by line.

    Args:
        data: the file.
        name: what the scenario is called where it is listed.
        on: the day by whose municipalities it is read.

    Raises:
        DataError: the file is no table.
    """
    rows, problems = read_rows(data)
    reading = _Reading(name, on)
    for row in rows:
        if row["what"] in DEFINITIONS:
            reading.attempt(row, reading.definition)
    reading.set_stage()
    for row in rows:
        if row["what"] not in DEFINITIONS:
            reading.attempt(row, reading.event)
    problems += reading.problems
    scenario = reading.scenario() if not any(p.grade == "error" for p in problems) else None
    problems += reading.problems[len(problems) :]
    order = sorted(problems, key=lambda p: int("".join(filter(str.isdigit, p.path)) or 0))
    return scenario, order


class _Reading:
    """One file on its way to a scenario."""

    def __init__(self, name: str, on: date) -> None:
        self.name, self.on = name, on
        self.problems: list[Problem] = []
        self.set: dict[str, tuple[Row, str]] = {}
        self.defined: list[tuple[Row, str]] = []
        self.stage: Stage | None = None
        self.events: list[Event] = []
        self.last_line = 1

    def attempt(self, row: Row, take: Any) -> None:
        """Take a row, or note what is wrong with it."""
        self.last_line = row.line
        try:
            take(row)
        except FaultError as fault:
            self.problems.append(fault.at(row.line))

    def definition(self, row: Row) -> None:
        if row["what"] != "設定":
            self.defined.append((row, row["what"]))
            return
        if row["where"] not in SETTINGS:
            raise _unknown("where", "設定", row["where"], SETTINGS)
        if not row["value"]:
            raise FaultError("value", "値を書いてください。", "Write a value.")
        self.set[row["where"]] = (row, row["value"])

    def set_stage(self) -> None:
        """Find the place of the exercise; without one no event can be understood."""
        row, place = self.set.get("場所", (Row(1, {}), ""))
        stage = self._stage(row, place)
        if stage is None:
            return
        for defining, what in self.defined:
            try:
                if what == "避難所の定義":
                    shelter = _shelter(stage, defining)
                    stage = _with(stage, shelters=(*stage.shelters, shelter))
                else:
                    stage = _with(stage, gauges=(*stage.gauges, _gauge(stage, defining)))
            except FaultError as fault:
                self.problems.append(fault.at(defining.line))
        self.stage = stage

    def _stage(self, row: Row, place: str) -> Stage | None:
        if place in {PREFECTURE_NAME, "980000"}:
            return make_prefecture(self.seed()).stage()
        stage = real_stage(place, self.on) if place else None
        if stage is None:
            fault = FaultError(
                "value",
                "「設定,場所,石川県」のように、府県予報区の名前を書いてください"
                f"(架空の県なら{PREFECTURE_NAME})。",
                f"Name the 府県予報区 in a row 設定,場所 ({PREFECTURE_NAME} is the fictional one).",
                place,
            )
            self.problems.append(fault.at(row.line))
        return stage

    def seed(self) -> int:
        row, text = self.set.get("種", (Row(1, {}), "118"))
        try:
            return int(number("value", text, 0, 1e9, ""))
        except FaultError as fault:
            self.problems.append(fault.at(row.line))
            return 118

    def event(self, row: Row) -> None:
        if self.stage is None:
            return
        self.events.append(event_of(row, self.stage))

    def scenario(self) -> Scenario | None:
        """Return the whole, checked as a whole."""
        if self.stage is None:
            return None
        events = sorted(self.events, key=lambda e: e.after)
        ends = [e for e in events if isinstance(e.detail, End)]
        length = ends[0].after if ends else max((e.after for e in events), default=timedelta())
        self._check(events, ends, length)
        if any(p.grade == "error" for p in self.problems):
            return None
        return Scenario(
            name=self.name,
            title=self.set.get("題名", (None, self.name))[1],
            seed=self.seed(),
            fictional=self.set["場所"][1] in {PREFECTURE_NAME, "980000"},
            stage=self.stage,
            typhoon=_typhoon_name(self.set.get("台風", (None, ""))[1]),
            gauges_every=self._minutes("水位の間隔", 10),
            shelters_every=self._minutes("避難所の間隔", 30),
            events=tuple(events),
            length=length,
        )

    def _minutes(self, setting: str, usual: float) -> timedelta:
        row, text = self.set.get(setting, (Row(1, {}), str(usual)))
        try:
            return timedelta(minutes=number("value", text, 1, 600, "分"))
        except FaultError as fault:
            self.problems.append(fault.at(row.line))
            return timedelta(minutes=usual)

    def _check(self, events: list[Event], ends: list[Event], length: timedelta) -> None:
        def tell(line: int, ja: str, en: str) -> None:
            self.problems.append(FaultError("time", ja, en).at(line))

        if not events:
            tell(self.last_line, "出来事が1つもありません。", "There is no event.")
        if length > MAX_LENGTH:
            tell(events[-1].line, "240時間を超えています。", "Longer than 240 hours.")
        for end in ends[1:]:
            tell(end.line, "「終了」は1回だけです。", "There is one end only.")
        for event in events:
            if ends and event.after > ends[0].after:
                tell(event.line, "「終了」より後の出来事です。", "This comes after the end.")
        fixes = [e for e in events if isinstance(e.detail, Fix)]
        for one, other in pairwise(fixes):
            if one.after == other.after:
                tell(other.line, "台風の位置が同じ時刻に2つあります。", "Two fixes at one time.")


def event_of(row: Row, stage: Stage, *, number_: int = 0, by: str = "") -> Event:
    """Return the event that a row tells.

    Raises:
        FaultError: a cell makes no sense; what to write.
    """
    if row["what"] not in kinds.KINDS:
        raise _unknown("what", "種別", row["what"], kinds.KINDS)
    kind = kinds.KINDS[row["what"]]
    after = after_of(row["time"])
    detail, towns = kind.read(row, stage)
    within = row["within"]
    return Event(
        line=row.line,
        after=after,
        kind=row["what"],
        where=row["where"],
        value=row["value"],
        towns=tuple(t.code for t in towns),
        point=point_of(row),
        text=row["text"],
        expected=row["expected"],
        within_min=number("within", within, 0, 14_400, "分") if within else None,
        clues=tuple(listed(row["clues"])),
        detail=kinds.with_time(detail, after),
        injected_by=by,
        number=number_,
    )


def _unknown(column: str, what: str, found: str, known: Iterable[str]) -> FaultError:
    names = list(known)
    near = get_close_matches(found, names, n=3, cutoff=0.3)
    hint = f"「{'」「'.join(near or names)}」のどれかです。"
    return FaultError(
        column,
        f"{what}「{found}」はありません。{hint}" if found else f"{what}を書いてください。{hint}",
        f"Not known here; one of {', '.join(names)}.",
        found,
        ", ".join(names),
    )


def _with(stage: Stage, **changes: Any) -> Stage:
    return msgspec.structs.replace(stage, **changes)


def _town_and_names(stage: Stage, row: Row, words: int, form: str) -> tuple[Town, list[str]]:
    parts = row["where"].split(None, words - 1)
    if len(parts) != words:
        raise FaultError(
            "where", f"「{form}」のように空白で区切ってください。", f"Write: {form}.", row["where"]
        )
    (town,) = kinds.towns_named(parts[0], stage)[:1]
    return town, parts[1:]


def _needed_point(row: Row) -> tuple[float, float]:
    point = point_of(row)
    if point is None:
        raise FaultError("lon", "経度と緯度を書いてください。", "Write longitude and latitude.")
    return point


def _shelter(stage: Stage, row: Row) -> Shelter:
    town, (name,) = _town_and_names(stage, row, 2, "七尾市 矢田郷コミュニティセンター")
    capacity = int(number("value", row["value"], 1, 100_000, "人"))
    code = f"E{town.code[:5]}{len(stage.shelters) + 1:08d}"
    return Shelter(code, name, town, _needed_point(row), capacity)


def _gauge(stage: Stage, row: Row) -> Gauge:
    town, (river, name) = _town_and_names(stage, row, 3, "七尾市 御祓川 桧物橋")
    limits = [float(part) for part in kinds.floats(row["value"])]
    if len(limits) != 3 or limits != sorted(limits):
        raise FaultError(
            "value",
            "観測開始・危険・氾濫開始の水位[m]を「1.2/2.1/2.9」のように低い順に書いてください。",
            "Write three rising thresholds [m], such as 1.2/2.1/2.9.",
            row["value"],
        )
    code = f"DRILL{town.code[:5]}{len(stage.gauges) + 1:03d}"
    return Gauge(code, name, river, town, _needed_point(row), *limits)


def _typhoon_name(text: str) -> Name:
    parts = text.split()
    if len(parts) == 3:
        return Name(*parts)
    return Name("2699", "KUNREN", "クンレン")


def has_open_end(scenario: Scenario) -> bool:
    """Tell whether some shelter stays open to the end: an empty list cannot be sent."""
    if not any(isinstance(e.detail, Count) for e in scenario.events):
        return True
    return any(scenario.people(s, scenario.length) is not None for s in scenario.stage.shelters)
