"""JMA's own weather samples: every value is read, and as an independent parser reads it."""

from __future__ import annotations

import json
import re
import tarfile
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hinomi.kernel.errors import DataError
from hinomi.standards.jmaxml import envelope, floods, meteorology, typhoons
from hinomi.standards.jmaxml.positions import Axis
from hinomi.standards.jmaxml.quantities import number
from tests.standards.jmaxml.weather import METEOROLOGY, all_leaves

MINE = re.compile(
    r"_(VXKOii|VXSUii|VPTW\d\d|VPTI5\d|VP[CZ][A-Z]\d\d|VPF[DWJG]\d\d|VPBS50|VPAW51|VPTA50|VPRN50"
    r"|VGSK\d\d|VGUV50|VMCJ\d\d|VZS[AF]\d\d)\."
)
CONTEXT = {"TimeModifier", "AreaName", "Time"}


def members(path: Path, ending: str) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(path) as files:
        for member in files:
            if member.name.endswith(ending) and MINE.search(member.name):
                handle = files.extractfile(member)
                assert handle is not None
                yield Path(member.name).stem, handle.read()


@pytest.fixture(scope="module")
def samples(shared_data: Path) -> dict[str, bytes]:
    return dict(members(shared_data / "exchange/jma-xml/official_samples.tar.xz", ".xml"))


@pytest.fixture(scope="module")
def parsed_by_rust(shared_data: Path) -> dict[str, Any]:
    path = shared_data / "exchange/jma-xml/official_samples_parsed_by_jmaxml_rs.tar.xz"
    return {name: json.loads(data)["body"] for name, data in members(path, ".json") if data}


def body_of(data: bytes) -> Any:
    return envelope.decode(data).body


def local(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def expected_values(data: bytes) -> Counter[tuple[str, str]]:
    """Count the childless elements below Property and AdditionalInfo with the standard library."""
    found: Counter[tuple[str, str]] = Counter()

    def walk(element: ElementTree.Element) -> None:
        if not len(element):
            found[local(element), (element.text or "").strip()] += 1
        alone = all(local(e) in CONTEXT for e in element)
        for e in element:
            if alone or local(e) not in CONTEXT:
                walk(e)

    root = ElementTree.fromstring(data)  # noqa: S314
    for prop in root.iter(f"{METEOROLOGY}Property"):
        for e in prop:
            if local(e) != "Type":
                walk(e)
    for addition in root.iter(f"{METEOROLOGY}AdditionalInfo"):
        for e in addition:
            walk(e)
    return found


def test_every_value_of_every_sample_is_there_once(samples: dict[str, bytes]) -> None:
    assert len(samples) == 193
    total = 0
    for name, data in samples.items():
        weather = meteorology.decode(body_of(data))
        found = Counter((leaf.name, leaf.text) for leaf in all_leaves(weather))
        assert found == expected_values(data), name
        assert not weather.problems, (name, weather.problems[:3])
        total += found.total()
    assert total > 190_000


def test_every_item_area_and_time_is_there(samples: dict[str, bytes]) -> None:
    for name, data in samples.items():
        weather = meteorology.decode(body_of(data))
        infos = [i for s in weather.sections for i in s.infos]
        items = [i for info in infos for i in info.items]
        body = data[data.index(b"<Body") :]
        assert len(items) == len(re.findall(rb"<Item\b", body)), name
        assert sum(len(i.spans) for i in infos) == len(re.findall(rb"<TimeDefine ", body)), name
        areas = sum(len(i.areas) for i in items)
        assert areas == areas_of_items(data), name


def areas_of_items(data: bytes) -> int:
    """Count areas and stations below items, but not those inside a property."""
    count = 0
    for item in ElementTree.fromstring(data).iter(f"{METEOROLOGY}Item"):  # noqa: S314
        for e in item:
            if local(e) in {"Area", "Station"}:
                count += 1
            elif local(e) in {"Areas", "Stations"}:
                count += len(e)
    return count


def numbers(node: Any, *, inside: bool = False) -> Iterator[tuple[object, ...]]:
    """Yield value, unit, condition and description of what the Rust parser found in properties."""
    if isinstance(node, list):
        for part in node:
            yield from numbers(part, inside=inside)
    if isinstance(node, dict):
        value = node.get("value")
        if inside and node.get("unit") and isinstance(value, int | float):
            yield value, node["unit"], node.get("condition", ""), node.get("description", "")
        for key, part in node.items():
            yield from numbers(part, inside=inside or key in {"properties", "additionalInfo"})


def test_values_units_and_conditions_are_those_of_an_independent_parser(
    samples: dict[str, bytes], parsed_by_rust: dict[str, Any]
) -> None:
    total = 0
    for name, data in samples.items():
        if name not in parsed_by_rust:
            continue
        expected = Counter(numbers(parsed_by_rust[name]))
        leaves = all_leaves(meteorology.decode(body_of(data)))
        units = {unit for _, unit, _, _ in expected}
        found = Counter(
            (number(v.text), v.unit, v.condition, v.description)
            for v in leaves
            if v.unit in units and number(v.text) is not None
        )
        assert found == expected, name
        total += expected.total()
    assert total > 10_000


def test_a_floods_readings_and_thresholds_are_those_of_an_independent_parser(
    samples: dict[str, bytes], parsed_by_rust: dict[str, Any]
) -> None:
    checked = 0
    for name in (n for n in samples if n.endswith("VXKOii")):
        flood = floods.decode(body_of(samples[name]))
        expected: list[tuple[object, ...]] = []
        criteria: list[tuple[object, ...]] = []
        for infos in parsed_by_rust[name].get("meteorologicalInfos", ()):
            for series in infos.get("timeSeriesInfos", ()):
                times = {t["timeId"]: t for t in series["timeDefines"]["timeDefines"]}
                for item in series["items"]:
                    expected += station_rows(item, times)
        additions = parsed_by_rust[name].get("additionalInfo", {})
        for part in additions.get("floodForecastAddition", {}).get("hydrometricStationParts", ()):
            for kind in part["criterias"]:
                for entry in [*kind.get("waterLevels", ()), *kind.get("discharges", ())]:
                    valid = entry.get("condition", "有効") == "有効"
                    criteria.append(
                        (part["area"]["code"], entry["type"], entry.get("value"), valid)
                    )
        assert [
            (s.code, s.quantity, r.time, r.label, r.value, r.level, r.condition)
            for s in flood.stations
            for r in s.readings
        ] == expected, name
        assert [
            (g.code, c.name, c.value, c.valid) for g in flood.gauges for c in g.criteria
        ] == criteria, name
        checked += len(expected) + len(criteria)
    assert checked > 200


def station_rows(item: dict[str, Any], times: dict[int, Any]) -> Iterator[tuple[object, ...]]:
    for kind in item["kinds"]:
        for prop in kind["properties"]:
            part = prop.get("waterLevelPart") or prop.get("dischargePart")
            for entries in part.values() if part else ():
                ranks = {e["refID"]: e.get("value") for e in entries if e["type"] == "レベル"}
                for e in (e for e in entries if e["type"] == prop["type"]):
                    time = times[e["refID"]]
                    rank = ranks.get(e["refID"])
                    yield (
                        item["station"]["codes"][0]["value"],
                        prop["type"],
                        datetime.fromisoformat(time["dateTime"]["value"]),
                        time["name"],
                        e.get("value"),
                        None if rank is None else int(rank),
                        e.get("condition", ""),
                    )


def test_a_typhoons_positions_and_winds_are_those_of_an_independent_parser(
    samples: dict[str, bytes], parsed_by_rust: dict[str, Any]
) -> None:
    checked = 0
    for name in (n for n in samples if "VPTW" in n):
        typhoon = typhoons.decode(body_of(samples[name]))
        infos = parsed_by_rust[name]["meteorologicalInfos"][0]["meteorologicalInfos"]
        assert len(typhoon.positions) == len(infos), name
        for at, info in zip(typhoon.positions, infos, strict=True):
            parts = {
                key: part
                for kind in info["items"][0]["kinds"]
                for prop in kind["properties"]
                for key, part in prop.items()
            }
            center = parts["centerPart"]
            assert at.time == datetime.fromisoformat(info["dateTime"]["value"]), name
            assert at.label == info["dateTime"]["type"]
            assert at.pressure_hpa == center.get("pressure", {}).get("value")
            speeds = {s["unit"]: s.get("value") for s in center["speeds"]}
            assert (at.speed_kt, at.speed_kmh) == (speeds["ノット"], speeds.get("km/h"))
            written = center.get("coordinates") or center["probabilityCircles"][0]["basePoints"]
            (degrees,) = (c["value"] for c in written if c["type"].endswith("（度）"))
            assert degrees == f"{at.latitude:+.1f}{at.longitude:+.1f}/"
            winds = {
                (w["type"], w["unit"]): w.get("value")
                for w in parts.get("windPart", {}).get("windSpeeds", ())
            }
            assert at.max_wind_ms == winds.get(("最大風速", "m/s"))
            assert at.gust_kt == winds.get(("最大瞬間風速", "ノット"))
            areas = list(parts.get("warningAreaParts", ()))
            assert [a.type for a in at.wind_areas] == [a["type"] for a in areas]
            assert [radii(a.axes) for a in at.wind_areas] == [
                rust_radii(a["circle"]) for a in areas
            ]
            if "probabilityCircles" in center:
                assert radii(at.circle) == rust_radii(center["probabilityCircles"][0])
            checked += 1
    assert checked == 264


def radii(axes: list[Axis]) -> list[tuple[object, ...]]:
    return [(a.direction, a.radius_nm, a.radius_km) for a in axes]


def rust_radii(circle: dict[str, Any]) -> list[tuple[object, ...]]:
    found = []
    for axis in circle["axes"]["axes"]:
        by_unit = {r["unit"]: r.get("value") for r in axis["radiuses"]}
        found.append((axis["directions"][0]["value"], by_unit["海里"], by_unit["km"]))
    return found


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_damaged_samples_are_refused_or_read_never_a_crash(
    samples: dict[str, bytes], data: st.DataObject
) -> None:
    small = sorted(n for n, raw in samples.items() if len(raw) < 60_000)
    raw = bytearray(samples[data.draw(st.sampled_from(small))])
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(raw) - 1))
        cut = data.draw(st.integers(0, 30))
        raw[at : at + cut] = data.draw(
            st.sampled_from([b"", b"9", b"<", b"</Name>", b"+1+", b"\xff"])
        )
    try:
        body = body_of(bytes(raw))
    except DataError:
        return
    for decode in (meteorology.decode, floods.decode, typhoons.decode):
        decode(body)
