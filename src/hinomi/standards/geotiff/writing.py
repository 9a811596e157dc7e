"""One band of numbers as a Cloud Optimized GeoTIFF: tiles, overviews, all heads in front."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hinomi.kernel.errors import InputError
from hinomi.standards.geotiff import tags

TILE = 512
_SHORT, _LONG, _DOUBLE, _ASCII = 3, 4, 12, 2
_SIZES = {_SHORT: 2, _LONG: 4, _DOUBLE: 8, _ASCII: 1}
_LETTERS = {_SHORT: "H", _LONG: "I", _DOUBLE: "d"}
_DEFLATE, _FLOAT = 8, 3
_MOST_BYTES = 4_000_000_000
"""Classic TIFF's offsets have 32 bits."""

Entry = tuple[int, int, Any]


def encode(
    values: NDArray[Any],
    bounds: tuple[float, float, float, float],
    *,
    epsg: int = 4326,
    geographic: bool = True,
    title: str = "",
) -> bytes:
    r"""Return a COG of 32-bit floats, deflated, NaN where not known.

    Args:
        values: [shape (rows, columns)] rows from the north.
        bounds: west, south, east, north of the outer edges.
        epsg: of the coordinate system.
        geographic: whether that is in degrees.
        title: goes into ImageDescription (ASCII; other letters become ``?``).

    Raises:
        InputError: no grid, or more than a classic TIFF holds.

    Example:
        >>> encode(np.zeros((3, 4), np.float32), (139.0, 35.0, 140.0, 36.0))[:4]
        b'II*\x00'
    """
    whole = np.asarray(values, "<f4")
    west, south, east, north = bounds
    if whole.ndim != 2 or not whole.size or not (west < east and south < north):
        raise InputError(f"values {whole.shape} in {bounds}: expected a grid, west < east.")
    if whole.nbytes * 4 // 3 > _MOST_BYTES:
        raise InputError(f"{whole.size:,} cells: more than a TIFF holds (TIFFに収まりません)。")
    levels = [whole]
    while max(levels[-1].shape) > TILE:
        levels.append(_halved(levels[-1]))
    tiles = [_tiles(level) for level in levels]
    place = _place(whole.shape, bounds, epsg, title, geographic=geographic)
    heads = [
        _entries(level, tiled, place if n == 0 else [], overview=n > 0)
        for n, (level, tiled) in enumerate(zip(levels, tiles, strict=True))
    ]
    return _file(heads, tiles)


def _halved(level: NDArray[Any]) -> NDArray[Any]:
    """Return every second cell: overviews are for drawing, and a mean would smear edges."""
    return np.ascontiguousarray(level[::2, ::2])


def _tiles(level: NDArray[Any]) -> list[bytes]:
    rows, columns = level.shape
    found = []
    for top in range(0, rows, TILE):
        for left in range(0, columns, TILE):
            tile = np.full((TILE, TILE), np.nan, "<f4")
            part = level[top : top + TILE, left : left + TILE]
            tile[: part.shape[0], : part.shape[1]] = part
            found.append(zlib.compress(tile.tobytes(), 6))
    return found


def _place(
    shape: tuple[int, ...], bounds: tuple[float, float, float, float], epsg: int, title: str,
    *, geographic: bool,
) -> list[Entry]:  # fmt: skip
    west, south, east, north = bounds
    scale = ((east - west) / shape[1], (north - south) / shape[0], 0.0)
    model = tags.MODEL_GEOGRAPHIC if geographic else tags.MODEL_PROJECTED
    crs = tags.GEOGRAPHIC if geographic else tags.PROJECTED
    keys = (1, 1, 1, 3, tags.MODEL_TYPE, 0, 1, model, tags.RASTER_TYPE, 0, 1, tags.PIXEL_IS_AREA,
            crs, 0, 1, epsg)  # fmt: skip
    return [
        (270, _ASCII, title.encode("ascii", "replace") + b"\0"),
        (tags.PIXEL_SCALE, _DOUBLE, scale),
        (tags.TIE_POINT, _DOUBLE, (0.0, 0.0, 0.0, west, north, 0.0)),
        (tags.KEYS, _SHORT, keys),
    ]


def _entries(
    level: NDArray[Any], tiled: list[bytes], place: list[Entry], *, overview: bool
) -> list[Entry]:
    rows, columns = level.shape
    entries: list[Entry] = [
        (254, _LONG, (int(overview),)), (256, _LONG, (columns,)), (257, _LONG, (rows,)),
        (258, _SHORT, (32,)), (259, _SHORT, (_DEFLATE,)), (262, _SHORT, (1,)),
        (277, _SHORT, (1,)), (284, _SHORT, (1,)), (322, _SHORT, (TILE,)), (323, _SHORT, (TILE,)),
        (324, _LONG, (0,) * len(tiled)), (325, _LONG, tuple(map(len, tiled))),
        (339, _SHORT, (_FLOAT,)), (tags.NODATA, _ASCII, b"nan\0"), *place,
    ]  # fmt: skip
    return sorted(entries, key=lambda entry: entry[0])


def _file(heads: list[list[Entry]], tiles: list[list[bytes]]) -> bytes:
    """Lay out the heads, the whole's first, then the tiles, the smallest overview's first."""
    at, starts = 8, []
    for entries in heads:
        starts.append(at)
        at += _size(entries)
    out = [b"II*\0" + struct.pack("<I", 8)]
    offsets: list[tuple[int, ...]] = [()] * len(tiles)
    for n in reversed(range(len(tiles))):
        here = []
        for tile in tiles[n]:
            here.append(at)
            at += len(tile)
        offsets[n] = tuple(here)
    for n, entries in enumerate(heads):
        filled = [(t, k, offsets[n]) if t == 324 else (t, k, v) for t, k, v in entries]
        after = starts[n + 1] if n + 1 < len(heads) else 0
        out.append(_head(filled, starts[n], after))
    out += [tile for tiled in reversed(tiles) for tile in tiled]
    return b"".join(out)


def _packed(kind: int, value: Any) -> bytes:
    if kind == _ASCII:
        return bytes(value)
    return struct.pack(f"<{len(value)}{_LETTERS[kind]}", *value)


def _size(entries: list[Entry]) -> int:
    more = sum(
        -(-length // 2) * 2
        for _, kind, value in entries
        if (length := len(value) * _SIZES[kind]) > 4
    )
    return 2 + 12 * len(entries) + 4 + more


def _head(entries: list[Entry], start: int, after: int) -> bytes:
    body, more = b"", b""
    beyond = start + 2 + 12 * len(entries) + 4
    for tag, kind, value in entries:
        packed = _packed(kind, value)
        if len(packed) <= 4:
            where = packed.ljust(4, b"\0")
        else:
            where = struct.pack("<I", beyond + len(more))
            more += packed + b"\0" * (len(packed) % 2)
        body += struct.pack("<HHI", tag, kind, len(value)) + where
    return struct.pack("<H", len(entries)) + body + struct.pack("<I", after) + more
