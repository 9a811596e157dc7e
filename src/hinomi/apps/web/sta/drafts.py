"""What a client says of an entity, checked against the standard's table; all faults are listed."""

from __future__ import annotations

from typing import Any

import msgspec

from hinomi.apps.web.sta.shapes import V1
from hinomi.kernel.errors import DataError, InputError, Problem, Text
from hinomi.kernel.geometry import Geometry, check_geometry
from hinomi.standards.sensorthings.messages import read_time

MAX_TEXT = 10_000
MAX_DEEP = 1_000
"""Entities of one deep insert."""


class Draft:
    """One entity as it was sent: its properties, and what it links to or brings along."""

    def __init__(self, kind: str, body: dict[str, Any], path: str, *, partly: bool) -> None:
        self.kind = kind
        self.path = path
        self.entity = V1.entities[kind]
        self.properties: dict[str, Any] = {}
        self.links: dict[str, list[str]] = {}
        self.inner: dict[str, list[dict[str, Any]]] = {}
        self.problems: list[Problem] = []
        for name, value in body.items():
            self._take(name, value)
        if not partly:
            for declared in self.entity.properties:
                if declared.required and self.properties.get(declared.name) is None:
                    self.tell(declared.name, Text("必要です", "is required"), "")

    def check(self) -> None:
        """Raise what is wrong, all of it."""
        if self.problems:
            raise DataError(self.problems)

    def tell(self, name: str, text: Text, found: str) -> None:
        """Note a fault of one member."""
        path = f"{self.path}/{name}"
        self.problems.append(Problem("sensorthings.entity", path, text, found=found[:100]))

    def text(self, name: str, usual: str = "") -> str:
        """Return a text, or what it is without."""
        found = self.properties.get(name)
        return found if isinstance(found, str) else usual

    def geometry(self, name: str) -> Geometry | None:
        """Return a GeoJSON geometry, or a Feature's; another encoding has none."""
        value = self.properties.get(name)
        if isinstance(value, dict) and value.get("type") == "Feature":
            value = value.get("geometry")
        if value is None:
            return None
        try:
            return check_geometry(value)
        except (InputError, TypeError, KeyError, ValueError, AttributeError, RecursionError) as e:
            self.tell(name, Text("GeoJSONの図形ではありません", f"no GeoJSON ({e})"), repr(value))
            raise DataError(self.problems) from None

    def time(self, name: str) -> int | None:
        """Return an instant [µs]."""
        value = self.properties.get(name)
        return None if value is None else read_time(value, f"{self.path}/{name}")

    def _take(self, name: str, value: Any) -> None:
        relation = self.entity.relation(name.removesuffix("@iot.bind"))
        declared = self.entity.property(name)
        if relation is not None:
            self._relate(relation.name, value, many=relation.many)
        elif declared is not None:
            if declared.kind in {"text", "uri"} and not _is_text(value):
                self.tell(name, Text("文字列ではありません", "is no text"), repr(value))
            elif declared.kind == "object" and not isinstance(value, dict):
                self.tell(name, Text("オブジェクトではありません", "is no object"), repr(value))
            else:
                self.properties[name] = value
        elif not name.startswith("@iot.") and not name.endswith("@iot.navigationLink"):
            known = ", ".join(p.name for p in self.entity.properties)
            self.tell(name[:60], Text("この属性はありません", f"is none of {known}"), "")

    def _relate(self, name: str, value: Any, *, many: bool) -> None:
        listed = value if many and isinstance(value, list) else [value]
        for one in listed:
            if isinstance(one, dict) and set(one) == {"@iot.id"} and _is_id(one["@iot.id"]):
                self.links.setdefault(name, []).append(str(one["@iot.id"]))
            elif isinstance(one, dict):
                self.inner.setdefault(name, []).append(one)
            else:
                self.tell(name, Text("エンティティではありません", "is no entity"), repr(one))


def decode_object(data: bytes) -> dict[str, Any]:
    """Return a request's body as an object.

    Raises:
        DataError: it is none.
    """
    try:
        found = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        text = Text(f"JSONではありません({error})", f"not JSON ({error})")
        raise DataError([Problem("sensorthings.entity", "", text)]) from None
    if not isinstance(found, dict):
        text = Text("オブジェクトではありません", "is no object")
        raise DataError([Problem("sensorthings.entity", "", text, found=repr(found)[:60])])
    return found


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= MAX_TEXT


def _is_id(value: Any) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)
