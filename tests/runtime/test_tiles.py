"""Tiles show what the reader may see, as it stands, and are made anew only when they changed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import mapbox_vector_tile
import msgspec
import numpy as np
import pytest
import shapely
from numpy.typing import NDArray
from shapely.geometry import shape

from hinomi.kernel.catalog import Catalog
from hinomi.kernel.collections import Collection
from hinomi.kernel.errors import InputError, MissingError, Text
from hinomi.kernel.geometry import point
from hinomi.kernel.marking import ANONYMOUS, OPEN, OPERATOR, Disclosure, Marking, Status
from hinomi.kernel.ports import Domain
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import ALWAYS, Interval, Record
from hinomi.runtime.tiles.grid import Address, address_of
from hinomi.runtime.tiles.making import MOST_POINTS
from hinomi.runtime.tiles.rows import EARLIEST, LATEST, MOST_MOVED, Row, Rows
from hinomi.runtime.tiles.serving import Span, Tiles
from hinomi.runtime.tiles.subject import subject_of
from hinomi.standards.cql2 import parse_text
from hinomi.standards.mvt import decode
from hinomi.stores.memory import MemoryStore
from hinomi.vocabulary.layers import Class, Field, Layer

NOON = datetime(2026, 5, 1, 3, tzinfo=UTC)
WHOLE = Address(0, 0, 0)
EVER = Span()
TOKYO = (139.767, 35.681)


class Site(msgspec.Struct, frozen=True, kw_only=True):
    name: str = ""
    state: str = "closed"
    aside: str = "not for the map"
    tags: tuple[str, ...] = ()


SITES = Collection(
    id="town.sites", title=Text("場所", "Sites"), text=Text("場所", "Sites"), schema=Site,
    licence="CC0-1.0",
)  # fmt: skip
LAYER = Layer(
    id="sites", collection="town.sites", title=Text("場所", "Sites"), shape="circle",
    property="state", name=Text("name", "name"), fields=(Field(name="tags", label=Text("", "")),),
    classes=(
        Class(label=Text("開", "open"), colour="#ff0000", value="open"),
        Class(label=Text("閉", "closed"), colour="#0000ff", value="closed"),
    ),
)  # fmt: skip
CATALOG = Catalog(
    [Domain(id="town", title=Text("町", "Town"), collections=(SITES,), layers=(LAYER,))]
)


class Town:
    """A store, its clock and one set of tiles."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.tiles = Tiles()
        self.now = NOON

    def put(self, key: str, place: Any = None, **more: Any) -> None:
        envelope = {k: more.pop(k) for k in ("marking", "when", "retracts") if k in more}
        self.now += timedelta(seconds=1)
        record = Record(
            collection=SITES.id, key=key, said_at=self.now, body=Site(**more), source="town",
            place=place or point(*TOKYO), **envelope,
        )  # fmt: skip
        self.store.put([record], at=self.now)

    def reader(self, who: Any = ANONYMOUS, *, status: Any = Status.ACTUAL, as_of: Any = None):
        return Reader(self.store, CATALOG, who, status=frozenset({status}), as_of=as_of)

    def bytes(self, address: Address = WHOLE, span: Span = EVER, now=None, text="", **who: Any):
        chosen = parse_text(text) if text else None
        subject = subject_of(CATALOG, SITES.id, chosen, text)
        return self.tiles.tile(self.reader(**who), subject, address, span, now or self.now).body

    def features(self, *args: Any, **who: Any):
        layers = decode(self.bytes(*args, **who))
        return layers[0].features if layers else []

    def keys(self, *args: Any, **who: Any) -> set[Any]:
        return {feature.properties["id"] for feature in self.features(*args, **who)}


@pytest.fixture
def town() -> Town:
    return Town()


def test_a_tile_has_one_layer_with_the_attributes_the_layer_needs_and_no_other(town):
    town.put("a", name="小学校", state="open", tags=("x",))
    (layer,) = decode(town.bytes())
    (feature,) = layer.features
    assert layer.name == "town.sites"
    assert feature.properties == {
        "id": "a", "name": "小学校", "state": "open", "tags": '["x"]', "status": "actual",
        "disclosure": "CLEAR",
    }  # fmt: skip
    assert feature.parts == [[(int((TOKYO[0] / 360 + 0.5) * 4096), 1612)]]


def test_an_exercise_never_shows_in_an_actual_tile_nor_the_other_way_round(town):
    town.put("real")
    town.put("drill", marking=Marking(Status.EXERCISE))
    assert town.keys() == {"real"}
    assert town.keys(status=Status.EXERCISE) == {"drill"}
    assert {f.properties["status"] for f in town.features(status=Status.EXERCISE)} == {"exercise"}


def test_one_tile_holds_one_status(town):
    town.put("a")
    reader = Reader(town.store, CATALOG, OPERATOR, status=frozenset(Status))
    with pytest.raises(InputError):
        town.tiles.tile(reader, subject_of(CATALOG, SITES.id), WHOLE, Span(), NOON)


def test_what_is_restricted_shows_only_to_those_who_may_see_it(town):
    town.put("a")
    assert town.keys() == {"a"}
    town.put("b", marking=Marking(disclosure=Disclosure.AMBER, audience=("town",)))
    assert town.keys() == {"a"}
    assert town.keys(who=OPERATOR) == {"a", "b"}
    assert town.keys() == {"a"}


@pytest.mark.parametrize("past", [False, True])
def test_what_is_narrowed_leaves_tiles_that_were_made_before(town, past):
    town.put("a")
    town.put("b")
    as_of = town.store.position() if past else None
    assert town.keys(as_of=as_of) == {"a", "b"}
    town.store.remark(
        SITES.id, "a", "town", old=OPEN, at=town.now,
        new=Marking(disclosure=Disclosure.RED, audience=("mayor",)),
    )  # fmt: skip
    assert town.keys(as_of=as_of) == {"b"}
    assert town.tiles.kept(
        town.reader(as_of=as_of), subject_of(CATALOG, SITES.id), WHOLE, Span(), town.now
    )


def test_a_tile_as_of_the_past_shows_the_past(town):
    town.put("a")
    before = town.store.position()
    town.put("b")
    town.put("a", place=point(0, 0))
    assert town.keys(address_of(*TOKYO, 3), as_of=before) == {"a"}
    assert town.keys(address_of(*TOKYO, 3)) == {"b"}


def test_only_tiles_in_which_something_changed_are_made_anew(town):
    town.put("a")
    town.put("far", place=point(-100, 40))
    east, west = address_of(*TOKYO, 4), address_of(-100, 40, 4)
    town.bytes(east), town.bytes(west)
    assert town.tiles.made == 2
    town.put("far", place=point(-101, 41))
    town.bytes(east)
    assert town.tiles.made == 2
    town.bytes(west)
    assert town.tiles.made == 3


def test_a_tile_of_now_ends_when_something_in_it_ends(town):
    town.put("a", when=Interval(NOON, NOON + timedelta(hours=1)))
    for minutes, expected in ((30, {"a"}), (59, {"a"}), (61, set())):
        now = NOON + timedelta(minutes=minutes)
        assert town.keys(WHOLE, Span("now", now, now, moves=True), now) == expected
    assert town.keys() == {"a"}


def test_validity_is_the_stores(town):
    for key, when in (
        ("always", ALWAYS),
        ("moment", Interval(NOON, NOON)),
        ("past", Interval(NOON - timedelta(days=2), NOON - timedelta(days=1))),
        ("until noon", Interval(None, NOON)),
        ("from noon", Interval(NOON, None)),
    ):
        town.put(key, when=when)
    for start, end in ((NOON, NOON), (None, NOON), (NOON - timedelta(days=3), None)):
        span = Span(f"{start}/{end}", start, end)
        found = town.reader().find(SITES.id, when=(start, end)).items
        assert town.keys(WHOLE, span) == {one.key for one in found}


def test_a_filter_chooses_and_what_no_longer_fits_leaves(town):
    town.put("a", state="open")
    town.put("b", state="closed")
    assert town.keys(text="state = 'open'") == {"a"}
    town.put("a", state="closed")
    town.put("b", state="open")
    assert town.keys(text="state = 'open'") == {"b"}


def test_crowds_are_counted_by_class_and_carry_the_gravest(town):
    made = random.Random(1)
    records = [
        Record(
            collection=SITES.id, key=f"s{n}", said_at=NOON, source="town",
            body=Site(state="open" if n == 7 else "closed"),
            place=point(made.uniform(130, 145), made.uniform(31, 45)),
        )
        for n in range(3 * MOST_POINTS)
    ]  # fmt: skip
    town.store.put(records, at=NOON)
    found = [f.properties for f in town.features()]
    total = sum(int(p.get("point_count", 1)) for p in found)
    assert total == 3 * MOST_POINTS
    assert sum(int(p.get("state:open", p.get("state") == "open" and "id" in p)) for p in found) == 1
    gravest = [p for p in found if "point_count" in p and p["state"] == "open"]
    assert [p["state:open"] for p in gravest] == [1]
    # Deep down each stands for itself, and over all tiles of a zoom each is there once.
    where = records[7].place["coordinates"]
    assert "s7" in town.keys(address_of(*where, 14))
    counts = 0
    for row in range(16):
        for column in range(16):
            counts += sum(
                int(f.properties.get("point_count", 1))
                for f in town.features(Address(4, row, column))
                if all(0 <= v < 4096 for v in f.parts[0][0])
            )
    assert counts == 3 * MOST_POINTS


def test_areas_are_cut_simplified_and_valid(town):
    town.put("ring", place=shapely.geometry.mapping(
        shapely.Point(139.7, 35.7).buffer(0.5, quad_segs=500)
        - shapely.Point(139.7, 35.7).buffer(0.2)
    ))  # fmt: skip
    town.put("line", place={"type": "LineString", "coordinates": [[130, 30], [145, 45]]})
    town.put("bow", place={"type": "Polygon", "coordinates": [
        [[139, 35], [140, 36], [140, 35], [139, 36], [139, 35]]]})  # fmt: skip
    town.put("many", place={"type": "MultiPoint", "coordinates": [[139.7, 35.6], [139.8, 35.7]]})
    sizes = []
    for zoom in range(14):
        theirs = mapbox_vector_tile.decode(town.bytes(address_of(139.7, 35.9, zoom)))
        sizes.append(0)
        for feature in theirs["town.sites"]["features"] if theirs else []:
            found = shape(feature["geometry"])
            assert found.is_valid, (zoom, feature["properties"]["id"])
            west, south, east, north = found.bounds
            assert min(west, south) >= -64
            assert max(east, north) <= 4096 + 64
            sizes[-1] += shapely.get_num_coordinates(found)
    assert town.keys(address_of(139.7, 35.7, 5)) == {"ring", "line", "bow", "many"}
    assert 0 < sizes[7] < 500


def test_many_small_areas_are_drawn_as_pixels_with_their_number(town):
    for n in range(50):
        town.put(f"a{n}", place=shapely.geometry.mapping(shapely.box(
            139.7 + n / 1e6, 35.7, 139.7 + n / 1e6 + 1e-5, 35.70001)))  # fmt: skip
    found = town.features(address_of(139.7, 35.7, 5))
    assert sum(int(f.properties.get("point_count", 1)) for f in found) == 50
    assert len(found) <= 2


def test_mending_gives_what_building_anew_gives(town):
    made = random.Random(4)
    shapes = [
        lambda x, y: point(x, y),
        lambda x, y: {"type": "LineString", "coordinates": [[x, y], [x + 1, y + 1]]},
        lambda x, y: shapely.geometry.mapping(shapely.box(x, y, x + 1, y + 1)),
    ]
    for turn in range(60):
        for _ in range(made.randrange(4)):
            town.put(
                f"k{made.randrange(30)}",
                made.choice(shapes)(made.uniform(-170, 170), made.uniform(-80, 80)),
                state=made.choice(["open", "closed"]),
                retracts=made.random() < 0.2,
            )
        for address in (WHOLE, Address(1, made.randrange(2), made.randrange(2))):
            kept = {repr(f) for f in town.features(address)}
            old, town.tiles = town.tiles, Tiles()
            assert kept == {repr(f) for f in town.features(address)}, turn
            town.tiles = old


def test_a_dropped_index_leaves_no_stale_tiles_behind(town):
    town.tiles = Tiles(index_bytes=0)
    town.put("a")
    assert town.keys() == {"a"}
    assert town.keys(who=OPERATOR, status=Status.TEST) == set()
    town.put("b")
    assert town.keys(who=OPERATOR, status=Status.TEST) == set()
    assert town.keys() == {"a", "b"}


def test_an_unknown_collection_has_no_tiles():
    with pytest.raises(MissingError):
        subject_of(CATALOG, "town.none")


def test_a_cluster_near_an_edge_is_the_same_one_in_both_tiles(town):
    made = random.Random(2)
    records = [
        Record(
            collection=SITES.id, key=f"s{n}", said_at=NOON, source="town", body=Site(),
            place=point(made.uniform(0.01, 0.15), made.uniform(40, 45)),
        )
        for n in range(3 * MOST_POINTS)
    ]  # fmt: skip
    town.store.put(records, at=NOON)
    left, right = address_of(-0.1, 42, 5), address_of(0.1, 42, 5)
    own = {f.id: f.properties for f in town.features(right)}
    shared = [f for f in town.features(left) if f.parts[0][0][0] >= 4096]
    assert any("point_count" in f.properties for f in shared)
    assert all(own[f.id] == f.properties for f in shared)


@pytest.mark.parametrize("seed", range(3))
def test_rows_in_order_give_what_a_look_at_each_gives(seed: int) -> None:
    """Whatever was put in, taken out and moved since they were ordered."""
    chance = np.random.default_rng(seed)

    def boxes(count: int) -> NDArray[np.float64]:
        corner, size = chance.random((count, 2)), chance.random((count, 2)) ** 6 / 4
        return np.hstack((corner, corner + size * (chance.random((count, 1)) < 0.5)))

    def row(number: int, box: Sequence[float]) -> Row:
        return Row(f"k{number}", tuple(box), EARLIEST, LATEST, 0)

    first = boxes(2 * MOST_MOVED)
    rows = Rows([row(n, box) for n, box in enumerate(first.tolist())], first)
    for turn in range(6):
        for number in chance.integers(0, 3 * MOST_MOVED, 40 * (turn + 1) ** 2).tolist():
            if rows.remove(f"k{number}") is None or number % 3:
                (box,) = boxes(1).tolist()
                rows.add(row(number, box))
        for west, north, width, height in boxes(20).tolist():
            east, south = west + width / 4, north + height / 4
            found = rows.inside((west, north, east, south), None)
            plain = rows.alive & (rows.box[:, 0] < east) & (rows.box[:, 2] >= west)
            plain &= (rows.box[:, 1] < south) & (rows.box[:, 3] >= north)
            assert found.tolist() == np.flatnonzero(plain).tolist()
