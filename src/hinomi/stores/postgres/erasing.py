"""Erasing personal data from the database: the rows, and the dead versions that updates leave."""

from __future__ import annotations

from typing import Any

import msgspec

from hinomi.stores.erasing import Erased, Erasure, Sweep, origins_of
from hinomi.stores.postgres.link import Link


def erase(link: Link, erasure: Erasure) -> Erased:
    """Overwrite the fields in all statements concerned; the caller holds the writers' lock."""
    sweep = Sweep(erasure)
    said = link.rows(
        "SELECT r.seq, r.id, r.key, r.said_at, r.feature, array_append(ARRAY("
        " SELECT d.origin FROM delivery d WHERE d.record = r.seq), r.origin)"
        " FROM record r WHERE r.collection = %s",
        (link.number(erasure.collection),),
    )
    for seq, number, key, said_at, feature, origins in said:
        new = sweep.erased(bytes(number).hex(), key, said_at, feature, origins_of(origins))
        if new is not None:
            link.rows(
                "UPDATE record SET feature = %s, properties = properties || %s::jsonb"
                " WHERE seq = %s",
                (new, msgspec.json.encode(_changed(new, erasure)).decode(), seq),
            )
    return sweep.done()


def _changed(feature: bytes, erasure: Erasure) -> dict[str, Any]:
    properties = msgspec.json.decode(feature)["properties"]
    return {name: properties[name] for name in erasure.fields if name in properties}
