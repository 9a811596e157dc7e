"""Disasters abroad: GDACS's and USGS's feeds."""

from __future__ import annotations

from typing import cast, get_args

from hinomi.domains.hazards.collections.world import WORLD_EVENTS, Alert, EventKind, WorldEvent
from hinomi.kernel.errors import Problem, Text
from hinomi.kernel.geometry import point
from hinomi.kernel.ports import Feed, Gazetteer, Parsed, Payload, Source
from hinomi.kernel.records import Interval, Origin, Record
from hinomi.standards import gdacs, usgs_quakes

_KINDS: dict[str, EventKind] = {
    "EQ": "earthquake", "TC": "tropical_cyclone", "FL": "flood", "VO": "volcano",
    "DR": "drought", "WF": "wildfire", "TS": "tsunami",
}  # fmt: skip
_EPISODE = 1000
"""GDACS counts versions within an episode: a later episode always comes after."""

_USGS = "https://earthquake.usgs.gov/earthquakes/feed/v1.0/summary/"


def parse_gdacs(payload: Payload, gazetteer: Gazetteer) -> Parsed:  # noqa: ARG001 - the port's shape
    """Return GDACS's events; an event's later episodes are later statements about it."""
    feed = gdacs.decode(payload.data)
    parsed = Parsed(kind="gdacs", problems=list(feed.problems))
    for number, event in feed.events:
        path = f"/rss/channel/item[{number}]"
        if event.type not in _KINDS:
            parsed.problems.append(_unknown(event.type, path))
        body = WorldEvent(
            kind=_KINDS.get(event.type, "other"),
            title=event.title,
            alert=_alert(event.alert_level),
            current=event.is_current,
            name=event.name,
            country=event.country,
            description=event.description,
            magnitude=event.severity_value if event.severity_unit == "M" else None,
            severity=event.severity,
            population=event.population,
            glide=event.glide,
            episode=event.episode,
            version=event.version,
            kind_stated=event.type,
            alert_stated=event.alert_level,
            link=event.link,
        )
        parsed.records.append(
            Record(
                collection=WORLD_EVENTS.id,
                key=f"gdacs-{event.type}{event.id}",
                when=Interval(event.starts_at),
                said_at=event.updated_at,
                serial=event.episode * _EPISODE + event.version,
                place=point(event.longitude, event.latitude),
                body=body,
                source="gdacs",
                origin=Origin(payload.digest, payload.address, path),
            )
        )
    return parsed


def parse_usgs(payload: Payload, gazetteer: Gazetteer) -> Parsed:  # noqa: ARG001 - the port's shape
    """Return USGS's earthquakes."""
    feed = usgs_quakes.decode(payload.data)
    parsed = Parsed(kind="usgs-quakes", problems=list(feed.problems))
    for number, quake in feed.quakes:
        body = WorldEvent(
            kind="earthquake",
            title=quake.title,
            alert=_alert(quake.alert),
            name=quake.place,
            magnitude=quake.magnitude,
            magnitude_type=quake.magnitude_type,
            depth_km=quake.depth_km,
            reviewed=quake.reviewed,
            tsunami=quake.tsunami,
            kind_stated="earthquake",
            alert_stated=quake.alert,
            link=quake.link,
        )
        parsed.records.append(
            Record(
                collection=WORLD_EVENTS.id,
                key=f"usgs-{quake.id}",
                when=Interval(quake.at),
                said_at=quake.updated_at,
                place=point(quake.longitude, quake.latitude),
                body=body,
                source="usgs",
                origin=Origin(payload.digest, payload.address, f"/features[{number}]"),
            )
        )
    return parsed


def _alert(stated: str) -> Alert:
    found = stated.lower()
    return cast("Alert", found) if found in get_args(Alert) else ""


def _unknown(kind: str, path: str) -> Problem:
    return Problem(
        "gdacs.unknown-type",
        f"{path}/gdacs:eventtype",
        Text("知らない種類の災害です。", "An unknown type of disaster."),
        "alarm",
        found=kind[:60],
        expected=", ".join(_KINDS),
    )


GDACS_SOURCE = Source(
    id="gdacs",
    title=Text("世界の災害(GDACS)", "Disasters in the world (GDACS)"),
    gives=(WORLD_EVENTS.id,),
    licence="https://www.gdacs.org/About/termofuse.aspx",
    reference="https://www.gdacs.org/feed_reference.aspx",
    detect=lambda payload: gdacs.looks_like(payload.data),
    parse=parse_gdacs,
    feeds=(
        Feed(url="https://www.gdacs.org/xml/rss.xml", every_s=300),
        Feed(url="https://www.gdacs.org/", every_s=300),
    ),
)
"""GDACS names no rate; five minutes are what its client libraries ask (Home Assistant's)."""

USGS_SOURCE = Source(
    id="usgs-quakes",
    title=Text("世界の地震(USGS)", "Earthquakes in the world (USGS)"),
    gives=(WORLD_EVENTS.id,),
    licence="public domain",
    reference="https://earthquake.usgs.gov/earthquakes/feed/v1.0/geojson.php",
    detect=lambda payload: usgs_quakes.looks_like(payload.data),
    parse=parse_usgs,
    feeds=(
        Feed(url=f"{_USGS}all_hour.geojson", every_s=60),
        Feed(url=f"{_USGS}4.5_day.geojson", every_s=60),
        Feed(url=_USGS, every_s=300),
    ),
)
"""USGS keeps its answers for 60 s (www.usgs.gov/faqs, "How fast does the earthquake information
get posted"); longer lists of it hold little that is new, and are large."""

SOURCES = (GDACS_SOURCE, USGS_SOURCE)
