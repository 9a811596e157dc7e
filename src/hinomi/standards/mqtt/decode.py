"""A broker's bytes to packets (MQTT 3.1.1, chapters 2 and 3)."""

from __future__ import annotations

import msgspec

from hinomi.kernel.errors import DataError, Problem, Text

MOST_BYTES = 8 * 1024 * 1024
"""Of one packet. The standard allows 256 MB; a data array of 100,000 rows has some 5 MB."""
CONNACK, PUBLISH, PUBACK, SUBACK = 2, 3, 4, 9
"""Control packet types, table 2.1."""


class Publish(msgspec.Struct, frozen=True, gc=False):
    """A message; ``mid`` is 0 for QoS 0, which is not acknowledged."""

    topic: str
    data: bytes
    qos: int
    mid: int


class Connected(msgspec.Struct, frozen=True):
    """The answer to CONNECT; ``code`` 0 is yes, 1 to 5 say why not (table 3.1)."""

    code: int
    resumed: bool


class Subscribed(msgspec.Struct, frozen=True):
    """The answer to SUBSCRIBE: for each filter the QoS granted, 128 where it was refused."""

    mid: int
    codes: tuple[int, ...]


class Acknowledged(msgspec.Struct, frozen=True):
    """The broker has taken over one of our messages."""

    mid: int


class Other(msgspec.Struct, frozen=True):
    """A packet that needs no answer: PINGRESP, and what a subscriber is never sent."""

    kind: int


Packet = Publish | Connected | Subscribed | Acknowledged | Other


class Splitter:
    """Cuts a stream of bytes into packets, wherever its pieces begin and end.

    Example:
        >>> splitter = Splitter()
        >>> splitter.feed(bytes([0x30, 5, 0, 1, 97]))
        []
        >>> splitter.feed(b"hi")
        [Publish(topic='a', data=b'hi', qos=0, mid=0)]
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._rest = b""
        self._most = most_bytes

    def feed(self, data: bytes) -> list[Packet]:
        """Return the packets that are now whole.

        Raises:
            DataError: this is no MQTT, or a packet is too long; the connection is of no more use.
        """
        given = self._rest + data if self._rest else data
        at, end = 0, len(given)
        found: list[Packet] = []
        while end - at >= 2:
            length, start = given[at + 1], at + 2
            if length > 127:
                length, start = _length(given, at + 1)
                if start == 0:
                    break
            if length > self._most:
                raise _refused("mqtt.too-long", f"{length:,} B", f"<= {self._most:,} B")
            stop = start + length
            if stop > end:
                break
            first = given[at]
            if first >> 4 == PUBLISH:
                found.append(_publish(first, given, start, stop))
            else:
                found.append(_packet(first >> 4, given[start:stop]))
            at = stop
        self._rest = given[at:]
        return found


def _length(data: bytes, at: int) -> tuple[int, int]:
    """Return the remaining length (2.2.3) and where what it counts begins; (0, 0): not yet whole.

    Raises:
        DataError: more than four bytes.
    """
    value = 0
    for number in range(4):
        if at + number >= len(data):
            return 0, 0
        byte = data[at + number]
        value |= (byte & 0x7F) << 7 * number
        if byte < 0x80:
            return value, at + number + 1
    raise _refused("mqtt.length", data[at : at + 4].hex(), "at most four bytes")


def _publish(first: int, data: bytes, start: int, stop: int) -> Publish:
    """Return a message (3.3); its topic is UTF-8, its payload whatever the sender likes."""
    qos = first >> 1 & 3
    body = start + 2 + (data[start] << 8 | data[start + 1]) if stop - start >= 2 else stop + 1
    need = body + 2 if qos else body
    if qos > 2 or need > stop:
        raise _refused("mqtt.publish", data[start:stop][:40].hex(), "topic, id and payload")
    try:
        topic = str(data[start + 2 : body], "utf-8")
    except UnicodeDecodeError as error:
        raise _refused("mqtt.topic", str(error), "UTF-8") from None
    mid = data[body] << 8 | data[body + 1] if qos else 0
    return Publish(topic, data[need:stop], qos, mid)


def _packet(kind: int, body: bytes) -> Packet:
    if kind == CONNACK and len(body) == 2:
        return Connected(body[1], bool(body[0] & 1))
    if kind == PUBACK and len(body) == 2:
        return Acknowledged(body[0] << 8 | body[1])
    if kind == SUBACK and len(body) >= 3:
        return Subscribed(body[0] << 8 | body[1], tuple(body[2:]))
    if kind in {0, 15, CONNACK, PUBACK, SUBACK}:
        raise _refused("mqtt.packet", f"{kind}: {body[:40].hex()}", "a packet of MQTT 3.1.1")
    return Other(kind)


def _refused(code: str, found: str, expected: str) -> DataError:
    text = Text("MQTTとして読めません。", "The broker's bytes are no MQTT 3.1.1.")
    return DataError([Problem(code, "", text, found=found, expected=expected)])
