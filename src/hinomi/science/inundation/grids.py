"""Maps as NetCDF and Zarr, with CF names; and back, so that a run goes on from them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from hinomi.kernel.errors import InputError
from hinomi.science.coverages.packing import from_zarr, zarr_bytes
from hinomi.science.inundation.run import Maps

if TYPE_CHECKING:
    import xarray


class Georeference(msgspec.Struct, frozen=True, kw_only=True):
    """Where a grid lies: the outer corner of its north-west cell, and its plane."""

    west_m: float = 0.0
    north_m: float = 0.0
    cell_m: float
    crs: str = ""
    """Such as ``EPSG:6677`` (平面直角座標系 IX); empty: a plane of its own."""


_FIELDS = {
    "depth_m": ("depth of water", "m", ("y", "x")),
    "max_depth_m": ("greatest depth of water", "m", ("y", "x")),
    "max_speed_m_s": ("greatest speed of water", "m s-1", ("y", "x")),
    "arrival_s": ("time at which the depth first passed 0.05 m", "s", ("y", "x")),
    "rank": ("depth class, 1 to 6; 0 is dry", "1", ("y", "x")),
    "across_m2_s": ("discharge along rows' columns", "m2 s-1", ("y_across", "x_across")),
    "along_m2_s": ("discharge along columns' rows", "m2 s-1", ("y_along", "x_along")),
}
_SOMETIMES = {
    "channel_m": ("water in channels narrower than a cell, below the banks", "m", ("y", "x")),
    "channel_m3_s": ("discharge of the channels' links", "m3 s-1", ("link",)),
    "soaked_m": ("water that has soaked in", "m", ("y", "x")),
}
_STATE = "state_"
"""Before the names of what only a run that goes on needs."""
_NUMBERS = ("time_s", "volume_m3", "balance_error", "least_m")


def dataset(maps: Maps, where: Georeference, notes: dict[str, str] | None = None) -> xarray.Dataset:
    """Return the maps as a dataset.

    Args:
        maps: what a run left.
        where: where its grid lies.
        notes: said beside the numbers: title, inputs, limits.
    """
    import xarray  # noqa: PLC0415

    rows, columns = maps.depth_m.shape
    cell = where.cell_m
    there = {name: of for name, of in _SOMETIMES.items() if getattr(maps, name) is not None}
    variables = {
        name: (dims, getattr(maps, name), {"long_name": title, "units": unit})
        for name, (title, unit, dims) in (_FIELDS | there).items()
    }
    for name, values in maps.state.items():
        dims = ("y", "x") if values.shape == maps.depth_m.shape else None
        own = tuple(f"{_STATE}{name}_{axis}" for axis in range(values.ndim))
        variables[_STATE + name] = (dims or own, values, {"long_name": f"state of the run: {name}"})
    totals = {f"total_{name}_m3": value for name, value in maps.totals_m3.items()}
    return xarray.Dataset(
        variables,
        coords={
            "x": ("x", where.west_m + (np.arange(columns) + 0.5) * cell, {"units": "m"}),
            "y": ("y", where.north_m - (np.arange(rows) + 0.5) * cell, {"units": "m"}),
        },
        attrs={
            "Conventions": "CF-1.11", "crs": where.crs, "cell_m": cell, "west_m": where.west_m,
            "north_m": where.north_m, **{name: getattr(maps, name) for name in _NUMBERS},
            **totals, **(notes or {}),
        },
    )  # fmt: skip


def maps_of(data: xarray.Dataset) -> Maps:
    """Return the maps of a dataset that :func:`dataset` made.

    Raises:
        InputError: something of a run's state is not in it.
    """
    try:
        arrays: dict[str, Any] = {name: data[name].to_numpy() for name in _FIELDS if name != "rank"}
        numbers: dict[str, Any] = {name: float(data.attrs[name]) for name in _NUMBERS}
    except KeyError as error:
        raise InputError(
            f"restart: {error.args[0]} is not in it: it is no run's output.",
            f"再開データに{error.args[0]}がありません。",
        ) from None
    arrays |= {name: data[name].to_numpy() for name in _SOMETIMES if name in data}
    totals = {
        str(name)[len("total_") : -len("_m3")]: float(value)
        for name, value in data.attrs.items()
        if str(name).startswith("total_")
    }
    state = {
        str(name)[len(_STATE) :]: data[name].to_numpy()
        for name in data.data_vars
        if str(name).startswith(_STATE)
    }
    return Maps(**arrays, **numbers, totals_m3=totals, state=state)


def write(data: xarray.Dataset, path: Path) -> None:
    """Write NetCDF (``.nc``) or Zarr (``.zarr.zip``, one file)."""
    if path.name.endswith(".zarr.zip"):
        path.write_bytes(zarr_bytes(data))
    elif path.suffix == ".nc":
        squeezed = {name: {"zlib": True, "complevel": 4} for name in data.data_vars}
        data.to_netcdf(path, engine="netcdf4", encoding=squeezed)
    else:
        raise InputError(f"{path.name}: expected .nc or .zarr.zip (.ncか.zarr.zipにしてください)。")


def read(path: Path) -> xarray.Dataset:
    """Read what :func:`write` wrote."""
    import xarray  # noqa: PLC0415

    if path.suffix == ".nc":
        with xarray.open_dataset(path, engine="netcdf4", decode_times=False) as opened:
            return opened.load()
    return from_zarr(path.read_bytes())
