"""Predict: an inundation run as a coverage of depth over time, to be played and probed."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from hinomi.domains.hazards.collections.depths import DEPTH_STEP_M
from hinomi.domains.hazards.collections.inundation_forecasts import (
    INUNDATION_DEPTHS,
    InundationDepths,
)
from hinomi.domains.hazards.predict_inundation import LIMITS, SOURCE, FloodCase, Ground
from hinomi.kernel.errors import InputError
from hinomi.kernel.records import Interval, Origin, Record
from hinomi.vocabulary.grids import box

if TYPE_CHECKING:
    from hinomi.science.inundation.run import Maps

MOST_MOMENTS = 72
"""More make no loop that anybody waits for."""
MOST_VALUES = 200_000_000
"""Cells by moments that are kept while a run goes on: 800 MB."""
LEAST_EVERY_S = 300.0


def every_s(plan: FloodCase, ground: Ground) -> float:
    """Return how often a run's depth is kept [s]."""
    most = max(min(MOST_MOMENTS, MOST_VALUES // int(ground.height_m.size)), 1)
    return max(3600.0 * plan.hours / most, LEAST_EVERY_S)


class Frames:
    """The depths of a run, as it goes on."""

    def __init__(self) -> None:
        self.times_s: list[float] = []
        self.depths_m: list[Any] = []

    def begin(self, ground: Ground) -> None:
        """Keep the start, before any water: what is played begins with it."""
        import numpy as np  # noqa: PLC0415

        self.times_s.append(0.0)
        self.depths_m.append(np.zeros(ground.height_m.shape, np.float32))

    def __call__(self, maps: Maps) -> None:
        """Keep one moment; thin water under a millimetre is none, and a debt is none either."""
        import numpy as np  # noqa: PLC0415

        self.times_s.append(maps.time_s)
        self.depths_m.append(np.where(maps.depth_m > 1e-3, maps.depth_m, 0).astype(np.float32))


def depths_record(
    whole: Record, plan: FloodCase, ground: Ground, frames: Frames
) -> tuple[Record, bytes]:
    """Return the record of a run's depths over time, and its grid.

    Args:
        whole: the run's own record: its times, marking and words hold for this one too.
        plan: the case; it has a plane.
        ground: its elevation.
        frames: what was kept.

    Raises:
        InputError: the case has no plane, so nothing of it can be laid on the map.
    """
    import numpy as np  # noqa: PLC0415

    from hinomi.science import coverages  # noqa: PLC0415

    if not plan.crs or not frames.times_s:
        raise InputError("case: crs is needed to lay a run on the map (crsが必要です)。")
    start = whole.when.start
    assert start is not None  # noqa: S101 - a run's record has one
    plane = plane_of(plan.crs, ground)
    laid = [coverages.to_degrees(depth, plane) for depth in frames.depths_m]
    bounds = laid[0][1]
    moments = tuple(start + timedelta(seconds=round(second)) for second in frames.times_s)
    values = np.stack([one for one, _ in laid])
    packed = coverages.pack(
        coverages.Packed(
            parameter="depth_m", unit="m", times=moments, bounds=bounds, values=values
        ),
        DEPTH_STEP_M,
    )
    digest = sha256(packed).hexdigest()
    west, south, east, north = (round(v, 7) for v in bounds)
    body = InundationDepths(
        parameter="depth_m", unit="m", bounds=(west, south, east, north), rows=values.shape[1],
        columns=values.shape[2], moments=moments, grid_digest=digest, error=DEPTH_STEP_M / 2,
        network=whole.body.run, title=plan.title, run=whole.body.run,
        deepest_m=round(float(np.nanmax(values)), 2), kernel=whole.body.kernel,
        inputs=whole.body.inputs, parameters=whole.body.parameters,
        code_version=whole.body.code_version, uncertainty=whole.body.uncertainty,
        limits=LIMITS.ja, limits_en=LIMITS.en,
    )  # fmt: skip
    record = Record(
        collection=INUNDATION_DEPTHS.id, key=whole.body.run, said_at=whole.said_at, body=body,
        source=SOURCE, when=Interval(start, max(moments[-1], start)),
        place=box(west, south, east, north), marking=whole.marking,
        origin=Origin(digest=whole.origin.digest, run=whole.origin.run),
    )  # fmt: skip
    return record, packed


def plane_of(crs: str, ground: Ground) -> Any:
    """Return where a ground lies in its plane, for what lays it on longitude and latitude."""
    from pyproj import Proj  # noqa: PLC0415

    from hinomi.science.coverages import Plane  # noqa: PLC0415

    rows, columns = ground.height_m.shape
    back = Proj(crs, preserve_units=True)
    east = ground.west_m + columns * ground.cell_m
    south = ground.north_m - rows * ground.cell_m
    west_lon, south_lat = back(ground.west_m, south, inverse=True)
    east_lon, north_lat = back(east, ground.north_m, inverse=True)
    return Plane(crs, (float(west_lon), float(south_lat)), (float(east_lon), float(north_lat)))
