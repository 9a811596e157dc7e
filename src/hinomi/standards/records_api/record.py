"""A record of a catalogue, as OGC API – Records describes it (20-004r1, clause 7)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, TypeAlias

import msgspec

BBox: TypeAlias = tuple[float, float, float, float]
Language: TypeAlias = Literal["ja", "en"]
Both: TypeAlias = tuple[str, str]
"""The same text in Japanese and in English."""


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """A link to the resource or to what is known of it."""

    href: str
    rel: str
    type: str = ""
    title: Both = ("", "")


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """Who answers for the resource."""

    organization: str
    roles: tuple[str, ...] = ("publisher",)
    email: str = ""


class Theme(msgspec.Struct, frozen=True, kw_only=True):
    """Concepts of one scheme: (id, titles)."""

    scheme: str
    concepts: tuple[tuple[str, Both], ...]


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """What a catalogue tells of one resource."""

    id: str
    type: str
    """``dataset``, ``package``, ``document``, ``model`` or ``product``."""
    title: Both
    description: Both = ("", "")
    keywords: tuple[str, ...] = ()
    created: datetime | None = None
    updated: datetime | None = None
    bbox: BBox | None = None
    start: datetime | None = None
    end: datetime | None = None
    timed: bool = False
    """The resource has a time, though both of its ends may be open."""
    licence: str = ""
    formats: tuple[tuple[str, str], ...] = ()
    """(name, media type)."""
    contacts: tuple[Contact, ...] = ()
    themes: tuple[Theme, ...] = ()
    external_ids: tuple[tuple[str, str], ...] = ()
    """(scheme, value)."""
    links: tuple[Link, ...] = ()
    more: dict[str, Any] = {}
    """Further properties."""
