"""Zipped Zarr (format 3): one file of content that never changes, read by xarray as it is."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from hinomi.kernel.errors import InputError

if TYPE_CHECKING:
    import xarray

UNKNOWN = 65_535
"""Stored where a value is not known."""


class Packed(msgspec.Struct, frozen=True, kw_only=True):
    """A parameter's values over time on a regular grid of longitude and latitude."""

    parameter: str
    unit: str
    times: tuple[datetime, ...]
    bounds: tuple[float, float, float, float]
    """West, south, east, north of the cells' outer edges [degree]."""
    values: NDArray[np.float32]
    """[unit, shape (times, rows, columns)] rows from the north, NaN where not known."""


def pack(grid: Packed, step: float, *, least: float = 0.0) -> bytes:
    """Return the grid as zipped Zarr, every value within half a ``step`` of what it was.

    Args:
        grid: no value below ``least`` or over 65,534 steps above it.
        step: [unit] twice the greatest error.
        least: [unit] where the counts begin: below 0 for heights of the ground.

    Raises:
        InputError: shapes or times do not fit, or a value is out of range: nothing is clipped
            in silence.
    """
    values = grid.values
    if values.ndim != 3 or len(values) != len(grid.times):
        raise InputError(f"{len(grid.times)} times and values of shape {values.shape}.")
    known = np.isfinite(values)
    if known.any():
        low, high = float(values[known].min()), float(values[known].max())
        if low < least or (high - least) / step > UNKNOWN - 1:
            raise InputError(
                f"{grid.parameter}: {low:g} to {high:g} {grid.unit} at steps of {step:g}:"
                f" expected {least:g} to {least + step * (UNKNOWN - 1):g}."
            )
    counts = np.full(values.shape, UNKNOWN, np.uint16)
    counts[known] = np.rint((values[known] - least) / step).astype(np.uint16)
    data = _dataset(grid, counts, step)
    if least:
        data[grid.parameter].attrs["add_offset"] = least
    return zarr_bytes(data)


def _dataset(grid: Packed, counts: NDArray[np.uint16], step: float) -> xarray.Dataset:
    import xarray  # noqa: PLC0415 - heavy, and only for those with grids

    west, south, east, north = grid.bounds
    _, rows, columns = counts.shape
    height, width = (north - south) / rows, (east - west) / columns
    seconds = np.array([time.timestamp() for time in grid.times])
    attributes = {"long_name": grid.parameter, "units": grid.unit, "scale_factor": step,
                  "_FillValue": UNKNOWN}  # fmt: skip
    data = xarray.Dataset(
        {grid.parameter: (("time", "lat", "lon"), counts, attributes)},
        coords={
            "time": ("time", seconds, {"units": "seconds since 1970-01-01"}),
            "lat": ("lat", north - (np.arange(rows) + 0.5) * height, {"units": "degrees_north"}),
            "lon": ("lon", west + (np.arange(columns) + 0.5) * width, {"units": "degrees_east"}),
        },
        attrs={"Conventions": "CF-1.11", "bounds": list(grid.bounds)},
    )
    # A chunk is a moment: what is drawn is one.
    data[grid.parameter].encoding["chunks"] = (1, rows, columns)
    return data


def unpack(packed: bytes) -> Packed:
    """Return the grid of what :func:`pack` made.

    Raises:
        InputError: these bytes are no such grid.
    """
    data = from_zarr(packed)
    (name,) = data.data_vars
    counts, attributes = data[name].to_numpy(), data[name].attrs
    values = counts.astype(np.float32) * np.float32(attributes["scale_factor"])
    values += np.float32(attributes.get("add_offset", 0.0))
    values[counts == attributes["_FillValue"]] = np.nan
    west, south, east, north = data.attrs["bounds"]
    return Packed(
        parameter=str(name),
        unit=attributes["units"],
        times=tuple(datetime.fromtimestamp(float(t), UTC) for t in data["time"].to_numpy()),
        bounds=(west, south, east, north),
        values=values,
    )


def zarr_bytes(data: xarray.Dataset) -> bytes:
    """Return a zipped Zarr (format 3): the same bytes for the same numbers."""
    from zarr.storage import MemoryStore  # noqa: PLC0415

    held: dict[str, Any] = {}
    store = MemoryStore(held)
    data.to_zarr(store, mode="w", zarr_format=3, consolidated=False)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as packed:
        for name in sorted(held):
            packed.writestr(zipfile.ZipInfo(name), held[name].to_bytes())
    return out.getvalue()


def from_zarr(packed: bytes) -> xarray.Dataset:
    """Return the dataset of zipped Zarr bytes: numbers as stored, neither scaled nor masked.

    Raises:
        InputError: no zip.
    """
    import xarray  # noqa: PLC0415
    from zarr.core.buffer.core import default_buffer_prototype  # noqa: PLC0415
    from zarr.storage import MemoryStore  # noqa: PLC0415

    make = default_buffer_prototype().buffer.from_bytes
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as parts:
            held = {name: make(parts.read(name)) for name in parts.namelist()}
    except zipfile.BadZipFile:
        raise InputError("no zipped Zarr (Zarrのzipではありません)。") from None
    opened = xarray.open_zarr(MemoryStore(held), consolidated=False, zarr_format=3, decode_cf=False)
    loaded: xarray.Dataset = opened.load()
    return loaded
