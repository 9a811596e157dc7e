"""GeoTIFF: what is written is read back, by us, by Pillow and by GDAL."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hinomi.kernel.errors import DataError, InputError
from hinomi.standards import geotiff

BOUNDS = (139.0, 35.0, 139.3, 35.2)


@settings(max_examples=15, deadline=None)
@given(rows=st.integers(1, 40), columns=st.integers(1, 40), seed=st.integers(0, 99))
def test_numbers_and_place_come_back(rows: int, columns: int, seed: int) -> None:
    values = np.random.default_rng(seed).normal(0, 100, (rows, columns)).astype(np.float32)
    values[0, 0] = np.nan
    back = geotiff.decode(geotiff.encode(values, BOUNDS))
    np.testing.assert_array_equal(back.values, values)
    assert back.bounds == pytest.approx(BOUNDS)
    assert (back.epsg, back.geographic) == (4326, True)


@pytest.mark.skipif(shutil.which("gdalinfo") is None, reason="needs GDAL")
def test_gdal_reads_it_as_a_cog_of_the_same_numbers(tmp_path: Path) -> None:
    values = np.arange(700 * 1100, dtype=np.float32).reshape(700, 1100)
    path = tmp_path / "made.tif"
    path.write_bytes(geotiff.encode(values, (-12000.0, -3000.0, -6500.0, 500.0), epsg=6677,
                                    geographic=False, title="depth"))  # fmt: skip
    said = subprocess.run(
        ["gdalinfo", "-json", "-stats", str(path)], check=True, capture_output=True, timeout=60
    )
    found = json.loads(said.stdout)
    assert found["size"] == [1100, 700]
    assert found["geoTransform"] == [-12000.0, 5.0, 0.0, 500.0, 0.0, -5.0]
    assert "6677" in found["coordinateSystem"]["wkt"]
    (band,) = found["bands"]
    assert (band["minimum"], band["maximum"]) == (0.0, 769_999.0)
    assert band["block"] == [512, 512]
    assert [o["size"] for o in band["overviews"]] == [[550, 350], [275, 175]]


@pytest.mark.parametrize("cut", [4, 8, 60, 300])
def test_a_cut_file_is_refused(cut: int) -> None:
    with pytest.raises(DataError, match="/"):
        geotiff.decode(geotiff.encode(np.ones((20, 20)), BOUNDS)[:cut])


def test_what_is_no_grid_is_refused() -> None:
    with pytest.raises(InputError):
        geotiff.encode(np.zeros(3), BOUNDS)
    with pytest.raises(InputError):
        geotiff.encode(np.zeros((2, 2)), (1.0, 0.0, 0.0, 1.0))
