"""A record verified by itself: what is stated has its id, and the raw bytes have their digests."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Any

import msgspec

from hinomi.kernel.errors import DeniedError
from hinomi.kernel.marking import Status
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Record, Stored
from hinomi.kernel.store import Store

ANY = frozenset(Status)


class Whole(msgspec.Struct, frozen=True):
    """What was found whole."""

    id: str
    collection: str
    key: str
    origins: int
    """Raw payloads whose bytes have their digest."""
    erased: str = ""
    """When its personal data were erased; what is left of it is not what its id was made of."""


def verify(
    reader: Reader, store: Store, record_id: str, erased: Callable[[str], str] = lambda _: ""
) -> Whole:
    """Return what is whole about a record.

    Args:
        reader: what the caller may see.
        store: where the raw bytes are.
        record_id: the record's id.
        erased: tells when the log says that personal data of a record were erased, empty: never.

    Raises:
        MissingError: there is none that the reader may see.
        DeniedError: what is stored is not what the id was made of, or raw bytes were changed.
    """
    trace = reader.trace(record_id)
    # The caller may see it; its id is of all its fields, of those too that are covered for them.
    visible = frozenset({trace.record.marking})
    stored = store.record(record_id, visible=visible) or trace.record
    when = ""
    if identity(reader, stored) != stored.id and not (when := erased(stored.id)):
        raise DeniedError(
            f"{stored.id} is not the id of what is stored under it: it was changed.",
            "内容がidと一致しません(改変)。",
            rule="trust",
        )
    whole = 0
    for origin, _ in trace.origins:
        data = store.blob(origin.digest) if origin.digest else None
        if data is None:
            continue
        if sha256(data).hexdigest() != origin.digest:
            raise DeniedError(
                f"The raw bytes {origin.digest} were changed.", "原文が改変されています。",
                rule="trust",
            )  # fmt: skip
        whole += 1
    return Whole(stored.id, stored.collection, stored.key, whole, when)


def identity(reader: Reader, stored: Stored) -> str:
    """Return the id of what is stored, made again from its feature."""
    schema: Any = reader.catalog.collection(stored.collection).schema
    record = Record(
        collection=stored.collection,
        key=stored.key,
        said_at=stored.said_at,
        body=msgspec.convert(stored.body(), schema, strict=False),
        source=stored.source,
        when=stored.when,
        place=stored.place(),
        marking=stored.marking,
        retracts=stored.retracts,
    )
    return record.identity()
