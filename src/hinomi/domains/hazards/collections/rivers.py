"""``hazards.river_sheets`` and ``.river_forecasts``: rivers at their gauges, and levels ahead."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from hinomi.domains.hazards.collections.gauges import State
from hinomi.kernel.collections import Collection, Verb
from hinomi.kernel.errors import Text

Line = Annotated[str, msgspec.Meta(min_length=1, max_length=300)]


class RatingCurve(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rating Q = a (H + b)^2 (水位流量曲線) and where it holds."""

    a: float
    b_m: float
    least_m: float
    greatest_m: float
    source: Line
    """Whose curve, of which year."""


class StorageFunction(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The basin's storage function (貯留関数): S = K Q^P, the outflow a lag later."""

    k: float
    """[mm^(1-P) h^P]"""
    p: float
    lag_h: float = 0.0
    share: float = 0.7
    """Part of the rain that runs off (流出率)."""
    source: Line
    """The floods that it was fitted to, or the formula."""


class RiverSheet(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the river at a gauge; the record's place is its basin. Key: the gauge."""

    name: str
    area_km2: float
    basin_source: str
    rating: RatingCurve
    storage: StorageFunction


class LevelStep(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One moment of a forecast: 10 % of the members are below ``low_m``, 90 % below ``high_m``."""

    at: datetime
    low_m: float
    middle_m: float
    high_m: float


class Crossing(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One of the gauge's thresholds that is still above the water."""

    threshold: State
    label: str
    label_en: str
    level_m: float
    chance: float
    """Part of the members that reach it within the forecast's time."""
    likely_at: datetime | None = None
    """When half of them have."""


class LevelScore(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How this gauge's forecasts did so far against what came, beside persistence (no change)."""

    lead_h: float
    count: int
    skill: float | None
    """1 - MSE / MSE of persistence: over 0 is better than saying that the level stays."""
    mse_m2: float
    mse_persistence_m2: float
    mean_error_m: float
    """Mean absolute."""
    mean_error_persistence_m: float
    in_band: float
    """Part of the readings that came inside the band; 0.8 is what it says."""
    log_factor: float | None = None
    """Logarithm of the factor by which the band is widened from now on: learnt of the misses."""


class RiverForecast(msgspec.Struct, frozen=True, kw_only=True):
    """The levels of the next hours at a gauge, ours. Key: the gauge."""

    name: str
    name_en: str
    river: str = ""
    river_en: str = ""
    municipality_code: str = ""
    municipality: str = ""
    municipality_en: str = ""
    state: Literal["forecast", "withheld"]
    """``withheld``: the gauge cannot be believed now, or has fallen silent; ``flags`` say why."""
    outlook: State | Literal["none", "withheld"]
    """The gravest threshold still above that half of the members reach."""
    issued_at: datetime
    """The time of the newest reading that was used."""
    lapses_at: datetime | None = None
    """Without a newer reading it stands no longer than until then."""
    level_m: float
    words: str
    words_en: str
    steps: tuple[LevelStep, ...] = ()
    crossings: tuple[Crossing, ...] = ()
    """The lowest first."""
    scores: tuple[LevelScore, ...] = ()
    flags: tuple[str, ...] = ()
    """``gap spike datum unconfirmed stuck frozen silent`` of the readings, ``thresholds`` where the
    level cannot belong to them, ``rain`` where the basin's rain is known in part, ``rating`` where
    the forecast is above what was gauged."""
    flags_words: str = ""
    flags_words_en: str = ""
    rain_known: float | None = None
    """Part of the last six hours of readings with the basin's rain known; None: no basin is."""
    rain_ahead_h: float | None = None
    """[h] So far ahead rain was forecast; beyond, the past's rain dies away."""
    story_speed: float = 1.0
    """Of an exercise: how much faster than the clock its time goes; steps are on the clock."""
    members: int
    inputs: str
    parameters: str
    code_version: str
    uncertainty: str
    uncertainty_en: str
    limits: str
    limits_en: str


RIVER_SHEETS = Collection(
    id="hazards.river_sheets",
    title=Text("河川の諸元(予測用)", "Rivers at their gauges (for forecasts)"),
    text=Text(
        "水位観測所ごとの流域、水位流量曲線、貯留関数の定数。それぞれに出典があります。",
        "Basin, rating curve and storage function of a gauge's river, each with its source.",
    ),
    schema=RiverSheet,
    verb=Verb.REFER,
    licence="whoever sent them",
)

RIVER_FORECASTS = Collection(
    id="hazards.river_forecasts",
    title=Text("河川の水位予測(独自計算)", "River level forecasts (our own)"),
    text=Text(
        "水位計ごとの6時間先までの水位と幅、基準水位に達する可能性、これまでの成績。気象庁・国土交通省の"
        "洪水予報ではありません。",
        "Levels of the next six hours at a gauge with bands, chances of its thresholds, and how"
        " earlier ones did. Not the flood forecasts of JMA and MLIT.",
    ),
    schema=RiverForecast,
    verb=Verb.PREDICT,
    licence="Apache-2.0",
)

COLLECTIONS = (RIVER_SHEETS, RIVER_FORECASTS)
