"""JIS X 0410's third mesh (基準地域メッシュ, about 1 km): code to position and back."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

STEP_LON, STEP_LAT = 1 / 80, 1 / 120
"""[degree] 45 and 30 seconds of arc."""


def mesh_centre(codes: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return longitude and latitude [degree] of the meshes' centres.

    Args:
        codes: [shape (n,)] 8 digits: ppuu (first mesh), qv (second), rw (third).

    Example:
        >>> [round(float(v), 5) for v in mesh_centre(53394611)]
        [139.76875, 35.67917]
    """
    code = np.asarray(codes, np.int64)
    p, u = code // 1_000_000, code // 10_000 % 100
    q, v, r, w = code // 1000 % 10, code // 100 % 10, code // 10 % 10, code % 10
    lon = 100 + u + v / 8 + (w + 0.5) * STEP_LON
    lat = p / 1.5 + q / 12 + (r + 0.5) * STEP_LAT
    return np.asarray(lon), np.asarray(lat)


def mesh_code(lon: ArrayLike, lat: ArrayLike) -> NDArray[np.int64]:
    """Return the code of the mesh in which a position lies (west and south edge included).

    Example:
        >>> int(mesh_code(139.7671, 35.6812))  # Tokyo station
        53394611
    """
    # Counted in whole meshes; 1e-9 of a mesh holds edges that binary fractions miss.
    row = np.floor(np.asarray(lat, np.float64) * 120 + 1e-9).astype(np.int64)
    column = np.floor((np.asarray(lon, np.float64) - 100) * 80 + 1e-9).astype(np.int64)
    first = row // 80 * 100 + column // 80
    second = row // 10 % 8 * 10 + column // 10 % 8
    return np.asarray(first * 10_000 + second * 100 + row % 10 * 10 + column % 10)
