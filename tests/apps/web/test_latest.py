"""Latest values, kept: after an append they are made before the next caller asks."""

import json
import math
import time
from pathlib import Path

import msgspec

from hinomi.apps.web.latest import LatestViews, Stamps, latest_json, list_json
from hinomi.kernel.records import Readings, Series
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.service import Service
from hinomi.stores.memory import MemoryStore
from hinomi.stores.sqlite import SqliteStore
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
    until = time.monotonic() + 60
    while time.monotonic() < until and b'"value":2.5' not in (view._body or b""):
        time.sleep(0.02)
    views.close()
    assert (view._body or b"").count(b'"value":2.5') == 5
    assert views.read(store, reader, LEVELS).count(b'"value":2.5') == 5


def test_where_no_series_is_yet_none_is_listed() -> None:
    store = MemoryStore()
    told = LatestViews().read(store, Service(store, default_catalog()).reader(), LEVELS)
    assert json.loads(told) == {"numberReturned": 0, "series": []}


def test_what_is_kept_is_what_would_be_made_anew(tmp_path: Path) -> None:
    """All change, few change, in any order; one has no reading, one is called anew, one comes."""
    store = SqliteStore(tmp_path)
    reader = Service(store, default_catalog()).reader()
    kept = LatestViews()
    renamed = (*SERIES[:3], msgspec.structs.replace(SERIES[3], title="名前"), SERIES[4])
    batches: tuple[tuple[tuple[Series, ...], list[tuple[int, int, float, int]]], ...] = (
        (SERIES, [(n, 0, n / 3, n) for n in range(4)]),
        (SERIES, [(n, 1, 1e300 * n, 0) for n in range(4)]),
        (SERIES, [(3, 2, 0.1, 1), (1, 5, math.nan, 4)]),
        (SERIES, [(2, 3, math.inf, 2), (0, 2, -0.0, 0)]),
        (renamed, []),
        (renamed, [(n, 9, 2.0, 0) for n in reversed(range(4))]),
        (renamed, [(4, 9, 7.0, 0)]),
        ((msgspec.structs.replace(SERIES[0], id=f"{LEVELS}.00"),), [(0, 1, 1.0, 0)]),
    )
    for series, rows in batches:
        store.put([], [Readings(series=series, rows=rows)], at=START)
        told = kept.read(store, reader, LEVELS)
        found = reader.series(LEVELS)
        stamps = Stamps()
        anew = json.loads(list_json([latest_json(one, stamps) for one in found]))
        # A new name without a reading moves no position: it is told with the next append.
        if rows:
            assert json.loads(told) == anew
    assert json.loads(told)["numberReturned"] == 6
    store.close()
