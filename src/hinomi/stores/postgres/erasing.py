"""Erasing personal data from the database: the rows, and the dead versions that updates leave."""

from __future__ import annotations

from typing import Any

import msgspec

from hinomi.stores.erasing import Erased, Erasure, Sweep, origins_of
from hinomi.stores.postgres.link import Link

_ROWS = 1000
"""Looked through at a time."""


def erase(link: Link, erasure: Erasure) -> Erased:
    """Overwrite the fields in all statements concerned; the caller holds the writers' lock."""
    sweep = Sweep(erasure)
    number = link.number(erasure.collection)
    last: tuple[str, int] = ("", -1)
    while said := link.rows(
        "SELECT r.key, r.seq, r.id, r.said_at, r.feature, array_append(ARRAY("
        " SELECT d.origin FROM delivery d WHERE d.record = r.seq), r.origin) FROM record r"
        " WHERE r.collection = %s AND (r.key, r.seq) > (%s, %s) ORDER BY r.key, r.seq LIMIT %s",
        (number, *last, _ROWS),
    ):
        for key, seq, identity, said_at, feature, origins in said:
            new = sweep.erased(bytes(identity).hex(), key, said_at, feature, origins_of(origins))
            if new is not None:
                link.rows(
                    "UPDATE record SET feature = %s, properties = properties || %s::jsonb"
                    " WHERE seq = %s",
                    (new, msgspec.json.encode(_changed(new, erasure)).decode(), seq),
                )
        last = said[-1][:2]
    return sweep.done()


def _changed(feature: bytes, erasure: Erasure) -> dict[str, Any]:
    properties = msgspec.json.decode(feature)["properties"]
    return {name: properties[name] for name in erasure.fields if name in properties}
