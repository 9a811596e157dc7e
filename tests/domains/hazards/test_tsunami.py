"""Tsunami: the state of every coast, arrivals, observations; complete lists end what is over."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from datetime import timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from hinomi.kernel.filters import And, Compare, Property, Value
from hinomi.kernel.marking import Status
from hinomi.kernel.ports import Parsed
from hinomi.kernel.reader import Reader
from hinomi.standards.jmaxml import envelope

JST = timezone(timedelta(hours=9))
Told = Callable[..., Reader]
Sample = Callable[[str], bytes]


@pytest.fixture(scope="module")
def great(samples: dict[str, bytes]) -> list[bytes]:
    """The samples of 2011-03-11 in the order of their reports."""
    found = [(envelope.decode(d).head.reported_at, n, d) for n, d in samples.items() if "VTSE" in n]
    return [d for _, n, d in sorted(found) if re.search(r"(39|61)_11_", n)]


def state(reader: Reader) -> dict[str, dict[str, Any]]:
    return {item.key: item.body() for item in reader.every("hazards.tsunami")}


def test_the_state_of_a_coast_follows_the_newest_list(told: Told, great: list[bytes]) -> None:
    kinds = [
        told(great[:n]).get("hazards.tsunami", "warning/210").body()["kind"]
        for n in range(1, len(great) + 1)
    ]
    assert kinds[0] == "major_warning"
    assert kinds[-1] == "forecast"
    final = told(great).get("hazards.tsunami", "warning/210")
    assert final.body()["kind_name"] == "津波予報（若干の海面変動）"
    assert final.when.end is not None


def test_words_stand_where_there_is_no_height_and_metres_where_there_is(
    told: Told, great: list[bytes]
) -> None:
    first = told(great[:1]).get("hazards.tsunami", "warning/210").body()
    assert (first["height_m"], first["height_text"]) == (None, "巨大")
    assert first["height_condition"] == "不明"
    assert first["arrival_condition"] == "津波到達中と推測"
    later = told(great[:10]).get("hazards.tsunami", "warning/250").body()
    assert (later["height_m"], later["height_text"]) == (10.0, "１０ｍ")


def test_what_is_in_force_is_one_simple_question(told: Told, great: list[bytes]) -> None:
    reader = told(great[:3])
    severe = And(
        (
            Compare("=", Property("part"), Value("warning")),
            Compare(">=", Property("severity"), Value(3)),
        )
    )
    items = reader.find("hazards.tsunami", filter=severe).items
    assert {i.body()["kind"] for i in items} == {"major_warning", "warning"}
    assert all(i.body()["in_force"] for i in items)


def test_a_release_is_a_statement_that_nothing_is_in_force(told: Told, shared_data: Path) -> None:
    files = sorted((shared_data / "exchange/jma-xml/real-eqvol").glob("20220918*VTSE41.xml"))
    issued, released = [f.read_bytes() for f in files]
    before = told([issued]).get("hazards.tsunami", "warning/802").body()
    after = told([issued, released]).get("hazards.tsunami", "warning/802").body()
    assert (before["kind"], before["severity"], before["in_force"]) == ("advisory", 2, True)
    assert (after["kind"], after["kind_name"], after["in_force"]) == (
        "none",
        "津波注意報解除",
        False,
    )
    assert state(told([released, issued])) == state(told([issued, released]))


def test_the_real_warnings_say_what_another_service_made_of_them(
    shared_data: Path, parsed: Callable[[bytes], Parsed]
) -> None:
    grades = {"major_warning": "MajorWarning", "warning": "Warning", "advisory": "Watch"}
    for file in sorted((shared_data / "exchange/jma-xml/real-eqvol").glob("*VTSE41.xml")):
        theirs = json.loads(file.with_suffix(".json").read_text("utf-8"))
        bodies = [r.body for r in parsed(file.read_bytes()).records if r.body.part == "warning"]
        ours = [b for b in bodies if b.severity >= 2]
        assert theirs["cancelled"] is (not ours)
        assert [(b.name, grades[b.kind], b.height_text, b.height_m) for b in ours] == [
            (a["name"], a["grade"], a["maxHeight"]["description"], a["maxHeight"]["value"])
            for a in theirs["areas"]
        ]
        arrivals = [b.arrival_at.astimezone(JST).strftime("%Y/%m/%d %H:%M:%S") for b in ours]
        assert arrivals == [a["firstHeight"]["arrivalTime"] for a in theirs["areas"]]


def test_a_coast_that_the_next_list_leaves_out_is_over(told: Told, great: list[bytes]) -> None:
    text = great[-1].decode()
    assert "warning/100" in state(told(great))
    shorter = re.sub(
        r"<Item>\s*<Area><Name>[^<]*</Name><Code>100</Code>.*?</Item>", "", text, flags=re.S
    )
    assert len(shorter) < len(text)
    assert "warning/100" not in state(told([*great[:-1], shorter.encode()]))


def test_arrivals_end_with_the_warning_of_their_coast(told: Told, great: list[bytes]) -> None:
    text = great[-1].decode().replace("<Code>72</Code>", "<Code>00</Code>")
    before = {k for k in state(told(great)) if k.startswith("arrival/")}
    after = {k for k in state(told([*great[:-1], text.encode()])) if k.startswith("arrival/")}
    assert before - after
    assert after < before


def test_observations_name_station_sensor_and_condition(told: Told, great: list[bytes]) -> None:
    found = state(told(great))
    parts = {body["part"] for body in found.values()}
    assert parts == {"warning", "arrival", "observation", "offshore", "estimate", "bulletin"}
    sensor = next(b for b in found.values() if b["part"] == "offshore" and b["height_m"])
    assert sensor["sensor"] in {"ＧＰＳ波浪計", "水圧計"}
    miyako = found["observation/21001"]
    assert (miyako["name"], miyako["area_name"]) == ("宮古", "岩手県")


def test_every_coast_station_and_height_is_kept(
    samples: dict[str, bytes], parsed: Callable[[bytes], Parsed]
) -> None:
    for name, data in samples.items():
        if "VTSE" not in name:
            continue
        body = envelope.decode(data).body
        records = [r.body for r in parsed(data).records if r.body.part != "bulletin"]
        areas = sum(
            1 for p in ("Forecast", "Estimation") for _ in body.iterfind(f".//{{*}}{p}/{{*}}Item")
        )
        observed = sum(1 for _ in body.iterfind(".//{*}Observation/{*}Item/{*}Station"))
        expected = sum(1 for _ in body.iterfind(".//{*}Forecast/{*}Item/{*}Station"))
        assert len(records) == areas + observed, name
        assert sum(len(b.stations) for b in records) == expected, name
        heights = sum(e.text != "NaN" for e in body.iterfind(".//{*}TsunamiHeight"))
        assert sum(b.height_m is not None for b in records) == heights, name


def test_shuffled_and_repeated_bulletins_end_alike(told: Told, great: list[bytes]) -> None:
    in_order = state(told(great))
    shuffle = random.Random(11)
    for _ in range(5):
        some = [*great, *shuffle.sample(great, 3)]
        shuffle.shuffle(some)
        assert state(told(some)) == in_order


def test_a_withdrawn_bulletin_takes_back_what_its_kind_has_said(
    told: Told, great: list[bytes], sample: Sample
) -> None:
    withdrawal = (
        sample("38-39_03_02_210805_VTSE51").decode().replace("2021-08-05T", "2031-08-05T").encode()
    )
    left = {body["part"] for body in state(told([*great, withdrawal])).values()}
    assert left == {"warning", "offshore", "estimate", "bulletin"}


def test_a_tsunami_of_two_quakes_names_both(told: Told, sample: Sample) -> None:
    found = state(told([sample("38-39_02_05_250206_VTSE51")]))
    events = ["20151114055157", "20151114061750"]
    assert all(body["event_ids"] == events for body in found.values())
    bulletin = found["bulletin/20151114055157+20151114061750/VTSE51"]
    assert [q["magnitude"] for q in bulletin["quakes"]] == [7.0, 5.1]


def test_an_exercise_is_no_tsunami(told: Told, sample: Sample) -> None:
    drill = [sample("32-39_13_02_250206_VTSE41")]
    assert state(told(drill)) == {}
    assert len(state(told(drill, Status.EXERCISE))) == 8


def test_an_unknown_kind_is_taken_as_in_force_with_an_alarm(
    parsed: Callable[[bytes], Parsed], great: list[bytes]
) -> None:
    strange = parsed(great[0].replace(b"<Code>53</Code>", b"<Code>57</Code>", 1))
    found = [p.code for p in strange.problems]
    assert set(found) == {"jmaxml.unknown-kind"}
    bodies = [r.body for r in strange.records if r.body.kind_code == "57"]
    assert bodies
    assert all(b.in_force for b in bodies)
