"""What comes from sensors, on the wire between processes too."""

from __future__ import annotations

from typing import Literal

import msgspec

from hinomi.kernel.errors import Problem
from hinomi.kernel.marking import Principal

Form = Literal["sensorthings", "chirpstack", "tts", "plain"]
"""OGC 18-088's Observation or data array; ChirpStack v4; The Things Stack v3; a flat object."""


class Mapping(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a flat JSON object is read: ``{"id": "S1", "t": "...", "water": 10}``."""

    sensor: str = "id"
    """The member that holds the post's id; where there is none the topic's last part is it."""
    time: str = "time"
    values: dict[str, str] = {}
    """Member -> property (``water`` -> ``depth_cm``); empty: members named like properties."""


class Message(msgspec.Struct, frozen=True, gc=False):
    """One message: its form, its topic or address, its bytes."""

    form: Form
    topic: str
    data: bytes
    mapping: Mapping | None = None
    left_out: int = 0
    """Bytes of a message that was too long to be held."""


class Row(msgspec.Struct, frozen=True, gc=False):
    """One reading for a datastream: time [µs] or None (now), value, quality."""

    series: str
    time: int | None
    value: float
    quality: int


class Sense(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Take messages and readings in; ``principal`` None is a line that the operator set up."""

    messages: tuple[Message, ...] = ()
    rows: tuple[Row, ...] = ()
    status: str = "actual"
    principal: Principal | None = None


class Sensed(msgspec.Struct, frozen=True):
    """What became of them: durable when it is told."""

    new: int
    known: int
    problems: tuple[Problem, ...] = ()
