"""What both layouts hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from hinomi.kernel.errors import DataError, Problem, Text


@dataclass(frozen=True, kw_only=True)
class Waveform:
    """A strong-motion record of one station."""

    station: str
    station_name: str
    longitude: float
    latitude: float
    """[degrees] of the station."""
    starts_at: datetime
    rate_hz: float
    components: tuple[str, ...]
    """``NS EW UD`` in the file's order."""
    acceleration_gal: NDArray[np.float64]
    """[gal, shape (component, sample)]."""


def refused(code: str, path: str, ja: str, en: str, expected: str) -> DataError:
    """Return the error for bytes that are no such record."""
    return DataError([Problem(code, path, Text(ja, en), expected=expected)])
