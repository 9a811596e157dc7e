"""Each format's writer: record batches in, one file out, the notes in the place the format has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

from hinomi.kernel.catalog import Catalog
from hinomi.kernel.errors import MissingError, Text, UnavailableError
from hinomi.kernel.reader import Question, Reader
from hinomi.runtime.exports.notes import Notes

CRS84 = "OGC:CRS84"
WGS84 = "EPSG:4326"


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be written: the view, the question and the notes."""

    reader: Reader
    catalog: Catalog
    question: Question
    notes: Notes

    def columns(self) -> Any:
        """Return the collection's columns."""
        from hinomi.runtime.exports.columns import Columns  # noqa: PLC0415 - Arrow is heavy

        return Columns(self.catalog.collection(self.notes.collection))

    def batches(self) -> Iterator[Any]:
        """Yield the rows as Arrow record batches."""
        found: Iterator[Any] = self.columns().batches(
            self.reader, self.notes.collection, self.question
        )
        return found

    def arrow(self) -> Any:
        """Return the rows as an Arrow stream."""
        import pyarrow as pa  # noqa: PLC0415 - heavy

        return pa.RecordBatchReader.from_batches(self.columns().schema, self.batches())


Write: TypeAlias = Callable[[Job, Path], None]


class Format(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of file."""

    extension: str
    title: str
    media_type: str
    write: Write


def export(
    name: str, target: Path, *, reader: Reader, catalog: Catalog, question: Question, notes: Notes
) -> None:
    """Write what a question selects to a file.

    Raises:
        MissingError: no such format.
        UnavailableError: the libraries of the extra ``formats`` are not installed.
    """
    job = Job(reader=reader.at(reader.position()), catalog=catalog, question=question, notes=notes)
    try:
        format_of(name).write(job, target)
    except ModuleNotFoundError as error:
        raise UnavailableError(
            f"{error.name} is not installed: pip install 'hinomi[formats]'.",
            f"{error.name}がありません: pip install 'hinomi[formats]'",
        ) from None


def format_of(name: str) -> Format:
    """Return a format by its extension; a Shapefile, of many files, is a ``zip``."""
    name = _OTHER_NAMES.get(name.lower(), name.lower())
    if name not in FORMATS:
        raise MissingError(Text("ファイル形式", "file format"), name, FORMATS)
    return FORMATS[name]


_OTHER_NAMES = {"json": "geojson", "shp": "zip", "geoparquet": "parquet"}


def _geojson(job: Job, target: Path) -> None:
    notes = msgspec.json.encode({k.lower(): v for k, v in job.notes.fields().items()})
    name = msgspec.json.encode(job.notes.title)
    after: str | None = None
    first = True
    with target.open("wb") as out:
        out.write(
            b'{"type":"FeatureCollection","name":%b,"metadata":%b,"features":[' % (name, notes)
        )
        while True:
            question: Question = {**job.question, "limit": 5_000, "after": after}
            page = job.reader.features(job.notes.collection, **question)
            if page.items:
                out.write((b"\n" if first else b",\n") + b",\n".join(page.items))
                first = False
            if page.next is None:
                break
            after = page.next
        out.write(b"\n]}\n")


def _vector(driver: str) -> Write:
    def write(job: Job, target: Path) -> None:
        import pyogrio  # noqa: PLC0415 - GDAL is loaded only where it is asked for

        fields = job.notes.fields()
        layer, options = _options(driver, job.notes)
        metadata = {"dataset_metadata": fields, "layer_metadata": fields}
        target.unlink(missing_ok=True)
        pyogrio.write_arrow(
            job.arrow(), target, layer=layer, driver=driver, geometry_name="geometry",
            geometry_type="Unknown", crs=WGS84, layer_options=options,
            **(metadata if driver == "GPKG" else {}),
        )  # fmt: skip

    return write


def _options(driver: str, notes: Notes) -> tuple[str, dict[str, str]]:
    """Return the layer's name and options; a drill's name says so where people see only that."""
    told = "; ".join(f"{k}: {v}" for k, v in notes.fields().items() if k != "TITLE")
    layer = f"{notes.word}{'_' if notes.word else ''}{notes.collection.replace('.', '_')}"
    if driver == "GPKG":
        return layer, {"IDENTIFIER": notes.title, "DESCRIPTION": told, "GEOMETRY_NAME": "geometry"}
    if driver == "FlatGeobuf":
        # An index leaves out what has no place; order is kept and nothing is lost without one.
        return layer, {"TITLE": notes.title, "DESCRIPTION": told, "SPATIAL_INDEX": "NO"}
    return layer, {"NAME": notes.title, "DESCRIPTION": told}


def _parquet(job: Job, target: Path) -> None:
    """Write GeoParquet 1.1 (https://geoparquet.org/releases/v1.1.0/)."""
    import pyarrow.parquet as pq  # noqa: PLC0415 - heavy

    geo = {
        "version": "1.1.0",
        "primary_column": "geometry",
        # Without "crs" it is OGC:CRS84.
        "columns": {"geometry": {"encoding": "WKB", "geometry_types": []}},
    }
    told = {k.lower(): v for k, v in job.notes.fields().items()}
    columns = job.columns()
    place = columns.schema.get_field_index("geometry")
    plain = columns.schema.field("geometry").remove_metadata()
    schema = columns.schema.set(place, plain).with_metadata(
        {"geo": msgspec.json.encode(geo), "hinomi": msgspec.json.encode(told)}
    )
    with pq.ParquetWriter(target, schema, compression="zstd") as writer:
        for batch in job.batches():
            writer.write_batch(batch.cast(schema))


def _csv(job: Job, target: Path) -> None:
    from hinomi.runtime.exports import tables  # noqa: PLC0415 - heavy

    tables.write_csv(job.columns(), job.batches(), job.notes, target)


def _xlsx(job: Job, target: Path) -> None:
    from hinomi.runtime.exports import tables  # noqa: PLC0415 - heavy

    tables.write_xlsx(job.columns(), job.batches(), job.notes, target)


def _shapefile(job: Job, target: Path) -> None:
    from hinomi.runtime.exports import shapefile  # noqa: PLC0415 - heavy

    shapefile.write(job.columns(), job.batches, job.notes, target)


def _pmtiles(job: Job, target: Path) -> None:
    from hinomi.runtime.exports import pmtiles  # noqa: PLC0415 - heavy

    pmtiles.write(job.reader, job.catalog, job.question.get("filter"), job.notes, target)


FORMATS = {
    one.extension: one
    for one in (
        Format(extension="geojson", title="GeoJSON", media_type="application/geo+json",
               write=_geojson),
        Format(extension="gpkg", title="GeoPackage",
               media_type="application/geopackage+sqlite3", write=_vector("GPKG")),
        Format(extension="fgb", title="FlatGeobuf", media_type="application/flatgeobuf",
               write=_vector("FlatGeobuf")),
        Format(extension="parquet", title="GeoParquet",
               media_type="application/vnd.apache.parquet", write=_parquet),
        Format(extension="csv", title="CSV", media_type="text/csv; charset=utf-8", write=_csv),
        Format(extension="xlsx", title="Excel", write=_xlsx, media_type=
               "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        Format(extension="kml", title="KML", media_type="application/vnd.google-earth.kml+xml",
               write=_vector("LIBKML")),
        Format(extension="zip", title="Shapefile (Shift_JIS)", media_type="application/zip",
               write=_shapefile),
        Format(extension="pmtiles", title="PMTiles", media_type="application/vnd.pmtiles",
               write=_pmtiles),
    )
}  # fmt: skip
"""By extension, the first in the order that people are offered them."""
