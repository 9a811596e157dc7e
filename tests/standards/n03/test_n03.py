"""Boundaries are read a feature at a time, whatever the others look like."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hinomi.kernel.errors import DataError
from hinomi.standards.n03 import Names, decode, edition_of

SQUARE = [[[136.0, 36.0], [137.0, 36.0], [137.0, 37.0], [136.0, 36.0]]]


def feature(properties: dict[str, Any], geometry: Any = None) -> dict[str, Any]:
    geometry = geometry or {"type": "Polygon", "coordinates": SQUARE}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def collection(*features: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": list(features)}).encode()


N03 = {"N03_001": "石川県", "N03_003": None, "N03_004": "七尾市", "N03_007": "17202"}


@pytest.mark.parametrize(
    ("properties", "code", "name"),
    [
        (N03, "1720200", "七尾市"),
        ({"N03_003": "札幌市", "N03_004": "中央区", "N03_007": "01101"}, "0110100", "札幌市中央区"),
        ({"N03_004": "札幌市", "N03_005": "北区", "N03_007": "01102"}, "0110200", "札幌市北区"),
        ({"code": 172022, "name": "七尾市"}, "1720200", "七尾市"),
        ({"code": 1101, "name": "札幌市中央区"}, "0110100", "札幌市中央区"),
    ],
    ids=["n03", "ward", "ward-2024", "jis6", "lost-zero"],
)
def test_code_and_name_are_found(properties: dict[str, Any], code: str, name: str) -> None:
    boundaries, problems = decode(collection(feature(properties)))
    assert [(b.code, b.name) for b in boundaries] == [(code, name)]
    assert problems == []


def test_the_properties_can_be_named() -> None:
    data = collection(feature({"id9": "98201", "town": "望楼市", "code": "17202"}))
    boundaries, _ = decode(data, Names("id9", "town"))
    assert [(b.code, b.name) for b in boundaries] == [("9820100", "望楼市")]


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Polygon", "coordinates": [[[136.0, 36.0], [137.0, 36.0]]]},
        {"type": "Polygon", "coordinates": [[[36.0, 136.0], [37.0, 136.0], [36.0, 136.0]]]},
        {"type": "Point", "coordinates": [136.0, 36.0]},
        {"type": "Polygon"},
        {"type": "Polygon", "coordinates": "none"},
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": [[[1e300, 1], [2, 1], [2, 2], [1e300, 1]]]},
    ],
    ids=["open-ring", "swapped", "point", "nothing", "text", "empty", "far"],
)
def test_one_broken_feature_costs_only_itself(geometry: Any) -> None:
    boundaries, problems = decode(collection(feature(N03), feature(N03, geometry), feature(N03)))
    assert len(boundaries) == 2
    assert [(p.path, p.grade) for p in problems] == [("/features[1]", "error")]


@pytest.mark.parametrize(
    ("name", "edition"),
    [
        ("N03-20240101.geojson", "2024-01-01"),
        ("N03-21_210101_municipalities_s0001.json", "2021-01-01"),
        ("N03-21_17_s0010.json", "None"),
        ("N03-20241399.geojson", "None"),
        ("towns_20240101.json", "None"),
    ],
)
def test_the_edition_is_read_from_the_files_name(name: str, edition: str) -> None:
    assert str(edition_of(name)) == edition


@pytest.mark.parametrize("code", ["17202X", "172021", "一七二〇二", "12345678"])
def test_a_code_that_is_no_jis_code_stays_as_it_is(code: str) -> None:
    boundaries, _ = decode(collection(feature({"code": code})))
    assert boundaries[0].code == code


def test_a_feature_without_a_code_says_what_it_has() -> None:
    _, problems = decode(collection(feature(N03), feature({"town": "七尾市"})))
    assert [(p.code, p.found) for p in problems] == [("n03.no-code", "town")]


def test_ground_of_no_municipality_is_only_noted() -> None:
    unassigned = {"N03_004": "所属未定地", "N03_007": None}
    _, problems = decode(collection(feature(N03), feature(unassigned)))
    assert [p.grade for p in problems] == ["note"]


@pytest.mark.parametrize("data", [b"", b"[]", b'{"features": []}', b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_boundary_file_is_refused_by_name(data: bytes) -> None:
    with pytest.raises(DataError):
        decode(data)


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=8) | st.integers(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(
    properties=st.dictionaries(
        st.sampled_from(["N03_004", "N03_007", "code", "name", "x"]), json_values
    ),
    coordinates=json_values,
    kind=st.sampled_from(["Polygon", "MultiPolygon", "Point", "GeometryCollection", ""]),
)
def test_whatever_a_feature_holds_the_good_one_is_read(
    properties: dict[str, Any], coordinates: Any, kind: str
) -> None:
    strange = feature(properties, {"type": kind, "coordinates": coordinates})
    data = json.dumps({"type": "FeatureCollection", "features": [feature(N03), strange]})
    data = data.replace("NaN", "null").replace("-Infinity", "null").replace("Infinity", "null")
    boundaries, problems = decode(data.encode())
    assert len(boundaries) + len(problems) == 2
    assert boundaries[0].code == "1720200"


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_random_bytes_are_refused_and_nothing_else_happens(data: bytes) -> None:
    with pytest.raises(DataError):
        decode(data)
