"""A broker's bytes to packets (MQTT 3.1.1, chapters 2 and 3)."""

from __future__ import annotations

import msgspec

from hinomi.kernel.errors import DataError, Problem, Text

MOST_BYTES = 8 * 1024 * 1024
"""Of one packet. The standard allows 256 MB; a data array of 100,000 rows has some 5 MB."""
CONNACK, PUBLISH, PUBACK, SUBACK = 2, 3, 4, 9
"""Control packet types, table 2.1."""


class Publish(msgspec.Struct, frozen=True, gc=False, repr_omit_defaults=True):
    """A message; ``mid`` is 0 for QoS 0, which is not acknowledged."""

    topic: str
    data: bytes
    qos: int
    mid: int
    left_out: int = 0
    """Bytes of a message that is too long to be held; its ``data`` are empty."""


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
        self._passing = 0
        """Bytes still to come of a message that is too long."""

    def feed(self, data: bytes) -> list[Packet]:
        """Return the packets that are now whole.

        A message that is too long is told without its data: refusing it would bring it again, for
        a broker keeps what nobody acknowledges, and no other message would ever come.

        Raises:
            DataError: this is no MQTT, or a packet of another kind is too long; the connection is
                of no more use.
        """
        if self._passing:
            passed = min(self._passing, len(data))
            self._passing -= passed
            data = data[passed:]
        given = self._rest + data if self._rest else data
        at, end = 0, len(given)
        found: list[Packet] = []
        while end - at >= 2:
            length, start = given[at + 1], at + 2
            if length > 127:
                length, start = _length(given, at + 1)
                if start == 0:
                    break
            stop = start + length
            if length > self._most:
                if given[at] >> 4 != PUBLISH:
                    raise _refused("mqtt.too-long", f"{length:,} B", f"<= {self._most:,} B")
                headed = _headed(given[at], given, start, stop)
                if headed is None:
                    break
                found.append(headed)
                self._passing = max(stop - end, 0)
                at = min(stop, end)
                continue
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


def _headed(first: int, data: bytes, start: int, stop: int) -> Publish | None:
    """Return a message without its payload, None where its topic and id are not yet whole."""
    need = 2
    if len(data) - start >= need:
        need += (data[start] << 8 | data[start + 1]) + (2 if first >> 1 & 3 else 0)
    if len(data) - start < need:
        return None
    found = _publish(first, data[: start + need], start, start + need)
    return msgspec.structs.replace(found, left_out=stop - start - need)


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
