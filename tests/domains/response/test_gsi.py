"""GSI's lists of sites and shelters."""

from __future__ import annotations

import json
import tarfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hinomi.domains.response.observe import gsi
from hinomi.kernel.errors import DataError
from hinomi.kernel.geometry import check_geometry
from hinomi.kernel.marking import OPEN
from hinomi.kernel.ports import Gazetteer, Parsed, Payload
from hinomi.kernel.store import Query
from hinomi.stores.memory import MemoryStore


def site(number: int, position: Any = (136.96, 37.05), **more: Any) -> dict[str, Any]:
    properties = {
        "NO": number,
        "共通ID": f"E17202{number:05d}201",
        "都道府県名及び市町村名": "石川県七尾市",
        "施設・場所名": f"第{number}公園",
        "住所": "石川県七尾市1-1",
        "洪水": "1",
        "地震": "",
        "火山現象": "",
        **more,
    }
    geometry = {"type": "Point", "coordinates": position} if position is not None else None
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def listed(*features: Any) -> bytes:
    document = {"type": "FeatureCollection", "name": "172022", "features": list(features)}
    return json.dumps(document, ensure_ascii=False).encode()


def archive(path: Path, gazetteer: Gazetteer) -> list[tuple[Payload, Parsed]]:
    found = []
    with tarfile.open(path) as files:
        for member in files:
            handle = files.extractfile(member)
            if handle is not None:
                payload = Payload(
                    data=handle.read(),
                    name=Path(member.name).name,
                    address=member.name,
                    digest="0" * 64,
                    taken_at=datetime.fromtimestamp(member.mtime, UTC),
                )
                found.append((payload, gsi.parse(payload, gazetteer)))
    return found


LISTS = {
    "gsi_emergency_115402": (115_402, 1_694, 223),
    "gsi_evacuation_82557": (82_557, 1_712, 205),
}
"""Records, municipalities, municipalities that have published nothing."""


@pytest.mark.slow
@pytest.mark.parametrize("name", list(LISTS))
def test_the_nations_lists_are_read_whole(shared_data: Path, nowhere: Gazetteer, name: str) -> None:
    sites = name.startswith("gsi_emergency")
    started = time.perf_counter()
    files = archive(shared_data / f"exchange/gsi-shelters/{name}.tar.xz", nowhere)
    assert time.perf_counter() - started < 60  # 3 s on an idle core
    assert all(gsi.is_sites(payload) is sites for payload, _ in files)
    assert all(gsi.is_shelters(payload) is not sites for payload, _ in files)
    every = [record for _, parsed in files for record in parsed.records]
    problems = [p for _, parsed in files for p in parsed.problems]
    assert len({record.key for record in every}) == len(every)
    counted = (len(every), sum(bool(parsed.complete) for _, parsed in files), len(problems))
    assert counted == LISTS[name]
    assert {p.grade for p in problems} == {"note"}
    assert all(r.body.municipality_code == f"{r.key[1:6]}00" for r in every)
    for record in every[::500]:
        check_geometry(record.place)


def test_a_site_carries_what_the_list_says(make_payload: Any, nowhere: Gazetteer) -> None:
    parsed = gsi.parse(make_payload(listed(site(1))), nowhere)
    (record,) = parsed.records
    assert (record.collection, record.key, record.source) == (
        "response.sites",
        "E1720200001201",
        "gsi",
    )
    body = record.body
    assert (body.flood, body.earthquake, body.name) == (True, False, "第1公園")
    assert body.match_key == "1720200-第1公園"
    assert record.place == {"type": "Point", "coordinates": [136.96, 37.05]}


@pytest.mark.parametrize("kind", ["emergency", "evacuation"])
def test_that_nothing_is_published_is_a_note_and_ends_nothing(
    make_payload: Any, nowhere: Gazetteer, kind: str
) -> None:
    told = {"type": "unavailable", "code": "011011", "name": "札幌市中央区", "dataType": kind}
    payload = make_payload(json.dumps(told, ensure_ascii=False).encode())
    assert gsi.is_sites(payload) is (kind == "emergency")
    assert gsi.is_shelters(payload) is (kind == "evacuation")
    parsed = gsi.parse(payload, nowhere)
    assert (parsed.records, parsed.complete) == ([], [])
    assert [(p.code, p.grade, p.found) for p in parsed.problems] == [
        ("gsi.none-published", "note", "011011")
    ]


@pytest.mark.parametrize("data", [b"", b"{}", b'{"type": "FeatureCollection", "features": []}'])
def test_files_of_others_are_left_alone_and_refused(
    make_payload: Any, nowhere: Gazetteer, data: bytes
) -> None:
    payload = make_payload(data)
    assert not gsi.is_sites(payload)
    assert not gsi.is_shelters(payload)
    with pytest.raises(DataError):
        gsi.parse(payload, nowhere)


def test_a_site_without_name_or_position_is_kept_with_an_alarm(
    make_payload: Any, nowhere: Gazetteer
) -> None:
    nameless = {"施設・場所名": None}
    rows = listed(site(1, None), site(2, **nameless))
    parsed = gsi.parse(make_payload(rows), nowhere)
    assert [r.place is None for r in parsed.records] == [True, False]
    assert [(p.code, p.grade) for p in parsed.problems] == [
        ("gsi.no-position", "alarm"),
        ("gsi.no-name", "alarm"),
    ]


def test_one_wrong_row_is_refused_and_the_rest_goes_on(
    make_payload: Any, nowhere: Gazetteer
) -> None:
    rows = [
        site(1),
        site(2, (37.05, 136.96)),
        site(3, (0.0, 0.0)),
        site(4, ["x", 1]),
        site(5, 共通ID="1720200001201"),
        site(6),
    ]
    parsed = gsi.parse(make_payload(listed(*rows)), nowhere)
    assert [r.key[6:11] for r in parsed.records] == ["00001", "00006"]
    assert {(p.code, p.path) for p in parsed.problems} == {
        ("place.swapped", "/features[1]"),
        ("place.outside-japan", "/features[2]"),
        ("gsi.broken-feature", "/features[3]"),
        ("gsi.no-identity", "/features[4]"),
    }
    assert {p.grade for p in parsed.problems} == {"error"}


def test_a_place_far_outside_its_municipality_is_an_alarm(
    make_payload: Any, around_nanao: Gazetteer
) -> None:
    rows = listed(site(1), site(2, (141.96, 37.05)), site(3, (141.90, 37.05)))
    parsed = gsi.parse(make_payload(rows), around_nanao)
    assert len(parsed.records) == 3
    (problem,) = parsed.problems
    assert (problem.code, problem.grade, problem.path) == (
        "place.outside-municipality",
        "alarm",
        "/features[1]",
    )
    assert "2件" in problem.text.ja


def test_a_site_that_leaves_the_list_is_no_longer_designated(
    make_payload: Any, nowhere: Gazetteer
) -> None:
    store = MemoryStore()
    newer = make_payload(listed(site(1)), taken_at=datetime(2026, 1, 1, tzinfo=UTC))
    older = make_payload(listed(site(1), site(2)))
    for payload in (newer, older):
        parsed = gsi.parse(payload, nowhere)
        store.put(parsed.records, (), parsed.complete, at=datetime(2026, 6, 1, tzinfo=UTC))
    query = Query(collection="response.sites", visible=frozenset({OPEN}))
    assert [s.key for s in store.find(query).items] == ["E1720200001201"]


def test_a_refused_row_does_not_end_what_was_said_before(
    make_payload: Any, nowhere: Gazetteer
) -> None:
    store = MemoryStore()
    older = make_payload(listed(site(1), site(2)))
    wrong = listed(site(1), site(2, (37.05, 136.96)))
    newer = make_payload(wrong, taken_at=datetime(2026, 1, 1, tzinfo=UTC))
    for payload in (older, newer):
        parsed = gsi.parse(payload, nowhere)
        store.put(parsed.records, (), parsed.complete, at=datetime(2026, 6, 1, tzinfo=UTC))
    query = Query(collection="response.sites", visible=frozenset({OPEN}))
    assert len(store.find(query).items) == 2


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_cut_and_flipped_files_give_records_or_a_named_refusal(
    make_payload: Any, nowhere: Gazetteer, data: st.DataObject
) -> None:
    whole = bytearray(listed(site(1), site(2), site(3)))
    cut = data.draw(st.integers(1, len(whole)))
    for at in data.draw(st.lists(st.integers(0, len(whole) - 1), max_size=3)):
        whole[at] = data.draw(st.integers(0, 255))
    payload = make_payload(bytes(whole[:cut]))
    gsi.is_sites(payload)
    try:
        parsed = gsi.parse(payload, nowhere)
    except DataError:
        return
    assert len(parsed.records) <= 3
    for record in parsed.records:
        assert record.identity()
