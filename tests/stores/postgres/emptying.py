"""Emptying a town's tables: quicker than a new database for each example."""

import psycopg

_KEPT = ("layout", "running")


def empty(url: str) -> None:
    """Delete all rows and the readings' partitions."""
    with psycopg.connect(url, autocommit=True) as connection:
        tables = [
            name
            for (name,) in connection.execute(
                "SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'hinomi'::regnamespace"
                " AND c.relkind IN ('r', 'p') AND NOT c.relispartition"
            )
            if name not in _KEPT
        ]
        partitions = connection.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits"
            " WHERE inhparent = 'hinomi.reading'::regclass"
        ).fetchall()
        drops = "".join(f"DROP TABLE {name};" for (name,) in partitions)
        # DELETE, not TRUNCATE: of nearly empty tables it is ten times as quick.
        rows = "".join(f"DELETE FROM hinomi.{name};" for name in tables)  # noqa: S608
        connection.execute(f"BEGIN; {drops} {rows} COMMIT")  # type: ignore[arg-type]
