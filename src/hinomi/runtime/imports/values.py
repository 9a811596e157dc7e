"""One cell as a property's value: numbers with units, ○ and ×, coded values by their names."""

from __future__ import annotations

import re
import types
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Literal, Union, get_args, get_origin

import msgspec

from hinomi.domains.response.observe import municipal
from hinomi.kernel.catalog import Catalog
from hinomi.kernel.collections import Collection
from hinomi.kernel.errors import InputError
from hinomi.runtime.imports.guessing import layers_of
from hinomi.standards.opendata_csv import flag, japanese_time, number, plain
from hinomi.vocabulary.times import JST

_NUMBER = re.compile(
    r"^約?([+-]?[\d,]+(?:\.\d+)?)\s*(?:人|名|世帯|棟|件|m|cm|mm|km|ｍ|度)?(?:程度)?$"
)


class Values:
    """How the cells of a collection's properties are read."""

    def __init__(self, of: Collection, catalog: Catalog) -> None:
        self.kinds = of.property_types()
        self.coded: dict[str, dict[str, Any]] = {}
        for field in msgspec.structs.fields(of.schema):
            codes = _codes(field.type)
            if codes:
                words = {str(code).lower(): code for code in codes}
                self.coded[field.encode_name] = words | _words(
                    of.id, field.encode_name, catalog, codes
                )

    def read(self, prop: str, text: str) -> Any:
        """Return the value of a cell that is not empty.

        Raises:
            InputError: it is none of the property's values.
        """
        if prop in self.coded:
            return self._coded(prop, text)
        if prop in {"capacity", "capacity_outdoor"}:
            return _capacity(prop, text)
        kind = self.kinds[prop]
        if kind == "boolean":
            found = flag(text)
            if found is None:
                raise _none(text, "○ / × / 1 / 0")
            return found
        if kind in {"integer", "number"}:
            return _number(text, whole=kind == "integer")
        return moment(text) if kind == "time" else text

    def expected(self, prop: str) -> str:
        """Return what the cells of a property may be, for people."""
        if prop in self.coded:
            return " / ".join(dict.fromkeys(str(code) for code in self.coded[prop].values()))
        return self.kinds[prop]

    def _coded(self, prop: str, text: str) -> Any:
        known = self.coded[prop]
        cleaned = plain(text).lower()
        if cleaned in known:
            return known[cleaned]
        # 開設中 for 開設, but never 未開設: only what begins with the word.
        near = [code for word, code in known.items() if len(word) > 1 and cleaned.startswith(word)]
        if len(set(near)) == 1:
            return near[0]
        raise _none(text, self.expected(prop))


def moment(text: str) -> datetime:
    """Return a time as offices write it; without a zone it is Japan's.

    Raises:
        InputError: it is no time.

    Example:
        >>> moment("令和6年1月9日午後6時").isoformat(), moment("2024/1/9 18:00").isoformat()
        ('2024-01-09T09:00:00+00:00', '2024-01-09T09:00:00+00:00')
    """
    cleaned = plain(text)
    found = japanese_time(cleaned)
    if found is None:
        parts = re.match(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(.*)$", cleaned)
        if parts is not None:
            year, month, day, rest = parts.groups()
            clock = re.sub(r"^(\d):", r"0\1:", rest.strip().lstrip("T")) or "00:00"
            cleaned = f"{year}-{int(month):02}-{int(day):02}T{clock}"
        try:
            found = datetime.fromisoformat(cleaned)
        except ValueError:
            raise _none(text, "2024-01-09 18:00 / 令和6年1月9日午後6時") from None
    return (found if found.tzinfo else found.replace(tzinfo=JST)).astimezone(UTC)


def _capacity(prop: str, text: str) -> int:
    """Return a capacity out of 屋内180人／屋外3,350人, as lists of shelters write it."""
    indoor, outdoor = municipal.capacity(text)
    found = outdoor if prop == "capacity_outdoor" else indoor
    if found is None:
        raise _none(text, "a number of people")
    return found


def _number(text: str, *, whole: bool) -> float | int:
    found = _NUMBER.match(plain(text))
    value = number(found[1] if found else text)
    if value is None or (whole and value != int(value)):
        raise _none(text, "a whole number" if whole else "a number")
    return int(value) if whole else value


def _codes(annotation: Any) -> tuple[Any, ...]:
    """Return the values of a Literal or Enum, also where None is allowed beside it."""
    origin = get_origin(annotation)
    if origin is Literal:
        return get_args(annotation)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return tuple(member.value for member in annotation)
    if origin in {Union, types.UnionType}:
        return next((codes for part in get_args(annotation) if (codes := _codes(part))), ())
    return ()


_OFFICES: dict[str, tuple[str, ...]] = {
    "open": ("開設", "開設中", "○", "開所"),
    "closed": ("閉鎖", "閉所", "未開設", "×", "閉設"),
}
"""What offices write for a code, beside what the screen calls it."""


def _words(collection: str, prop: str, catalog: Catalog, codes: tuple[Any, ...]) -> dict[str, Any]:
    """Return what the screen and offices call a property's codes."""
    named: list[tuple[str, Any]] = []
    for layer in layers_of(collection, catalog):
        if layer.property == prop:
            named += [(word, c.value) for c in layer.classes for word in (c.label.ja, c.label.en)]
        for field in (*layer.fields, *(layer.board.fields if layer.board else ())):
            if field.name == prop:
                named += [(w, code) for code, t in field.words.items() for w in (t.ja, t.en)]
    named += [(word, code) for code, words in _OFFICES.items() for word in words]
    return {plain(word).lower(): code for word, code in named if word and code in codes}


def _none(text: str, expected: str) -> InputError:
    return InputError(
        f"{text[:60]!r} is not {expected}.", f"「{text[:60]}」は読めません({expected})。"
    )
