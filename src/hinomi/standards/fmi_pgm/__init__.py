"""FMI's radar composites as PGM (P5) with their times and projection in remarks.

Open data of the Finnish Meteorological Institute (CC BY 4.0): https://en.ilmatieteenlaitos.fi/open-data
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

import msgspec
import numpy as np
from numpy.typing import NDArray

from hinomi.kernel.errors import DataError, Problem, Text

MISSING = 255
"""Outside every radar's reach."""

_HEAD = re.compile(rb"^P5\s((?:#[^\n]*\n)*)(\d+)\s+(\d+)\s+(\d+)\s", re.MULTILINE)
_MAX_PIXELS = 20_000_000


class Composite(msgspec.Struct):
    """One moment's reflectivity."""

    at: datetime
    reflectivity_dbz: NDArray[np.float32]
    """[dBZ, shape (rows, columns)] north to south; NaN outside the radars' reach."""
    metres_per_pixel: tuple[float, float]
    corners: tuple[float, float, float, float] | None
    """[degree] longitude and latitude of the bottom left, then of the top right."""


def looks_like(data: bytes) -> bool:
    """Tell whether bytes begin as FMI's composites do."""
    return data[:2] == b"P5" and b"# obstime " in data[:4096]


def decode(data: bytes) -> Composite:
    """Return the composite; dBZ = (value - 64) / 2, as FMI documents it for this product.

    Raises:
        DataError: no PGM header, no time, or fewer pixels than stated.
    """
    head = _HEAD.match(data)
    if head is None:
        raise _error("/", "no P5 header")
    columns, rows, most = (int(head[i]) for i in (2, 3, 4))
    remarks = dict(
        line[2:].split(" ", 1) for line in head[1].decode("ascii", "replace").splitlines()
        if " " in line[2:]
    )  # fmt: skip
    if most != 255 or not 0 < columns * rows <= _MAX_PIXELS:
        raise _error("/", f"{columns} x {rows}, maximum {most}")
    pixels = np.frombuffer(data, np.uint8, offset=head.end())[: columns * rows]
    if pixels.size < columns * rows:
        raise _error("/", f"{pixels.size} pixels of {columns * rows}")
    try:
        at = datetime.strptime(remarks["obstime"].strip(), "%Y%m%d%H%M").replace(tzinfo=UTC)
        size = float(remarks["metersperpixel_x"]), float(remarks["metersperpixel_y"])
    except (KeyError, ValueError) as error:
        raise _error("/obstime", str(error)) from None
    image = pixels.reshape(rows, columns)
    dbz = ((image.astype(np.float32) - 64) / 2).astype(np.float32)
    dbz[image == MISSING] = np.nan
    return Composite(at, dbz, size, _corners(remarks))


def _corners(remarks: dict[str, str]) -> tuple[float, float, float, float] | None:
    try:
        west, south = map(float, remarks["bottomleft"].split())
        east, north = map(float, remarks["topright"].split())
    except (KeyError, ValueError):
        return None
    return west, south, east, north


def _error(path: str, found: str) -> DataError:
    return DataError(
        [
            Problem(
                "pgm.unreadable",
                path,
                Text(f"FMIのPGMとして読めません: {found}", f"Not FMI's PGM: {found}"),
                found=found,
                expected="P5 with # obstime YYYYMMDDHHMM and 8-bit pixels",
            )
        ]
    )
