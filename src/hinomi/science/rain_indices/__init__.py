"""Rain indices: how much water the soil holds, and what that threatens (土壌雨量指数)."""

from __future__ import annotations

from hinomi.science.rain_indices.levels import (
    UNKNOWN,
    AreaLevel,
    area_levels,
    composite_levels,
    index_levels,
    soil_levels,
)
from hinomi.science.rain_indices.mesh import mesh_centre, mesh_code
from hinomi.science.rain_indices.tanks import SOIL, TankSet, exact, forecast, soil_water_index, step

__all__ = [
    "SOIL",
    "UNKNOWN",
    "AreaLevel",
    "TankSet",
    "area_levels",
    "composite_levels",
    "exact",
    "forecast",
    "index_levels",
    "mesh_centre",
    "mesh_code",
    "soil_levels",
    "soil_water_index",
    "step",
]
