"""Disasters abroad: GDACS's feed and USGS's, real ones and broken ones."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hinomi.domains.hazards import DOMAIN
from hinomi.domains.hazards.collections.world import WORLD_EVENTS, WorldEvent
from hinomi.domains.hazards.observe import world
from hinomi.kernel.errors import DataError
from hinomi.kernel.geometry import Geometry
from hinomi.kernel.marking import OPEN
from hinomi.kernel.ports import Parsed, Payload
from hinomi.kernel.store import Query
from hinomi.stores.memory import MemoryStore

NOW = datetime(2026, 6, 5, tzinfo=UTC)
FEED = """<?xml version="1.0"?><rss version="2.0" xmlns:gdacs="http://www.gdacs.org"
 xmlns:geo="http://www.w3.org/2003/01/geo/wgs84_pos#"><channel>{}</channel></rss>"""
ITEM = """<item><title>Green alert</title>
<gdacs:fromdate>Sun, 29 Dec 2019 12:00:00 GMT</gdacs:fromdate>
<gdacs:todate>Sun, 29 Dec 2019 18:00:00 GMT</gdacs:todate>
<geo:Point><geo:lat>-19.4</geo:lat><geo:long>59.8</geo:long></geo:Point>
<gdacs:eventtype>TC</gdacs:eventtype><gdacs:alertlevel>Green</gdacs:alertlevel>
<gdacs:eventid>1000643</gdacs:eventid><gdacs:episodeid>{episode}</gdacs:episodeid></item>"""


class Nowhere:
    def place(self, code: str, on: date) -> Geometry | None:  # noqa: ARG002
        return None

    def knows(self, code: str, on: date) -> bool:  # noqa: ARG002
        return False


def parsed(data: bytes) -> Parsed:
    payload = Payload(data=data, name="f", address="f", digest="0" * 64, taken_at=NOW)
    (source,) = (s for s in DOMAIN.sources if s.detect(payload))
    return source.parse(payload, Nowhere())


def gdacs(*items: str) -> bytes:
    return FEED.format("".join(items)).encode()


def quake(**changed: Any) -> dict[str, Any]:
    told = {"mag": 6.1, "place": "off Honshu", "time": 1537603200000, "updated": 1537605000000,
            "status": "reviewed", "magType": "mww", "alert": "yellow", **changed}  # fmt: skip
    place = {"type": "Point", "coordinates": [141.5, 38.3, 40.2]}
    return {"type": "Feature", "id": "us1", "properties": told, "geometry": place}


def usgs(*features: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def stood(*answers: Parsed) -> list[dict[str, Any]]:
    store = MemoryStore()
    for number, answer in enumerate(answers):
        store.put(answer.records, at=NOW.replace(minute=number))
    page = store.find(Query(collection=WORLD_EVENTS.id, visible=frozenset({OPEN})))
    return [json.loads(stored.feature)["properties"] for stored in page.items]


def test_gdacs_s_real_feeds_give_every_item(shared_data: Path) -> None:
    folder = shared_data / "exchange" / "gdacs"
    counts = {"gdacs-1.xml": 4, "gdacs-rss-24h.xml": 21, "gdacs-rss.xml": 16}
    for name, count in counts.items():
        answer = parsed((folder / name).read_bytes())
        assert (len(answer.records), answer.problems) == (count, []), name
    kinds = Counter(record.body.kind for record in answer.records)
    assert kinds == {"drought": 11, "tropical_cyclone": 3, "earthquake": 2}
    first = parsed((folder / "gdacs-1.xml").read_bytes()).records[0]
    assert first.key == "gdacs-TC1000643"
    assert first.place == {"type": "Point", "coordinates": [59.8, -19.4]}
    assert first.body.severity == "Tropical Storm (maximum wind speed of 93 km/h)"
    assert first.body.alert == "green"


def test_usgs_s_real_feed_gives_every_quake(shared_data: Path) -> None:
    answer = parsed((shared_data / "exchange" / "usgs" / "earthquakes-1.json").read_bytes())
    assert [r.body.magnitude for r in answer.records] == [3, 1.25, None]
    assert answer.problems == []


def test_a_quake_is_stated_as_usgs_states_it() -> None:
    (record,) = parsed(usgs(quake())).records
    assert (record.key, record.source) == ("usgs-us1", "usgs")
    assert record.when.start == datetime(2018, 9, 22, 8, 0, tzinfo=UTC)
    assert record.said_at == datetime(2018, 9, 22, 8, 30, tzinfo=UTC)
    assert record.place == {"type": "Point", "coordinates": [141.5, 38.3]}
    body: WorldEvent = record.body
    assert (body.magnitude, body.magnitude_type, body.depth_km) == (6.1, "mww", 40.2)
    assert (body.reviewed, body.alert) == (True, "yellow")


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_the_later_episode_stands_in_whatever_order_they_come(order: tuple[int, int]) -> None:
    (shown,) = stood(*(parsed(gdacs(ITEM.format(episode=n))) for n in order))
    assert shown["episode"] == 2


def test_a_feed_polled_again_states_nothing_new() -> None:
    twice = [r.identity() for _ in range(2) for r in parsed(gdacs(ITEM.format(episode=1))).records]
    assert len(set(twice)) == 1


def test_a_broken_member_is_told_and_the_others_go_on() -> None:
    good, broken = ITEM.format(episode=1), ITEM.format(episode=1).replace("-19.4", "NaN")
    answer = parsed(gdacs(broken, good, good.replace("TC<", "XX<").replace("643", "644")))
    assert [p.code for p in answer.problems] == ["gdacs.item", "gdacs.unknown-type"]
    assert answer.problems[0].path == "/rss/channel/item[1]"
    assert [r.body.kind for r in answer.records] == ["tropical_cyclone", "other"]
    bad = [quake(time=None), quake(time=10**18), {}, quake(mag=float("nan"))]
    answer = parsed(usgs(*bad, quake()))
    assert [p.path for p in answer.problems] == [f"/features[{n}]" for n in range(4)]
    assert len(answer.records) == 1


def test_longitudes_beyond_the_date_line_come_back_to_the_map() -> None:
    feature = quake()
    feature["geometry"]["coordinates"] = [-190.0, 10.0, 5.0]
    (record,) = parsed(usgs(feature)).records
    assert record.place == {"type": "Point", "coordinates": [170.0, 10.0]}


@pytest.mark.parametrize(
    "data",
    [
        gdacs(ITEM.format(episode=1)).replace(b"?>", b'?><!DOCTYPE rss [<!ENTITY a "b">]>', 1),
        gdacs()[:-20],
        b'<rss xmlns:gdacs="http://www.gdacs.org"/>',
    ],
)
def test_what_is_no_feed_is_refused_whole(data: bytes) -> None:
    with pytest.raises(DataError):
        parsed(data)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_changed_bytes_are_refused_or_read_and_never_a_fault(data: st.DataObject) -> None:
    whole = data.draw(st.sampled_from([gdacs(ITEM.format(episode=1)), usgs(quake())]))
    at = data.draw(st.integers(0, len(whole)))
    changed = whole[:at] + data.draw(st.binary(max_size=8)) + whole[at + 6 :]
    payload = Payload(data=changed, name="f", address="f", digest="0" * 64, taken_at=NOW)
    for source in world.SOURCES:
        try:
            answer = source.parse(payload, Nowhere())
        except DataError:
            continue
        assert all(record.collection == WORLD_EVENTS.id for record in answer.records)
