"""Rain over a basin, a catchment or a town: each grid is opened once for an area and kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from hashlib import blake2b
from typing import Any

from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Stored

_KEPT = 4_000
_MEANS: dict[tuple[str, str], tuple[tuple[datetime, float], ...]] = {}
"""By a grid's and the area's digest, which name their content: a memory, bounded."""


def rain_over(
    reader: Reader, item: Stored, outline: Mapping[str, Any]
) -> tuple[tuple[datetime, float], ...]:
    """Return a grid's moments with its mean over an area, NaN where it is not known.

    The rule for holes is :func:`hinomi.science.coverages.areas.area_means`'s, for rivers, dams and
    depths alike.
    """
    digest = str(item.body()["grid_digest"])
    key = digest, blake2b(repr(outline).encode(), digest_size=16).hexdigest()
    if key not in _MEANS:
        from hinomi.science.coverages import unpack  # noqa: PLC0415 - heavy
        from hinomi.science.coverages.areas import area_means  # noqa: PLC0415

        while len(_MEANS) >= _KEPT:
            del _MEANS[next(iter(_MEANS))]
        grid = unpack(reader.blob(item, digest))
        _MEANS[key] = tuple(zip(grid.times, area_means(grid, outline).tolist(), strict=True))
    return _MEANS[key]
