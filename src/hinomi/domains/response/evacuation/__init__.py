"""Evacuation plans (避難計画): drafted by a model, edited by officers, made anew on change."""

from __future__ import annotations

from hinomi.domains.response.evacuation.acts import ACTS
from hinomi.domains.response.evacuation.collections import COLLECTIONS
from hinomi.domains.response.evacuation.layers import LAYERS
from hinomi.domains.response.evacuation.model import EVACUATION_PLANS

MODELS = (EVACUATION_PLANS,)

__all__ = ["ACTS", "COLLECTIONS", "LAYERS", "MODELS"]
