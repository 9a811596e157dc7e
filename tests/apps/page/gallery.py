"""The docs' pictures: taken by the tests that drive the page, renewed by ``make pictures``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

FOLDER = os.environ.get("HINOMI_PICTURES", "")
"""Where the pictures go; empty in every other run."""
COLOURS = 256
MOST_BYTES = 250_000


def keep(page: Any, name: str, wait_ms: int = 900) -> None:
    """Renew a picture, where that is asked for."""
    if FOLDER:
        page.wait_for_timeout(wait_ms)
        take(page, Path(FOLDER) / f"{name}.png")


def take(page: Any, path: Path) -> int:
    """Take a picture in few colours, as the docs keep it, and return its size [bytes]."""
    from PIL import Image  # noqa: PLC0415 - heavy, and only here

    page.screenshot(path=str(path))
    with Image.open(path) as taken:
        # Official colours must stay what they are, however few points have them; and the sea's and
        # the land's too, which many have: they pull their cluster's middle to where they are.
        few = taken.convert("RGB").quantize(
            COLOURS, Image.Quantize.MAXCOVERAGE, kmeans=2, dither=Image.Dither.NONE
        )
    few.save(path, optimize=True)
    size = path.stat().st_size
    assert size < MOST_BYTES
    return size
