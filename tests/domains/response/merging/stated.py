"""Shelters and roads as sources state them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hinomi.domains.response.collections.facilities import Road
from hinomi.domains.response.collections.shelters import Shelter
from hinomi.domains.response.observe.names import match_key
from hinomi.kernel.geometry import point
from hinomi.kernel.marking import OPEN, Marking
from hinomi.kernel.records import Record
from tests.domains.response.merging.desk import NANAO, T0


def shelter(
    source: str,
    name: str,
    *,
    at: tuple[float, float] | None = (136.96, 37.04),
    said: float = 0,
    marking: Marking = OPEN,
    key: str = "",
    **more: Any,
) -> Record:
    """A shelter as a source states it, ``said`` hours after the beginning."""
    body = Shelter(
        **{
            "name": name,
            "municipality_code": NANAO,
            "match_key": match_key(NANAO, name),
            "state": "open",
            **more,
        }
    )
    return Record(
        collection="response.shelters",
        key=key or f"{source}-{name}",
        said_at=T0 + timedelta(hours=said),
        body=body,
        source=source,
        place=point(*at) if at else None,
        marking=marking,
    )


def road(source: str, name: str, x: float, said: float = 0.0) -> Record:
    line = {"type": "LineString", "coordinates": [[x, 37.0], [x + 0.001, 37.001]]}
    return Record(
        collection="response.roads",
        key=f"{source}-{x}",
        said_at=T0 + timedelta(hours=said),
        body=Road(name=name, state="road_close", municipality_code=NANAO),
        source=source,
        place=line,
    )
