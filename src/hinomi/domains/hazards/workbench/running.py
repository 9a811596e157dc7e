"""A scenario's run: from case and changes to maps, figures, traces and scores."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from hinomi.domains.hazards.collections.depths import DEPTH_STEP_M
from hinomi.domains.hazards.collections.scenarios import (
    Changes,
    Figures,
    Gauge,
    ScenarioCase,
    Score,
    Trace,
)
from hinomi.domains.hazards.predict_inundation import LIMITS, FloodCase, Ground, records_of
from hinomi.domains.hazards.predict_inundation_grids import (
    Frames,
    depths_record,
    every_s,
    plane_of,
)
from hinomi.domains.hazards.workbench.changing import Where, prepared
from hinomi.domains.hazards.workbench.grounds import Exposure, unpack
from hinomi.kernel.errors import InputError
from hinomi.kernel.marking import Marking
from hinomi.kernel.records import Record

if TYPE_CHECKING:
    from hinomi.science.inundation.run import Maps

MOST_CELL_STEPS = 2e10
"""About two minutes of one core with the inertial kernel, half an hour with the other."""
LONGEST_STEP_S = 60.0
"""As in ``science/inundation/run.py``: no step is longer, so that a run costs at least so much."""
ARRIVAL_STEP_MIN = 0.2
DEEP_M = 0.5
"""[m] From here on walking is not possible and floors are wet: rank 2."""


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """All that a run needs; it may be sent to another process."""

    case: ScenarioCase
    changes: Changes
    ground: bytes
    starts_at: datetime
    most_cell_steps: float = MOST_CELL_STEPS


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """All that a run gives; it may be sent back."""

    figures: Figures
    traces: tuple[Trace, ...]
    scores: tuple[Score, ...]
    steps: int
    cells: int
    bounds: tuple[float, float, float, float]
    rows: int
    columns: int
    moments: tuple[datetime, ...]
    extremes: bytes
    """Zipped Zarr of max_depth_m, max_speed_m_s, arrival_min and the ground's relief."""
    depths: bytes
    """Zipped Zarr of depth_m over time."""
    kernel: str
    parameters: str


class Forecast(msgspec.Struct, frozen=True, kw_only=True):
    """What makes a case a forecast: which run it is, and who may see it."""

    run: str
    issued_at: datetime
    marking: Marking


class Foretold(msgspec.Struct, frozen=True):
    """A forecast's records, and the grids that they name."""

    records: list[Record]
    blobs: list[bytes]


def foretell(
    task: Task, forecast: Forecast, told: Callable[[float], None], stopped: Callable[[], bool]
) -> Foretold:
    """Run a case as it stands, as a forecast: areas by depth, and depth over time.

    Raises:
        InputError: it costs more than it may.
        StoppedError: it was stopped.
    """
    from hinomi.science.coverages import zarr_bytes  # noqa: PLC0415
    from hinomi.science.inundation.grids import Georeference, dataset  # noqa: PLC0415

    ground, _ = unpack(task.ground, task.case)
    plan, _, (frames, maps), _ = _run(task, ground, told, stopped)
    plan = msgspec.structs.replace(plan, starts_at=task.starts_at)
    where = Georeference(
        west_m=ground.west_m, north_m=ground.north_m, cell_m=ground.cell_m, crs=plan.crs
    )
    grid = zarr_bytes(dataset(maps, where, {"title": plan.title, "limits": LIMITS.en}))
    found = records_of(
        plan, ground, maps, grid, forecast.issued_at, forecast.marking, run=forecast.run
    )
    played, depths = depths_record(found[0], plan, ground, frames)
    return Foretold([*found, played], [grid, depths])


def simulate(
    task: Task, told: Callable[[float], None], stopped: Callable[[], bool] = lambda: False
) -> Outcome:
    """Run a scenario.

    Args:
        task: case, changes and ground.
        told: is given how much is done, 0 to 1.
        stopped: tells whether it is wanted no more.

    Raises:
        InputError: the changes make no sense, or it costs more than it may.
        StoppedError: it was stopped.
    """
    ground, exposure = unpack(task.ground, task.case)
    plan, bed_m, (frames, maps), steps = _run(task, ground, told, stopped)
    cells = int(ground.height_m.size)
    traces = _traces(task.case.gauges, Where(plan.crs, ground), frames)
    laid = _laid(plan, ground, bed_m, (frames, maps), task.starts_at)
    return Outcome(
        figures=figures_of(maps, ground.cell_m, exposure), traces=traces,
        scores=scores_of(task.case.gauges, traces), steps=steps, cells=cells,
        kernel=plan.kernel, **laid,
        parameters=f"manning={plan.manning:g} precision={plan.precision} hours={plan.hours:g}",
    )  # fmt: skip


def _run(
    task: Task, ground: Ground, told: Callable[[float], None], stopped: Callable[[], bool]
) -> tuple[FloodCase, Any, tuple[Frames, Maps], int]:
    """Return plan, the ground as changed, what came of it, and the steps that it took."""
    from hinomi.science.inundation.gates import Meter  # noqa: PLC0415
    from hinomi.science.inundation.run import run  # noqa: PLC0415

    plan, work = prepared(task.case, task.changes, ground)
    cells = int(ground.height_m.size)
    _affordable(cells, plan.hours, task.most_cell_steps)
    meter = Meter(most_cell_steps=task.most_cell_steps, stopped=stopped)
    frames = Frames()
    frames.begin(ground)

    def saved(maps: Maps) -> None:
        frames(maps)
        told(min(maps.time_s / work.end_s, 1.0))

    maps = run(
        replace(work, edges=(*work.edges, meter), save_every_s=every_s(plan, ground), threads=1),
        saved=saved,
    )
    return plan, work.bed_m, (frames, maps), meter.steps


def warm(case: ScenarioCase) -> None:
    """Have the kernel compiled before a run's cost is measured: that is paid once a machine."""
    import numpy as np  # noqa: PLC0415

    from hinomi.science.inundation.run import Case, run  # noqa: PLC0415

    plan = msgspec.convert(case.plan, FloodCase)
    still = Case(
        bed_m=np.zeros((4, 4)), dx_m=10.0, end_s=1.0, kernel=plan.kernel,
        precision=plan.precision, threads=1,
    )  # fmt: skip
    run(still)


def _affordable(cells: int, hours: float, most: float) -> None:
    """Refuse at once what cannot end: so many steps there are at least."""
    least = cells * math.ceil(3600 * hours / LONGEST_STEP_S)
    if least > most:
        raise InputError(
            f"{cells:,} cells over {hours:g} h are at least {least:.2g} cell-steps; the limit is"
            f" {most:.2g}. Take coarser cells (cell_m), fewer hours or a smaller ground.",
            f"{cells:,}セル・{hours:g}時間は少なくとも{least:.2g}セル・ステップで、上限{most:.2g}を"
            "超えます。格子を粗くするか、時間か範囲を減らしてください。",
        )


def figures_of(maps: Maps, cell_m: float, exposure: Exposure | None) -> Figures:
    """Return a run in numbers."""
    import numpy as np  # noqa: PLC0415

    rank = maps.rank
    by_rank = np.bincount(rank.ravel(), minlength=7)[1:7] * cell_m**2
    people = buildings = None
    people_by_rank: tuple[float, ...] = ()
    if exposure is not None:
        at = rank[exposure.row, exposure.column]
        counted = np.bincount(at, weights=exposure.people, minlength=7)[1:7]
        people_by_rank = tuple(round(float(n), 1) for n in counted)
        people = round(float(counted.sum()), 1)
        buildings = round(float(exposure.buildings[at > 0].sum()), 1)
    arrival = maps.arrival_s[np.isfinite(maps.arrival_s)]
    return Figures(
        area_m2=float(by_rank.sum()), area_by_rank_m2=tuple(float(a) for a in by_rank),
        volume_m3=round(float(maps.volume_m3), 1),
        deepest_m=round(float(maps.max_depth_m.max()), 3),
        fastest_m_s=round(float(maps.max_speed_m_s.max()), 3),
        earliest_arrival_min=round(float(arrival.min()) / 60, 1) if arrival.size else None,
        people=people, people_by_rank=people_by_rank, buildings=buildings,
        balance_error=float(maps.balance_error),
    )  # fmt: skip


def _traces(gauges: tuple[Gauge, ...], where: Where, frames: Frames) -> tuple[Trace, ...]:
    minutes = tuple(round(second / 60, 3) for second in frames.times_s)
    found = []
    for gauge in gauges:
        cell = where.cell(gauge.place)
        depth = tuple(round(float(one[cell]), 4) for one in frames.depths_m)
        found.append(Trace(gauge.name, minutes, depth))
    return tuple(found)


def scores_of(gauges: tuple[Gauge, ...], traces: tuple[Trace, ...]) -> tuple[Score, ...]:
    """Return how the traces stand to what was measured at the gauges that have measurements."""
    by_name = {trace.name: trace for trace in traces}
    return tuple(
        score_of(
            by_name[gauge.name],
            Trace(gauge.name, gauge.observed.minutes, gauge.observed.values),
            "observed",
        )
        for gauge in gauges
        if gauge.observed is not None and gauge.name in by_name
    )


def score_of(simulated: Trace, reference: Trace, against: str) -> Score:
    """Return how one trace stands to another, at the other's times that the first reaches."""
    import numpy as np  # noqa: PLC0415

    from hinomi.science.scores import kge, nse, peak, rmse  # noqa: PLC0415

    times, came = np.array(reference.minutes, float), np.array(reference.depth_m, float)
    said = np.interp(times, simulated.minutes, simulated.depth_m)
    said[(times < simulated.minutes[0]) | (times > simulated.minutes[-1])] = np.nan
    top = peak(said, came, times)
    return Score(
        of=simulated.name, against=against, nse=number(nse(said, came)),
        kge=number(kge(said, came)), rmse_m=number(rmse(said, came)),
        peak_error_m=number(top.error), peak_late_min=number(top.late),
    )  # fmt: skip


def number(value: float) -> float | None:
    """Return a score as JSON can say it."""
    return round(value, 4) if math.isfinite(value) else None


def shade_of(bed_m: Any, cell_m: float) -> Any:
    """Return how light the ground is, 0 to 1, lit from the north-west; flat ground is 0.5."""
    import numpy as np  # noqa: PLC0415

    south, east = np.gradient(np.asarray(bed_m, np.float64), cell_m)
    slope = south + east
    usual = float(np.sqrt((slope**2).mean()))
    return 0.5 + 0.5 * np.tanh(slope / (2 * usual)) if usual > 0 else np.full(slope.shape, 0.5)


def _laid(
    plan: FloodCase, ground: Ground, bed_m: Any, results: tuple[Frames, Maps], starts_at: datetime
) -> dict[str, Any]:
    """Lay the maps on longitude and latitude, where they are, once for all of them."""
    import numpy as np  # noqa: PLC0415

    from hinomi.science import coverages  # noqa: PLC0415

    frames, maps = results
    shape = ground.height_m.shape
    numbers = np.arange(shape[0] * shape[1], dtype=np.float64).reshape(shape)
    # Cells are numbered in two digits that float32 holds exactly.
    low, bounds = coverages.to_degrees(
        (numbers % 4096).astype(np.float32), plane_of(plan.crs, ground)
    )
    high, _ = coverages.to_degrees((numbers // 4096).astype(np.float32), plane_of(plan.crs, ground))
    known = np.isfinite(low)
    cell = np.where(known, high * 4096.0 + low, 0).astype(np.int64)

    def put(values: Any) -> Any:
        found = np.asarray(values, np.float32).ravel()[cell]
        found[~known] = np.nan
        return found

    def packed(name: str, unit: str, values: Any, times: tuple[datetime, ...]) -> Any:
        return coverages.Packed(
            parameter=name, unit=unit, times=times, bounds=bounds, values=values
        )

    moments = tuple(starts_at + timedelta(seconds=round(second)) for second in frames.times_s)
    end = moments[-1:]
    shade = put(shade_of(bed_m, ground.cell_m))[None]
    extremes = coverages.pack(
        packed("max_depth_m", "m", put(np.maximum(maps.max_depth_m, 0))[None], end), DEPTH_STEP_M,
        (packed("arrival_min", "min", put(maps.arrival_s / 60)[None], end), ARRIVAL_STEP_MIN),
        (packed("relief", "1", shade, end), 1 / 64),
        (packed("max_speed_m_s", "m/s", put(maps.max_speed_m_s)[None], end), DEPTH_STEP_M),
    )  # fmt: skip
    over_time = np.stack([put(depth) for depth in frames.depths_m])
    return {
        "bounds": tuple(round(float(v), 7) for v in bounds), "rows": low.shape[0],
        "columns": low.shape[1], "moments": moments, "extremes": extremes,
        "depths": coverages.pack(packed("depth_m", "m", over_time, moments), DEPTH_STEP_M),
    }  # fmt: skip
