"""Spikes and wells of an elevation grid: a cell or two far above or below all around."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
_SPIKE_M = 50.0
_SPIKE_SLOPE = 2.0
"""A cell is a spike where it stands this far [m], and this steeply, above (below) all around."""
_PAIRED = 2.0
"""Times that: spots and stripes of two cells, which are more often real than single cells."""
_NEIGHBOURS = [(i, j) for i in (0, 1, 2) for j in (0, 1, 2) if (i, j) != (1, 1)]


def spikes(height_m: Array, size_m: float) -> Array:
    """Return which cells are spikes or wells; one needs three neighbours to be told by.

    Single cells are told by all eight neighbours; spots and stripes up to two cells wide by the
    grey-scale opening (closing) with 3 x 3 cells, which takes away all that is narrower than three
    (Serra 1982, Image Analysis and Mathematical Morphology).

    Args:
        height_m: [m, shape (rows, columns)] NaN where it is not known.
        size_m: [m] of a cell.

    Example:
        >>> ground = np.zeros((3, 3)); ground[1, 1] = 900.0
        >>> int(spikes(ground, 10.0).sum())
        1
    """
    rows, columns = height_m.shape
    wide = np.pad(np.asarray(height_m, float), 1, constant_values=np.nan)
    most, least = np.full((rows, columns), -np.inf), np.full((rows, columns), np.inf)
    known = np.zeros((rows, columns), np.int8)
    for i, j in _NEIGHBOURS:
        beside = wide[i : i + rows, j : j + columns]
        most, least = np.fmax(most, beside), np.fmin(least, beside)
        known += np.isfinite(beside)
    far = max(_SPIKE_M, _SPIKE_SLOPE * size_m)
    found: Array = (height_m > most + far) | (height_m < least - far)
    for sign in (1.0, -1.0):
        found |= sign * height_m - _opened(sign * np.asarray(height_m, float)) > _PAIRED * far
    return found & (known >= 3)


def _opened(height_m: Array) -> Array:
    """Return the ground without what is narrower than three cells; voids take no part."""
    from scipy import ndimage  # noqa: PLC0415 - heavy

    # Beyond the edge the ground goes on as it is there: a strip of two along the edge is kept, and
    # what lies between a spike and the edge is no well.
    wide = np.pad(np.where(np.isnan(height_m), np.inf, height_m), 2, mode="edge")
    low = ndimage.minimum_filter(wide, 3)
    opened: Array = ndimage.maximum_filter(np.where(np.isinf(low), -np.inf, low), 3)
    return opened[2:-2, 2:-2]


def levelled(height_m: Array, found: Array) -> Array:
    """Return the ground with its spikes at the middle (median) of their neighbours."""
    # Where a neighbour is a spike too, it says nothing.
    wide = np.pad(np.where(found, np.nan, np.asarray(height_m, float)), 1, constant_values=np.nan)
    row, column = np.nonzero(found)
    around = np.stack([wide[row + i, column + j] for i, j in _NEIGHBOURS])
    ground = np.array(height_m)
    ground[row, column] = np.nanmedian(around, axis=0)
    return ground
