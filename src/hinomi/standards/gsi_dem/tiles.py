"""Elevation tiles of 256 x 256 values: 24-bit PNG and comma-separated text."""

from __future__ import annotations

import math
import struct
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hinomi.kernel.errors import DataError, Problem, Text

_SIZE = 256
_UNIT_M = 0.01
"""[m] of one count, as on GSI's page."""
_NONE = 1 << 23
"""The count of no data: red 128, green 0, blue 0."""
_MOST_BYTES = _SIZE * (_SIZE * 4 + 1)
_EARTH_M = 6378137.0
"""Radius of the Web Mercator's sphere (EPSG:3857)."""


@dataclass(frozen=True)
class Grid:
    """Heights [m, rows from the north, columns from the west]; NaN where there is no data.

    ``west``, ``north``, ``east``, ``south`` [degrees, JGD2011] of the outer corners, and ``kind``
    of a GML mesh's cells; a tile has none of them (see :func:`tile_corner_m`).
    """

    height_m: NDArray[np.float64]
    west: float = math.nan
    north: float = math.nan
    east: float = math.nan
    south: float = math.nan
    mesh: str = ""


def broken(code: str, path: str, en: str, ja: str) -> DataError:
    """Return the error that says what is wrong, and where."""
    return DataError([Problem(f"gsi_dem.{code}", path, Text(ja, en))])


def decode_text(data: bytes) -> Grid:
    """Return a text tile: 256 lines of 256 values, ``e`` where there is no data.

    Raises:
        DataError: a line or a value is not as GSI's page says.
    """
    lines = data.decode("ascii", errors="replace").split()
    if len(lines) != _SIZE:
        raise broken(
            "text-lines", "tile", f"{len(lines)} lines; expected {_SIZE}.",
            f"{len(lines)}行あります。{_SIZE}行のはずです。",
        )  # fmt: skip
    height = np.empty((_SIZE, _SIZE))
    for row, line in enumerate(lines):
        parts = line.rstrip(",").split(",")
        try:
            height[row] = [math.nan if part == "e" else float(part) for part in parts]
        except ValueError:
            raise broken(
                "text-values", f"tile[{row + 1}]", f"expected {_SIZE} numbers or e.",
                f"数値かeが{_SIZE}個必要です。",
            ) from None  # fmt: skip
    if np.isinf(height).any():
        raise broken("text-values", "tile", "a height is infinite.", "標高が無限大です。")
    return Grid(height)


def decode_png(data: bytes) -> Grid:
    """Return a PNG tile: h = 0.01 x of x = 65536 R + 256 G + B, negative from 2^23 on.

    Raises:
        DataError: it is no PNG of 256 x 256 in 24 or 32 bits, or it is cut.
    """
    channels, packed = _chunks(data)
    opened = zlib.decompressobj()
    try:
        raw = opened.decompress(packed, _MOST_BYTES + 1)
    except zlib.error:
        raise broken("png-data", "IDAT", "it is damaged.", "画像データが壊れています。") from None
    stride = _SIZE * channels
    if len(raw) != _SIZE * (stride + 1):
        raise broken("png-data", "IDAT", "it is cut or too long.", "画像データの長さが違います。")
    rows = np.frombuffer(raw, np.uint8).reshape(_SIZE, stride + 1)
    red, green, blue = np.moveaxis(_unfilter(rows, channels)[..., :3].astype(np.int64), -1, 0)
    count = (red << 16) | (green << 8) | blue
    signed = np.where(count > _NONE, count - (1 << 24), count)
    # Rounded to the centimetre that it is, so that both encodings give the same number.
    return Grid(np.where(count == _NONE, np.nan, np.round(signed * _UNIT_M, 2)))


def _chunks(data: bytes) -> tuple[int, bytes]:
    """Return the channels and the compressed pixels."""
    if data[:8] != b"\x89PNG\r\n\x1a\n" or data[12:16] != b"IHDR" or len(data) < 33:
        raise broken("png", "tile", "it is no PNG.", "PNGではありません。")
    width, height, depth, colour, _, _, interlace = struct.unpack(">IIBBBBB", data[16:29])
    channels = {2: 3, 6: 4}.get(colour, 0)
    if (width, height, depth, interlace) != (_SIZE, _SIZE, 8, 0) or not channels:
        raise broken(
            "png-shape", "IHDR", "expected 256 x 256, 8 bits, RGB, not interlaced.",
            "256×256、8ビットRGB、非インターレースのPNGが必要です。",
        )  # fmt: skip
    at, packed = 33, []
    while at + 12 <= len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        if data[at + 4 : at + 8] == b"IDAT":
            packed.append(data[at + 8 : at + 8 + length])
        at += 12 + length
    return channels, b"".join(packed)


def _unfilter(rows: NDArray[np.uint8], channels: int) -> NDArray[np.uint8]:
    """Undo PNG's line filters (PNG specification, third edition, 9.2)."""
    above = np.zeros((_SIZE, channels), np.uint8)
    out = np.empty((_SIZE, _SIZE, channels), np.uint8)
    for i, row in enumerate(rows):
        kind, line = int(row[0]), row[1:].reshape(_SIZE, channels)
        if kind > 4:
            raise broken("png-data", f"IDAT[{i}]", "unknown filter.", "不明なフィルタです。")
        if kind in (0, 2):
            above = line + above if kind == 2 else line.copy()
        elif kind == 1:
            above = np.cumsum(line, axis=0, dtype=np.uint8)
        else:
            above = _paeth_or_mean(line, above, kind)
        out[i] = above
    return out


def _paeth_or_mean(line: Any, above: Any, kind: int) -> NDArray[np.uint8]:
    done: NDArray[np.uint8] = np.zeros_like(line)
    for channel in range(line.shape[1]):
        left = corner = 0
        for j in range(_SIZE):
            up = int(above[j, channel])
            if kind == 3:
                guess = (left + up) // 2
            else:
                near = left + up - corner
                by = (abs(near - left), abs(near - up), abs(near - corner))
                guess = (left, up, corner)[by.index(min(by))]
            left, corner = (int(line[j, channel]) + guess) & 255, up
            done[j, channel] = left
    return done


def tile_corner_m(zoom: int, x: int, y: int) -> tuple[float, float, float]:
    """Return (west, north, cell) [m in EPSG:3857] of a tile; a metre there is cos(latitude) m."""
    side = 2 * math.pi * _EARTH_M / 2**zoom
    half = math.pi * _EARTH_M
    return x * side - half, half - y * side, side / _SIZE
