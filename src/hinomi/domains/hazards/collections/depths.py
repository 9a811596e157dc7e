"""``hazards.elevation``, ``hazards.depths``, ``hazards.depth_errors``: ground, water, error."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from hinomi.kernel.collections import Collection, Kind, Verb
from hinomi.kernel.errors import Text
from hinomi.vocabulary.grids import Grid

DEPTH_STEP_M = 0.01
"""Depths are kept to half a centimetre: the ground is not known better."""


class ElevationGrid(Grid, frozen=True, kw_only=True):
    """Heights of the ground (標高): one mesh, tile or file."""

    network: str
    """The mesh, tile or file that it is of."""
    made_from: str = ""
    """``gsi-gml``, ``gsi-tile`` or ``geotiff``; of the last with its plane."""
    voids_share: float = 0.0
    """Part of the cells without a height."""
    spikes: int = 0
    """Cells that stood out by more than ground does; they are voids now."""


class Remark(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with a sensor's word, or with where it stands."""

    sensor: str
    code: str
    text: str
    text_en: str


class Analogue(msgspec.Struct, frozen=True, kw_only=True):
    """A moment of a run that looks like what the sensors say."""

    run: str
    title: str
    moment: datetime
    weight: float
    """Part of the whole weight."""
    explained: float
    """Part of the sensors whose word it gives."""


class DepthGrid(Grid, frozen=True, kw_only=True):
    """How deep water stands, as flood sensors tell it; from its start until the next such map."""

    network: str
    """The ground that it is computed on: the first of its elevation's keys."""
    state: str
    """Digest of what the sensors said and of the ground: the same says the same map."""
    wet: int
    """Sensors under water."""
    dry: int
    left_out: int = 0
    """Sensors that say nothing, are in doubt, or stand where the ground is not known."""
    area_m2: float = 0.0
    """With 5 cm of water or more."""
    deepest_m: float = 0.0
    largest_error_m: float | None = None
    """Greatest standard error where there is water."""
    method: Literal["surface", "analogues"] = "surface"
    """``surface``: connected through the sensors; ``analogues``: with a library of runs beside."""
    method_why: str = ""
    """Why this method."""
    method_why_en: str = ""
    runs: tuple[Analogue, ...] = ()
    """Of a library: the moments of runs that count most."""
    remarks: tuple[Remark, ...] = ()
    parameters: str = ""
    code_version: str = ""
    uncertainty: str = ""
    uncertainty_en: str = ""
    limits: str = ""
    limits_en: str = ""


class DepthErrorGrid(Grid, frozen=True, kw_only=True):
    """Standard error of the depth map of the same key."""

    network: str
    state: str


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """A run of an ensemble."""

    rain: float
    """Times the rain that is observed and forecast."""
    manning: float
    weight: float
    """How much it counts: by how well it foresaw what sensors say now."""


class DepthForecast(Grid, frozen=True, kw_only=True):
    """How deep water will stand: an ensemble of runs, corrected by sensors, mean at each moment."""

    network: str
    issued_at: datetime
    map: str
    """Key of the depth map that it goes on from."""
    members: tuple[Member, ...]
    weighed: bool
    """Whether sensors told the members apart; else they count alike."""
    spread_m: float
    """Standard deviation among the members where it is greatest, at the last moment."""
    deepest_m: float
    rain_mm: float
    """Forecast over the ground, of the whole time."""
    cell_m: float
    parameters: str = ""
    code_version: str = ""
    uncertainty: str = ""
    uncertainty_en: str = ""
    limits: str = ""
    limits_en: str = ""


ELEVATION = Collection(
    id="hazards.elevation",
    title=Text("標高", "Elevation"),
    text=Text(
        "取り込んだ標高(国土地理院の数値標高モデルやGeoTIFF)。浸水深の推定に使います。",
        "Heights of the ground as imported (GSI's elevation models, GeoTIFF), for depths of water.",
    ),
    schema=ElevationGrid,
    kind=Kind.COVERAGES,
    verb=Verb.REFER,
    licence="as each source states; GSI: 国土地理院コンテンツ利用規約",
)

DEPTHS = Collection(
    id="hazards.depths",
    title=Text("浸水深の推定(センサー・独自計算)", "Depth of water from sensors (our own)"),
    text=Text(
        "浸水センサーと標高から推定した浸水深。公式の情報ではありません。",
        "Depth of water estimated from flood sensors and elevation. No official information.",
    ),
    schema=DepthGrid,
    keep_days=30,
    kind=Kind.COVERAGES,
    verb=Verb.PREDICT,
    licence="Apache-2.0",
)

DEPTH_ERRORS = Collection(
    id="hazards.depth_errors",
    title=Text("浸水深の推定の標準誤差", "Standard error of the depth of water"),
    text=Text(
        "浸水深の推定がどれだけ不確かか(標準誤差)。キーは浸水深と同じです。",
        "How unsure the estimated depth of water is (standard error), under the same keys.",
    ),
    schema=DepthErrorGrid,
    keep_days=30,
    kind=Kind.COVERAGES,
    verb=Verb.PREDICT,
    licence="Apache-2.0",
)

DEPTH_FORECASTS = Collection(
    id="hazards.depth_forecasts",
    title=Text("浸水深の1時間先まで(独自計算)", "Depth of water, next hour (our own)"),
    text=Text(
        "浸水センサーで補正した複数の浸水計算による1時間先までの深さ。公式の情報ではありません。",
        "Depth up to an hour ahead by several runs that flood sensors correct. Not official.",
    ),
    schema=DepthForecast,
    keep_days=7,
    kind=Kind.COVERAGES,
    verb=Verb.PREDICT,
    licence="Apache-2.0",
)

COLLECTIONS = (ELEVATION, DEPTHS, DEPTH_ERRORS, DEPTH_FORECASTS)
