"""Boxes: rows of west, north, east, south [px] and a score (0 to 1)."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Boxes: TypeAlias = NDArray[np.float64]
"""[shape (n, 5)] left, top, right, bottom [px], score."""

NONE: Boxes = np.zeros((0, 5))


def merge(boxes: Boxes, overlap: float = 0.4) -> Boxes:
    """Return the boxes without those that a better one covers (greedy non-maximum suppression).

    Args:
        boxes: [shape (n, 5)].
        overlap: intersection over union from which two are taken for one.
    """
    order = boxes[:, 4].argsort()[::-1]
    kept: list[int] = []
    while order.size:
        best, rest = int(order[0]), order[1:]
        kept.append(best)
        order = rest[_shared(boxes[best], boxes[rest]) <= overlap]
    return boxes[kept]


def outermost(boxes: Boxes, share: float = 0.9) -> Boxes:
    """Return the boxes without those that lie in a larger one.

    Args:
        boxes: [shape (n, 5)].
        share: of a box's area that must lie within the other.
    """
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    kept: list[int] = []
    for number in areas.argsort()[::-1]:
        common = _common(boxes[number], boxes[kept])
        if not (common >= share * areas[number]).any():
            kept.append(int(number))
    return boxes[sorted(kept)]


def grow(boxes: Boxes, across: float, down: float) -> Boxes:
    """Return the boxes larger by a share of their width and height on each side."""
    width = (boxes[:, 2] - boxes[:, 0]) * across
    height = (boxes[:, 3] - boxes[:, 1]) * down
    return boxes + np.stack([-width, -height, width, height, np.zeros(len(boxes))], axis=1)


def inside(boxes: Boxes, width: int, height: int, most: float = 1.0) -> Boxes:
    """Return the boxes cut at the picture's edge, without those that are empty or too large.

    Args:
        boxes: [shape (n, 5)].
        width: of the picture [px].
        height: of the picture [px].
        most: share of the picture's width above which a box is no find.
    """
    cut = boxes.copy()
    cut[:, [0, 2]] = cut[:, [0, 2]].clip(0, width)
    cut[:, [1, 3]] = cut[:, [1, 3]].clip(0, height)
    wide, high = cut[:, 2] - cut[:, 0], cut[:, 3] - cut[:, 1]
    return cut[(wide >= 1) & (high >= 1) & (wide <= most * width)]


def _shared(one: NDArray[np.float64], others: Boxes) -> NDArray[np.float64]:
    """Return intersection over union of one box with each of the others."""
    common = _common(one, others)
    own = (one[2] - one[0]) * (one[3] - one[1])
    areas = (others[:, 2] - others[:, 0]) * (others[:, 3] - others[:, 1])
    found: NDArray[np.float64] = common / np.maximum(own + areas - common, 1e-9)
    return found


def _common(one: NDArray[np.float64], others: Boxes) -> NDArray[np.float64]:
    """Return the area that one box shares with each of the others."""
    left = np.maximum(one[0], others[:, 0])
    top = np.maximum(one[1], others[:, 1])
    right = np.minimum(one[2], others[:, 2])
    bottom = np.minimum(one[3], others[:, 3])
    found: NDArray[np.float64] = np.clip(right - left, 0, None) * np.clip(bottom - top, 0, None)
    return found
