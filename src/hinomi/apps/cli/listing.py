"""``hinomi list`` and ``hinomi graph``: what this installation has."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from hinomi.apps.cli.shell import Shell, common, help_text
from hinomi.apps.cli.times import shown
from hinomi.kernel.collections import Collection
from hinomi.kernel.ports import Model, Product, Source
from hinomi.kernel.reader import Reader
from hinomi.runtime import graph, operations
from hinomi.runtime.catalog import default_catalog

WHAT = ("collections", "sources", "models", "products")


@click.command(
    "list",
    help=help_text(
        "コレクション・情報源・モデル・提供物の一覧。",
        "List collections, sources, models, products.",
    ),
)
@click.argument("what", type=click.Choice(WHAT), default="collections")
@common
def list_command(shell: Shell, what: str) -> None:
    """List one kind of thing."""
    reader = shell.reader(status="any") if shell.data.is_dir() else None
    rows = {
        "collections": _collections,
        "sources": _sources,
        "models": _models,
        "products": _products,
    }[what](shell, reader)
    if shell.as_json:
        shell.give(rows)
    else:
        shell.table(list(rows[0]), [list(r.values()) for r in rows], least=3)


@click.command(
    "graph",
    help=help_text(
        "何が何から作られるかの図(テキスト、--svgで図)。",
        "Which source, collection, model and product feeds which; --svg draws it.",
    ),
)
@click.option(
    "--svg",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    help=help_text("SVGの書き出し先(-で標準出力)", "Write an SVG here; - is stdout."),
)
@common
def graph_command(shell: Shell, svg: Path | None) -> None:
    """Draw the catalogue."""
    drawn = graph.of(default_catalog())
    if svg is not None:
        with click.open_file(str(svg), "w", encoding="utf-8") as file:
            file.write(graph.to_svg(drawn, shell.language))
    elif shell.as_json:
        shell.give(drawn)
    else:
        click.echo(graph.to_text(drawn, shell.language))


def _collections(shell: Shell, reader: Reader | None) -> list[dict[str, Any]]:
    counts: dict[str, dict[str, int]] = {}
    if reader is not None:
        visible = reader.visible()
        for (name, marking), count in shell.service().store.counts().items():
            if marking in visible:
                held = counts.setdefault(name, {})
                held[marking.status.value] = held.get(marking.status.value, 0) + count
    found: list[Collection] = sorted(default_catalog().collections.values(), key=lambda c: c.id)
    return [
        {
            "id": c.id,
            "title": shell.of(c.title),
            "stand": " ".join(f"{s}:{n:,}" for s, n in sorted(counts.get(c.id, {}).items())),
            "kind": c.kind.value,
            "verb": c.verb.value,
            "licence": c.licence,
        }
        for c in found
    ]


def _sources(shell: Shell, reader: Reader | None) -> list[dict[str, Any]]:
    states = (
        {s.key: s.body() for s in reader.every(operations.SOURCES.id)} if reader is not None else {}
    )
    titles: dict[str, Source | None] = dict(default_catalog().sources)
    titles.update((name, None) for name in states if name not in titles)
    rows = []
    for name, source in titles.items():
        state = states.get(name, {})
        at = state.get("last_at")
        rows.append(
            {
                "id": name,
                "title": shell.of(source.title) if source else "",
                "state": state.get("state", ""),
                "payloads": state.get("payloads", 0),
                "quarantined": state.get("quarantined", 0),
                "last (JST)": _time(at),
                "licence": source.licence if source else "",
            }
        )
    return rows


def _models(shell: Shell, reader: Reader | None) -> list[dict[str, Any]]:
    del reader
    found: list[Model] = list(default_catalog().models.values())
    return [
        {
            "id": m.id,
            "version": m.version,
            "title": shell.of(m.title),
            "needs": " ".join(m.needs),
            "gives": " ".join(m.gives),
            "limits": shell.of(m.limits),
        }
        for m in found
    ]


def _products(shell: Shell, reader: Reader | None) -> list[dict[str, Any]]:
    del reader
    found: list[Product] = list(default_catalog().products.values())
    return [
        {
            "id": p.id,
            "title": shell.of(p.title),
            "needs": " ".join(p.needs),
            "media type": p.media_type,
        }
        for p in found
    ]


def _time(text: str | None) -> str:
    return shown(datetime.fromisoformat(text)) if text else ""
