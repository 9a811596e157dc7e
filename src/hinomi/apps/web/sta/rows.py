"""One entity as it is kept: by its kind in version 1.1, its id, properties, what it links to."""

from __future__ import annotations

from typing import Any


class Row:
    """An entity. Times are kept in µs: an instant as a number, an interval as (start, end)."""

    __slots__ = ("id", "kept", "kind", "links", "properties", "record")

    def __init__(
        self,
        kind: str,
        row_id: str,
        properties: dict[str, Any],
        links: dict[str, Any] | None = None,
        record: tuple[str, str] | None = None,
    ) -> None:
        self.kind = kind
        self.id = row_id
        self.properties = properties
        self.links = links or {}
        """Navigation property -> id, or ids."""
        self.record = record
        """Collection and key of the record behind it; None: it is built in or only seen."""
        self.kept: dict[tuple[str, str, frozenset[str]], bytes] = {}
