"""Packed values: run length (5.200) and simple packing (5.0), with every length checked first.

ecCodes ends the whole process on a run-length section whose runs do not add up (seen with 2.50),
so what comes over the wire is never handed to it in these templates.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hinomi.standards.grib2.fields import signed, unsigned

RUN_LENGTH, SIMPLE = 200, 0
OWN = frozenset({RUN_LENGTH, SIMPLE})
BY_ECCODES = frozenset({2, 3, 40, 41, 42})
"""Complex packing (JMA's MSM and LFM on pressure levels), JPEG 2000, PNG, CCSDS."""

_CHUNK = 1 << 20
_MOST_DIGITS = 5
"""Digits of a run: with the smallest useful base they already pass any grid that is read."""


def run_length(five: bytes, seven: bytes, points: int) -> NDArray[np.float64]:
    """Return the values of JMA's run-length packing, NaN for level 0.

    A number up to the highest level is a level; those above it that follow are the digits, lowest
    first, of how many more times it is repeated (気象庁 配信資料に関する仕様, テンプレート7.200).

    Raises:
        ValueError: what is stated cannot be, or the runs do not add up to the grid's points.
    """
    bits, top, highest = five[11], unsigned(five, 12, 2), unsigned(five, 14, 2)
    scale = signed(five, 16, 1)
    stated = np.frombuffer(five, ">u2", offset=17)[:highest]
    if bits not in (8, 16) or top > highest or stated.size < highest:
        raise ValueError(f"run length of {bits} bits, level {top} of {highest}")
    data = np.frombuffer(seven, ">u1" if bits == 8 else ">u2", offset=5)
    at = np.flatnonzero(data <= top)
    if not at.size or at[0] != 0:
        raise ValueError("the data do not begin with a level")
    runs = _runs(data, at, top, (1 << bits) - 1 - top)
    if int(runs.sum()) != points:
        raise ValueError(f"runs over {int(runs.sum())} points of {points}")
    meaning = np.concatenate(([np.nan], stated.astype(np.float64) / 10.0**scale))
    values: NDArray[np.float64] = np.repeat(meaning[data[at]], runs.astype(np.int64))
    return values


def _runs(
    data: NDArray[np.unsignedinteger], at: NDArray[np.intp], top: int, base: int
) -> NDArray[np.float64]:
    lengths = np.diff(np.append(at, data.size)) - 1
    runs = np.ones(at.size)
    if int(lengths.max()) > _MOST_DIGITS:
        raise ValueError(f"a run of {int(lengths.max())} digits")
    for place in range(int(lengths.max())):
        has = lengths > place
        runs[has] += (data[at[has] + 1 + place].astype(np.float64) - top - 1) * float(base) ** place
    return runs


def simple(five: bytes, six: bytes, seven: bytes, points: int) -> NDArray[np.float64]:
    """Return the values of simple packing, (R + X 2^E) / 10^D, NaN where the bitmap has none.

    Raises:
        ValueError: fewer bits than values, or a width or scale that cannot be.
    """
    reference = float(np.frombuffer(five, ">f4", 1, 11)[0])
    binary, decimal, bits = signed(five, 15, 2), signed(five, 17, 2), five[19]
    packed = unsigned(five, 5, 4)
    if bits > 32 or abs(binary) > 200 or abs(decimal) > 60 or not np.isfinite(reference):
        raise ValueError(f"{bits} bits, scales {binary} and {decimal}, reference {reference}")
    there = _bitmap(six, points)
    count = points if there is None else int(there.sum())
    if packed != count:
        raise ValueError(f"{packed} values for {count} points")
    whole = _integers(seven[5:], bits, count)
    values = (reference + whole * 2.0**binary) / 10.0**decimal
    if there is None:
        return values
    spread = np.full(points, np.nan)
    spread[there] = values
    return spread


def _bitmap(six: bytes, points: int) -> NDArray[np.bool_] | None:
    if six[5] == 255:
        return None
    if six[5] != 0:
        raise ValueError(f"bitmap {six[5]} is not in the message")
    bits = np.unpackbits(np.frombuffer(six, np.uint8, offset=6))[:points]
    if bits.size < points:
        raise ValueError(f"a bitmap of {bits.size} points for {points}")
    return bits.astype(np.bool_)


def _integers(data: bytes, bits: int, count: int) -> NDArray[np.float64]:
    if bits == 0:
        return np.zeros(count)
    if len(data) * 8 < bits * count:
        raise ValueError(f"{len(data)} octets for {count} values of {bits} bits")
    raw = np.frombuffer(data, np.uint8)
    weights = 2.0 ** np.arange(bits - 1, -1, -1)
    out = np.empty(count)
    # A chunk is a multiple of 8 values, so that each begins at a whole octet.
    for start in range(0, count, _CHUNK):
        some = min(_CHUNK, count - start)
        octets = raw[start * bits // 8 : -(-(start + some) * bits // 8)]
        flags = np.unpackbits(octets)[: some * bits].reshape(some, bits)
        out[start : start + some] = flags @ weights
    return out
