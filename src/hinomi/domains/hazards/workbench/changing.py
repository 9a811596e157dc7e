"""A case and what a scenario changes of it, into what the kernel runs."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import msgspec

from hinomi.domains.hazards.collections.scenarios import Changes, ScenarioCase
from hinomi.domains.hazards.predict_inundation import Curve, FloodCase, Ground, case_of
from hinomi.kernel.errors import InputError

if TYPE_CHECKING:
    from hinomi.science.inundation.run import Case

MOST_FACTOR = 10.0
MOST_HOURS = 240.0
MOST_THINGS = 20
"""Breaches, edits, pumps and gates of one kind."""


def checked(changes: Changes) -> Changes:
    """Return changes that make sense by themselves.

    Raises:
        InputError: a factor, a width or a number of things is out of range.
    """
    factors = {"rain_factor": changes.rain_factor, "inflow_factor": changes.inflow_factor}
    for name, factor in factors.items():
        if not 0 <= factor <= MOST_FACTOR:
            raise InputError(f"{name}={factor:g}: expected 0 to {MOST_FACTOR:g} (倍率)。")
    if changes.hours is not None and not 0 < changes.hours <= MOST_HOURS:
        raise InputError(f"hours={changes.hours:g}: expected up to {MOST_HOURS:g} (時間)。")
    if changes.manning is not None and not 0 < changes.manning <= 1:
        raise InputError(f"manning={changes.manning:g}: expected 0 to 1 (粗度係数)。")
    _things(changes)
    return changes


def _things(changes: Changes) -> None:
    for name in ("breach", "dem", "pump", "gate"):
        things = getattr(changes, name) or ()
        if len(things) > MOST_THINGS:
            raise InputError(
                f"{name}: {len(things)}; expected at most {MOST_THINGS} (多すぎます)。"
            )
    for edit in changes.dem:
        if len(edit.line) < 2 or not -50 <= edit.by_m <= 50:
            raise InputError(
                "dem: expected a line of two points or more, by -50 to 50 m.",
                "地盤の変更は2点以上の線と、-50から50 mの高さで指定してください。",
            )
    for gate in changes.gate:
        if any(end <= start for start, end in gate.closed_min):
            raise InputError("gate: it opens before it closes (水門の開閉の順が逆です)。")


def planned(case: ScenarioCase, changes: Changes) -> FloodCase:
    """Return the case's plan under changed rain, inflow, roughness, sewers and hours."""
    plan = msgspec.convert(case.plan, FloodCase)
    rain = plan.rain_mm_h
    if changes.rain_mm_h is not None:
        rain = Curve(changes.rain_mm_h.values, changes.rain_mm_h.minutes)
    if rain is not None:
        rain = _times(rain, changes.rain_factor)
    elif changes.rain_factor != 1:
        raise InputError(
            "rain_factor: the case has no rain; give rain_mm_h.",
            "このケースには雨がありません。雨量(rain_mm_h)を与えてください。",
        )
    given: dict[str, Any] = {
        name: getattr(changes, name)
        for name in ("manning", "drain_mm_h", "hours")
        if getattr(changes, name) is not None
    }
    edges = tuple(
        _times(edge, changes.inflow_factor) if edge.kind == "flow" else edge for edge in plan.edge
    )
    return msgspec.structs.replace(
        plan, rain_mm_h=rain, edge=edges,
        inflow=tuple(_times(one, changes.inflow_factor) for one in plan.inflow),
        breach=plan.breach if changes.breach is None else (), **given,
    )  # fmt: skip


def prepared(case: ScenarioCase, changes: Changes, ground: Ground) -> tuple[FloodCase, Case]:
    """Return the plan and what the kernel runs: ground, breaches, pumps and gates changed too.

    Raises:
        InputError: a place lies outside the ground, or the changes make no sense.
    """
    from hinomi.science.inundation.gates import Gate  # noqa: PLC0415
    from hinomi.science.inundation.run import EdgeSeries  # noqa: PLC0415
    from hinomi.science.inundation.sources import Breach, Pump, Source  # noqa: PLC0415

    plan = planned(case, checked(changes))
    where = Where(plan.crs, ground)
    bed = where.edited(changes)
    work = case_of(plan, msgspec.structs.replace(ground, height_m=bed))
    sources: list[Source] = list(work.sources)
    for one in changes.breach or ():
        cells = where.around(one.place, one.width_m)
        low = where.beside(bed, cells) if one.bottom_m is None else one.bottom_m
        sources.append(Breach(cells, low, 60 * one.start_min, 60 * one.duration_min))
    sources += [Pump(where.cell(p.place), p.capacity_m3_s, p.on_m, p.off_m) for p in changes.pump]
    gates: list[EdgeSeries] = [
        Gate(
            cells=where.around(g.place, g.width_m), crest_m=g.crest_m,
            closed_s=tuple((60 * start, 60 * end) for start, end in g.closed_min),
        )
        for g in changes.gate
    ]  # fmt: skip
    return plan, replace(work, sources=tuple(sources), edges=(*work.edges, *gates))


class Where:
    """Places on a ground: longitude, latitude to cells."""

    def __init__(self, crs: str, ground: Ground) -> None:
        from pyproj import Transformer  # noqa: PLC0415

        self._ground = ground
        self._to_plane = Transformer.from_crs("EPSG:4326", crs, always_xy=True)

    def cell(self, place: tuple[float, float]) -> tuple[int, int]:
        """Return row and column.

        Raises:
            InputError: the place is outside.
        """
        row, column = self._floats(place)
        rows, columns = self._ground.height_m.shape
        if not (0 <= row < rows and 0 <= column < columns):
            raise InputError(
                f"{place[0]:.4f}, {place[1]:.4f} is outside the case's ground.",
                f"{place[0]:.4f}, {place[1]:.4f} はケースの範囲の外です。",
            )
        return int(row), int(column)

    def around(self, place: tuple[float, float], width_m: float) -> tuple[tuple[int, int], ...]:
        """Return the cells whose middle is within half a width; at least the place's own."""
        import numpy as np  # noqa: PLC0415

        if not 0 < width_m <= 5_000:
            raise InputError(f"width_m={width_m:g}: expected 0 to 5,000 m (幅)。")
        own = self.cell(place)
        row, column = self._floats(place)
        reach = width_m / 2 / self._ground.cell_m
        rows, columns = self._ground.height_m.shape
        span = int(reach) + 1
        r = np.arange(max(own[0] - span, 0), min(own[0] + span + 1, rows))
        c = np.arange(max(own[1] - span, 0), min(own[1] + span + 1, columns))
        near = np.hypot((r + 0.5 - row)[:, None], (c + 0.5 - column)[None, :]) <= reach
        found = {(int(r[i]), int(c[j])) for i, j in zip(*np.nonzero(near), strict=True)}
        return tuple(sorted(found | {own}))

    def beside(self, bed: Any, cells: tuple[tuple[int, int], ...]) -> float:
        """Return the middle height of the ground beside a levee's cells: what a breach cuts to."""
        import numpy as np  # noqa: PLC0415

        rows, columns = np.array(cells).T
        part = bed[
            max(rows.min() - 2, 0) : rows.max() + 3, max(columns.min() - 2, 0) : columns.max() + 3
        ]
        crest = float(bed[rows, columns].max())
        lower = part[part < crest]
        return float(np.median(lower)) if lower.size else crest

    def edited(self, changes: Changes) -> Any:
        """Return the elevation with the scenario's lines raised or cut."""
        import numpy as np  # noqa: PLC0415

        bed = np.array(self._ground.height_m, copy=True)
        rows, columns = bed.shape
        for edit in changes.dem:
            half = max(edit.width_m / self._ground.cell_m / 2, 0.5)
            points = [self._floats(point) for point in edit.line]
            for point in edit.line:
                self.cell(point)  # Refused where it is outside.
            mask = np.zeros(bed.shape, bool)
            for (r0, c0), (r1, c1) in pairwise(points):
                # Points a third of a cell apart: no gap, not even along a diagonal.
                steps = max(int(np.hypot(r1 - r0, c1 - c0) * 3), 1)
                for t in np.linspace(0, 1, steps + 1):
                    row, column = r0 + t * (r1 - r0), c0 + t * (c1 - c0)
                    top, left = int(max(row - half, 0)), int(max(column - half, 0))
                    bottom = int(min(np.ceil(row + half), rows))
                    right = int(min(np.ceil(column + half), columns))
                    mask[top:bottom, left:right] = True
            bed[mask] += edit.by_m
        return bed

    def _floats(self, place: tuple[float, float]) -> tuple[float, float]:
        ground = self._ground
        x, y = self._to_plane.transform(*place)
        return (ground.north_m - y) / ground.cell_m, (x - ground.west_m) / ground.cell_m


def _times(curve: Any, factor: float) -> Any:
    return msgspec.structs.replace(curve, values=tuple(value * factor for value in curve.values))
