"""The standard's rules as data: a JSON file a version; a later version names what it changes.

The tables restate what the Checker's templates require (NIED-DIR/SIP4D-ZIP_Checker, MIT,
Copyright NIED; each file names the commit) in a form of our own. Version 2.0 is one more file.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import msgspec

from hinomi.kernel.errors import Text

Kind = Literal[
    "string",
    "integer",
    "number",
    "boolean",
    "object",
    "strings",
    "objects",
    "string or number",
    "time",
]


class Need(msgspec.Struct, frozen=True, kw_only=True):
    """Which members must be there when another has some value.

    ``when_whole`` looks at the document around the list and then asks every element;
    ``when_one`` looks at an element and asks that one.
    """

    each_has: tuple[str, ...]
    when_whole: str = ""
    when_one: str = ""
    equals: Any = msgspec.field(name="is", default=None)
    at_least: float | None = None


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """What one member of a JSON object must be."""

    kind: Kind = msgspec.field(name="is")
    required: bool = False
    one_of: tuple[str, ...] | None = None
    patterns: tuple[str, ...] | None = None
    at_least: float | None = None
    at_most: float | None = None
    counted_by: str = ""
    """The member beside this list that states its length."""
    member: bool = False
    """It names a member of the package."""
    members: dict[str, Member] = {}
    needs: tuple[Need, ...] = ()


class Attribute(msgspec.Struct, frozen=True, kw_only=True):
    """A standard attribute of an information type, found by ``connid`` or by its own name."""

    kind: Kind = msgspec.field(name="is")
    column: bool = False
    """``columns.json`` must define it."""
    value: bool = False
    """Every feature must state it."""
    patterns: tuple[str, ...] | None = None
    words: dict[str, str] | None = None
    """Standard value id (``conn_attr_list``) to the standard word."""
    also_ids: tuple[str, ...] = ()
    """Ids that the templates allow beside those: misspelt ones."""


class InformationType(msgspec.Struct, frozen=True, kw_only=True):
    """What a package of one code holds."""

    title: Text
    category: str = ""
    payload: Literal["checked", "unchecked"] = "checked"
    attributes: dict[str, Attribute] = {}


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """The rules of one version."""

    version: str
    source: str
    metadata: dict[str, Member]
    columns: dict[str, Member]
    style: dict[str, Member]
    types: dict[str, InformationType]

    def attributes(self, code: str) -> dict[str, Attribute]:
        """Return the standard attributes of an information type; none for a free one."""
        found = self.types.get(code)
        return found.attributes if found else {}


class Rulebook:
    """The versions that are known: version to the bytes of its file."""

    def __init__(self, tables: Mapping[str, bytes]) -> None:
        self._tables = {version: msgspec.json.decode(data) for version, data in tables.items()}
        self._made: dict[str, Rules] = {}

    @property
    def versions(self) -> tuple[str, ...]:
        """Return the known versions, oldest first."""
        return tuple(sorted(self._tables, key=lambda v: [int(p) for p in v.split(".")]))

    def of(self, version: str) -> Rules | None:
        """Return a version's rules, or None where no file states them."""
        if version not in self._tables:
            return None
        if version not in self._made:
            whole = self._whole(version)
            self._made[version] = msgspec.convert(whole, Rules)
        return self._made[version]

    @property
    def newest(self) -> Rules:
        """Return the rules of the newest version."""
        found = self.of(self.versions[-1])
        if found is None:
            raise ValueError("a rulebook without rules")
        return found

    def _whole(self, version: str) -> dict[str, Any]:
        table = dict(self._tables[version])
        earlier = table.pop("based_on", None)
        if earlier is None:
            return table
        whole = self._whole(earlier)
        for part in ("metadata", "columns", "style"):
            whole[part] = _changed(whole[part], table.pop(part, {}))
        types = dict(whole["types"])
        for code, change in table.pop("types", {}).items():
            if change is not None and code in types:
                before = types[code]
                attributes = _changed(before["attributes"], change.get("attributes", {}))
                change = {**before, **change, "attributes": attributes}
            types[code] = change
        whole["types"] = {code: kind for code, kind in types.items() if kind is not None}
        return {**whole, **table}


def _changed(before: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    """Return a table with members replaced, added or (null) taken away."""
    return {name: value for name, value in {**before, **change}.items() if value is not None}


@cache
def default_rules() -> Rulebook:
    """Return the rules that are shipped."""
    folder = files("hinomi.standards.sip4d.rules")
    tables = {
        entry.name.removesuffix(".json"): entry.read_bytes()
        for entry in folder.iterdir()
        if entry.name.endswith(".json")
    }
    return Rulebook(tables)
