"""Collections and the catalogue: what is listed, looked up and refused."""

from datetime import datetime
from typing import Any

import msgspec
import pytest

from hinomi.kernel.catalog import Catalog
from hinomi.kernel.collections import Collection
from hinomi.kernel.errors import MissingError, Text
from hinomi.kernel.ports import Domain, Model, Parsed, Playbook, Product, Source


class Inner(msgspec.Struct):
    x: int


class Body(msgspec.Struct):
    name: str
    depth_m: float | int
    count: int
    closed: bool
    at: datetime | None
    either: int | str
    parts: list[Inner]


TEXT = Text("試験", "test")


def collection(name: str = "test.a", schema: type[msgspec.Struct] = Body) -> Collection:
    return Collection(id=name, title=TEXT, text=TEXT, schema=schema, licence="CC0-1.0")


def source(**changes: Any) -> Source:
    given = {
        "id": "s",
        "title": TEXT,
        "gives": ("test.a",),
        "licence": "CC0-1.0",
        "reference": "",
        "detect": lambda _: False,
        "parse": lambda *_: Parsed(),
    }
    return Source(**{**given, **changes})


def test_simple_fields_are_filterable_and_the_rest_is_served() -> None:
    assert collection().property_types() == {
        "name": "string",
        "depth_m": "number",
        "count": "integer",
        "closed": "boolean",
        "at": "time",
    }


def test_a_schema_is_self_contained() -> None:
    schema = collection().json_schema()
    assert schema["properties"]["name"] == {"type": "string"}
    assert list(schema["$defs"]) == ["Inner"]


def test_names_are_looked_up_and_the_nearest_given() -> None:
    catalog = Catalog(
        [Domain(id="d", title=TEXT, collections=(collection(),), sources=(source(),))]
    )
    assert catalog.collection("test.a").id == "test.a"
    with pytest.raises(MissingError) as failure:
        catalog.collection("test.b")
    assert failure.value.nearest == ["test.a"]
    assert "test.a" in failure.value.text.to("ja-JP")


def test_two_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="Two adapters"):
        Catalog([Domain(id="d", title=TEXT, collections=(collection(), collection()))])


ADAPTERS: dict[str, dict[str, Any]] = {
    "sources": {"sources": (source(gives=("nowhere",)),)},
    "models": {
        "models": (
            Model(
                id="m",
                title=TEXT,
                version="1",
                needs=("nowhere",),
                gives=(),
                predict=lambda *_: Parsed(),
                reference="",
                limits=TEXT,
            ),
        )
    },
    "playbooks": {
        "playbooks": (
            Playbook(id="p", title=TEXT, needs=("nowhere",), gives=(), advise=lambda _: Parsed()),
        )
    },
    "products": {
        "products": (
            Product(id="p", title=TEXT, needs=("nowhere",), media_type="x/y", render=lambda *_: ()),
        )
    },
}


@pytest.mark.parametrize("kind", ADAPTERS)
def test_what_no_domain_lists_is_refused(kind: str) -> None:
    with pytest.raises(ValueError, match="nowhere"):
        Catalog([Domain(id="d", title=TEXT, **ADAPTERS[kind])])


def test_a_body_may_not_use_the_envelopes_names() -> None:
    class Clash(msgspec.Struct):
        source: str

    with pytest.raises(ValueError, match="source"):
        Catalog([Domain(id="d", title=TEXT, collections=(collection(schema=Clash),))])
