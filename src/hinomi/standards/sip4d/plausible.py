"""Do the places agree with the names? Against municipalities' boundaries and a list of names.

A package can pass every format rule and lie 450 km off: in the Aichi drill package of the Checker's
test data most municipalities are displaced by +5.000 degrees of longitude, some by +4.000.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from statistics import median
from typing import Any, Protocol, TypeAlias

import msgspec

from hinomi.kernel.errors import Text
from hinomi.kernel.geometry import Geometry, positions
from hinomi.standards.sip4d.codes import Findings
from hinomi.vocabulary.areas import codes

PER_PLACE = 50
"""Points kept of one municipality: enough for a median, bounded for a million features."""
NEAR_DEG = 0.05
"""About 5 km: boundaries are simplified, and what stands on the border lies outside."""
FAR_DEG = 0.5
"""About 50 km: simplified boundaries lose small islands."""
MANY = 0.2
"""A municipality of whose points more than this lies outside is displaced as a whole."""
MATCHES = 3
"""Names of one municipality that must agree on a displacement; so many points, too."""
SPREAD_DEG = 0.02
"""Their median difference from it: about 2 km."""

Point: TypeAlias = tuple[int, float, float, str]
"""Number of the feature, longitude, latitude, name."""

_COUNTY = re.compile(r"^.+?郡")
_CODE = ("citycode", "city_code", "lgcode")
_NAME = ("cityname", "city_name", "city")


class Ground(Protocol):
    """What is known of places: boundaries by code (7 digits), positions by name."""

    def boundary(self, code: str, on: date) -> Geometry | None:
        """Return a municipality's boundary on that day, or None."""

    def named(self, code: str, name: str) -> Sequence[tuple[float, float]]:
        """Return where places of that name in the municipality are: (longitude, latitude)."""


class Boundaries:
    """A ground that knows boundaries only."""

    def __init__(self, place: Callable[[str, date], Geometry | None]) -> None:
        self._place = place

    def boundary(self, code: str, on: date) -> Geometry | None:
        """Return a municipality's boundary."""
        return self._place(code, on)

    def named(self, code: str, name: str) -> Sequence[tuple[float, float]]:  # noqa: ARG002
        """Return nothing: no names are known."""
        return ()


def municipality_of(
    stated: dict[str, Any], properties: dict[str, Any], lgcodes: Iterable[str]
) -> str:
    """Return the code (7 digits) of the municipality that a feature names, or nothing.

    Args:
        stated: the feature's standard attributes.
        properties: the sender's own.
        lgcodes: the package's, whose prefectures a bare name is looked up in.
    """
    for name in _CODE:
        code = stated.get(name) or properties.get(name)
        if isinstance(code, str) and len(code) == 5 and code.isascii() and code.isdigit():
            return f"{code}00"
    for name in _NAME:
        city = stated.get(name) or properties.get(name)
        if isinstance(city, str) and city:
            return _named(city.strip(), lgcodes)
    return ""


def _named(city: str, lgcodes: Iterable[str]) -> str:
    prefectures = {code[:2] for code in lgcodes}
    for entry in codes.every("prefecture"):
        if city.startswith(entry.name) and len(city) > len(entry.name):
            prefectures, city = {entry.code[:2]}, city[len(entry.name) :]
            break
    for prefecture in prefectures:
        for name in (city, _COUNTY.sub("", city)):
            found = codes.municipality_named(_prefecture_name(prefecture), name)
            if found is not None:
                return found.code
    return ""


def _prefecture_name(code: str) -> str:
    entry = codes.prefecture_of(code)
    return entry.name if entry else ""


class Places:
    """Collects one layer's points by municipality, and says at the end what cannot be right."""

    def __init__(self, path: str, findings: Findings, lgcodes: Iterable[str]) -> None:
        self._path = path
        self._findings = findings
        self._lgcodes = tuple(lgcodes)
        self._points: dict[str, list[Point]] = {}
        self._cities: dict[tuple[str, str], str] = {}
        self._unknown = 0

    def add(
        self, number: int, place: Geometry, stated: dict[str, Any], properties: dict[str, Any]
    ) -> str:
        """Note one feature's place; return the code of the municipality that it names."""
        key = (
            str(stated.get("citycode") or properties.get("city_code") or "")[:5],
            str(stated.get("cityname") or properties.get("cityname") or "")[:40],
        )
        code = self._cities.get(key)
        if code is None:
            code = municipality_of(stated, properties, self._lgcodes)
            if len(self._cities) < 10_000:
                self._cities[key] = code
        kept = self._points.setdefault(code, [])
        if code and len(kept) < PER_PLACE:
            x, y = place["coordinates"] if place["type"] == "Point" else positions(place)[0]
            name = stated.get("name") or properties.get("name")
            kept.append((number, x, y, name if isinstance(name, str) else ""))
        elif not code and any(key):
            self._unknown += 1
        return code

    def finish(self, ground: Ground, on: date) -> None:
        """Compare with the ground, municipality by municipality."""
        if self._unknown:
            more = Text(f"{self._unknown}件。", f"{self._unknown} features.")
            self._findings.add("municipality-unknown", self._path, more=more)
        shifted: dict[tuple[float, float], list[tuple[int, Shift]]] = {}
        for code, points in self._points.items():
            if not code or not points:
                continue
            shift = _by_names(code, points, ground)
            if shift is None:
                boundary = ground.boundary(code, on)
                shift, far = _by_boundary(points, boundary) if boundary else (None, [])
                if shift is None:
                    self._tell_outside(code, far)
            if shift is not None:
                key = (round(shift.east, 2), round(shift.north, 2))
                shifted.setdefault(key, []).append((points[0][0], shift))
        for found in sorted(shifted.values(), key=len, reverse=True):
            self._tell_displaced(found)

    def _tell_displaced(self, found: list[tuple[int, Shift]]) -> None:
        east = median(shift.east for _, shift in found)
        north = median(shift.north for _, shift in found)
        # A median of -0.0000004 is no direction.
        shown = f"{east:+.3f} degrees of longitude, {round(north, 3) + 0.0:+.3f} of latitude"
        names = sum(shift.names for _, shift in found)
        more = Text(
            f"経度{east:+.3f}度、緯度{round(north, 3) + 0.0:+.3f}度"
            f"({len(found)}市区町村、同名の施設{names}件)。",
            f"By {shown} ({len(found)} municipalities, {names} places of the same name).",
        )
        place = f"{self._path}/features[{min(number for number, _ in found)}]/geometry"
        self._findings.add("layer-displaced", place, found=shown, more=more)

    def _tell_outside(self, code: str, far: list[tuple[int, float]]) -> None:
        entry = codes.ever(code, "municipality") or codes.ever(code, "ward")
        for number, distance in far:
            self._findings.add(
                "outside-municipality",
                f"{self._path}/features[{number}]/geometry",
                found=f"about {distance * 100:.0f} km outside",
                expected=f"in {entry.name if entry else code}",
            )


class Shift(msgspec.Struct, frozen=True):
    """A displacement [degrees], and how many names it was measured from."""

    east: float
    north: float
    names: int = 0


def _by_names(code: str, points: list[Point], ground: Ground) -> Shift | None:
    """Return the median displacement from places of the same name, if they agree on one."""
    east, north = [], []
    for _, x, y, name in points:
        known = ground.named(code, name) if name else ()
        if len(known) == 1:
            east.append(x - known[0][0])
            north.append(y - known[0][1])
    if len(east) < MATCHES:
        return None
    dx, dy = median(east), median(north)
    spread = median(abs(e - dx) + abs(n - dy) for e, n in zip(east, north, strict=True))
    if max(abs(dx), abs(dy)) <= NEAR_DEG or spread > SPREAD_DEG:
        return None
    return Shift(dx, dy, len(east))


def _by_boundary(
    points: list[Point], boundary: Geometry
) -> tuple[Shift | None, list[tuple[int, float]]]:
    """Return the round shift that brings nine tenths inside, and what lies far outside."""
    # Imported here: they take a third of a second, and starting must not wait for them.
    import numpy as np  # noqa: PLC0415
    import shapely  # noqa: PLC0415
    from shapely.geometry import shape  # noqa: PLC0415

    ground = shape(boundary)
    shapely.prepare(ground)
    at = np.array([(x, y) for _, x, y, _ in points], dtype=float)
    distances = [float(d) for d in np.atleast_1d(shapely.distance(ground, shapely.points(at)))]
    near = sum(distance > NEAR_DEG for distance in distances)
    whole = near > MANY * len(points) and near >= MATCHES
    limit = NEAR_DEG if whole else FAR_DEG
    far = [
        (point[0], distance)
        for point, distance in zip(points, distances, strict=True)
        if distance > limit
    ]
    if not whole:
        return None, far
    centre = ground.centroid
    dx, dy = (at.mean(axis=0) - (centre.x, centre.y)).tolist()
    for step in (1.0, 0.5, 0.1, 0.05):
        east, north = round(dx / step) * step, round(dy / step) * step
        moved = shapely.points(at - (east, north))
        inside = int((shapely.distance(ground, moved) <= 0.1 * NEAR_DEG).sum())
        if (east or north) and inside >= 0.9 * len(points):
            return Shift(east, north), far
    return None, far
