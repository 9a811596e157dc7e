"""Topics: addresses of packages, ``/collections/{id}/items?f=sip4d-zip``."""

from __future__ import annotations

from urllib.parse import parse_qs, unquote, urlsplit

import msgspec

from hinomi.kernel.catalog import Catalog
from hinomi.kernel.errors import InputError

FORMAT = "sip4d-zip"
_STATUSES = ("actual", "exercise", "test")


class Topic(msgspec.Struct, frozen=True):
    """What a topic's address names."""

    collection: str
    status: str


def topic_of(url: str, catalog: Catalog) -> Topic:
    """Return what a topic's address names.

    Raises:
        InputError: it is no address of a package.
        MissingError: there is no such collection.
    """
    parts = urlsplit(url)
    segments = [unquote(s) for s in parts.path.strip("/").split("/")]
    query = parse_qs(parts.query)
    status = query.pop("status", ["actual"])[0]
    right = (
        parts.scheme in ("http", "https")
        and len(segments) >= 3
        and segments[-3] == "collections"
        and segments[-1] == "items"
        and query.pop("f", [""]) == [FORMAT]
        and not query
        and status in _STATUSES
    )
    if not right:
        raise InputError(
            f"hub.topic={url!r}: expected …/collections/ID/items?f={FORMAT}"
            " (with &status=exercise or test).",
            f"hub.topic={url!r}: …/collections/ID/items?f={FORMAT} の形です。",
        )
    return Topic(catalog.collection(segments[-2]).id, status)
