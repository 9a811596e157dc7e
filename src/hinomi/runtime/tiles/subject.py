"""What a tile set is of: a collection, its filter, and what of each feature the map needs."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import msgspec

from hinomi.kernel.catalog import Catalog
from hinomi.kernel.collections import Collection, Kind
from hinomi.kernel.errors import MissingError, Text
from hinomi.kernel.filters import Filter
from hinomi.vocabulary.layers import Class, Field, Layer

ALWAYS_SHOWN = ("status", "disclosure")
"""Of the envelope, in every tile: what is a drill or not for everyone must say so."""


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """One tile set's contents. ``property`` tells the classes apart, the gravest first."""

    collection: str
    filter: Filter | None = None
    text: str = ""
    """The filter as it was written: filters themselves are no keys."""
    property: str = ""
    classes: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()


def subject_of(
    catalog: Catalog, collection: str, filter_: Filter | None = None, text: str = ""
) -> Subject:
    """Return what the tiles of a collection hold, by the layers that draw it.

    The layer with the same filter says what tells its classes apart, else the first one.

    Raises:
        MissingError: the collection is unknown, or one of readings, which have no features.
    """
    of = catalog.collection(collection)
    if of.kind is Kind.SERIES:
        known = [c.id for c in catalog.collections.values() if c.kind is not Kind.SERIES]
        raise MissingError(Text("タイルのあるコレクション", "collection with tiles"), of.id, known)
    prop, classes, attributes = _drawn(catalog, of.id, text)
    return Subject(
        collection=of.id,
        filter=filter_,
        text=text,
        property=prop,
        classes=classes,
        attributes=attributes,
    )


@lru_cache(maxsize=512)
def _drawn(
    catalog: Catalog, collection: str, text: str
) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    layers = [
        layer
        for domain in catalog.domains
        for layer in domain.layers
        if isinstance(layer, Layer) and layer.collection == collection
    ]
    of = catalog.collection(collection)
    if not layers:
        return "", (), (*of.property_types(), *ALWAYS_SHOWN)
    first = next((layer for layer in layers if layer.filter == text), layers[0])
    order = tuple(_text(c) for c in first.classes if c.value is not None)
    wanted = dict.fromkeys(name for layer in layers for name in _needed(layer, of))
    return first.property, order, (*wanted, *ALWAYS_SHOWN)


def _text(of: Class) -> str:
    return msgspec.json.encode(of.value).decode()


def _needed(layer: Layer, of: Collection) -> list[str]:
    """Return the properties that symbol, label, filter, list and pop-up read."""
    fields: list[Field] = [*layer.fields, *(layer.board.fields if layer.board else ())]
    names = [layer.property, layer.name.ja, layer.name.en]
    names += [name for field in fields for name in (field.name, field.name_en)]
    names += [layer.board.since] if layer.board else []
    # Names in the filter's text: too many at worst, and only ones that can be filtered by.
    names += [name for name in of.property_types() if name in layer.filter]
    return [name for name in names if name and name not in ALWAYS_SHOWN]


class Picker:
    """Reads what a tile needs out of stored features, and leaves the rest undecoded."""

    def __init__(self, subject: Subject) -> None:
        names = dict.fromkeys(
            [*subject.attributes, "start", "end", *([subject.property] * bool(subject.property))]
        )
        fields = {f"p{n}": name for n, name in enumerate(names)}
        properties = msgspec.defstruct(
            "Properties", [(field, Any, None) for field in fields], rename=fields
        )
        whole = msgspec.defstruct(
            "Whole", [("id", str), ("properties", properties), ("geometry", msgspec.Raw)]
        )
        few = {f: n for f, n in fields.items() if n in {"start", "end", subject.property}}
        slim = msgspec.defstruct(
            "Slim",
            [
                ("id", str),
                (
                    "properties",
                    msgspec.defstruct("Few", [(f, Any, None) for f in few], rename=few),
                ),
                ("geometry", msgspec.Raw),
            ],
        )
        by_name = {name: field for field, name in fields.items()}
        self.start, self.end = by_name["start"], by_name["end"]
        self.class_ = by_name.get(subject.property, "")
        self._attributes = [(by_name[name], name) for name in dict.fromkeys(subject.attributes)]
        self.whole: Callable[[bytes], Any] = msgspec.json.Decoder(whole).decode
        self.slim: Callable[[bytes], Any] = msgspec.json.Decoder(slim).decode

    def attributes(self, feature: Any) -> dict[str, Any]:
        """Return a wholly read feature's attributes as a tile holds them, its key as ``id``."""
        found: dict[str, Any] = {"id": feature.id}
        properties = feature.properties
        for field, name in self._attributes:
            value = getattr(properties, field)
            if isinstance(value, list | dict):
                value = msgspec.json.encode(value).decode() if value else None
            if value is not None:
                found[name] = value
        return found
