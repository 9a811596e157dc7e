"""A count by squares is the number of things that a page finds, whatever was said of them."""

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hinomi.kernel.geometry import Geometry, point
from hinomi.kernel.marking import OPEN
from hinomi.kernel.store import MAX_LIMIT, Query
from hinomi.stores import cells
from hinomi.stores.sqlite import SqliteStore
from hinomi.testing.strategies import COLLECTION, START
from hinomi.testing.suite import AMBER, SEE, said

# A town's worth of squares: some wide enough that squares lie wholly inside a box, and corners
# that lie on the squares' own sides.
STEP = 360 / 2**12
longitudes = st.floats(139, 141) | st.integers(1580, 1600).map(lambda n: n * STEP)
latitudes = st.floats(35, 36) | st.integers(796, 819).map(lambda n: n * STEP / 2)


@st.composite
def places(draw: st.DrawFn) -> Geometry | None:
    west, south = draw(longitudes), draw(latitudes)
    side = draw(st.sampled_from((0.0, 0.0, 0.0, 1e-7, 0.01, 0.7)))
    if draw(st.integers(0, 9)) == 0:
        return None
    if not side:
        return point(west, south)
    ring = [(west, south), (west + side, south), (west, south + side), (west, south)]
    return {"type": "Polygon", "coordinates": [ring]}


@st.composite
def boxes(draw: st.DrawFn) -> tuple[float, float, float, float]:
    west, east = sorted((draw(longitudes), draw(longitudes)))
    south, north = sorted((draw(latitudes), draw(latitudes)))
    return west, south, east, north


statements = st.tuples(
    st.integers(0, 30),
    places(),
    st.sampled_from(("jma", "town")),
    st.sampled_from((OPEN, OPEN, AMBER)),
    st.booleans(),
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)
@given(
    st.lists(statements, min_size=1, max_size=60),
    st.lists(st.integers(0, 30), max_size=5, unique=True),
    st.lists(boxes(), min_size=1, max_size=4),
)
def test_a_count_is_what_a_page_finds(
    told: list[tuple[int, Geometry | None, str, object, bool]],
    narrowed: list[int],
    asked: list[tuple[float, float, float, float]],
) -> None:
    with tempfile.TemporaryDirectory() as room:
        store = SqliteStore(Path(room))
        records = [
            said(str(key), minute, place=place, source=source, marking=marking, retracts=gone)
            for minute, (key, place, source, marking, gone) in enumerate(told)
        ]
        store.put(records, at=START)
        for key in narrowed:
            for record in records:
                if (record.key, record.marking) == (str(key), OPEN):
                    store.remark(
                        COLLECTION, record.key, record.source, old=OPEN, new=AMBER, at=START
                    )
                    break
        assert store.check() == []
        for box in asked:
            for visible in (SEE, SEE | {AMBER}):
                query = Query(collection=COLLECTION, visible=visible, bbox=box, limit=MAX_LIMIT)
                assert store.count(query) == len(store.find(query).items)
        store.close()


@given(boxes(), longitudes, latitudes)
def test_a_square_that_is_whole_holds_nothing_from_outside(
    box: tuple[float, float, float, float], longitude: float, latitude: float
) -> None:
    west, south, east, north = box
    cell = cells.cell_of((longitude, latitude, longitude, latitude))
    inside = west <= longitude <= east and south <= latitude <= north
    whole, rest = cells.cover(box, [0])
    assert not any(low <= cell <= high for low, high in whole) or inside
    parts = [*whole, *rest]
    assert sum(low <= cell <= high for low, high in parts) == 1 or not inside
    assert all(low <= high for low, high in parts)
    assert all(low >> cells.CROWD_BITS << cells.CROWD_BITS == low for low, _ in whole)
