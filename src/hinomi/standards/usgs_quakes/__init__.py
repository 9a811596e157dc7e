"""USGS's earthquake feeds (GeoJSON summary format), read.

https://earthquake.usgs.gov/earthquakes/feed/v1.0/geojson.php; public domain.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from hinomi.kernel.errors import DataError, Problem, Text
from hinomi.vocabulary.numbers import quote_not_numbers

HEAD_BYTES = 4096
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_YEARS = (datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC))


class Quake(msgspec.Struct, frozen=True, kw_only=True):
    """One earthquake as USGS states it."""

    id: str
    title: str
    place: str
    magnitude: float | None
    magnitude_type: str
    depth_km: float | None
    at: datetime
    updated_at: datetime
    reviewed: bool
    """A person looked at it; else only programs did."""
    alert: str
    """PAGER's estimate of the loss: ``green yellow orange red`` or empty."""
    tsunami: bool
    link: str
    longitude: float
    latitude: float


class Feed(msgspec.Struct, frozen=True):
    """The feed's quakes by their number, and what could not be read."""

    quakes: tuple[tuple[int, Quake], ...]
    problems: tuple[Problem, ...]


class _Properties(msgspec.Struct):
    time: int
    updated: int
    mag: float | None = None
    place: str | None = None
    title: str | None = None
    alert: str | None = None
    status: str | None = None
    tsunami: int | None = None
    url: str | None = None
    mag_type: str | None = msgspec.field(name="magType", default=None)


class _Point(msgspec.Struct):
    coordinates: tuple[float, float, float | None]


class _Feature(msgspec.Struct):
    id: str
    properties: _Properties
    geometry: _Point


class _Collection(msgspec.Struct):
    features: list[msgspec.Raw]


_FEED = msgspec.json.Decoder(_Collection)
_QUAKE = msgspec.json.Decoder(_Feature)


def looks_like(data: bytes) -> bool:
    """Tell whether a file's first bytes are this format's: quakes with ``mag`` and ``place``."""
    head = data[:HEAD_BYTES]
    return all(name in head for name in (b'"FeatureCollection"', b'"mag"', b'"updated"'))


def decode(data: bytes) -> Feed:
    """Return the feed's quakes; one that is broken becomes a problem and the others go on.

    Raises:
        DataError: no JSON, or no collection of features.
    """
    try:
        try:
            feed = _FEED.decode(data)
        except msgspec.ValidationError:
            raise
        except msgspec.DecodeError:
            feed = _FEED.decode(quote_not_numbers(data))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DataError([_problem("usgs.unreadable", "", str(error))]) from None
    quakes: list[tuple[int, Quake]] = []
    problems: list[Problem] = []
    for number, raw in enumerate(feed.features):
        try:
            quakes.append((number, _quake(_QUAKE.decode(raw))))
        except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
            problems.append(_problem("usgs.feature", f"/features[{number}]", str(error)))
    return Feed(tuple(quakes), tuple(problems))


def _quake(feature: _Feature) -> Quake:
    told = feature.properties
    longitude, latitude, depth_km = feature.geometry.coordinates
    # The feed runs over the date line to the west; the map's longitudes end at ±180.
    longitude = (longitude + 180.0) % 360.0 - 180.0
    if not -90 <= latitude <= 90:
        raise ValueError(f"latitude {latitude} is outside ±90")
    return Quake(
        id=feature.id,
        title=told.title or "",
        place=told.place or "",
        magnitude=told.mag,
        magnitude_type=told.mag_type or "",
        depth_km=depth_km,
        at=_instant(told.time),
        updated_at=_instant(told.updated),
        reviewed=told.status == "reviewed",
        alert=told.alert or "",
        tsunami=bool(told.tsunami),
        link=told.url or "",
        longitude=longitude,
        latitude=latitude,
    )


def _instant(milliseconds: int) -> datetime:
    first, last = _YEARS
    if not first <= _EPOCH + timedelta(milliseconds=min(milliseconds, 10**14)) <= last:
        raise ValueError(f"{milliseconds} ms since 1970 is no time of a quake")
    return _EPOCH + timedelta(milliseconds=milliseconds)


def _problem(code: str, path: str, why: str) -> Problem:
    text = Text(f"USGSの地震情報として読めません: {why}", f"Not USGS' earthquake feed: {why}")
    return Problem(
        code, path, text, found=why[:200], expected="GeoJSON features with mag, place, time"
    )
