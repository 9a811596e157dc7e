"""Values of meteorological telegrams as elements, grouped by what they measure."""

from __future__ import annotations

from collections.abc import Iterable

from hinomi.domains.hazards.collections.forecasts import Element, Value
from hinomi.standards.jmaxml.leaves import Leaf
from hinomi.standards.jmaxml.meteorology import Info, Kind, Property, Span
from hinomi.standards.jmaxml.quantities import instant

WORDS = {"Text", "Synopsis", "GeneralSituationText"}
"""Elements that are prose: they make passages where they stand for no single area."""
_NAMES = ("Code", "Name", "Number")
_PLAIN = {"DetailForecast", "Base"}


def elements(kinds: Iterable[Kind], info: Info, section: str) -> list[Element]:
    """Return the kinds' values grouped by property, quantity, type and unit, in order."""
    found: dict[tuple[str, str, str, str, str], list[Value]] = {}
    for kind in kinds:
        for prop in kind.properties:
            for leaf in prop.leaves:
                if leaf.text or leaf.condition or leaf.description:
                    key = (prop.type, leaf.name, leaf.type, leaf.unit, _block(leaf.path))
                    found.setdefault(key, []).append(_value(leaf, info, kind.span))
    return [
        Element(name, quantity, "" if kind == name else kind, unit, section, block, values)
        for (name, quantity, kind, unit, block), values in found.items()
    ]


def is_prose(prop: Property) -> bool:
    """Tell whether the property holds nothing but texts."""
    return all(leaf.name in WORDS or not leaf.text for leaf in prop.leaves)


def span_of(leaf: Leaf, info: Info, own: Span | None = None) -> Span:
    """Return the time that a value is for: its own, its kind's, its timeId's, the info's."""
    at = instant(leaf.time) if leaf.time else None
    if at is not None:
        return Span(start=at)
    if leaf.ref and leaf.ref in info.spans:
        return info.spans[leaf.ref]
    return own or info.span


def numeric(leaf: Leaf) -> float | None:
    """Return the leaf's number; codes, names and typhoon numbers (``0909``) are none."""
    return None if leaf.name.endswith(_NAMES) else leaf.value


def _value(leaf: Leaf, info: Info, own: Span | None) -> Value:
    span = span_of(leaf, info, own)
    number = numeric(leaf)
    return Value(
        number,
        leaf.text if number is None else "",
        span.start,
        span.end,
        span.label or span.type,
        leaf.condition,
        leaf.description if leaf.description != leaf.text else "",
        _part(leaf.path),
        leaf.modifier,
        leaf.where,
        leaf.other,
    )


def _block(path: str) -> str:
    return next((s for s in path.split("/")[:-1] if s.endswith("Part")), "")


def _part(path: str) -> str:
    steps = path.split("/")[:-1]
    return "/".join(s for s in steps if s not in _PLAIN and not s.endswith("Part"))
