"""``hazards.shake_maps``: how strongly each place shook, between the places that told."""

from __future__ import annotations

from hinomi.kernel.collections import Collection, Kind, Verb
from hinomi.kernel.errors import Text
from hinomi.vocabulary.grids import Grid


class ShakeMapGrid(Grid, frozen=True, kw_only=True):
    """One quake's map of instrumental intensity; its file holds the standard deviation too."""

    event_id: str
    hypocentre: str
    magnitude: float
    depth_km: float
    quake_kind: str
    """``crustal``, ``interface`` or ``slab``: taken from the depth."""
    observed: int
    """Municipalities whose intensity the map is drawn to."""
    bias: float
    """By how much the whole quake shook more than its magnitude says."""
    greatest: float
    sigma: float
    """Median standard deviation of the map's intensities."""
    code_version: str
    parameters: str
    uncertainty: str
    uncertainty_en: str
    limits: str
    limits_en: str


SHAKE_MAPS = Collection(
    id="hazards.shake_maps",
    title=Text("推計震度分布(独自計算)", "Shake maps (our own)"),
    text=Text(
        "地震の規模・位置と市町村の震度から推計した震度の格子。気象庁の推計震度分布ではありません。",
        "Grids of intensity from a quake's size, place and municipalities' intensities. Not JMA's.",
    ),
    schema=ShakeMapGrid,
    kind=Kind.COVERAGES,
    verb=Verb.PREDICT,
    licence="Apache-2.0",
)
