"""What goes into the covering process and what comes out of it."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from hinomi.kernel.errors import Text

Row: TypeAlias = tuple[float, float, float, float, Literal["face", "plate"], float]
"""Left, top, right, bottom [share of the picture], what it is, score."""


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """One picture to cover."""

    data: bytes
    boxes: tuple[tuple[float, float, float, float], ...] | None = None
    """What to cover [share of the picture]; None: look for it."""


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """What was made of it."""

    width: int
    height: int
    working: bytes
    """Upright, without metadata, not covered."""
    covered: bytes
    thumbnail: bytes
    found: tuple[Row, ...] = ()
    detectors: tuple[str, ...] = ()


class Failed(msgspec.Struct, frozen=True):
    """Why nothing was made of it."""

    trouble: Text


class Result(msgspec.Struct, frozen=True):
    """One of the two."""

    made: Made | None = None
    failed: Failed | None = None
