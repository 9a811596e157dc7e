"""The tiling WebMercatorQuad: from degrees to the unit square, and which tile is where.

References:
    OGC 17-083r4, Two Dimensional Tile Matrix Set 2.0, annex D.1 (WebMercatorQuad).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAX_ZOOM = 24
EXTENT = 4096
"""Tile units along an edge."""
MAX_LATITUDE = 85.051128779806604
"""[degrees] where the square ends."""


class Address(msgspec.Struct, frozen=True):
    """One tile: tile matrix (zoom), row from the north, column from the west."""

    zoom: int
    row: int
    column: int

    def exists(self) -> bool:
        """Tell whether the tiling has this tile."""
        side = 1 << self.zoom if 0 <= self.zoom <= MAX_ZOOM else 0
        return 0 <= self.row < side and 0 <= self.column < side

    @property
    def size(self) -> float:
        """Return the edge's length in the unit square."""
        return 1.0 / (1 << self.zoom)

    @property
    def west(self) -> float:
        """Return the left edge."""
        return self.column * self.size

    @property
    def north(self) -> float:
        """Return the upper edge."""
        return self.row * self.size

    def box(self, buffer: float = 0.0) -> tuple[float, float, float, float]:
        """Return left, top, right, bottom in the unit square, ``buffer`` tiles wider all round."""
        more = buffer * self.size
        west, north = self.west, self.north
        return west - more, north - more, west + self.size + more, north + self.size + more


def project(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return longitude, latitude [degrees, shape (n, 2)] in the unit square, y to the south."""
    # Imported here: addresses of tiles are asked for where no tile is made.
    import numpy as np  # noqa: PLC0415

    found = np.empty((len(degrees), 2))
    found[:, 0] = degrees[:, 0] / 360 + 0.5
    latitude = np.radians(np.clip(degrees[:, 1], -MAX_LATITUDE, MAX_LATITUDE))
    found[:, 1] = 0.5 - np.log(np.tan(math.pi / 4 + latitude / 2)) / (2 * math.pi)
    return np.clip(found, 0.0, np.nextafter(1.0, 0.0))


def address_of(longitude: float, latitude: float, zoom: int) -> Address:
    """Return the tile that a place lies in.

    Example:
        >>> address_of(139.767, 35.681, 10)
        Address(zoom=10, row=403, column=909)
    """
    import numpy as np  # noqa: PLC0415

    x, y = project(np.array([[longitude, latitude]]))[0]
    side = 1 << zoom
    return Address(zoom, int(y * side), int(x * side))


def unproject(x: float, y: float) -> tuple[float, float]:
    """Return longitude, latitude [degrees] of a place in the unit square.

    Example:
        >>> import numpy as np
        >>> x, y = project(np.array([[139.767, 35.681]]))[0]
        >>> [round(v, 6) for v in unproject(float(x), float(y))]
        [139.767, 35.681]
    """
    latitude = math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * y))))
    return (x - 0.5) * 360, latitude
