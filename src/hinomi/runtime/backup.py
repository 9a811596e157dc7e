"""Back-up and restoring of a data folder: store, blobs, archives, keys and settings in one file."""

from __future__ import annotations

import sqlite3
import tarfile
import tempfile
from pathlib import Path

from hinomi.kernel.errors import InputError, MissingError, Text, UnavailableError
from hinomi.runtime import folder
from hinomi.runtime.config import FILE as SETTINGS
from hinomi.runtime.retention import FOLDER as ARCHIVE

KEYS = "keys.db"
DATABASES = (KEYS, "trust.db")
"""Copied while they are written to: who may do what, and what was published and done."""
BESIDE = (SETTINGS, ARCHIVE, "templates")
"""What else a town would miss: its settings, retired readings, its own report templates."""


def back_up(data: Path, target: Path) -> None:
    """Write the folder into one tar, also while a server writes into it.

    Raises:
        MissingError: there is no such folder.
        InputError: the target exists.
        UnavailableError: the target cannot be written.
    """
    # Imported here: only what opens a store pays for it.
    from hinomi.stores.sqlite import SqliteStore  # noqa: PLC0415

    folder.existing(data)
    if target.exists():
        raise InputError(f"{target} exists already.", f"{target}は既にあります。")
    part = target.with_name(f"{target.name}.part")
    store = SqliteStore(data, read_only=True)
    try:
        store.backup(part)
        with tarfile.open(part, "a") as tar, tempfile.TemporaryDirectory() as room:
            for name in DATABASES:
                if (data / name).exists():
                    copy = Path(room) / name
                    _copy(data / name, copy)
                    tar.add(copy, name)
            # After the store: what was retired meanwhile is in both, never in neither.
            for name in BESIDE:
                if (data / name).exists():
                    tar.add(data / name, name, filter=_finished)
        part.replace(target)
    except OSError as error:
        raise UnavailableError(
            f"{target} cannot be written: {error}", f"{target}に書き込めません: {error}"
        ) from error
    finally:
        part.unlink(missing_ok=True)
        store.close()


def restore(source: Path, data: Path) -> None:
    """Make a data folder from a back-up.

    Raises:
        MissingError: there is no such file.
        InputError: the folder is not empty, or the file is no back-up.
    """
    from hinomi.stores import sqlite  # noqa: PLC0415

    if not source.is_file():
        near = [str(p) for p in source.parent.iterdir()] if source.parent.is_dir() else []
        raise MissingError(Text("写し", "back-up"), str(source), near)
    sqlite.restore(source, data)


def _finished(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """Leave out what is still being written."""
    return None if member.name.endswith((".part", ".new")) else member


def _copy(source: Path, target: Path) -> None:
    origin, copy = sqlite3.connect(source), sqlite3.connect(target)
    try:
        origin.backup(copy)
    finally:
        origin.close()
        copy.close()
