"""Raw bytes by their digest: rows, so that one back-up and one replica hold all of a town."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from hashlib import sha256

from hinomi.stores.postgres.link import Link

_LISTED = "SELECT digest FROM blob WHERE digest > %s ORDER BY digest LIMIT 10000"


def keep(link: Link, data: Sequence[bytes]) -> list[str]:
    """Keep blobs, durable on return; return their digests."""
    digests = [sha256(one).hexdigest() for one in data]
    link.rows(
        "INSERT INTO blob SELECT * FROM unnest(%s::text[], %s::bytea[]) ON CONFLICT DO NOTHING",
        (digests, list(data)),
    )
    return digests


def read(link: Link, digest: str) -> bytes | None:
    """Return the bytes of a blob."""
    data: bytes | None = link.value(
        "SELECT data FROM blob WHERE digest = %s", (digest.replace("\x00", ""),)
    )
    return data


def forget(link: Link, digest: str) -> None:
    """Erase a blob's bytes."""
    link.rows("DELETE FROM blob WHERE digest = %s RETURNING digest", (digest,))


def digests(lend: Callable[[], AbstractContextManager[Link]]) -> Iterator[str]:
    """Yield the digests of all blobs; others use the connection between."""
    last = ""
    while True:
        with lend() as link:
            rows = link.rows(_LISTED, (last,))
        yield from (digest for (digest,) in rows)
        if not rows:
            return
        last = rows[-1][0]
