"""Spikes and wells of an elevation grid: single cells far above or below all around."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
_SPIKE_M = 50.0
_SPIKE_SLOPE = 2.0
"""A cell is a spike where it stands this far [m], and this steeply, above (below) all around."""
_NEIGHBOURS = [(i, j) for i in (0, 1, 2) for j in (0, 1, 2) if (i, j) != (1, 1)]


def spikes(height_m: Array, size_m: float) -> Array:
    """Return which cells are spikes or wells; one needs three neighbours to be told by.

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
    found: Array = ((height_m > most + far) | (height_m < least - far)) & (known >= 3)
    return found


def levelled(height_m: Array, found: Array) -> Array:
    """Return the ground with its spikes at the middle (median) of their neighbours."""
    wide = np.pad(np.asarray(height_m, float), 1, constant_values=np.nan)
    row, column = np.nonzero(found)
    around = np.stack([wide[row + i, column + j] for i, j in _NEIGHBOURS])
    ground = np.array(height_m)
    ground[row, column] = np.nanmedian(around, axis=0)
    return ground
