"""People, buildings and roads inside a depth map."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiLineString, Point, Polygon, box

from hinomi.kernel.errors import InputError
from hinomi.science.inundation import exposure

BOUNDS = (0.0, 0.0, 100.0, 60.0)


def half_wet(depth_m: float = 1.0) -> np.ndarray:
    """Return six rows of ten cells of 10 m; the five in the east are wet."""
    depth = np.zeros((6, 10))
    depth[:, 5:] = depth_m
    return depth


def test_the_people_of_a_block_are_shared_by_its_ground() -> None:
    found = exposure.people_inside(half_wet(), BOUNDS, [box(40, 0, 80, 60)], np.array([400.0]))
    assert found.by_rank[0].tolist() == [100, 0, 300, 0, 0, 0, 0]
    assert found.unknown.tolist() == [0]


def test_a_block_smaller_than_a_cell_counts_where_it_lies() -> None:
    shapes = [box(51, 1, 52, 2), Point(99, 59), Point(101, 59)]
    found = exposure.people_inside(half_wet(0.2), BOUNDS, shapes, np.array([7.0, 2.0, 3.0]))
    assert found.by_rank[:, 1].tolist() == [7, 2, 0]
    assert found.unknown.tolist() == [0, 0, 3]


def test_what_the_map_does_not_show_is_unknown_and_not_dry() -> None:
    depth = half_wet()
    depth[:3, 5:] = np.nan
    blocks = [box(50, 0, 100, 60), box(90, 0, 110, 60)]
    found = exposure.people_inside(depth, BOUNDS, blocks, np.array([100.0, 100.0]))
    assert found.by_rank[:, 2].tolist() == [50, 25]
    assert found.unknown.tolist() == [50, 75]
    assert found.by_rank[:, 0].sum() == 0
    assert np.isnan(exposure.buildings_inside(depth, BOUNDS, [box(60, 40, 65, 45)]))[0]


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.tuples(*(st.floats(-30, 130) for _ in range(2)), st.floats(0.5, 60), st.floats(0, 1e4)),
        min_size=1, max_size=8,
    ),
    st.integers(0, 2**32 - 1),
)  # fmt: skip
def test_nobody_is_lost_or_made(blocks: list[tuple[float, ...]], seed: int) -> None:
    depth = np.random.default_rng(seed).choice([0.0, 0.2, 4.0, np.nan], (6, 10))
    shapes = [box(x, y, x + side, y + side) for x, y, side, _ in blocks]
    people = np.array([number for *_, number in blocks])
    found = exposure.people_inside(depth, BOUNDS, shapes, people)
    assert found.by_rank.sum(axis=1) + found.unknown == pytest.approx(people)
    assert (found.by_rank >= 0).all()
    assert (found.unknown >= -1e-9).all()


def test_a_building_stands_in_the_deepest_cell_that_it_touches() -> None:
    houses = [box(45, 5, 52, 8), box(41, 1, 49, 9), Point(55, 5), box(200, 0, 210, 10)]
    depth = exposure.buildings_inside(half_wet(), BOUNDS, houses)
    assert depth[:3].tolist() == [1.0, 0.0, 1.0]
    counts, unknown = exposure.tally(depth)
    assert counts.tolist() == [1, 0, 2, 0, 0, 0, 0]
    assert unknown == 1


def test_a_corner_house_is_not_in_the_box_around_it() -> None:
    depth = np.zeros((6, 10))
    depth[0, 9] = 2.0  # the north-east corner of the triangle's box
    triangle = Polygon([(55, 5), (98, 5), (55, 58)])
    assert exposure.buildings_inside(depth, BOUNDS, [triangle]).tolist() == [0.0]


def test_a_road_is_closed_where_and_while_the_water_stands() -> None:
    moments = np.stack([half_wet(d) for d in (0.0, 0.29, 0.31, 0.6, 0.1)])
    roads = [
        LineString([(0, 30), (100, 30)]),
        LineString([(0, 30), (40, 30)]),
        MultiLineString([[(10, 5), (20, 5)], [(60, 5), (90, 5)]]),
        LineString([(200, 0), (300, 0)]),
    ]
    found = exposure.roads_inside(moments, BOUNDS, roads)
    assert found.first.tolist() == [2, -1, 2, -1]
    assert found.last.tolist() == [3, -1, 3, -1]
    assert found.share.tolist() == [0.5, 0.0, 0.75, 0.0]
    assert found.deepest_m[:3].tolist() == [0.6, 0.0, 0.6]
    assert np.isnan(found.deepest_m[3])
    walked = exposure.roads_inside(moments, BOUNDS, roads, limit_m=exposure.WALK_LIMIT_M)
    assert walked.first.tolist() == [3, -1, 3, -1]


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: exposure.people_inside(half_wet(), BOUNDS, [Point(1, 1)], np.array([-1])), "0 or"),
        (lambda: exposure.people_inside(half_wet(), BOUNDS, [Point(1, 1)], np.ones(2)), "1 numb"),
        (lambda: exposure.buildings_inside(np.zeros(5), BOUNDS, [Point(1, 1)]), "shape"),
        (lambda: exposure.buildings_inside(half_wet(), (1, 0, 0, 1), [Point(1, 1)]), "west < east"),
        (lambda: exposure.buildings_inside(half_wet(), BOUNDS, [Polygon()]), r"shapes\[0\]"),
        (lambda: exposure.roads_inside(half_wet(), BOUNDS, [Point(1, 1)]), "line"),
        (lambda: exposure.roads_inside(half_wet(), BOUNDS, [], limit_m=0), "limit"),
    ],
)
def test_what_cannot_be_laid_on_the_map_is_refused(call, says: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError, match=says):
        call()


def test_many_buildings_are_looked_at_in_bounded_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    x, y = rng.random((2, 300)) * [[95], [55]]
    houses = shapely.box(x, y, x + 4, y + 4)
    whole = exposure.buildings_inside(half_wet(), BOUNDS, houses)
    monkeypatch.setattr(exposure, "_MOST_PAIRS", 50)
    assert exposure.buildings_inside(half_wet(), BOUNDS, houses).tolist() == whole.tolist()
    assert whole.tolist() == np.where(x + 4 >= 50, 1.0, 0.0).tolist()
