"""Covering: nothing comes back, nothing else changes; boxes are where the maps say."""

from __future__ import annotations

import numpy as np
import pytest

from hinomi.science import redaction
from hinomi.science.redaction import CELLS, STEPS
from hinomi.science.redaction.boxes import NONE, outermost

CHANCE = np.random.default_rng(7)


def test_a_covered_box_holds_at_most_nine_colours_of_sixteen_steps() -> None:
    pixels = CHANCE.integers(0, 256, (200, 300, 3), dtype=np.uint8)
    covered = redaction.cover(pixels, np.array([[40, 50, 160, 120, 1.0]]))
    part = covered[50:120, 40:160].reshape(-1, 3)
    assert len(np.unique(part, axis=0)) <= CELLS**2
    assert set((part % (256 // STEPS)).flatten()) == {256 // STEPS // 2}


def test_outside_the_boxes_nothing_changes() -> None:
    pixels = CHANCE.integers(0, 256, (80, 90, 3), dtype=np.uint8)
    covered = redaction.cover(pixels, np.array([[10, 20, 30, 40, 1.0]]))
    changed = (covered != pixels).any(axis=2)
    changed[20:40, 10:30] = False
    assert not changed.any()


def test_two_plates_that_differ_in_their_digits_look_the_same_when_covered() -> None:
    one = np.full((60, 120, 3), 240, np.uint8)
    other = one.copy()
    for plate, columns in ((one, (62, 66, 70)), (other, (63, 67, 72))):
        for column in columns:
            plate[25:35, column : column + 2] = 20
    box = np.array([[0, 0, 120, 60, 1.0]])
    assert (redaction.cover(one, box) == redaction.cover(other, box)).all()


@pytest.mark.parametrize("box", [(0, 0, 1, 1), (5.2, 5.2, 5.9, 5.9), (0, 0, 30, 20)])
def test_boxes_of_every_size_are_covered(box: tuple[float, ...]) -> None:
    pixels = np.zeros((20, 30, 3), np.uint8)
    covered = redaction.cover(pixels, np.array([[*box, 1.0]]))
    assert (covered != 0).any()


def test_a_face_is_where_its_map_says() -> None:
    heat = np.zeros((20, 30), np.float32)
    size = np.zeros((2, 20, 30), np.float32)
    offset = np.zeros((2, 20, 30), np.float32)
    heat[10, 15] = 0.9
    size[:, 10, 15] = np.log([6, 4])  # 24 px high, 16 px wide
    offset[:, 10, 15] = [0.5, 0.25]
    ((left, top, right, bottom, score),) = redaction.faces_of(heat, size, offset, 0.5)
    assert (left, right) == pytest.approx((15.75 * 4 - 8, 15.75 * 4 + 8), abs=1e-4)
    assert (top, bottom) == pytest.approx((11 * 4 - 12, 11 * 4 + 12), abs=1e-4)
    assert score == pytest.approx(0.9)
    assert len(redaction.faces_of(heat, size, offset, 0.95)) == 0


def test_a_plate_is_where_its_anchor_and_its_offsets_say() -> None:
    width, height = 64, 32
    # Anchors: 8 × 4 cells with two each, then 4 × 2, then 2 × 1.
    place = np.zeros((64 + 16 + 4, 4), np.float32)
    score = np.zeros(len(place), np.float32)
    number = (1 * 8 + 2) * 2 + 1  # second row, third column, the larger anchor: 48 px
    score[number] = 0.8
    place[number] = [1.0, -0.5, np.log(2) / 0.2, 0]
    ((left, top, right, bottom, _),) = redaction.plates_of(place, score, width, height, 0.5)
    x, y = 2.5 * 8 + 0.1 * 48, 1.5 * 8 - 0.05 * 48
    assert (left, top, right, bottom) == pytest.approx((x - 48, y - 24, x + 48, y + 24), abs=1e-4)


def test_one_thing_seen_twice_is_one_box_and_neighbours_stay() -> None:
    boxes = np.array([[0, 0, 10, 10, 0.6], [1, 1, 11, 11, 0.9], [30, 30, 40, 40, 0.5]])
    merged = redaction.merge(boxes)
    assert {tuple(row) for row in merged} == {(1, 1, 11, 11, 0.9), (30, 30, 40, 40, 0.5)}
    assert len(redaction.merge(NONE)) == 0


def test_a_box_within_another_goes_with_it() -> None:
    boxes = np.array([[2, 2, 8, 8, 0.9], [0, 0, 10, 10, 0.3], [20, 0, 30, 10, 0.3]])
    assert [row[0] for row in outermost(boxes)] == [0, 20]


def test_boxes_are_cut_at_the_edge_and_giants_are_no_finds() -> None:
    boxes = np.array([[-5, -5, 10, 10, 1.0], [0, 0, 90, 10, 1.0], [200, 0, 220, 10, 1.0]])
    kept = redaction.inside(boxes, 100, 50, most=0.5)
    assert kept.tolist() == [[0, 0, 10, 10, 1.0]]
    grown = redaction.grow(np.array([[10, 10, 20, 30, 1.0]]), 0.1, 0.5)
    assert grown.tolist() == [[9, 0, 21, 40, 1.0]]
