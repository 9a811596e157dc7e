"""The dashboard's page brings the answers to its own first questions along.

On a slow line each question costs half a second. While the browser asks for the page's program it
receives, in the page itself, the style, the declared layers and what is in force; the program then
finds all that it needs to show the list. What could not be answered is announced instead
(``Link: rel=preload``), so that it travels beside the program.
"""

from __future__ import annotations

import re
from base64 import b64encode
from functools import lru_cache
from hashlib import sha256
from html import escape
from typing import TYPE_CHECKING, TypeGuard
from urllib.parse import urlencode

import msgspec

from hinomi.apps.web import trail
from hinomi.apps.web.deliver import POLICY, SAFE
from hinomi.apps.web.http import Answer, Ask, decoded_path, parse_query, segment
from hinomi.kernel.errors import HinomiError
from hinomi.vocabulary.layers import Layer

if TYPE_CHECKING:
    from hinomi.apps.web.app import Web

_PAGE = 1_000
"""As ``dashboard/src/api.ts`` asks; the browser tests see to it that the two agree."""
_MOST_BYTES = 200_000
"""Of one answer: more than that would hold up the program that waits for it."""


def with_first_answers(page: Answer, web: Web, ask: Ask) -> Answer:
    """Return the page with the layers and the first lists, as the caller sees them."""
    layers = [layer for domain in web.catalog.domains for layer in domain.layers]
    status = ask.query.get("status", "actual")
    named = "" if status == "actual" else f"&{urlencode({'status': status})}"
    addresses = [
        f"layers?f=json{named}",
        *(_items(layer, ask) for layer in layers if _is_first(layer)),
    ]
    answers = {address: _answer(web, ask, address) for address in addresses}
    late = [address for address, body in answers.items() if body is None]
    link = ", ".join(f"<{address}>; rel=preload; as=fetch; crossorigin" for address in late)
    at = web.service.now().isoformat()
    blocks = b"".join(_block(address, at, body) for address, body in answers.items() if body)
    headers = (*page.headers, *(((b"link", link.encode()),) if link else ()))
    return msgspec.structs.replace(
        page,
        body=page.body.replace(b"</body>", blocks + b"</body>"),
        etag=None,
        headers=(*headers, (POLICY, _policy(page.body))),
    )


def _answer(web: Web, ask: Ask, address: str) -> bytes | None:
    """Return what the caller would be answered at an address; None where that is not to be had."""
    path, _, query = address.partition("?")
    raw = b"/" + path.encode()
    asked = msgspec.structs.replace(
        ask,
        method="GET",
        path=raw,
        segments=decoded_path(raw),
        raw_query=query.encode(),
        query=parse_query(query.encode()),
        headers={},
        media="json",
    )
    table, asked.arguments = web.router.find(asked.segments)
    try:
        answer = trail.follow(web, asked, table["GET"], table["GET"].answer(web, asked))
    except HinomiError:
        return None  # Asked by itself it says why.
    fits = answer.status == 200 and answer.stream is None and len(answer.body) <= _MOST_BYTES
    return answer.body if fits else None


def _block(address: str, at: str, body: bytes) -> bytes:
    """Return an answer as data in a page; nothing in it can end the element or be run."""
    name = f'data-address="{escape(address)}" data-at="{at}"'
    data = body.replace(b"<", b"\\u003c")
    return f'<script type="application/json" {name}>'.encode() + data + b"</script>\n"


@lru_cache(maxsize=2)
def _policy(page: bytes) -> bytes:
    """Return the security policy with the hash of the style that stands in the page itself.

    CSP Level 3, section 2.3.1: a hash-source allows the one inline element that it was made from.
    """
    styles = re.findall(rb"<style>(.*?)</style>", page, re.DOTALL)
    hashes = b"".join(b" 'sha256-" + b64encode(sha256(style).digest()) + b"'" for style in styles)
    return SAFE + (b"; style-src 'self'" + hashes if hashes else b"")


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
