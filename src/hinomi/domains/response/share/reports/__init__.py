"""Reports: templates filled from the records, as PDF, Excel and HTML; every figure with its source.

The products here are the shipped templates over all areas; an app that knows the town's own
templates and an area asks :func:`build` itself (see ``runtime/reports.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from hinomi.domains.response.share.reports.build import build
from hinomi.domains.response.share.reports.kinds import KINDS
from hinomi.domains.response.share.reports.template import (
    DEFAULTS,
    Template,
    check_name,
    default_text,
    parse_template,
)
from hinomi.kernel.errors import Text
from hinomi.kernel.ports import Product
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import EPOCH
from hinomi.kernel.store import MAX_LIMIT
from hinomi.standards.paper import Document, write_html, write_pdf, write_xlsx

FORMATS: dict[str, str] = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "html": "text/html; charset=utf-8",
}
"""Format -> media type."""
_BASE = "http://127.0.0.1:8470"
"""Where links lead that are made without a server at hand: the address of ``make run``."""
_WRITERS: dict[str, Callable[[Document, str], bytes]] = {
    "pdf": write_pdf, "xlsx": write_xlsx, "html": write_html,
}  # fmt: skip


def write(document: Document, form: str, base: str) -> bytes:
    """Return the document in a format of :data:`FORMATS`."""
    return _WRITERS[form](document, base)


def moment_of(reader: Reader) -> datetime:
    """Return when the newest of what the reader sees was recorded: its position as a time."""
    position = reader.position()
    back = 1
    while True:
        # Most of a log may be of markings that this reader does not see: look ever further back.
        start = max(0, position - back)
        newest = _newest(reader, start, position)
        if newest is not None or start == 0:
            return newest or EPOCH
        back *= 100


def _newest(reader: Reader, start: int, end: int) -> datetime | None:
    newest = None
    while start < end:
        page = reader.changes(start, limit=MAX_LIMIT)
        newest = max((c.recorded_at for c in page.items if c.seq <= end), default=newest)
        if page.position <= start:
            break
        start = page.position
    return newest


def _product(name: str, form: str) -> Product:
    def render(reader: Reader, language: str) -> Iterator[bytes]:
        """Yield the report made by the shipped template."""
        template = parse_template(default_text(name), name)
        document = build(reader, template, moment=moment_of(reader), language=language)
        yield write(document, form, _BASE)

    called = parse_template(default_text(name), name).called()
    return Product(
        id=f"{name}.{form}",
        title=Text(f"{called.ja}({form})", f"{called.en} ({form})"),
        needs=_NEEDS,
        media_type=FORMATS[form],
        render=render,
    )


_NEEDS = tuple(dict.fromkeys((*(kind.collection for kind in KINDS.values()), "response.damage")))
PRODUCTS: tuple[Product, ...] = tuple(_product(n, f) for n in DEFAULTS for f in FORMATS)

__all__ = [
    "DEFAULTS", "FORMATS", "PRODUCTS", "Template", "build", "check_name", "default_text",
    "moment_of", "parse_template", "write",
]  # fmt: skip
