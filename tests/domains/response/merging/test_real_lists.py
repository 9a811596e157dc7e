"""Real lists of many municipalities: how often the matcher is right, against GSI's own numbers."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from hinomi.domains.response.merging.grouping import ASK, SAME, group, weigh_pairs
from hinomi.domains.response.merging.things import Thing, thing_of
from hinomi.domains.response.merging.weighing import weigh
from hinomi.domains.response.observe import gsi, municipal
from hinomi.kernel.geometry import Geometry
from hinomi.kernel.marking import OPERATOR
from hinomi.kernel.ports import Payload
from hinomi.kernel.reader import Reader
from hinomi.runtime.catalog import default_catalog
from hinomi.stores.memory import MemoryStore
from hinomi.vocabulary.naming import likeness

AT = datetime(2025, 11, 5, tzinfo=UTC)


class Nowhere:
    def place(self, code: str, on: object) -> Geometry | None: ...

    def knows(self, code: str, on: object) -> bool:  # noqa: ARG002
        return False


def things(*paths: Path) -> list[Thing]:
    store = MemoryStore()
    sources = (gsi.SITES_SOURCE, gsi.SHELTERS_SOURCE, municipal.SOURCE)
    for path in paths:
        data = path.read_bytes()
        payload = Payload(data=data, name=path.name, address="x", digest="0" * 64, taken_at=AT)
        (source,) = (s for s in sources if s.detect(payload))
        store.put(source.parse(payload, Nowhere()).records, at=AT)
    reader = Reader(store, default_catalog(), OPERATOR)
    return [
        thing_of(item)
        for collection in ("response.sites", "response.shelters")
        for item in reader.every(collection, beside=True)
    ]


@pytest.fixture(scope="module")
def gsi_lists(shared_data: Path) -> list[Thing]:
    return things(*sorted((shared_data / "exchange/gsi-shelters/ishikawa_aichi_sample").iterdir()))


def test_sites_and_shelters_of_seven_municipalities_are_told_by_name_and_distance(
    gsi_lists: list[Thing],
) -> None:
    """Without identifier and address: GSI gives one number to one address."""
    by_number: dict[str, list[set[str]]] = {}
    for thing in gsi_lists:
        sides = by_number.setdefault(thing.common_id, [set(), set()])
        sides[thing.collection == "response.shelters"].add(thing.ref)
    true = {frozenset((a, b)) for x, y in by_number.values() for a in x for b in y}
    found: dict[float, set[frozenset[str]]] = {ASK: set(), SAME: set()}
    by_ref = {thing.ref: thing for thing in gsi_lists}
    for one, other in weigh_pairs(gsi_lists, least=0.0):
        weighed = weigh(by_ref[one], by_ref[other], but=("identifier", "address"))
        for limit, pairs in found.items():
            if weighed.probability >= limit:
                pairs.add(frozenset((one, other)))
    assert len(true) > 1000
    for limit, precision, recall in ((ASK, 0.95, 0.8), (SAME, 0.96, 0.5)):
        right = found[limit] & true
        assert len(right) / len(found[limit]) > precision, limit
        assert len(right) / len(true) > recall, limit


def test_a_towns_own_lists_meet_gsis(shared_data: Path) -> None:
    exchange = shared_data / "exchange"
    found = things(
        exchange / "gsi-shelters/ishikawa_aichi_sample/emergency_172022.json",
        exchange / "gsi-shelters/ishikawa_aichi_sample/evacuation_172022.json",
        exchange / "noto-shelter-timeseries/reference_data.csv",
        exchange / "noto-shelter-timeseries/history/open_shelter_Nanao-shi_2024-01-09-1800.csv",
    )
    groups = group(found, weigh_pairs(found), {})
    met = {
        thing.ref
        for members in groups.groups
        for thing in members
        if {m.source for m in members} >= {"gsi", "nanao-city"}
    }
    town = [thing for thing in found if thing.source == "nanao-city"]
    assert len([t for t in town if t.ref in met]) / len(town) > 0.97
    assert len(groups.questions) < 10
    joined = [(a, b) for m in groups.groups for a in m for b in m if a.ref < b.ref]
    assert not [(a.title, b.title) for a, b in joined if likeness(a.name, b.name) == "conflict"]
