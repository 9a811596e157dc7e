"""Collections (OGC's word): named, typed sets of records, readings, grids or documents."""

from __future__ import annotations

from enum import Enum
from typing import Any

import msgspec

from hinomi.kernel.errors import Text
from hinomi.kernel.marking import OPEN, Marking


class Kind(Enum):
    """What a collection holds, and so in which lane of the store it lies."""

    FEATURES = "features"
    SERIES = "series"
    COVERAGES = "coverages"
    DOCUMENTS = "documents"


class Verb(Enum):
    """Which part of the shape a collection belongs to."""

    OBSERVE = "observe"
    PREDICT = "predict"
    RESPOND = "respond"
    SHARE = "share"
    REFER = "refer"
    """Reference that the others look up: areas."""


class Collection(msgspec.Struct, frozen=True, kw_only=True):
    """A named, typed set. ``schema`` is a msgspec Struct: the body's type and its JSON Schema."""

    id: str
    title: Text
    text: Text
    schema: type[msgspec.Struct]
    kind: Kind = Kind.FEATURES
    verb: Verb = Verb.OBSERVE
    licence: str
    """SPDX id or the terms' name and address."""
    marking: Marking = OPEN
    keep_days: int | None = None
    """Retention of readings [days]; None keeps them; records are always kept."""

    def json_schema(self) -> dict[str, Any]:
        """Return the body's JSON Schema, self-contained."""
        (schema,), defined = msgspec.json.schema_components(
            [self.schema], ref_template="#/$defs/{name}"
        )
        body = defined.pop(schema["$ref"].rsplit("/", 1)[1])
        return {**body, **({"$defs": defined} if defined else {})}

    def property_types(self) -> dict[str, str]:
        """Return the filterable properties: name -> ``string | number | integer | boolean | time``.

        Nested objects and arrays are served but cannot be filtered on.
        """
        found = {}
        for field in msgspec.structs.fields(self.schema):
            kind = _simple_type(field.type)
            if kind:
                found[field.encode_name] = kind
        return found


ENVELOPE_TYPES = {
    "record": "string",
    "start": "time",
    "end": "time",
    "said_at": "time",
    "recorded_at": "time",
    "source": "string",
    "status": "string",
    "disclosure": "string",
}
"""The filterable properties that every collection has beside its body's."""


def _simple_type(annotation: Any) -> str | None:
    info = msgspec.inspect.type_info(annotation)
    options = info.types if isinstance(info, msgspec.inspect.UnionType) else (info,)
    kinds = {_SIMPLE.get(type(o)) for o in options if type(o) is not msgspec.inspect.NoneType}
    if kinds == {"integer", "number"}:
        return "number"
    return kinds.pop() if len(kinds) == 1 else None


_SIMPLE: dict[type, str] = {
    msgspec.inspect.StrType: "string",
    msgspec.inspect.EnumType: "string",
    msgspec.inspect.LiteralType: "string",
    msgspec.inspect.IntType: "integer",
    msgspec.inspect.FloatType: "number",
    msgspec.inspect.BoolType: "boolean",
    msgspec.inspect.DateTimeType: "time",
}
