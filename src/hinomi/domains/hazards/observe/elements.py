"""Values of meteorological telegrams as elements, grouped by what they measure."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

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
                    quantity, block, part = _steps(leaf.path)
                    key = (prop.type, quantity, leaf.type, leaf.unit, block)
                    value = _value(leaf, quantity, part, span_of(leaf, info, kind.span))
                    if key in found:
                        found[key].append(value)
                    else:
                        found[key] = [value]
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


def numeric(leaf: Leaf, quantity: str) -> float | None:
    """Return the leaf's number; codes, names and typhoon numbers (``0909``) are none."""
    return None if quantity.endswith(_NAMES) else leaf.value


def _value(leaf: Leaf, quantity: str, part: str, span: Span) -> Value:
    number = numeric(leaf, quantity)
    return Value(
        number,
        leaf.text if number is None else "",
        span.start,
        span.end,
        span.label or span.type,
        leaf.condition,
        leaf.description if leaf.description != leaf.text else "",
        part,
        leaf.modifier,
        leaf.where,
        leaf.other,
    )


@lru_cache(maxsize=5_000)
def _steps(path: str) -> tuple[str, str, str]:
    """Return of a leaf's path the quantity, the block that it stands in, and what is between."""
    *steps, quantity = path.split("/")
    block = next((s for s in steps if s.endswith("Part")), "")
    part = "/".join(s for s in steps if s not in _PLAIN and not s.endswith("Part"))
    return quantity, block, part
