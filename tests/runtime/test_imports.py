"""A town's own table: read from any of its files, columns guessed, nothing lost in silence."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pyogrio
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from hinomi.kernel.errors import DataError, InputError, MissingError
from hinomi.kernel.marking import OPERATOR, Status
from hinomi.kernel.reader import statuses
from hinomi.runtime import imports
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.imports import Plan
from hinomi.runtime.imports.values import moment
from hinomi.runtime.service import Service
from hinomi.stores.memory import MemoryStore

NOON = datetime(2026, 5, 1, 3, tzinfo=UTC)
HEADER = "No,施設名,緯度（10進）,経度（10進）,住 所,収容人数（人）,開設状況,避難者数（人）,備考"
TOWN = f"""{HEADER},洪水,担当
1,第一小学校,37.39,136.90,輪島市河井町1,屋内120人／屋外300人,開設中,３５人,体育館,○,佐藤
2,第二小学校,37.40,136.91,輪島市河井町2,約80人,未開設,,,×,鈴木
3,公民館,136.92,37.41,輪島市河井町3,50,開設,多数,,不明,
"""
PLAN = Plan(collection="response.shelters", source="輪島市")


def preview(data: bytes | str, name: str = "避難所.csv", plan: Plan = PLAN) -> imports.Preview:
    data = data if isinstance(data, bytes) else data.encode()
    return imports.preview(data, name, plan, default_catalog(), NOON)


def mapped(found: imports.Preview) -> dict[str, str]:
    return {column.name: column.property for column in found.columns}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_a_towns_own_column_names_are_recognised(encoding):
    found = preview(TOWN.encode(encoding))
    assert mapped(found) == {
        "No": "", "施設名": "name", "緯度（10進）": "latitude", "経度（10進）": "longitude",
        "住 所": "address", "収容人数（人）": "capacity", "開設状況": "state",
        "避難者数（人）": "people", "備考": "remarks", "洪水": "flood", "担当": "",
    }  # fmt: skip
    assert (found.rows, found.good, found.refused, found.missing) == (3, 2, 1, [])


@pytest.mark.parametrize("words", ["収容できる人数", "受け入れ可能人数", "定員（名）"])
def test_a_capacity_is_known_by_what_offices_call_it(words):
    found = preview(TOWN.replace("収容人数（人）", words))
    assert mapped(found)[words] == "capacity"


def test_the_preview_shows_what_was_said_beside_what_is_read():
    first, second, third = preview(TOWN).first
    assert first.said["避難者数（人）"] == "３５人"
    assert first.read["people"] == 35
    assert (first.read["capacity"], first.read["capacity_outdoor"]) == (120, 300)
    assert first.read["capacity_text"] == "屋内120人／屋外300人"
    assert (first.read["state"], second.read["state"]) == ("open", "closed")
    assert (first.read["flood"], second.read["flood"]) == (True, False)
    assert first.place == {"type": "Point", "coordinates": [136.9, 37.39]}
    assert third.read is None


def test_what_cannot_be_read_is_told_with_its_row_and_column():
    swapped = preview(TOWN).problems[0]
    assert (swapped.code, swapped.path) == ("import.place", "/row[4]")
    assert "入れ替わって" in swapped.text.ja
    odd = preview(TOWN.replace("３５人", "多数")).problems
    assert ("import.value", "/row[2]/避難者数（人）", "alarm", "多数") in {
        (p.code, p.path, p.grade, p.found) for p in odd
    }
    read = preview(TOWN.replace("３５人", "多数")).first[0].read
    assert "people" not in read


def test_what_a_person_says_of_a_column_goes_before_the_guess():
    plan = Plan(
        collection="response.shelters", source="輪島市",
        columns={"担当": "remarks", "備考": "", "住 所": "district"}, constants={"phone": "119"},
    )  # fmt: skip
    found = preview(TOWN, plan=plan)
    assert mapped(found)["担当"] == "remarks"
    assert mapped(found)["備考"] == ""
    read = found.first[0].read
    assert (read["remarks"], read["district"], read["phone"]) == ("佐藤", "輪島市河井町1", "119")


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"columns": {"ない列": "name"}}, MissingError),
        ({"columns": {"施設名": "nothing"}}, MissingError),
        ({"columns": {"施設名": "name", "担当": "name"}}, InputError),
        ({"constants": {"nothing": "1"}}, MissingError),
        ({"collection": "response.nothing"}, MissingError),
        ({"source": "municipal-shelters"}, InputError),
    ],
)
def test_a_plan_that_cannot_be_is_refused(change, error):
    plan = Plan(**{"collection": "response.shelters", "source": "x", **change})
    with pytest.raises(error):
        preview(TOWN, plan=plan)


def test_excel_with_a_title_above_the_header():
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["令和8年 避難所一覧（訓練用ではない）"])
    sheet.append([])
    for line in TOWN.splitlines():
        sheet.append(line.split(","))
    sheet["B5"] = "=1+1"
    out = io.BytesIO()
    book.save(out)
    found = preview(out.getvalue(), "一覧.xlsx")
    assert found.format == "Excel"
    assert mapped(found)["施設名"] == "name"
    assert found.first[0].row == 4
    assert found.first[0].read["name"] == "第一小学校"


def _shapefile(folder: Path, crs: str, points: list[tuple[float, float]], *, cpg: bool) -> bytes:
    """A town's Shapefile in Shift_JIS, with or without saying so."""
    path = folder / "hinan.shp"
    names = np.array(["第一小学校", "能登町役場"], object)
    pyogrio.raw.write(
        path, shapely.to_wkb(shapely.points(points)), [names], ["施設名"], crs=crs,
        geometry_type="Point", encoding="CP932",
    )  # fmt: skip
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for part in folder.glob("hinan.*"):
            if part.suffix != ".cpg" or cpg:
                archive.write(part, f"sub/{part.name}")
    return out.getvalue()


@pytest.mark.parametrize("cpg", [True, False])
@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:6675", "EPSG:3857"])
def test_a_shapefile_in_shift_jis_and_plane_coordinates(tmp_path, crs, cpg):
    """EPSG:6675 is 平面直角座標系第VII系 (JGD2011), Ishikawa's; PROJ is the reference."""
    move = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    points = [move.transform(136.9, 37.39), move.transform(137.1, 37.3)]
    found = preview(_shapefile(tmp_path, crs, points, cpg=cpg), "hinan.zip")
    assert (found.format, found.good) == ("Shapefile", 2)
    assert [row.read["name"] for row in found.first] == ["第一小学校", "能登町役場"]
    assert found.first[0].place["coordinates"] == pytest.approx([136.9, 37.39], abs=1e-7)


@pytest.mark.parametrize(
    ("driver", "end"), [("GPKG", "gpkg"), ("FlatGeobuf", "fgb"), ("KML", "kml")]
)
def test_map_files_keep_their_geometry(tmp_path, driver, end):
    path = tmp_path / f"a.{end}"
    area = shapely.box(136.9, 37.3, 137.0, 37.4)
    pyogrio.raw.write(
        path, shapely.to_wkb(np.array([area])), [np.array(["浸水域"], object)], ["Name"],
        crs="EPSG:4326", geometry_type="Polygon", driver=driver,
    )  # fmt: skip
    found = preview(path.read_bytes(), path.name)
    assert shapely.geometry.shape(found.first[0].place).equals(area)
    assert found.first[0].read["name"] == "浸水域"


def test_geojson_of_strangers_is_read_without_gdal():
    feature = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [136.9, 37.4]}}
    data = {"type": "FeatureCollection", "features": [
        {**feature, "id": 7, "properties": {"name": "x"}},
        {**feature, "properties": {"name": "y"}, "geometry": None},
        {**feature, "properties": None, "geometry": {"type": "Point", "coordinates": [999, 0]}},
    ]}  # fmt: skip
    found = preview(json.dumps(data), "a.geojson")
    assert (found.rows, found.without_place, found.good) == (3, 1, 2)
    assert found.first[0].read["id"] == "輪島市:7"


@pytest.mark.parametrize(
    "data",
    [
        b"", b"PK\x03\x04rubbish", b"<OGRVRTDataSource><OGRVRTLayer name='a'>"
        b"<SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>",
        b'{"type":"gdal_streamed_alg","command_line":"gdal vector pipeline ! read /etc/passwd"}',
        b"SQLite format 3\0" + bytes(100), b"fgb\x03fgb\0rubbish", b"\xd0\xcf\x11\xe0old excel",
        b"<kml>", b"only one column\n1\n", b'{"type":"FeatureCollection","features":3}',
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused_and_opens_nothing(data):
    with pytest.raises(DataError):
        preview(data)


def test_a_zip_with_a_virtual_file_beside_the_shapefile_reads_the_shapefile_only(tmp_path):
    data = io.BytesIO(_shapefile(tmp_path, "EPSG:4326", [(136.9, 37.4), (137, 37.4)], cpg=True))
    with zipfile.ZipFile(data, "a") as archive:
        archive.writestr("sub/aaa.vrt", "<OGRVRTDataSource/>")
        archive.writestr("../../evil.shp", b"rubbish")
    found = preview(data.getvalue(), "a.zip", Plan(
        collection="response.shelters", source="x", sheet="hinan"))  # fmt: skip
    assert found.good == 2


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_a_table_or_a_data_error(data):
    try:
        preview(data)
    except DataError as error:
        assert error.problems  # noqa: PT017 - either outcome is right


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=20))
def test_a_time_is_read_or_refused(text):
    try:
        assert moment(text).tzinfo is UTC
    except (InputError, OverflowError) as error:
        assert isinstance(error, InputError)  # noqa: PT017


class Town:
    def __init__(self) -> None:
        self.store = MemoryStore()
        self.service = Service(self.store, default_catalog(), now=lambda: NOON)

    def take(self, data: str, plan: Plan = PLAN, who: Any = OPERATOR) -> imports.Taken:
        return imports.take(
            data.encode(), "避難所.csv", plan, default_catalog(), NOON, by=who.name,
            keep=self.store.put_blob, append=lambda r: self.service.append(who, r),
        )  # fmt: skip

    def names(self, status: str = "actual") -> set[str]:
        reader = self.service.reader(OPERATOR, status=statuses(status))
        return {one.properties()["name"] for one in reader.every("response.shelters")}


def test_what_is_taken_leads_back_to_the_files_bytes_and_row():
    town = Town()
    taken = town.take(TOWN)
    assert (taken.new, taken.known, taken.refused) == (2, 0, 1)
    reader = town.service.reader(OPERATOR)
    found = next(s for s in reader.every("response.shelters") if "第一" in s.properties()["name"])
    ((origin, _),) = reader.trace(found.id).origins
    assert reader.blob(found, origin.digest) == TOWN.encode()
    assert (origin.address, origin.path, origin.entered_by) == ("避難所.csv", "/row[2]", "operator")
    assert found.source == "輪島市"


def test_the_same_file_again_is_known_and_a_corrected_one_replaces():
    town = Town()
    town.take(TOWN)
    assert (town.take(TOWN).new, town.take(TOWN).known) == (0, 2)
    later = Plan(
        collection=PLAN.collection, source=PLAN.source, said_at=datetime(2026, 5, 2, tzinfo=UTC)
    )
    town.take(TOWN.replace("３５人", "40人"), later)
    reader = town.service.reader(OPERATOR)
    people = [s.properties().get("people") for s in reader.every("response.shelters")]
    assert sorted(p for p in people if p) == [40]
    assert len(people) == 2


def test_a_drills_file_stays_in_the_drill():
    town = Town()
    town.take(TOWN, Plan(collection="response.shelters", source="訓練", status=Status.EXERCISE))
    assert town.names() == set()
    assert town.names("exercise") == {"第一小学校", "第二小学校"}


def test_a_file_of_which_nothing_can_be_taken_is_refused_and_not_kept():
    town = Town()
    with pytest.raises(DataError):
        town.take("施設名,緯度,経度\nあ,99,999\n")
    assert list(town.store.blobs()) == []


def test_a_real_list_of_a_town_is_read_whole(shared_data):
    path = shared_data / "exchange/noto-shelter-timeseries/reference_data.csv"
    found = preview(path.read_bytes(), path.name)
    assert (found.rows, found.good, found.without_place) == (112, 112, 0)
    names = mapped(found)
    assert names["想定収容人数"] == "capacity"
    assert names["所在地_全国地方公共団体コード"] == "municipality_code"
    assert found.first[0].read["municipality_code"] == "1720200"
    assert found.first[0].read["capacity"] == 191
