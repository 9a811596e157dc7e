"""Each information type: its collection both ways, and free layers in their sender's legend."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hinomi.domains.hazards.sip4d_table import WRITTEN
from hinomi.kernel.geometry import Geometry
from hinomi.kernel.marking import OPERATOR, Status
from hinomi.kernel.records import Interval, Record
from hinomi.runtime import exchange
from hinomi.standards import sip4d
from hinomi.standards.sip4d.rules import default_rules

PLACES: dict[str, Geometry] = {
    "": {"type": "Point", "coordinates": [136.96, 37.04]},
    "Point": {"type": "Point", "coordinates": [136.96, 37.04]},
    "LineString": {"type": "LineString", "coordinates": [[136.96, 37.04], [136.97, 37.05]]},
    "Polygon": {
        "type": "Polygon",
        "coordinates": [[[136.9, 37.0], [137, 37], [137, 37.1], [136.9, 37.0]]],
    },
}


def _cases() -> list[tuple[str, str, str]]:
    return [
        (kind.collection.id, geometry, code)
        for kind in exchange.kinds().values()
        for geometry, code in kind.codes.items()
        # What goes out only has tests of its own, of what it never becomes.
        if geometry in PLACES and kind not in WRITTEN
    ]


def _body(collection: Any) -> Any:
    """Return a body with every field that a package can carry."""
    kind = exchange.kinds()[collection.id]
    values: dict[str, Any] = {"municipality_code": "1720200", "municipality": "七尾市"}
    rules = default_rules().newest
    code = next(iter(kind.codes.values()))
    for name, field in kind.fields.items():
        attribute = rules.attributes(code)[name]
        if field in values:
            continue
        if attribute.words:
            back = {ident: ours for ours, ident in kind.words.get(name, {}).items()}
            values[field] = next(back.get(i, i) for i in attribute.words if not back or i in back)
        elif attribute.kind == "integer":
            values[field] = 3
        elif attribute.kind == "time":
            values[field] = "2026-05-20T00:00:00Z"
        else:
            values[field] = "あ" if "day" not in field else "2026-05-20"
    known = {f.name: f for f in msgspec.structs.fields(collection.schema)}
    extra = {
        n: 1 if n == "number" else "x" for n, f in known.items() if f.required and n not in values
    }
    values.pop("match_key", None)
    return msgspec.convert({**extra, **values}, collection.schema)


@pytest.mark.parametrize(
    ("collection", "geometry", "code"), _cases(), ids=[f"{c}-{g}" for c, _, g in _cases()]
)
def test_what_goes_out_in_a_type_comes_in_the_same(
    node: Any, collection: str, geometry: str, code: str
) -> None:
    of = node.catalog.collection(collection)
    body = _body(of)
    record = Record(
        collection=collection,
        key="k1",
        said_at=node.at,
        body=body,
        source="nanao-city",
        place=PLACES[geometry],
        when=Interval(datetime(2026, 5, 19, tzinfo=UTC), None),
    )
    node.writer.put([record])
    data = exchange.parcel(node.reader(), collection).data
    verdict = sip4d.check(data)
    assert verdict.conforms, verdict.problems
    assert verdict.code == code
    other = type(node)()
    other.wait(3600)
    report = other.intake.take(data, "x.zip", "x.zip", other.at)
    assert report.exit_code == 0, report.findings
    (found,) = other.reader().find(collection).items
    stated = {f: v for f, v in found.body().items() if f != "sent"}
    kept = msgspec.to_builtins(body)
    for field in exchange.kinds()[collection].fields.values():
        if field not in ("local_id", "municipality_code"):
            assert stated.get(field) == kept.get(field), field


def test_a_free_layer_is_drawn_as_its_sender_meant(shared_data: Path, node: Any) -> None:
    node.intake.ingest([shared_data / "exchange/sip4d-zip/052_20250801_0000000.zip"])
    reader = node.reader(OPERATOR, status=frozenset({Status.EXERCISE}))
    (layer,) = exchange.sent_layers(reader)
    assert (layer.shape, layer.title.ja) == ("area", "道路被害")
    assert [(c.value, c.colour) for c in layer.classes][:3] == [
        ("通行不能", "#c7161e"),
        ("制約あり(徒歩のみ可)", "#c7161e"),
        ("制約あり(バイクのみ可)", "#f08c11"),
    ]
    # A drill's legend is no part of the actual map, nor one for responders of everybody's.
    assert exchange.sent_layers(node.reader(OPERATOR)) == []
    assert exchange.sent_layers(node.reader(status=frozenset({Status.EXERCISE}))) == []
