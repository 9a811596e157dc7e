"""MQTT topics of SensorThings: where observations are created (OGC 18-088, clause 13)."""

from __future__ import annotations

import re
from functools import lru_cache

import msgspec

_CREATE = re.compile(r"(?:Datastreams\((?:'((?:[^'/]|'')+)'|(-?\d+))\)/)?Observations")


class Topic(msgspec.Struct, frozen=True):
    """A topic to create observations on; ``datastream`` is empty where the message names it."""

    datastream: str


@lru_cache(maxsize=65_536)
def parse_topic(topic: str, prefix: str = "v1.1") -> Topic | None:
    """Return what a topic says, or None where it is no creation of observations.

    Example:
        >>> parse_topic("v1.1/Datastreams('a.b')/Observations")
        Topic(datastream='a.b')
    """
    if not topic.startswith(f"{prefix}/"):
        return None
    match = _CREATE.fullmatch(topic, len(prefix) + 1)
    if match is None:
        return None
    quoted, number = match.groups()
    return Topic((quoted or "").replace("''", "'") or number or "")
