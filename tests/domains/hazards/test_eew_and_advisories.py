"""Earthquake early warnings by serial, and what JMA says about earthquakes in words."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hinomi.kernel.marking import Status
from hinomi.kernel.ports import Parsed
from hinomi.kernel.reader import Reader
from hinomi.standards.jmaxml import envelope

EVENT = "20240417231454"
Told = Callable[..., Reader]


@pytest.fixture(scope="module")
def eew(samples: dict[str, bytes]) -> list[bytes]:
    """All samples of one quake's early warnings, in the order of their names."""
    return [data for name, data in sorted(samples.items()) if re.search("VXSE4[345]", name)]


def state(reader: Reader) -> dict[str, bytes]:
    return {item.key: item.feature for item in reader.every("hazards.eew")}


def kept(eew: list[bytes]) -> list[bytes]:
    return [data for data in eew if envelope.decode(data).head.act != "cancel"]


def test_the_newest_serial_of_each_series_holds(told: Told, eew: list[bytes]) -> None:
    reader = told(kept(eew))
    warning = reader.get("hazards.eew", f"{EVENT}/warning").body()
    forecast = reader.get("hazards.eew", f"{EVENT}/forecast").body()
    assert (warning["serial"], warning["warned"], warning["telegram"]) == (2, True, "VXSE43")
    assert (forecast["serial"], forecast["telegram"]) == (32, "VXSE45")
    assert forecast["magnitude"] == 6.6
    assert len(forecast["areas"]) == 41


def test_of_one_serial_the_report_with_long_period_motion_holds(
    told: Told, sample: Callable[[str], bytes]
) -> None:
    same = [sample("36_01_05_240613_VXSE44"), sample("77_01_05_240613_VXSE45")]
    for order in (same, same[::-1]):
        body = told(order).get("hazards.eew", f"{EVENT}/forecast").body()
        assert (body["serial"], body["telegram"]) == (5, "VXSE45")


def test_shuffled_and_repeated_early_warnings_end_alike(told: Told, eew: list[bytes]) -> None:
    assert len(eew) == 53
    in_order = state(told(kept(eew)))
    shuffle = random.Random(3)
    for _ in range(6):
        some = [*kept(eew), *shuffle.sample(kept(eew), 9)]
        shuffle.shuffle(some)
        assert state(told(some)) == in_order


def test_a_withdrawn_early_warning_is_gone_even_if_its_reports_come_late(
    told: Told, eew: list[bytes]
) -> None:
    assert state(told(eew)) == {}
    assert state(told(eew[::-1])) == {}


def test_an_early_warning_ends_soon_after_the_last_predicted_arrival(
    told: Told, sample: Callable[[str], bytes]
) -> None:
    item = told([sample("37_01_02_240613_VXSE43")]).get("hazards.eew", f"{EVENT}/warning")
    arrivals = [
        datetime.fromisoformat(a["arrival_at"]) for a in item.body()["areas"] if "arrival_at" in a
    ]
    assert item.when.end == max(arrivals) + timedelta(minutes=3)
    assert item.when.start == datetime(2024, 4, 17, 14, 14, 47, tzinfo=UTC)


def test_a_real_early_warning_says_what_another_service_made_of_it(
    shared_data: Path, parsed: Callable[[bytes], Parsed]
) -> None:
    scale = {"3": 30, "4": 40, "5-": 45, "5+": 50, "6-": 55, "6+": 60, "7": 70}
    (file,) = (shared_data / "exchange/jma-xml/real-eqvol").glob("*VXSE43.xml")
    theirs = json.loads(file.with_suffix(".json").read_text("utf-8"))
    (record,) = parsed(file.read_bytes()).records
    body, centre = record.body, theirs["earthquake"]["hypocenter"]
    assert (body.event_id, str(body.serial)) == (
        theirs["issue"]["eventId"],
        theirs["issue"]["serial"],
    )
    assert record.place == {
        "type": "Point",
        "coordinates": [centre["longitude"], centre["latitude"]],
    }
    assert (body.hypocentre, body.depth_km, body.magnitude) == (
        centre["name"],
        centre["depth"],
        centre["magnitude"],
    )
    ours = [
        (a.prefecture, a.name, scale[a.intensity_from], scale[a.intensity_to], a.kind_code)
        for a in body.areas
    ]
    assert ours == [
        (a["pref"], a["name"], a["scaleFrom"], a["scaleTo"], a["kindCode"]) for a in theirs["areas"]
    ]


def test_every_area_of_every_early_warning_is_kept(
    samples: dict[str, bytes], parsed: Callable[[bytes], Parsed]
) -> None:
    for name, data in samples.items():
        if re.search("VXSE4[2345]", name):
            (record,) = parsed(data).records
            pairs = sum(1 for _ in envelope.decode(data).body.iter("{*}ForecastInt"))
            overall = 1 if record.body.max_from else 0
            assert len(record.body.areas) == pairs - overall, name


def test_a_test_of_the_line_is_no_early_warning(told: Told, sample: Callable[[str], bytes]) -> None:
    line_test = [sample("VXSE42")]
    assert state(told(line_test)) == {}
    (item,) = told(line_test, Status.TEST).find("hazards.eew").items
    assert item.body()["kind"] == "test"


def test_an_unknown_kind_or_class_in_an_early_warning_is_an_alarm(
    parsed: Callable[[bytes], Parsed], sample: Callable[[str], bytes]
) -> None:
    text = sample("37_01_01_240613_VXSE43").decode()
    strange = text.replace("<Code>10</Code>", "<Code>77</Code>").replace(
        "<From>4</From>", "<From>9</From>"
    )
    assert strange != text
    found = {p.code for p in parsed(strange.encode()).problems}
    assert found == {"jmaxml.unknown-kind", "jmaxml.unknown-intensity"}


def advisories(reader: Reader) -> dict[str, dict[str, object]]:
    return {item.key: item.body() for item in reader.every("hazards.quake_advisories")}


def test_the_current_nankai_information_is_one_record_and_its_end_is_not_in_force(
    told: Told, samples: dict[str, bytes]
) -> None:
    nankai = [data for name, data in sorted(samples.items()) if "VYSE5" in name]
    assert len(nankai) == 10
    found = advisories(told(nankai))
    assert set(found) == {"nankai/extra", "nankai/commentary", "nankai/monthly"}
    assert found["nankai/extra"]["stage"] == "調査終了"
    assert found["nankai/extra"]["in_force"] is False
    assert found["nankai/commentary"]["serial"] == "3"
    assert advisories(told(nankai[::-1])) == found


def test_a_megaquake_alert_is_in_force_with_its_text(
    told: Told, sample: Callable[[str], bytes]
) -> None:
    found = advisories(told([sample("74_01_04_200512_VYSE50")]))["nankai/extra"]
    assert (found["stage"], found["stage_code"], found["in_force"]) == (
        "巨大地震警戒",
        "120",
        True,
    )
    assert str(found["text"]).startswith("本日")


def test_the_advisory_on_later_quakes_activity_counts_and_notices_are_kept(
    told: Told, sample: Callable[[str], bytes]
) -> None:
    some = ["VYSE60", "74_02_01_200512_VXSE56", "32-35_03_01_100514_VXSE60", "42_01_01_100514_VZSE"]
    found = advisories(told(sample(part) for part in some))
    assert {body["kind"] for body in found.values()} == {
        "hokkaido-sanriku",
        "activity",
        "count",
        "notice",
    }
    assert all(body["text"] for body in found.values())
    counts = next(body["counts"] for body in found.values() if body["kind"] == "count")
    assert isinstance(counts, list)
    assert [c["number"] for c in counts] == [1587, 35, 35, 47, 1704]


@pytest.mark.parametrize(
    "part",
    ["32-35_09_02_220316_VXSE56", "32-35_10_02_220510_VXSE60", "42_03_01_220402_VZSE40"],
)
def test_a_withdrawn_advisory_is_gone(
    told: Told, sample: Callable[[str], bytes], part: str
) -> None:
    withdrawal = sample(part)
    stated = withdrawal.replace("取消".encode(), "発表".encode())
    assert len(advisories(told([stated]))) == 1
    assert advisories(told([stated, withdrawal])) == {}
    assert advisories(told([withdrawal, stated])) == {}
