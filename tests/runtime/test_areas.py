"""Boundaries become areas, and the gazetteer finds them by code and day."""

from __future__ import annotations

import json
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from shapely.geometry import mapping, shape
from shapely.geometry.polygon import Polygon

from hinomi.kernel.errors import DataError, MissingError
from hinomi.kernel.geometry import check_geometry
from hinomi.kernel.marking import Marking, Status
from hinomi.runtime.areas import StoreGazetteer, shapes
from hinomi.runtime.areas.boundaries import Boundaries, read_boundaries
from hinomi.stores.memory import MemoryStore

NOW = datetime(2026, 6, 1, tzinfo=UTC)
TODAY = date(2026, 6, 1)


def box(west: float, south: float, size: float = 0.1) -> dict[str, Any]:
    ring = [
        [west, south],
        [west + size, south],
        [west + size, south + size],
        [west, south + size],
        [west, south],
    ]
    return {"type": "Polygon", "coordinates": [ring]}


def town(code: str, name: str, geometry: Any, **more: Any) -> dict[str, Any]:
    properties = {"N03_001": "石川県", "N03_004": name, "N03_007": code, **more}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def write(path: Path, *features: Any) -> Path:
    path.write_text(json.dumps({"type": "FeatureCollection", "features": list(features)}))
    return path


def stored(boundaries: Boundaries) -> tuple[MemoryStore, StoreGazetteer]:
    store = MemoryStore()
    store.put(boundaries.records, at=NOW)
    return store, StoreGazetteer(store)


@pytest.fixture(scope="module")
def nation(shared_data: Path) -> Boundaries:
    folder = shared_data / "exchange/boundaries"
    return read_boundaries(folder / "N03-21_210101_municipalities_s0001.json")


def test_the_nations_file_gives_every_kind_of_area(nation: Boundaries) -> None:
    # 1,897 features: three of no municipality; 175 wards that make 20 cities of no own polygon.
    assert nation.counts["ward"] == 175
    assert nation.counts["municipality"] == 1_894 - 175 + 20
    assert nation.counts["office"] == 58
    assert {r.body.edition for r in nation.records} == {"2021-01-01"}
    assert [p.code for p in nation.problems if p.grade == "error"] == []
    assert sum(p.code == "n03.unassigned" for p in nation.problems) == 3
    for record in nation.records:
        check_geometry(record.place)
        assert shape(record.place).is_valid, record.key


def test_what_the_file_leaves_out_is_told_by_name(nation: Boundaries) -> None:
    missing = [p for p in nation.problems if p.code == "areas.missing"]
    assert len(missing) == 1
    assert "青ヶ島村(1340200)" in missing[0].text.ja
    izu = next(r for r in nation.records if r.key == "130030")
    assert izu.body.missing == ("1340200",)
    assert izu.body.approximate


def test_forecast_areas_are_the_ground_of_their_municipalities(nation: Boundaries) -> None:
    by_key = {r.key: r for r in nation.records}
    noto = shape(by_key["170022"].place)
    assert noto.contains(shape(by_key["1720200"].place).representative_point())
    assert not noto.contains(shape(by_key["1720100"].place).representative_point())
    whole = sum(shape(by_key[code].place).area for code in ("170010", "170020"))
    assert shape(by_key["170000"].place).area == pytest.approx(whole)
    city, wards = (
        by_key["0110000"],
        [k for k in by_key if len(k) == 7 and "0110100" <= k <= "0111000"],
    )
    assert city.body.members == len(wards) == 10
    assert city.body.kind == "municipality"
    assert by_key["0110100"].body.municipality_code == "0110000"


def test_a_municipality_knows_what_it_lies_in(nation: Boundaries) -> None:
    nanao = next(r for r in nation.records if r.key == "1720200").body
    assert (nanao.group_code, nanao.primary_code, nanao.office_code, nanao.seismic_code) == (
        "170022",
        "170020",
        "170000",
        "390",
    )
    assert (nanao.name_en, nanao.prefecture) == ("Nanao City", "石川県")


def test_the_gazetteer_finds_parts_successors_and_seismic_areas(nation: Boundaries) -> None:
    _, gazetteer = stored(nation)
    assert gazetteer.place("1720200", TODAY) is not None
    # JMA divides 五條市; the whole city stands for its parts.
    assert gazetteer.place("2920701", TODAY) == gazetteer.place("2920700", TODAY) is not None
    # 那珂川町 has been 那珂川市 since October 2018.
    assert gazetteer.place("4030500", date(2010, 1, 1)) == gazetteer.place("4023100", TODAY)
    assert gazetteer.place("4023100", date(2010, 1, 1)) is None
    assert gazetteer.place("390", TODAY) == gazetteer.place("seismic-390", TODAY) is not None
    assert gazetteer.knows("seismic-390", TODAY)
    assert not gazetteer.knows("volcano-390", TODAY)
    # 仙台市青葉区東部 of 土砂災害警戒情報 lies in the ward.
    assert gazetteer.place("0410101", TODAY) == gazetteer.place("0410100", TODAY) is not None
    assert gazetteer.knows("1336200", TODAY)
    assert gazetteer.place("1336200", TODAY) is None
    assert not gazetteer.knows("9999999", TODAY)


def test_the_gazetteer_sees_an_import_and_does_not_read_again_without_one(tmp_path: Path) -> None:
    store = MemoryStore()
    gazetteer = StoreGazetteer(store)
    assert gazetteer.place("1720200", TODAY) is None
    first = write(tmp_path / "N03-20200101.json", town("17202", "七尾市", box(136.9, 37.0)))
    store.put(read_boundaries(first).records, at=NOW)
    before = gazetteer.place("1720200", TODAY)
    assert before is not None
    assert gazetteer.place("1720200", TODAY) is before
    newer = write(tmp_path / "N03-20240101.json", town("17202", "七尾市", box(136.9, 37.1)))
    store.put(read_boundaries(newer).records, at=NOW)
    after = gazetteer.place("1720200", TODAY)
    assert after is not None
    assert after != before


def test_an_older_edition_does_not_win_over_a_newer_one(tmp_path: Path) -> None:
    store = MemoryStore()
    for name, south in (("N03-20240101.json", 37.1), ("N03-20210101.json", 37.0)):
        path = write(tmp_path / name, town("17202", "七尾市", box(136.9, south)))
        store.put(read_boundaries(path).records, at=NOW)
    place = StoreGazetteer(store).place("1720200", TODAY)
    assert shape(place).bounds[1] == pytest.approx(37.1)


def test_many_polygons_of_one_code_become_one_area(tmp_path: Path) -> None:
    islands = [town("17202", "七尾市", box(136.9 + n * 0.2, 37.0)) for n in range(5)]
    records = read_boundaries(write(tmp_path / "a.json", *islands)).records
    nanao = next(r for r in records if r.key == "1720200")
    assert len(nanao.place["coordinates"]) == 5


def test_a_ring_that_crosses_itself_is_mended(tmp_path: Path) -> None:
    bow = [[136.0, 36.0], [137.0, 37.0], [137.0, 36.0], [136.0, 37.0], [136.0, 36.0]]
    path = write(
        tmp_path / "a.json",
        town("17202", "七尾市", {"type": "Polygon", "coordinates": [bow]}),
    )
    nanao = next(r for r in read_boundaries(path).records if r.key == "1720200")
    assert shape(nanao.place).is_valid
    assert shape(nanao.place).area == pytest.approx(0.5)


def test_a_boundary_without_area_is_refused_and_the_rest_goes_on(tmp_path: Path) -> None:
    line = [[136.0, 36.0], [136.5, 36.5], [137.0, 37.0], [136.0, 36.0]]
    path = write(
        tmp_path / "a.json",
        town("17201", "金沢市", {"type": "Polygon", "coordinates": [line]}),
        town("17202", "七尾市", box(136.9, 37.0)),
    )
    read = read_boundaries(path)
    assert "1720200" in {r.key for r in read.records}
    assert "1720100" not in {r.key for r in read.records}
    assert [p.path for p in read.problems if p.code == "areas.no-area"] == ["/features[0]"]


def test_heavy_boundaries_are_thinned_and_neighbours_still_touch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shapes, "HEAVY_POSITIONS", 500)
    shared = [(136.5 + (n % 2) * 1e-5, 36.0 + n * 0.001) for n in range(1_001)]
    west = Polygon([(136.0, 36.0), *shared, (136.0, 37.0)])
    east = Polygon([(137.0, 36.0), (137.0, 37.0), *reversed(shared)])
    path = write(
        tmp_path / "a.json",
        town("17202", "七尾市", mapping(west)),
        town("17201", "金沢市", mapping(east)),
    )
    found = {r.key: shape(r.place) for r in read_boundaries(path).records}
    assert len(found["1720200"].exterior.coords) < 50
    assert found["1720200"].intersection(found["1720100"]).area == 0
    assert found["1720200"].union(found["1720100"]).geom_type == "Polygon"


def test_a_fictional_prefecture_is_imported_as_exercise(tmp_path: Path) -> None:
    feature = town("98201", "望楼市", box(139.2, 31.5), N03_001="火の見県")
    path = write(tmp_path / "drill.json", feature)
    exercise = Marking(Status.EXERCISE)
    read = read_boundaries(path, source="drill", marking=exercise)
    record = read.records[0]
    assert (record.key, record.body.name, record.body.prefecture) == (
        "9820100",
        "望楼市",
        "火の見県",
    )
    assert record.marking == exercise
    assert [p.code for p in read.problems] == ["areas.unknown-code"]
    _, gazetteer = stored(read)
    assert gazetteer.knows("9820100", TODAY)
    assert gazetteer.place("9820100", TODAY) is not None


def test_a_file_that_is_not_there_or_no_boundary_is_named(tmp_path: Path) -> None:
    write(tmp_path / "N03-a.json", town("17202", "七尾市", box(136.9, 37.0)))
    with pytest.raises(MissingError, match=r"N03-a\.json"):
        read_boundaries(tmp_path / "N03-b.json")
    (tmp_path / "c.json").write_text("{}")
    with pytest.raises(DataError):
        read_boundaries(tmp_path / "c.json")


@pytest.mark.slow
def test_the_nation_is_imported_in_seconds(shared_data: Path) -> None:
    folder = shared_data / "exchange/boundaries"
    started = time.perf_counter()
    read_boundaries(folder / "N03-21_210101_municipalities_s0001.json")
    assert time.perf_counter() - started < 10  # 0.6 s on an idle core
