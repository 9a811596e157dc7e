"""Bytes to fields, one by one; a broken field costs only itself where the next can be found."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import numpy as np
from numpy.typing import NDArray

from hinomi.kernel.errors import DataError, Problem, Text
from hinomi.standards.grib2.fields import Field, grid_of, instant, interval_of, surface_of, unsigned
from hinomi.standards.grib2.packing import BY_ECCODES, OWN, RUN_LENGTH, run_length, simple

MAX_POINTS = 20_000_000
"""All Japan at 1 km has 8.6 million; a file that states more than this is refused unread."""
MAX_FIELDS = 2_000

_HEAD = 16
_END = b"7777"
_SAME_BITMAP = 254
"""Code table 6.0: the bitmap of the field before applies."""
_MISSING = -9.999e20
"""What ecCodes is asked to give for a point that the bitmap leaves out; no packing holds it."""


class Decoded(msgspec.Struct):
    """The fields of a file, and what is wrong with others."""

    fields: list[Field]
    problems: list[Problem]


def looks_like(data: bytes) -> bool:
    """Tell whether bytes start with a GRIB message of edition 2."""
    return data[:4] == b"GRIB" and data[7:8] == b"\x02"


def decode(data: bytes) -> Decoded:
    """Return the fields of all messages of a file; their values are read by :func:`values`.

    Raises:
        DataError: no field can be read.
    """
    found = Decoded([], [])
    at = data.find(b"GRIB")
    count = 0
    while at >= 0 and len(found.fields) < MAX_FIELDS:
        path = f"/message[{count}]"
        count += 1
        message, at = _message(data, at, path, found)
        if message:
            _fields(message, path, found)
    if at >= 0:
        found.problems.append(_problem("grib2.too-many", "/", f"more than {MAX_FIELDS} fields"))
    if not found.fields:
        raise DataError(found.problems or [_problem("grib2.unreadable", "/", "no GRIB message")])
    return found


def values(field: Field) -> NDArray[np.float32]:
    """Return the field's values, NaN where there is none.

    Args:
        field: of :func:`decode`.

    Returns:
        [the parameter's unit, shape (rows, columns)] north to south, west to east.

    Raises:
        DataError: the packed data cannot be read, or are not as many as the grid has points.
    """
    path = f"/field[{field.number}]"
    expected = field.grid.rows * field.grid.columns
    try:
        flat = _own(field, expected) if field.packing in OWN else _by_eccodes(field)
    except (ValueError, IndexError) as error:
        raise DataError([_problem("grib2.packed", path, str(error))]) from None
    if flat.size != expected:
        raise DataError([_problem("grib2.packed", path, f"{flat.size} values for {expected}")])
    flat[np.abs(flat) > np.finfo(np.float32).max] = np.nan
    shaped: NDArray[np.float32] = flat.astype(np.float32).reshape(field.grid.rows, -1)
    return shaped


def _own(field: Field, points: int) -> NDArray[np.float64]:
    held = dict(_sections(field.message))
    if field.packing == RUN_LENGTH:
        return run_length(held[5], held[7], points)
    return simple(held[5], held[6], held[7], points)


def _by_eccodes(field: Field) -> NDArray[np.float64]:
    if field.packing not in BY_ECCODES:
        raise ValueError(f"data representation template 5.{field.packing}")
    # A wheel with a C library, needed only for the packings that are not read here.
    import eccodes  # noqa: PLC0415

    try:
        handle = eccodes.codes_new_from_message(field.message)
        try:
            eccodes.codes_set(handle, "missingValue", _MISSING)
            flat: NDArray[np.float64] = eccodes.codes_get_values(handle)
        finally:
            eccodes.codes_release(handle)
    except (eccodes.CodesInternalError, MemoryError) as error:
        raise ValueError(str(error)) from None
    flat[flat == _MISSING] = np.nan
    return flat


def _message(data: bytes, at: int, path: str, found: Decoded) -> tuple[bytes, int]:
    """Return the message there (empty if broken) and where the next one starts (-1: nowhere)."""
    head = data[at : at + _HEAD]
    if len(head) < _HEAD or head[7] != 2:
        found.problems.append(_problem("grib2.edition", path, f"header {head[:8]!r}"))
        return b"", data.find(b"GRIB", at + 4)
    length = int.from_bytes(head[8:], "big")
    message = data[at : at + length]
    if length < _HEAD + 4 or len(message) < length or message[-4:] != _END:
        stated = f"{length} octets stated, {len(data) - at} there"
        found.problems.append(_problem("grib2.cut", path, stated))
        return b"", data.find(b"GRIB", at + 4)
    return message, data.find(b"GRIB", at + length)


def _sections(message: bytes) -> Iterator[tuple[int, bytes]]:
    at = _HEAD
    while at < len(message) - 4:
        length = unsigned(message, at, 4)
        section = message[at : at + length]
        if length < 5 or len(section) < length:
            raise ValueError(f"a section of {length} octets at octet {at + 1}")
        yield section[4], section
        at += length


def _fields(message: bytes, path: str, found: Decoded) -> None:
    """Read sections 1 to 7, where 2 to 7, 3 to 7 or 4 to 7 may repeat, a field for each 7."""
    held: dict[int, bytes] = {}
    try:
        for number, section in _sections(message):
            if not (number == 6 and section[5] == _SAME_BITMAP and 6 in held):
                held[number] = section
            if number == 7:
                _field(message[:_HEAD], held, path, found)
            if len(found.fields) >= MAX_FIELDS:
                return
    except (IndexError, ValueError) as error:
        found.problems.append(_problem("grib2.section", path, str(error)))


def _field(head: bytes, held: dict[int, bytes], path: str, found: Decoded) -> None:
    number = len(found.fields)
    try:
        one, three, four, five = held[1], held[3], held[4], held[5]
        points = unsigned(three, 6, 4)
        if points > MAX_POINTS:
            raise ValueError(f"{points} points; up to {MAX_POINTS} are read")
        reference = instant(one, 12)
        start, end = interval_of(four, reference)
        surface, surface_value = surface_of(four)
        found.fields.append(
            Field(
                number=number,
                discipline=head[6],
                centre=unsigned(one, 5, 2),
                category=four[9],
                parameter=four[10],
                template=unsigned(four, 7, 2),
                packing=unsigned(five, 9, 2),
                status=one[19],
                reference_time=reference,
                start=start,
                end=end,
                surface=surface,
                surface_value=surface_value,
                grid=grid_of(three),
                message=_alone(head, held),
            )
        )
    except (KeyError, IndexError, ValueError, OverflowError) as error:
        found.problems.append(_problem("grib2.field", f"{path}/field[{number}]", str(error)))


def _alone(head: bytes, held: dict[int, bytes]) -> bytes:
    """Return the field as a message of its own, its section 4 as the common template 4.0.

    ecCodes refuses templates that it does not know even where only the values are asked for.
    """
    four = bytearray(held[4][:34])
    four[0:4], four[5:9] = len(four).to_bytes(4, "big"), bytes(4)
    parts = [held[1], held[3], bytes(four), held[5], held[6], held[7], _END]
    body = b"".join(parts)
    return head[:8] + (_HEAD + len(body)).to_bytes(8, "big") + body


def _problem(code: str, path: str, found: str) -> Problem:
    return Problem(
        code,
        path,
        Text(f"GRIB2として読めません: {found}", f"Cannot be read as GRIB2: {found}"),
        found=found[:200],
        expected="FM 92 GRIB edition 2, grid template 3.0",
    )
