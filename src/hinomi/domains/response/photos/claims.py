"""Where and when a photo was taken: several witnesses, none believed in silence.

The photo (EXIF), the telephone (where it is while sending), the sender's finger on the map. The
order is finger, photo, telephone for the place; photo, telephone, arrival for the time; and each
contradiction is a finding that the person who confirms has before their eyes.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from math import asin, cos, hypot, radians, sin, sqrt
from typing import TYPE_CHECKING

import msgspec

from hinomi.domains.response.photos.collections import Claim, Finding, From
from hinomi.kernel.geometry import Geometry, bounds

if TYPE_CHECKING:
    from hinomi.standards.exif import Exif

FUTURE = timedelta(minutes=5)
"""A telephone's clock is set by its network; more than this ahead is wrong."""
OLD = timedelta(days=3)
VERY_OLD = timedelta(days=365)
CLOCKS_APART = timedelta(minutes=15)
"""Between the camera's clock and the satellites'."""
APART_M = 1_000.0
"""Between two witnesses of the place [m], beyond what they say of their own accuracy."""
FAR_KM = 30.0
"""From one's area: beyond the neighbouring municipality."""
JAPAN = (122.0, 20.0, 154.0, 46.0)
"""West, south, east, north of the islands (国土地理院, 日本の東西南北端点) with a margin."""


class Weighed(msgspec.Struct, frozen=True, kw_only=True):
    """What is taken for true until a person says otherwise, and what speaks against it."""

    longitude: float | None = None
    latitude: float | None = None
    place_from: From = ""
    taken_at: datetime | None = None
    taken_from: From = ""
    claims: tuple[Claim, ...] = ()
    findings: tuple[Finding, ...] = ()


def weigh(
    exif: Exif, told: Iterable[Claim], received_at: datetime, grounds: Iterable[Geometry] = ()
) -> Weighed:
    """Return the place and the time of a photo with all that speaks against them.

    Args:
        exif: what the photo says of itself.
        told: what the telephone (``device``) and the sender (``tap``) say.
        received_at: when it arrived.
        grounds: one's own area; empty: all of Japan.
    """
    findings = [
        Finding(p.code, p.text.ja, p.text.en, grave=p.code not in _HARMLESS) for p in exif.problems
    ]
    own = Claim(by="exif", longitude=exif.longitude, latitude=exif.latitude,
                accuracy_m=exif.accuracy_m, at=exif.taken_at)  # fmt: skip
    claims = {claim.by: claim for claim in (own, *told)}
    taken_at, taken_from = _time(exif, claims, received_at, findings)
    places = [claims[by] for by in ("tap", "exif", "device") if by in claims]
    placed = [claim for claim in places if claim.longitude is not None]
    _compare(placed, findings)
    best = placed[0] if placed else None
    if best is None:
        findings.append(Finding("photo.no-place", "位置が分かりません", "has no place"))
    else:
        _check_ground(best, list(grounds), findings)
    return Weighed(
        longitude=best.longitude if best else None,
        latitude=best.latitude if best else None,
        place_from=best.by if best else "",
        taken_at=taken_at,
        taken_from=taken_from,
        claims=tuple(c for c in claims.values() if c.longitude is not None or c.at is not None),
        findings=tuple(findings),
    )


_HARMLESS = frozenset({"exif.zone-assumed", "exif.hemisphere-assumed"})


def _time(
    exif: Exif, claims: dict[From, Claim], received_at: datetime, findings: list[Finding]
) -> tuple[datetime, From]:
    taken = exif.taken_at
    if taken is not None and _impossible(taken, received_at, findings):
        taken = None
    if taken is not None and exif.gps_at is not None and abs(taken - exif.gps_at) > CLOCKS_APART:
        findings.append(
            Finding("photo.clocks-disagree", "カメラの時計とGPSの時刻が違います",
                    "the camera's clock and the satellites' differ")
        )  # fmt: skip
        if not exif.zone_stated:
            taken = exif.gps_at  # The zone was a guess; the satellites' time has none.
    if taken is not None:
        return taken, "exif"
    device = claims.get("device")
    if device is not None and device.at is not None and device.at <= received_at + FUTURE:
        findings.append(
            Finding("photo.time-of-file", "撮影時刻が写真になく、端末の時刻で代えています",
                    "has no time of its own; the telephone's stands in", grave=False)
        )  # fmt: skip
        return device.at, "device"
    findings.append(
        Finding("photo.no-time", "撮影時刻が分からず、受付時刻で代えています",
                "has no time; its arrival stands in")
    )  # fmt: skip
    return received_at, "received"


def _impossible(taken: datetime, received_at: datetime, findings: list[Finding]) -> bool:
    """Note what is wrong with a time, and tell whether it cannot be at all."""
    if taken > received_at + FUTURE:
        findings.append(
            Finding("photo.future", "撮影時刻が未来です", "says it was taken in the future")
        )
        return True
    age = received_at - taken
    if age > VERY_OLD:
        findings.append(
            Finding("photo.years-old", f"撮影が{age.days // 365}年以上前です",
                    f"says it is more than {age.days // 365} years old")
        )  # fmt: skip
    elif age > OLD:
        findings.append(
            Finding("photo.old", f"撮影が{age.days}日前です", f"says it is {age.days} days old")
        )
    return False


def _compare(placed: list[Claim], findings: list[Finding]) -> None:
    for number, one in enumerate(placed):
        for other in placed[number + 1 :]:
            apart = distance_m(one, other) - (one.accuracy_m or 0) - (other.accuracy_m or 0)
            if apart > APART_M:
                findings.append(
                    Finding("photo.places-disagree",
                            f"{_WORDS[one.by][0]}と{_WORDS[other.by][0]}の位置が"
                            f"{apart / 1000:.1f} km離れています",
                            f"{_WORDS[one.by][1]} and {_WORDS[other.by][1]} are"
                            f" {apart / 1000:.1f} km apart")
                )  # fmt: skip


_WORDS = {
    "tap": ("地図で指した位置", "the tapped place"),
    "exif": ("写真の位置", "the photo's place"),
    "device": ("端末の位置", "the telephone's place"),
}


def _check_ground(best: Claim, grounds: list[Geometry], findings: list[Finding]) -> None:
    longitude, latitude = best.longitude or 0.0, best.latitude or 0.0
    west, south, east, north = JAPAN
    if not (west <= longitude <= east and south <= latitude <= north):
        swapped = west <= latitude <= east and south <= longitude <= north
        hint = ("(緯度と経度が逆かもしれません)", " (swapped, perhaps)") if swapped else ("", "")
        findings.append(
            Finding("photo.not-in-japan", f"日本の外の位置です{hint[0]}",
                    f"lies outside Japan{hint[1]}")
        )  # fmt: skip
        return
    if not grounds:
        return
    away = min(_away_km(longitude, latitude, ground) for ground in grounds)
    if away > FAR_KM:
        findings.append(
            Finding("photo.far-away", f"管内から約{away:.0f} km離れています",
                    f"lies some {away:.0f} km from the area")
        )  # fmt: skip


def _away_km(longitude: float, latitude: float, ground: Geometry) -> float:
    """Return how far a point is from the ground's bounding box [km], 0 inside it."""
    west, south, east, north = bounds(ground)
    across = max(west - longitude, 0, longitude - east) * 111.32 * cos(radians(latitude))
    up = max(south - latitude, 0, latitude - north) * 110.57
    return hypot(across, up)


def distance_m(one: Claim, other: Claim) -> float:
    """Return the great-circle distance between two places [m] (haversine, radius 6371.0 km)."""
    a, b = radians(one.latitude or 0.0), radians(other.latitude or 0.0)
    across = radians((other.longitude or 0.0) - (one.longitude or 0.0))
    half = sin((b - a) / 2) ** 2 + cos(a) * cos(b) * sin(across / 2) ** 2
    return 2 * 6_371_000.0 * asin(sqrt(min(half, 1.0)))
