"""HTML for people: the frame, escaping, tables. No scripts, nothing from outside."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape
from typing import Any

from hinomi.apps.web.http import Ask, segment
from hinomi.kernel.errors import Text
from hinomi.kernel.marking import Status
from hinomi.kernel.reader import Reader
from hinomi.vocabulary.times import JST

WORDS = {
    "dashboard": Text("画面", "Dashboard"),
    "collections": Text("コレクション", "Collections"),
    "changes": Text("変更", "Changes"),
    "api": Text("API", "API"),
    "language": Text("English", "日本語"),
    "exercise": Text(
        "訓練 ― このページは訓練のデータを含みます。実際の災害ではありません。",
        "EXERCISE 訓練 — this page shows exercise data, not a real event.",
    ),
    "test": Text("試験のデータを含みます。", "TEST 試験 — this page shows test data."),
    "as_of": Text("この時点で知られていた内容です:", "As it was known at:"),
}


class Markup(str):
    """Text that is HTML already; everything else is escaped."""

    __slots__ = ()


def tag(element: str, /, *content: str | None, **attributes: str | None) -> Markup:
    """Return an element; ``class_`` is class, underscores are hyphens."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    inner = "".join(html(part) for part in content if part is not None)
    if element in {"input", "meta", "link", "br"}:
        return Markup(f"<{element}{written}>")
    return Markup(f"<{element}{written}>{inner}</{element}>")


def html(value: str) -> str:
    """Return a text escaped, markup as it is."""
    return value if isinstance(value, Markup) else escape(value)


def join(parts: Iterable[str]) -> Markup:
    """Return the parts one behind the other."""
    return Markup("".join(html(part) for part in parts))


def a(href: str, text: str) -> Markup:
    """Return a link."""
    return tag("a", text, href=href)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Markup:
    """Return a table that scrolls sideways by itself."""
    body = join(tag("tr", *(tag("td", cell) for cell in row)) for row in rows)
    header = tag("thead", tag("tr", *(tag("th", text, scope="col") for text in head)))
    return tag("div", tag("table", header, tag("tbody", body)), class_="wide")


def facts(pairs: Iterable[tuple[str, str]]) -> Markup:
    """Return a list of names and values."""
    return tag("dl", *(join([tag("dt", name), tag("dd", value)]) for name, value in pairs))


_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z\Z", re.ASCII)


def moment(value: datetime | None) -> str:
    """Return a time as people in Japan read it."""
    if value is None:
        return "–"
    try:
        return value.astimezone(JST).strftime("%Y-%m-%d %H:%M JST")
    except OverflowError:
        return value.isoformat()


def shown(value: Any) -> str:
    """Return a property's value for people."""
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, str) and _TIME.match(value):
        return moment(datetime.fromisoformat(value))
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "✓" if value else "✗"
    if isinstance(value, dict):
        return ", ".join(f"{k}: {shown(v)}" for k, v in value.items())
    if isinstance(value, list):
        return ", ".join(shown(v) for v in value) or "–"
    return str(value)


def frame(
    ask: Ask,
    title: str,
    *main: str,
    reader: Reader | None = None,
    trail: Sequence[tuple[str, str]] = (),
) -> str:
    """Return a whole page: navigation, banner where exercise or test data may show, content."""
    base = ask.base

    def say(name: str) -> str:
        return WORDS[name].to(ask.language)

    other = "en" if ask.language == "ja" else "ja"
    crumbs = [a(f"{base}{path}", name) for path, name in trail]
    navigation = tag(
        "nav",
        a(f"{base}/?f=html", "火の見 Hinomi"),
        a(f"{base}/", say("dashboard")),
        a(f"{base}/collections?f=html", say("collections")),
        a(f"{base}/changes?f=html", say("changes")),
        a(f"{base}/api?f=html", say("api")),
        tag("a", say("language"), href=ask.with_query(lang=other), class_="end", hreflang=other),
    )
    page = tag(
        "html",
        tag(
            "head",
            tag("meta", charset="utf-8"),
            tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
            tag("title", f"{title} – 火の見 Hinomi"),
            tag("link", rel="stylesheet", href=f"{base}/static/hinomi.css"),
        ),
        tag(
            "body",
            tag("header", navigation),
            banner(ask, reader),
            tag(
                "main",
                tag("p", join(join([c, " › "]) for c in crumbs), class_="trail") if crumbs else "",
                tag("h1", title),
                *main,
            ),
        ),
        lang=ask.language,
    )
    return f"<!doctype html>\n{page}"


def banner(ask: Ask, reader: Reader | None) -> Markup:
    """Return the warning that what is shown is no real event, and the as-of moment."""
    parts: list[Markup] = []
    statuses = reader.status if reader else frozenset()
    if Status.EXERCISE in statuses:
        text = WORDS["exercise"].to(ask.language)
        parts.append(tag("p", text, class_="exercise", role="status"))
    if Status.TEST in statuses:
        parts.append(tag("p", WORDS["test"].to(ask.language), class_="exercise", role="status"))
    if "as-of" in ask.query:
        text = f"{WORDS['as_of'].to(ask.language)} {ask.query['as-of']}"
        parts.append(tag("p", text, class_="asof", role="status"))
    return join(parts)


def view_query(ask: Ask) -> str:
    """Return the parameters that pages hand on to each other: status, as-of, language."""
    kept = [
        f"{name}={segment(ask.query[name])}"
        for name in ("status", "as-of", "lang")
        if name in ask.query
    ]
    return "&".join(["f=html", *kept])
