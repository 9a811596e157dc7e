"""hazards.world_events: disasters abroad, as the services of the world state them."""

from __future__ import annotations

from typing import Literal

import msgspec

from hinomi.kernel.collections import Collection
from hinomi.kernel.errors import Text

EventKind = Literal[
    "earthquake", "tropical_cyclone", "flood", "volcano", "drought", "wildfire", "tsunami", "other"
]
Alert = Literal["green", "yellow", "orange", "red", ""]


class WorldEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One disaster anywhere in the world."""

    kind: EventKind
    title: str
    alert: Alert = ""
    """GDACS: need for international help. USGS: PAGER's estimate of the loss."""
    current: bool = True
    """Whether the sender still follows it."""
    name: str = ""
    country: str = ""
    description: str = ""
    magnitude: float | None = None
    magnitude_type: str = ""
    depth_km: float | None = None
    severity: str = ""
    """The sender's words: ``Tropical Storm (maximum wind speed of 93 km/h)``."""
    population: str = ""
    reviewed: bool | None = None
    """Looked at by a person (USGS)."""
    tsunami: bool | None = None
    """The sender points to its tsunami pages; no warning for Japan: those are JMA's."""
    glide: str = ""
    """GLIDE number, by which services name the same disaster."""
    episode: int | None = None
    version: int | None = None
    kind_stated: str = ""
    alert_stated: str = ""
    link: str = ""


WORLD_EVENTS = Collection(
    id="hazards.world_events",
    title=Text("世界の災害", "Disasters in the world"),
    text=Text(
        "GDACSとUSGSが伝える世界の災害。日本の警報ではありません。GDACSは、確認せずに"
        "意思決定に使わないよう求めています。",
        "Disasters in the world as GDACS and USGS state them; no warnings for Japan. GDACS asks"
        " not to base decisions on it without confirmation.",
    ),
    schema=WorldEvent,
    licence="GDACS: https://www.gdacs.org/About/termofuse.aspx; USGS: public domain",
)

COLLECTIONS = (WORLD_EVENTS,)
