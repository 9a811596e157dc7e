"""A statement as a partner told it, as a record that says where it came from."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec

from hinomi.kernel.catalog import Catalog
from hinomi.kernel.geometry import Geometry
from hinomi.kernel.marking import Disclosure, Marking, Status
from hinomi.kernel.records import Interval, Origin, Record, from_micros
from hinomi.runtime.federation.agreement import Peer
from hinomi.runtime.federation.outbox import SCHEME, VIA
from hinomi.standards.batches import Told


class _Properties(msgspec.Struct):
    status: str
    disclosure: str
    start: datetime | None = None
    end: datetime | None = None
    audience: tuple[str, ...] = ()


class _Times(msgspec.Struct):
    properties: _Properties


_envelope = msgspec.json.Decoder(_Times)


def record_of(catalog: Catalog, peer: Peer, told: Told) -> Record:
    """Return what a partner told, by its collection's schema.

    Raises:
        MissingError: the collection is not known here.
        msgspec.MsgspecError, ValueError: it is no such statement.
        HinomiError: one of its values cannot be.
    """
    collection = catalog.collection(told.collection)
    feature = _feature(collection.schema).decode(told.feature)
    envelope = _envelope.decode(told.feature).properties
    return Record(
        collection=told.collection,
        key=told.key,
        said_at=from_micros(told.said_at),
        body=feature.properties,
        source=told.source,
        when=Interval(envelope.start, envelope.end),
        place=feature.geometry,
        origin=Origin(
            digest=told.digest,
            address=f"{SCHEME}{told.node}/{told.position}",
            path=f"{VIA}{peer.node}",
        ),
        marking=_marking(envelope.status, envelope.disclosure, envelope.audience),
        serial=told.serial,
        rank=told.rank,
        retracts=told.retracts,
    )


@lru_cache(maxsize=4096)
def _marking(status: str, disclosure: str, audience: tuple[str, ...]) -> Marking:
    return Marking(Status(status), Disclosure.of(disclosure), audience)


@lru_cache(maxsize=1024)
def _feature(schema: type) -> msgspec.json.Decoder[Any]:
    """Return what reads a stored feature of a collection with its body's type."""
    kind = msgspec.defstruct("Feature", [("properties", schema), ("geometry", Geometry | None)])
    return msgspec.json.Decoder(kind)
