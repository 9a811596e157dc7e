"""The clock: the one file that reads it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeAlias

Clock: TypeAlias = Callable[[], datetime]


def now() -> datetime:
    """Return the present instant, aware, UTC."""
    return datetime.now(UTC)
