"""The embedded store on SQLite: see :class:`~hinomi.stores.sqlite.store.SqliteStore`."""

from hinomi.stores.sqlite.light import LightStore
from hinomi.stores.sqlite.store import SqliteStore
from hinomi.stores.sqlite.upkeep import restore

__all__ = ["LightStore", "SqliteStore", "restore"]
