"""Real telegrams of quakes: what another service made of them, and nothing left out."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from hinomi.domains.hazards.observe.ground import AT_LEAST
from hinomi.kernel.ports import Parsed
from hinomi.standards.jmaxml import envelope
from tests.domains.hazards.quakes import Parse, parse

JST = timezone(timedelta(hours=9))


@pytest.fixture
def parsed() -> Parse:
    return parse


def test_the_real_telegrams_say_what_another_service_made_of_them(
    shared_data: Path, real: dict[str, bytes], parsed: Parse
) -> None:
    telegrams = {name: envelope.decode(data) for name, data in real.items()}
    compared = 0
    for file in sorted((shared_data / "exchange/jma-xml/real-eqvol").glob("*.json")):
        theirs = json.loads(file.read_text("utf-8"))
        kind = KINDS.get(theirs["issue"].get("type", ""))
        if kind is None:
            continue
        minute = datetime.strptime(theirs["issue"]["time"][:16], "%Y/%m/%d %H:%M").replace(
            tzinfo=JST
        )
        event = file.stem.partition("-")[2]
        for name, telegram in telegrams.items():
            same = telegram.head.event_id[6:] == event or Path(name).stem == file.stem
            if same and telegram.type == kind and telegram.head.reported_at == minute:
                assert summary(parsed(real[name]), theirs) == expected(theirs), file.name
                compared += 1
    assert compared >= 45


KINDS = {
    "ScalePrompt": "VXSE51",
    "Destination": "VXSE52",
    "ScaleAndDestination": "VXSE53",
    "DetailScale": "VXSE53",
    "Foreign": "VXSE53",
}
SCALES = {"1": 10, "2": 20, "3": 30, "4": 40, "5-": 45, "5+": 50, "6-": 55, "6+": 60, "7": 70}
TSUNAMI = {"none": "None", "checking": "Checking", "slight": "NonEffective", "warning": "Warning"}


def expected(theirs: dict[str, Any]) -> dict[str, Any]:
    quake = theirs["earthquake"]
    centre = quake.get("hypocenter") or {}
    return {
        "name": centre.get("name", ""),
        "latitude": centre.get("latitude", -200),
        "longitude": centre.get("longitude", -200),
        "depth": centre.get("depth", -1),
        "magnitude": centre.get("magnitude", -1),
        "maxScale": quake["maxScale"],
        "tsunami": quake["domesticTsunami"],
        "points": sorted((p["pref"], p["addr"], p["scale"]) for p in theirs["points"]),
    }


def summary(parsed: Parsed, theirs: dict[str, Any]) -> dict[str, Any]:
    report = next(r for r in parsed.records if r.collection == "hazards.quake_reports")
    body, place = report.body, report.place
    longitude, latitude = place["coordinates"] if place else (-200, -200)
    areas = [r.body for r in parsed.records if r.collection == "hazards.intensities"]
    by_area = any(p["isArea"] for p in theirs["points"])
    # By area they give what the headline names: 3 and more.
    points = [
        (a.prefecture, a.area_name, SCALES[a.intensity])
        for a in areas
        if a.area_kind == "area" and SCALES[a.intensity] >= 30
    ]
    if not by_area:
        points = [
            (a.prefecture, s.name.removesuffix("＊"), SCALES[s.intensity])
            for a in areas
            for s in a.stations
        ]
    return {
        "name": body.hypocentre_detail or body.hypocentre,
        "latitude": latitude,
        "longitude": longitude,
        "depth": -1 if body.depth_km is None else body.depth_km,
        "magnitude": -1 if body.magnitude is None else body.magnitude,
        "maxScale": SCALES.get(body.max_intensity, -1),
        "tsunami": TSUNAMI.get(body.tsunami, "Unknown"),
        "points": sorted(points) if theirs["points"] else [],
    }


def test_every_area_city_and_station_becomes_part_of_a_record(
    parsed: Parse, samples: dict[str, bytes], real: dict[str, bytes]
) -> None:
    for name, data in [*samples.items(), *real.items()]:
        if not re.search("VXSE(51|53|62)", name):
            continue
        body = envelope.decode(data).body
        count = {t: sum(1 for _ in body.iter("{*}" + t)) for t in ("Pref", "Area", "City")}
        stations = sum(1 for _ in body.iter("{*}IntensityStation"))
        hypocentres = sum(1 for _ in body.iter("{*}Hypocenter"))
        result = parsed(data)
        repeated = sum(p.code == "jmaxml.repeated-area" for p in result.problems)
        found = [r.body for r in result.records if r.collection == "hazards.intensities"]
        assert len(found) == sum(count.values()) - hypocentres - repeated, name
        assert sum(len(b.stations) for b in found) == stations, name
        keys = [r.key for r in result.records]
        assert len(keys) == len(set(keys)), name


def test_the_classes_of_intensity_sort_as_they_are_felt() -> None:
    assert [AT_LEAST[c] for c in SCALES] == sorted(AT_LEAST[c] for c in SCALES)
