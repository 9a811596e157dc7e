"""Runs side by side: figures, scores of each against the first, and pictures of their maps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from hinomi.domains.hazards.collections.scenarios import (
    SCENARIO_MAPS,
    SCENARIO_RUNS,
    ScenarioRun,
    Score,
)
from hinomi.domains.hazards.workbench.running import DEEP_M, number, score_of
from hinomi.kernel.errors import InputError, MissingError, Text
from hinomi.kernel.reader import Reader
from hinomi.vocabulary.grids import Grid

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hinomi.science.coverages import Packed

MOST_RUNS = 6
LEAST_M = 0.05
"""As in ``science/inundation/ranks.py``: less is called dry."""
MOST_PX = 1_024
GREYS = 24
"""Of the ground in a picture."""


def runs_of(reader: Reader, keys: Sequence[str]) -> list[ScenarioRun]:
    """Return runs in the order in which they are named.

    Raises:
        MissingError: one is not there, or not for this reader.
        InputError: too many at once.
    """
    if not 1 <= len(keys) <= MOST_RUNS:
        raise InputError(f"runs: expected 1 to {MOST_RUNS} (計算は{MOST_RUNS}件までです)。")
    found = {item.key: item for item in reader.find(SCENARIO_RUNS.id, keys=tuple(keys)).items}
    for key in keys:
        if key not in found:
            raise MissingError(Text("シナリオの計算", "scenario run"), key)
    return [msgspec.convert(found[key].body(), ScenarioRun) for key in keys]


def compared(reader: Reader, keys: Sequence[str]) -> list[dict[str, Any]]:
    """Return each run with its figures and its scores, those against the first run included."""
    runs = runs_of(reader, keys)
    first = runs[0]
    # Opened once, however many runs are held against it.
    reference = grid_of(reader, keys[0]) if len(runs) > 1 and first.state == "done" else None
    told = []
    for key, run in zip(keys, runs, strict=True):
        scores = list(run.scores)
        if run is not first and run.state == "done" and reference is not None:
            scores += _against((run, grid_of(reader, key)), (keys[0], first, reference))
        told.append({"key": key, "run": run, "scores": scores})
    return told


def _against(
    one: tuple[ScenarioRun, Packed], other: tuple[str, ScenarioRun, Packed]
) -> list[Score]:
    (run, said), (first_key, first, came) = one, other
    reference = {trace.name: trace for trace in first.traces}
    scores = [
        score_of(trace, reference[trace.name], first_key)
        for trace in run.traces
        if trace.name in reference
    ]
    if said.bounds == came.bounds and said.values.shape == came.values.shape:
        scores.append(map_score(said.values[0], came.values[0], first_key))
    return scores


def map_score(said: NDArray[np.float32], came: NDArray[np.float32], against: str) -> Score:
    """Return how a map of greatest depth stands to another one of the same cells."""
    from hinomi.science.scores import csi, rmse  # noqa: PLC0415

    # Where both are dry nothing is said: a large dry plain would make every error small.
    wet = (said >= LEAST_M) | (came >= LEAST_M)
    apart = rmse(said[wet], came[wet]) if wet.any() else float("nan")
    return Score(
        of="map", against=against, csi=number(csi(said, came, LEAST_M)),
        csi_deep=number(csi(said, came, DEEP_M)), rmse_m=number(apart),
        peak_error_m=number(float(np.nanmax(said) - np.nanmax(came))),
    )  # fmt: skip


def grid_of(reader: Reader, run: str, parameter: str = "max_depth_m") -> Packed:
    """Return a run's map.

    Raises:
        MissingError: there is none, or it is not for this reader.
    """
    from hinomi.science.coverages import unpack  # noqa: PLC0415 - heavy

    # The relief lies with the greatest depth, and has no record of its own.
    of = "max_depth_m" if parameter == "relief" else parameter
    item = reader.get(SCENARIO_MAPS.id, f"{run}/{of}")
    return unpack(reader.blob(item, str(item.body()["grid_digest"])), parameter)


def moment_of(reader: Reader, run: str, parameter: str, moment: int) -> Packed:
    """Return one moment of a run's map, the last where it has fewer; no other is decoded.

    Raises:
        MissingError: there is none, or it is not for this reader.
    """
    from hinomi.science.coverages import Packed, moments_of  # noqa: PLC0415 - heavy

    item = reader.get(SCENARIO_MAPS.id, f"{run}/{parameter}")
    body = msgspec.convert(item.body(), Grid)
    at = min(moment, len(body.moments) - 1)
    values = moments_of(reader.blob(item, body.grid_digest), parameter)(at)
    return Packed(
        parameter=parameter, unit=body.unit, times=body.moments[at : at + 1], bounds=body.bounds,
        values=values[None],
    )  # fmt: skip


def place_in(reader: Reader, run: str, at: tuple[float, float]) -> dict[str, Any]:
    """Return what a run says of a place: minutes and depths, the greatest, when water came.

    ``inside`` is false where the run's ground does not reach.
    """
    from hinomi.science.coverages import over_time  # noqa: PLC0415 - heavy

    def values(parameter: str) -> tuple[Packed, list[float | None]]:
        grid = grid_of(reader, run, parameter)
        found = over_time(grid.values, grid.bounds, *at)
        return grid, [number(float(value)) for value in found]

    grid, depths = values("depth_m")
    (_, (greatest,)), (_, (arrival,)) = values("max_depth_m"), values("arrival_min")
    start = grid.times[0]
    return {
        "inside": greatest is not None,
        "times": grid.times, "depth_m": depths, "max_depth_m": greatest, "arrival_min": arrival,
        "minutes": [round((time - start).total_seconds() / 60, 2) for time in grid.times],
    }  # fmt: skip


def picture(grid: Packed, steps: tuple[float, ...]) -> NDArray[np.uint8]:
    """Return the classes of a map's first moment as pixels in Web Mercator."""
    from hinomi.science.coverages import classes_of  # noqa: PLC0415 - heavy

    return classes_of(_seen(grid, grid.values[0]), steps)


def shaded(found: NDArray[np.uint8], relief: Packed, count: int) -> NDArray[np.uint8]:
    """Return classes with the ground's relief where there are none: ``GREYS`` after ``count``."""
    ground = _seen(relief, relief.values[0])
    bare = (found == 0) & np.isfinite(ground)
    greys = np.clip(ground * GREYS, 0, GREYS - 1)
    return np.where(bare, count + 1 + np.where(bare, greys, 0).astype(np.uint8), found)


def difference(one: Packed, other: Packed, steps: tuple[float, ...]) -> NDArray[np.uint8]:
    """Return classes of how much deeper (``steps`` up) or shallower the second is.

    Class 1 to n: shallower, the most first; n + 1 to 2n: deeper.

    Raises:
        InputError: they are of different ground.
    """
    if one.bounds != other.bounds or one.values.shape[1:] != other.values.shape[1:]:
        raise InputError(
            "The two runs are of different ground; compare runs of one case.",
            "地盤の範囲が違う計算です。同じケースの計算どうしを比べてください。",
        )
    apart = _seen(one, other.values[0] - one.values[0])
    deeper = np.searchsorted(np.asarray(steps), apart, side="right")
    shallower = np.searchsorted(np.asarray(steps), -apart, side="right")
    found = np.zeros(apart.shape, np.uint8)
    count = len(steps)
    found[deeper > 0] = count + deeper[deeper > 0]
    found[shallower > 0] = count + 1 - shallower[shallower > 0]
    found[~np.isfinite(apart)] = 0
    return found


def _seen(grid: Packed, values: NDArray[np.float32]) -> NDArray[np.float32]:
    from hinomi.science.coverages import window  # noqa: PLC0415 - heavy

    west, south, east, north = grid.bounds
    box = (*_metres(west, south), *_metres(east, north))
    rows, columns = values.shape
    # Sharp cells where they are few, and never more than is seen.
    fold = max(min(MOST_PX // max(rows, columns), 4), 1)
    height, width = min(rows * fold, MOST_PX), min(columns * fold, MOST_PX)
    return window(values, grid.bounds, box, (width, height))


def _metres(longitude: float, latitude: float) -> tuple[float, float]:
    radius = 6_378_137.0  # [m] of Web Mercator's sphere (EPSG:3857)
    y = np.log(np.tan(np.pi / 4 + np.radians(latitude) / 2))
    return float(radius * np.radians(longitude)), float(radius * y)
