"""MQTT 3.1.1 (OASIS Standard, 29 October 2014): a subscriber's packets, many at a time.

A broker with thousands of sensors sends small packets; what is read from the socket in one piece
is split in one piece, and all that was taken is acknowledged in one piece.
"""

from hinomi.standards.mqtt.decode import (
    MOST_BYTES,
    Acknowledged,
    Connected,
    Other,
    Packet,
    Publish,
    Splitter,
    Subscribed,
)
from hinomi.standards.mqtt.encode import (
    DISCONNECT,
    PINGREQ,
    Will,
    connect,
    pubacks,
    publish,
    subscribe,
)
from hinomi.standards.mqtt.filters import matches

__all__ = [
    "DISCONNECT", "MOST_BYTES", "PINGREQ", "Acknowledged", "Connected", "Other", "Packet",
    "Publish", "Splitter", "Subscribed", "Will", "connect", "matches", "pubacks", "publish",
    "subscribe",
]  # fmt: skip
