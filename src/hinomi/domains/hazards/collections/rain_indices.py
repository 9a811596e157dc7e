"""``hazards.rain_indices`` and what they need: tables, tanks, levels by municipality."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

import msgspec

from hinomi.kernel.collections import Collection, Kind, Verb
from hinomi.kernel.errors import Text
from hinomi.vocabulary.grids import Grid

SOIL, SURFACE, RUNOFF, LEVEL = (
    "soil_water_index_mm", "surface_rain_index", "runoff_index", "rain_level",
)  # fmt: skip
"""Parameters of ``hazards.rain_indices``."""
STEPS = {SOIL: 0.5, SURFACE: 0.5, RUNOFF: 0.5, LEVEL: 1.0}
"""Indices are kept to a quarter: criteria are whole numbers. Levels are exact."""
Parameter = Literal["soil_water_index_mm", "surface_rain_index", "runoff_index", "rain_level"]


class RainIndex(Grid, frozen=True, kw_only=True):
    """One index of a network's rain on 1-km meshes: now, and as the rain ahead will have it."""

    network: str
    issued_at: datetime
    """Until then the rain is what was observed."""
    rain_until: datetime
    """Until then some forecast knows the rain; after it none falls, so the index is the least."""
    running_since: datetime
    """Since when the tanks fill: for weeks after an empty start the index is too low."""
    started_from: Literal["empty", "jma"] = "empty"
    """``jma``: from JMA's own tank values."""
    unknown_share: float
    """Part of the meshes whose index is not known: no rain known for over an hour of the day."""
    greatest: float | None = None
    tables: tuple[str, ...] = ()
    """Records of the criteria and coefficients."""
    code_version: str
    parameters: str
    uncertainty: str
    uncertainty_en: str
    limits: str
    limits_en: str


class RainTanks(Grid, frozen=True, kw_only=True):
    """A network's tanks at one time: what a restart goes on from.

    The file holds three tanks [mm], the minutes of the day for which rain was not known, the rain
    of the last six steps and, where there is a table of meshes, the state behind the other indices.
    """

    network: str
    running_since: datetime
    started_from: Literal["empty", "jma"] = "empty"
    meshes_digest: str = ""
    """Of the table of meshes that the other indices' state belongs to."""


class RainTable(msgspec.Struct, frozen=True, kw_only=True):
    """A table as it came: the record's origin leads to its bytes."""

    table: str
    """1-1 to 2-3 (JMA's 別紙), or ``meshes``: coefficients of meshes, not JMA's."""
    ours: bool
    """Not JMA's."""
    areas: tuple[str, ...]
    """Codes of the municipalities in it, 7 digits."""
    rows: int
    bounds: tuple[float, float, float, float]
    digest: str
    """SHA-256 of the file."""
    updated_on: date | None = None


class Reached(msgspec.Struct, frozen=True, kw_only=True):
    """A municipality's level at one time."""

    at: datetime
    level: int
    """Highest of its meshes."""
    meshes: int
    """How many of them reach it."""


class RainRisk(msgspec.Struct, frozen=True, kw_only=True):
    """How far a municipality's meshes go against the criteria, now and in the hours to come."""

    area_code: str
    area_name: str
    network: str
    issued_at: datetime
    level: int
    """Now; 0 is below every criterion."""
    level_ahead: int
    """Highest within six hours."""
    reached_at: datetime | None = None
    """When that is reached first; None where it is now."""
    course: tuple[Reached, ...]
    meshes: int
    unknown: int
    """Meshes whose index is not known now."""
    kinds: str
    """What reaches it: soil, surface, runoff."""
    code_version: str
    parameters: str
    uncertainty: str
    uncertainty_en: str
    limits: str
    limits_en: str


RAIN_INDICES = Collection(
    id="hazards.rain_indices",
    title=Text("雨の指数(独自計算)", "Rain indices (our own)"),
    text=Text(
        "土壌雨量指数・表面雨量指数・流域雨量指数と、基準に照らしたレベル(1km格子、6時間先まで)。"
        "気象庁のキキクルではありません。",
        "Soil water, surface rain and runoff indices and the level by the criteria, on 1-km meshes,"
        " six hours ahead. Not JMA's.",
    ),
    schema=RainIndex,
    kind=Kind.COVERAGES,
    verb=Verb.PREDICT,
    licence="Apache-2.0",
    keep_days=7,
)

RAIN_TANKS = Collection(
    id="hazards.rain_tanks",
    title=Text("雨の指数のタンク", "Tanks behind the rain indices"),
    text=Text(
        "タンクモデルの状態。再起動の後はここから続けます。",
        "The state of the tank models: a restart goes on from here.",
    ),
    schema=RainTanks,
    kind=Kind.COVERAGES,
    verb=Verb.PREDICT,
    licence="Apache-2.0",
    keep_days=2,
)

RAIN_TABLES = Collection(
    id="hazards.rain_tables",
    title=Text("雨の指数の基準と係数", "Criteria and coefficients of the rain indices"),
    text=Text(
        "気象庁の格子別の基準(別紙1-1から2-3)と、格子ごとの係数の表。",
        "JMA's criteria by mesh (annexes 1-1 to 2-3), and tables of coefficients by mesh.",
    ),
    schema=RainTable,
    kind=Kind.DOCUMENTS,
    verb=Verb.REFER,
    licence="JMA: public data licence (PDL1.0); coefficients: whoever sent them",
)

RAIN_RISKS = Collection(
    id="hazards.rain_risks",
    title=Text("市町村の雨の危険度(独自計算)", "Rain risk by municipality (our own)"),
    text=Text(
        "指数が基準に達した格子の市町村ごとの最高レベル。気象庁の警報が優先します。",
        "Each municipality's highest level by the indices. JMA's warnings come first.",
    ),
    schema=RainRisk,
    verb=Verb.PREDICT,
    licence="Apache-2.0",
)

COLLECTIONS = (RAIN_INDICES, RAIN_TANKS, RAIN_TABLES, RAIN_RISKS)
