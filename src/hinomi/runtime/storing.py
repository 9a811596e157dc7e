"""Which store a town is kept in, and how it is opened: the data folder's SQLite, or PostgreSQL."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from hinomi.kernel.errors import InputError
from hinomi.kernel.store import Store
from hinomi.runtime import config

if TYPE_CHECKING:
    from hinomi.stores.erasing import Erased, Erasure
    from hinomi.stores.moving.of_postgres import PostgresFreight
    from hinomi.stores.moving.of_sqlite import SqliteFreight

VARIABLE = "HINOMI_STORE"
"""The environment's word for the store; ``--store`` sets it for the command and its workers."""
SQLITE, POSTGRES = "sqlite:", ("postgresql://", "postgres://")
_PASSWORD = re.compile(r"(?<=:)[^:@/]+(?=@)|(?<=password=)[^&\s]+")


class TownStore(Store, Protocol):
    """A store that a town is kept in."""

    def put_blobs(self, data: Sequence[bytes]) -> list[str]:
        """Keep many blobs, durable on return."""

    def erase(self, erasure: Erasure) -> Erased:
        """Overwrite personal data in what was said."""

    def forget_blob(self, digest: str) -> None:
        """Erase a blob's bytes for good."""

    def retire_readings(
        self, before: datetime, archive: Path, *, collection: str | None = None
    ) -> int:
        """Move readings older than a time into a Parquet file; return how many rows."""


def address(data: Path) -> str:
    """Return where the town of a data folder is kept: ``sqlite:FOLDER`` or ``postgresql://…``.

    ``--store`` (or ``HINOMI_STORE``) goes before the ``store`` of ``hinomi.toml``.

    Raises:
        InputError: the address is of no store that there is.
    """
    given = os.environ.get(VARIABLE) or config.read(data).store
    if not given:
        return f"{SQLITE}{data}"
    return checked(given)


def checked(given: str) -> str:
    """Return the address of a store, if it is one.

    Raises:
        InputError: it is not, or the extra that it needs is not installed.
    """
    if given.startswith(POSTGRES):
        if find_spec("psycopg") is None:
            raise InputError(
                "A store on PostgreSQL needs psycopg: pip install 'hinomi[postgres]'.",
                "PostgreSQLにはpsycopgが必要です: pip install 'hinomi[postgres]'",
            )
        return given
    if given.startswith(SQLITE) and len(given) > len(SQLITE):
        return given
    raise InputError(
        f"{shown(given)!r} is no store; expected sqlite:FOLDER or postgresql://USER@HOST/DATABASE.",
        f"「{shown(given)}」は保存先ではありません。sqlite:フォルダ または"
        " postgresql://ユーザ@ホスト/データベース と指定してください。",
    )


def shown(given: str) -> str:
    """Return an address as it may be shown: without its password."""
    return _PASSWORD.sub("***", given)


def folder_of(given: str) -> Path | None:
    """Return the folder that a store lies in; None for one on a server."""
    return Path(given.removeprefix(SQLITE)) if given.startswith(SQLITE) else None


def open_store(given: str, *, read_only: bool = False, light: bool = False) -> TownStore:
    """Open the store at an address; who writes into a folder holds its lock.

    ``light``: for a node that mostly keeps what partners tell it, if it lies in a folder.

    Raises:
        UnavailableError: it cannot be reached, or another process writes.
    """
    place = folder_of(given)
    # Imported here: only what opens a store pays for it.
    if place is None:
        from hinomi.stores.postgres import PostgresStore  # noqa: PLC0415

        return PostgresStore(given, read_only=read_only)
    from hinomi.stores.sqlite import LightStore, SqliteStore  # noqa: PLC0415

    return LightStore(place) if light else SqliteStore(place, read_only=read_only)


def freight(given: str, *, write: bool) -> SqliteFreight | PostgresFreight:
    """Open the store at an address for its rows: to copy them into another."""
    place = folder_of(given)
    if place is None:
        from hinomi.stores.moving.of_postgres import PostgresFreight  # noqa: PLC0415

        return PostgresFreight(given)
    from hinomi.stores.moving.of_sqlite import SqliteFreight  # noqa: PLC0415

    return SqliteFreight(place, write=write)
