"""Fields to bytes in JMA's run-length template 5.200, for drills, tests and export."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
import numpy as np
from numpy.typing import NDArray

from hinomi.kernel.errors import InputError
from hinomi.standards.grib2.fields import JMA, Grid

MOST_IN_A_BYTE = 223
"""Levels: what a byte has left above them are the digits that count runs, here at least 32, so
that five (the decoder's limit) count any grid's."""


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """What one field says: levels (0: no value) and the value that each level stands for."""

    parameter: int
    category: int = 1
    """Code table 4.2, discipline 0: 1 is moisture."""
    levels: NDArray[np.integer]
    """[shape (rows, columns)] 0 to the number of ``level_values``."""
    level_values: tuple[int, ...]
    """What levels 1, 2, ... stand for, in units of 10^-scale of the parameter's."""
    scale: int = 1
    surface: int = 1
    surface_value: int | None = None
    start: datetime | None = None
    """With ``end``: an interval (template 4.50008, analysed rain's), else an instant (4.0)."""
    end: datetime | None = None
    lead_min: int = 0


def encode(
    statements: Sequence[Statement], grid: Grid, reference_time: datetime, *, status: int = 0
) -> bytes:
    """Return one message with a field for each statement, on one grid.

    Raises:
        InputError: a level has no value, or levels do not fit the grid.
    """
    body = _identification(reference_time, status) + _grid(grid)
    for statement in statements:
        if statement.levels.shape != (grid.rows, grid.columns):
            raise InputError(f"Levels of shape {statement.levels.shape} do not fit the grid.")
        highest = len(statement.level_values)
        if statement.levels.min() < 0 or statement.levels.max() > highest:
            raise InputError(f"Levels go from 0 to {highest}.")
        body += _product(statement) + _packed(statement)
    body += b"7777"
    return b"GRIB\xff\xff\x00\x02" + (16 + len(body)).to_bytes(8, "big") + body


def _section(number: int, *parts: bytes) -> bytes:
    body = bytes([number]) + b"".join(parts)
    return (4 + len(body)).to_bytes(4, "big") + body


def _u(value: int, octets: int) -> bytes:
    return value.to_bytes(octets, "big")


def _s(value: int, octets: int) -> bytes:
    return _u(abs(value) | ((value < 0) << (8 * octets - 1)), octets)


def _when(at: datetime) -> bytes:
    return _u(at.year, 2) + bytes([at.month, at.day, at.hour, at.minute, at.second])


def _identification(at: datetime, status: int) -> bytes:
    # Tables 4, local tables 1, reference time is the analysis, products of analysis.
    return _section(1, _u(JMA, 2), _u(0, 2), b"\x04\x01\x00", _when(at), bytes([status, 0]))


def _grid(grid: Grid) -> bytes:
    south = grid.north - (grid.rows - 1) * grid.step_lat
    east = grid.west + (grid.columns - 1) * grid.step_lon
    degrees = [round(v * 1e6) for v in (grid.north, grid.west, south, east)]
    return _section(
        3,
        b"\x00",
        _u(grid.columns * grid.rows, 4),
        b"\x00\x00\x00\x00\x04",
        b"\xff" * 5 + b"\x01" + _u(63_781_370, 4) + b"\x01" + _u(63_567_523, 4),
        _u(grid.columns, 4) + _u(grid.rows, 4) + bytes(4) + b"\xff" * 4,
        _s(degrees[0], 4) + _s(degrees[1], 4) + b"\x30" + _s(degrees[2], 4) + _s(degrees[3], 4),
        _u(round(grid.step_lon * 1e6), 4) + _u(round(grid.step_lat * 1e6), 4) + b"\x00",
    )


def _product(of: Statement) -> bytes:
    interval = of.start is not None and of.end is not None
    value = b"\xff" * 4 if of.surface_value is None else _u(of.surface_value, 4)
    common = [
        _u(0, 2) + _u(50008 if interval else 0, 2) + bytes([of.category, of.parameter, 0, 0, 0]),
        _u(0, 2) + b"\x00\x00" + _s(0 if interval else of.lead_min, 4),
        bytes([of.surface, 0]) + value + b"\xff" * 6,
    ]
    if of.start is not None and of.end is not None:
        minutes = round((of.end - of.start).total_seconds() / 60)
        common += [_when(of.end) + b"\x01" + bytes(4) + b"\x01\x02\x00" + _u(minutes, 4)]
        common += [b"\x00" * 5, bytes(24)]
    return _section(4, *common)


def _packed(of: Statement) -> bytes:
    top, bits = len(of.level_values), 8 if len(of.level_values) <= MOST_IN_A_BYTE else 16
    data = b"".join(
        _u(digit, bits // 8) for digit in _run_lengths(of.levels.ravel(), top, (1 << bits) - 1)
    )
    representation = _section(
        5,
        _u(of.levels.size, 4) + _u(200, 2) + bytes([bits]) + _u(top, 2) + _u(top, 2),
        _s(of.scale, 1) + b"".join(_u(value, 2) for value in of.level_values),
    )
    return representation + _section(6, b"\xff") + _section(7, data)


def _run_lengths(levels: NDArray[np.integer], top: int, highest: int) -> list[int]:
    """Return JMA's run-length code: a level, then run - 1 in digits of base highest - top."""
    digits: list[int] = []
    base = highest - top
    edges = np.flatnonzero(np.diff(levels)) + 1
    starts = np.concatenate(([0], edges))
    for start, end in zip(starts, np.append(edges, levels.size), strict=True):
        digits.append(int(levels[start]))
        more = int(end - start) - 1
        while more:
            digits.append(top + 1 + more % base)
            more //= base
    return digits
