"""``columns.json``: the sender's own names and codes, and what they are in the standard.

A receiver normalises by reading: ``connid`` links a column to the standard attribute,
``conn_attr_list`` links its codes to the standard's value ids.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from hinomi.standards.sip4d.codes import Findings
from hinomi.standards.sip4d.rules import Attribute, Rules
from hinomi.standards.sip4d.times import read_time


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """One column, read leniently; ``standard`` is the standard attribute that it states."""

    name: str
    title: str
    standard: str
    kind: str
    """String, Integer, Double, List, Datetime, or empty."""
    keys: tuple[str, ...] = ()
    """The sender's own codes."""
    labels: tuple[str, ...] = ()
    """What they are called."""
    ids: tuple[str, ...] = ()
    """The standard's value ids."""
    show: bool = True
    attribute: Attribute | None = None


def read_columns(document: dict[str, Any], rules: Rules, code: str) -> tuple[Column, ...]:
    """Return the columns of a document that may break the rules."""
    listed = document.get("columns")
    found = []
    attributes = rules.attributes(code)
    for given in listed if isinstance(listed, list) else ():
        if not isinstance(given, dict) or not isinstance(given.get("name"), str):
            continue
        connected = given.get("connid")
        standard = connected if isinstance(connected, str) and connected else given["name"]
        found.append(
            Column(
                name=given["name"],
                title=_text(given.get("jname")) or given["name"],
                standard=standard,
                kind=_text(given.get("type")),
                keys=_texts(given.get("key_list")),
                labels=_texts(given.get("value_list")),
                ids=_texts(given.get("conn_attr_list")),
                show=given.get("show") is not False,
                attribute=attributes.get(standard),
            )
        )
    return tuple(found)


class Normaliser:
    """Turns a sender's properties into standard names and value ids."""

    def __init__(self, columns: tuple[Column, ...], path: str, findings: Findings) -> None:
        self._columns = columns
        self._path = path
        self._findings = findings
        self._values = {c.name: _ids_by_key(c) for c in columns}

    def read(self, properties: dict[str, Any], number: int) -> dict[str, Any]:
        """Return the standard attributes that the feature states; times as instants."""
        found: dict[str, Any] = {}
        for column in self._columns:
            value = properties.get(column.name)
            if value is None or value == "":
                continue
            attribute = column.attribute
            if attribute is None:
                continue
            ids = self._values[column.name]
            if ids:
                found[column.standard] = self._id(column, ids, value, number)
            elif attribute.kind == "time" or column.kind == "Datetime":
                at = self._time(column, value, number)
                if at is not None:
                    found[column.standard] = at
            elif attribute.kind == "integer":
                whole = _whole(value)
                if whole is not None:
                    found[column.standard] = whole
            else:
                found[column.standard] = value if isinstance(value, str) else str(value)
        return found

    def _id(self, column: Column, ids: dict[str, str], value: Any, number: int) -> str:
        known = ids.get(value) if isinstance(value, str) else None
        if known is not None:
            return known
        place = f"{self._path}/features[{number}]/properties/{column.name}"
        self._findings.add("value-not-normalised", place, found=value)
        return str(value)

    def _time(self, column: Column, value: Any, number: int) -> datetime | None:
        read = read_time(value) if isinstance(value, str) else None
        place = f"{self._path}/features[{number}]/properties/{column.name}"
        if read is None:
            self._findings.add("time-unreadable", place, found=value)
            return None
        if read[1]:
            self._findings.add("time-without-zone", place, found=value)
        return read[0]


def _ids_by_key(column: Column) -> dict[str, str]:
    """Return the sender's codes (and the standard's own words) with their standard value ids."""
    words = column.attribute.words if column.attribute else None
    if not words:
        return {}
    by_word = {word: ident for ident, word in words.items()}
    found = {**{ident: ident for ident in words}, **by_word}
    for number, key in enumerate(column.keys):
        label = column.labels[number] if number < len(column.labels) else key
        stated = column.ids[number] if number < len(column.ids) else ""
        ident = stated if stated in words else by_word.get(label, by_word.get(key))
        if ident is not None:
            found[key] = ident
    return found


def _whole(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 1e15 else None
    if isinstance(value, str):
        digits = value.strip().removeprefix("-")
        if digits.isascii() and digits.isdigit() and len(digits) <= 15:
            return int(value)
    return None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(str(v) for v in value) if isinstance(value, list) else ()
