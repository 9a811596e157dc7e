"""Circles and lines of telegrams on the map."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hinomi.domains.hazards.observe.shapes import (
    EARTH_KM,
    circle,
    collect,
    destination,
    line,
    polygon,
    shape_geometry,
)
from hinomi.kernel.geometry import bounds, check_geometry, positions
from hinomi.standards.jmaxml.positions import Axis, Shape

Point = tuple[float, float]


def apart_km(first: Point, second: Point) -> float:
    """Return the great-circle distance [km] by the haversine formula."""
    (lon1, lat1), (lon2, lat2) = (tuple(map(math.radians, p)) for p in (first, second))
    half = (
        math.sin((lat2 - lat1) / 2) ** 2
        + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    )
    return 2 * EARTH_KM * math.asin(math.sqrt(half))


def found(geometry: Any) -> Any:
    assert geometry is not None
    return check_geometry(geometry)


@settings(max_examples=100, deadline=None)
@given(
    st.floats(-180, 180),
    st.floats(-65, 65),
    st.floats(1, 1500),
)
def test_a_circles_edge_is_its_radius_away_wherever_it_lies(
    longitude: float, latitude: float, radius_km: float
) -> None:
    area = found(circle((longitude, latitude), [Axis(radius_km=radius_km)]))
    for lon, lat in positions(area):
        if abs(lon) < 180:
            assert apart_km((longitude, latitude), (lon, lat)) == pytest.approx(
                radius_km, rel=1e-3, abs=0.01
            )


def test_a_wider_side_moves_the_circle_so_that_both_reaches_hold() -> None:
    center = (135.0, 25.0)
    area = found(circle(center, [Axis("南", 600.0), Axis("北", 400.0)]))
    west, south, east, north = bounds(area)
    assert apart_km(center, (135.0, south)) == pytest.approx(600, rel=0.002)
    assert apart_km(center, (135.0, north)) == pytest.approx(400, rel=0.002)
    assert west < 135 < east


def test_an_area_that_is_not_there_has_no_place() -> None:
    assert circle((135.0, 25.0), [Axis(condition="なし")]) is None
    assert circle((135.0, 25.0), []) is None
    assert collect([None, None]) is None


def test_a_circle_across_the_antimeridian_is_cut_in_two() -> None:
    area = found(circle((179.0, 50.0), [Axis(radius_km=500.0)]))
    assert area["type"] == "MultiPolygon"
    sides = [bounds({"type": "Polygon", "coordinates": c}) for c in area["coordinates"]]
    assert sorted((w, e) for w, _, e, _ in sides)[0][0] == -180
    assert max(e for _, _, e, _ in sides) == 180
    assert all(e - w < 20 for w, _, e, _ in sides)


def test_a_line_across_the_antimeridian_is_cut_in_two() -> None:
    track = found(line([(177.0, 53.0), (-170.0, 57.0), (-162.0, 51.0)]))
    assert track["type"] == "MultiLineString"
    first, second = track["coordinates"]
    assert first[-1][0] == 180
    assert second[0][0] == -180
    assert first[-1][1] == second[0][1]
    assert all(abs(a[0] - b[0]) < 20 for part in (first, second) for a, b in pairwise(part))


def test_a_polygon_is_closed_and_too_few_points_are_none() -> None:
    area = found(polygon([(140.0, 32.0), (142.0, 41.0), (152.0, 47.0)]))
    assert area["coordinates"][0][0] == area["coordinates"][0][-1]
    assert polygon([(140.0, 32.0), (142.0, 41.0)]) is None
    assert line([(140.0, 32.0)]) is None


def test_decoded_shapes_become_geometries() -> None:
    ring = [(140.0, 32.0), (142.0, 41.0), (152.0, 47.0)]
    kinds = [
        Shape("polygon", points=ring),
        Shape("line", points=ring),
        Shape("point", points=ring[:1]),
        Shape("circle", points=ring[:1], axes=[Axis(radius_km=10.0)]),
        Shape("circle", points=ring[:1]),
        Shape("circle", axes=[Axis(radius_km=10.0)]),
    ]
    made = [shape_geometry(k) for k in kinds]
    types = [g["type"] if g else None for g in made]
    assert types == ["Polygon", "LineString", "Point", "Polygon", "Point", None]
    assert found(collect(made))["type"] == "GeometryCollection"
    assert found(collect([made[0], made[3]]))["type"] == "MultiPolygon"


def test_a_quarter_of_the_earth_north_is_the_pole() -> None:
    assert destination((10.0, 0.0), 0.0, EARTH_KM * math.pi / 2)[1] == pytest.approx(90)
