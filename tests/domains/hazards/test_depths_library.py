"""Depth with a library of runs: chosen by what is there, said why, and a dry sensor stays dry."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hinomi.domains.hazards.collections.inundation_forecasts import (
    INUNDATION_DEPTHS,
    InundationDepths,
)
from hinomi.kernel.marking import ANONYMOUS, Disclosure, Marking, Status
from hinomi.kernel.records import Interval, Record
from hinomi.science.coverages import Packed, pack
from hinomi.science.depths.analogues import Blend, blend, joined, weigh
from hinomi.science.depths.ground import Ground
from hinomi.science.depths.surface import Surface
from hinomi.vocabulary.grids import box
from tests.domains.hazards.test_depths import BOUNDS, COLUMNS, ROWS, T0, Town, basin


def depth_of(level_m: float) -> np.ndarray:
    """Return water at one level in both basins."""
    return np.maximum(level_m - basin(), 0.0)


def put_run(town: Town, name: str, *fields: np.ndarray, marking: Marking | None = None) -> None:
    """Put a run of an hour a field into the library."""
    moments = tuple(T0 - timedelta(days=9) + timedelta(hours=n) for n in range(len(fields)))
    grid = pack(
        Packed(
            parameter="depth_m", unit="m", times=moments, bounds=BOUNDS,
            values=np.stack(fields).astype(np.float32),
        ),
        0.01,
    )  # fmt: skip
    town.store.put_blob(grid)
    body = InundationDepths(
        parameter="depth_m", unit="m", bounds=BOUNDS, rows=ROWS, columns=COLUMNS, moments=moments,
        grid_digest=sha256(grid).hexdigest(), network=name, run=name, title=f"計算{name}",
    )  # fmt: skip
    record = Record(
        collection=INUNDATION_DEPTHS.id, key=name, said_at=moments[0], body=body, source="hinomi",
        when=Interval(moments[0], moments[-1]), place=box(*BOUNDS), marking=marking or Marking(),
    )  # fmt: skip
    town.store.put([record], at=T0)


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path)


WEST, WEST2, EAST = (
    ("W", 139.0015, 35.0025), ("W2", 139.0020, 35.0035), ("E", 139.0045, 35.0025),
)  # fmt: skip


def flooded(town: Town, **more: Any) -> None:
    town.say((*WEST, "wet20"), (*WEST2, "wet20"), (*EAST, "dry"), **more)


def west_only(depth_m: float) -> np.ndarray:
    field = np.where(basin() < 0, depth_m, 0.0)
    field[:, 30:] = 0.0
    return field


def test_without_a_library_the_surface_is_taken_and_that_is_said(town: Town) -> None:
    flooded(town)
    (made,) = town.maps()
    assert made.body()["method"] == "surface"
    assert "ライブラリー" in made.body()["method_why"]
    assert "No run" in made.body()["method_why_en"]


def test_the_run_that_looks_like_it_speaks_and_is_named(town: Town) -> None:
    put_run(town, "A", west_only(0.0), west_only(0.25))
    put_run(town, "B", west_only(1.8), depth_of(1.5))
    flooded(town)
    (made,) = town.maps()
    body = made.body()
    assert body["method"] == "analogues"
    first = body["runs"][0]
    assert (first["run"], first["explained"]) == ("A", 1.0)
    when = datetime.fromisoformat(first["moment"])
    assert when == T0 - timedelta(days=9) + timedelta(hours=1)
    assert "センサー3台の100%" in body["method_why"]
    inputs = town.reader().trace(made.id).origins[0][0].inputs
    assert len(inputs) >= 5, "three sensors, the ground, and the run"
    depth = town.depth(made)
    assert np.nanmedian(depth[1:-1, 1:30]) == pytest.approx(0.25, abs=0.05)
    row, column = (
        int((BOUNDS[3] - EAST[2]) / 0.005 * ROWS),
        int((EAST[1] - 139.0) / 0.006 * COLUMNS),
    )
    assert depth[row, column] == 0, "a dry sensor never ends wet"


def test_what_is_outside_the_library_is_said_and_the_surface_is_taken(town: Town) -> None:
    put_run(town, "B", depth_of(2.5), depth_of(3.0))
    flooded(town)
    (made,) = town.maps()
    body = made.body()
    assert body["method"] == "surface"
    assert "範囲外" in body["method_why"]
    assert "outside the library" in body["method_why_en"]
    assert body["runs"] == []


def test_a_new_run_makes_the_map_anew(town: Town) -> None:
    flooded(town)
    put_run(town, "A", west_only(0.25))
    town.models.catch_up()
    newest = max(town.maps(), key=lambda m: m.seq)
    assert newest.body()["method"] == "analogues"


def test_a_run_of_an_exercise_or_a_closed_one_does_not_speak_to_others(town: Town) -> None:
    put_run(town, "X", west_only(0.25), marking=Marking(Status.EXERCISE))
    put_run(town, "S", west_only(0.25), marking=Marking(Status.ACTUAL, Disclosure.AMBER))
    flooded(town)
    (seen,) = town.maps(who=ANONYMOUS)
    assert seen.body()["method"] == "surface"
    assert [m.body()["runs"][0]["run"] for m in town.maps() if m.body()["runs"]] == ["S"]


@pytest.mark.parametrize("seed", range(12))
def test_a_dry_sensor_never_ends_wet_whatever_the_library_says(seed: int) -> None:
    rng = np.random.default_rng(seed)
    ground = rng.random((30, 30)).astype(np.float32) * 2
    row, column = rng.choice(30, 8, replace=False), rng.choice(30, 8, replace=False)
    low = np.where(rng.random(8) < 0.5, 0.0, 0.2)
    surface = Surface(Ground(ground, 10.0, 10.0), row, column)
    surface.observe(low, np.where(low > 0, 0.3, 0.1))
    mean = rng.random((30, 30)).astype(np.float32) * 3
    library = Blend(mean, np.full_like(mean, 0.1), np.ones_like(mean))
    depth, error = joined(surface.depth_m, surface.error_m, library)
    assert (depth[row[low <= 0], column[low <= 0]] == 0).all()
    assert np.isfinite(depth).all()
    assert (depth >= 0).all()
    told = np.isfinite(surface.error_m)
    assert (error[told] <= surface.error_m[told] + 1e-6).all(), "two words are surer than one"


def test_an_error_in_a_twin_falls_where_the_library_has_the_like() -> None:
    """A twin: the truth is a run that is not in the library, between two that are."""
    z = basin()
    truth = np.where(z < 0, 0.35, 0.0)
    runs = [np.where(z < 0, depth, 0.0) for depth in (0.05, 0.25, 0.45, 0.9, 1.5)]
    row, column = np.array([10, 20, 30]), np.array([10, 12, 15])
    at = np.stack([run[row, column] for run in runs])
    said = truth[row, column]
    found = weigh(at, said - 0.02, said + 0.02)
    surface = Surface(Ground(z, 11.0, 11.0), row, column)
    surface.observe(said - 0.02, said + 0.02)
    whole, _ = joined(surface.depth_m, surface.error_m, blend(runs, found.weights))
    alone = np.nan_to_num(surface.depth_m)
    rmse = [float(np.sqrt(((one - truth) ** 2).mean())) for one in (alone, whole)]
    assert rmse[1] < 0.6 * rmse[0], "behind the ridge only the runs know"
