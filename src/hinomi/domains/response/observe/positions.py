"""Are these positions possible? In Japan, and in (or near) the municipality that is named."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hinomi.kernel.errors import Problem, Text
from hinomi.kernel.geometry import Geometry

JAPAN = (122.0, 20.0, 154.5, 46.0)
"""West, south, east, north [degrees]: 与那国島, 沖ノ鳥島, 南鳥島, 択捉島."""
NEAR_DEG = 0.05
"""About 5 km: boundaries are simplified, sites lie on reclaimed land and in the next town."""
FAR_DEG = 0.5
"""About 50 km: simplified boundaries lose small islands, on which there are sites too."""
MANY = 0.2
"""A list of which more than this lies outside (by NEAR_DEG) is displaced as a whole."""


def check_position(longitude: float, latitude: float, path: str) -> Problem | None:
    """Return what is impossible about a position in Japan, or None."""
    west, south, east, north = JAPAN
    if west <= longitude <= east and south <= latitude <= north:
        return None
    swapped = west <= latitude <= east and south <= longitude <= north
    ja = "緯度と経度が入れ替わっています" if swapped else "日本の範囲の外です"
    en = "longitude and latitude are swapped" if swapped else "the position is not in Japan"
    return Problem(
        "place.swapped" if swapped else "place.outside-japan",
        path,
        Text(f"位置が誤っています: {ja}。", f"The position is wrong: {en}."),
        found=f"longitude {longitude}, latitude {latitude}",
        expected=f"longitude {west} to {east}, latitude {south} to {north}",
    )


def check_municipality(
    boundary: Geometry | None, points: Sequence[tuple[str, float, float]], name: str
) -> list[Problem]:
    """Return an alarm if points (path, longitude, latitude) lie far outside their municipality.

    A single one must be very far, a list of which many are outside need not be: a displacement
    of 0.1, 1 or 5 degrees is found, that of an old datum (0.004) is not.
    """
    if boundary is None or not points:
        return []
    # Imported here: they take a third of a second, and starting must not wait for them.
    import numpy as np  # noqa: PLC0415
    import shapely  # noqa: PLC0415
    from shapely.geometry import shape  # noqa: PLC0415

    ground = shape(boundary)
    shapely.prepare(ground)
    at = np.array([point[1:] for point in points], dtype=float)
    outside = ~shapely.contains_xy(ground, at)
    if not outside.any():
        return []
    distances: Any = shapely.distance(ground, shapely.points(at[outside]))
    limit = NEAR_DEG if (distances > NEAR_DEG).sum() > MANY * len(points) else FAR_DEG
    far = [
        (points[int(i)][0], float(d))
        for i, d in zip(np.flatnonzero(outside), distances, strict=True)
        if d > limit
    ]
    return [_far(far, name)] if far else []


def _far(far: list[tuple[str, float]], name: str) -> Problem:
    """One alarm for all of a municipality: a lost island or a shifted list is one finding."""
    path, distance = max(far, key=lambda found: found[1])
    return Problem(
        "place.outside-municipality",
        path,
        Text(
            f"{len(far)}件の位置が{name}の外です(境界から最大で約{distance * 100:.0f}km)。",
            f"{len(far)} positions lie outside {name}, at most about {distance * 100:.0f} km from"
            " its boundary.",
        ),
        grade="alarm",
        found=f"{len(far)} of them, up to {distance:.3f} degrees outside",
        expected=f"in {name}",
    )
