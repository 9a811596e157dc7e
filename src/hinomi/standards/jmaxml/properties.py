"""Kind/Property, the block in which weather telegrams give values: read once, for all kinds.

A property has a Type and parts (PrecipitationPart, SignificancyPart, AdvisoryPeriod, ...); a part
has stages (Base, Becoming, ...); a stage has leaves, of the whole area or of named places (Local).
"""

from __future__ import annotations

import math

import msgspec

from hinomi.standards.jmaxml.xml import METEOROLOGY, Element, local_name, text

_LOCAL = METEOROLOGY + "Local"
_TYPE = METEOROLOGY + "Type"
_BASE = METEOROLOGY + "Base"
_NAME, _CODE = METEOROLOGY + "Name", METEOROLOGY + "Code"
_PLACES = {METEOROLOGY + "AreaName", METEOROLOGY + "LocalName"}
_CODED = {METEOROLOGY + "Significancy", METEOROLOGY + "CriteriaClass"}
_PERIODS = ("Period", "Time", "Notice")


class Value(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One value as the sender gives it."""

    what: str
    """The leaf's type (１時間最大雨量), or its element's name where it has none."""
    text: str = ""
    """For people: the description, the class's name, the sentence."""
    value: float | None = None
    unit: str = ""
    code: str = ""
    """The class's code (Significancy, CriteriaClass)."""
    place: str = ""
    """AreaName of a Local, or the words that name it."""
    stage: str = ""
    """Becoming, Temporary, ...; empty for Base."""
    condition: str = ""
    step: str = ""
    """refID: which of the time steps."""


class Property(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A property's type and its values, in the order of the telegram."""

    type: str
    values: tuple[Value, ...] = ()


def read_property(element: Element) -> Property:
    """Return a Property with every leaf in it; what has no known shape is kept as its text."""
    kind = ""
    values: list[Value] = []
    for part in element:
        tag = part.tag
        if tag == _TYPE:
            kind = text(part)
            continue
        local = local_name(tag)
        if len(part) == 0 or (local.endswith(_PERIODS) and part[0].tag != _BASE):
            values.append(Value(local, words(part)))
            continue
        for stage in part:
            _read_stage(stage, "" if stage.tag == _BASE else local_name(stage.tag), values)
    return Property(kind, tuple(values))


def _read_stage(stage: Element, stage_name: str, values: list[Value]) -> None:
    empty = True
    for leaf in stage:
        empty = False
        if leaf.tag != _LOCAL:
            values.append(_leaf(leaf, "", stage_name))
            continue
        place = ""
        for inner in leaf:
            if inner.tag in _PLACES:
                place = text(inner)
            else:
                values.append(_leaf(inner, place, stage_name))
    if empty:
        values.append(Value(local_name(stage.tag), text(stage)))


def _leaf(leaf: Element, place: str, stage: str) -> Value:
    tag, get = leaf.tag, leaf.get
    what = get("type") or local_name(tag)
    if tag in _CODED:
        called, code = "", ""
        for part in leaf:
            if part.tag == _NAME:
                called = text(part)
            elif part.tag == _CODE:
                code = text(part)
        return Value(what, called, None, "", code, place, stage, "", get("refID", ""))
    if len(leaf):
        return Value(what, words(leaf), None, "", "", place, stage)
    said = text(leaf)
    number = to_number(said)
    return Value(
        what,
        get("description") or ("" if number is not None else said),
        number,
        get("unit", ""),
        "",
        place,
        stage,
        get("condition", ""),
        get("refID", ""),
    )


def to_number(said: str) -> float | None:
    """Return the number, None for a text, for "" and for what is not finite."""
    try:
        number = float(said)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def words(element: Element) -> str:
    """Return all text below the element, joined with blanks."""
    return " ".join(t for t in (part.strip() for part in element.itertext()) if t)
