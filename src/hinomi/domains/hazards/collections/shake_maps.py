"""``hazards.shake_maps``: how strongly each place shook, between the places that told."""

from __future__ import annotations

import msgspec

from hinomi.kernel.collections import Collection, Kind, Verb
from hinomi.kernel.errors import Text
from hinomi.vocabulary.grids import Grid


class ShakeLevel(msgspec.Struct, frozen=True, kw_only=True):
    """Who and what stands where the map has one class of intensity; None: nothing imported."""

    intensity: str
    """``4``, ``5-``, ``5+``, ``6-``, ``6+``, ``7``."""
    people: int | None = None
    people_low: int | None = None
    """At this class or above, were the whole map weaker by its standard deviation."""
    people_high: int | None = None
    """At this class or above, were it stronger by as much."""
    buildings: int | None = None


class ShakeMapGrid(Grid, frozen=True, kw_only=True):
    """One quake's map of instrumental intensity; its file holds the standard deviation too."""

    event_id: str
    hypocentre: str
    magnitude: float
    """As the report states it."""
    mw: float = 0.0
    """Moment magnitude that was computed with."""
    length_km: float = 0.0
    """Median length of a rupture of that size; its direction is not known."""
    ground_share: float = 0.0
    """Part of the cells whose ground was imported; the others have 350 m/s."""
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
    levels: tuple[ShakeLevel, ...] = ()
    """The strongest first."""
    destroyed_low: int | None = None
    """Houses destroyed (全壊), were all of wood and built from 1982 on."""
    destroyed_high: int | None = None
    """The same, were all built from 1962 to 1981."""
    told: str = ""
    told_en: str = ""
    """People by class and houses, in words."""
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
