"""Municipal CSV: lists of sites in every version's layout, and lists of open shelters."""

from __future__ import annotations

import csv
import io
import json
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hinomi.domains.response.observe import municipal
from hinomi.domains.response.observe.names import municipality_code
from hinomi.kernel.errors import DataError
from hinomi.kernel.marking import OPEN
from hinomi.kernel.ports import Gazetteer, Payload
from hinomi.kernel.store import Query
from hinomi.stores.memory import MemoryStore

NOW = datetime(2026, 6, 1, tzinfo=UTC)

VERSIONS = {
    "2017": {
        "市区町村コード": "172022",
        "NO": "1",
        "都道府県名": "石川県",
        "市区町村名": "七尾市",
        "名称": "山王小学校",
        "名称_カナ": "サンノウショウガッコウ",
        "住所": "石川県七尾市山王町ツ３４",
        "緯度": "37.04185",
        "経度": "136.97373",
        "標高": "4.2",
        "電話番号": "0767-57-5018",
        "災害種別_洪水": "1",
        "災害種別_地震": "",
        "指定避難所との重複": "1",
        "想定収容人数": "480",
    },
    "2020": {
        "都道府県コード又は市区町村コード": "172022",
        "NO": "1",
        "都道府県名": "石川県",
        "市区町村名": "七尾市",
        "名称": "山王小学校",
        "名称_カナ": "サンノウショウガッコウ",
        "住所": "石川県七尾市山王町ツ３４",
        "緯度": "３７．０４１８５",
        "経度": "１３６．９７３７３",
        "標高": "４．２",
        "電話番号": "0767-57-5018",
        "災害種別_洪水": "○",
        "災害種別_地震": "",
        "指定避難所との重複": "1",
        "想定収容人数": "４８０人",
    },
    "2023": {
        "全国地方公共団体コード": "172022",
        "ID": "1",
        "地方公共団体名": "石川県七尾市",
        "名称": "山王小学校",
        "名称_カナ": "サンノウショウガッコウ",
        "所在地_全国地方公共団体コード": "172022",
        "所在地_連結表記": "石川県七尾市山王町ツ３４",
        "所在地_都道府県": "石川県",
        "所在地_市区町村": "七尾市",
        "緯度": "37.04185",
        "経度": "136.97373",
        "高度の種別": "海抜",
        "高度の値": "4.2",
        "電話番号": "0767-57-5018",
        "災害種別_洪水": "1.0",
        "災害種別_地震": "0",
        "指定避難所との重複": "1",
        "想定収容人数": "屋内480人／屋外3,350人(面積の1/2)",
    },
}


def table(*rows: dict[str, str], encoding: str = "utf-8") -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


def opened(
    name: str, people: str, time: str = "令和6年1月9日午後6時", **more: str
) -> dict[str, str]:
    return {
        "ID": "CC1",
        "名称": name,
        "人数": people,
        "時点": time,
        "所在地_都道府県": "石川県",
        "所在地_市区町村": "七尾市",
        "緯度": "37.04185",
        "経度": "136.97373",
        "想定収容人数": "屋内200人",
        **more,
    }


def current(store: MemoryStore) -> dict[str, dict[str, Any]]:
    query = Query(collection="response.shelters", visible=frozenset({OPEN}), limit=1000)
    return {stored.key: stored.properties() for stored in store.find(query).items}


@pytest.mark.parametrize("version", list(VERSIONS))
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_every_version_of_the_layout_says_the_same(
    make_payload: Any, nowhere: Gazetteer, version: str, encoding: str
) -> None:
    payload = make_payload(table(VERSIONS[version], encoding=encoding), "sites.csv")
    assert municipal.is_municipal(payload)
    parsed = municipal.parse(payload, nowhere)
    (record,) = parsed.records
    assert parsed.problems == []
    assert (record.collection, record.key, record.source) == (
        "response.sites",
        "1720200-山王小学校",
        "nanao-city",
    )
    body = record.body
    assert (body.name, body.name_kana, body.municipality) == (
        "山王小学校",
        "サンノウショウガッコウ",
        "石川県七尾市",
    )
    assert (body.capacity, body.elevation_m, body.phone) == (480, 4.2, "0767-57-5018")
    assert (body.flood, body.earthquake, body.also_shelter) == (True, False, True)
    assert record.place == {"type": "Point", "coordinates": [136.97373, 37.04185]}


def test_gsi_and_the_municipality_can_be_matched_by_name(
    make_payload: Any, nowhere: Gazetteer
) -> None:
    row = {**VERSIONS["2023"], "名称": "山王　小学校（体育館）"}
    (record,) = municipal.parse(make_payload(table(row)), nowhere).records
    assert record.body.match_key == "1720200-山王小学校(体育館)"


def test_a_wrong_row_is_refused_and_the_rest_goes_on(make_payload: Any, nowhere: Gazetteer) -> None:
    good = VERSIONS["2023"]
    rows = [
        good,
        {**good, "名称": "B", "緯度": "136.97", "経度": "37.04"},
        {**good, "名称": "C", "緯度": "約37度"},
        {**good, "名称": ""},
        {**good, "名称": "E", "緯度": "", "経度": ""},
        {**good, "名称": "F", "高度の値": "不明"},
    ]
    parsed = municipal.parse(make_payload(table(*rows)), nowhere)
    assert [r.body.name for r in parsed.records] == ["山王小学校", "E", "F"]
    assert [(p.code, p.grade, p.path) for p in parsed.problems] == [
        ("place.swapped", "error", "/line[3]"),
        ("shelters.number", "error", "/line[4]"),
        ("shelters.no-name", "error", "/line[5]"),
        ("shelters.no-position", "alarm", "/line[6]"),
        ("shelters.elevation", "alarm", "/line[7]"),
    ]


def test_a_shifted_list_is_one_alarm(make_payload: Any, around_nanao: Gazetteer) -> None:
    rows = [
        {**VERSIONS["2023"], "名称": f"第{n}公園", "経度": f"{141.9 + n / 100}"} for n in range(9)
    ]
    parsed = municipal.parse(make_payload(table(*rows)), around_nanao)
    assert len(parsed.records) == 9
    assert [(p.code, p.grade) for p in parsed.problems] == [("place.outside-municipality", "alarm")]


def test_places_of_one_name_in_one_list_stay_apart(make_payload: Any, nowhere: Gazetteer) -> None:
    rows = [{**VERSIONS["2023"], "ID": number} for number in ("1", "2")]
    parsed = municipal.parse(make_payload(table(*rows)), nowhere)
    assert [r.key for r in parsed.records] == ["1720200-山王小学校~1", "1720200-山王小学校~2"]
    assert len({r.body.match_key for r in parsed.records}) == 1


@pytest.mark.parametrize(
    ("row", "name"),
    [
        (opened("A", "180"), "x.csv"),
        ({"人数_令和6年1月9日午後6時時点": "180", **opened("A", "180", "")}, "x.csv"),
        (opened("A", "180", ""), "open_shelter_Nanao-shi_2024-01-09-1800.csv"),
    ],
    ids=["column", "header", "file-name"],
)
def test_the_time_is_found_wherever_it_stands(
    make_payload: Any, nowhere: Gazetteer, row: dict[str, str], name: str
) -> None:
    (record,) = municipal.parse(make_payload(table(row), name), nowhere).records
    assert record.said_at == datetime(2024, 1, 9, 9, tzinfo=UTC)
    assert (record.body.state, record.body.people, record.body.crowding) == ("open", 180, 0.9)


def test_a_file_name_of_another_day_is_an_alarm(make_payload: Any, nowhere: Gazetteer) -> None:
    payload = make_payload(table(opened("A", "180")), "open_2024-02-09-1800.csv")
    parsed = municipal.parse(payload, nowhere)
    assert [(p.code, p.grade) for p in parsed.problems] == [("shelters.times-differ", "alarm")]


@pytest.mark.parametrize("people", ["-1", "1.5", "9999999", "多数"])
def test_what_cannot_be_a_head_count_is_refused(
    make_payload: Any, nowhere: Gazetteer, people: str
) -> None:
    rows = table(opened("A", people), opened("B", "12"))
    parsed = municipal.parse(make_payload(rows), nowhere)
    assert [r.body.people for r in parsed.records] == [12]
    assert [p.grade for p in parsed.problems] == ["error"]


def test_a_shelter_left_out_is_closed_in_whatever_order_the_lists_come(
    make_payload: Any, nowhere: Gazetteer
) -> None:
    first = table(opened("A", "180"), opened("B", "20"))
    second = table(opened("A", "90", "令和6年1月10日午後6時"))
    for order in ((first, second), (second, first), (first, second, first)):
        store = MemoryStore()
        for data in order:
            parsed = municipal.parse(make_payload(data), nowhere)
            store.put(parsed.records, (), parsed.complete, at=NOW)
        assert {k: v["people"] for k, v in current(store).items()} == {"1720200-a": 90}


def test_a_refused_row_keeps_its_shelter_open(make_payload: Any, nowhere: Gazetteer) -> None:
    store = MemoryStore()
    later = "令和6年1月10日午後6時"
    for data in (
        table(opened("A", "180")),
        table(opened("A", "??", later), opened("B", "1", later)),
    ):
        parsed = municipal.parse(make_payload(data), nowhere)
        store.put(parsed.records, (), parsed.complete, at=NOW)
    assert {k: v["people"] for k, v in current(store).items()} == {"1720200-a": 180, "1720200-b": 1}


def test_one_publishers_list_closes_nothing_of_anothers(
    make_payload: Any, nowhere: Gazetteer
) -> None:
    store = MemoryStore()
    kanazawa = opened("C", "5", "令和6年1月11日午後6時", 所在地_市区町村="金沢市")
    for data in (table(opened("A", "180")), table(kanazawa)):
        parsed = municipal.parse(make_payload(data), nowhere)
        store.put(parsed.records, (), parsed.complete, at=NOW)
    assert set(current(store)) == {"1720200-a", "1720100-c"}


def test_a_prefectures_list_is_the_prefectures_word(make_payload: Any, nowhere: Gazetteer) -> None:
    rows = table(opened("A", "1"), opened("B", "2", 所在地_市区町村="金沢市"))
    parsed = municipal.parse(make_payload(rows), nowhere)
    assert {r.source for r in parsed.records} == {"ishikawa-prefecture"}
    assert [r.key for r in parsed.records] == ["1720200-a", "1720100-b"]
    assert parsed.complete[0].covers == ("17*",)


def test_towns_that_are_in_no_table_are_kept_under_their_names(
    make_payload: Any, nowhere: Gazetteer
) -> None:
    drill = {"所在地_都道府県": "火の見県", "所在地_市区町村": "望楼市"}
    parsed = municipal.parse(make_payload(table(opened("A", "1", **drill))), nowhere)
    (record,) = parsed.records
    assert (record.key, record.source) == ("火の見県望楼市-a", "municipal-shelters")
    assert record.body.municipality == "火の見県望楼市"
    assert parsed.complete[0].covers == ("火の見県*",)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("172022", "1720200"),
        ("17202", "1720200"),
        ("１７２０２２", "1720200"),
        ("011002", "0110000"),
        ("11002", "0110000"),
        ("1100", "0110000"),
        ("172022.0", "1720200"),
        ("1720200", "1720200"),
        ("七尾", ""),
        ("17", ""),
    ],
)
def test_codes_are_read_as_spreadsheets_leave_them(text: str, code: str) -> None:
    assert municipality_code(text) == code


def test_an_empty_list_is_no_empty_success(make_payload: Any, nowhere: Gazetteer) -> None:
    header = table(opened("A", "1")).splitlines()[0] + b"\r\n"
    parsed = municipal.parse(make_payload(header), nowhere)
    assert parsed.records == []
    assert parsed.complete == []
    assert [(p.code, p.grade) for p in parsed.problems] == [("shelters.empty", "alarm")]


def nanao(shared_data: Path) -> list[Payload]:
    folder = shared_data / "exchange/noto-shelter-timeseries/history"
    return [
        Payload(
            data=path.read_bytes(),
            name=path.name,
            address=str(path),
            digest="0" * 64,
            taken_at=NOW,
        )
        for path in sorted(folder.glob("*.csv"))
    ]


def test_nanaos_snapshots_tell_how_the_shelters_emptied(
    shared_data: Path, nowhere: Gazetteer
) -> None:
    payloads = nanao(shared_data)
    assert all(municipal.is_municipal(p) for p in payloads)
    parsed = [municipal.parse(p, nowhere) for p in payloads]
    totals = {
        p.records[0].said_at: (len(p.records), sum(r.body.people for r in p.records))
        for p in parsed
    }
    assert len(parsed) == len(totals) == 117
    assert not [problem for p in parsed for problem in p.problems]
    assert totals[min(totals)] == (29, 1_886)
    assert min(totals) == datetime(2024, 1, 9, 9, tzinfo=UTC)
    assert totals[max(totals)] == (1, 40)
    assert max(totals) == datetime(2024, 8, 31, 4, 30, tzinfo=UTC)  # the file's name says 13:00
    assert sum(shelters for shelters, _ in totals.values()) == 1_466


@pytest.mark.parametrize("seed", [1, 2])
def test_nanaos_snapshots_end_alike_in_any_order(
    shared_data: Path, nowhere: Gazetteer, seed: int
) -> None:
    payloads = nanao(shared_data)
    random.Random(seed).shuffle(payloads)
    store = MemoryStore()
    for payload in [*payloads, *payloads[:20]]:
        parsed = municipal.parse(payload, nowhere)
        store.put(parsed.records, (), parsed.complete, at=NOW)
    (left,) = current(store).values()
    assert (left["name"], left["people"]) == ("矢田郷地区コミュニティセンター", 40)


def test_nanaos_own_list_of_sites_is_read(shared_data: Path, nowhere: Gazetteer) -> None:
    path = shared_data / "exchange/noto-shelter-timeseries/reference_data.csv"
    payload = Payload(
        data=path.read_bytes(), name=path.name, address="", digest="0" * 64, taken_at=NOW
    )
    parsed = municipal.parse(payload, nowhere)
    assert (len(parsed.records), parsed.problems) == (112, [])
    assert {r.collection for r in parsed.records} == {"response.sites"}


@pytest.mark.parametrize(
    "data",
    [
        b'{"type": "FeatureCollection"}',
        b"<Report/>",
        "名称,緯度,経度\nA,37,137\n".encode(),
        "日付,人数\n1,2\n".encode(),
        b"\x89PNG\r\n\x1a\n",
        b"",
    ],
)
def test_files_of_others_are_left_alone(make_payload: Any, data: bytes) -> None:
    assert not municipal.is_municipal(make_payload(data))


cells = st.text(max_size=10) | st.sampled_from(
    ["1", "37.0", "136.9", "屋内1人", "令和6年1月9日6時"]
)


@settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(rows=st.lists(st.fixed_dictionaries(dict.fromkeys(opened("A", "1"), cells)), min_size=1))
def test_whatever_people_type_gives_records_or_named_problems(
    make_payload: Any, around_nanao: Gazetteer, rows: list[dict[str, str]]
) -> None:
    try:
        data = table(*rows)
        parsed = municipal.parse(make_payload(data), around_nanao)
    except (DataError, UnicodeEncodeError):
        return
    assert len(parsed.records) <= len(rows)
    store = MemoryStore()
    store.put(parsed.records, (), parsed.complete, at=NOW)
    for problem in parsed.problems:
        assert problem.text.ja
        assert problem.text.en


def as_geojson(features: list[dict[str, Any]], crs: str = "") -> bytes:
    found: dict[str, Any] = {"type": "FeatureCollection", "features": features}
    if crs:
        found["crs"] = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{crs}"}}
    return json.dumps(found, ensure_ascii=False).encode()


def test_the_same_list_as_geojson_makes_the_same_statements(
    shared_data: Path, make_payload: Any, nowhere: Gazetteer
) -> None:
    folder = shared_data / "exchange/noto-shelter-timeseries/latest"
    (sheet,) = folder.glob("*.csv")
    plotted = folder / "open_shelter_Nanao-shi.geojson"
    payload = make_payload(plotted.read_bytes(), plotted.name)
    assert municipal.is_municipal(payload)
    found = municipal.parse(payload, nowhere)
    listed = municipal.parse(make_payload(sheet.read_bytes(), sheet.name), nowhere)
    assert [r.identity() for r in found.records] == [r.identity() for r in listed.records]
    assert found.records[0].origin.path == "/features[0]"
    assert found.complete[0].keys == listed.complete[0].keys


@pytest.mark.parametrize("crs", ["", "6668", "6675"])
def test_positions_are_those_of_points_in_longitude_and_latitude_alone(
    make_payload: Any, nowhere: Gazetteer, crs: str
) -> None:
    has_place = crs != "6675"
    properties = {"名称": "山王小学校", "人数": 12, "所在地_都道府県": "石川県",
                  "所在地_市区町村": "七尾市", "災害種別_洪水": True}  # fmt: skip
    place = {"type": "Point", "coordinates": [136.97373, 37.04185] if has_place else [-17e3, 114e3]}
    feature = {"type": "Feature", "properties": properties, "geometry": place}
    bare = {"type": "Feature", "properties": None, "geometry": place}
    payload = make_payload(as_geojson([feature, bare], crs), "七尾.geojson")
    assert municipal.is_municipal(payload)
    parsed = municipal.parse(payload, nowhere)
    (record,) = parsed.records
    assert record.place == (
        {"type": "Point", "coordinates": [136.97373, 37.04185]} if has_place else None
    )
    codes = ["csv.empty"] if has_place else ["csv.empty", "shelters.no-position"]
    assert [p.code for p in parsed.problems] == codes
    assert parsed.complete == [], "a list with a row that could not be read is not known whole"


def test_geojson_whose_names_are_escaped_is_known_too(make_payload: Any) -> None:
    properties = {"名称": "山王小学校", "人数": 12, 'a "quoted" \\ name': ":"}
    feature = {"type": "Feature", "properties": properties, "geometry": None}
    data = json.dumps(json.loads(as_geojson([feature]))).encode("ascii")
    assert municipal.is_municipal(make_payload(data))


def test_geojson_of_something_else_is_left_to_others(make_payload: Any) -> None:
    road = {"type": "Feature", "properties": {"名称": "国道249号"}, "geometry": None}
    assert not municipal.is_municipal(make_payload(as_geojson([road])))


@pytest.mark.parametrize("cut", [200, 900])
def test_broken_geojson_is_refused_with_a_reason(
    shared_data: Path, make_payload: Any, nowhere: Gazetteer, cut: int
) -> None:
    plotted = shared_data / "exchange/noto-shelter-timeseries/latest/open_shelter_Nanao-shi.geojson"
    with pytest.raises(DataError) as caught:
        municipal.parse(make_payload(plotted.read_bytes()[:cut], plotted.name), nowhere)
    assert caught.value.problems[0].code == "geojson.broken"
