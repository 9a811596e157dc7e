"""Latest values, kept: after an append they are made before the next caller asks."""

import time

from hinomi.apps.web.latest import LatestViews
from hinomi.kernel.records import Readings, Series
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.service import Service
from hinomi.stores.memory import MemoryStore
from hinomi.testing.strategies import START

LEVELS = "hazards.river_levels"
SERIES = tuple(
    Series(id=f"{LEVELS}.{n}", collection=LEVELS, thing=str(n), property="level_m", unit="m",
           source="mlit", longitude=139.0, latitude=35.0)
    for n in range(5)
)  # fmt: skip


def test_what_was_asked_for_is_made_anew_before_it_is_asked_again() -> None:
    store = MemoryStore()
    reader = Service(store, default_catalog()).reader()
    views = LatestViews()
    store.put([], [Readings(series=SERIES, rows=[(n, 0, 1.0, 0) for n in range(5)])], at=START)
    assert views.read(store, reader, LEVELS).count(b'"value":1.0') == 5
    views.keep()
    store.put([], [Readings(series=SERIES, rows=[(n, 1, 2.5, 0) for n in range(5)])], at=START)
    (view,) = views._views.values()
    until = time.monotonic() + 10
    while time.monotonic() < until and b'"value":2.5' not in b"".join(view.parts.values()):
        time.sleep(0.02)
    views.close()
    assert b"".join(view.parts.values()).count(b'"value":2.5') == 5
    assert views.read(store, reader, LEVELS).count(b'"value":2.5') == 5
