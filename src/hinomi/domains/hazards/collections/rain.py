"""``hazards.rain`` and ``hazards.rain_nowcasts``: rain as radars see it, and as it moves on."""

from __future__ import annotations

from datetime import datetime

import msgspec

from hinomi.kernel.collections import Collection, Kind, Verb
from hinomi.kernel.errors import Text
from hinomi.vocabulary.grids import Grid

STEP_MM_PER_H = 0.1
"""Rain is kept to 0.05 mm/h: a tenth of what the weakest class on the map begins with."""


def rain_key(network: str, at: datetime) -> str:
    """Return the key of a network's picture, and of the nowcast that is made from it."""
    return f"{network}/{at:%Y%m%dT%H%M%SZ}"


def chance_key(nowcast: str, threshold_mm_per_h: float) -> str:
    """Return the key of the chances beside a nowcast."""
    return f"{nowcast}/over-{threshold_mm_per_h:g}"


class RainGrid(Grid, frozen=True, kw_only=True):
    """One picture of a network of radars, or one field of an analysis."""

    network: str
    """Which radars or analysis: frames of one network follow each other."""
    made_from: str = ""
    """``reflectivity`` (turned into rain by Z = a R^b), ``rate`` or ``depth``."""
    relation: str = ""
    """a and b, where reflectivity was turned into rain."""
    greatest: float | None = None
    """[mm/h]"""
    wet_share: float | None = None
    """Part of the known cells with 0.1 mm/h or more."""
    known_share: float = 1.0
    """Part of the cells that some radar looked at."""


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """How an earlier nowcast did against what came, beside persistence (nothing moves)."""

    lead_min: int
    csi: float | None
    """Critical success index at 1 mm/h: 1 is perfect."""
    csi_persistence: float | None
    fss: float | None
    """Fractions skill score of the chance of 1 mm/h, over squares of about 11 cells a side."""
    fss_persistence: float | None
    mean_error: float | None
    """[mm/h] mean absolute."""
    mean_error_persistence: float | None
    crps: float | None = None
    """[mm/h] continuous ranked probability score of the ensemble; persistence's: mean error."""
    brier: float | None = None
    """Of the probability of 1 mm/h: 0 is perfect."""
    brier_persistence: float | None = None
    stated: tuple[float | None, ...] = ()
    """Reliability: the mean probability of each tenth that was stated, ..."""
    came: tuple[float | None, ...] = ()
    """... the share of those cells in which it came true, ..."""
    counts: tuple[int, ...] = ()
    """... and how many cells those were."""


class RainNowcast(Grid, frozen=True, kw_only=True):
    """The rain of the next hour, moved on as it moved in the last frames."""

    network: str
    frames: int
    """From how many frames the motion was taken."""
    speed_km_h: float | None = None
    """Median speed of the rain."""
    direction_deg: float | None = None
    """Where it moves to, clockwise from north, at the median."""
    scores: tuple[Score, ...] = ()
    """Of the nowcast that was made so long before the newest frame."""
    code_version: str = ""
    uncertainty: str = ""
    uncertainty_en: str = ""
    limits: str = ""
    limits_en: str = ""


class RainChance(Grid, frozen=True, kw_only=True):
    """How likely the rain reaches a rate, at each moment of the next hour."""

    network: str
    issued_at: datetime
    threshold_mm_per_h: float
    members: int
    scores: tuple[Score, ...] = ()
    code_version: str
    uncertainty: str
    uncertainty_en: str
    limits: str
    limits_en: str


class NowcastScores(msgspec.Struct, frozen=True, kw_only=True):
    """How a network's nowcasts did against the newest picture."""

    network: str
    at: datetime
    scores: tuple[Score, ...]


class RainForecast(Grid, frozen=True, kw_only=True):
    """Rain of the hours ahead as a weather service forecasts it."""

    network: str
    issued_at: datetime
    impossible: int = 0
    """Cells that held negative or impossible rain: not known."""


RAIN = Collection(
    id="hazards.rain",
    title=Text("雨量分布(レーダー・解析)", "Rain (radar, analyses)"),
    text=Text(
        "レーダー合成図や解析雨量の格子。1枚が1件。",
        "Grids of rain from composites of radars and analyses; a record is one picture.",
    ),
    schema=RainGrid,
    kind=Kind.COVERAGES,
    licence="as each source states",
    keep_days=30,
)

RAIN_NOWCASTS = Collection(
    id="hazards.rain_nowcasts",
    title=Text("降水短時間予測(独自計算)", "Rain nowcasts (our own)"),
    text=Text(
        "直近のレーダー画像の動きから計算した60分先までの雨。気象庁のナウキャストではありません。",
        "Rain up to 60 minutes ahead by the motion of the last radar pictures. Not JMA's nowcast.",
    ),
    schema=RainNowcast,
    kind=Kind.COVERAGES,
    verb=Verb.PREDICT,
    licence="Apache-2.0",
    keep_days=7,
)

RAIN_FORECASTS = Collection(
    id="hazards.rain_forecasts",
    title=Text("降水短時間予報など(公式)", "Rain forecasts (official)"),
    text=Text(
        "気象庁などが発表した、これから降る雨の格子。",
        "Grids of the rain to come, as a weather service forecasts it.",
    ),
    schema=RainForecast,
    kind=Kind.COVERAGES,
    licence="as each source states",
    keep_days=30,
)

RAIN_CHANCES = Collection(
    id="hazards.rain_chances",
    title=Text("60分先までの雨の確率(独自計算)", "Chance of rain, next 60 min (our own)"),
    text=Text(
        "1・10・30mm/h以上になる確率の格子。過去の予測の成績が付く。",
        "Grids of how likely 1, 10 or 30 mm/h is reached, with how earlier ones did.",
    ),
    schema=RainChance,
    kind=Kind.COVERAGES,
    verb=Verb.PREDICT,
    licence="Apache-2.0",
    keep_days=7,
)

NOWCAST_SCORES = Collection(
    id="hazards.nowcast_scores",
    title=Text("降水予測の成績", "How the rain nowcasts did"),
    text=Text(
        "30分前・60分前の予測を、届いた画像と照らした成績(持続予測と並べる)。",
        "The nowcasts of 30 and 60 minutes ago against what came, beside persistence.",
    ),
    schema=NowcastScores,
    verb=Verb.PREDICT,
    licence="Apache-2.0",
)

COLLECTIONS = (RAIN, RAIN_NOWCASTS, RAIN_FORECASTS, RAIN_CHANCES, NOWCAST_SCORES)
