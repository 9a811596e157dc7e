"""Body of the warnings: 気象警報・注意報 of all generations, landslides, tornadoes, record rain.

The shape is Warning[type] / Item / Kind+ and one Area. JMA's order (Item holds Area) differs from
the headline's (Areas hold Area); readers that mix them up find nothing.
"""

from __future__ import annotations

import msgspec

from hinomi.kernel.errors import Problem, Text
from hinomi.standards.jmaxml.properties import Property, read_property, words
from hinomi.standards.jmaxml.xml import (
    METEOROLOGY,
    Element,
    Repeats,
    child,
    name,
    path,
    text,
)


class Warning(msgspec.Struct, frozen=True, gc=False):
    """One kind for one area. A kind without a code says that nothing is in force."""

    name: str
    code: str
    status: str
    """発表, 継続, 解除, 警報から注意報, 発表警報・注意報はなし, ..."""
    condition: str
    """土砂災害、浸水害: which of the dangers an old 大雨警報 is about."""
    last_name: str
    last_code: str
    properties: tuple[Property, ...]
    notes: tuple[str, ...]
    """Attention, Addition, WarningNotice and NextKinds, as texts."""


class WarningItem(msgspec.Struct, frozen=True, gc=False):
    """All kinds for one area."""

    area_name: str
    area_code: str
    kinds: tuple[Warning, ...]
    full_status: str
    """FullStatus: 全域 or 一部 of the area."""
    position: int
    """Which Item of its block, from 1."""


class WarningGroup(msgspec.Struct, frozen=True, gc=False):
    """One Warning element: a list at one level of areas."""

    type: str
    items: tuple[WarningItem, ...]


class Warnings(msgspec.Struct, frozen=True):
    """The whole body: the lists, Notice and Comment, and other parts as texts."""

    groups: tuple[WarningGroup, ...]
    notice: str
    comment: str
    additions: dict[str, str]
    """OfficeInfo (who may be called), AdditionalInfo: as texts by element."""
    problems: tuple[Problem, ...]


_NAME, _CODE = METEOROLOGY + "Name", METEOROLOGY + "Code"
_ITEM, _KIND, _AREA = METEOROLOGY + "Item", METEOROLOGY + "Kind", METEOROLOGY + "Area"
_STATUS, _CONDITION = METEOROLOGY + "Status", METEOROLOGY + "Condition"
_LAST, _PROPERTY = METEOROLOGY + "LastKind", METEOROLOGY + "Property"
_FULL = METEOROLOGY + "FullStatus"
_NOTES = {METEOROLOGY + n for n in ("Attention", "Addition", "WarningNotice", "NextKinds")}


def decode(body: Element) -> Warnings:
    """Return all kinds of all areas; an Item without an area's code is a problem, never dropped."""
    groups: list[WarningGroup] = []
    texts: dict[str, list[str]] = {}
    problems: list[Problem] = []
    kinds = Repeats(_kind)
    for part in body:
        local = name(part)
        if local == "Warning":
            items = tuple(
                _item(e, n, kinds, problems)
                for n, e in enumerate(part.iterchildren(_ITEM), start=1)
            )
            groups.append(WarningGroup(part.get("type", ""), items))
        elif local != "MeteorologicalInfos":
            texts.setdefault(local, []).append(words(part))
    joined = {local: "\n".join(t for t in found if t) for local, found in texts.items()}
    notice, comment = joined.pop("Notice", ""), joined.pop("Comment", "")
    return Warnings(
        tuple(groups), notice, comment, {k: v for k, v in joined.items() if v}, tuple(problems)
    )


def _item(
    element: Element, position: int, known: Repeats[Warning], problems: list[Problem]
) -> WarningItem:
    kinds: list[Warning] = []
    area: Element | None = None
    full = ""
    for part in element:
        tag = part.tag
        if tag == _KIND:
            kinds.append(known.read(part))
        elif tag == _AREA:
            area = part
        elif tag == _FULL:
            full = text(part)
    called, code = "", ""
    for part in area if area is not None else ():
        tag = part.tag
        if tag == _NAME:
            called = text(part)
        elif tag == _CODE:
            code = text(part)
    if not code or not kinds:
        problems.append(
            Problem(
                "jmaxml.incomplete-item",
                path(element),
                Text(
                    "地域コードか警報の種別がありません。", "An area's code or a kind is missing."
                ),
                found=words(element)[:200],
                expected="Kind and Area/Code",
            )
        )
    return WarningItem(called, code, tuple(kinds), full, position)


def _kind(element: Element) -> Warning:
    found = {_NAME: "", _CODE: "", _STATUS: "", _CONDITION: ""}
    last: Element | None = None
    properties: list[Property] = []
    notes: list[str] = []
    for part in element:
        tag = part.tag
        if tag in found:
            found[tag] = text(part)
        elif tag == _PROPERTY:
            properties.append(read_property(part))
        elif tag == _LAST:
            last = part
        elif tag in _NOTES:
            notes += [words(note) for note in part] if len(part) else [text(part)]
    last_code, last_name = ("", "") if last is None else _last(last)
    return Warning(
        found[_NAME],
        found[_CODE],
        found[_STATUS],
        found[_CONDITION],
        last_name,
        last_code,
        tuple(properties),
        tuple(n for n in notes if n),
    )


def _last(element: Element) -> tuple[str, str]:
    return text(child(element, _CODE)), text(child(element, _NAME))
