"""Covering: what was there is thrown away, not smeared.

A Gaussian blur can be undone in part, and a fine mosaic of a number plate can be read by trying
all plates (Hill, Zhou, Saul, Shacham 2016, On the (In)effectiveness of Mosaicing and Blurring as
Tools for Document Redaction, PoPETs 2016(4), section 6). Here at most 3 × 3 cells stay of a box,
each one colour out of 16 steps: 27 numbers of 4 bits, whatever the picture's size.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hinomi.science.redaction.boxes import Boxes

CELLS = 3
"""Cells along each side of a box that stay."""
STEPS = 16
"""Steps of each colour that stay."""


def cover(pixels: NDArray[np.uint8], boxes: Boxes) -> NDArray[np.uint8]:
    """Return the picture with every box covered; outside them nothing changes.

    Args:
        pixels: [shape (h, w, 3)].
        boxes: [shape (n, 5)] within the picture [px]; boxes may overlap.
    """
    covered = pixels.copy()
    for left, top, right, bottom, *_ in boxes:
        west, north = max(int(np.floor(left)), 0), max(int(np.floor(top)), 0)
        east, south = int(np.ceil(right)), int(np.ceil(bottom))
        # From what is covered already: overlapping boxes never show more than each alone.
        part = covered[north:south, west:east]
        for rows in np.array_split(np.arange(part.shape[0]), CELLS):
            for columns in np.array_split(np.arange(part.shape[1]), CELLS):
                if len(rows) and len(columns):
                    cell = part[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
                    cell[:] = _step(cell.reshape(-1, 3).mean(axis=0))
    return covered


def _step(colour: NDArray[np.float64]) -> NDArray[np.uint8]:
    width = 256 // STEPS
    return (colour // width * width + width // 2).astype(np.uint8)
