"""From a plane of projection to a regular grid of longitude and latitude."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hinomi.kernel.errors import InputError
from hinomi.science.coverages.cells import cells_at

_MOST_CELLS = 30_000_000


class Plane(NamedTuple):
    """Where an image lies in its projection: the outer corners, longitude and latitude."""

    projection: str
    """PROJ string."""
    lower_left: tuple[float, float]
    upper_right: tuple[float, float]


def to_degrees(
    values: NDArray[np.float32], plane: Plane
) -> tuple[NDArray[np.float32], tuple[float, float, float, float]]:
    """Return the image on longitude and latitude, and its bounds: each cell takes the nearest.

    Args:
        values: [any unit, shape (rows, columns)] rows from the north of the plane.
        plane: where it lies.

    Returns:
        [shape (rows, columns')] with as many rows as the image and cells square at the middle
        latitude, NaN where the plane does not reach; and west, south, east, north [degree].

    Raises:
        InputError: a projection that PROJ does not know, corners on one line, or a grid of more
            than 30 million cells.
    """
    from pyproj import Proj  # noqa: PLC0415
    from pyproj.exceptions import ProjError  # noqa: PLC0415

    rows = len(values)
    try:
        # Longitude and latitude are the projection's own: its sphere or ellipsoid may be in km.
        forth = Proj(plane.projection, preserve_units=True)
        x0, y0 = forth(*plane.lower_left)
        x1, y1 = forth(*plane.upper_right)
    except ProjError as error:
        raise InputError(f"projection {plane.projection!r}: {error}") from None
    if not (x1 > x0 and y1 > y0):
        raise InputError(f"corners {plane.lower_left} and {plane.upper_right} span no image.")
    edge = np.linspace(0, 1, 101)
    rim_x = np.concatenate([x0 + (x1 - x0) * edge, x0 + (x1 - x0) * edge, 0 * edge + x0,
                            0 * edge + x1])  # fmt: skip
    rim_y = np.concatenate([0 * edge + y0, 0 * edge + y1, y0 + (y1 - y0) * edge,
                            y0 + (y1 - y0) * edge])  # fmt: skip
    lon, lat = forth(rim_x, rim_y, inverse=True)
    west, south, east, north = lon.min(), lat.min(), lon.max(), lat.max()
    pole = forth(0.0, math.copysign(90.0, south + north))
    if x0 < pole[0] < x1 and y0 < pole[1] < y1:  # What lies about a pole reaches all round.
        west, east = -180.0, 180.0
        south, north = (south, 90.0) if south + north > 0 else (-90.0, north)
    height = (north - south) / rows
    width = height / math.cos(math.radians((south + north) / 2))
    shape = rows, math.ceil((east - west) / width - 1e-9)
    if shape[0] * shape[1] > _MOST_CELLS:
        raise InputError(f"{shape[0]} x {shape[1]} cells: expected at most {_MOST_CELLS:,}.")
    out = np.full(shape, np.nan, np.float32)
    bounds = (float(west), float(north - shape[0] * height), float(west + shape[1] * width),
              float(north))  # fmt: skip
    lons = west + (np.arange(shape[1]) + 0.5) * width
    for row in range(shape[0]):
        x, y = forth(lons, np.full(shape[1], north - (row + 0.5) * height))
        line, column = cells_at((x0, y0, x1, y1), values.shape, x, y)
        inside = (line >= 0) & (column >= 0)
        out[row, inside] = values[line[inside], column[inside]]
    return out, bounds
