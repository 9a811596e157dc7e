"""A case's ground from the files that people have; its spikes, its land use, its channels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, TiffImagePlugin

from hinomi.domains.hazards.observe import elevation
from hinomi.domains.hazards.predict_inundation import FloodCase, case_of, decode_case
from hinomi.domains.hazards.workbench.grounds import case_record, unpack
from hinomi.kernel.errors import InputError
from hinomi.kernel.marking import OPERATOR, Marking, Status
from hinomi.kernel.ports import Payload
from hinomi.kernel.reader import Reader
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.clock import now
from hinomi.runtime.workbench.grounds import ground_of
from hinomi.science.inundation.run import run
from hinomi.stores.memory import MemoryStore

TILE = "exchange/dem/gsi-dem-z8-x229-y94"


def plan_of(dem: str, **more: Any) -> FloodCase:
    return FloodCase(title="町", dem=dem, hours=0.1, **more)


def slope(rows: int = 12, columns: int = 20) -> np.ndarray:
    return np.add.outer(np.zeros(rows), 9 - 0.1 * np.arange(columns)).astype(np.float32)


def geotiff(height: np.ndarray, corner: tuple[float, float], cell: float, epsg: int) -> bytes:
    """Return a GeoTIFF (OGC 19-008r4), written by Pillow: one strip, pixel scale, tie point, keys.

    ``epsg`` of a plane is ProjectedCSTypeGeoKey 3072, of degrees GeographicTypeGeoKey 2048.
    """
    import io  # noqa: PLC0415

    degrees = epsg == 4326
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[33550] = (cell, cell, 0.0)
    tags[33922] = (0.0, 0.0, 0.0, *corner, 0.0)
    tags.tagtype[33550] = tags.tagtype[33922] = 12
    keys = (1024, 0, 1, 2 if degrees else 1, 1025, 0, 1, 1, 2048 if degrees else 3072, 0, 1, epsg)
    tags[34735] = (1, 1, 0, 3, *keys)
    tags.tagtype[34735] = 3
    out = io.BytesIO()
    Image.fromarray(height.astype(np.float32)).save(out, "TIFF", tiffinfo=tags)
    return out.getvalue()


def gml(height: np.ndarray, bounds: tuple[float, float, float, float]) -> str:
    """Return a mesh as GSI's 基盤地図情報 DEM writes it (rows from the north-west)."""
    west, south, east, north = bounds
    rows, columns = height.shape
    values = "\n".join(f"地表面,{value:.2f}" for value in height.ravel())
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Dataset xmlns="http://fgd.gsi.go.jp/spec/2008/FGD_GMLSchema"
 xmlns:gml="http://www.opengis.net/gml/3.2"><DEM><mesh>54372700</mesh><coverage>
<gml:boundedBy><gml:Envelope><gml:lowerCorner>{south} {west}</gml:lowerCorner>
<gml:upperCorner>{north} {east}</gml:upperCorner></gml:Envelope></gml:boundedBy>
<gml:gridDomain><gml:Grid><gml:limits><gml:GridEnvelope><gml:low>0 0</gml:low>
<gml:high>{columns - 1} {rows - 1}</gml:high></gml:GridEnvelope></gml:limits></gml:Grid>
</gml:gridDomain><gml:rangeSet><gml:DataBlock><gml:tupleList>
{values}
</gml:tupleList></gml:DataBlock></gml:rangeSet>
<gml:coverageFunction><gml:GridFunction><gml:startPoint>0 0</gml:startPoint></gml:GridFunction>
</gml:coverageFunction></coverage></DEM></Dataset>"""


def test_a_geotiff_in_the_plane_lies_where_it_says(tmp_path: Path) -> None:
    (tmp_path / "g.tif").write_bytes(geotiff(slope(), (-12000.0, 3500.0), 5.0, 6677))
    fine = ground_of(tmp_path, plan_of("g.tif", crs="EPSG:6677"))
    assert (fine.west_m, fine.north_m, fine.cell_m) == (-12000.0, 3500.0, 5.0)
    assert np.array_equal(fine.height_m, slope())
    coarse = ground_of(tmp_path, plan_of("g.tif", crs="EPSG:6677", cell_m=10.0))
    assert coarse.height_m.shape == (6, 10)
    assert coarse.height_m[0, 0] == pytest.approx(8.95)


@pytest.mark.parametrize("kind", ["tif", "xml"])
def test_ground_in_degrees_is_turned_into_the_plane(tmp_path: Path, kind: str) -> None:
    height, cell = slope(150, 225), 0.2 / 3600
    west, north = 139.75, 35.75
    bounds = (west, north - 150 * cell, west + 225 * cell, north)
    if kind == "tif":
        (tmp_path / "g.tif").write_bytes(geotiff(height, (west, north), cell, 4326))
    else:
        (tmp_path / "g.xml").write_text(gml(height, bounds), encoding="utf-8")
    found = ground_of(tmp_path, plan_of(f"g.{kind}", crs="EPSG:6677", cell_m=10.0))
    # 225 columns of 0.2 s are 1,130 m (of 25.1 m/s here), 150 rows 925 m (of 30.8 m/s).
    assert found.height_m.shape == pytest.approx((92, 112), abs=1)
    fall = -np.diff(found.height_m.mean(axis=0)).mean()
    assert fall == pytest.approx(10.0 / (25.1 * 0.2) * 0.1, rel=0.02)
    assert found.height_m.max() <= 9.0
    with pytest.raises(InputError, match="crs is needed"):
        ground_of(tmp_path, plan_of(f"g.{kind}", cell_m=10.0))


def test_a_real_tile_is_the_same_ground_as_text_and_as_png(
    tmp_path: Path, shared_data: Path
) -> None:
    for kind in ("txt", "png"):
        (tmp_path / f"t.{kind}").write_bytes((shared_data / f"{TILE}.{kind}").read_bytes())
    plans = [plan_of(f"t.{kind}", cell_m=500.0, void_m=-1.0) for kind in ("txt", "png")]
    text, image = (ground_of(tmp_path, plan).height_m for plan in plans)
    assert text.shape == image.shape == (256, 256)
    assert np.abs(text - image).max() < 0.0101
    with pytest.raises(InputError, match="cells without data"):
        ground_of(tmp_path, plan_of("t.txt", cell_m=500.0))


def test_a_spike_is_levelled_and_told_or_kept_where_it_is_asked_for(tmp_path: Path) -> None:
    bed = slope()
    bed[5, 5], bed[7, 12] = 900.0, -900.0
    np.save(tmp_path / "g.npy", bed)
    ground = ground_of(tmp_path, plan_of("g.npy", cell_m=10.0))
    assert np.abs(ground.height_m - slope()).max() < 0.11
    assert "2 cells" in ground.told[0].en
    kept = ground_of(tmp_path, plan_of("g.npy", cell_m=10.0, spikes="keep"))
    assert kept.height_m.max() == 900.0
    assert not kept.told


def test_land_use_gives_each_cell_its_roughness(tmp_path: Path) -> None:
    np.save(tmp_path / "g.npy", slope())
    classes = np.repeat([[1, 7]], [2, 3], axis=1).repeat(3, axis=0)  # 40 m cells over 10 m ones
    rows = "\n".join(" ".join(map(str, row)) for row in classes)
    head = "ncols 5\nnrows 3\nxllcorner 0\nyllcorner 0\ncellsize 40\n"
    (tmp_path / "use.asc").write_text(head + rows)
    lies = {"cell_m": 10.0, "north_m": 120.0, "west_m": 0.0, "land_use": "use.asc"}
    plan = plan_of("g.npy", **lies, manning_of={"1": 0.06, "7": 0.04}, crs="EPSG:6677")
    ground = ground_of(tmp_path, plan)
    assert (ground.manning[:, :8] == 0.06).all()
    assert (ground.manning[:, 8:] == 0.04).all()
    assert case_of(plan, ground).manning is ground.manning
    record, packed = case_record("町", plan, ground, None, Marking(Status.TEST), said_at=now())
    again, _ = unpack(packed, record.body)
    assert np.allclose(again.manning, ground.manning)
    with pytest.raises(InputError, match=r"land use 7.*no n"):
        ground_of(tmp_path, plan_of("g.npy", **lies, manning_of={"1": 0.06}))
    outside = {**lies, "north_m": 130.0, "manning_of": {"1": 0.06, "7": 0.04}}
    with pytest.raises(InputError, match="does not reach"):
        ground_of(tmp_path, plan_of("g.npy", **outside))


def test_a_channel_of_the_case_carries_the_inflow_below_its_banks(tmp_path: Path) -> None:
    np.save(tmp_path / "g.npy", slope())
    case = """
title = "水路"
dem = "g.npy"
hours = 0.3
cell_m = 10.0
north_m = 120.0
precision = "float64"
[[channel]]
line = [[5.0, 65.0], [105.0, 65.0], [195.0, 35.0]]
width_m = 3.0
depth_m = 1.5
[[inflow]]
at = [[5.0, 65.0]]
values = [1.0]
[[edge]]
side = "east"
kind = "free"
"""
    plan = decode_case(case.encode())
    maps = run(case_of(plan, ground_of(tmp_path, plan)))
    assert maps.channel_m is not None
    assert maps.channel_m[5, 0] > 0.1
    assert maps.channel_m[8, 19] > 0.1, "else the line is broken"
    assert maps.max_depth_m.max() < 0.01
    out = case.replace("195.0, 35.0", "295.0, 35.0")
    with pytest.raises(InputError, match="leaves the ground"):
        case_of(decode_case(out.encode()), ground_of(tmp_path, plan))


def test_ground_that_was_imported_is_named_by_its_key(tmp_path: Path) -> None:
    cell = 0.4 / 3600
    payload = Payload(
        data=geotiff(slope(60, 80), (139.75, 35.75), cell, 4326), name="dem.tif",
        address="dem.tif", digest="0" * 64, taken_at=now(),
    )  # fmt: skip
    made = elevation.parse(payload, None)  # type: ignore[arg-type]
    store = MemoryStore()
    for blob in made.blobs:
        store.put_blob(blob)
    store.put(made.records, at=now())
    plan = plan_of(f"hazards.elevation/{made.records[0].key}", crs="EPSG:6677", cell_m=20.0)
    found = ground_of(tmp_path, plan, lambda: Reader(store, default_catalog(), OPERATOR))
    # 80 columns of 0.4 s are 804 m here, 60 rows 739 m.
    assert found.height_m.shape == pytest.approx((36, 39), abs=1)
    assert -np.diff(found.height_m.mean(axis=0)).mean() == pytest.approx(0.199, rel=0.02)
    with pytest.raises(InputError, match="no data folder"):
        ground_of(tmp_path, plan)
