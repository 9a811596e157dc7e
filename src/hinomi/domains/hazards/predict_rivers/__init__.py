"""Predict: the water levels of the next hours at the gauges, with bands and how they did before."""

from __future__ import annotations

from hinomi.domains.hazards.predict_rivers.run import RIVER_MODEL, predict_rivers

__all__ = ["RIVER_MODEL", "predict_rivers"]
