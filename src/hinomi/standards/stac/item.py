"""What STAC describes: items (a place, a time, assets) and the collections they are in."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeAlias

import msgspec

BBox: TypeAlias = tuple[float, float, float, float]


class Link(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A link."""

    rel: str
    href: str
    type: str = ""
    title: str = ""
    method: str = ""
    body: dict[str, Any] = {}
    """What to send to ``href`` with POST for the next page."""


class Asset(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A file that belongs to an item."""

    href: str
    type: str = ""
    title: str = ""
    roles: tuple[str, ...] = ("data",)


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One photo, image or grid."""

    id: str
    collection: str
    geometry: dict[str, Any] | None
    bbox: BBox | None
    at: datetime
    """When it was taken, or where it holds for a time, the beginning of it."""
    start: datetime | None = None
    end: datetime | None = None
    properties: dict[str, Any] = {}
    assets: dict[str, Asset] = {}
    links: tuple[Link, ...] = ()


class Collection(msgspec.Struct, frozen=True, kw_only=True):
    """A set of items."""

    id: str
    title: str
    description: str
    licence: str
    provider: str
    bbox: BBox | None = None
    start: datetime | None = None
    end: datetime | None = None
    keywords: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
