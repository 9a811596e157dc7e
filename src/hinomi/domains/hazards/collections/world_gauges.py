"""hazards.world_gauges and .world_levels: water at gauges abroad."""

from __future__ import annotations

import msgspec

from hinomi.kernel.collections import Collection, Kind
from hinomi.kernel.errors import Text


class WorldGauge(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A gauge abroad, as its operator lists it."""

    name: str
    agency: str = ""
    number: str
    kind: str = ""
    """ST stream, LK lake, ES estuary (USGS's codes)."""
    county: str = ""
    basin: str = ""
    """Hydrologic unit code."""
    link: str = ""


class WorldLevel(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A reading's value."""

    value: float
    """Gauge height [m] on the gauge's own datum, or discharge [m3/s]: the series says which."""


WORLD_GAUGES = Collection(
    id="hazards.world_gauges",
    title=Text("海外の水位計", "Gauges abroad"),
    text=Text(
        "海外の水位・流量観測所(米国地質調査所)。日本の警報ではありません。",
        "Gauges of level and discharge abroad (USGS); no warnings for Japan.",
    ),
    schema=WorldGauge,
    licence="USGS: public domain",
)

WORLD_LEVELS = Collection(
    id="hazards.world_levels",
    title=Text("海外の水位・流量", "Levels and discharges abroad"),
    text=Text(
        "海外の水位 [m] と流量 [m3/s] の観測値。速報値は確かめられていません。",
        "Readings of level [m] and discharge [m3/s] abroad; provisional ones are unchecked.",
    ),
    schema=WorldLevel,
    kind=Kind.SERIES,
    licence="USGS: public domain",
    keep_days=90,
)

COLLECTIONS = (WORLD_GAUGES, WORLD_LEVELS)
