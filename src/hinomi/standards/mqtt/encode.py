"""A subscriber's packets to bytes (MQTT 3.1.1, chapter 3)."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from hinomi.kernel.errors import InputError

PINGREQ = b"\xc0\x00"
DISCONNECT = b"\xe0\x00"
MOST_TEXT = 65_535
"""Bytes of a string or of a binary field (1.5.3)."""


class Will(msgspec.Struct, frozen=True):
    """What the broker says for us, retained, when we are gone without a word."""

    topic: str
    data: bytes


def connect(
    client_id: str, keepalive_s: int, *, user: str = "", password: str = "", will: Will | None
) -> bytes:
    """Return CONNECT (3.1): a session that the broker keeps while we are away.

    Raises:
        InputError: a field is longer than the standard allows.
    """
    flags = 0
    payload = _field(client_id.encode())
    if will is not None:
        flags |= 0b0010_1100  # will retain, QoS 1, will
        payload += _field(will.topic.encode()) + _field(will.data)
    if user:
        flags |= 0b1000_0000
        payload += _field(user.encode())
        if password:
            flags |= 0b0100_0000
            payload += _field(password.encode())
    head = _field(b"MQTT") + bytes([4, flags]) + keepalive_s.to_bytes(2, "big")
    return _packet(0x10, head + payload)


def subscribe(mid: int, filters: Iterable[str]) -> bytes:
    """Return SUBSCRIBE (3.8), each filter with QoS 1."""
    listed = b"".join(_field(one.encode()) + b"\x01" for one in filters)
    return _packet(0x82, mid.to_bytes(2, "big") + listed)


def publish(topic: str, data: bytes, mid: int, *, retain: bool, again: bool = False) -> bytes:
    """Return PUBLISH (3.3) with QoS 1; ``again`` marks one that may have come before."""
    first = 0x32 | (1 if retain else 0) | (8 if again else 0)
    return _packet(first, _field(topic.encode()) + mid.to_bytes(2, "big") + data)


def pubacks(mids: Iterable[int]) -> bytes:
    """Return a PUBACK (3.4) for each message, in one piece.

    Example:
        >>> pubacks([1, 258]).hex(" ", 4)
        '40020001 40020102'
    """
    return b"".join(b"\x40\x02" + mid.to_bytes(2, "big") for mid in mids)


def _field(data: bytes) -> bytes:
    if len(data) > MOST_TEXT:
        raise InputError(
            f"A field of {len(data):,} bytes is too long for MQTT (65,535).",
            f"MQTTの項目は65,535バイトまでです({len(data):,}バイト)。",
        )
    return len(data).to_bytes(2, "big") + data


def _packet(first: int, body: bytes) -> bytes:
    length, left = bytearray([first]), len(body)
    while True:
        left, byte = left >> 7, left & 0x7F
        length.append(byte | 0x80 if left else byte)
        if not left:
            return bytes(length) + body
