"""The catalogue for people: a search box, what it finds, and one record."""

from __future__ import annotations

from collections.abc import Sequence

from hinomi.apps.web.http import Ask, segment
from hinomi.apps.web.markup import (
    Markup,
    a,
    facts,
    frame,
    join,
    moment,
    shown,
    table,
    tag,
    view_query,
)
from hinomi.kernel.errors import Text
from hinomi.kernel.reader import Reader
from hinomi.standards.records_api import Record

_HERE = "/collections/catalogue"
_CATALOGUE = Text("カタログ", "Catalogue")
_KINDS = {
    "": Text("すべて", "all"),
    "dataset": Text("コレクション", "collections"),
    "package": Text("受信パッケージ", "packages"),
    "document": Text("写真・文書", "photos and documents"),
    "coverage": Text("格子", "grids"),
    "model": Text("モデルの結果", "models"),
    "product": Text("プロダクト", "products"),
}


def catalogue_page(ask: Ask, title: Text, about: Text) -> str:
    """Return the way into the catalogue."""
    return frame(
        ask, ask.say(title), tag("p", ask.say(about), class_="lead"), _form(ask), _also(ask)
    )


def records_page(
    ask: Ask, reader: Reader, page: Sequence[Record], matched: int, following: str | None
) -> str:
    """Return what a search found."""
    rows = (
        (
            a(f"{ask.base}{_HERE}/items/{segment(r.id)}?{view_query(ask)}", _said(ask, r.title)),
            _KINDS[r.type].to(ask.language),
            _said(ask, r.description),
            moment(r.updated or r.created),
            r.licence,
        )
        for r in page
    )
    head = [
        Text(*names).to(ask.language)
        for names in (
            ("名前", "Name"), ("種類", "Kind"), ("説明", "About"), ("更新", "Updated"),
            ("ライセンス", "Licence"),
        )
    ]  # fmt: skip
    found = Text(f"{matched:,}件", f"{matched:,} found").to(ask.language)
    more = Markup("")
    if following is not None:
        text = Text("次のページ →", "Next page →").to(ask.language)
        more = tag("p", tag("a", text, href=ask.with_query(token=following), rel="next"))
    return frame(
        ask, ask.say(_CATALOGUE), _form(ask), tag("p", found), table(head, rows), more, _also(ask),
        reader=reader,
    )  # fmt: skip


def record_page(ask: Ask, reader: Reader, of: Record) -> str:
    """Return one record."""
    box = "–" if of.bbox is None else ", ".join(f"{v:g}" for v in of.bbox)
    words = [
        (Text("種類", "Kind"), _KINDS[of.type].to(ask.language)),
        (Text("説明", "About"), _said(ask, of.description)),
        (Text("範囲", "Extent"), box),
        (Text("期間", "Time"), f"{moment(of.start)} – {moment(of.end)}" if of.timed else "–"),
        (Text("更新", "Updated"), moment(of.updated or of.created)),
        (Text("ライセンス", "Licence"), of.licence or "–"),
        (Text("連絡先", "Contact"), ", ".join(c.organization for c in of.contacts)),
        (Text("言葉", "Keywords"), ", ".join(of.keywords)),
    ]
    more = [(name, shown(value)) for name, value in of.more.items()]
    links = tag(
        "ul",
        *(
            tag("li", a(x.href.replace("{base}", ask.base, 1),
                        _said(ask, x.title) or x.type or x.rel), f" ({x.type})")
            for x in of.links
        ),
    )  # fmt: skip
    trail = [(f"{_HERE}/items?{view_query(ask)}", ask.say(_CATALOGUE))]
    return frame(
        ask, _said(ask, of.title), facts([(ask.say(name), value) for name, value in words] + more),
        tag("h2", Text("入手", "How to get it").to(ask.language)), links,
        tag("p", a(ask.with_query(f="json"), "GeoJSON")), reader=reader, trail=trail,
    )  # fmt: skip


def _said(ask: Ask, text: tuple[str, str]) -> str:
    ja, en = text
    return (ja or en) if ask.language == "ja" else (en or ja)


def _form(ask: Ask) -> Markup:
    chosen = ask.query.get("type", "")
    options = join(
        tag("option", ask.say(text), value=name, selected="" if name == chosen else None)
        for name, text in _KINDS.items()
    )
    hidden = [
        tag("input", type="hidden", name=name, value=ask.query[name])
        for name in ("status", "lang")
        if name in ask.query
    ]
    sought = tag("input", name="q", type="search", value=ask.query.get("q", ""))
    label = Text("探す言葉", "Words").to(ask.language)
    return tag(
        "form",
        tag("input", type="hidden", name="f", value="html"),
        *hidden,
        tag("label", label, " ", sought),
        tag("label", ask.say(Text("種類", "Kind")), " ", tag("select", options, name="type")),
        tag("button", ask.say(Text("探す", "Search")), type="submit"),
        method="get",
        action=f"{ask.base}{_HERE}/items",
        id="ask",
    )  # fmt: skip


def _also(ask: Ask) -> Markup:
    return tag(
        "p",
        a(f"{ask.base}{_HERE}/items?f=json", "OGC API – Records"), " · ",
        a(f"{ask.base}/catalogue.jsonld", "DCAT (JSON-LD)"), " · ",
        a(f"{ask.base}/stac", "STAC"),
        class_="also",
    )  # fmt: skip
