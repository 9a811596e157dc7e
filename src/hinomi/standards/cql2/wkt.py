"""Well-known text (OGC 06-103r4) inside a filter, over the same tokens."""

from __future__ import annotations

import math
from typing import Any

from hinomi.kernel.geometry import DEPTH
from hinomi.standards.cql2.limits import VALUES, refuse, too_large
from hinomi.standards.cql2.shapes import WKT_NAMES
from hinomi.standards.cql2.tokens import Token


class Wkt:
    """Reads one geometry from the tokens at ``at`` and leaves ``at`` behind it."""

    def __init__(self, given: list[Token], at: int) -> None:
        self.tokens = given
        self.at = at
        self.positions = 0

    def literal(self, *, nested: bool = False) -> dict[str, Any]:
        """Return the geometry as a GeoJSON mapping, or a mapping with ``bbox`` for BBOX()."""
        token = self._take()
        word = token.word
        if word == "BBOX" and not nested:
            return {"bbox": self._numbers_in_brackets()}
        name = word if word in WKT_NAMES else word.removesuffix("Z")
        if name not in WKT_NAMES:
            raise refuse(token.where, ("a WKT geometry", "WKTの図形"), repr(token.text))
        if self.tokens[self.at].word == "Z":
            self.at += 1
        kind = WKT_NAMES[name]
        if kind != "GeometryCollection":
            return {"type": kind, "coordinates": self._coordinates(kind)}
        if nested:
            expected = ("no collection within a collection", "入れ子でない図形の集まり")
            raise refuse(token.where, expected, token.text)
        return {"type": kind, "geometries": self._members()}

    def _members(self) -> list[dict[str, Any]]:
        self._mark("(")
        found = [self.literal(nested=True)]
        while self._accept(","):
            found.append(self.literal(nested=True))
        self._mark(")")
        return found

    def _coordinates(self, kind: str) -> Any:
        if kind == "Point":
            self._mark("(")
            point = self._position()
            self._mark(")")
            return point
        return self._list(DEPTH[kind], bare=kind == "MultiPoint")

    def _list(self, depth: int, *, bare: bool) -> list[Any]:
        self._mark("(")
        found = [self._member(depth, bare=bare)]
        while self._accept(","):
            found.append(self._member(depth, bare=bare))
        self._mark(")")
        return found

    def _member(self, depth: int, *, bare: bool) -> list[Any]:
        if depth > 1:
            return self._list(depth - 1, bare=bare)
        # MULTIPOINT's positions stand in brackets of their own, or (widely) bare.
        bracket = bare and self._accept("(")
        found = self._position()
        if bracket:
            self._mark(")")
        return found

    def _position(self) -> list[float]:
        self.positions += 1
        if self.positions > VALUES:
            raise too_large(("positions in a geometry", "図形の座標の数"), VALUES)
        found = [self._number(), self._number()]
        if self.tokens[self.at].kind == "number":
            found.append(self._number())
        return found

    def _numbers_in_brackets(self) -> list[float]:
        self._mark("(")
        found = [self._number()]
        while self._accept(",") and len(found) < 6:
            found.append(self._number())
        self._mark(")")
        return found

    def _number(self) -> float:
        token = self._take()
        value = float(token.text) if token.kind == "number" else math.nan
        if not math.isfinite(value):
            raise refuse(token.where, ("a finite number", "有限の数"), repr(token.text))
        return value

    def _take(self) -> Token:
        token = self.tokens[self.at]
        self.at += token.kind != "end"
        return token

    def _accept(self, mark: str) -> bool:
        token = self.tokens[self.at]
        found = token.kind == "mark" and token.text == mark
        self.at += found
        return found

    def _mark(self, mark: str) -> None:
        token = self.tokens[self.at]
        if not self._accept(mark):
            found = "the end" if token.kind == "end" else repr(token.text)
            raise refuse(token.where, (mark, mark), found)
