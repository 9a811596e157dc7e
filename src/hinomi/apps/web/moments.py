"""When something changed: the marks on a time slider, a few hundred at most however much did."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from hinomi.apps.web import parameters
from hinomi.apps.web.http import Answer, Ask, encode
from hinomi.kernel.errors import InputError
from hinomi.kernel.records import micros
from hinomi.kernel.store import MAX_LIMIT

if TYPE_CHECKING:
    from hinomi.apps.web.app import Web

MOST_STEPS = 1_000
MOST_POSITIONS = 1_000_000
"""Of the feed looked through at one asking; a span with more is answered for its newest part."""


def moments(web: Web, ask: Ask) -> Answer:
    """Answer when a span's changes were recorded, gathered in equal steps.

    A mark's ``at`` is its step's last moment of change: as-of that moment all of the step is seen.
    """
    reader = web.reader(ask)
    names = parameters.names(ask, "collections")
    steps = parameters.whole(ask, "steps", 200, 1, MOST_STEPS)
    start, end = parameters.time_of(ask, "from"), parameters.time_of(ask, "to") or web.service.now()
    if start is None or micros(start) >= micros(end):
        raise InputError(
            "/changes/moments needs from= before to=.",
            "/changes/momentsにはto=より前のfrom=が必要です。",
        )
    store = web.service.store
    first = store.position_at(start - timedelta(microseconds=1))
    last = store.position_at(end)
    after = max(first, last - MOST_POSITIONS)
    found: dict[int, dict[str, Any]] = {}
    while after < last:
        page = reader.changes(after, collections=names, limit=min(MAX_LIMIT, last - after))
        if page.position <= after:
            break
        for change in page.items:
            if change.seq > last:
                break
            step = min(steps - 1, (change.recorded_at - start) * steps // (end - start))
            mark = found.setdefault(step, {"collections": {}})
            mark["at"] = change.recorded_at
            counts = mark["collections"]
            counts[change.collection] = counts.get(change.collection, 0) + 1
        after = page.position
    body = {
        "from": start,
        "to": end,
        "complete": last - first <= MOST_POSITIONS,
        "moments": [found[step] for step in sorted(found)],
    }
    return Answer(body=encode(body))
