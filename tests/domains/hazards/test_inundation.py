"""A flood case's file becomes a run, and the run records that nobody takes for official."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from hinomi.apps.cli import main
from hinomi.domains.hazards.collections.inundation_forecasts import (
    INUNDATION_DEPTHS,
    INUNDATION_FORECASTS,
)
from hinomi.domains.hazards.predict_inundation import (
    Ground,
    case_of,
    decode_case,
    records_of,
)
from hinomi.domains.hazards.share.inundation import INUNDATION_LAYER
from hinomi.kernel.errors import InputError
from hinomi.kernel.marking import OPERATOR, Marking, Status
from hinomi.kernel.reader import statuses
from hinomi.runtime.opening import reading_service
from hinomi.science.coverages import from_zarr, unpack
from hinomi.science.inundation.ranks import RANKS
from hinomi.science.inundation.run import run

CASE = """
title = "町の堤防"
dem = "ground.asc"
hours = 0.2
crs = "EPSG:6677"
kernel = "finite-volume"
precision = "float64"
[rain_mm_h]
minutes = [0, 10]
values = [60, 20]
[[inflow]]
at = [[45.0, 145.0]]
values = [25.0]
[[breach]]
at = [[205.0, 145.0]]
bottom_m = 4.0
start_min = 2
[[edge]]
side = "east"
kind = "free"
"""


def ground() -> np.ndarray:
    bed = np.tile(5 - 0.02 * np.arange(30.0), (20, 1))
    bed[:, 20] = 7
    return bed


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a case and its elevation."""
    rows = "\n".join(" ".join(f"{value:.3f}" for value in row) for row in ground())
    head = "ncols 30\nnrows 20\nxllcorner 0\nyllcorner 0\ncellsize 10\nNODATA_value -9999\n"
    (tmp_path / "ground.asc").write_text(head + rows)
    (tmp_path / "case.toml").write_text(CASE)
    return tmp_path


def test_the_records_say_what_they_are_made_of_and_that_they_are_ours() -> None:
    plan = decode_case(CASE.encode())
    place = Ground(ground(), 10.0, 0.0, 200.0, "d" * 64)
    maps = run(case_of(plan, place))
    issued = datetime(2026, 9, 1, tzinfo=UTC)
    made = records_of(plan, place, maps, b"grid", issued, Marking(Status.EXERCISE))
    whole, parts = made[0].body, [record for record in made if record.body.part == "depth"]
    assert {record.marking.status for record in made} == {Status.EXERCISE}
    assert whole.deepest_m == maps.max_depth_m.max()
    assert abs(whole.balance_error) < 1e-9
    assert all((whole.inputs, whole.parameters, whole.code_version, whole.uncertainty))
    assert "not JMA's" in whole.limits_en
    assert sum(record.body.area_m2 for record in parts) == pytest.approx(whole.area_m2)
    assert len(parts) >= 2
    for record in parts:
        assert record.place is not None
        lon, lat = np.array(record.place["coordinates"][0][0]).T
        # The origin of 平面直角座標系 IX is 139°50' E, 36° N.
        assert 139.83 < lon.min() <= lon.max() < 139.84
        assert 35.99 < lat.min() <= lat.max() < 36.01


def test_the_command_records_a_run_whose_grids_can_be_fetched(folder: Path) -> None:
    data = folder / "data"
    out = folder / "grids.nc"
    given = ["simulate", "flood", str(folder / "case.toml"), "--data", str(data)]
    assert main([*given, "--out", str(out)]) == 0
    assert out.exists()
    service = reading_service(data)
    actual = service.reader(OPERATOR, status=statuses("actual"))
    assert list(actual.every(INUNDATION_FORECASTS.id)) == [], "a run is a test unless said"
    test = service.reader(OPERATOR, status=statuses("test"))
    found = {stored.key.partition("/")[2]: stored for stored in test.every(INUNDATION_FORECASTS.id)}
    digest = found["run"].body()["grid_digest"]
    packed = service.store.blob(digest)
    assert packed is not None
    assert float(from_zarr(packed).max_depth_m.max()) == found["run"].body()["deepest_m"]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ('kernel = "magic"', "kernel"),
        ("rain = 3", "rain"),
        ("hours = [", "case"),
    ],
)
def test_a_case_that_is_wrong_is_refused_and_says_where(wrong: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        decode_case(f'title = "t"\ndem = "d.asc"\nhours = 1\n{wrong}'.encode())


@pytest.mark.parametrize("spoil", ["-9999", "../other.asc", "missing.asc"])
def test_elevation_that_cannot_be_used_is_refused(folder: Path, spoil: str) -> None:
    ascii_grid = folder / "ground.asc"
    if spoil == "-9999":
        ascii_grid.write_text(ascii_grid.read_text().replace("7.000", spoil, 1))
    else:
        (folder / "case.toml").write_text(CASE.replace("ground.asc", spoil))
    given = ["simulate", "flood", str(folder / "case.toml"), "--data", str(folder / "data")]
    assert main(given) != 0
    assert not (folder / "data" / "hinomi.db").exists()


def test_the_maps_colours_are_the_handbooks() -> None:
    drawn = {one.value: one.colour for one in INUNDATION_LAYER.classes}
    assert drawn == {rank.number: rank.colour for rank in RANKS}


def test_a_run_is_laid_on_the_map_moment_by_moment(folder: Path) -> None:
    data = folder / "data"
    case = (folder / "case.toml").read_text().replace("hours = 0.2", "hours = 0.3")
    (folder / "case.toml").write_text(case)
    given = ["simulate", "flood", str(folder / "case.toml"), "--data", str(data)]
    assert main([*given, "--status", "exercise"]) == 0
    service = reading_service(data)
    assert not list(service.reader(OPERATOR).every(INUNDATION_DEPTHS.id)), "no drill in actual"
    exercise = service.reader(OPERATOR, status=statuses("exercise"))
    (made,) = exercise.every(INUNDATION_DEPTHS.id)
    body = made.body()
    whole = exercise.get(INUNDATION_FORECASTS.id, f"{body['run']}/run").body()
    grid = unpack(exercise.blob(made, body["grid_digest"]))
    assert len(grid.times) == len(body["moments"]) == 4
    assert grid.times[-1] == made.when.end
    assert float(np.nanmax(grid.values)) <= whole["deepest_m"] + 0.006
    assert float(np.nanmax(grid.values[-1])) > 0.3
    wet = [float((one > 0.05).sum()) for one in grid.values]
    assert wet == sorted(wet), "it spreads"
    assert "not JMA's" in body["limits_en"]
