"""Alerts and the chronology's own entries: each turn once, whatever is repeated."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from hinomi.domains.response.predict.coasts import prefectures_of
from hinomi.kernel.marking import OPEN, OPERATOR, Disclosure, Marking, Status
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Interval, Record
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.models import Models
from hinomi.runtime.watching import coasts
from hinomi.runtime.writer import Writer
from hinomi.stores.memory import MemoryStore

START = datetime(2026, 9, 1, 18, tzinfo=UTC)
CHRONOLOGY = "response.chronology"
ALERTS = "response.alerts"
EXERCISE = Marking(Status.EXERCISE)
LEVEL = {
    "area_code": "1720400", "area_name": "輪島市", "area_name_en": "Wajima City",
    "level_stated": True, "count": 1, "hazards": "rain,landslide", "in_force": [],
}  # fmt: skip
SHELTER = {"name": "河井小", "municipality": "輪島市", "match_key": "x", "capacity": 100}
GAUGE = {"name": "橋", "river": "河原田川", "series": "s", "danger_m": 3.0, "caution_m": 2.0}


class Town:
    """A store, its models, and a way to state things minute by minute."""

    def __init__(self) -> None:
        self.time = START
        self.writer = Writer(MemoryStore(), now=lambda: self.time)
        self.catalog = default_catalog()
        wanted = {"response.notes", "response.alerts"}
        catalog = default_catalog()
        self.models = Models(self.writer, _Only(catalog, wanted))  # type: ignore[arg-type]

    def say(
        self,
        collection: str,
        key: str,
        *,
        marking: Marking = OPEN,
        **body: Any,
    ) -> datetime:
        self.time += timedelta(minutes=1)
        since = body.pop("since", self.time)
        record = Record(
            collection=collection, key=key, said_at=self.time, when=Interval(since, None),
            body=msgspec.convert(body, self.catalog.collection(collection).schema), source="s",
            marking=marking,
        )  # fmt: skip
        self.writer.put([record])
        self.models.catch_up()
        return self.time

    def level(self, level: int, *, since: datetime | None = None, **rest: Any) -> datetime:
        more = {} if since is None else {"since": since}
        return self.say("hazards.levels", "1720400", **{**LEVEL, **more, "level": level, **rest})

    def texts(self, *, status: Status = Status.ACTUAL) -> list[str]:
        reader = Reader(self.writer.store, self.catalog, OPERATOR, status=frozenset({status}))
        found = sorted(reader.every(CHRONOLOGY), key=lambda s: s.said_at)
        return [s.properties()["text"] for s in found]

    def alerts(self, *, status: Status = Status.ACTUAL) -> list[tuple[int, str]]:
        reader = Reader(self.writer.store, self.catalog, OPERATOR, status=frozenset({status}))
        found = (s.properties() for s in reader.every(ALERTS))
        return [(p.get("level", 0), p["state"]) for p in found]


class _Only:
    """The catalogue with these models alone: what the others give is stated by the test."""

    def __init__(self, catalog: Any, wanted: set[str]) -> None:
        self._catalog = catalog
        self.models = {k: v for k, v in catalog.models.items() if k in wanted}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._catalog, name)


@pytest.fixture
def town() -> Town:
    return Town()


def test_levels_are_noted_from_3_up_and_when_they_fall_below(town: Town) -> None:
    for level in (2, 3, 4, 2, 1):
        town.level(level)
    assert town.texts() == [
        "輪島市 レベル３ 警報相当へ上昇(大雨・土砂災害)",
        "輪島市 レベル４ 危険警報相当へ上昇(大雨・土砂災害)",
        "輪島市 レベル２ 注意報相当へ低下(大雨・土砂災害)",
    ]


def test_what_is_restated_or_run_again_is_noted_once(town: Town) -> None:
    since = town.level(4)
    town.level(4, since=since, hazards="rain,landslide,flood")
    before = (town.texts(), town.alerts())
    again = Models(town.writer, town.models._catalog)
    again.catch_up()
    assert (town.texts(), town.alerts()) == before
    assert len(before[0]) == 1


def test_an_alert_is_raised_at_4_and_again_at_5_and_over_below_4(town: Town) -> None:
    town.level(3)
    assert town.alerts() == []
    town.level(4)
    assert town.alerts() == [(4, "raised")]
    town.level(5)
    assert town.alerts() == [(4, "over"), (5, "raised")]
    town.level(4)
    assert town.alerts() == [(4, "over"), (5, "raised")], "falling alerts nobody anew"
    town.level(2)
    assert town.alerts() == [(4, "over"), (5, "over")]
    town.level(4)
    assert sorted(town.alerts()) == [(4, "over"), (4, "raised"), (5, "over")]


def test_a_river_alerts_once_while_it_is_restated(town: Town) -> None:
    river = {
        "river_name": "手取川", "river_code": "8601", "kind_code": "40", "condition": "",
        "title": "", "headline": "", "office": "", "telegram": "VXKO50", "event_id": "",
        "serial": "1", "info_type": "発表", "phase": "issued", "in_force": True,
        "prefectures": [{"name": "石川県", "code": "170000"}],
    }  # fmt: skip
    for level, kind in ((3, "レベル３氾濫警報"), (4, "レベル４氾濫危険警報")):
        town.say("hazards.floods", "8601", **river, level=level, kind=kind)
    town.say("hazards.floods", "8601", **river, level=4, kind="レベル４氾濫危険警報")
    assert town.alerts() == [(4, "raised")]
    assert town.texts() == ["手取川 レベル３氾濫警報", "手取川 レベル４氾濫危険警報"]
    town.say("hazards.floods", "8601", **{**river, "in_force": False}, level=1, kind="解除")
    assert town.alerts() == [(4, "over")]


def test_an_exercise_alerts_and_notes_in_the_exercise_only(town: Town) -> None:
    town.level(5, marking=EXERCISE)
    assert town.texts() == []
    assert town.alerts() == []
    assert len(town.texts(status=Status.EXERCISE)) == 1
    assert town.alerts(status=Status.EXERCISE) == [(5, "raised")]


def test_a_closed_level_is_noted_for_its_own_circle(town: Town) -> None:
    closed = Marking(Status.ACTUAL, Disclosure.AMBER, ("town",))
    town.level(4, marking=closed)
    reader = Reader(town.writer.store, town.catalog, OPERATOR)
    assert {s.marking for s in reader.every(CHRONOLOGY)} == {closed}
    assert {s.marking for s in reader.every(ALERTS)} == {closed}


def test_shelters_are_noted_as_they_open_fill_and_close(town: Town) -> None:
    for state, people in (("open", 10), ("open", 60), ("open", 100), ("open", 90), ("closed", 0)):
        town.say(
            "response.shelters", "a", **SHELTER, state=state, people=people, crowding=people / 100
        )
    assert town.texts() == [
        "避難所 輪島市 河井小 開設",
        "避難所 輪島市 河井小 満員(100人)",
        "避難所 輪島市 河井小 閉鎖",
    ]


def test_gauges_are_noted_as_they_pass_their_thresholds(town: Town) -> None:
    for state, level_m in (
        ("below", 1.0), ("caution", 2.1), ("danger", 3.2), ("caution", 2.5), ("below", 1.2),
    ):  # fmt: skip
        town.say("hazards.gauges", "g", **GAUGE, state=state, level_m=level_m)
    assert town.texts() == [
        "河原田川 橋 氾濫注意水位を超過(2.10 m)",
        "河原田川 橋 氾濫危険水位を超過(3.20 m)",
        "河原田川 橋 氾濫危険水位を下回る(2.50 m)",
        "河原田川 橋 氾濫注意水位を下回る(1.20 m)",
    ]


def test_a_quake_is_one_entry_whose_words_follow_the_reports(town: Town) -> None:
    quake = {"event_id": "q", "max_intensity": "4", "max_intensity_at_least": 3.5}
    town.say("hazards.quakes", "q", **quake)
    full = {**quake, "hypocentre": "能登地方", "magnitude": 6.1, "tsunami": "none",
            "max_intensity": "5+", "max_intensity_at_least": 5.0}  # fmt: skip
    town.say("hazards.quakes", "q", **full)
    town.say("hazards.quakes", "weak", event_id="weak", max_intensity_at_least=1.5)
    assert town.texts() == ["地震 能登地方 M6.1 最大震度5+ 津波の心配なし"]
    reader = Reader(town.writer.store, town.catalog, OPERATOR)
    (entry,) = reader.every(CHRONOLOGY)
    assert len(reader.history(CHRONOLOGY, entry.key).items) == 2


def test_a_tsunami_warning_is_noted_when_issued_and_released(town: Town) -> None:
    coast = {"part": "warning", "telegram": "VTSE41", "event_id": "q", "name": "石川県能登"}
    town.say("hazards.tsunami", "c", **coast, kind="warning", kind_name="津波警報", severity=3,
             in_force=True)  # fmt: skip
    town.say("hazards.tsunami", "c", **coast, kind="none", kind_name="津波警報解除", severity=0,
             in_force=False)  # fmt: skip
    assert town.texts() == ["石川県能登 津波警報を発表", "石川県能登 津波警報を解除"]


@pytest.mark.parametrize("model", ["response.notes", "response.alerts"])
def test_an_empty_store_gives_nothing(town: Town, model: str) -> None:
    predict: Callable[..., Any] = town.catalog.models[model].predict
    reader = Reader(town.writer.store, town.catalog, OPERATOR)
    assert predict(reader, {}).records == []


QUAKE = {"event_id": "q", "hypocentre": "石川県能登地方", "magnitude": 7.6,
         "max_intensity": "6+", "max_intensity_at_least": 6.0}  # fmt: skip


def felt(town: Town, kind: str, code: str, name: str, strength: float, **rest: Any) -> None:
    town.say(
        "hazards.intensities", f"q/intensity/{code}", area_name=name, prefecture="石川県",
        intensity="x", at_least=strength, event_id="q", measure="intensity", area_kind=kind,
        area_code=code, telegram="VXSE53", **rest,
    )  # fmt: skip


def standing(town: Town, status: Status = Status.ACTUAL) -> list[dict[str, Any]]:
    reader = Reader(town.writer.store, town.catalog, OPERATOR, status=frozenset({status}))
    return [s.properties() for s in reader.every(ALERTS) if s.properties()["state"] == "raised"]


def test_a_strong_quake_alerts_whom_it_shook_and_follows_the_reports(town: Town) -> None:
    felt(town, "area", "390", "石川県能登", 5.0)
    assert standing(town) == [], "a quake that nobody lists yet"
    town.say("hazards.quakes", "q", **QUAKE)
    (first,) = standing(town)
    assert first["heading"] == "震度5強 石川県"
    assert "1720400" in first["areas"], "an area's value stands for its municipalities"
    felt(town, "city", "1720400", "輪島市", 6.0)
    felt(town, "city", "1720300", "小松市", 4.5)
    felt(town, "city", "1720100", "金沢市", 3.0)
    (alert,) = standing(town)
    assert alert["strengths"] == {"1720300": 4.5, "1720400": 6.0}
    assert (alert["kind"], alert["rank"], alert.get("level", 0)) == ("quake", 8, 0)
    assert alert["text"] == "地震 石川県 震度6強(輪島市 ほか1) 震源 石川県能登地方 M7.6"
    before = town.alerts()
    Models(town.writer, town.models._catalog).catch_up()
    assert town.alerts() == before, "a run over everything repeats nothing"


def test_a_place_in_no_table_is_called_in_english_as_it_is_stated(town: Town) -> None:
    def drilled(kind: str, code: str, name: str, name_en: str) -> None:
        town.say(
            "hazards.intensities", f"q/intensity/{code}", area_name=name, area_name_en=name_en,
            prefecture="火の見県", intensity="x", at_least=5.0, event_id="q", measure="intensity",
            area_kind=kind, area_code=code, telegram="VXSE53",
        )  # fmt: skip

    drilled("prefecture", "98", "火の見県", "Hinomi Prefecture")
    drilled("city", "9800100", "半鐘市", "Hansho City")
    town.say("hazards.quakes", "q", **QUAKE)
    (alert,) = standing(town)
    assert alert["text_en"].startswith("Quake: Hinomi Prefecture: intensity 5 upper (Hansho City);")


def test_weak_shaking_alerts_nobody_and_a_withdrawn_quake_no_more(town: Town) -> None:
    town.say("hazards.quakes", "q", **QUAKE)
    felt(town, "city", "1720400", "輪島市", 2.5)
    assert standing(town) == []
    felt(town, "city", "1720400", "輪島市", 4.5)
    assert len(standing(town)) == 1
    quake = Record(
        collection="hazards.quakes", key="q", said_at=town.time + timedelta(minutes=1), source="s",
        body=msgspec.convert(QUAKE, town.catalog.collection("hazards.quakes").schema),
        retracts=True,
    )  # fmt: skip
    town.writer.put([quake])
    town.models.catch_up()
    assert standing(town) == []


def test_a_coast_alerts_from_an_advisory_up_anew_when_it_rises(town: Town) -> None:
    coast = {"part": "warning", "telegram": "VTSE41", "event_id": "q", "code": "360",
             "name": "石川県能登"}  # fmt: skip
    for kind, severity in (("津波注意報", 2), ("大津波警報", 4), ("津波警報", 3)):
        town.say("hazards.tsunami", "warning/360", **coast, kind_name=kind, severity=severity,
                 in_force=True)  # fmt: skip
    (alert,) = standing(town)
    assert (alert["heading"], alert["coast"], alert["areas"]) == (
        "大津波警報 石川県能登", "360", ["17"],
    )  # fmt: skip
    assert len(town.alerts()) == 2, "falling to a warning alerts nobody anew"
    town.say("hazards.tsunami", "warning/360", **coast, kind_name="津波予報", severity=1,
             in_force=True)  # fmt: skip
    assert standing(town) == []


def test_an_early_warning_alerts_where_it_warns_and_a_forecast_nobody(town: Town) -> None:
    area = {"code": "390", "name": "石川県能登", "prefecture": "石川", "kind": "",
            "kind_code": "10", "intensity_from": "5-", "intensity_to": "5+"}  # fmt: skip
    eew = {"event_id": "q", "hypocentre": "能登半島沖", "telegram": "VXSE43", "serial": 1,
           "final": False, "warned": True, "headline": "", "info_type": "発表",
           "areas": [area]}  # fmt: skip
    town.say("hazards.eew", "q/forecast", **eew, kind="forecast")
    assert standing(town) == []
    town.say("hazards.eew", "q/warning", **eew, kind="warning")
    (alert,) = standing(town)
    assert "1720400" in alert["areas"]
    assert "1310100" not in alert["areas"]


@pytest.mark.parametrize(
    ("collection", "key"), [("hazards.quakes", "q"), ("hazards.tsunami", "warning/360")]
)
def test_an_exercise_quake_or_tsunami_alerts_in_the_exercise_only(
    town: Town, collection: str, key: str
) -> None:
    if collection == "hazards.quakes":
        felt(town, "city", "1720400", "輪島市", 6.0, marking=EXERCISE)
        town.say(collection, key, marking=EXERCISE, **QUAKE)
    else:
        town.say(collection, key, marking=EXERCISE, part="warning", telegram="VTSE41",
                 event_id="q", code="360", name="石川県能登", kind_name="津波警報", severity=3,
                 in_force=True)  # fmt: skip
    assert standing(town) == []
    assert len(standing(town, Status.EXERCISE)) == 1


def test_every_coast_of_jma_concerns_a_prefecture() -> None:
    single = coasts()
    assert [c.name for c in single if not prefectures_of(c.code)] == []
    assert len(single) == 66
