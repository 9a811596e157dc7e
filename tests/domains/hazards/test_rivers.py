"""River levels ahead: from a gauge's readings, its thresholds, its basin's rain, judged after."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import numpy as np
import pytest

from hinomi.domains.hazards.collections.gauges import GAUGE_STATIONS, RIVER_LEVELS, GaugeStation
from hinomi.domains.hazards.collections.rain import RAIN, RAIN_FORECASTS, RainForecast, RainGrid
from hinomi.domains.hazards.collections.rivers import (
    RIVER_FORECASTS,
    RIVER_SHEETS,
    RatingCurve,
    RiverSheet,
    StorageFunction,
)
from hinomi.domains.hazards.observe import rivers
from hinomi.domains.hazards.predict_gauges import GAUGE_STATES
from hinomi.domains.hazards.predict_rivers import RIVER_MODEL
from hinomi.domains.response.collections.exercises import EXERCISES, ClockPart, Exercise
from hinomi.kernel.errors import DataError
from hinomi.kernel.geometry import point
from hinomi.kernel.marking import OPEN, OPERATOR, Disclosure, Marking, Status
from hinomi.kernel.ports import Payload
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import UNCHECKED, Origin, Readings, Record, Series, instant, micros
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.expiries import Expiries
from hinomi.runtime.models import Models
from hinomi.runtime.writer import Writer
from hinomi.science import coverages
from hinomi.science.runoff.spread import STARTS
from hinomi.stores.memory import MemoryStore

START = datetime(2026, 9, 1, tzinfo=UTC)
TEN = timedelta(minutes=10)
THRESHOLDS = {"start_m": 1.0, "caution_m": 2.0, "danger_m": 3.0, "overflow_m": 4.0}


class Town:
    """A store, a writer whose clock is ours, and the models."""

    def __init__(self, marking: Marking = OPEN) -> None:
        self.now = START
        self.marking = marking
        self.store = MemoryStore()
        self.writer = Writer(self.store, now=lambda: self.now)
        self.models = Models(self.writer, default_catalog())
        station = GaugeStation(
            name="桂川橋", river="桂川", municipality_code="1020100", **THRESHOLDS
        )
        self.put(Record(collection=GAUGE_STATIONS.id, key="G1", said_at=START, body=station,
                        source="mlit", place=point(139.2, 36.37)))  # fmt: skip

    def put(self, *records: Record) -> None:
        self.writer.put([r if r.marking != OPEN else _marked(r, self.marking) for r in records])

    def read(self, level_m: float, at: datetime | None = None) -> None:
        """Let the gauge say a level now, and the models catch up."""
        series = Series(
            id=f"{RIVER_LEVELS.id}.G1", collection=RIVER_LEVELS.id, thing="G1", property="level_m",
            unit="m", source="mlit", marking=self.marking,
        )  # fmt: skip
        row = (0, micros(at or self.now), level_m, UNCHECKED)
        self.writer.put([], [Readings(series=(series,), rows=[row], origin=Origin())])

    def course(self, levels: Any, *, every: timedelta = TEN, catch_up: bool = True) -> None:
        for level in levels:
            self.now += every
            self.read(float(level))
            if catch_up:
                self.run()
        self.run()

    def run(self) -> None:
        for model in (GAUGE_STATES, RIVER_MODEL):
            self.models.advance(model.id)

    def reader(self, status: Status = Status.ACTUAL) -> Reader:
        return Reader(self.store, default_catalog(), OPERATOR, status=frozenset({status}))

    def forecast(self, status: Status = Status.ACTUAL) -> dict[str, Any] | None:
        items = self.reader(status).find(RIVER_FORECASTS.id).items
        return items[0].body() if items else None

    def problems(self) -> list[str]:
        alarms = self.reader().every("operations.alarms")
        return [str(alarm.body()["code"]) for alarm in alarms]


def _marked(record: Record, marking: Marking) -> Record:
    return msgspec.structs.replace(record, marking=marking)


def flood(steps: int) -> np.ndarray:
    t = np.arange(steps) / 6
    return np.asarray(1.2 + 2.2 * np.exp(-(((t - 6) / 2.2) ** 2)), float)


def test_a_rising_gauge_has_a_band_against_its_thresholds() -> None:
    town = Town()
    town.course(flood(26), catch_up=False)
    told = town.forecast()
    assert told is not None
    assert (told["state"], len(told["steps"]), told["members"]) == ("forecast", 12, 100)
    assert told["issued_at"] == town.now.isoformat().replace("+00:00", "Z")
    last = told["steps"][-1]
    assert datetime.fromisoformat(last["at"]) == town.now + timedelta(hours=6)
    assert all(s["low_m"] < s["middle_m"] < s["high_m"] for s in told["steps"])
    above = [t for t in THRESHOLDS.values() if t > told["level_m"]]
    assert [c["level_m"] for c in told["crossings"]] == above
    chances = [c["chance"] for c in told["crossings"]]
    assert chances == sorted(chances, reverse=True)
    assert chances[0] > 0.3
    assert told["outlook"] in {"none", "danger"}
    assert "氾濫危険水位3.00mに達する可能性" in told["words"]
    assert "6時間以内の最高" in told["words"]
    assert told["limits"].startswith("独自の計算")
    assert told["parameters"].startswith("no sheet")
    (stored,) = town.reader().find(RIVER_FORECASTS.id).items
    origin = town.reader().trace(stored.id).origins[0][0]
    assert origin.run == "river-levels@3"
    assert f"{RIVER_LEVELS.id}.G1" in origin.inputs


def test_skill_over_persistence_is_counted_as_it_comes() -> None:
    town = Town()
    town.course(flood(72))
    told = town.forecast()
    assert told is not None
    scores = {score["lead_h"]: score for score in told["scores"]}
    assert set(scores) == {1.0, 2.0, 3.0, 6.0}
    # Issued from the fifth reading on, by ten minutes: each that is an hour old is judged.
    assert 58 <= scores[1.0]["count"] <= 64
    for score in scores.values():
        assert score["skill"] == pytest.approx(
            1 - score["mse_m2"] / score["mse_persistence_m2"], abs=2e-3
        )
        assert 0 <= score["in_band"] <= 1
    assert scores[1.0]["skill"] > 0.3
    # By hand, for one hour: what was said then, against what came.
    errors = []
    history = town.reader().history(RIVER_FORECASTS.id, "G1", limit=1000).items
    for item in history:
        body = item.body()
        place = (item.said_at - START) / TEN + 5
        if place < 72:
            errors.append(body["steps"][1]["middle_m"] - flood(72)[int(place)])
    ours = np.mean(np.square(errors))
    assert scores[1.0]["mse_m2"] == pytest.approx(ours, rel=0.15)


def test_a_rise_that_did_not_come_is_taken_back_and_then_the_gauge_is_left_alone() -> None:
    town = Town()
    steps = 12
    while (told := town.forecast()) is None or told["outlook"] == "none":
        steps += 1
        town.course(flood(steps)[-1:] if town.now > START else flood(steps), catch_up=False)
    town.course([0.6, 0.5, 0.5, 0.5])
    calm = town.forecast()
    assert calm is not None
    assert calm["issued_at"] > told["issued_at"]
    assert calm["outlook"] == "none"
    town.course([0.5] * 6)
    assert town.forecast() == calm


def test_a_gauge_at_which_the_band_was_missed_gets_a_wider_one() -> None:
    bends = np.interp(np.arange(60), [0, 15, 20, 32, 36, 60], [1.2, 1.6, 2.6, 2.7, 1.9, 3.4])
    town = Town()
    town.course(bends)
    told = town.forecast()
    assert told is not None
    scores = {score["lead_h"]: score for score in told["scores"]}
    missed = [lead for lead, score in scores.items() if score["in_band"] < 0.7]
    assert missed
    assert all(scores[lead]["log_factor"] > STARTS[lead] for lead in missed)
    # Of the same readings at a gauge of which nothing was judged:
    fresh = Town()
    fresh.course(bends, catch_up=False)
    other = fresh.forecast()
    assert other is not None
    at = round(2 * missed[0]) - 1

    def width(step: dict[str, float]) -> float:
        return step["high_m"] - step["low_m"]

    assert width(told["steps"][at]) > 1.2 * width(other["steps"][at])
    assert told["steps"][at]["middle_m"] == pytest.approx(other["steps"][at]["middle_m"], abs=0.01)


@pytest.mark.parametrize("shift", [1.9, 30.0])
def test_a_gauge_off_by_a_datum_spoils_neither_scores_nor_band(shift: float) -> None:
    """1.9 m more still fit the gauge's thresholds, 30 m do not."""
    good = flood(36)
    town = Town()
    town.course(good[:24])
    before = town.forecast()
    town.course(good[24:] + shift)
    told = town.forecast()
    assert before is not None
    assert told is not None
    assert ("datum" in told["flags"], "thresholds" in told["flags"]) == (True, shift > 10)
    errors = {score["lead_h"]: score["mean_error_m"] for score in told["scores"]}
    assert errors[1.0] < 0.6
    for was, now in zip(before["scores"], told["scores"], strict=False):
        assert now["log_factor"] < was["log_factor"] + 0.6


def test_a_calm_gauge_is_left_alone_and_no_forecast_is_made_twice() -> None:
    town = Town()
    town.course(0.5 + 0.001 * np.arange(12))
    assert town.forecast() is None
    town.course(np.linspace(0.6, 1.4, 12))
    count = town.store.position()
    town.run()
    assert town.store.position() == count
    assert RIVER_MODEL.predict(town.reader(), {RIVER_FORECASTS.id: ("G1",)}).records == []


@pytest.mark.parametrize(
    ("levels", "flag", "state"),
    [
        (np.minimum(flood(60), 2.4)[:46], "frozen", "withheld"),
        (np.append(flood(24), 40.0), "unconfirmed", "forecast"),
        (flood(24) + 12 * (np.arange(24) > 15), "thresholds", "withheld"),
        (np.where(np.arange(24) == 18, 9.0, flood(24)), "spike", "forecast"),
        (np.where(np.arange(24) == 18, np.nan, flood(24)), "gap", "forecast"),
    ],
)
def test_a_gauge_that_lies_is_flagged_and_explained(
    levels: np.ndarray, flag: str, state: str
) -> None:
    town = Town()
    town.course(levels, catch_up=False)
    told = town.forecast()
    assert told is not None
    assert told["state"] == state
    assert flag in told["flags"]
    assert told["flags_words"]
    assert told["flags_words_en"]
    if state == "withheld":
        assert told["steps"] == []
        assert told["words"] == told["flags_words"] + "。"
        count = town.store.position()
        town.read(float(levels[-1]), town.now + TEN)
        town.run()
        assert len(town.reader().history(RIVER_FORECASTS.id, "G1").items) == 1
        assert town.store.position() > count
    else:
        highest = max(s["high_m"] for s in told["steps"])
        assert highest < 8


def other(town: Town, key: str) -> None:
    """Let another gauge say its level, and the models hear it."""
    series = Series(
        id=f"{RIVER_LEVELS.id}.{key}", collection=RIVER_LEVELS.id, thing=key, property="level_m",
        unit="m", source="mlit", marking=town.marking,
    )  # fmt: skip
    row = (0, micros(town.now), 0.2, UNCHECKED)
    town.writer.put([], [Readings(series=(series,), rows=[row], origin=Origin())])
    town.run()


def test_a_gauge_that_falls_silent_loses_its_forecast_and_says_since_when() -> None:
    town = Town()
    town.course(flood(26), catch_up=False)
    told, last = town.forecast(), town.now
    assert told is not None
    assert datetime.fromisoformat(told["lapses_at"]) == last + timedelta(hours=1)
    (stored,) = town.reader().find(RIVER_FORECASTS.id).items
    assert stored.when.end == last + timedelta(hours=1), "it ends by itself, whoever is silent"
    for minutes in (20, 59):
        town.now = last + timedelta(minutes=minutes)
        other(town, "G2")
        assert town.forecast() == told
    town.now = last + timedelta(minutes=61)
    other(town, "G2")
    silent = town.forecast()
    assert silent is not None
    assert (silent["state"], silent["outlook"], silent["steps"]) == ("withheld", "withheld", [])
    assert silent["flags"] == ["silent"]
    assert f"{last + timedelta(hours=9):%H:%M}({told['level_m']:.2f}m)から後" in silent["words"]
    assert "今の水位は分かりません" in silent["words"]
    (stored,) = town.reader().find(RIVER_FORECASTS.id).items
    assert stored.when.end == last + timedelta(hours=6)
    assert silent["scores"] == told["scores"]
    count = len(town.reader().history(RIVER_FORECASTS.id, "G1").items)
    town.now += TEN
    other(town, "G2")
    assert len(town.reader().history(RIVER_FORECASTS.id, "G1").items) == count, "said once"
    town.course([3.3, 3.3, 3.2])
    again = town.forecast()
    assert again is not None
    assert again["state"] == "forecast"


def test_where_all_gauges_fall_silent_the_clock_withdraws_the_forecasts() -> None:
    town = Town()
    town.course(flood(26), catch_up=False)
    clock = Expiries(town.writer, default_catalog())
    clock.announce()
    town.now += timedelta(minutes=59)
    assert clock.announce() == []
    town.now += timedelta(minutes=2)
    assert RIVER_FORECASTS.id in clock.announce()
    town.run()
    told = town.forecast()
    assert told is not None
    assert (told["state"], told["flags"]) == ("withheld", ["silent"])


def test_a_gauge_that_reports_hourly_is_not_silent_after_an_hour() -> None:
    town = Town()
    town.course(flood(48)[::6], every=timedelta(hours=1), catch_up=False)
    told = town.forecast()
    assert told is not None
    assert datetime.fromisoformat(told["lapses_at"]) == town.now + timedelta(hours=3)


def test_an_exercise_s_silence_is_the_exercise_s_alone() -> None:
    town = Town(Marking(Status.EXERCISE))
    town.course(flood(26), catch_up=False)
    town.now += timedelta(minutes=61)
    other(town, "G2")
    told = town.forecast(Status.EXERCISE)
    assert told is not None
    assert told["flags"] == ["silent"]
    assert town.forecast() is None


def test_one_gauge_whose_clock_goes_ahead_makes_no_other_silent() -> None:
    town = Town()
    town.course(flood(26), catch_up=False)
    told, now = town.forecast(), town.now
    other(town, "G2")
    town.now = now + timedelta(days=1)
    other(town, "G3")
    assert town.forecast() == told


BASIN = {"type": "Polygon", "coordinates": [[[139, 36], [139.3, 36], [139.3, 36.3], [139, 36.3],
                                             [139, 36]]]}  # fmt: skip
BOUNDS = (138.5, 35.5, 139.5, 36.5)


def rained(town: Town, at: datetime, mm_h: float, marking: Marking = OPEN) -> None:
    """Put a picture of even rain, with a hole and an impossible cell in it."""
    values = np.full((1, 40, 40), mm_h, np.float32)
    values[0, 10, 25] = np.nan
    data = coverages.pack(
        coverages.Packed(parameter="rain_mm_per_h", unit="mm/h", times=(at,), bounds=BOUNDS,
                         values=values), 0.1,
    )  # fmt: skip
    body = RainGrid(
        parameter="rain_mm_per_h", unit="mm/h", bounds=BOUNDS, rows=40, columns=40, moments=(at,),
        grid_digest=town.store.put_blob(data), network="test",
    )  # fmt: skip
    town.put(Record(collection=RAIN.id, key=f"test/{at:%Y%m%dT%H%M%SZ}", said_at=at, body=body,
                    when=instant(at), source="test", marking=marking))  # fmt: skip


def coming(town: Town, mm_h: float) -> None:
    moments = tuple(town.now + timedelta(hours=i + 1) for i in range(6))
    values = np.full((6, 40, 40), mm_h, np.float32)
    data = coverages.pack(
        coverages.Packed(parameter="rain_mm_per_h", unit="mm/h", times=moments, bounds=BOUNDS,
                         values=values), 0.1,
    )  # fmt: skip
    body = RainForecast(parameter="rain_mm_per_h", unit="mm/h", bounds=BOUNDS, rows=40, columns=40,
                        moments=moments, grid_digest=town.store.put_blob(data), network="test",
                        issued_at=town.now)  # fmt: skip
    town.put(Record(collection=RAIN_FORECASTS.id, key="test", said_at=town.now, body=body,
                    when=instant(town.now), source="test"))  # fmt: skip


def sheet(town: Town, greatest_m: float = 5.0) -> None:
    body = RiverSheet(
        name="桂川", area_km2=60.0, basin_source="made for this test",
        rating=RatingCurve(a=12.0, b_m=0.2, least_m=0.0, greatest_m=greatest_m, source="test"),
        storage=StorageFunction(k=12.0, p=0.6, share=0.7, source="test"),
    )  # fmt: skip
    town.put(Record(collection=RIVER_SHEETS.id, key="G1", said_at=START, body=body, source="rivers",
                    place=BASIN))  # fmt: skip


def with_rain(mm_h: float, marking: Marking = OPEN, greatest_m: float = 5.0) -> Town:
    town = Town()
    sheet(town, greatest_m)
    for i in range(9, 18):
        rained(town, START + TEN * (i + 1), 2.0, marking)
    town.course(np.full(17, 1.2) + 0.01 * (np.arange(17) % 2), catch_up=False)
    if mm_h:
        coming(town, mm_h)
    town.now += TEN
    town.read(1.21)
    town.run()
    return town


def test_rain_that_is_forecast_over_the_basin_raises_the_river_before_it_rises() -> None:
    dry, wet = (with_rain(mm_h).forecast() for mm_h in (0.0, 40.0))
    assert dry is not None
    assert wet is not None
    assert wet["steps"][-1]["middle_m"] > dry["steps"][-1]["middle_m"] + 1.0
    assert wet["rain_ahead_h"] == pytest.approx(6.0, abs=0.3)
    assert dry["rain_ahead_h"] == 0.0
    assert "rain" in wet["flags"]  # The first pictures are missing.
    assert wet["rain_known"] == pytest.approx(0.5, abs=0.1)
    assert "K 12" in wet["parameters"]


def test_a_forecast_above_what_was_gauged_says_so() -> None:
    told = with_rain(40.0, greatest_m=1.5).forecast()
    assert told is not None
    assert "rating" in told["flags"]
    assert "水位流量曲線" in told["flags_words"]


def test_restricted_rain_makes_a_restricted_forecast_and_does_not_change_the_open_one() -> None:
    secret = Marking(Status.ACTUAL, Disclosure.AMBER, ("pref",))
    town = with_rain(0.0, secret)
    found = town.reader().find(RIVER_FORECASTS.id, beside=True).items
    assert {item.marking.disclosure for item in found} == {Disclosure.CLEAR, Disclosure.AMBER}
    known = {item.marking.disclosure: item.body()["rain_known"] for item in found}
    assert known[Disclosure.CLEAR] == 0.0
    assert known[Disclosure.AMBER] > 0.3


def test_an_exercise_goes_by_its_own_time_and_stays_one() -> None:
    drill = Marking(Status.EXERCISE)
    town = Town(drill)
    body = Exercise(
        title="台風", scenario="typhoon", state="running", words_ja="", words_en="", speed=60.0,
        length_s=36000.0, started_at=START, clock=(ClockPart(START, 0.0, 60.0),),
    )  # fmt: skip
    town.put(Record(collection=EXERCISES.id, key="run", said_at=START, body=body, source="drill"))
    town.course(flood(48), every=TEN / 60)
    assert town.forecast() is None
    told = town.forecast(Status.EXERCISE)
    assert told is not None
    assert told["story_speed"] == 60.0
    ends = datetime.fromisoformat(told["steps"][-1]["at"])
    assert ends - town.now == timedelta(minutes=6)
    assert {score["lead_h"] for score in told["scores"]} == {1.0, 2.0, 3.0, 6.0}
    assert "訓練の時間は60倍" in told["words"]


def file(**more: Any) -> Payload:
    river = {
        "gauge": "G1", "name": "桂川", "area_km2": 60.0, "basin": BASIN, "basin_source": "test",
        "rating": {"a": 12.0, "b_m": 0.2, "least_m": 0.0, "greatest_m": 5.0, "source": "test"},
        "storage": {"k": 12.0, "p": 0.6, "share": 0.7, "source": "test"}, **more,
    }  # fmt: skip
    data = json.dumps({"format": rivers.FORMAT, "rivers": [river]}).encode()
    return Payload(data=data, name="r.json", address="r.json", digest="0" * 64, taken_at=START)


def parse(payload: Payload) -> Any:
    class Nowhere:
        def place(self, code: str, on: Any) -> None: ...

        def knows(self, code: str, on: Any) -> bool:  # noqa: ARG002
            return False

    assert rivers.detect(payload)
    return rivers.parse(payload, Nowhere())


def test_a_sheet_is_read_for_every_status_and_one_that_makes_no_sense_is_told() -> None:
    assert {r.marking.status for r in parse(file()).records} == set(Status)
    assert len(parse(file(status="exercise")).records) == 1
    for wrong in (
        {"area_km2": 0}, {"gauge": "../x"}, {"basin": {"type": "Point", "coordinates": [139, 36]}},
        {"rating": {"a": -1, "b_m": 0, "least_m": 0, "greatest_m": 1, "source": "x"}},
        {"storage": {"k": 1, "p": 2, "source": "x"}}, {"source": "?"}, {"name": ""},
    ):  # fmt: skip
        found = parse(file(**wrong))
        assert (found.records, [p.code for p in found.problems]) == ([], ["rivers.entry"])
    with pytest.raises(DataError):
        parse(Payload(data=b'{"format":"hinomi-rivers/1",', name="r", address="r",
                      digest="0" * 64, taken_at=START))  # fmt: skip
