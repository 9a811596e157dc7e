"""The server's store on PostgreSQL: see :class:`~hinomi.stores.postgres.store.PostgresStore`."""

from hinomi.stores.postgres.link import SCHEME
from hinomi.stores.postgres.store import PostgresStore

__all__ = ["SCHEME", "PostgresStore"]
