"""Grids of values on longitude and latitude: kept with a bounded error, moved, sampled."""

from __future__ import annotations

from hinomi.science.coverages.areas import area_means
from hinomi.science.coverages.cells import cells_at, cells_within
from hinomi.science.coverages.cuts import Cut
from hinomi.science.coverages.packing import (
    Packed,
    from_zarr,
    moments_of,
    pack,
    rounded,
    unpack,
    unpack_all,
    zarr_bytes,
)
from hinomi.science.coverages.regrid import Plane, to_degrees
from hinomi.science.coverages.sampling import classes_of, over_time, window

__all__ = [
    "Cut",
    "Packed",
    "Plane",
    "area_means",
    "cells_at",
    "cells_within",
    "classes_of",
    "from_zarr",
    "moments_of",
    "over_time",
    "pack",
    "rounded",
    "to_degrees",
    "unpack",
    "unpack_all",
    "window",
    "zarr_bytes",
]
