"""Rain indices: how much water the soil holds, and what that threatens (土壌雨量指数)."""

from __future__ import annotations

from hinomi.science.rain_indices.tanks import SOIL, TankSet, exact, forecast, soil_water_index, step

__all__ = ["SOIL", "TankSet", "exact", "forecast", "soil_water_index", "step"]
