"""Erasing personal data from statements: what all stores do alike.

What was said stays in the log: its place, times, marking and id, and all fields that name nobody.
The personal values are overwritten, and the raw payloads that they came from can go.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from hinomi.kernel.records import Origin, micros

ERASED = "（消去済み）"
"""Stands where a text was."""
_ORIGIN = msgspec.json.Decoder(Origin)


class Erasure(msgspec.Struct, frozen=True, kw_only=True):
    """Fields of a collection to erase: in statements that are old, named, or of one thing."""

    collection: str
    fields: tuple[str, ...]
    before: datetime | None = None
    """Of statements said before then."""
    key: str | None = None
    """Of all statements about this thing."""
    ids: frozenset[str] = frozenset()
    """Of these statements."""
    look: bool = False
    """Only tell what would be erased."""

    def concerns(self, record_id: str, key: str, said_at: int) -> bool:
        """Tell whether a statement said then [µs] about a thing is to be erased."""
        old = self.before is not None and said_at < micros(self.before)
        return old or key == self.key or record_id in self.ids


class Erased(msgspec.Struct, frozen=True, kw_only=True):
    """What was erased."""

    ids: tuple[str, ...]
    """The statements whose fields were overwritten now."""
    payloads: frozenset[str]
    """Digests of the raw payloads that these came from, and those erased before them."""
    wanted: frozenset[str]
    """Digests of the raw payloads of statements that are still to be kept whole."""


class Sweep:
    """Goes through a collection's statements and gathers what was found."""

    def __init__(self, erasure: Erasure) -> None:
        self._erasure = erasure
        self._ids: list[str] = []
        self._payloads: set[str] = set()
        self._wanted: set[str] = set()

    def erased(
        self, record_id: str, key: str, said_at: int, feature: bytes, origins: Iterable[Origin]
    ) -> bytes | None:
        """Return a statement's feature without the personal values; None: it stays as it is."""
        new = erased_feature(feature, self._erasure.fields)
        # What a model made names no payload of ours; what the body names, its domain erases.
        raw = {o.digest for o in origins if o.digest and not o.run}
        raw = {digest for digest in raw if digest.encode() not in feature}
        if not self._erasure.concerns(record_id, key, said_at):
            self._wanted |= raw if new is not None else set()
            return None
        # A payload that is delivered again after its statements were erased goes again.
        self._payloads |= raw
        if new is not None:
            self._ids.append(record_id)
        return None if self._erasure.look else new

    def done(self) -> Erased:
        """Return what was erased."""
        return Erased(
            ids=tuple(self._ids),
            payloads=frozenset(self._payloads),
            wanted=frozenset(self._wanted),
        )


def erased_feature(feature: bytes, fields: Iterable[str]) -> bytes | None:
    """Return a feature without the values of some properties; None where there are none."""
    decoded = msgspec.json.decode(feature)
    properties: dict[str, Any] = decoded["properties"]
    changed = {
        name: _blank(properties[name])
        for name in fields
        if properties.get(name) and properties[name] != _blank(properties[name])
    }
    if not changed:
        return None
    properties.update(changed)
    return msgspec.json.encode(decoded)


def _blank(value: Any) -> Any:
    """Return what stands in a value's place: of its own kind where there is an empty one."""
    if isinstance(value, str):
        return ERASED
    return type(value)() if isinstance(value, list | dict) else None


def origins_of(texts: Iterable[str]) -> list[Origin]:
    """Return the origins that a store keeps as texts."""
    return [_ORIGIN.decode(text) for text in texts]
