"""How probable it is that two statements are about one thing: Fellegi and Sunter's weights.

Each comparison (name, distance, address, identifier …) has a few levels; a level weighs
log2(m / u): m is how often it is seen between statements of one thing, u how often between those
of two that blocking put side by side. The weights add up, with the prior odds, to log2 of the odds.

References:
    Fellegi and Sunter 1969, A theory for record linkage, JASA 64(328), 1183-1210,
    doi:10.1080/01621459.1969.10501049.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from hinomi.domains.response.merging.things import EVENTS, Thing
from hinomi.kernel.geometry import Geometry
from hinomi.vocabulary.naming import address_likeness, likeness

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

LIMITS_M = (10, 50, 150, 400, 1000, 3000)
_EARTH_M = 6_371_000.0
_HOURS = (6.0, 72.0)
_PAST_H = 720.0
"""[h] A photo that is older shows another event."""
_PHONE = 9
_SECONDS_AN_HOUR = 3600.0
_AREAS = frozenset({"Polygon", "MultiPolygon"})
_SHARES = (("most", 0.5), ("part", 0.1))


class _Placed(msgspec.Struct):
    geometry: Geometry


_PLACED = msgspec.json.Decoder(_Placed)


class Evidence(msgspec.Struct, frozen=True):
    """One comparison of a pair: which level it reached, and what that weighs [bits]."""

    what: str
    level: str
    weight: float


class Weighed(msgspec.Struct, frozen=True):
    """A pair's evidence and the probability that it is one thing."""

    probability: float
    evidence: tuple[Evidence, ...]


def levels(one: Thing, other: Thing) -> dict[str, str]:
    """Return the level of each comparison."""
    if one.kind in EVENTS:
        photo = one.is_photo or other.is_photo
        return {
            "name": "missing" if photo else likeness(one.name, other.name),
            "distance": distance_level(one, other),
            "overlap": overlap_level(one, other),
            "sight": "same" if photo else "missing",
            "time": _time(one, other),
            "identifier": _identifier(one, other, own=True),
        }
    found = {
        "name": likeness(one.name, other.name),
        "distance": distance_level(one, other),
    }
    found["address"] = address_likeness(one.address, other.address)
    found["municipality"] = _municipality(one, other)
    found["identifier"] = _identifier(one, other, own=False)
    found["phone"] = _equal(one.phone, other.phone, _PHONE)
    return found


Bits: TypeAlias = Callable[[str], float]
"""What a town adds to the odds of a kind of thing, see the act ``response.set-matching`` [bits]."""


def unchanged(kind: str) -> float:  # noqa: ARG001 - of any kind
    """Return nothing to add: the weights as they stand here."""
    return 0.0


def weigh(
    one: Thing, other: Thing, *, but: tuple[str, ...] = (), more: Bits = unchanged
) -> Weighed:
    """Return the probability that two statements are about one thing, and why.

    Args:
        one: a statement.
        other: another one, of the same kind of thing.
        but: comparisons to leave out (to measure the others by an identifier).
        more: what the town adds for the kind of thing.
    """
    table = EVENT_WEIGHTS if one.kind in EVENTS else PLACE_WEIGHTS
    prior = EVENT_PRIOR if one.kind in EVENTS else PLACE_PRIOR
    found = tuple(
        Evidence(what, level, table[what].get(level, 0.0))
        for what, level in levels(one, other).items()
        if what not in but
    )
    kind = (other if one.is_photo else one).kind
    added = more(kind)
    if added:
        found = (*found, Evidence("rule", kind, added))
    bits = prior + sum(e.weight for e in found)
    return Weighed(round(1 / (1 + 2.0 ** -max(-40.0, min(40.0, bits))), 4), found)


def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the distance [m] of two positions (longitude, latitude), on a sphere, locally flat."""
    x = math.radians(other[0] - one[0]) * math.cos(math.radians((one[1] + other[1]) / 2))
    return _EARTH_M * math.hypot(x, math.radians(other[1] - one[1]))


def distance_m(one: Thing, other: Thing) -> float | None:
    """Return how far apart two things are [m]: of lines and areas the nearest points."""
    if one.at is None or other.at is None:
        return None
    if one.form == other.form == "Point":
        return metres(one.at, other.at)
    # Imported here: starting must not wait for it.
    from shapely import affinity  # noqa: PLC0415

    squeeze = math.cos(math.radians((one.at[1] + other.at[1]) / 2))
    flat = [
        affinity.scale(_shape(t.feature), xfact=squeeze, yfact=1.0, origin=(0, 0))
        for t in (one, other)
    ]
    return math.radians(float(flat[0].distance(flat[1]))) * _EARTH_M


def overlap_level(one: Thing, other: Thing) -> str:
    """Return how much of the smaller one lies in the other: most, part, apart.

    ``missing`` where neither is an area; of a point or a line that lies outside, distance tells.
    """
    areas = [thing for thing in (one, other) if thing.form in _AREAS]
    if not areas or one.at is None or other.at is None:
        return "missing"
    mine, theirs = _shape(one.feature), _shape(other.feature)
    if len(areas) == 1:
        return "most" if mine.intersects(theirs) else "missing"
    smaller = min(mine.area, theirs.area)
    share = mine.intersection(theirs).area / smaller if smaller else float(mine.intersects(theirs))
    return next((name for name, least in _SHARES if share >= least), "apart")


@lru_cache(maxsize=2048)
def _shape(feature: bytes) -> BaseGeometry:
    """Return a feature's geometry, mended where it crosses itself."""
    from shapely import make_valid  # noqa: PLC0415
    from shapely.geometry import shape  # noqa: PLC0415

    found = shape(_PLACED.decode(feature).geometry)
    return found if found.is_valid else make_valid(found)


def distance_level(one: Thing, other: Thing) -> str:
    """Return the least limit that the distance keeps: ``50m``; ``far``; ``missing``."""
    apart = distance_m(one, other)
    if apart is None:
        return "missing"
    return next((f"{limit}m" for limit in LIMITS_M if apart <= limit), "far")


def _municipality(one: Thing, other: Thing) -> str:
    if not one.municipality or not other.municipality:
        return "missing"
    if one.municipality[0].isdigit() is not other.municipality[0].isdigit():
        return "missing"  # A code and a name: not comparable.
    return "same" if one.municipality[:5] == other.municipality[:5] else "different"


def _identifier(one: Thing, other: Thing, *, own: bool) -> str:
    """Return whether an identifier says so; of events only one's own of the same source does."""
    if one.collection == other.collection and one.key == other.key:
        return "same"
    if own:
        same = one.local_id and one.local_id == other.local_id and one.source == other.source
        return "same" if same else "missing"
    if one.common_id and other.common_id:
        return "same" if one.common_id == other.common_id else "different"
    if len(one.local_id) > 4 and one.local_id == other.local_id:
        return "same"
    return "missing"


def _equal(one: str, other: str, least: int) -> str:
    if len(one) < least or len(other) < least:
        return "missing"
    return "same" if one == other else "different"


def _time(one: Thing, other: Thing) -> str:
    hours = abs((one.seen_at - other.seen_at).total_seconds()) / _SECONDS_AN_HOUR
    if hours > _PAST_H and (one.is_photo or other.is_photo):
        return "past"
    return next((f"{limit:g}h" for limit in _HOURS if hours <= limit), "long")


PLACE_PRIOR = -1.2
"""log2 of the odds that a pair of a block is one place: 34,190 to 76,681 in the sample below."""
PLACE_WEIGHTS: dict[str, dict[str, float]] = {
    "name": {"same": 6.5, "core": 5.1, "near": 0.2, "part": 0.6, "conflict": -2.0,
             "different": -4.2},
    "distance": {"10m": 6.7, "50m": 3.2, "150m": 0.3, "400m": -5.2, "1000m": -7.4, "3000m": -8.5,
                 "far": -10.0},
    "address": {"same": 5.0, "lot": 1.0, "town": -1.0, "different": -3.0},
    "municipality": {"different": -4.0},
    "identifier": {"same": 12.0, "different": -5.0},
    "phone": {"same": 5.0, "different": -1.0},
}  # fmt: skip
"""[bits] Name and distance to 1000 m: log2(m / u) of GSI's two lists (115,402 sites, 82,557
shelters, of prefectures with an even number; truth: the same running number in the 共通ID); where
two names differ by a number, less than measured, since a person should look. The other figures are
ours, kept small: GSI gives one number to one address, so address and identifier cannot be measured
against it. What is missing weighs nothing."""
EVENT_PRIOR = -3.0
EVENT_WEIGHTS: dict[str, dict[str, float]] = {
    "name": {"same": 4.0, "core": 3.0, "near": 1.0, "part": 1.0, "conflict": -5.0,
             "different": -4.0},
    "distance": {"10m": 6.0, "50m": 5.0, "150m": 3.0, "400m": 0.0, "1000m": -4.0, "3000m": -6.0,
                 "far": -10.0},
    "overlap": {"most": 2.5, "part": 1.0, "apart": -4.0},
    "sight": {"same": 2.0},
    "time": {"6h": 1.0, "72h": 0.5, "long": -2.0, "past": -12.0},
    "identifier": {"same": 12.0},
}  # fmt: skip
"""[bits] Set by hand: no sample with known answers is at hand. Two reports on one road within 150 m
and three days are one closure (p = 0.96); 400 m apart, or near each other without a name, a person
is asked. Where an area covers the other one without any name, and where a photo whose words name
such a thing was taken within 50 m of it and 72 h, they are one (p > 0.95)."""
