"""JMA's GRIB2 against wgrib2's arrays; the soil tanks' layout, which no real file here has."""

from __future__ import annotations

import lzma
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from hinomi.standards.grib2 import Grid, Statement, decode, encode, values
from verify.rows import Row, data

_FILES = {
    "Z__C_RJTD_20160822": ("tornado", 3, "tornado nowcast, run length 5.200"),
    "Z__C_RJTD_20170221": ("kousa", 3, "yellow sand, simple packing 5.0"),
    "Z__C_RJTD_20190304": ("msmguid", 0, "MSM guidance, 5.0 with bitmap"),
    "Z__C_RJTD_20190605": ("meps", 2, "MEPS, complex packing 5.3"),
}


def _read(path: Path) -> bytes:
    raw = path.read_bytes()
    return lzma.decompress(raw) if path.suffix == ".xz" else raw


def wgrib2() -> Iterator[Row]:
    """Every value of four of JMA's own samples; a hole in one only counts as infinitely far."""
    folder = data("hazard/jma_grib2")
    for start, (name, number, case) in _FILES.items():
        field = decode(_read(next(folder.glob(f"{start}*")))).fields[number]
        ours = values(field).ravel()
        theirs = np.frombuffer(_read(folder / f"{name}-wgrib2-le.bin.xz"), "<f4")
        known = theirs < 9e20
        apart = float(np.abs(ours[known] - theirs[known]).max())
        if not np.array_equal(np.isfinite(ours), known):
            apart = float("inf")
        yield Row(
            model="GRIB2", case=f"{case}; greatest difference of {theirs.size} values",
            reference="wgrib2's arrays", ours=apart, theirs=0.0, tolerance=0.0,
        )  # fmt: skip


def soil_tanks() -> Iterator[Row]:
    """Built from the published layout: surface 200 all tanks, 201 one tank, tenths of a mm."""
    grid = Grid(
        columns=80, rows=120, west=135.00625, north=35.9958, step_lon=1 / 80, step_lat=1 / 120
    )
    levels = np.random.default_rng(4).integers(0, 2500, (120, 80))
    tanks = [
        Statement(
            parameter=206, levels=levels // part, level_values=tuple(range(2500)),
            surface=surface, surface_value=value,
        )
        for part, surface, value in ((1, 200, None), (2, 201, 1), (4, 201, 2))
    ]  # fmt: skip
    for field, tank in zip(
        decode(encode(tanks, grid, datetime(2026, 9, 1, tzinfo=UTC))).fields, tanks, strict=True
    ):
        stated = np.where(tank.levels == 0, np.nan, (tank.levels - 1) / 10)
        yield Row(
            model="GRIB2", case=f"soil tanks, surface {field.surface} {field.surface_value or ''}",
            reference="our own file in JMA's layout", kind="format only",
            ours=float(np.nanmax(np.abs(values(field) - stated))), theirs=0.0, tolerance=1e-4,
        )  # fmt: skip


ROWS = (wgrib2, soil_tanks)
