"""A case's elevation from a file beside it, or from what was imported."""

from __future__ import annotations

import io
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from hinomi.domains.hazards.predict_inundation import FloodCase, Ground
from hinomi.kernel.errors import DeniedError, InputError, MissingError, Text
from hinomi.science.coverages.spikes import levelled, spikes
from hinomi.standards import geotiff, gsi_dem

if TYPE_CHECKING:
    from hinomi.kernel.reader import Reader

IMPORTED = "hazards.elevation/"


def beside(folder: Path, name: str, what: Text) -> bytes:
    """Return the bytes of a file beside a case.

    Raises:
        DeniedError: it lies outside the case's folder.
        MissingError: there is none.
    """
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise DeniedError(f"{name}: outside the case's folder (フォルダの外です)。", rule="dem")
    if not path.is_file():
        raise MissingError(what, name)
    return path.read_bytes()


def ground_of(folder: Path, plan: FloodCase, reader: Callable[[], Reader] | None = None) -> Ground:
    """Return a case's elevation.

    Args:
        folder: where the case lies.
        plan: the case.
        reader: gives a reader, for elevation that was imported (``hazards.elevation/KEY``).

    Raises:
        InputError: it cannot be read as elevation, or has gaps; with how many.
    """
    if plan.dem.startswith(IMPORTED):
        ground = _imported(plan, reader)
    else:
        ground = _of_file(plan, beside(folder, plan.dem, Text("標高ファイル", "elevation file")))
    height = ground.height_m
    gaps = ~np.isfinite(height)
    found = spikes(height, ground.cell_m) if plan.spikes == "level" else gaps & False
    told = _told(plan.dem, int(found.sum())) if found.any() else ()
    height = levelled(height, found)
    if gaps.any() and plan.void_m is not None:
        height = np.where(gaps, plan.void_m, height)
    elif gaps.any():
        count = int(gaps.sum())
        raise InputError(
            f"dem {plan.dem}: {count} cells without data; fill or cut them first, or give void_m.",
            f"標高に欠測が{count}セルあります。補間するか切り取るか、void_mで高さを与えてください。",
        )
    whole = msgspec.structs.replace(ground, height_m=height, told=told)
    return _with_land_use(folder, plan, whole) if plan.land_use else whole


def _told(dem: str, count: int) -> tuple[Text, ...]:
    return (
        Text(
            f"標高{dem}の{count}セルは周りから大きく外れるため、周りの中央値に置き換えました。",
            f"dem {dem}: {count} cells far above or below all around were put to the middle of"
            " these.",
        ),
    )


def _with_land_use(folder: Path, plan: FloodCase, ground: Ground) -> Ground:
    """Return the ground with Manning's n of each cell by its land use.

    Raises:
        InputError: the land use does not reach over all of the ground, or a class has no n.
    """
    from hinomi.science.inundation.roughness import roughness  # noqa: PLC0415

    data = beside(folder, plan.land_use, Text("土地利用ファイル", "land use file"))
    turned = geotiff.is_tiff(data) and geotiff.decode(data).geographic
    cell_m = ground.cell_m if turned or plan.land_use.endswith(".npy") else None
    lies = _of_file(msgspec.structs.replace(plan, dem=plan.land_use, cell_m=cell_m), data)
    rows, columns = ground.height_m.shape
    mid_y = ground.north_m - (np.arange(rows) + 0.5) * ground.cell_m
    mid_x = ground.west_m + (np.arange(columns) + 0.5) * ground.cell_m
    row = np.floor((lies.north_m - mid_y) / lies.cell_m).astype(int)
    column = np.floor((mid_x - lies.west_m) / lies.cell_m).astype(int)
    high, wide = lies.height_m.shape
    if row.min() < 0 or row.max() >= high or column.min() < 0 or column.max() >= wide:
        raise InputError(
            f"land_use {plan.land_use}: does not reach over all of the ground.",
            "土地利用が標高の範囲を覆っていません。",
        )
    try:
        numbers = {int(key): value for key, value in plan.manning_of.items()}
    except ValueError:
        raise InputError("manning_of: expected numbers of classes (番号が必要です)。") from None
    classes = lies.height_m[np.ix_(row, column)]
    n = roughness(np.where(np.isfinite(classes), classes, -1), numbers)
    return msgspec.structs.replace(ground, manning=n, land_use_digest=lies.digest)


def _of_file(plan: FloodCase, data: bytes) -> Ground:
    digest = sha256(data).hexdigest()
    kind = Path(plan.dem).suffix.lower()
    west, north = plan.west_m or 0.0, plan.north_m or 0.0
    if kind == ".asc":
        height, cell, west, north = _esri(data)
        return Ground(height, cell, west, north, digest)
    if geotiff.is_tiff(data):
        raster = geotiff.decode(data)
        if raster.geographic:
            return _turned(plan, raster.values, raster.bounds, digest)
        return _plane(plan, raster.values, raster.bounds, digest)
    if kind == ".xml":
        mesh = gsi_dem.decode_xml(data)
        bounds = (mesh.west, mesh.south, mesh.east, mesh.north)
        return _turned(plan, mesh.height_m, bounds, digest)
    if kind == ".npy":
        height = np.load(io.BytesIO(data), allow_pickle=False)
    elif kind in {".txt", ".png"}:
        height = (gsi_dem.decode_text if kind == ".txt" else gsi_dem.decode_png)(data).height_m
    else:
        raise InputError(
            f"dem {plan.dem}: expected .asc, .tif, .xml, .txt, .png or .npy.", "dem: 不明な形式"
        )
    return Ground(height, _cell(plan), west, north, digest)


def _cell(plan: FloodCase) -> float:
    if plan.cell_m is None:
        raise InputError(
            "case: cell_m is needed with this elevation.", "この標高にはcell_mが必要です。"
        )
    return plan.cell_m


def _plane(plan: FloodCase, values: Any, bounds: tuple[float, ...], digest: str) -> Ground:
    """Return a raster that lies in the case's plane; whole cells are taken together for cell_m."""
    west, south, _, north = bounds
    own = (north - south) / values.shape[0]
    fold = 1 if plan.cell_m is None else max(round(plan.cell_m / own), 1)
    rows, columns = values.shape[0] // fold * fold, values.shape[1] // fold * fold
    parts = values[:rows, :columns].reshape(rows // fold, fold, columns // fold, fold)
    return Ground(parts.mean((1, 3)), own * fold, west, north, digest)


def _turned(plan: FloodCase, values: Any, bounds: tuple[float, ...], digest: str) -> Ground:
    """Lay a raster in degrees on the case's plane: each cell takes the height at its middle."""
    from pyproj import Transformer  # noqa: PLC0415

    if not plan.crs:
        raise InputError("case: crs is needed with this elevation (crsが必要です)。")
    cell = _cell(plan)
    west, south, east, north = bounds
    forth = Transformer.from_crs("EPSG:4326", plan.crs, always_xy=True)
    x, y = forth.transform([west, west, east, east], [south, north, south, north])
    # The largest upright rectangle inside: no cell is without a height because of the turning.
    left, right, low, high = max(x[:2]), min(x[2:]), max(y[0], y[2]), min(y[1], y[3])
    columns, rows = int((right - left) // cell), int((high - low) // cell)
    if columns < 2 or rows < 2:
        raise InputError(f"cell_m={cell:g}: too coarse for this elevation (格子が粗すぎます)。")
    mid_x, mid_y = left + (np.arange(columns) + 0.5) * cell, high - (np.arange(rows) + 0.5) * cell
    across, along = np.meshgrid(mid_x, mid_y)
    lon, lat = forth.transform(across, along, direction="INVERSE")
    row = np.floor((north - lat) / (north - south) * values.shape[0]).astype(int)
    column = np.floor((lon - west) / (east - west) * values.shape[1]).astype(int)
    row, column = row.clip(0, values.shape[0] - 1), column.clip(0, values.shape[1] - 1)
    return Ground(values[row, column], cell, left, high, digest)


def _imported(plan: FloodCase, reader: Callable[[], Reader] | None) -> Ground:
    from hinomi.science.coverages import unpack  # noqa: PLC0415

    if reader is None:
        raise InputError(f"dem {plan.dem}: no data folder to take it from (データがありません)。")
    seen = reader()
    item = seen.get("hazards.elevation", plan.dem.removeprefix(IMPORTED))
    grid = unpack(seen.blob(item, str(item.body()["grid_digest"])))
    return _turned(plan, grid.values[0], grid.bounds, str(item.body()["grid_digest"]))


def _esri(data: bytes) -> tuple[Any, float, float, float]:
    """Return an ESRI ASCII grid: heights, cell, west, north."""
    words = data.decode("ascii", errors="replace").split()
    head: dict[str, float] = {}
    while len(words) > 2 * len(head) + 1 and words[2 * len(head)][0].isalpha():
        head[words[2 * len(head)].lower()] = float(words[2 * len(head) + 1])
    try:
        rows, columns, cell = int(head["nrows"]), int(head["ncols"]), head["cellsize"]
        flat = np.array(words[2 * len(head) :], float)
        height = flat.reshape(rows, columns)
        south, west = head["yllcorner"], head["xllcorner"]
    except (KeyError, ValueError):
        raise InputError("dem: no ESRI ASCII grid (.asc)", "demが読めません。") from None
    height[height == head.get("nodata_value", -9999.0)] = np.nan
    return height, cell, west, south + rows * cell
