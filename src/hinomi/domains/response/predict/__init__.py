"""Predict: what the headquarters is told of by itself: alerts, and the chronology's own entries."""

from __future__ import annotations

from hinomi.domains.response.predict.alerts import RAISED_ALERTS
from hinomi.domains.response.predict.merging import MERGED_PLACES
from hinomi.domains.response.predict.notes import NOTES
from hinomi.kernel.ports import Model

MODELS: tuple[Model, ...] = (NOTES, RAISED_ALERTS, MERGED_PLACES)

__all__ = ["MODELS"]
