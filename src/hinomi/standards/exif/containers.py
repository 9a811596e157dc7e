"""What kind of picture some bytes are, how large it would be, and where its EXIF lies.

Nothing is decompressed: a picture that would fill the memory is refused by its header alone.
"""

from __future__ import annotations

import re
import struct

import msgspec

from hinomi.kernel.errors import DataError, Problem, Text

MAX_SEGMENTS = 2_000
"""Segments or chunks that are looked through; a camera writes some dozens."""
_SOF = frozenset({0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF})
"""JPEG's start-of-frame markers (ITU-T T.81, table B.1)."""
_BARE = frozenset({0x01, *range(0xD0, 0xD8)})
_HEIF = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"hevc", b"hevx"})
_HEIF_EXIF = re.compile(rb"Exif\x00\x00(?=II\*\x00|MM\x00\*)")
_HEIF_SIZE = re.compile(rb"ispe\x00\x00\x00\x00(.{8})", re.DOTALL)


class Picture(msgspec.Struct, frozen=True):
    """What the header tells."""

    media_type: str
    width: int
    height: int
    """As stored, before any turning [px]."""
    exif: bytes | None
    """The TIFF structure, None where there is none."""


def look(data: bytes) -> Picture:
    """Return what the bytes are, from their content.

    Raises:
        DataError: none of JPEG, PNG, WebP and HEIF, or cut off within its header.
    """
    try:
        found = _look(data)
    except (struct.error, IndexError, ValueError):
        raise _refusal("exif.cut-off", "途中で切れているか壊れています", "is cut off or broken",
                       data) from None  # fmt: skip
    if found is None:
        raise _refusal("exif.no-picture", "写真(JPEG・PNG・WebP・HEIC)ではありません",
                       "is no JPEG, PNG, WebP or HEIC picture", data)  # fmt: skip
    if found.width < 1 or found.height < 1:
        raise _refusal("exif.no-size", "大きさのない写真です", "has no size", data)
    return found


def _look(data: bytes) -> Picture | None:
    if data[:3] == b"\xff\xd8\xff":
        return _jpeg(data)
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return _png(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return _webp(data)
    if data[4:8] == b"ftyp" and data[8:12] in _HEIF:
        return _heif(data)
    return None


def _jpeg(data: bytes) -> Picture:
    at, exif = 2, None
    for _ in range(MAX_SEGMENTS):
        while data[at + 1] == 0xFF:  # Fill bytes (T.81 B.1.1.2).
            at += 1
        if data[at] != 0xFF:
            raise ValueError("no marker")
        marker = data[at + 1]
        if marker in _BARE:
            at += 2
            continue
        (length,) = struct.unpack_from(">H", data, at + 2)
        body = data[at + 4 : at + 2 + length]
        if marker == 0xE1 and exif is None and body[:6] == b"Exif\x00\x00":
            exif = body[6:]
        if marker in _SOF:
            height, width = struct.unpack_from(">HH", body, 1)
            return Picture("image/jpeg", width, height, exif)
        if marker in {0xD9, 0xDA} or length < 2:
            break
        at += 2 + length
    raise ValueError("no frame")


def _png(data: bytes) -> Picture:
    if data[12:16] != b"IHDR":
        raise ValueError("no IHDR")
    width, height = struct.unpack_from(">II", data, 16)
    at = 8
    for _ in range(MAX_SEGMENTS):
        if at + 8 > len(data):
            break
        length, kind = struct.unpack_from(">I4s", data, at)
        if kind == b"eXIf":
            return Picture("image/png", width, height, data[at + 8 : at + 8 + length])
        at += 12 + length
    return Picture("image/png", width, height, None)


def _webp(data: bytes) -> Picture:
    size = (0, 0)
    exif = None
    at = 12
    for _ in range(MAX_SEGMENTS):
        if at + 8 > len(data):
            break
        kind, length = struct.unpack_from("<4sI", data, at)
        body = data[at + 8 : at + 8 + min(length, 1 << 20)]
        if kind in {b"VP8X", b"VP8L", b"VP8 "} and size == (0, 0):
            size = _webp_size(kind, body)
        if kind == b"EXIF":
            exif = body.removeprefix(b"Exif\x00\x00")
        at += 8 + length + length % 2
    return Picture("image/webp", *size, exif)


def _webp_size(kind: bytes, body: bytes) -> tuple[int, int]:
    """Return width and height (RFC 9649, sections 2.5 to 2.7)."""
    if kind == b"VP8X":
        return 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little")
    if kind == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    width, height = struct.unpack_from("<HH", body, 6)
    return width & 0x3FFF, height & 0x3FFF


def _heif(data: bytes) -> Picture:
    """Return the largest image of a HEIF file; its EXIF item is found by its signature."""
    sizes = [struct.unpack(">II", found) for found in _HEIF_SIZE.findall(data[: 1 << 20])]
    if not sizes:
        raise ValueError("no ispe")
    width, height = max(sizes, key=lambda size: size[0] * size[1])
    found = _HEIF_EXIF.search(data)
    exif = data[found.end() : found.end() + 65_536] if found else None
    return Picture("image/heic", width, height, exif)


def _refusal(code: str, ja: str, en: str, data: bytes) -> DataError:
    return DataError(
        [Problem(code, "photo", Text(ja, en), found=data[:12].hex(" "),
                 expected="JPEG, PNG, WebP, HEIC")]
    )  # fmt: skip
