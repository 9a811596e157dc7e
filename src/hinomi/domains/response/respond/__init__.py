"""Respond: what people in a headquarters do, as acts with their rules."""

from __future__ import annotations

from hinomi.domains.response.photos import ACTS as PHOTO_ACTS
from hinomi.domains.response.respond import (
    alerts,
    chronology,
    damage,
    decisions,
    handovers,
    lifelines,
    merging,
    orders,
    roster,
    tasks,
)
from hinomi.vocabulary.acts import Act

ACTS: tuple[Act, ...] = (
    *chronology.ACTS,
    *orders.ACTS,
    *tasks.ACTS,
    *alerts.ACTS,
    *damage.ACTS,
    *lifelines.ACTS,
    *decisions.ACTS,
    *roster.ACTS,
    *handovers.ACTS,
    *PHOTO_ACTS,
    *merging.ACTS,
)

__all__ = ["ACTS"]
