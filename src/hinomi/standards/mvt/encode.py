"""A layer of features as bytes (section 4.1 and 4.4)."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping

import msgspec

from hinomi.standards.mvt.tile import Scalar


class Encoded(msgspec.Struct, frozen=True):
    """A feature whose geometry is a command stream already; None is left out of properties."""

    kind: int
    geometry: bytes
    properties: Mapping[str, Scalar | None]
    id: int | None = None


def encode(name: str, features: Iterable[Encoded], extent: int = 4096) -> bytes:
    """Return a tile of one layer; no bytes at all where there is no feature.

    Tiles of several layers are their bytes one after the other.

    Example:
        >>> from hinomi.standards.mvt import POINT, decode, point_geometries
        >>> import numpy as np
        >>> (point,) = point_geometries(np.array([[25, 17]]))
        >>> decode(encode("sites", [Encoded(POINT, point, {"open": True}, 7)]))[0].features[0]
        Feature(kind=1, parts=[[(25, 17)]], properties={'open': True}, id=7)
    """
    keys: dict[str, int] = {}
    values: dict[tuple[type, Scalar], int] = {}
    parts: list[bytes] = []
    small, most = _SMALL, len(_SMALL)
    for feature in features:
        pairs: list[bytes] = []
        for key, value in feature.properties.items():
            if value is None:
                continue
            of_key = keys.setdefault(key, len(keys))
            of_value = values.setdefault((type(value), value), len(values))
            # Spelt out: a tile has hundreds of these.
            pairs.append(small[of_key] if of_key < most else varint(of_key))
            pairs.append(small[of_value] if of_value < most else varint(of_value))
        tags = b"".join(pairs)
        identity = b"" if feature.id is None else b"\x08" + varint(feature.id)
        body = b"%b\x12%b%b\x18%c\x22%b%b" % (
            identity, varint(len(tags)), tags, feature.kind,
            varint(len(feature.geometry)), feature.geometry,
        )  # fmt: skip
        parts.append(b"\x12" + varint(len(body)) + body)
    if not parts:
        return b""
    head = [_text(0x0A, name), *parts]
    head += [_text(0x1A, key) for key in keys]
    for kind, value in values:
        coded = _value(kind, value)
        head.append(b"\x22" + varint(len(coded)) + coded)
    layer = b"".join([*head, b"\x28", varint(extent), b"\x78\x02"])
    return b"\x1a" + varint(len(layer)) + layer


def varint(number: int) -> bytes:
    """Return a whole number from 0 as protobuf writes it."""
    if number < 0x4000:
        return _SMALL[number]
    found = []
    while number >= 0x4000:
        found.append(_MORE[number & 0x3FFF])
        number >>= 14
    found.append(_SMALL[number])
    return b"".join(found)


_MORE = [bytes((number & 0x7F | 0x80, number >> 7 | 0x80)) for number in range(0x4000)]
"""Fourteen bits with others behind them."""
_SMALL = [
    bytes((number,)) if number < 0x80 else bytes((number & 0x7F | 0x80, number >> 7))
    for number in range(0x4000)
]
"""All of a number that is small: most of a tile's numbers are."""


def _text(tag: int, text: str) -> bytes:
    data = text.encode("utf-8", "replace")
    return b"%c%b%b" % (tag, varint(len(data)), data)


def _value(kind: type, value: Scalar) -> bytes:
    """Return a value of section 4.1's ``Value``; whole numbers that 64 bits cannot hold as text."""
    if kind is bool:
        return b"\x38\x01" if value else b"\x38\x00"
    if isinstance(value, int):
        if 0 <= value < 1 << 64:
            return b"\x28" + varint(value)
        if -(1 << 63) <= value < 0:
            return b"\x30" + varint((-value << 1) - 1)
        return _text(0x0A, str(value))
    if isinstance(value, float):
        return b"\x19" + struct.pack("<d", value)
    return _text(0x0A, value)
