"""Meteorological bodies: every value is there, as an independent parser reads it."""

from __future__ import annotations

import json
import re
import tarfile
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from hinomi.kernel.errors import DataError
from hinomi.standards.jmaxml import envelope, floods, meteorology, typhoons
from hinomi.standards.jmaxml.leaves import Leaf
from hinomi.standards.jmaxml.positions import KM_PER_NAUTICAL_MILE, Axis, decode_shape
from hinomi.standards.jmaxml.quantities import after, hours_ahead, instant, number, positions

MINE = re.compile(
    r"_(VXKOii|VXSUii|VPTW\d\d|VPTI5\d|VP[CZ][A-Z]\d\d|VPF[DWJG]\d\d|VPBS50|VPAW51|VPTA50|VPRN50"
    r"|VGSK\d\d|VGUV50|VMCJ\d\d|VZS[AF]\d\d)\."
)
METEOROLOGY = "{http://xml.kishou.go.jp/jmaxml1/body/meteorology1/}"
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


def all_leaves(weather: meteorology.Weather) -> list[Leaf]:
    items = [i for s in weather.sections for info in s.infos for i in info.items]
    properties = [p for item in items for k in item.kinds for p in k.properties]
    return [leaf for p in properties for leaf in p.leaves] + weather.additions


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


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("+20.0+132.8/", [(132.8, 20.0)]),
        ("+2010+13250/", [(132 + 50 / 60, 20 + 10 / 60)]),
        ("-0530-17830/", [(-178.5, -5.5)]),
        ("+36.5+138.5+2568/", [(138.5, 36.5)]),
        ("+201530+1325012.0/", [(132 + 50 / 60 + 12 / 3600, 20 + 15 / 60 + 30 / 3600)]),
        ("+206030+1325000/", []),
        ("+20153+132500/", []),
        ("/+30+160/+44-178", [(160.0, 30.0), (-178.0, 44.0)]),
        ("+90.1+10.0/", []),
        ("+20.0/", []),
        ("+2060+13250/", []),
        ("", []),
        ("北緯２０度", []),
    ],
)
def test_positions_are_read_in_degrees_and_in_minutes(
    written: str, expected: list[tuple[float, float]]
) -> None:
    found = positions(written)
    assert len(found) == len(expected)
    for point, wanted in zip(found, expected, strict=True):
        assert point == pytest.approx(wanted)


@pytest.mark.parametrize(
    ("kind", "code", "level", "release"),
    [
        ("氾濫注意情報", "20", 2, False),
        ("氾濫注意情報（警戒情報解除）", "22", 2, False),
        ("氾濫警戒情報", "31", 3, False),
        ("氾濫危険情報", "41", 4, False),
        ("氾濫発生情報（氾濫水の予報）", "53", 5, False),
        ("レベル３氾濫警報", "30", 3, False),
        ("レベル４氾濫危険警報", "40", 4, False),
        ("レベル５氾濫特別警報", "51", 5, False),
        ("氾濫注意情報解除", "10", 1, True),
        ("レベル２氾濫注意報解除", "10", 1, True),
        ("", "40", 4, False),
        ("新しい情報", "99", None, False),
    ],
)
def test_old_and_new_flood_kinds_have_their_level(
    kind: str, code: str, level: int | None, *, release: bool
) -> None:
    assert floods.level_of(kind, code) == level
    assert floods.is_release(kind, code) is release


def made_body(inner: str) -> Any:
    return etree.fromstring(f'<Body xmlns="{METEOROLOGY[1:-1]}">{inner}</Body>')


def test_positions_that_cannot_be_read_are_alarms() -> None:
    info = "<MeteorologicalInfo><Item>{}</Item></MeteorologicalInfo>"
    item = f"<MeteorologicalInfos>{info}</MeteorologicalInfos>"
    area = "<Area><Name>低気圧</Name><Polygon>somewhere</Polygon><Circle/></Area>"
    found = meteorology.decode(made_body(item.format(area)))
    assert [(p.code, p.found) for p in found.problems] == [("jmaxml.position", "Polygon somewhere")]
    center = "<CenterPart><Coordinate>nowhere</Coordinate><Mood>angry</Mood></CenterPart>"
    kind = f"<Kind><Property><Type>中心</Type>{center}<MoodPart/></Property></Kind>"
    typhoon = typhoons.decode(made_body(item.format(kind) + "<Future/>"))
    assert [p.code for p in typhoon.problems] == [
        "jmaxml.position",
        "jmaxml.unknown-element",
        "jmaxml.unknown-element",
        "jmaxml.no-position",
        "jmaxml.unknown-element",
    ]
    assert typhoon.positions[0].longitude is None


def test_degrees_and_minutes_are_enough_for_a_typhoon() -> None:
    center = (
        '<CenterPart><Coordinate type="中心位置（度分）">+2010+13250/</Coordinate></CenterPart>'
    )
    typhoon = typhoons.decode(
        made_body(
            '<MeteorologicalInfos><MeteorologicalInfo><DateTime type="実況">2009-08-03T15:00:00'
            f"</DateTime><Item><Kind><Property>{center}</Property></Kind></Item><Sea/>"
            "</MeteorologicalInfo></MeteorologicalInfos>"
        )
    )
    (at,) = typhoon.positions
    assert (at.longitude, at.latitude) == pytest.approx((132 + 50 / 60, 20 + 10 / 60))
    assert at.time == datetime(2009, 8, 3, 6, tzinfo=UTC)
    assert [p.code for p in typhoon.problems] == ["jmaxml.zone", "jmaxml.unknown-element"]


def test_values_of_a_part_that_is_only_a_time_are_not_lost() -> None:
    part = "<EventPart><Event><Time>2024-01-01T00:00:00+09:00</Time></Event></EventPart>"
    body = made_body(
        "<MeteorologicalInfos><MeteorologicalInfo><Item><Kind><Property><Type>現象</Type>"
        f"{part}</Property></Kind></Item></MeteorologicalInfo></MeteorologicalInfos>"
    )
    (leaf,) = all_leaves(meteorology.decode(body))
    assert (leaf.name, leaf.text) == ("Time", "2024-01-01T00:00:00+09:00")


def test_durations_follow_the_calendar_and_nonsense_is_none() -> None:
    start = instant("2008-01-31T00:00:00+09:00")
    assert after(start, "P1M") == instant("2008-02-29T00:00:00+09:00")
    assert after(start, "P1DT19H") == instant("2008-02-01T19:00:00+09:00")
    assert after(start, "PT") is None
    assert after(start, "9日") is None
    assert after(datetime(2199, 1, 1, tzinfo=UTC), "P9999Y") is None
    assert instant("2008-01-31") == datetime(2008, 1, 30, 15, tzinfo=UTC)
    assert instant("9999-01-01T00:00:00+09:00") is None
    assert instant("soon") is None
    assert number("lots") is None
    assert hours_ahead("いつか") is None
    assert (hours_ahead("延長予報　１２０時間後"), hours_ahead("実況")) == (120, 0)


def test_miles_stand_in_where_kilometres_are_missing() -> None:
    assert Axis("南", None, 100.0).reach_km == 100 * KM_PER_NAUTICAL_MILE
    assert Axis("南", 190.0, 100.0).reach_km == 190


def test_an_element_that_is_not_known_is_an_alarm_with_its_path() -> None:
    body = etree.fromstring(
        f'<Body xmlns="{METEOROLOGY[1:-1]}"><MeteorologicalInfos type="予想"><MeteorologicalInfo>'
        "<Item><Kind><Colour>red</Colour></Kind><Smell/></Item></MeteorologicalInfo>"
        "</MeteorologicalInfos><Future>1</Future></Body>"
    )
    problems = meteorology.decode(body).problems
    assert [(p.code, p.grade, p.found) for p in problems] == [
        ("jmaxml.unknown-element", "alarm", "Colour red"),
        ("jmaxml.unknown-element", "alarm", "Smell"),
        ("jmaxml.unknown-element", "alarm", "Future 1"),
    ]
    assert problems[0].path == "/Body/MeteorologicalInfos/MeteorologicalInfo/Item/Kind/Colour"


NAMES = [
    *("MeteorologicalInfos", "MeteorologicalInfo", "TimeSeriesInfo", "TimeDefines", "TimeDefine"),
    *("DateTime", "Duration", "Name", "Item", "Kind", "Property", "Type", "Area", "Areas", "Code"),
    *("Station", "Stations", "Circle", "BasePoint", "Axes", "Axis", "Radius", "Direction", "Time"),
    *("Coordinate", "Polygon", "Line", "WindPart", "Base", "Becoming", "WaterLevelPart", "Event"),
    *("WaterLevel", "CenterPart", "Pressure", "ProbabilityCircle", "Speed", "WarningAreaPart"),
    *("WindSpeed", "TyphoonNamePart", "Notice", "Comment", "Text", "Warning", "OfficeInfo"),
    *("AdditionalInfo", "FloodForecastAddition", "HydrometricStationPart", "Criteria"),
    *("FloodDepth", "FloodAssumptionTable", "FloodAssumptionPart", "AttainmentTime"),
]
TEXTS = st.one_of(
    st.sampled_from(
        ["", "1", "+20.0+132.8/", "+2000+13250/", "2008-01-31T00:00:00+09:00", "PT3H", "nan"]
    ),
    st.text(
        st.characters(
            codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff"
        ),
        max_size=8,
    ),
)
ATTRIBUTES = st.dictionaries(
    st.sampled_from(["type", "unit", "refID", "timeId", "condition", "kind", "codeType"]),
    st.sampled_from(["", "1", "2", "水位", "レベル", "中心位置（度分）", "予報　２４時間後", "km"]),
    max_size=3,
)
TREES = st.recursive(
    st.tuples(st.sampled_from(NAMES), ATTRIBUTES, TEXTS, st.just(())),
    lambda inner: st.tuples(
        st.sampled_from(NAMES), ATTRIBUTES, st.just(""), st.lists(inner, max_size=4)
    ),
    max_leaves=20,
)


def build(tree: Any) -> Any:
    tag, attributes, text, inner = tree
    element = etree.Element(METEOROLOGY + tag, attributes)
    element.text = text
    element.extend(build(part) for part in inner)
    return element


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(TREES, max_size=4))
def test_any_tree_is_read_without_raising_and_encodes(trees: list[Any]) -> None:
    body = etree.Element(METEOROLOGY + "Body")
    body.extend(build(tree) for tree in trees)
    for decode in (meteorology.decode, floods.decode, typhoons.decode):
        found = decode(body)
        assert msgspec.json.decode(msgspec.json.encode(found), type=type(found)) == found
    for element in body:
        decode_shape(element)


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
