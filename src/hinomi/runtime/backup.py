"""Back-up and restoring of a town: store, blobs, archives, keys and settings in one file.

Beside it lies the list of erasures, so that personal data that were erased since do not come back.

The file is the same wherever the town is kept: one on PostgreSQL is written as SQLite holds it, and
a file may be restored into either.
"""

from __future__ import annotations

import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from hinomi.kernel.errors import InputError, MissingError, Text, UnavailableError
from hinomi.runtime import erasures, folder, storing
from hinomi.runtime.config import FILE as SETTINGS
from hinomi.runtime.keys import FILE as KEYS
from hinomi.runtime.keys import Keys
from hinomi.runtime.policy import FILE as POLICY
from hinomi.runtime.retention import FOLDER as ARCHIVE
from hinomi.runtime.translog.log import FILE as TRUST

BESIDE = (SETTINGS, POLICY, ARCHIVE, "templates")
"""What else a town would miss: settings, its own policy, retired readings, report templates."""


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
    try:
        with _as_sqlite(data, target.parent) as place:
            store = SqliteStore(place, read_only=True)
            try:
                store.backup(part)
                # For the older ones there: this one holds what was erased by now as erased.
                erasures.write(store, target.parent / erasures.FILE)
            finally:
                store.close()
            with tarfile.open(part, "a") as tar, tempfile.TemporaryDirectory() as room:
                served = storing.folder_of(storing.address(data)) is None
                # Both may be written to meanwhile.
                for path in ((place if served else data) / KEYS, data / TRUST):
                    if path.exists():
                        copy = Path(room) / path.name
                        _copy(path, copy)
                        tar.add(copy, path.name)
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


@contextmanager
def _as_sqlite(data: Path, room: Path) -> Iterator[Path]:
    """Lend the folder of a town's store as SQLite; a copy of one moment, where it is elsewhere."""
    address = storing.address(data)
    place = storing.folder_of(address)
    if place is not None:
        yield place
        return
    # Imported here: only a town on a server is copied.
    from hinomi.runtime.copying import copy  # noqa: PLC0415

    with closing(Keys(data)) as keys:
        keys.every()  # What an earlier version left in a file is taken into the database.
    with tempfile.TemporaryDirectory(prefix=".hinomi-backup-", dir=room) as made:
        copy(address, f"{storing.SQLITE}{made}")
        yield Path(made)


def restore(source: Path, data: Path, erased: Sequence[Path] = ()) -> erasures.Reapplied:
    """Make a data folder, and the database where ``--store`` names one, from a back-up.

    Personal data that were erased after it was made are erased again, by the list beside it and
    the ones given (or the folder of the town as it was), and what is past its retention too.

    Raises:
        MissingError: there is no such file.
        InputError: the folder or the database is not empty, or the file is no back-up.
    """
    from hinomi.stores import sqlite  # noqa: PLC0415

    if not source.is_file():
        near = [str(p) for p in source.parent.iterdir()] if source.parent.is_dir() else []
        raise MissingError(Text("写し", "back-up"), str(source), near)
    beside = source.parent / erasures.FILE
    lists = [*([beside] if beside.exists() else []), *erased]
    # One that cannot be read stops it before anything is made.
    lines = [line for path in lists for line in erasures.read(path)]
    address = storing.address(data)
    if storing.folder_of(address) is not None:
        sqlite.restore(source, data)
    else:
        _restore_elsewhere(source, data, address)
    return erasures.after_restoring(data, lists, lines)


def _restore_elsewhere(source: Path, data: Path, address: str) -> None:
    """Fill an empty database, and a folder with what lies beside it."""
    from hinomi.runtime.copying import copy  # noqa: PLC0415
    from hinomi.stores import sqlite  # noqa: PLC0415

    if data.is_dir() and any(data.iterdir()):
        raise _not_empty(str(data))
    with closing(storing.open_store(address)) as store:
        if store.position():
            raise _not_empty(storing.shown(address))
    data.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".hinomi-restore-", dir=data.parent) as made:
        sqlite.restore(source, Path(made))
        copy(f"{storing.SQLITE}{made}", address)
        data.mkdir(exist_ok=True)
        for name in (TRUST, *BESIDE):
            if (Path(made) / name).exists():
                shutil.move(Path(made) / name, data / name)


def _not_empty(place: str) -> InputError:
    return InputError(
        f"{place} is not empty; a back-up is restored into an empty folder or database.",
        f"{place}は空ではありません。空のフォルダまたはデータベースに復元します。",
    )


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
