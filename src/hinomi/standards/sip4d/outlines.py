"""Columns of what we send: an information type's own, or a collection's fields as they are."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from hinomi.kernel.collections import Collection
from hinomi.standards.sip4d.rules import Attribute, Rulebook
from hinomi.standards.sip4d.statements import Kind
from hinomi.standards.sip4d.times import write_time

_ODD = re.compile(r"[^a-z0-9_]+")
_TYPES = {
    "string": "String",
    "boolean": "String",
    "integer": "Integer",
    "number": "Double",
    "time": "Datetime",
}
_UNKNOWN = "不明"
"""What a value that the information type requires is called where nobody knows it."""


class _Column(msgspec.Struct):
    name: str
    field: str
    document: dict[str, Any]
    write: Callable[[Any], Any]
    missing: Any = None


class Columns(msgspec.Struct):
    """The columns of one layer, and how a body becomes its properties."""

    columns: list[_Column]

    def document(self, code: str) -> dict[str, Any]:
        """Return ``columns.json``."""
        return {
            "version": "1",
            "code": code,
            "num_column": len(self.columns),
            "columns": [column.document for column in self.columns],
        }

    def row(self, key: str, body: dict[str, Any]) -> dict[str, Any]:
        """Return a feature's properties; what is not known is null."""
        found: dict[str, Any] = {}
        for column in self.columns:
            value = key if column.field == "" else body.get(column.field)
            if value is None or value == "":
                found[column.name] = column.missing
            else:
                found[column.name] = column.write(value)
        return found


def columns_of_kind(kind: Kind, code: str, rulebook: Rulebook) -> Columns:
    """Return the columns of an information type, for those attributes that our bodies have."""
    attributes = rulebook.newest.attributes(code)
    fields = {"starttime": "start", **kind.fields}
    found = []
    for name, attribute in attributes.items():
        field = fields.get(name)
        if name == "id":
            field = ""
        if field is not None:
            found.append(_standard(name, field, attribute, kind.words.get(name)))
    return Columns(found)


def _standard(name: str, field: str, attribute: Attribute, ours: dict[str, str] | None) -> _Column:
    document: dict[str, Any] = {"name": name, "connid": name, "show": True}
    words = attribute.words
    if words:
        shown = list(words.values())
        document |= {
            "type": "List",
            "num_key": len(words),
            "key_list": shown,
            "value_list": shown,
            "conn_attr_list": list(words),
        }
        fallback = words.get("unknown") if attribute.value else None

        def coded(value: Any) -> Any:
            return words.get((ours or {}).get(value, value), fallback)

        return _Column(name, field, document, coded, fallback)
    document["type"] = _TYPES[attribute.kind]
    missing = _UNKNOWN if attribute.value and attribute.kind == "string" else None
    if name == "citycode":
        return _Column(name, field, document, lambda code: str(code)[:5])
    return _Column(name, field, document, _WRITE[attribute.kind], missing)


def columns_of_schema(of: Collection) -> Columns:
    """Return a column a field of a collection's body, its key, its source and its time."""
    found = [_own("key", "", "string")]
    taken = {"key"}
    types = of.property_types()
    for field in msgspec.structs.fields(of.schema):
        name = _ODD.sub("_", field.encode_name.lower()).strip("_")
        if field.encode_name == "sent" or name in taken:
            continue
        taken.add(name)
        found.append(_own(name, field.encode_name, types.get(field.encode_name, "nested")))
    for name, kind in (("source", "string"), ("said_at", "time")):
        if name not in taken:
            found.append(_own(name, name, kind))
    return Columns(found)


def _own(name: str, field: str, kind: str) -> _Column:
    document = {"name": name, "jname": name, "show": True, "type": _TYPES.get(kind, "String")}
    return _Column(name, field, document, _WRITE[kind])


def _time(value: Any) -> Any:
    return write_time(datetime.fromisoformat(value)) if isinstance(value, str) else None


def _nested(value: Any) -> str:
    return msgspec.json.encode(value).decode()


_WRITE: dict[str, Callable[[Any], Any]] = {
    "string": str,
    "boolean": lambda value: "true" if value else "false",
    "integer": int,
    "number": float,
    "time": _time,
    "nested": _nested,
}
