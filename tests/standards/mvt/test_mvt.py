"""Vector tiles: what is written is read back, by us and by Mapbox's own schema."""

from __future__ import annotations

import contextlib

import mapbox_vector_tile
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hinomi.kernel.errors import DataError
from hinomi.standards.mvt import (
    LINE,
    POINT,
    POLYGON,
    Encoded,
    decode,
    encode,
    path_geometries,
    point_geometries,
)
from hinomi.standards.mvt.encode import varint

UNITS = st.integers(-(2**20), 2**20)
POSITION = st.tuples(UNITS, UNITS)
VALUE = st.one_of(
    st.text(max_size=20), st.integers(-(2**63), 2**64 - 1), st.booleans(),
    st.floats(allow_nan=False),
)  # fmt: skip


def _encoded(kind, features, name="a", **more):
    """Features as lists of parts, each a list of positions."""
    parts = [part for feature in features for part in feature]
    geometries = path_geometries(
        kind,
        np.array([p for part in parts for p in part], np.int64).reshape(-1, 2),
        np.array([len(part) for part in parts], np.int64),
        np.array([len(feature) for feature in features], np.int64),
    )
    return encode(name, [Encoded(kind, g, {}, n) for n, g in enumerate(geometries)], **more)


def test_the_specifications_own_examples_are_written_to_the_number():
    """Mapbox Vector Tile Specification 2.1, section 4.3.5.1 to 4.3.5.6."""

    def stream(kind, parts):
        positions = np.array([p for part in parts for p in part])
        sizes = np.array([len(part) for part in parts])
        (found,) = path_geometries(kind, positions, sizes, np.array([len(parts)]))
        return found

    def numbers(*values):
        return b"".join(varint(v) for v in values)

    assert point_geometries(np.array([[25, 17]])) == [numbers(9, 50, 34)]
    assert stream(POINT, [[(5, 7)], [(3, 2)]]) == numbers(17, 10, 14, 3, 9)
    assert stream(LINE, [[(2, 2), (2, 10), (10, 10)]]) == numbers(9, 4, 4, 18, 0, 16, 16, 0)
    assert stream(LINE, [[(2, 2), (2, 10), (10, 10)], [(1, 1), (3, 5)]]) == numbers(
        9, 4, 4, 18, 0, 16, 16, 0, 9, 17, 17, 10, 4, 8
    )
    assert stream(POLYGON, [[(3, 6), (8, 12), (20, 34), (3, 6)]]) == numbers(
        9, 6, 12, 18, 10, 12, 24, 44, 15
    )
    rings = [
        [(0, 0), (10, 0), (10, 10), (0, 10), (0, 0)],
        [(11, 11), (20, 11), (20, 20), (11, 20), (11, 11)],
        [(13, 13), (13, 17), (17, 17), (17, 13), (13, 13)],
    ]
    assert stream(POLYGON, rings) == numbers(
        9, 0, 0, 26, 20, 0, 0, 20, 19, 0, 15,
        9, 22, 2, 26, 18, 0, 0, 18, 17, 0, 15,
        9, 4, 13, 26, 0, 8, 8, 0, 0, 7, 15,
    )  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(st.lists(POSITION, min_size=2, max_size=5), min_size=1, max_size=3)))
def test_lines_come_back_as_they_were(features):
    data = _encoded(LINE, features)
    read = [feature.parts for layer in decode(data) for feature in layer.features]
    assert read == features


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.text(max_size=10), VALUE, max_size=6), st.integers(0, 2**64 - 1))
def test_attributes_come_back_with_their_types(properties, identity):
    (geometry,) = point_geometries(np.array([[1, 2]]))
    (layer,) = decode(encode("名", [Encoded(POINT, geometry, properties, identity)]))
    (feature,) = layer.features
    assert (layer.name, feature.id, feature.properties) == ("名", identity, properties)
    assert [type(v) for v in feature.properties.values()] == [type(v) for v in properties.values()]


def test_mapboxs_schema_reads_polygons_with_holes_and_many_values():
    rings = [
        [(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)],
        [(20, 20), (20, 40), (40, 40), (40, 20), (20, 20)],
    ]
    geometry = path_geometries(
        POLYGON, np.array(rings[0] + rings[1]), np.array([5, 5]), np.array([2])
    )
    properties = {"名": "川", "n": -3, "big": 2**40, "f": 1.5, "yes": True, "none": None}
    data = encode("floods", [Encoded(POLYGON, geometry[0], properties, 5)])
    theirs = mapbox_vector_tile.decode(data, default_options={"y_coord_down": True})
    (feature,) = theirs["floods"]["features"]
    assert feature["geometry"]["type"] == "Polygon"
    assert [{tuple(p) for p in ring} for ring in feature["geometry"]["coordinates"]] == [
        set(ring) for ring in rings
    ]
    assert feature["properties"] == {k: v for k, v in properties.items() if v is not None}
    ours = decode(data)[0].features[0].geojson()
    assert [set(ring) for ring in ours["coordinates"]] == [set(ring) for ring in rings]


def test_we_read_what_mapboxs_encoder_writes():
    features = [
        {"geometry": "POINT(10 20)", "properties": {"a": 1}},
        {"geometry": "LINESTRING(0 0, 5 5, 9 0)", "properties": {"b": "x"}},
        {"geometry": "POLYGON((0 0, 0 10, 10 10, 10 0, 0 0))", "properties": {"c": 2.5}},
    ]
    data = mapbox_vector_tile.encode(
        [{"name": "theirs", "features": features}], default_options={"y_coord_down": True}
    )
    (layer,) = decode(data)
    assert [f.geojson()["type"] for f in layer.features] == ["Point", "LineString", "Polygon"]
    assert [f.properties for f in layer.features] == [{"a": 1}, {"b": "x"}, {"c": 2.5}]


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_broken_bytes_raise_a_data_error_and_nothing_else(data):
    good = bytearray(_encoded(POLYGON, [[[(0, 0), (9, 0), (9, 9), (0, 0)]]]))
    for _ in range(data.draw(st.integers(1, 4))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    bad = bytes(good[: data.draw(st.integers(0, len(good)))])
    with contextlib.suppress(DataError):
        for layer in decode(bad):
            for feature in layer.features:
                feature.geojson()


def test_a_count_larger_than_the_stream_is_refused_at_once():
    stream = varint((2**31 << 3) | 1)
    with pytest.raises(DataError):
        decode(encode("a", [Encoded(POINT, stream, {})]))
