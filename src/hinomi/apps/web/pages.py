"""The pages: each shows what the JSON at the same address says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

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
from hinomi.kernel.catalog import Catalog
from hinomi.kernel.collections import Collection, Kind
from hinomi.kernel.errors import Text
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import ENVELOPE, Series, Stored
from hinomi.kernel.store import Changes, Latest, Page

_COLLECTIONS = Text("コレクション", "Collections")
_COLUMNS = 6
"""Body properties in the table of items; the item's own page shows all."""


def _t(ask: Ask, ja: str, en: str) -> str:
    return ja if ask.language == "ja" else en


def _trail(ask: Ask, *more: tuple[str, str]) -> list[tuple[str, str]]:
    return [(f"/collections?{view_query(ask)}", ask.say(_COLLECTIONS)), *more]


def _in(ask: Ask, of: Collection, tail: str = "") -> str:
    return f"/collections/{segment(of.id)}{tail}?{view_query(ask)}"


def landing_page(ask: Ask, catalog: Catalog, about: str) -> str:
    """Return the way in for people."""
    base = ask.base
    links = [
        a(f"{base}/", _t(ask, "画面(地図と一覧)", "The dashboard: map and lists")),
        a(f"{base}/collections?f=html", _t(ask, "すべてのコレクション", "All collections")),
        a(f"{base}/changes?f=html", _t(ask, "最近の変更", "What came in last")),
        a(f"{base}/api?f=html", _t(ask, "APIの説明", "The API's description")),
        a(f"{base}/conformance?f=html", _t(ask, "適合クラス", "Conformance")),
        a(f"{base}/api?f=json", "OpenAPI 3.0 (JSON)"),
    ]
    fields = table(
        [_t(ask, "分野", "Field"), _t(ask, "コレクション", "Collections")],
        (
            (
                ask.say(domain.title),
                join(
                    join([a(f"{base}{_in(ask, c, '/items')}", ask.say(c.title)), " "])
                    for c in domain.collections
                    if isinstance(c, Collection)
                ),
            )
            for domain in catalog.domains
        ),
    )
    listed = tag("ul", *(tag("li", link) for link in links))
    return frame(ask, _t(ask, "火の見", "Hinomi"), tag("p", about, class_="lead"), listed, fields)


def conformance_page(ask: Ask, classes: Sequence[str]) -> str:
    """Return the conformance classes as a list."""
    items = tag("ul", *(tag("li", a(uri, uri)) for uri in classes))
    return frame(ask, _t(ask, "適合クラス", "Conformance"), items)


def collections_page(ask: Ask, catalog: Catalog, reader: Reader, counts: Mapping[str, int]) -> str:
    """Return all collections with how many things stand in each."""
    rows = (
        (
            a(f"{ask.base}{_in(ask, c)}", ask.say(c.title)),
            tag("code", c.id),
            c.kind.value,
            f"{counts.get(c.id, 0):,}" if c.kind is not Kind.SERIES else "",
            ask.say(c.text),
        )
        for c in catalog.collections.values()
    )
    head = [
        _t(ask, "名前", "Name"), "id", _t(ask, "種類", "Kind"), _t(ask, "件数", "Things"),
        _t(ask, "説明", "About"),
    ]  # fmt: skip
    return frame(ask, ask.say(_COLLECTIONS), table(head, rows), reader=reader)


def collection_page(ask: Ask, of: Collection, reader: Reader) -> str:
    """Return one collection."""
    base = ask.base
    links = [
        a(f"{base}{_in(ask, of, '/items')}", _t(ask, "内容を見る", "Look at its items")),
        a(f"{base}{_in(ask, of, '/queryables')}", _t(ask, "検索できる属性", "Queryables")),
        a(f"{base}/collections/{segment(of.id)}/schema", "JSON Schema"),
    ]
    if of.kind is Kind.SERIES:
        href = f"{base}/series?collection={segment(of.id)}&{view_query(ask)}"
        links[0] = a(href, _t(ask, "系列と最新値", "Series and latest values"))
    pairs = [
        ("id", tag("code", of.id)),
        (_t(ask, "種類", "Kind"), of.kind.value),
        (_t(ask, "利用条件", "Licence"), of.licence),
        (_t(ask, "公開区分", "Marking"), str(of.marking)),
    ]
    return frame(
        ask, ask.say(of.title), tag("p", ask.say(of.text), class_="lead"),
        tag("ul", *(tag("li", link) for link in links)), facts(pairs),
        reader=reader, trail=_trail(ask),
    )  # fmt: skip


def queryables_page(ask: Ask, of: Collection, known: Mapping[str, str]) -> str:
    """Return what can be filtered by."""
    rows = ((tag("code", name), kind) for name, kind in known.items())
    head = [_t(ask, "属性", "Property"), _t(ask, "型", "Type")]
    title = f"{ask.say(of.title)}: {_t(ask, '検索できる属性', 'queryables')}"
    return frame(
        ask, title, table(head, rows), trail=_trail(ask, (_in(ask, of), ask.say(of.title)))
    )


def items_page(ask: Ask, of: Collection, reader: Reader, page: Page, matched: int | None) -> str:
    """Return a page of items as a table, with a box for filters."""
    body = [n for n in of.property_types() if n not in ENVELOPE][:_COLUMNS]
    rows = (
        (
            a(f"{ask.base}{_in(ask, of, f'/items/{segment(item.key)}')}", item.key),
            *(shown(properties.get(name)) for name in body),
            moment(item.when.start),
            item.source,
        )
        for item, properties in ((item, item.properties()) for item in page.items)
    )
    head = ["id", *body, _t(ask, "開始", "start"), _t(ask, "発表", "source")]
    said = "" if matched is None else f" / {matched:,}"
    note = tag("p", _t(ask, "このページ: ", "On this page: "), f"{len(page.items):,}{said}")
    empty = tag("p", _t(ask, "該当するものはありません。", "Nothing fits."), class_="empty")
    following = _next(ask, page.next)
    downloads = tag(
        "p",
        a(ask.with_query(f="json"), "GeoJSON"),
        " · ",
        a(ask.with_query(f="csv"), "CSV"),
        class_="also",
    )
    return frame(
        ask, ask.say(of.title), _form(ask), note,
        table(head, rows) if page.items else empty, following, downloads,
        reader=reader, trail=_trail(ask, (_in(ask, of), ask.say(of.title))),
    )  # fmt: skip


def _form(ask: Ask) -> Markup:
    """Return the box for filters."""
    fields = []
    for name, label, hint in (
        ("filter", _t(ask, "条件 (CQL2)", "Filter (CQL2)"), "level >= 4"),
        ("bbox", _t(ask, "範囲", "Box"), "136,36,138,38"),
        ("datetime", _t(ask, "有効期間", "Valid at"), "now"),
        ("as-of", _t(ask, "時点", "As of"), "2026-05-01T00:00:00Z"),
    ):
        box = tag(
            "input", name=name, value=ask.query.get(name), placeholder=hint, type="text", form="ask"
        )
        fields.append(tag("label", label, box))
    options = [
        tag("option", word, value=word, selected="" if ask.query.get("status") == word else None)
        for word in ("actual", "exercise", "test", "any")
    ]
    select = tag("select", *options, name="status", form="ask")
    fields.append(tag("label", _t(ask, "区分", "Status"), select))
    hidden = [tag("input", type="hidden", name="f", value="html")]
    if "lang" in ask.query:
        hidden.append(tag("input", type="hidden", name="lang", value=ask.query["lang"]))
    button = tag("button", _t(ask, "探す", "Search"), type="submit")
    # Scriptless forms send empty fields; the parser takes an empty value as not given.
    return tag("form", *fields, *hidden, button, id="ask", method="get")


def _next(ask: Ask, token: str | None) -> Markup:
    if token is None:
        return Markup("")
    text = _t(ask, "次のページ →", "Next page →")
    return tag("p", tag("a", text, href=ask.with_query(token=token), rel="next"), class_="next")


def item_page(ask: Ask, of: Collection, reader: Reader, item: Stored) -> str:
    """Return one item with every property, and the ways to its history and its source."""
    properties = item.properties()
    here = f"/items/{segment(item.key)}"
    links = tag(
        "p",
        a(f"{ask.base}{_in(ask, of, f'{here}/history')}", _t(ask, "すべての版", "History")),
        " · ",
        a(f"{ask.base}{_in(ask, of, f'{here}/trace')}", _t(ask, "出所をたどる", "Trace")),
        " · ",
        a(ask.with_query(f="json"), "GeoJSON"),
        class_="also",
    )
    body = facts((n, shown(v)) for n, v in properties.items() if n not in ENVELOPE)
    envelope = facts((n, shown(v)) for n, v in properties.items() if n in ENVELOPE)
    place = item.place()
    geometry = "–" if place is None else msgspec.json.encode(place).decode()
    short = geometry if len(geometry) <= 300 else f"{geometry[:300]}…"
    return frame(
        ask, item.key, links, body, tag("h2", _t(ask, "記録", "Record")), envelope,
        tag("h2", _t(ask, "位置", "Place")), tag("p", tag("code", short)),
        reader=reader,
        trail=_trail(ask, (_in(ask, of), ask.say(of.title)),
                     (_in(ask, of, "/items"), _t(ask, "一覧", "Items"))),
    )  # fmt: skip


def history_page(ask: Ask, of: Collection, reader: Reader, key: str, page: Page) -> str:
    """Return every statement about a thing."""
    rows = (
        (
            a(f"{ask.base}/records/{item.id}?{view_query(ask)}", str(item.seq)),
            moment(item.said_at),
            moment(item.recorded_at),
            f"{moment(item.when.start)} – {moment(item.when.end)}",
            item.source,
            item.marking.status.value,
            _t(ask, "取消", "withdrawn") if item.retracts else "",
        )
        for item in page.items
    )
    head = [
        "seq", _t(ask, "発表", "said"), _t(ask, "記録", "recorded"), _t(ask, "有効", "valid"),
        _t(ask, "発表者", "source"), _t(ask, "区分", "status"), "",
    ]  # fmt: skip
    return frame(
        ask, f"{key}: {_t(ask, 'すべての版', 'history')}", table(head, rows),
        _next(ask, page.next), reader=reader, trail=_item_trail(ask, of, key),
    )  # fmt: skip


def _item_trail(ask: Ask, of: Collection, key: str) -> list[tuple[str, str]]:
    return _trail(
        ask, (_in(ask, of), ask.say(of.title)), (_in(ask, of, f"/items/{segment(key)}"), key)
    )


def trace_page(
    ask: Ask, of: Collection, reader: Reader, item: Stored, hops: Mapping[str, Any]
) -> str:
    """Return the hops from a record back to its bytes and forward to what was made of it."""
    parts: list[Markup] = []
    for origin in hops["origins"]:
        pairs = [(k, shown(v)) for k, v in origin.items() if k not in {"blob", "inputs"}]
        if "blob" in origin:
            pairs.append((_t(ask, "原文", "bytes"), a(origin["blob"], origin["digest"][:16])))
        pairs += [("input", a(i["href"], i["record"])) for i in origin.get("inputs", ())]
        parts.append(tag("section", facts(pairs)))
    made = [tag("li", a(m["href"], m["record"])) for m in hops["made"]]
    return frame(
        ask, f"{item.key}: {_t(ask, '出所', 'trace')}",
        facts((n, shown(hops[n])) for n in ("record", "source", "said_at", "recorded_at")),
        tag("h2", _t(ask, "どこから来たか", "Where it came from")), *parts,
        tag("h2", _t(ask, "何が作られたか", "What was made of it")),
        tag("ul", *made) if made else tag("p", "–"),
        reader=reader, trail=_item_trail(ask, of, item.key),
    )  # fmt: skip


def changes_page(ask: Ask, reader: Reader, found: Changes, after: int) -> str:
    """Return what was appended, the newest first."""
    rows = (
        (
            str(change.seq),
            moment(change.recorded_at),
            change.kind,
            change.collection,
            _change_link(ask, change.collection, change.key)
            if change.kind == "record"
            else change.key,
        )
        for change in reversed(found.items)
    )
    head = [
        "seq", _t(ask, "記録", "recorded"), _t(ask, "種別", "kind"),
        _t(ask, "コレクション", "collection"), _t(ask, "もの", "thing"),
    ]  # fmt: skip
    note = tag("p", f"{after} < seq ≤ {found.position}")
    following = tag(
        "p", tag("a", _t(ask, "続き →", "Go on →"),
                 href=ask.with_query(after=str(found.position)), rel="next"), class_="next",
    )  # fmt: skip
    title = _t(ask, "変更", "Changes")
    return frame(ask, title, note, table(head, rows), following, reader=reader)


def _change_link(ask: Ask, collection: str, key: str) -> Markup:
    path = f"/collections/{segment(collection)}/items/{segment(key)}?{view_query(ask)}"
    return a(f"{ask.base}{path}", key)


def series_page(ask: Ask, of: Collection, reader: Reader, found: Sequence[Latest]) -> str:
    """Return series and latest values."""
    rows = (
        (
            a(f"{ask.base}/series/{segment(x.series.id)}/readings?{view_query(ask)}",
              x.series.title or x.series.id),
            x.series.property,
            f"{x.reading.value:g} {x.series.unit}" if x.reading else "–",
            x.series.source,
        )
        for x in found[:1_000]
    )  # fmt: skip
    head = [
        _t(ask, "系列", "Series"), _t(ask, "測るもの", "Property"), _t(ask, "最新", "Latest"),
        _t(ask, "発表", "Source"),
    ]  # fmt: skip
    note = tag("p", f"{len(found):,}")
    trail = _trail(ask, (_in(ask, of), ask.say(of.title)))
    return frame(ask, ask.say(of.title), note, table(head, rows), reader=reader, trail=trail)


def readings_page(
    ask: Ask, reader: Reader, title: str, series: Series, body: Mapping[str, Any]
) -> str:
    """Return a series' readings."""
    rows = ((shown(time), f"{value:g}", quality) for time, value, quality in body["readings"])
    head = [
        _t(ask, "時刻", "time"),
        f"{series.property} [{series.unit}]",
        _t(ask, "品質", "quality"),
    ]
    also = tag("p", a(ask.with_query(f="json"), "JSON"), " · ", a(ask.with_query(f="csv"), "CSV"))
    following = [x["href"] for x in body["links"] if x["rel"] == "next"]
    more = tag("p", a(following[0], _t(ask, "続き →", "Next →"))) if following else Markup("")
    return frame(ask, title, table(head, rows), more, also, reader=reader)


def api_page(ask: Ask, document: Mapping[str, Any]) -> str:
    """Return the API's description for people, without any script."""
    parts: list[Markup] = [
        tag("p", a(f"{ask.base}/api?f=json", "OpenAPI 3.0 (JSON)"), class_="also")
    ]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            parts.append(_operation(ask, path, method, operation))
    return frame(ask, _t(ask, "APIの説明", "The API"), *parts)


def _operation(ask: Ask, path: str, method: str, operation: Mapping[str, Any]) -> Markup:
    text = operation["description" if ask.language == "ja" else "summary"]
    rows = [
        (tag("code", p["name"]), p["in"], _kind(p["schema"]), _half(ask, p.get("description", "")))
        for p in operation["parameters"]
    ]
    head = [
        _t(ask, "名前", "name"), _t(ask, "場所", "in"), _t(ask, "型", "type"),
        _t(ask, "意味", "meaning"),
    ]  # fmt: skip
    answers = ", ".join(operation["responses"])
    title = tag("h2", tag("code", f"{method.upper()} {path}"), class_=f"method {method}")
    return tag(
        "section", title, tag("p", text), table(head, rows) if rows else Markup(""),
        tag("p", _t(ask, "答え: ", "Answers: "), answers, class_="also"),
    )  # fmt: skip


def _half(ask: Ask, text: str) -> str:
    en, _, ja = text.rpartition(" / ")
    return ja if ask.language == "ja" or not en else en


def _kind(schema: Mapping[str, Any]) -> str:
    if "enum" in schema and len(schema["enum"]) <= 8:
        return " | ".join(map(str, schema["enum"]))
    return str(schema.get("type", ""))


def problem_page(ask: Ask, document: Mapping[str, Any]) -> str:
    """Return an error for people."""
    more: Iterable[Mapping[str, Any]] = document.get("problems", ())
    listed = tag("ul", *(tag("li", f"{p['path']}: {p['text']}") for p in more))
    near = ", ".join(document.get("nearest", ()))
    return frame(
        ask, f"{document['status']} {document['title']}",
        tag("p", document["detail"], class_="lead"), listed if more else Markup(""),
        tag("p", near) if near else Markup(""),
    )  # fmt: skip
