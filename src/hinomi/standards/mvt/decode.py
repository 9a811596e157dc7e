"""Bytes of a vector tile read back, every length checked: tiles come from strangers too."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import TypeAlias

from hinomi.kernel.errors import DataError, Problem, Text
from hinomi.standards.mvt.geometry import CLOSE_PATH, LINE_TO, MOVE_TO
from hinomi.standards.mvt.tile import POLYGON, Feature, Layer, Part, Scalar

Field: TypeAlias = tuple[int, int, "int | bytes"]
"""Number, wire type, value of one protobuf field."""


def decode(data: bytes) -> list[Layer]:
    """Return the tile's layers.

    Raises:
        DataError: the bytes are cut, or break the specification; the path says where.
    """
    found: list[Layer] = []
    for number, _, value in _fields(data, ""):
        if number == 3 and isinstance(value, bytes):
            found.append(_layer(value, f"/layers[{len(found)}]"))
    return found


def _layer(data: bytes, path: str) -> Layer:
    name, extent, version = "", 4096, 1
    keys: list[str] = []
    values: list[Scalar] = []
    features: list[bytes] = []
    for number, _, value in _fields(data, path):
        if isinstance(value, bytes):
            if number == 1:
                name = _text(value, f"{path}/name")
            elif number == 2:
                features.append(value)
            elif number == 3:
                keys.append(_text(value, f"{path}/keys[{len(keys)}]"))
            elif number == 4:
                values.append(_value(value, f"{path}/values[{len(values)}]"))
        elif number == 5:
            extent = value
        elif number == 15:
            version = value
    made = [
        _feature(feature, keys, values, f"{path}/features[{n}]")
        for n, feature in enumerate(features)
    ]
    return Layer(name=name, features=made, extent=extent, version=version)


def _feature(data: bytes, keys: list[str], values: list[Scalar], path: str) -> Feature:
    identity: int | None = None
    kind, tags, commands = 0, b"", b""
    for number, _, value in _fields(data, path):
        if number == 1 and isinstance(value, int):
            identity = value
        elif number == 2 and isinstance(value, bytes):
            tags = value
        elif number == 3 and isinstance(value, int):
            kind = value
        elif number == 4 and isinstance(value, bytes):
            commands = value
    numbers = list(_varints(tags, f"{path}/tags"))
    if len(numbers) % 2:
        raise _broken(f"{path}/tags", "対になっていません。", "The tags are not in pairs.")
    properties = {}
    for key, value in zip(numbers[::2], numbers[1::2], strict=True):
        if key >= len(keys) or value >= len(values):
            raise _broken(f"{path}/tags", "表にない番号です。", "A tag points outside its table.")
        properties[keys[key]] = values[value]
    parts = _parts(list(_varints(commands, f"{path}/geometry")), kind, f"{path}/geometry")
    return Feature(kind=kind, parts=parts, properties=properties, id=identity)


def _parts(numbers: list[int], kind: int, path: str) -> list[Part]:
    parts: list[Part] = []
    x = y = at = 0
    while at < len(numbers):
        command, count = numbers[at] & 7, numbers[at] >> 3
        at += 1
        if command == CLOSE_PATH:
            if kind != POLYGON or not parts or not parts[-1]:
                raise _broken(path, "閉じる輪がありません。", "ClosePath without a ring.")
            parts[-1].append(parts[-1][0])
            continue
        if command not in {MOVE_TO, LINE_TO} or at + 2 * count > len(numbers):
            raise _broken(path, "図形の命令が誤りです。", "An unknown or cut geometry command.")
        if command == MOVE_TO:
            parts.append([])
        elif not parts:
            raise _broken(path, "始点がありません。", "LineTo before any MoveTo.")
        for _ in range(count):
            x, y = x + _signed(numbers[at]), y + _signed(numbers[at + 1])
            parts[-1].append((x, y))
            at += 2
    return parts


def _value(data: bytes, path: str) -> Scalar:
    found: Scalar = ""
    for number, wire, value in _fields(data, path):
        if isinstance(value, bytes):
            if number == 1:
                found = _text(value, path)
            elif (number, wire) in {(2, 5), (3, 1)}:
                found = struct.unpack("<f" if number == 2 else "<d", value)[0]
        elif number == 4:
            found = value - (1 << 64) if value >> 63 else value
        elif number == 5:
            found = value
        elif number == 6:
            found = _signed(value)
        elif number == 7:
            found = bool(value)
    return found


def _fields(data: bytes, path: str) -> Iterator[Field]:
    at = 0
    while at < len(data):
        tag, at = _varint(data, at, path)
        wire = tag & 7
        if wire == 0:
            number, at = _varint(data, at, path)
            yield tag >> 3, wire, number
            continue
        if wire == 2:
            size, at = _varint(data, at, path)
        else:
            size = {1: 8, 5: 4}.get(wire, -1)
        if size < 0 or at + size > len(data):
            raise _broken(
                path, "途中で切れています。", "The bytes are cut or of unknown wire type."
            )
        yield tag >> 3, wire, data[at : at + size]
        at += size


def _varints(data: bytes, path: str) -> Iterator[int]:
    at = 0
    while at < len(data):
        number, at = _varint(data, at, path)
        yield number


def _varint(data: bytes, at: int, path: str) -> tuple[int, int]:
    found = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            break
        byte = data[at]
        at += 1
        found |= (byte & 0x7F) << shift
        if byte < 0x80:
            return found & (1 << 64) - 1, at
    raise _broken(path, "数が途中で切れています。", "A varint is cut or too long.")


def _signed(number: int) -> int:
    return (number >> 1) ^ -(number & 1)


def _text(data: bytes, path: str) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise _broken(path, "UTF-8ではありません。", "The text is not UTF-8.") from None


def _broken(path: str, ja: str, en: str) -> DataError:
    return DataError([Problem("mvt.broken", path or "/", Text(ja, en))])
