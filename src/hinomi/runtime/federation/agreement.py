"""An agreement with a partner: what it is shown, what is taken from it, and how they meet."""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Literal

import msgspec

from hinomi.kernel.marking import Disclosure, Marking, Principal

NEVER = ("operations.", "response.photo_intake")
"""What a node says about its own work stays with it; so do photos that nobody has confirmed."""
_AREA_KEY = re.compile(r"^\d{2,7}(?![0-9A-Za-z])")
"""A key that is an area's code, or begins with one: no quake's 20240101…, no UUID's 17ab…"""
_AREA_FIELDS = ("area_code", "municipality_code", "areas")


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """What one partner is shown. Nothing is shown that is not named here."""

    collections: tuple[str, ...] = ()
    """``response.shelters``, ``response.*`` or ``*`` (all but ``operations``)."""
    areas: tuple[str, ...] = ()
    """Beginnings of area codes; empty is everywhere. What names no area is then not shown."""
    statuses: tuple[str, ...] = ("actual",)
    disclosure: str = "CLEAR"
    """The highest TLP label."""
    audience: tuple[str, ...] = ()
    """Organisations that the partner is: what is marked for one of them it may see."""

    def principal(self, name: str) -> Principal:
        """Return the partner as one who asks."""
        return Principal(name, self.audience, Disclosure.of(self.disclosure))

    def shows(self, collection: str) -> bool:
        """Tell whether the collection is in the agreement."""
        return named(self.collections, collection)

    def sees(self, marking: Marking) -> bool:
        """Tell whether status and marking are in the agreement."""
        return marking.status.value in self.statuses and _sees(self, marking)

    def covers(self, key: str, body: dict[str, Any]) -> bool:
        """Tell whether a thing lies in the agreement's areas."""
        if not self.areas:
            return True
        codes = _codes(body)
        return any(
            code.startswith(area) or area.startswith(code)
            for code in (codes or _AREA_KEY.findall(key))
            for area in self.areas
            if len(code) >= 2
        )

    def digest(self) -> str:
        """Return what changes when the agreement does."""
        return blake2b(msgspec.json.encode(self), digest_size=8).hexdigest()


class Peer(msgspec.Struct, frozen=True, kw_only=True):
    """A partner node."""

    name: str
    public: bytes
    """Its key, pinned when it was added."""
    node: str
    url: str = ""
    """Where it is reached; empty: it calls here."""
    pulls: bool = True
    """This node asks it for what is new (where it has an address)."""
    pushes: bool = False
    """This node sends it what is new: for a partner that cannot reach this one."""
    shows: Agreement = Agreement()
    takes: tuple[str, ...] = ("*",)
    """Collections that are taken from it."""
    take_statuses: tuple[str, ...] = ("actual", "exercise", "test")
    take_sources: tuple[str, ...] = ("*",)
    """For whom it may speak: ``town``, ``town-17*`` or ``*``. A town is no mouthpiece of JMA."""
    history_s: float = 86_400.0
    """So much of its history comes with the first snapshot [s]."""
    ca_file: str = ""
    """Certificates that its server is checked by; empty: the system's."""
    cert_file: str = ""
    """This node's certificate and key (PEM), for a server that asks for one (mutual TLS)."""

    def accepts(self, collection: str, status: str) -> bool:
        """Tell whether a statement is taken from it."""
        return status in self.take_statuses and named(self.takes, collection)

    def speaks_for(self, source: str) -> bool:
        """Tell whether what a source says is taken from it."""
        return any(
            p == source or (p.endswith("*") and source.startswith(p[:-1]))
            for p in self.take_sources
        )


Direction = Literal["in", "out"]
DIRECTIONS: tuple[Direction, Direction] = ("in", "out")


def named(patterns: tuple[str, ...], collection: str) -> bool:
    """Tell whether a collection is named by one of the patterns."""
    return _named(patterns, collection)


@lru_cache(maxsize=4096)
def _named(patterns: tuple[str, ...], collection: str) -> bool:
    if collection.startswith(NEVER):
        return False
    return any(
        p in ("*", collection) or (p.endswith(".*") and collection.startswith(p[:-1]))
        for p in patterns
    )


@lru_cache(maxsize=4096)
def _sees(agreement: Agreement, marking: Marking) -> bool:
    return agreement.principal("partner").may_see(marking)


def _codes(body: dict[str, Any]) -> list[str]:
    found: list[str] = []
    for field in _AREA_FIELDS:
        value = body.get(field)
        for one in value if isinstance(value, list) else [value]:
            code = one.get("code", "") if isinstance(one, dict) else one
            if isinstance(code, str) and code:
                found.append(code)
    return found
