"""One band of a GeoTIFF as numbers, through Pillow, which knows its compressions."""

from __future__ import annotations

import io
import math
import warnings
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from hinomi.kernel.errors import DataError, Problem, Text
from hinomi.standards.geotiff import tags

MOST_CELLS = 16_000_000
_MODES = {"F", "L", "I", "I;16", "I;16B", "I;16S", "I;16L"}


class Raster(msgspec.Struct, frozen=True, kw_only=True):
    """Numbers on a grid that is not turned, and its plane."""

    values: NDArray[np.float32]
    """[shape (rows, columns)] rows from the north, NaN where not known."""
    epsg: int
    """Of the coordinate system: 4326 and 6668 are degrees, 6669 to 6687 Japan's planes."""
    geographic: bool
    bounds: tuple[float, float, float, float]
    """West, south, east, north of the outer edges [degree or the plane's unit]."""


def is_tiff(data: bytes) -> bool:
    """Tell whether bytes begin as TIFF does (classic or BigTIFF)."""
    return data[:4] in {b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"}


def decode(data: bytes) -> Raster:
    """Return the first image of the file.

    Raises:
        DataError: no TIFF of one band, cut, too large, turned, or without a place or a plane that
            has an EPSG code.
    """
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415 - heavy

    try:
        with warnings.catch_warnings():
            # Pillow warns of odd tags that we do not read, and of size, which is judged here.
            warnings.simplefilter("ignore")
            image = Image.open(io.BytesIO(data), formats=["TIFF"])
            found = dict(getattr(image, "tag_v2", {}))
            if image.width * image.height > MOST_CELLS:
                raise _wrong("size", f"{image.width} x {image.height}", f"<= {MOST_CELLS:,} cells")
            if image.mode not in _MODES:
                raise _wrong("bands", image.mode, "one band of numbers")
            values = np.array(image, np.float32)
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError,
            TypeError, KeyError, EOFError, MemoryError) as error:  # fmt: skip
        raise _wrong("read", str(error)[:80], "a TIFF") from None
    if values.ndim != 2:
        raise _wrong("bands", str(values.shape), "one band of numbers")
    epsg, geographic, point = _plane(found)
    values[~np.isfinite(values)] = np.nan
    absent = _number(found.get(tags.NODATA))
    if absent is not None:
        values[values == np.float32(absent)] = np.nan
    bounds = _bounds(found, values.shape, point=point)
    return Raster(values=values, epsg=epsg, geographic=geographic, bounds=bounds)


def _plane(found: dict[int, Any]) -> tuple[int, bool, bool]:
    """Return EPSG code, whether it is geographic, and whether values are of points."""
    raw = found.get(tags.KEYS) or ()
    keys = {raw[i]: raw[i + 3] for i in range(4, len(raw) - 3, 4) if raw[i + 1] == 0}
    geographic = keys.get(tags.MODEL_TYPE) == tags.MODEL_GEOGRAPHIC
    epsg = keys.get(tags.GEOGRAPHIC if geographic else tags.PROJECTED, 0)
    if not epsg or epsg == tags.USER_DEFINED:
        raise _wrong("plane", f"keys {sorted(keys)}", "an EPSG code (GeoTIFF keys 2048 or 3072)")
    return int(epsg), geographic, keys.get(tags.RASTER_TYPE) == tags.PIXEL_IS_POINT


def _bounds(
    found: dict[int, Any], shape: tuple[int, ...], *, point: bool
) -> tuple[float, float, float, float]:
    scale, tie = found.get(tags.PIXEL_SCALE), found.get(tags.TIE_POINT)
    turned = found.get(tags.TRANSFORM)
    if scale is not None and tie is not None and len(scale) >= 2 and len(tie) >= 6:
        width, height = float(scale[0]), float(scale[1])
        west, north = tie[3] - tie[0] * width, tie[4] + tie[1] * height
    elif turned is not None and len(turned) >= 8 and turned[1] == 0 == turned[4]:
        width, height, west, north = turned[0], -turned[5], turned[3], turned[7]
    else:
        raise _wrong("place", "no scale and tie point, or turned", "a grid that is not turned")
    if point:
        west, north = west - width / 2, north + height / 2
    rows, columns = shape
    bounds = west, north - rows * height, west + columns * width, north
    if not (all(map(math.isfinite, bounds)) and width > 0 and height > 0):
        raise _wrong("place", str(bounds), "west < east, south < north")
    return bounds


def _number(text: Any) -> float | None:
    try:
        return float(str(text).strip("\0 "))
    except ValueError:
        return None


_TEXTS = {
    "size": Text("大きすぎます。", "The image is too large."),
    "bands": Text("1バンドの数値画像ではありません。", "It is no image of one band of numbers."),
    "read": Text("TIFFとして読めません。", "It cannot be read as TIFF."),
    "plane": Text("座標系(EPSG)が書かれていません。", "It does not state a coordinate system."),
    "place": Text("位置が書かれていないか、回転しています。", "It has no place, or it is turned."),
}


def _wrong(code: str, found: str, expected: str) -> DataError:
    return DataError(
        [Problem(f"geotiff.{code}", "/", _TEXTS[code], found=found, expected=expected)]
    )
