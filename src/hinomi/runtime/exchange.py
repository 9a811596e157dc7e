"""Packages out: whose collections go in which information type, written for whom."""

from __future__ import annotations

import io
from datetime import datetime
from functools import cache
from typing import Unpack

import msgspec

from hinomi.kernel.reader import Question, Reader
from hinomi.standards.sip4d.again import write_again
from hinomi.standards.sip4d.packing import Packed, pack
from hinomi.standards.sip4d.statements import Kind
from hinomi.standards.sip4d.write import write_package
from hinomi.vocabulary.exchange import Sender

MEDIA_TYPE = "application/zip"


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    """A package as bytes, and what it is called."""

    name: str
    data: bytes
    features: int
    left_out: int = 0


@cache
def kinds() -> dict[str, Kind]:
    """Return the information type of each collection that has one."""
    # Imported here: only who sends packages pays for the domains' tables.
    from hinomi.domains.hazards.sip4d_table import KINDS as HAZARDS  # noqa: PLC0415
    from hinomi.domains.response.sip4d_table import KINDS as RESPONSE  # noqa: PLC0415

    return {kind.collection.id: kind for kind in (*RESPONSE, *HAZARDS)}


def collection_of(code: str) -> str:
    """Return the collection that features of an information type go to."""
    found = (k.collection.id for k in kinds().values() if code in k.codes.values())
    return next(found, "response.layers")


def parcel(
    reader: Reader,
    collection: str,
    sender: Sender | None = None,
    *,
    at: datetime | None = None,
    **question: Unpack[Question],
) -> Parcel:
    """Return a collection as a package; see :func:`hinomi.standards.sip4d.packing.pack`."""
    of = reader.catalog.collection(collection)
    packed = pack(reader, of, sender or Sender(), kind=kinds().get(collection), at=at, **question)
    return _written(packed)


def _written(packed: Packed) -> Parcel:
    out = io.BytesIO()
    write_package(packed.content, out)
    return Parcel(
        name=packed.name,
        data=out.getvalue(),
        features=packed.features,
        left_out=packed.left_out,
    )


def parcel_again(reader: Reader, key: str) -> Parcel:
    """Return a received package, written again from what was stored of it."""
    out = io.BytesIO()
    count = write_package(write_again(reader, key), out)
    return Parcel(name=f"{key}.zip", data=out.getvalue(), features=count)
