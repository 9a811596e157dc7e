"""Rain indices: how much water the soil holds, and what that threatens (土壌雨量指数)."""

from __future__ import annotations

from hinomi.science.rain_indices.lattice import Lattice, lattice_around, lattice_of, onto, places
from hinomi.science.rain_indices.levels import (
    UNKNOWN,
    AreaLevel,
    area_levels,
    composite_levels,
    index_levels,
    soil_levels,
)
from hinomi.science.rain_indices.mesh import mesh_centre, mesh_code
from hinomi.science.rain_indices.outflow import (
    Meshes,
    Outflow,
    Parameters,
    decode_parameters,
    shipped_parameters,
)
from hinomi.science.rain_indices.steps import STEP, Span, rain_of, spans, step_end
from hinomi.science.rain_indices.tanks import SOIL, TankSet, exact, forecast, soil_water_index, step

__all__ = [
    "SOIL",
    "STEP",
    "UNKNOWN",
    "AreaLevel",
    "Lattice",
    "Meshes",
    "Outflow",
    "Parameters",
    "Span",
    "TankSet",
    "area_levels",
    "composite_levels",
    "decode_parameters",
    "exact",
    "forecast",
    "index_levels",
    "lattice_around",
    "lattice_of",
    "mesh_centre",
    "mesh_code",
    "onto",
    "places",
    "rain_of",
    "shipped_parameters",
    "soil_levels",
    "soil_water_index",
    "spans",
    "step",
    "step_end",
]
