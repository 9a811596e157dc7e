"""Zipped Zarr (format 3): one file of content that never changes, read by xarray as it is."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
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


def pack(grid: Packed, step: float, *others: tuple[Packed, float], least: float = 0.0) -> bytes:
    """Return the grid as zipped Zarr, every value within half a ``step`` of what it was.

    What was written is read again and compared before the bytes are given: the bound that the
    file states (``error_bound``) has been seen to hold.

    Args:
        grid: no value below ``least`` or over 65,534 steps above it.
        step: [unit] twice the greatest error.
        least: [unit] where the counts begin: below 0 for heights of the ground.
        others: further parameters of the same times and cells, each with its step.

    Raises:
        InputError: shapes or times do not fit, a value is out of range, or the step is too fine
            for the values' precision: nothing is clipped or blurred in silence.
    """
    data = _dataset([(one, _counts(one, by, least), by) for one, by in ((grid, step), *others)])
    if least:
        for name in data.data_vars:
            data[name].attrs["add_offset"] = least
    return zarr_bytes(data)


def _counts(grid: Packed, step: float, least: float) -> NDArray[np.uint16]:
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
    apart = np.abs(_values(counts, step, least)[known] - values[known])
    if apart.size and float(apart.max()) > _bound(step):
        raise InputError(
            f"{grid.parameter}: a value is {apart.max():g} {grid.unit} off after packing,"
            f" expected at most {_bound(step):g}: take a larger step.",
            f"{grid.parameter}: 圧縮の誤差{apart.max():g}が上限{_bound(step):g}を超えました。",
        )
    return counts


def _bound(step: float) -> float:
    """Return half a step, and the hundredth of one that 32-bit arithmetic may add."""
    return 0.51 * step


def _values(counts: NDArray[np.uint16], step: float, least: float) -> NDArray[np.float32]:
    values = counts.astype(np.float32) * np.float32(step)
    values += np.float32(least)
    values[counts == UNKNOWN] = np.nan
    return values


def rounded(values: NDArray[np.floating], step: float) -> NDArray[np.float32]:
    """Return what would be read after packing: who goes on from this goes on from the file.

    Example:
        >>> rounded(np.array([[0.26, np.nan]]), 0.5).tolist()
        [[0.5, nan]]
    """
    # In place: of all Japan each further array costs more than the arithmetic.
    kept: NDArray[np.float32] = np.array(values, np.float32)
    kept /= np.float32(step)
    np.rint(kept, out=kept)
    kept *= np.float32(step)
    return kept


def _dataset(grids: Sequence[tuple[Packed, NDArray[np.uint16], float]]) -> xarray.Dataset:
    import xarray  # noqa: PLC0415 - heavy, and only for those with grids

    first = grids[0][0]
    west, south, east, north = first.bounds
    _, rows, columns = first.values.shape
    height, width = (north - south) / rows, (east - west) / columns
    seconds = np.array([time.timestamp() for time in first.times])
    variables = {}
    for grid, counts, step in grids:
        if (grid.times, grid.bounds, counts.shape[1:]) != (first.times, first.bounds,
                                                           (rows, columns)):  # fmt: skip
            raise InputError(f"{grid.parameter} has other times or cells than {first.parameter}.")
        attributes = {"long_name": grid.parameter, "units": grid.unit, "scale_factor": step,
                      "_FillValue": UNKNOWN, "error_bound": _bound(step)}  # fmt: skip
        variables[grid.parameter] = (("time", "lat", "lon"), counts, attributes)
    data = xarray.Dataset(
        variables,
        coords={
            "time": ("time", seconds, {"units": "seconds since 1970-01-01"}),
            "lat": ("lat", north - (np.arange(rows) + 0.5) * height, {"units": "degrees_north"}),
            "lon": ("lon", west + (np.arange(columns) + 0.5) * width, {"units": "degrees_east"}),
        },
        attrs={"Conventions": "CF-1.11", "bounds": list(first.bounds)},
    )
    # A chunk is a moment: what is drawn is one.
    for name in variables:
        data[name].encoding["chunks"] = (1, rows, columns)
    return data


def unpack(packed: bytes, parameter: str = "") -> Packed:
    """Return one grid of what :func:`pack` made: the one named, or the first by name.

    Raises:
        InputError: these bytes are no such grid, or hold no such parameter.
    """
    found = unpack_all(packed, parameter)
    if not found:
        raise InputError(f"no parameter {parameter!r} in this grid (格子に{parameter}がない).")
    return found[0]


def unpack_all(packed: bytes, parameter: str = "") -> list[Packed]:
    """Return all grids of a file by name, or the one that is named."""
    data = from_zarr(packed)
    west, south, east, north = data.attrs["bounds"]
    times = tuple(datetime.fromtimestamp(float(t), UTC) for t in data["time"].to_numpy())
    found = []
    for name in sorted(map(str, data.data_vars)):
        if parameter in ("", name) and data[name].dims == ("time", "lat", "lon"):
            attributes = data[name].attrs
            least = attributes.get("add_offset", 0.0)
            values = _values(data[name].to_numpy(), attributes["scale_factor"], least)
            found.append(
                Packed(
                    parameter=name, unit=attributes["units"], times=times,
                    bounds=(west, south, east, north), values=values,
                )
            )  # fmt: skip
    return found


def moments_of(packed: bytes, parameter: str) -> Callable[[int], NDArray[np.float32]]:
    """Return what gives a grid's moments [shape (rows, columns)] one by one, decoded when asked.

    Raises:
        InputError: these bytes are no such grid, or hold no such parameter.
    """
    data = from_zarr(packed)
    if parameter not in data.data_vars:
        raise InputError(f"no parameter {parameter!r} in this grid (格子に{parameter}がない).")
    found = data[parameter]
    step, least = found.attrs["scale_factor"], found.attrs.get("add_offset", 0.0)
    return lambda index: _values(found.isel(time=index).to_numpy(), step, least)


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
