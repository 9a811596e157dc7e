"""Geometries: the standard's limits at the first position, ours at every one."""

from __future__ import annotations

from typing import Any

from hinomi.kernel.geometry import DEPTH, Geometry
from hinomi.standards.sip4d.codes import Findings

JAPAN = (122.0, 20.0, 154.5, 46.0)
"""West, south, east, north [degrees]: 与那国島, 沖ノ鳥島, 南鳥島, 択捉島."""
_HUGE = 10**9
"""Beyond it a number is no coordinate in any unit; NaN is never below it."""


class Geometries:
    """Checks a layer's geometries and returns them as the map can show them."""

    def __init__(self, path: str, findings: Findings) -> None:
        self._path = path
        self._findings = findings
        self._kinds: set[str] = set()
        self._first = True
        self._bad = False

    def read(self, value: Any, number: int) -> Geometry | None:
        """Return a geometry that can be stored, or None with what is wrong with it."""
        place = f"{self._path}/features[{number}]/geometry"
        if value is None:
            self._findings.add("geometry-missing", place)
            return None
        kind = value.get("type") if isinstance(value, dict) else None
        if not isinstance(kind, str) or kind not in DEPTH:
            shown = kind if kind is not None else value
            self._findings.add("geometry-unknown", place, found=shown, expected=", ".join(DEPTH))
            return None
        self._note_kind(kind, place)
        self._first, self._bad = True, False
        coordinates = self._nested(value.get("coordinates"), DEPTH[kind], kind, place)
        return None if self._bad else {"type": kind, "coordinates": coordinates}

    def _note_kind(self, kind: str, place: str) -> None:
        if kind in self._kinds:
            return
        if self._kinds:
            expected = ", ".join(sorted(self._kinds))
            self._findings.add("geometry-mixed", place, found=kind, expected=expected)
        self._kinds.add(kind)

    def _nested(self, value: Any, depth: int, kind: str, place: str) -> list[Any]:
        if depth == 0:
            return self._position(value, place)
        if not isinstance(value, list) or not value:
            self._refuse("geometry-empty", place, value)
            return []
        if depth == 1 and kind.endswith("LineString") and len(value) < 2:
            self._refuse("line-short", place, len(value))
        if depth == 1 and kind.endswith("Polygon"):
            return self._ring(value, place)
        return [self._nested(inner, depth - 1, kind, place) for inner in value]

    def _ring(self, value: list[Any], place: str) -> list[Any]:
        if len(value) < 4:
            self._refuse("ring-short", place, len(value))
            return []
        ring = [self._position(inner, place) for inner in value]
        if ring[0] != ring[-1]:
            self._findings.add("ring-open", place, found=value[-1], expected=repr(value[0]))
            ring.append(ring[0])
        return ring

    def _position(self, value: Any, place: str) -> list[float]:
        first, self._first = self._first, False
        try:
            x, y = value
        except (TypeError, ValueError):
            return self._odd_position(value, place, first=first)
        if type(x) is float and type(y) is float:
            west, south, east, north = JAPAN
            if west <= x <= east and south <= y <= north:
                return [x, y]
        return self._doubtful_position([x, y], place, first=first)

    def _odd_position(self, value: Any, place: str, *, first: bool) -> list[float]:
        """Read a position that has not two members: one with a height is cut, others refused."""
        if isinstance(value, list) and len(value) == 3:
            self._findings.add("position-3d", place, found=value)
            return self._doubtful_position(value[:2], place, first=first)
        self._refuse("position-malformed" if first else "vertex-malformed", place, value)
        return []

    def _doubtful_position(self, value: list[Any], place: str, *, first: bool) -> list[float]:
        numbers = [v for v in value if type(v) in (int, float)]
        if len(numbers) < 2:
            self._refuse("position-malformed" if first else "vertex-malformed", place, value)
            return []
        if any(type(v) is int for v in numbers):
            self._findings.add("position-integer", place, found=value)
        x, y = numbers
        west, south, east, north = JAPAN
        if not (abs(x) < _HUGE and abs(y) < _HUGE):
            self._refuse("number-not-finite", place, value)
        elif west <= y <= east and south <= x <= north:
            self._refuse("coordinates-swapped", place, value, "longitude, latitude")
        elif not (west <= x <= east and south <= y <= north):
            expected = f"longitude {west} to {east}, latitude {south} to {north}"
            self._refuse("outside-japan", place, value, expected)
        return [] if self._bad else [float(x), float(y)]

    def _refuse(self, code: str, place: str, found: Any, expected: str = "") -> None:
        self._bad = True
        self._findings.add(code, place, found=found, expected=expected)
