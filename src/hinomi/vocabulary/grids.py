"""What the record of a coverage says of its grid; the values lie in a blob that it names."""

from __future__ import annotations

from datetime import datetime

import msgspec


class Grid(msgspec.Struct, frozen=True, kw_only=True):
    """A parameter on a regular grid of longitude and latitude, at one or several moments.

    The body of every collection of coverages is one of these, or has its fields.
    """

    parameter: str
    """The variable's name in the file, with its unit: ``rain_mm_per_h``."""
    unit: str
    bounds: tuple[float, float, float, float]
    """West, south, east, north of the cells' outer edges [degree]."""
    rows: int
    columns: int
    moments: tuple[datetime, ...]
    grid_digest: str
    """SHA-256 of the zipped Zarr; whoever may see the record may have it."""
    error: float = 0.0
    """[unit] how far a stored value may be from what was computed or received."""


def box(west: float, south: float, east: float, north: float) -> dict[str, object]:
    """Return the GeoJSON polygon of a grid's bounds."""
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}
