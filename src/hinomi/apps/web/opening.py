"""What the dashboard will ask first, named in the head of its page: the browser need not wait.

On a slow line each question costs half a second. The page's program and the first lists travel side
by side if the answer to ``/`` already says what they are (``Link: rel=preload``).
"""

from __future__ import annotations

from typing import TypeGuard
from urllib.parse import urlencode

import msgspec

from hinomi.apps.web.http import Answer, Ask, segment
from hinomi.kernel.catalog import Catalog
from hinomi.vocabulary.layers import Layer

_PAGE = 1_000
"""As ``dashboard/src/api.ts`` asks; the browser tests see to it that the two agree."""


def with_preloads(page: Answer, catalog: Catalog, ask: Ask) -> Answer:
    """Return the page with the addresses of the layers and of the lists that are open at first."""
    layers = [layer for domain in catalog.domains for layer in domain.layers]
    status = ask.query.get("status", "actual")
    named = "" if status == "actual" else f"&{urlencode({'status': status})}"
    asked = [f"layers?f=json{named}", *(_items(layer, ask) for layer in layers if _is_first(layer))]
    link = ", ".join(f"<{address}>; rel=preload; as=fetch; crossorigin" for address in asked)
    return msgspec.structs.replace(page, headers=(*page.headers, (b"link", link.encode())))


def _is_first(layer: object) -> TypeGuard[Layer]:
    return isinstance(layer, Layer) and layer.board is not None and layer.board.open


def _items(layer: Layer, ask: Ask) -> str:
    view = [(name, ask.query[name]) for name in ("status", "as-of") if name in ask.query]
    # The plain page is the actual one, whether its address says so or not.
    view = [pair for pair in view if pair != ("status", "actual")]
    query = [*view, ("f", "json"), ("limit", str(_PAGE))]
    if layer.filter:
        query.append(("filter", layer.filter))
    if layer.outlines:
        query.append(("skip-geometry", "true"))
    return f"collections/{segment(layer.collection)}/items?{urlencode(query)}"
