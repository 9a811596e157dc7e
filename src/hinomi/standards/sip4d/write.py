"""Packages written: metadata, columns and style as documents, features as they come.

Equal content gives equal bytes: the zip's own times are the package's ``updated``.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import PurePosixPath
from typing import IO, Any

import msgspec

from hinomi.standards.sip4d.package import META
from hinomi.standards.sip4d.times import JST, read_time

GATHER = 256 * 1024
"""Bytes handed to the compressor at once."""
_EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The least that zip can say."""
_encode = msgspec.json.Encoder().encode


class LayerContent(msgspec.Struct, kw_only=True):
    """One layer: its file's name, documents and features (GeoJSON features, encoded)."""

    file: str
    columns: dict[str, Any]
    features: Iterable[bytes]
    style: dict[str, Any] | None = None
    members: dict[str, Any] = {}
    """The FeatureCollection's other members."""


class Content(msgspec.Struct, kw_only=True):
    """All of a package."""

    metadata: dict[str, Any]
    layers: list[LayerContent]
    icons: dict[str, bytes] = {}


def write_package(content: Content, file: IO[bytes], *, level: int = 6) -> int:
    """Write the package into a file and return its number of features.

    Memory does not grow with the number of features: each is compressed as it comes.

    Args:
        content: the documents, and the features as an iterable.
        file: opened for writing binary; it need not be able to seek.
        level: of the compression, 0 to 9.
    """
    stamp = _stamp(content.metadata.get("updated"))
    count = 0
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        archive.writestr(_member(META, stamp), _pretty(content.metadata))
        for layer in content.layers:
            stem = str(PurePosixPath(layer.file).with_suffix(""))
            archive.writestr(_member(f"{stem}_columns.json", stamp), _pretty(layer.columns))
            if layer.style is not None:
                archive.writestr(_member(f"{stem}_style.json", stamp), _pretty(layer.style))
            # Without force_zip64 a layer of more than 2 GiB could not be written as a stream.
            with archive.open(_member(layer.file, stamp), "w", force_zip64=True) as member:
                count += _write_features(layer, member)
        for name, data in content.icons.items():
            archive.writestr(_member(name, stamp), data)
    return count


def _write_features(layer: LayerContent, member: IO[bytes]) -> int:
    others = {k: v for k, v in layer.members.items() if k not in ("type", "features")}
    head = _encode({"type": "FeatureCollection", **others})
    member.write(head[:-1] + b',"features":[\n')
    gathered: list[bytes] = []
    size = count = 0
    joint = b""
    for feature in layer.features:
        gathered.append(joint + feature)
        joint = b",\n"
        size += len(feature)
        count += 1
        if size > GATHER:
            member.write(b"".join(gathered))
            gathered, size = [], 0
    member.write(b"".join(gathered) + b"\n]}\n")
    return count


def _pretty(document: dict[str, Any]) -> bytes:
    return msgspec.json.format(_encode(document), indent=2)


def _stamp(updated: Any) -> tuple[int, int, int, int, int, int]:
    read = read_time(updated) if isinstance(updated, str) else None
    if read is None:
        return _EARLIEST
    at: datetime = read[0].astimezone(JST)
    if not 1980 <= at.year <= 2107:
        return _EARLIEST
    return (at.year, at.month, at.day, at.hour, at.minute, at.second)


def _member(name: str, stamp: tuple[int, int, int, int, int, int]) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, stamp)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    return info
