"""``hazards.scenario_cases``, ``_runs``, ``_maps``: what the workbench keeps."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec

from hinomi.kernel.collections import Collection, Kind, Verb
from hinomi.kernel.errors import Text
from hinomi.kernel.marking import Disclosure, Marking, Status
from hinomi.vocabulary.grids import Grid

CLOSED = Marking(Status.TEST, Disclosure.AMBER)
"""What nobody has released: a scenario that is taken for a forecast does harm."""
RunState = Literal["queued", "running", "done", "failed", "cancelled"]
OPEN_STATES: tuple[RunState, ...] = ("queued", "running")
CLOSED_STATES: tuple[RunState, ...] = ("done", "failed", "cancelled")


class Curve(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A hydrograph: values at minutes after the start."""

    minutes: tuple[float, ...]
    values: tuple[float, ...]


class Gauge(msgspec.Struct, frozen=True, kw_only=True):
    """A place where depth is followed, and what was measured there, if anything."""

    name: str
    place: tuple[float, float]
    """Longitude, latitude."""
    observed: Curve | None = None
    """[m]."""


class ScenarioCase(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Ground, water and edges from which scenarios start."""

    title: str
    plan: dict[str, Any]
    """The case as it was written (docs/reference/inundation.md)."""
    bounds: tuple[float, float, float, float]
    """West, south, east, north [degree]."""
    rows: int
    columns: int
    cell_m: float
    west_m: float
    north_m: float
    grid_digest: str
    """SHA-256 of the ground (NumPy's .npz: elevation; people and buildings where given)."""
    made_from: str = ""
    """The elevation's file or collection, and its digest."""
    people: float | None = None
    """On this ground; None: nothing is known."""
    buildings: float | None = None
    gauges: tuple[Gauge, ...] = ()
    river_code: str = ""
    """The forecast stretch whose warnings start this case by themselves."""


class BreachAt(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A levee gives way: around a place all that stands higher falls to the bottom."""

    place: tuple[float, float]
    """Longitude, latitude."""
    width_m: float = 100.0
    start_min: float = 0.0
    duration_min: float = 10.0
    bottom_m: float | None = None
    """[m, as the elevation]; None: the middle of the lower ground beside it."""


class DemEdit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Ground that is made higher or lower along a line: a levee, a road, a cut."""

    line: tuple[tuple[float, float], ...]
    """Longitude, latitude."""
    by_m: float
    width_m: float = 0.0
    """0: a cell's width."""


class PumpAt(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A pumping station that takes water off the map (排水機場, 排水ポンプ車)."""

    place: tuple[float, float]
    capacity_m3_s: float
    on_m: float = 0.3
    off_m: float = 0.1


class GateAt(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A gate (水門, 樋門): while it is closed its cells are as high as the crest."""

    place: tuple[float, float]
    width_m: float = 30.0
    crest_m: float
    closed_min: tuple[tuple[float, float], ...] = ()
    """From, to [min]; between them it is open and its ground as it lies."""


class Changes(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True,
              omit_defaults=True):  # fmt: skip
    """What a scenario changes of its case."""

    rain_factor: float = 1.0
    rain_mm_h: Curve | None = None
    """In the case's rain's place."""
    inflow_factor: float = 1.0
    breach: tuple[BreachAt, ...] | None = None
    """In the case's breaches' place; empty: no breach; None: the case's."""
    dem: tuple[DemEdit, ...] = ()
    pump: tuple[PumpAt, ...] = ()
    gate: tuple[GateAt, ...] = ()
    manning: float | None = None
    drain_mm_h: float | None = None
    hours: float | None = None


class Figures(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A run in numbers."""

    area_m2: float
    """Reached by 5 cm of water or more."""
    area_by_rank_m2: tuple[float, ...]
    """By 浸水ランク 1 to 6 of the greatest depth."""
    volume_m3: float
    """On the ground at the end."""
    deepest_m: float
    fastest_m_s: float
    earliest_arrival_min: float | None = None
    people: float | None = None
    """Where water comes; None: nothing is known of people."""
    people_by_rank: tuple[float, ...] = ()
    buildings: float | None = None
    balance_error: float = 0.0


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """What a run took."""

    cpu_s: float
    wall_s: float
    cells: int
    steps: int

    @property
    def cell_steps(self) -> int:
        """Return cells by steps."""
        return self.cells * self.steps


class Score(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a run stands to what was observed, or to another run."""

    of: str
    """A gauge's name, or ``map``."""
    against: str
    """``observed`` or the other run's key."""
    nse: float | None = None
    kge: float | None = None
    rmse_m: float | None = None
    peak_error_m: float | None = None
    peak_late_min: float | None = None
    csi: float | None = None
    """Of 5 cm of water or more."""
    csi_deep: float | None = None
    """Of 0.5 m or more."""


class Trace(msgspec.Struct, frozen=True):
    """Depth at a gauge over the run."""

    name: str
    minutes: tuple[float, ...]
    depth_m: tuple[float, ...]


class ScenarioRun(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One run of a case with changes: asked for, under way, done."""

    title: str
    case: str
    """Key of the case."""
    case_record: str = ""
    """The statement of the case that is run: it may be stated anew later."""
    case_title: str
    changes: Changes
    state: RunState
    progress: float = 0.0
    asked_by: str
    asked_at: datetime
    reason: str = ""
    """Why it failed, in Japanese."""
    reason_en: str = ""
    figures: Figures | None = None
    cost: Cost | None = None
    scores: tuple[Score, ...] = ()
    traces: tuple[Trace, ...] = ()
    kernel: str = ""
    cell_m: float = 0.0
    inputs: str = ""
    parameters: str = ""
    code_version: str = ""
    bounds: tuple[float, float, float, float] | None = None
    limits: str = ""
    limits_en: str = ""


class ScenarioMap(Grid, frozen=True, kw_only=True):
    """A map of a run; the key is ``<run>/max_depth_m``, ``/arrival_min`` or ``/depth_m``."""

    network: str
    """The run's key."""
    run: str
    title: str
    code_version: str = ""
    limits: str = ""
    limits_en: str = ""


SCENARIO_CASES = Collection(
    id="hazards.scenario_cases",
    title=Text("シナリオのケース", "Scenario cases"),
    text=Text(
        "浸水シナリオの出発点(地盤高、粗度、雨・流入、境界)。",
        "What flood scenarios start from: ground, roughness, rain and inflow, edges.",
    ),
    schema=ScenarioCase,
    verb=Verb.PREDICT,
    licence="as its author states",
    marking=CLOSED,
)
SCENARIO_RUNS = Collection(
    id="hazards.scenario_runs",
    title=Text("シナリオの計算(独自計算)", "Scenario runs (our own)"),
    text=Text(
        "条件を変えた浸水計算とその結果。仮定の計算で、予報ではありません。",
        "Inundation computed under changed conditions. What if, no forecast.",
    ),
    schema=ScenarioRun,
    verb=Verb.PREDICT,
    licence="Apache-2.0",
    marking=CLOSED,
)
SCENARIO_MAPS = Collection(
    id="hazards.scenario_maps",
    title=Text("シナリオの浸水図(独自計算)", "Scenario maps (our own)"),
    text=Text(
        "シナリオの計算の最大浸水深、到達時間、水深の時間変化。仮定の計算で、予報ではありません。",
        "Greatest depth, arrival time and depth over time of a scenario's run. No forecast.",
    ),
    schema=ScenarioMap,
    kind=Kind.COVERAGES,
    verb=Verb.PREDICT,
    licence="Apache-2.0",
    marking=CLOSED,
)
COLLECTIONS = (SCENARIO_CASES, SCENARIO_RUNS, SCENARIO_MAPS)
