"""Elevation (標高): GSI's meshes in GML, its tiles as text and PNG, and GeoTIFF, as coverages."""

from __future__ import annotations

import math
import re
from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec

from hinomi.domains.hazards.collections.depths import ELEVATION, ElevationGrid
from hinomi.kernel.errors import DataError, Grade, InputError, Problem, Text
from hinomi.kernel.marking import Marking, Status
from hinomi.kernel.ports import Gazetteer, Parsed, Payload, Source
from hinomi.kernel.records import Interval, Origin, Record
from hinomi.vocabulary.grids import box

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_FINE_M, _COARSE_M = 0.01, 0.1
"""[m] Steps that heights are kept in: the centimetre that GSI states, on high mountains ten."""
_FINE_SPAN_M = 650.0
_TILE = re.compile(r"(?:^|[/_-])z?(\d{1,2})[/_-]x?(\d{1,7})[/_-]y?(\d{1,7})\.(txt|png)\Z")
_TEXT_TILE = re.compile(rb"\s*(?:e|-?\d+(?:\.\d+)?)(?:,(?:e|-?\d+(?:\.\d+)?)){255},?\r?\n")
_MOST_TILE_LINE = 8_000


class _Found(msgspec.Struct):
    key: str
    values: NDArray[np.float32]
    """[m, shape (rows, columns)]."""
    bounds: tuple[float, float, float, float]
    made_from: str


def detect(payload: Payload) -> bool:
    """Tell whether bytes are elevation: by a GML's names, a tile's address, or TIFF's first bytes.

    A PNG is one only where its address says so: photographs are PNG too.
    """
    head = payload.data[:4096]
    if b"FGD_GMLSchema" in head and b"<DEM" in head:
        return True
    tile = _TILE.search(payload.address)
    if tile is not None and tile[4] == "png":
        return "dem" in payload.address and head[:8] == b"\x89PNG\r\n\x1a\n"
    if tile is not None and _TEXT_TILE.match(payload.data[:_MOST_TILE_LINE]):
        return True
    # 33550: a pixel's size on the ground, which a picture of a camera has not.
    return head[:4] in {b"II*\0", b"MM\0*"} and (
        b"\x0e\x83" in payload.data or b"\x83\x0e" in payload.data
    )


def parse(payload: Payload, gazetteer: Gazetteer) -> Parsed:  # noqa: ARG001 - the port's shape
    """Return the heights as a coverage, in every status: the ground is the same in a drill."""
    parsed = Parsed(kind="elevation")
    try:
        found = _found(payload)
        _add(found, payload, parsed)
    except ModuleNotFoundError as missing:
        raise DataError([_problem("extra", str(missing.name))]) from None
    except InputError as error:
        raise DataError([_problem("place", str(error))]) from None
    return parsed


def _found(payload: Payload) -> _Found:
    from hinomi.standards import geotiff, gsi_dem  # noqa: PLC0415

    data = payload.data
    if geotiff.is_tiff(data):
        return _of_tiff(payload)
    if data[:8] == b"\x89PNG\r\n\x1a\n" or data.lstrip()[:1] != b"<":
        return _of_tile(payload)
    grid = gsi_dem.decode_xml(data)
    rows, columns = grid.height_m.shape
    return _Found(
        f"gsi/{grid.mesh or 'mesh'}-{rows}x{columns}", grid.height_m.astype("float32"),
        (grid.west, grid.south, grid.east, grid.north), "gsi-gml",
    )  # fmt: skip


def _of_tile(payload: Payload) -> _Found:
    from hinomi.science.coverages import Plane, to_degrees  # noqa: PLC0415
    from hinomi.standards import gsi_dem  # noqa: PLC0415

    address = _TILE.search(payload.address)
    if address is None:
        raise DataError([_problem("tile", payload.address[-80:])])
    zoom, x, y = (int(part) for part in address.groups()[:3])
    if not (zoom <= 18 and x < 2**zoom and y < 2**zoom):
        raise DataError([_problem("tile", f"{zoom}/{x}/{y}")])
    decode = gsi_dem.decode_png if address[4] == "png" else gsi_dem.decode_text
    height = decode(payload.data).height_m.astype("float32")

    def corner(column: int, row: int) -> tuple[float, float]:
        turn = math.pi * (1 - 2 * row / 2**zoom)
        return column / 2**zoom * 360 - 180, math.degrees(math.atan(math.sinh(turn)))

    plane = Plane("EPSG:3857", corner(x, y + 1), corner(x + 1, y))
    values, bounds = to_degrees(height, plane)
    return _Found(f"gsi/{zoom}-{x}-{y}", values, bounds, "gsi-tile")


def _of_tiff(payload: Payload) -> _Found:
    from hinomi.science.coverages import Plane, to_degrees  # noqa: PLC0415
    from hinomi.standards import geotiff  # noqa: PLC0415

    raster = geotiff.decode(payload.data)
    stem = "".join(c if c.isalnum() else "-" for c in payload.name.rsplit(".", 1)[0].lower())
    key, made_from = f"geotiff/{stem[:60] or 'file'}", f"geotiff EPSG:{raster.epsg}"
    if raster.geographic:
        return _Found(key, raster.values, raster.bounds, made_from)
    west, south, east, north = raster.bounds
    plane = f"EPSG:{raster.epsg}"
    lower, upper = (_degrees(plane, x, y) for x, y in ((west, south), (east, north)))
    values, bounds = to_degrees(raster.values, Plane(plane, lower, upper))
    return _Found(key, values, bounds, made_from)


def _degrees(plane: str, x: float, y: float) -> tuple[float, float]:
    from pyproj import Proj  # noqa: PLC0415
    from pyproj.exceptions import ProjError  # noqa: PLC0415

    try:
        longitude, latitude = Proj(plane, preserve_units=True)(x, y, inverse=True)
    except ProjError as error:
        raise InputError(f"{plane}: {error}") from None
    return float(longitude), float(latitude)


def _add(found: _Found, payload: Payload, parsed: Parsed) -> None:
    import numpy as np  # noqa: PLC0415

    from hinomi.science import coverages  # noqa: PLC0415
    from hinomi.science.depths.ground import spikes  # noqa: PLC0415

    west, south, east, north = (round(float(v), 9) for v in found.bounds)
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise InputError(f"bounds {found.bounds}: expected degrees, longitude first")
    height = np.array(found.values, np.float32)
    wrong = spikes(height)
    if wrong.any():
        height[wrong] = np.nan
        parsed.problems.append(_problem("spikes", f"{int(wrong.sum())} cells", "alarm"))
    known = np.isfinite(height)
    if not known.any():
        raise DataError([_problem("empty", f"{height.shape}")])
    least, most = float(height[known].min()), float(height[known].max())
    step = _FINE_M if most - least < _FINE_SPAN_M else _COARSE_M
    at = payload.taken_at
    packed = coverages.pack(
        coverages.Packed(
            parameter="height_m", unit="m", times=(at,), bounds=(west, south, east, north),
            values=height[None],
        ),
        step, least=math.floor(least),
    )  # fmt: skip
    body = ElevationGrid(
        parameter="height_m", unit="m", bounds=(west, south, east, north), rows=height.shape[0],
        columns=height.shape[1], moments=(at,), grid_digest=sha256(packed).hexdigest(),
        error=step / 2, network=found.key, made_from=found.made_from,
        voids_share=round(float(1 - known.mean()), 4), spikes=int(wrong.sum()),
    )  # fmt: skip
    parsed.blobs.append(packed)
    parsed.records += [
        Record(
            collection=ELEVATION.id, key=found.key, said_at=at, when=Interval(at, None), body=body,
            place=box(west, south, east, north), source=SOURCE_ID, marking=Marking(status),
            origin=Origin(payload.digest, payload.address, "/"),
        )
        for status in Status
    ]  # fmt: skip


_TEXTS = {
    "tile": Text(
        "タイルの番号(z/x/y)がファイル名から分かりません。",
        "The tile's number (z/x/y) is not in its address.",
    ),
    "place": Text("位置が正しくありません。", "Where it lies cannot be right."),
    "empty": Text("標高のあるセルがありません。", "No cell has a height."),
    "spikes": Text(
        "周りから50 m以上飛び出たセルを欠測としました。",
        "Cells that stand out by over 50 m were taken as not known.",
    ),
    "extra": Text(
        "標高を読む部品が入っていません。pip install 'hinomi[models,formats]'",
        "What reads elevation is not installed: pip install 'hinomi[models,formats]'",
    ),
}


def _problem(code: str, found: str, grade: Grade = "error") -> Problem:
    return Problem(
        f"elevation.{code}", "/", _TEXTS[code], grade, found[:160],
        "heights [m] with a place: GML mesh, tile z/x/y, GeoTIFF",
    )  # fmt: skip


SOURCE_ID = "elevation"
SOURCE = Source(
    id=SOURCE_ID,
    title=Text("標高(国土地理院・GeoTIFF)", "Elevation (GSI, GeoTIFF)"),
    gives=(ELEVATION.id,),
    licence=ELEVATION.licence,
    reference="https://maps.gsi.go.jp/development/demtile.html; OGC 19-008r4 GeoTIFF 1.1",
    detect=detect,
    parse=parse,
)
