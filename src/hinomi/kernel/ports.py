"""The ports: Source (observe), Model (predict), Playbook (respond), Product (share), and Domain.

All are plain values. Adapters do no I/O and read no clock: bytes and times come in as arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol

import msgspec

from hinomi.kernel.errors import Problem, Text
from hinomi.kernel.geometry import Geometry
from hinomi.kernel.records import Complete, Readings, Record

if TYPE_CHECKING:
    from hinomi.kernel.reader import Reader


class Payload(msgspec.Struct, frozen=True, kw_only=True):
    """Raw bytes as they came; the runtime keeps them as a blob under ``digest`` (SHA-256)."""

    data: bytes
    name: str
    """File name without folders, archive member's included: what detection may look at."""
    address: str
    """Where it came from: a file's path, a URL, with ``!/member`` for a member of an archive."""
    digest: str
    taken_at: datetime
    """The file's or the fetch time: stands in where the content has no time of its own."""


class Gazetteer(Protocol):
    """The dated area master, as sources see it."""

    def place(self, code: str, on: date) -> Geometry | None:
        """Return the area's geometry on that day, or None where it is not known."""

    def knows(self, code: str, on: date) -> bool:
        """Tell whether the code is in the master on that day (with or without a geometry)."""


class Parsed(msgspec.Struct, kw_only=True):
    """What was understood; ``problems`` of grade ``error`` were refused, records name ``blobs``."""

    records: list[Record] = []
    readings: list[Readings] = []
    complete: list[Complete] = []
    problems: list[Problem] = []
    blobs: list[bytes] = []
    kind: str = ""
    """The payload's own type (``VPWW55``, ``gsi-sites``), for counting."""


class Feed(msgspec.Struct, frozen=True, kw_only=True):
    """An address that a source wants fetched politely, and how often [s]."""

    url: str
    every_s: float
    heals: str = ""
    """The url of the feed whose gaps this one heals."""


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Observe: raw bytes to records and readings.

    ``detect(payload)`` tells whether the payload is this source's, from its name and its bytes,
    cheaply. ``parse(payload, gazetteer)`` collects all problems and never raises for bad input
    but :class:`DataError` when nothing at all can be read.
    """

    id: str
    title: Text
    gives: tuple[str, ...]
    licence: str
    reference: str
    """Where the format is defined."""
    detect: Callable[[Payload], bool]
    parse: Callable[[Payload, Gazetteer], Parsed]
    feeds: tuple[Feed, ...] = ()


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """Predict: from what it needs, read at one position in one status, to what it gives.

    ``predict(reader, keys)``: ``keys`` are the keys changed in each needed collection since the
    last run (empty: everything). The runtime sets origin and marking of what comes out: the
    inputs' one status and the strictest of their disclosures and audiences.
    """

    id: str
    title: Text
    version: str
    needs: tuple[str, ...]
    gives: tuple[str, ...]
    predict: Callable[[Reader, dict[str, Sequence[str]]], Parsed]
    reference: str
    limits: Text


class Playbook(msgspec.Struct, frozen=True, kw_only=True):
    """Respond: forecasts and states to advice and notices, a proposal that a person decides on."""

    id: str
    title: Text
    needs: tuple[str, ...]
    gives: tuple[str, ...]
    advise: Callable[[Reader], Parsed]


class Product(msgspec.Struct, frozen=True, kw_only=True):
    """Share: cleared records to bytes of one media type; ``render(reader, language)``."""

    id: str
    title: Text
    needs: tuple[str, ...]
    media_type: str
    render: Callable[[Reader, str], Iterable[bytes]]


class Domain(msgspec.Struct, frozen=True, kw_only=True):
    """One field, as one plain value that lists all it has."""

    id: str
    title: Text
    collections: tuple[object, ...] = ()
    sources: tuple[Source, ...] = ()
    models: tuple[Model, ...] = ()
    playbooks: tuple[Playbook, ...] = ()
    products: tuple[Product, ...] = ()
    layers: tuple[object, ...] = ()
    """Map layers (vocabulary's ``Layer``): collection -> symbol, colour, popup, legend."""
    acts: tuple[object, ...] = ()
    """What a person may do to its records (vocabulary's ``Act``)."""
