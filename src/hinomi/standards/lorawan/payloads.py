"""A device's bytes to numbers, by a table: where each field lies and what it means."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from hinomi.kernel.errors import DataError, Problem, Text


class Field(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One number inside a frame, or one of the network server's own values (``name``)."""

    property: str
    """What it becomes: ``depth_cm``, ``battery_v``."""
    byte: int = 0
    """Its first byte."""
    length: int = 1
    """Bytes, 1 to 4."""
    order: Literal["big", "little"] = "big"
    signed: bool = False
    mask: int = -1
    """The bits that count; -1 is all."""
    bits: tuple[int, ...] = ()
    """Only these bits (0 is the lowest), each a switch, from the lowest switch up."""
    levels: tuple[float, ...] = ()
    """Of switches: the value with none on, with the lowest on, and so on."""
    scale: float = 1.0
    offset: float = 0.0
    name: str = ""
    """The network server's name of it, where that decodes; dots lead inside."""
    names: tuple[str, ...] = ()
    """The network server's names of the switches."""


class PayloadDecoder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How one make of sensor writes its frames."""

    id: str
    title: str
    reference: str
    port: int = 0
    """Frames of other ports are not looked at; 0 is any."""
    fields: tuple[Field, ...]


class Value(msgspec.Struct, frozen=True):
    """A field's value; not ``sure`` where the frame contradicts itself."""

    property: str
    value: float
    sure: bool = True


def decode_payload(decoder: PayloadDecoder, payload: bytes, values: dict[str, Any]) -> list[Value]:
    """Return a frame's values, from its bytes or from what the network server made of it.

    Raises:
        DataError: the frame is too short, or a value is no number.
    """
    found: list[Value] = []
    problems: list[Problem] = []
    for field in decoder.fields:
        try:
            value = _named(field, values) if field.name or field.names else _bytes(field, payload)
        except (LookupError, TypeError, ValueError):
            text = Text("値がないか数ではありません", "it is missing or no number")
            shown = payload.hex()[:60]
            problems.append(Problem("lorawan.payload", f"/{field.property}", text, found=shown))
        else:
            found.append(value)
    if problems:
        raise DataError(problems)
    return found


def _bytes(field: Field, payload: bytes) -> Value:
    part = payload[field.byte : field.byte + field.length]
    if len(part) != field.length:
        raise LookupError(field.property)
    number = int.from_bytes(part, field.order, signed=field.signed) & field.mask
    if field.bits:
        return _switches(field, [bool(number >> bit & 1) for bit in field.bits])
    return Value(field.property, number * field.scale + field.offset)


def _named(field: Field, values: dict[str, Any]) -> Value:
    if field.names:
        return _switches(field, [bool(float(values[name])) for name in field.names])
    found: Any = values
    for part in field.name.split("."):
        found = found[part]
    return Value(field.property, float(found) * field.scale + field.offset)


def _switches(field: Field, on: list[bool]) -> Value:
    """Return the level of the highest switch; one above a dry one cannot be."""
    highest = max((number for number, wet in enumerate(on, 1) if wet), default=0)
    return Value(field.property, field.levels[highest], all(on[:highest]))
