"""The values below a Property: each with its type, unit, time and place in a sentence."""

from __future__ import annotations

import msgspec

from hinomi.standards.jmaxml.quantities import number
from hinomi.standards.jmaxml.xml import Element, local_name, name, text

_OWN = {"type", "unit", "refID", "condition", "description"}


class Leaf(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One value of a Property with all that JMA says about it; see :func:`leaves`."""

    path: str
    """Element names below the Property: ``WindPart/Base/WindSpeed``."""
    text: str = ""
    type: str = ""
    unit: str = ""
    ref: str = ""
    """The ``timeId`` that it is for, its own or of the part around it."""
    condition: str = ""
    description: str = ""
    modifier: str = ""
    """TimeModifier of its part: ``後``, ``今後１８時間以内に``."""
    where: str = ""
    """AreaName of its part: ``海上``, ``山地``."""
    time: str = ""
    """Time of its part, as written (ISO 8601)."""
    other: dict[str, str] = {}
    """Further attributes: ``bound``, ``kind``, ``range``, ``significant``, ``dubious``."""

    @property
    def name(self) -> str:
        """Return the element's own name."""
        return self.path.rpartition("/")[2]

    @property
    def value(self) -> float | None:
        """Return the number, None where the text is none or JMA says ``値なし``."""
        return None if self.condition == "値なし" else number(self.text)


def leaves(element: Element) -> list[Leaf]:
    """Return every value below an element, in document order, with the context of its part.

    ``TimeModifier``, ``AreaName`` and ``Time`` are no values but what their part is about: they
    stand in the leaves beside and below them. A part that has nothing else keeps them as leaves.
    """
    found: list[Leaf] = []
    for e in element:
        _walk(e, name(e), "", _NO_CONTEXT, found)
    return found


def leaves_of(element: Element) -> list[Leaf]:
    """Return the values of one part of a property, the part's own if it has no children."""
    found: list[Leaf] = []
    _walk(element, name(element), "", _NO_CONTEXT, found)
    return found


_NO_CONTEXT = Leaf("")
_CONTEXT = {"TimeModifier", "AreaName", "Time"}


def _walk(element: Element, tag: str, above: str, context: Leaf, found: list[Leaf]) -> None:
    where = f"{above}/{tag}" if above else tag
    attributes = element.items()
    children = list(element)
    if not children:
        found.append(_leaf(element, where, context, attributes))
        return
    names = [local_name(e.tag) for e in children]
    about: dict[str, str] = {}
    if not _CONTEXT.isdisjoint(names):
        about = {
            n: text(e)
            for n, e in zip(names, children, strict=True)
            if n in _CONTEXT and names.count(n) == 1
        }
    inner = _inner(tag, dict(attributes), about, context)
    alone = len(about) == len(children)
    for child, e in zip(names, children, strict=True):
        if alone or child not in about:
            _walk(e, child, where, inner, found)


def _inner(tag: str, attributes: dict[str, str], about: dict[str, str], context: Leaf) -> Leaf:
    """Return the context below an element; most elements add nothing to it."""
    kind = context.type if tag in _AXES else ""
    if not attributes and not about and kind == context.type:
        return context
    return Leaf(
        "",
        type=next((attributes[a] for a in _ABOUT if attributes.get(a)), kind),
        ref=attributes.get("refID", context.ref),
        modifier=about.get("TimeModifier", context.modifier),
        where=about.get("AreaName", context.where),
        time=about.get("Time", context.time),
    )


_ABOUT = ("type", "kind", "target")
_AXES = {"Axes", "Axis"}


def _leaf(element: Element, where: str, context: Leaf, attributes: list[tuple[str, str]]) -> Leaf:
    part = context.modifier, context.where, context.time
    said = text(element)
    if not attributes:
        return Leaf(where, said, context.type, "", context.ref, "", "", *part)
    given = dict(attributes)
    get = given.get
    return Leaf(
        where,
        said,
        get("type", context.type),
        get("unit", ""),
        get("refID", context.ref),
        get("condition", ""),
        get("description", ""),
        *part,
        {} if given.keys() <= _OWN else {local_name(k): v for k, v in attributes if k not in _OWN},
    )
