"""EXIF as bytes: what tests, drills and the measured set of pictures are made with."""

from __future__ import annotations

import struct
from datetime import UTC, timedelta

from hinomi.standards.exif.read import Exif
from hinomi.vocabulary.times import JST

_ASCII, _SHORT, _LONG, _RATIONAL = 2, 3, 4, 5
_Entry = tuple[int, int, int, bytes]


def encode(exif: Exif) -> bytes:
    """Return the TIFF structure; a time without a stated zone is written as Japan's."""
    detail: list[_Entry] = []
    if exif.taken_at is not None:
        local = exif.taken_at.astimezone(JST)
        detail.append(_text(0x9003, local.strftime("%Y:%m:%d %H:%M:%S")))
        if exif.zone_stated:
            hours = (local.utcoffset() or timedelta()) // timedelta(hours=1)
            detail.append(_text(0x9011, f"{hours:+03d}:00"))
    gps = _gps(exif)
    main = [(0x0112, _SHORT, 1, struct.pack("<H", exif.orientation))]
    if exif.camera:
        main.append(_text(0x0110, exif.camera))
    later = [(tag, entries) for tag, entries in ((0x8769, detail), (0x8825, gps)) if entries]
    at = 8
    offsets = {}
    size = _size([*main, *((tag, _LONG, 1, b"....") for tag, _ in later)])
    for tag, entries in later:
        offsets[tag] = at + size
        size += _size(entries)
    main += [(tag, _LONG, 1, struct.pack("<I", offsets[tag])) for tag, _ in later]
    written = b"II*\x00" + struct.pack("<I", at) + _directory(main, at)
    for tag, entries in later:
        written += _directory(entries, offsets[tag])
    return written


def _gps(exif: Exif) -> list[_Entry]:
    found: list[_Entry] = []
    if exif.longitude is not None and exif.latitude is not None:
        found += [
            _text(0x01, "N" if exif.latitude >= 0 else "S"),
            _angle(0x02, abs(exif.latitude)),
            _text(0x03, "E" if exif.longitude >= 0 else "W"),
            _angle(0x04, abs(exif.longitude)),
        ]
    if exif.gps_at is not None:
        at = exif.gps_at.astimezone(UTC)
        found.append(_rationals(0x07, [at.hour, at.minute, at.second]))
        found.append(_text(0x1D, at.strftime("%Y:%m:%d")))
    if exif.direction_deg is not None:
        found.append(_rationals(0x11, [exif.direction_deg]))
    if exif.accuracy_m is not None:
        found.append(_rationals(0x1F, [exif.accuracy_m]))
    return found


def _angle(tag: int, degrees: float) -> _Entry:
    whole = int(degrees)
    minutes = int((degrees - whole) * 60)
    seconds = ((degrees - whole) * 60 - minutes) * 60
    return _rationals(tag, [whole, minutes, seconds])


def _rationals(tag: int, values: list[float]) -> _Entry:
    body = b"".join(struct.pack("<II", round(value * 100_000), 100_000) for value in values)
    return tag, _RATIONAL, len(values), body


def _text(tag: int, text: str) -> _Entry:
    body = text.encode() + b"\x00"
    return tag, _ASCII, len(body), body


def _size(entries: list[_Entry]) -> int:
    return 6 + 12 * len(entries) + sum(len(b) + len(b) % 2 for *_, b in entries if len(b) > 4)


def _directory(entries: list[_Entry], at: int) -> bytes:
    head = struct.pack("<H", len(entries))
    tail = b""
    after = at + 6 + 12 * len(entries)
    for tag, kind, count, body in sorted(entries):
        if len(body) <= 4:
            value = body.ljust(4, b"\x00")
        else:
            value = struct.pack("<I", after + len(tail))
            tail += body + b"\x00" * (len(body) % 2)
        head += struct.pack("<HHI", tag, kind, count) + value
    return head + b"\x00" * 4 + tail
