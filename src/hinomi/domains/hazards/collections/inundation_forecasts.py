"""``hazards.inundation_forecasts``, ``_depths``: how far and deep water comes, by our own runs."""

from __future__ import annotations

from typing import Literal

import msgspec

from hinomi.kernel.collections import Collection, Kind, Verb
from hinomi.kernel.errors import Text
from hinomi.vocabulary.grids import Grid


class InundationForecast(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A run, or the ground that one depth class of it covers (浸水ランク)."""

    run: str
    """The run's id; the key is ``<run>/run`` or ``<run>/rank-<n>``."""
    part: Literal["run", "depth"]
    title: str
    rank: int = 0
    """1 to 6 as in MLIT's handbook; of a run the gravest."""
    rank_label: str = ""
    rank_label_en: str = ""
    area_m2: float = 0.0
    earliest_arrival_min: float | None = None
    """[min] after the start, the first cell of the class to be reached by 5 cm of water."""
    deepest_m: float = 0.0
    fastest_m_s: float = 0.0
    kernel: str = ""
    cell_m: float = 0.0
    inputs: str = ""
    """What it was made of: the elevation's digest, sources and edges, as given."""
    parameters: str = ""
    code_version: str = ""
    balance_error: float = 0.0
    """Water made or lost, over what was handled."""
    grid_digest: str = ""
    """SHA-256 of the zipped Zarr with all maps; fetch it as a blob."""
    uncertainty: str = ""
    limits: str = ""
    limits_en: str = ""


INUNDATION_FORECASTS = Collection(
    id="hazards.inundation_forecasts",
    title=Text("浸水予測(独自計算)", "Inundation forecasts (our own)"),
    text=Text(
        "このシステムの計算による最大浸水深の区域。気象庁・国土交通省の情報ではありません。",
        "Areas by greatest depth, computed here. Not JMA's or MLIT's information.",
    ),
    schema=InundationForecast,
    verb=Verb.PREDICT,
    licence="Apache-2.0",
)


class InundationDepths(Grid, frozen=True, kw_only=True):
    """A run's depth of water over time; its areas are the forecasts of the same ``run``."""

    network: str
    """The run's id: runs of one place lie over each other, the newest on top."""
    run: str
    title: str
    deepest_m: float = 0.0
    kernel: str = ""
    inputs: str = ""
    parameters: str = ""
    code_version: str = ""
    uncertainty: str = ""
    limits: str = ""
    limits_en: str = ""


INUNDATION_DEPTHS = Collection(
    id="hazards.inundation_depths",
    title=Text("浸水深の時間変化(独自計算)", "Depth of inundation over time (our own)"),
    text=Text(
        "このシステムの浸水計算の深さを時刻ごとに格子で示す。公式の情報ではありません。",
        "Depth by moment, on a grid, of inundation runs computed here. No official information.",
    ),
    schema=InundationDepths,
    kind=Kind.COVERAGES,
    verb=Verb.PREDICT,
    licence="Apache-2.0",
)
