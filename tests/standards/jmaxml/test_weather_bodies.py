"""Meteorological bodies: what each written form means, and any tree is read or told as an alarm."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from hinomi.standards.jmaxml import floods, meteorology, typhoons
from hinomi.standards.jmaxml.positions import KM_PER_NAUTICAL_MILE, Axis, decode_shape
from hinomi.standards.jmaxml.quantities import after, hours_ahead, instant, number, positions
from tests.standards.jmaxml.weather import METEOROLOGY, all_leaves


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
