"""What the layers declare is there: collections, properties, filters; so the map can draw them."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from hinomi.kernel.collections import ENVELOPE_TYPES, Collection, Kind
from hinomi.runtime.catalog import default_catalog
from hinomi.standards.cql2 import check, parse_text
from hinomi.vocabulary.layers import GROUPS, Field, GroupId, Layer

CATALOG = default_catalog()
LAYERS = [
    layer for domain in CATALOG.domains for layer in domain.layers if isinstance(layer, Layer)
]
every_layer = pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.id)


def _names(collection: Collection) -> set[str]:
    return {*collection.json_schema()["properties"], *ENVELOPE_TYPES}


def test_layers_are_declared_and_named_once() -> None:
    assert {"levels", "quakes", "sites", "shelters-open"} <= {layer.id for layer in LAYERS}
    assert len({layer.id for layer in LAYERS}) == len(LAYERS)


@every_layer
def test_a_layer_names_properties_that_its_collection_has(layer: Layer) -> None:
    names = _names(CATALOG.collection(layer.collection))
    fields: list[Field] = [*layer.fields, *(layer.board.fields if layer.board else ())]
    used = {field.name for field in fields} | {layer.name.ja, layer.name.en}
    used |= {field.name_en for field in fields} | {layer.property}
    used.add(layer.area.partition(".")[0])
    if layer.board:
        used.add(layer.board.since)
        if layer.board.chart:
            chart = layer.board.chart
            assert CATALOG.collection(chart.collection).kind is Kind.SERIES
            used |= {chart.series, *(line.name for line in chart.thresholds)}
    assert used - {""} <= names


def test_every_shipped_layer_that_is_drawn_stands_below_a_heading_of_its_subject() -> None:
    drawn = [layer for layer in LAYERS if layer.shape != "none"]
    assert {layer.id for layer in drawn if layer.group == "other"} == set()
    # No heading stands over so many that it is no help, none but the last over nothing.
    counts = [sum(layer.group == group.id for layer in drawn) for group in GROUPS]
    assert max(counts) <= 15
    assert [group.id for group, count in zip(GROUPS, counts, strict=True) if not count] == ["other"]
    assert set(get_args(GroupId)) == {group.id for group in GROUPS}


@every_layer
def test_a_layers_filter_is_one_that_its_collection_answers(layer: Layer) -> None:
    if layer.filter:
        types = {**ENVELOPE_TYPES, **CATALOG.collection(layer.collection).property_types()}
        check(parse_text(layer.filter), types)


@every_layer
def test_a_layers_classes_can_be_told_apart(layer: Layer) -> None:
    values = [(found.value, found.at_least) for found in layer.classes]
    assert len(set(values)) == len(values)
    # A grid's classes are of its values, not of a property.
    assert layer.property or layer.shape == "grid" or len(values) == 1
    for found in layer.classes:
        assert re.fullmatch("#[0-9a-f]{6}|", found.colour)
        assert found.label.ja
        assert found.label.en
