"""Geometries and boxes: checked before anything is kept."""

from typing import Any

import pytest

from hinomi.kernel.errors import InputError
from hinomi.kernel.geometry import bounds, check_bbox, check_geometry, point, positions

RING = [[0, 0], [1, 0], [1, 1], [0, 0]]
GOOD: list[dict[str, Any]] = [
    point(139.7, 35.6),
    {"type": "Point", "coordinates": [139.7, 35.6, 12.0]},
    {"type": "MultiPoint", "coordinates": [[1, 2], [3, 4]]},
    {"type": "LineString", "coordinates": [[1, 2], [3, 4]]},
    {"type": "MultiLineString", "coordinates": [[[1, 2], [3, 4]]]},
    {"type": "Polygon", "coordinates": [RING]},
    {"type": "MultiPolygon", "coordinates": [[RING], [RING]]},
    {"type": "GeometryCollection", "geometries": [point(1, 2), point(3, 4)]},
]
BAD: list[tuple[object, str]] = [
    (None, "GeoJSON object"),
    ("x" * 100, r"\.\.\."),
    ({"type": "Circle"}, "Circle"),
    ({"type": "Point", "coordinates": []}, "not empty"),
    ({"type": "Point", "coordinates": None}, "not empty"),
    ({"type": "Point", "coordinates": [1]}, "longitude, latitude"),
    ({"type": "Point", "coordinates": [1, 2, 3, 4]}, "longitude, latitude"),
    ({"type": "Point", "coordinates": [1, "2"]}, "longitude, latitude"),
    ({"type": "Point", "coordinates": [True, 2]}, "longitude, latitude"),
    ({"type": "Point", "coordinates": [float("nan"), 2]}, "finite"),
    ({"type": "Point", "coordinates": [1, float("inf")]}, "finite"),
    ({"type": "Point", "coordinates": [35.6, 139.7]}, "swapped"),
    ({"type": "Point", "coordinates": [181, 0]}, "swapped"),
    ({"type": "Polygon", "coordinates": [RING[:3]]}, "ring"),
    ({"type": "Polygon", "coordinates": [[*RING[:3], [5, 5]]]}, "ring"),
    ({"type": "GeometryCollection", "geometries": [{"type": "Circle"}]}, "Circle"),
]


@pytest.mark.parametrize("geometry", GOOD, ids=str)
def test_what_the_map_can_show_is_kept_as_it_is(geometry: dict[str, Any]) -> None:
    assert check_geometry(geometry) is geometry
    west, south, east, north = bounds(geometry)
    for longitude, latitude, *_ in positions(geometry):
        assert west <= longitude <= east
        assert south <= latitude <= north


@pytest.mark.parametrize(("geometry", "reason"), BAD, ids=str)
def test_what_the_map_cannot_show_is_refused_with_the_reason(geometry: object, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        check_geometry(geometry)


def test_a_box_drops_heights() -> None:
    assert check_bbox([1, 2, 0, 3, 4, 9]) == (1, 2, 3, 4)
    assert check_bbox([170, -10, -170, 10]) == (170, -10, -170, 10)


@pytest.mark.parametrize(
    "values",
    [[1, 2, 3], [0, 5, 1, 4], [0, -91, 1, 0], [200, 0, 201, 1], [float("nan"), 0, 1, 1]],
    ids=str,
)
def test_a_box_that_is_none_is_refused(values: list[float]) -> None:
    with pytest.raises(InputError, match="bbox"):
        check_bbox(values)
