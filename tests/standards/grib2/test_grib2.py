"""JMA's GRIB2: other software's values, our own files back, broken bytes."""

from __future__ import annotations

import contextlib
import lzma
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from hinomi.kernel.errors import DataError, InputError
from hinomi.standards.grib2 import Grid, Statement, decode, encode, looks_like, values

AT = datetime(2026, 9, 1, 3, tzinfo=UTC)
GRID = Grid(columns=40, rows=30, west=135.00625, north=35.995833, step_lon=0.0125, step_lat=1 / 120)
REFERENCES = {
    "Z__C_RJTD_20160822": ("tornado", 3),
    "Z__C_RJTD_20170221": ("kousa", 3),
    "Z__C_RJTD_20190304": ("msmguid", 0),
    "Z__C_RJTD_20190605": ("meps", 2),
}


def unpacked(path: Path) -> bytes:
    data = path.read_bytes()
    return lzma.decompress(data) if path.suffix == ".xz" else data


@pytest.mark.parametrize("start", REFERENCES)
def test_jmas_own_samples_have_the_values_that_wgrib2_reads(start: str, shared_data: Path) -> None:
    folder = shared_data / "hazard" / "jma_grib2"
    name, number = REFERENCES[start]
    decoded = decode(unpacked(next(folder.glob(f"{start}*"))))
    assert decoded.problems == []
    theirs = np.frombuffer(unpacked(folder / f"{name}-wgrib2-le.bin.xz"), "<f4")
    ours = values(decoded.fields[number]).ravel()
    np.testing.assert_array_equal(np.isnan(ours), theirs > 9e20)
    np.testing.assert_array_equal(ours[theirs < 9e20], theirs[theirs < 9e20])


def soil(levels: np.ndarray) -> bytes:
    """The layout of JMA's soil water index: all tanks, first, second, in tenths of a mm."""
    tenths = tuple(range(3000))
    parts = ((levels, 200, None), (levels // 2, 201, 1), (levels // 4, 201, 2))
    whole = [
        Statement(
            parameter=206, levels=part, level_values=tenths, surface=surface, surface_value=tank
        )
        for part, surface, tank in parts
    ]
    return encode(whole, GRID, AT)


def test_three_fields_of_one_message_come_back_as_they_were_stated() -> None:
    levels = np.random.default_rng(2).integers(0, 3000, (30, 40))
    levels[:, 5:30] = 7
    decoded = decode(soil(levels))
    assert [(f.surface, f.surface_value) for f in decoded.fields] == [
        (200, None), (201, 1), (201, 2),
    ]  # fmt: skip
    for field, stated in zip(decoded.fields, (levels, levels // 2, levels // 4), strict=True):
        expected = np.where(stated == 0, np.nan, (stated - 1) / 10)
        np.testing.assert_allclose(values(field), expected, atol=1e-5)
    grid = decoded.fields[0].grid
    assert (grid.columns, grid.rows) == (40, 30)
    assert grid.bbox == pytest.approx((135.0, 35.75, 135.5, 36.0), abs=1e-5)


@pytest.mark.parametrize("run", [1, 2, 253, 254, 255, 70_000])
def test_runs_of_any_length_come_back(run: int) -> None:
    grid = Grid(columns=run + 1, rows=1, west=130.0, north=35.0, step_lon=1e-4, step_lat=1e-4)
    levels = np.zeros((1, run + 1), int)
    levels[0, 0] = 2
    field = decode(
        encode([Statement(parameter=200, levels=levels, level_values=(1, 5))], grid, AT)
    ).fields[0]
    found = values(field)
    assert found[0, 0] == pytest.approx(0.5)
    assert np.isnan(found[0, 1:]).all()


@pytest.mark.parametrize("count", [222, 223, 224, 254, 255, 256])
def test_levels_that_just_fit_a_byte_leave_room_to_count_their_runs(count: int) -> None:
    levels = np.repeat([[count], [count - 1], [1]], 40, axis=1).repeat(10, axis=0)
    made = Statement(parameter=200, levels=levels, level_values=tuple(range(count)))
    (field,) = decode(encode([made], GRID, AT)).fields
    np.testing.assert_array_equal(np.rint(values(field) * 10), levels - 1)


def test_the_rain_of_an_hour_says_from_when_to_when() -> None:
    hour = Statement(
        parameter=200, levels=np.ones((30, 40), int), level_values=(12,), scale=0,
        start=AT - timedelta(hours=1), end=AT,
    )  # fmt: skip
    field = decode(encode([hour], GRID, AT, status=1)).fields[0]
    assert (field.start, field.end, field.lead_min) == (AT - timedelta(hours=1), AT, 0)
    assert field.status == 1
    assert (values(field) == 12).all()


def test_a_file_that_is_cut_or_garbled_is_refused_with_what_is_wrong() -> None:
    data = soil(np.ones((30, 40), int))
    assert looks_like(data)
    for broken in (b"", b"GRIB", data[:100], data[:-1], b"no grib at all" * 10):
        with pytest.raises(DataError):
            decode(broken)


@pytest.mark.parametrize("seed", range(40))
def test_flipped_bytes_never_end_in_anything_but_values_or_a_problem(seed: int) -> None:
    rng = np.random.default_rng(seed)
    data = bytearray(soil(rng.integers(0, 3000, (30, 40))))
    for at in rng.integers(16, 500, 3):
        data[at] = rng.integers(256)
    with contextlib.suppress(DataError):
        for field in decode(bytes(data)).fields:
            assert values(field).shape == (field.grid.rows, field.grid.columns)


def test_a_broken_message_costs_only_itself() -> None:
    data = soil(np.ones((30, 40), int))
    decoded = decode(data[:-4] + b"xxxx" + data)
    assert len(decoded.fields) == 3
    assert [p.code for p in decoded.problems] == ["grib2.cut"]


def test_levels_without_a_value_cannot_be_written() -> None:
    with pytest.raises(InputError):
        encode([Statement(parameter=200, levels=np.full((30, 40), 3), level_values=(1,))], GRID, AT)
    with pytest.raises(InputError):
        encode([Statement(parameter=200, levels=np.ones((3, 4), int), level_values=(1,))], GRID, AT)
