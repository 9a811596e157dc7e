"""``style.json``: how the sender wants a layer drawn, as classes of our map."""

from __future__ import annotations

import re
from typing import Any, Literal

import msgspec

_COLOUR = re.compile(r"[0-9a-fA-F]{6}\Z")
PLAIN = "#4c6ef5"
"""Where a sender states no colour."""

Shape = Literal["circle", "line", "area"]
_SHAPES: dict[str, Shape] = {"point": "circle", "line": "line", "polygon": "area"}
_BY_GEOMETRY: dict[str, Shape] = {
    "Point": "circle",
    "MultiPoint": "circle",
    "LineString": "line",
    "MultiLineString": "line",
}


class StyleClass(msgspec.Struct, frozen=True, kw_only=True):
    """One step of the sender's legend."""

    title: str
    colour: str
    """``#rrggbb``: the fill of points and areas, the stroke of lines."""
    outline: str = ""
    value: str | float | None = None
    icon: str = ""
    size_px: float = 5.0
    """Radius of a symbol [px]; senders state diameters."""
    opacity: float = 1.0


class Style(msgspec.Struct, frozen=True, kw_only=True):
    """A sender's legend: classes by a column's value, or by ranges that end at each value."""

    shape: Shape
    column: str = ""
    ranges: bool = False
    classes: tuple[StyleClass, ...] = ()

    def class_of(self, properties: dict[str, Any]) -> StyleClass | None:
        """Return the class that a feature belongs to, or None where the legend has none for it.

        A class's number is the upper end of its range (``minvalue`` is where the first begins).
        """
        if not self.column or len(self.classes) == 1:
            return self.classes[0] if self.classes else None
        value = properties.get(self.column)
        if self.ranges:
            number = _number(value)
            if number is None:
                return None
            ends = [c for c in self.classes if isinstance(c.value, float)]
            return next((c for c in ends if c.value is not None and number <= float(c.value)), None)
        same = str(value)
        return next((c for c in self.classes if c.value is not None and str(c.value) == same), None)


def read_style(document: dict[str, Any] | None, geometry: str = "") -> Style:
    """Return the style of a document that may break the rules, or a plain one for none.

    Args:
        document: ``style.json``.
        geometry: GeoJSON type of the layer's features, where the document is missing.
    """
    if document is None:
        shape = _BY_GEOMETRY.get(geometry, "area")
        return Style(shape=shape, classes=(StyleClass(title="", colour=PLAIN),))
    shape = _SHAPES.get(_text(document.get("type")), _BY_GEOMETRY.get(geometry, "area"))
    listed = document.get("classes")
    given = [c for c in listed if isinstance(c, dict)] if isinstance(listed, list) else []
    ranges = _number(document.get("minvalue")) is not None and all(
        isinstance(c.get("value"), int | float) for c in given
    )
    classes = [_class(c, shape, numeric=ranges) for c in given]
    if ranges:
        classes.sort(key=lambda c: float(c.value or 0))
    return Style(
        shape=shape, column=_text(document.get("column")), ranges=ranges, classes=tuple(classes)
    )


def _class(given: dict[str, Any], shape: Shape, *, numeric: bool) -> StyleClass:
    stroke, fill = _colour(given.get("color")), _colour(given.get("fill"))
    value = given.get("value")
    size = _number(given.get("size"))
    opacity = _number(given.get("stroke_opacity" if shape == "line" else "fill_opacity"))
    return StyleClass(
        title=_text(given.get("title")),
        colour=(stroke if shape == "line" else fill or stroke) or PLAIN,
        outline=stroke,
        value=float(value) if numeric and value is not None else _plain(value),
        icon=_text(given.get("icon")),
        size_px=min(max(size / 2, 2.0), 24.0) if size is not None else 5.0,
        opacity=min(max(opacity, 0.0), 1.0) if opacity is not None else 1.0,
    )


def _plain(value: Any) -> str | float | None:
    return value if isinstance(value, str | int | float) or value is None else str(value)


def _colour(value: Any) -> str:
    return f"#{value.lower()}" if isinstance(value, str) and _COLOUR.match(value) else ""


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
