"""A format described once, as structs: the elements of a body are read by the structs' fields.

A struct stands for an element. A field is a child of that name in PascalCase (``max_int`` is
``MaxInt``), an :data:`Attribute` its attribute, ``value`` its own text. A field without a default
must be there; a list takes every child of its name. What a struct does not list is reported.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    Generic,
    NamedTuple,
    TypeAlias,
    TypeVar,
    get_args,
    get_origin,
    get_type_hints,
)

import msgspec

from hinomi.kernel.errors import Problem, Text
from hinomi.standards.jmaxml.envelope import plain_time, read_time
from hinomi.standards.jmaxml.xml import BASIS, Element, path
from hinomi.standards.jmaxml.xml import name as local_name

ATTRIBUTE = "attribute"
Attribute: TypeAlias = Annotated[str, ATTRIBUTE]
"""A field that is an XML attribute."""
Number: TypeAlias = Annotated[float | None, ATTRIBUTE]
"""An attribute that is a number."""

Reader: TypeAlias = Callable[[Element, list[Problem]], Any]
S = TypeVar("S", bound=msgspec.Struct)

_SPECIAL = {"uri": "URI", "event_date_time_utc": "EventDateTimeUTC"}
_OWN = {"value", "problems"}


class Tree(Generic[S]):
    """Reads elements of one body namespace into the struct ``made`` and the structs below it."""

    def __init__(self, made: type[S], namespace: str) -> None:
        self._made = made
        self._namespaces = (namespace, BASIS)
        self._tables: dict[type[msgspec.Struct], Reader] = {}
        self._read = self._table(made)

    def read(self, element: Element) -> tuple[S, list[Problem]]:
        """Return the struct and what was found wrong or unknown, each with its path."""
        problems: list[Problem] = []
        made: S = self._read(element, problems)
        return made, problems

    def _table(self, made: type[msgspec.Struct]) -> Reader:
        if made not in self._tables:
            table = _Table(made)
            self._tables[made] = table.read
            table.fill(self._reader, self._namespaces)
        return self._tables[made]

    def _reader(self, annotation: Any) -> Reader:
        kinds = [k for k in get_args(annotation) if k is not NoneType]
        kind = kinds[0] if isinstance(annotation, UnionType) else annotation
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            return self._table(kind)
        return _READERS[kind]


class _Field(NamedTuple):
    """A child element's field: its name, how it is read, whether it may occur again."""

    name: str
    read: Reader
    many: bool
    leaf: bool
    """A plain value: it has neither attributes nor children."""


class _Table:
    """The fields of one struct as XML: children by full tag, attributes, own text."""

    def __init__(self, made: type[msgspec.Struct]) -> None:
        self.made = made
        self.children: dict[str, _Field] = {}
        self.attributes: dict[str, tuple[str, Reader]] = {}
        self.value: Reader | None = None
        self.required: list[tuple[str, str, type]] = []

    def fill(self, reader: Callable[[Any], Reader], namespaces: tuple[str, ...]) -> None:
        hints = get_type_hints(self.made, include_extras=True)
        for field in msgspec.structs.fields(self.made):
            hint = hints[field.name]
            if field.name == "value":
                self.value = reader(hint)
            elif get_origin(hint) is Annotated:
                self.attributes[_camel(field.name)] = (field.name, reader(get_args(hint)[0]))
            elif field.name not in _OWN:
                local = _SPECIAL.get(field.name) or _pascal(field.name)
                if field.required:
                    self.required.append((field.name, local, hint))
                many = get_origin(hint) is list
                found = reader(get_args(hint)[0] if many else hint)
                leaf = found in _READERS.values()
                for namespace in namespaces:
                    self.children[namespace + local] = _Field(field.name, found, many, leaf)

    def read(self, element: Element, problems: list[Problem]) -> msgspec.Struct:
        values = self._own(element, problems)
        children = self.children
        for child in element:
            field = children.get(child.tag)
            if field is None:
                problems.append(_unknown("element", child, child.tag, ""))
                continue
            name, read, many, leaf = field
            if leaf and (len(child) or child.keys()):
                problems.extend(_more_than_a_value(child))
            if read is _text and name not in values and not many:
                # Two thirds of all children: without a call each.
                found: str | None = child.text
                values[name] = found.strip() if found else ""
            elif many:
                values.setdefault(name, []).append(read(child, problems))
            elif name in values:
                problems.append(_unknown("element", child, f"a second {local_name(child)}", "one"))
            else:
                values[name] = read(child, problems)
        for missing, local, empty in self.required:
            if missing not in values:
                values[missing] = empty()
                problems.append(_missing(element, local))
        return self.made(**values)

    def _own(self, element: Element, problems: list[Problem]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        if self.value is not None:
            values["value"] = self.value(element, problems)
        elif (own := element.text) and not own.isspace():
            problems.append(_unknown("text", element, own.strip(), "no text here"))
        for key, found in element.items():
            known = self.attributes.get(key)
            if known is None:
                problems.append(_unknown("attribute", element, f"{key}={found}", ""))
            else:
                values[known[0]] = known[1](_Own(element, found), problems)
        return values


class _Own:
    """An attribute, shown to a reader as if it were the text of its element."""

    __slots__ = ("element", "text")

    def __init__(self, element: Element, found: str) -> None:
        self.element = element
        self.text = found


def _text(element: Element, _problems: list[Problem]) -> str:
    found: str | None = element.text
    return found.strip() if found else ""


def _number(element: Element, problems: list[Problem]) -> float | None:
    """Return a finite number; None for "" and for JMA's NaN (its condition says why)."""
    found = _text(element, problems)
    if not found or found == "NaN":
        return None
    try:
        value = math.nan if "_" in found else float(found)
    except ValueError:
        value = math.nan
    if math.isfinite(value):
        return value
    problems.append(_bad_number(element, found))
    return None


def _integer(element: Element, problems: list[Problem]) -> int | None:
    value = _number(element, problems)
    if value is None or value == int(value):
        return None if value is None else int(value)
    problems.append(_bad_number(element, element.text))
    return None


def _time(element: Element, problems: list[Problem]) -> datetime | None:
    found = _text(element, problems)
    if not found:
        return None
    return plain_time(found) or read_time(found, _at(element), problems.append)


_READERS: dict[Any, Reader] = {str: _text, float: _number, int: _integer, datetime: _time}


def _pascal(field: str) -> str:
    return "".join(part.capitalize() for part in field.split("_"))


def _camel(field: str) -> str:
    pascal = _pascal(field)
    # LgIntPerPeriod's attributes are the only ones that begin with a capital.
    return pascal if pascal.startswith("Period") else pascal[0].lower() + pascal[1:]


def _at(element: Element) -> str:
    if isinstance(element, _Own):
        return f"{path(element.element)}/@"
    return path(element)


def _bad_number(element: Element, found: str | None) -> Problem:
    return Problem(
        "jmaxml.number",
        _at(element),
        Text("数として読めません。", "This is no number."),
        "alarm",
        found=(found or "")[:80],
        expected="a finite number, or NaN with a condition",
    )


def _more_than_a_value(element: Element) -> list[Problem]:
    found = [_unknown("attribute", element, f"{k}={v}", "") for k, v in element.items()]
    return found + [_unknown("element", child, child.tag, "") for child in element]


def _missing(element: Element, local: str) -> Problem:
    return Problem(
        "jmaxml.missing",
        path(element),
        Text(f"{local}がありません。", f"{local} is missing."),
        "alarm",
        expected=local,
    )


def _unknown(what: str, element: Element, found: str, expected: str) -> Problem:
    ja = {"element": "要素", "attribute": "属性", "text": "文字列"}[what]
    return Problem(
        f"jmaxml.unknown-{what}",
        path(element),
        Text(f"知らない{ja}です。読まずに残しました。", f"This {what} is not known; not read."),
        "alarm",
        found=found[:200],
        expected=expected,
    )
