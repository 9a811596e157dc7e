"""Packages out: whose collections go in which information type, written for whom."""

from __future__ import annotations

import io
from datetime import datetime
from functools import cache
from typing import Unpack

import msgspec

from hinomi.kernel.errors import Text
from hinomi.kernel.reader import Question, Reader
from hinomi.standards.sip4d.again import write_again
from hinomi.standards.sip4d.packing import Packed, pack
from hinomi.standards.sip4d.statements import Kind
from hinomi.standards.sip4d.style import PLAIN, read_style
from hinomi.standards.sip4d.write import write_package
from hinomi.vocabulary.exchange import PACKAGES, SENT_FIELDS, Sender, SentLayer, SentPackage
from hinomi.vocabulary.layers import Class, Layer

FREE = "response.layers"
"""Where features of free layers go."""
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
    from hinomi.domains.hazards.sip4d_table import WRITTEN  # noqa: PLC0415
    from hinomi.domains.response.sip4d_table import KINDS as RESPONSE  # noqa: PLC0415

    return {kind.collection.id: kind for kind in (*RESPONSE, *HAZARDS, *WRITTEN)}


def collection_of(code: str) -> str:
    """Return the collection that features of an information type go to."""
    found = (k.collection.id for k in kinds().values() if code in k.codes.values())
    return next(found, FREE)


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


def sent_layers(reader: Reader) -> list[Layer]:
    """Return a map layer for each free layer that the reader sees, drawn as its sender meant."""
    found: list[Layer] = []
    if PACKAGES.id not in reader.catalog.collections:
        return found
    for stored in reader.every(PACKAGES.id):
        package = msgspec.convert(stored.body(), SentPackage)
        for number, layer in enumerate(package.layers):
            if layer.collection == FREE:
                found.append(_sent_layer(stored.key, number, layer, package.title))
    return found


def _sent_layer(key: str, number: int, layer: SentLayer, title: str) -> Layer:
    style = read_style(layer.style)
    name = layer.title or title
    classes = tuple(
        Class(value=c.title, label=Text(c.title or name, c.title or name), colour=c.colour)
        for c in style.classes
    )
    size = style.classes[0].size_px if style.classes else 5.0
    return Layer(
        id=f"sent-{key[:8]}-{number}",
        collection=FREE,
        group="received",
        title=Text(name, name),
        shape=style.shape,
        property="legend",
        classes=classes or (Class(label=Text(name, name), colour=PLAIN),),
        name=Text("name", "name"),
        filter=f"package = '{key}' AND layer = {number}",
        size_px=size,
        label_zoom=14,
        fields=SENT_FIELDS,
    )
