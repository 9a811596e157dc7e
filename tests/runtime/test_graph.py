"""The graph: every adapter in its layer, every edge drawn, nothing from elsewhere."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import msgspec

from hinomi.kernel.catalog import Catalog
from hinomi.kernel.errors import Text
from hinomi.kernel.ports import Product
from hinomi.runtime import graph


def places(svg: str) -> dict[str, int]:
    """Return each node's distance from the left [px]."""
    found = re.findall(r'<text x="(\d+)" [^>]*font-weight="bold">([^<]+)<', svg)
    return {name: int(x) for x, name in found}


def test_what_feeds_is_left_of_what_is_fed(catalog: Catalog) -> None:
    at = places(graph.to_svg(graph.of(catalog), "en"))
    order = ["demo-lines", "demo.things", "demo-double", "demo.doubles"]
    assert [at[name] for name in order] == sorted({at[name] for name in order})


def test_every_edge_is_drawn_and_the_picture_is_whole(catalog: Catalog) -> None:
    drawn = graph.of(catalog)
    svg = graph.to_svg(drawn, "ja")
    ElementTree.fromstring(svg)  # noqa: S314 - our own
    assert svg.count("marker-end") == len(drawn.edges) == 3


def test_a_model_that_reads_its_own_results_does_not_stretch_the_picture(catalog: Catalog) -> None:
    domain, own = catalog.domains
    model = msgspec.structs.replace(domain.models[0], needs=("demo.things", "demo.doubles"))
    circle = Catalog((msgspec.structs.replace(domain, models=(model,)), own))
    straight, round_ = (places(graph.to_svg(graph.of(c), "en")) for c in (catalog, circle))
    assert straight == round_
    assert "↺" in graph.to_svg(graph.of(circle), "en")


def test_products_stand_at_the_right_end(catalog: Catalog) -> None:
    domain, own = catalog.domains
    product = Product(
        id="a.csv",
        title=Text("表", "Table <&>"),
        needs=("demo.things",),
        media_type="text/csv",
        render=lambda *_: [],
    )
    wider = Catalog((msgspec.structs.replace(domain, products=(product,)), own))
    svg = graph.to_svg(graph.of(wider), "en")
    at = places(svg)
    assert at["a.csv"] == max(at.values()) > at["demo.doubles"]
    assert "Table &lt;&amp;&gt;" in svg
