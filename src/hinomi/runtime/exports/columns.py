"""Features as Arrow record batches: one column a property, the geometry as WKB, page by page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import shapely

from hinomi.kernel.collections import Collection
from hinomi.kernel.reader import Question, Reader
from hinomi.kernel.store import MAX_LIMIT

ENVELOPE = ("start", "end", "said_at", "recorded_at", "source", "status", "disclosure", "record")
GEOMETRY = "geometry"
ROWS_AT_ONCE = 5_000


class Columns:
    """The columns of a collection's files: ``id``, the body's, the envelope's, the geometry."""

    def __init__(self, of: Collection) -> None:
        simple = of.property_types()
        names = [f.encode_name for f in msgspec.structs.fields(of.schema)]
        self.kinds: dict[str, str] = {"id": "string"}
        self.kinds |= {name: simple.get(name, "json") for name in names}
        times = {"start", "end", "said_at", "recorded_at"}
        self.kinds |= {n: "time" if n in times else "string" for n in ENVELOPE}
        fields = [pa.field(name, _ARROW[kind]) for name, kind in self.kinds.items()]
        wkb = {"ARROW:extension:name": "geoarrow.wkb"}
        self.schema = pa.schema([*fields, pa.field(GEOMETRY, pa.binary(), metadata=wkb)])

    def batches(self, reader: Reader, collection: str, question: Question) -> Iterator[Any]:
        """Yield record batches of all that the question selects."""
        question = {**question, "limit": min(ROWS_AT_ONCE, MAX_LIMIT)}
        while True:
            page = reader.features(collection, **question)
            if page.items:
                yield self.batch(page.items)
            if page.next is None:
                return
            question["after"] = page.next

    def batch(self, features: Iterable[bytes]) -> Any:
        """Return stored features as one record batch."""
        read = [_decode(feature) for feature in features]
        columns = []
        for name, kind in self.kinds.items():
            make = _VALUES[kind]
            if name == "id":
                values = [feature.id for feature in read]
            else:
                values = [make(feature.properties.get(name)) for feature in read]
            columns.append(pa.array(values, _ARROW[kind]))
        outlines = [bytes(f.geometry) for f in read]
        shapes = shapely.from_geojson(
            np.array([None if o == b"null" else o for o in outlines], object)
        )
        columns.append(pa.array(shapely.to_wkb(shapes).tolist(), pa.binary()))
        return pa.RecordBatch.from_arrays(columns, schema=self.schema)


class _Feature(msgspec.Struct):
    id: str
    properties: dict[str, Any]
    geometry: msgspec.Raw


_decode = msgspec.json.Decoder(_Feature).decode


def _same(value: Any) -> Any:
    return value


def _time(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else str(value)


def _json(value: Any) -> str | None:
    return None if value is None else msgspec.json.encode(value).decode()


def _float(value: Any) -> float | None:
    return None if value is None else float(value)


_VALUES = {
    "string": _text, "number": _float, "integer": _same, "boolean": _same, "time": _time,
    "json": _json,
}  # fmt: skip
_ARROW = {
    "string": pa.string(), "number": pa.float64(), "integer": pa.int64(), "boolean": pa.bool_(),
    "time": pa.timestamp("ms", "UTC"), "json": pa.string(),
}  # fmt: skip
