"""Radar images in HDF5 and PGM: real ones, one in ODIM's layout, broken ones."""

from __future__ import annotations

import gzip
import io
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from hinomi.kernel.errors import DataError
from hinomi.standards import fmi_pgm, odim

h5py = pytest.importorskip("h5py")


def composite(*, quantity: str = "DBZH") -> bytes:
    """A file as the OPERA Data Information Model lays it out."""
    file = io.BytesIO()
    with h5py.File(file, "w") as root:
        root.attrs["Conventions"] = "ODIM_H5/V2_2"
        what = root.create_group("what")
        what.attrs.update(
            {"object": "COMP", "date": "20260901", "time": "031500", "source": "ORG:99"}
        )
        where = root.create_group("where")
        where.attrs.update(
            {"projdef": "+proj=laea +lat_0=35 +lon_0=135", "LL_lon": 134.0, "LL_lat": 34.0}
        )
        one = root.create_group("dataset1/data1")
        one.create_dataset("data", data=np.array([[0, 1], [64, 255]], np.uint8))
        one.create_group("what").attrs.update(
            {"quantity": quantity, "gain": 0.5, "offset": -32.0, "nodata": 255.0, "undetect": 0.0}
        )
    return file.getvalue()


def test_odim_tells_no_rain_from_not_looked() -> None:
    image = odim.decode(composite())
    assert image.quantity == "reflectivity_dbz"
    assert image.end == datetime(2026, 9, 1, 3, 15, tzinfo=UTC)
    np.testing.assert_array_equal(image.values, [[-32.0, -31.5], [0.0, np.nan]])
    assert image.corners == ((134.0, 34.0),)


def test_knmis_file_is_the_depth_that_it_states(shared_data: Path) -> None:
    folder = shared_data / "hazard" / "radar" / "knmi_20100826"
    data = (folder / "RAD_NL25_RAP_5min_201008260125.h5").read_bytes()
    assert odim.looks_like(data)
    image = odim.decode(data)
    assert (image.quantity, image.values.shape) == ("rain_mm", (765, 700))
    assert image.end == datetime(2010, 8, 26, 1, 25, tzinfo=UTC)
    with h5py.File(io.BytesIO(data)) as file:
        stated = file["image1/statistics"].attrs["stat_max_value"][0]
    assert stated in (0.0, pytest.approx(float(np.nanmax(image.values)), abs=0.011))


def test_fmis_composite_has_its_time_and_its_reach(shared_data: Path) -> None:
    folder = shared_data / "hazard" / "radar" / "fmi_20170509"
    image = fmi_pgm.decode(gzip.decompress(sorted(folder.iterdir())[0].read_bytes()))
    assert image.at == datetime(2017, 5, 9, 10, 45, tzinfo=UTC)
    assert image.reflectivity_dbz.shape == (1226, 760)
    assert image.corners == (18.6, 57.93, 34.903, 69.005)
    assert -32 <= np.nanmin(image.reflectivity_dbz) < np.nanmax(image.reflectivity_dbz) < 80
    assert np.isnan(image.reflectivity_dbz[0, 0])


@pytest.mark.parametrize(
    "data", [b"", b"\x89HDF\r\n\x1a\n", composite()[:900], composite(quantity="VRAD")]
)
def test_a_broken_hdf5_is_a_problem_of_its_sender(data: bytes) -> None:
    with pytest.raises(DataError):
        odim.decode(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"P5\n2 2\n255\n1234",
        b"P5\n# obstime 202609010000\n9 9\n255\n12",
        b"P5\n# obstime x\n1 1\n255\n1",
    ],
)
def test_a_broken_pgm_is_a_problem_of_its_sender(data: bytes) -> None:
    with pytest.raises(DataError):
        fmi_pgm.decode(data)
