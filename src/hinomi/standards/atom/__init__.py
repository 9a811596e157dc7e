"""Atom (RFC 4287) feeds, read: the entries' ids, links and times, as JMA publishes them."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
from lxml import etree

from hinomi.kernel.errors import DataError, Problem, Text

NAMESPACE = "{http://www.w3.org/2005/Atom}"
MAX_BYTES = 20_000_000


class Entry(msgspec.Struct, frozen=True):
    """One entry: where its document is and when it was last changed."""

    id: str
    link: str
    title: str
    updated: datetime | None


class Feed(msgspec.Struct, frozen=True):
    """A feed's entries in the order of the document, and what could not be read."""

    title: str
    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...]


def looks_like(data: bytes) -> bool:
    """Tell whether a document's first bytes open Atom's feed element."""
    return b"<feed" in data[:1024] or b":feed" in data[:1024]


def decode(data: bytes) -> Feed:
    """Return the feed; an entry without a link, or with a time that is none, becomes a problem.

    Raises:
        DataError: the bytes are no XML, no Atom, or more than 20 MB.
    """
    root = _parse(data)
    problems: list[Problem] = []
    entries = []
    for index, element in enumerate(root.iterchildren(f"{NAMESPACE}entry"), start=1):
        path = f"/feed/entry[{index}]"
        link = _link(element)
        if not link:
            problems.append(
                _problem("atom.entry-without-link", path, "link に href がありません。")
            )
            continue
        updated = _time(element.findtext(f"{NAMESPACE}updated"))
        if updated is None:
            problems.append(_problem("atom.time", f"{path}/updated", "日時が読めません。", "note"))
        identity = (element.findtext(f"{NAMESPACE}id") or link).strip()
        title = (element.findtext(f"{NAMESPACE}title") or "").strip()
        entries.append(Entry(identity, link, title, updated))
    title = (root.findtext(f"{NAMESPACE}title") or "").strip()
    return Feed(title, tuple(entries), tuple(problems))


def _parse(data: bytes) -> etree._Element:
    if len(data) > MAX_BYTES:
        raise DataError([_problem("atom.too-large", "/", f"{len(data)}バイトは多すぎます。")])
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise DataError([_problem("atom.not-xml", "/", f"XMLとして読めません: {error}")]) from error
    if root.tag != f"{NAMESPACE}feed":
        raise DataError([_problem("atom.not-a-feed", "/", f"Atomではありません: {root.tag}")])
    return root


def _link(entry: etree._Element) -> str:
    for link in entry.iterchildren(f"{NAMESPACE}link"):
        if link.get("rel", "alternate") == "alternate" and link.get("href"):
            return str(link.get("href")).strip()
    return ""


def _time(text: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat((text or "").strip())
        return found.astimezone(UTC) if found.tzinfo else None
    except (ValueError, OverflowError):
        return None


_ENGLISH = {
    "atom.entry-without-link": "The entry has no link with an href.",
    "atom.time": "The entry's time is not RFC 3339 with a zone.",
    "atom.too-large": f"The feed is larger than {MAX_BYTES} bytes.",
    "atom.not-xml": "The feed is not well-formed XML.",
    "atom.not-a-feed": "The document's root is not Atom's feed element.",
}


def _problem(code: str, path: str, ja: str, grade: str = "error") -> Problem:
    return Problem(code, path, Text(ja, _ENGLISH[code]), "note" if grade == "note" else "error")
