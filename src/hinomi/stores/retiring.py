"""Old readings into a file: what both databases ask before they begin."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

from hinomi.kernel.errors import InputError


def archive_writer(archive: Path) -> Callable[[Iterable[list[tuple[Any, ...]]]], int]:
    """Return what writes rows into a new archive and tells how many there were.

    Raises:
        InputError: the archive exists already, or pyarrow (extra ``archive``) is not installed.
    """
    try:
        from hinomi.stores.archive import write_archive  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise InputError(
            "Archiving readings needs pyarrow: pip install 'hinomi[archive]'.",
            "保存にはpyarrowが必要です: pip install 'hinomi[archive]'",
        ) from error
    if archive.exists():
        raise InputError(f"{archive} exists already.", f"{archive}は既にあります。")
    return partial(write_archive, archive)
