"""Map files as tables. GDAL sees only what is of the kind that it was taken for.

GDAL opens whatever it recognises, some of which (VRT, GDALG) leads to other files and addresses:
so bytes of strangers are given to it under a plain name, of one of a few known formats.
"""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

from hinomi.kernel.errors import Problem
from hinomi.kernel.geometry import Geometry
from hinomi.runtime.imports.places import checked, places_of
from hinomi.runtime.imports.sheets import MOST_ROWS, Sheet, broken, cell_text

_EXTENSIONS = {"KML": "kml", "GeoPackage": "gpkg", "FlatGeobuf": "fgb"}
_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")


def shapefile(data: bytes, names: set[str], wanted: str) -> Sheet:
    """Return a ZIP's Shapefile (the one named, else the first) as a table."""
    found = sorted(name for name in names if name.lower().endswith(".shp"))
    if not found:
        raise broken("import.broken", "", ", ".join(sorted(names))[:60], ".shp .shx .dbf")
    chosen = next((n for n in found if wanted and PurePosixPath(n).stem == wanted), found[0])
    stem = chosen[:-4].lower()
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in names:
            part = name[-4:].lower()
            if part in _PARTS and name[:-4].lower() == stem:
                (Path(folder) / f"layer{part}").write_bytes(archive.read(name))
        path = Path(folder) / "layer.shp"
        return _read(path, "Shapefile", encoding=_encoding(Path(folder)))


def _encoding(folder: Path) -> str | None:
    """Return a Shapefile's encoding where it does not say it: UTF-8 if it is, else Shift_JIS."""
    table = folder / "layer.dbf"
    if (folder / "layer.cpg").exists() or not table.exists():
        return None
    content = table.read_bytes()
    # A text that is cut inside a letter is wrong in either: the one that fits more of it wins.
    faults = {name: content.decode(name, "replace").count("\ufffd") for name in ("utf-8", "cp932")}
    return "CP932" if faults["cp932"] < faults["utf-8"] else "UTF-8"


def by_gdal(data: bytes, format_: str, layer: str = "") -> Sheet:
    """Return a KML, GeoPackage or FlatGeobuf as a table."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"file.{_EXTENSIONS[format_]}"
        path.write_bytes(data)
        return _read(path, format_, layer=layer)


def _read(path: Path, format_: str, *, encoding: str | None = None, layer: str = "") -> Sheet:
    import pyogrio  # noqa: PLC0415 - GDAL is loaded only where it is asked for

    try:
        layers = [str(name) for name in pyogrio.list_layers(path)[:, 0]]
        if layer and layer not in layers:
            raise broken("import.no-sheet", "", layer, ", ".join(layers))
        meta, fids, geometry, columns = pyogrio.raw.read(
            path, layer=layer or layers[0], encoding=encoding, return_fids=True,
            max_features=MOST_ROWS + 1, force_2d=True, datetime_as_string=True,
        )  # fmt: skip
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, IndexError) as error:
        text = str(error).replace(str(path), path.name)[:100]
        raise broken("import.broken", "", text, "a map file or a table") from None
    names = [str(name) for name in meta["fields"]]
    texts = [[cell_text(_native(value)) for value in column] for column in columns]
    rows = [
        (int(fids[n]), {name: column[n] for name, column in zip(names, texts, strict=True)})
        for n in range(len(fids))
    ]
    problems: list[Problem] = []
    places = None if geometry is None else places_of(geometry, meta["crs"], problems)
    return Sheet(format=format_, columns=names, rows=rows, places=places, problems=problems)


def _native(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value


class _Feature(msgspec.Struct):
    properties: dict[str, Any] | None = None
    geometry: Any = None
    id: Any = None


class _Collection(msgspec.Struct):
    type: str
    features: list[_Feature] = []


def geojson(data: bytes) -> Sheet:
    """Return a GeoJSON FeatureCollection as a table; its ids are the column ``id``."""
    try:
        found = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"), type=_Collection)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise broken("import.broken", "", str(error)[:100], "a GeoJSON FeatureCollection") from None
    if found.type != "FeatureCollection":
        raise broken("import.broken", "/type", found.type[:60], "FeatureCollection")
    problems: list[Problem] = []
    rows: list[tuple[int, dict[str, str]]] = []
    places: list[Geometry | None] = []
    columns: dict[str, None] = {}
    for n, feature in enumerate(found.features, 1):
        own = {} if feature.id is None else {"id": feature.id}
        cells = {k: _json_cell(v) for k, v in (own | (feature.properties or {})).items()}
        columns |= dict.fromkeys(cells)
        rows.append((n, cells))
        places.append(checked(feature.geometry, n, problems))
    return Sheet(
        format="GeoJSON", columns=list(columns), rows=rows, places=places, problems=problems
    )


def _json_cell(value: Any) -> str:
    if isinstance(value, list | dict):
        return msgspec.json.encode(value).decode()
    return cell_text(value)
