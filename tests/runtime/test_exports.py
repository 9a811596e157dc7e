"""Exported files, read by other software: all rows, their notes, and nothing that is hidden."""

from __future__ import annotations

import csv
import gzip
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import msgspec
import openpyxl
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
from pmtiles.reader import MmapSource
from pmtiles.reader import Reader as PmtilesReader

from hinomi.kernel.catalog import Catalog
from hinomi.kernel.collections import Collection
from hinomi.kernel.errors import InputError, MissingError, Text
from hinomi.kernel.geometry import point
from hinomi.kernel.marking import ANONYMOUS, OPERATOR, Disclosure, Marking, Status
from hinomi.kernel.ports import Domain
from hinomi.kernel.reader import statuses
from hinomi.kernel.records import Record
from hinomi.runtime.exports import FORMATS, export, file_name, notes_of
from hinomi.runtime.service import Service
from hinomi.stores.memory import MemoryStore

NOON = datetime(2026, 5, 1, 3, tzinfo=UTC)
AREA = {"type": "Polygon", "coordinates": [[[139, 35], [140, 35], [140, 36], [139, 35]]]}


class Place(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    people: int | None = None
    height_m: float | None = None
    open: bool | None = None
    checked_at: datetime | None = None
    tags: tuple[str, ...] = ()


PLACES = Collection(
    id="town.places", title=Text("場所", "Places"), text=Text("町の場所", "The town's places"),
    schema=Place, licence="CC-BY-4.0",
)  # fmt: skip
CATALOG = Catalog([Domain(id="town", title=Text("町", "Town"), collections=(PLACES,))])


def _record(key: str, place: Any = None, marking: Marking = Marking(), **body: Any) -> Record:  # noqa: B008
    return Record(
        collection=PLACES.id, key=key, said_at=NOON, body=Place(**{"name": key, **body}),
        source="town", place=place, marking=marking,
    )  # fmt: skip


@pytest.fixture
def service() -> Service:
    store = MemoryStore()
    full = {"people": 12, "height_m": 3.5, "open": True, "checked_at": NOON, "tags": ("a", "b")}
    store.put(
        [
            _record("school1", point(139.5, 35.5), name="第一小学校", **full),
            _record("area", AREA, name="=1+1"),
            _record("nowhere", None, name="髙森🏠" + "長" * 200),
            _record("drill", point(139.5, 35.5), Marking(Status.EXERCISE), name="訓練の避難所"),
            _record("secret", point(139.5, 35.5), Marking(disclosure=Disclosure.AMBER)),
        ],
        at=NOON,
    )
    return Service(store, CATALOG)


def write(service: Service, folder: Path, form: str, status: str = "actual", who=ANONYMOUS) -> Path:
    reader = service.reader(who, status=statuses(status))
    notes = notes_of(service, reader, PLACES, NOON, "ja")
    path = folder / file_name(notes, form)
    export(form, path, reader=reader, catalog=CATALOG, question={}, notes=notes)
    return path


def _gdal(path: Path | str) -> dict[str, dict[str, Any]]:
    """Read any vector file with GDAL: rows by id, ``shape`` beside the attributes."""
    meta, _, geometry, columns = pyogrio.raw.read(path)
    rows = {}
    names = [str(name).lower() for name in meta["fields"]]
    for n, wkb in enumerate(geometry):
        row = dict(zip(names, (c[n] for c in columns), strict=True))
        rows[row["id"]] = {**row, "shape": None if wkb is None else shapely.from_wkb(wkb)}
    return rows


@pytest.mark.parametrize("form", ["gpkg", "fgb", "geojson", "kml"])
def test_gdal_reads_every_row_with_its_types(service, tmp_path, form):
    rows = _gdal(write(service, tmp_path, form))
    assert set(rows) == {"school1", "area", "nowhere"}
    full = rows["school1"]
    assert (full["name"], int(full["people"]), float(full["height_m"]), bool(full["open"])) == (
        "第一小学校", 12, 3.5, True,
    )  # fmt: skip
    assert json.loads(full["tags"]) == ["a", "b"]
    assert full["shape"].equals_exact(shapely.Point(139.5, 35.5), 1e-9)
    assert rows["area"]["shape"].equals(shapely.geometry.shape(AREA))
    assert rows["nowhere"]["shape"] is None or rows["nowhere"]["shape"].is_empty
    assert rows["nowhere"]["name"].startswith("髙森🏠")


def test_a_geopackage_says_what_it_is(service, tmp_path):
    path = write(service, tmp_path, "gpkg", "exercise")
    info = pyogrio.read_info(path)
    assert "訓練" in path.name
    assert "訓練" in info["layer_name"]
    assert info["crs"] == "EPSG:4326"
    assert info["layer_metadata"]["STATUS"] == "exercise (訓練)"
    assert info["layer_metadata"]["LICENSE"] == "CC-BY-4.0"
    assert info["layer_metadata"]["TITLE"] == "【訓練】場所"
    assert set(_gdal(path)) == {"drill"}


def test_geoparquet_is_read_by_arrow_with_its_metadata(service, tmp_path):
    table = pq.read_table(write(service, tmp_path, "parquet"))
    geo = json.loads(table.schema.metadata[b"geo"])
    assert (geo["version"], geo["columns"]["geometry"]["encoding"]) == ("1.1.0", "WKB")
    assert json.loads(table.schema.metadata[b"hinomi"])["license"] == "CC-BY-4.0"
    rows = {row["id"]: row for row in table.to_pylist()}
    assert rows["school1"]["checked_at"] == NOON
    assert shapely.from_wkb(rows["school1"]["geometry"]).x == 139.5
    assert rows["nowhere"]["geometry"] is None


def test_a_csv_opens_in_excel_and_runs_nothing(service, tmp_path):
    path = write(service, tmp_path, "csv")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as text:
        rows = {row["id"]: row for row in csv.DictReader(text)}
    assert rows["area"]["name"] == "'=1+1"
    assert (rows["school1"]["longitude"], rows["school1"]["latitude"]) == ("139.5", "35.5")
    assert rows["area"]["geometry"].startswith("POLYGON")
    assert rows["school1"]["checked_at"] == "2026-05-01T12:00:00+09:00"
    beside = json.loads(path.with_name(f"{path.name}-metadata.json").read_text())
    assert beside["dc:license"] == "CC-BY-4.0"


def test_excel_has_the_rows_and_a_sheet_that_explains_them(service, tmp_path):
    book = openpyxl.load_workbook(write(service, tmp_path, "xlsx", "exercise"))
    data, about = book.worksheets
    assert data.title == "訓練データ"
    assert book.properties.title == "【訓練】場所"
    notes = {row[0]: row[1] for row in about.iter_rows(values_only=True)}
    assert notes["STATUS"] == "exercise (訓練)"
    head, *rows = data.iter_rows(values_only=True)
    assert [row[head.index("id")] for row in rows] == ["drill"]
    book = openpyxl.load_workbook(write(service, tmp_path, "xlsx"))
    cells = {row[0].value: row for row in book.worksheets[0].iter_rows(min_row=2)}
    assert (cells["area"][1].value, cells["area"][1].data_type) == ("=1+1", "s")
    assert cells["school1"][head.index("checked_at")].value == datetime(2026, 5, 1, 12)  # noqa: DTZ001 - Excel has no zones


def test_a_shapefile_is_shift_jis_and_owns_up_to_what_it_cannot_hold(service, tmp_path):
    path = write(service, tmp_path, "zip")
    points = _gdal(f"/vsizip/{path}/town_places_point.shp")
    areas = _gdal(f"/vsizip/{path}/town_places_area.shp")
    assert set(points) == {"school1"}
    assert set(areas) == {"area"}
    assert points["school1"]["name"] == "第一小学校"
    with zipfile.ZipFile(path) as archive:
        assert archive.read("town_places_point.cpg").decode().upper() in {"CP932", "SHIFT_JIS"}
        assert "第一小学校".encode("cp932") in archive.read("town_places_point.dbf")
        readme = archive.read("README.txt").decode("utf-8-sig")
    assert "left out for want of one geometry: 1" in readme
    assert "LICENSE: CC-BY-4.0" in readme


def test_pmtiles_is_read_by_protomaps_and_by_gdal(service, tmp_path):
    path = write(service, tmp_path, "pmtiles")
    with path.open("rb") as file:
        theirs = PmtilesReader(MmapSource(file))
        header, metadata = theirs.header(), theirs.metadata()
        tile = mapbox_vector_tile.decode(gzip.decompress(theirs.get(0, 0, 0)))
        deep = theirs.get(header["max_zoom"], 0, 0)
    ids = {f["properties"]["id"] for f in tile["town.places"]["features"]}
    assert ids == {"school1", "area"}
    assert deep is None
    assert (metadata["license"], metadata["status"]) == ("CC-BY-4.0", "actual")
    assert header["min_lon_e7"] / 1e7 == pytest.approx(139, abs=0.001)
    rows = _gdal(path)
    assert set(rows) == {"school1", "area"}


@pytest.mark.parametrize("form", FORMATS)
def test_drills_and_restricted_things_are_in_no_file_of_others(service, tmp_path, form):
    for status, who, expected, hidden in (
        ("actual", ANONYMOUS, "school1", ("drill", "secret", "訓練の避難所")),
        ("exercise", ANONYMOUS, "drill", ("school1", "secret", "第一小学校")),
        ("test", OPERATOR, "", ("school1", "drill", "secret")),
        ("actual", OPERATOR, "secret", ("drill", "訓練の避難所")),
    ):
        path = write(service, tmp_path, form, status, who)
        data = _all_bytes(path)
        assert expected.encode() in data
        for word in hidden:
            assert word.encode() not in data
            assert word.encode("cp932") not in data
        assert ("訓練" in path.name) == (status == "exercise")
        assert ("試験" in path.name) == (status == "test")


def _all_bytes(path: Path) -> bytes:
    """The file's bytes, unpacked where it is packed."""
    data = path.read_bytes()
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            return b"".join(archive.read(name) for name in archive.namelist())
    if path.suffix == ".parquet":
        return json.dumps(pq.read_table(path).to_pylist(), default=str, ensure_ascii=False).encode()
    if path.suffix == ".pmtiles":
        with path.open("rb") as file:
            return gzip.decompress(PmtilesReader(MmapSource(file)).get(0, 0, 0))
    return data


def test_a_file_holds_one_status(service):
    reader = service.reader(OPERATOR, status=statuses("any"))
    with pytest.raises(InputError):
        notes_of(service, reader, PLACES, NOON, "ja")


def test_an_unknown_format_names_the_nearest(service, tmp_path):
    with pytest.raises(MissingError, match="gpkg"):
        write(service, tmp_path, "gpkgx")
