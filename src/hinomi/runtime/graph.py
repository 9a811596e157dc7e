"""The graph of the catalogue: which source, collection, model and product feeds which.

Drawn from the DOMAIN values alone, as text and as a layered SVG: sources on the left, then
collections and models by how far they are from a source, products on the right. A model that also
reads what it gave before has a ↺ instead of an arrow back.
"""

from __future__ import annotations

from html import escape
from typing import Literal

import msgspec

from hinomi.kernel.catalog import Catalog
from hinomi.kernel.errors import Text

Role = Literal["source", "collection", "model", "playbook", "product"]
_WIDTH, _HEIGHT, _GAP_X, _GAP_Y, _MARGIN = 190, 38, 70, 14, 24
_SWEEPS = 8
_COLOURS: dict[Role, str] = {
    "source": "#dbeafe",
    "collection": "#f3f4f6",
    "model": "#fde68a",
    "playbook": "#fecaca",
    "product": "#bbf7d0",
}
_ROLES: dict[Role, Text] = {
    "source": Text("情報源", "source"),
    "collection": Text("コレクション", "collection"),
    "model": Text("予測モデル", "model"),
    "playbook": Text("対応手順", "playbook"),
    "product": Text("提供物", "product"),
}


class Node(msgspec.Struct, frozen=True):
    """One adapter or collection."""

    id: str
    role: Role
    title: Text


class Graph(msgspec.Struct, frozen=True):
    """Nodes by name (``role:id``), and edges from what feeds to what is fed."""

    nodes: dict[str, Node]
    edges: list[tuple[str, str]]


def of(catalog: Catalog) -> Graph:
    """Return the catalogue's graph; collections that nothing touches are left out."""
    nodes: dict[str, Node] = {}
    edges: list[tuple[str, str]] = []

    def add(
        role: Role, name: str, title: Text, needs: tuple[str, ...], gives: tuple[str, ...]
    ) -> None:
        own = f"{role}:{name}"
        nodes[own] = Node(name, role, title)
        for other in (*needs, *gives):
            held = catalog.collections[other]
            nodes.setdefault(f"collection:{other}", Node(other, "collection", held.title))
        edges.extend((f"collection:{n}", own) for n in needs)
        edges.extend((own, f"collection:{n}") for n in gives)

    for source in catalog.sources.values():
        add("source", source.id, source.title, (), source.gives)
    for model in catalog.models.values():
        add("model", model.id, model.title, model.needs, model.gives)
    for playbook in catalog.playbooks.values():
        add("playbook", playbook.id, playbook.title, playbook.needs, playbook.gives)
    for product in catalog.products.values():
        add("product", product.id, product.title, product.needs, ())
    return Graph(nodes, edges)


def to_text(graph: Graph, language: str) -> str:
    """Return the graph as lines: each adapter with what it needs and gives."""
    lines = []
    for role in ("source", "model", "playbook", "product"):
        members = {k: n for k, n in graph.nodes.items() if n.role == role}
        if members:
            lines.append(_ROLES[role].to(language))
        for key, node in members.items():
            lines.append(f"  {node.id}  {node.title.to(language)}")
            needs = [graph.nodes[a].id for a, b in graph.edges if b == key]
            gives = [graph.nodes[b].id for a, b in graph.edges if a == key]
            lines += [f"    ← {name}" for name in needs]
            lines += [f"    → {name}" for name in gives]
    return "\n".join(lines)


def to_svg(graph: Graph, language: str) -> str:
    """Return the graph as one self-contained SVG."""
    layers = _ordered(graph, _layers(graph))
    at: dict[str, tuple[int, int]] = {}
    tallest = max((len(layer) for layer in layers), default=0)
    for column, layer in enumerate(layers):
        top = _MARGIN + (tallest - len(layer)) * (_HEIGHT + _GAP_Y) // 2
        for row, key in enumerate(layer):
            at[key] = (_MARGIN + column * (_WIDTH + _GAP_X), top + row * (_HEIGHT + _GAP_Y))
    width = 2 * _MARGIN + len(layers) * (_WIDTH + _GAP_X) - _GAP_X
    height = 2 * _MARGIN + tallest * (_HEIGHT + _GAP_Y)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
        f' width="{width}" height="{height}" font-family="sans-serif" font-size="12">',
        '<defs><marker id="a" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7"'
        ' markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z" fill="#6b7280"/></marker></defs>',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        *(_arrow(at[a], at[b]) for a, b in graph.edges if not _own(graph, a, b)),
        *(
            _box(graph.nodes[key], place, language, again=any(_own(graph, a, key) for a in at))
            for key, place in at.items()
        ),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _own(graph: Graph, collection: str, adapter: str) -> bool:
    """Tell whether an edge only says that a model reads what it gave before."""
    return (
        (collection, adapter) in graph.edges
        and (adapter, collection) in graph.edges
        and (graph.nodes[collection].role == "collection")
    )


def _layers(graph: Graph) -> list[list[str]]:
    """Return the nodes by their longest way from a source; a circle stops after all nodes."""
    depth = dict.fromkeys(graph.nodes, 0)
    edges = [(a, b) for a, b in graph.edges if not _own(graph, a, b)]
    for _ in graph.nodes:
        moved = False
        for a, b in edges:
            if depth[b] < depth[a] + 1 <= len(graph.nodes):
                depth[b], moved = depth[a] + 1, True
        if not moved:
            break
    last = max((d for k, d in depth.items() if graph.nodes[k].role != "product"), default=0) + 1
    for key, node in graph.nodes.items():
        if node.role == "product":
            depth[key] = last
    used = sorted(set(depth.values()))
    return [[k for k in graph.nodes if depth[k] == layer] for layer in used]


def _ordered(graph: Graph, layers: list[list[str]]) -> list[list[str]]:
    """Return each layer in the order of its neighbours' middles, so that few arrows cross."""
    near: dict[str, list[str]] = {key: [] for key in graph.nodes}
    for a, b in graph.edges:
        near[a].append(b)
        near[b].append(a)
    rows = {k: r / max(len(layer), 1) for layer in layers for r, k in enumerate(layer)}
    for sweep in range(_SWEEPS):
        for layer in layers if sweep % 2 == 0 else reversed(layers):
            middle = {
                k: sum(rows[n] for n in near[k]) / len(near[k]) if near[k] else rows[k]
                for k in layer
            }
            layer.sort(key=lambda k: middle[k])
            rows.update((k, r / len(layer)) for r, k in enumerate(layer))
    return layers


def _arrow(start: tuple[int, int], end: tuple[int, int]) -> str:
    x1, y1 = start[0] + _WIDTH, start[1] + _HEIGHT // 2
    x2, y2 = end[0], end[1] + _HEIGHT // 2
    bend = max(30, abs(x2 - x1) // 2)
    return (
        f'<path d="M{x1} {y1} C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}" fill="none"'
        ' stroke="#9ca3af" marker-end="url(#a)"/>'
    )


def _box(node: Node, at: tuple[int, int], language: str, *, again: bool) -> str:
    x, y = at
    title = f"↺ {node.title.to(language)}" if again else node.title.to(language)
    middle = x + _WIDTH // 2
    round_px = 4 if node.role == "collection" else 14
    return (
        f"<g><title>{escape(_ROLES[node.role].to(language))}: {escape(title)}</title>"
        f'<rect x="{x}" y="{y}" width="{_WIDTH}" height="{_HEIGHT}" rx="{round_px}"'
        f' fill="{_COLOURS[node.role]}" stroke="#374151"/>'
        f'<text x="{middle}" y="{y + 16}" text-anchor="middle" font-weight="bold">'
        f"{escape(node.id)}</text>"
        f'<text x="{middle}" y="{y + 31}" text-anchor="middle" fill="#374151">'
        f"{escape(title if len(title) <= 26 else title[:25] + '…')}</text></g>"
    )
