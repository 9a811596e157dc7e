"""The trust chain: a log of all that was published and of all audit entries, and its proofs.

``trust.db`` beside the store holds the tree (:mod:`hinomi.standards.translog`), ``signing.json``
the keys that sign what is published and the tree's heads. One log a data folder.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hinomi.runtime.translog.trust import Trust


def opener(folder: Path) -> Callable[[], Trust]:
    """Return what opens a folder's trust chain, once, with the first use."""

    @cache
    def opened() -> Trust:
        # Imported here: who publishes nothing loads no cryptography.
        from hinomi.runtime.translog.trust import Trust  # noqa: PLC0415

        return Trust(folder)

    return opened
