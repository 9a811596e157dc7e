"""Lists of CAP messages: Atom (RFC 4287) and RSS 2.0, read for their links and written."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import format_datetime

import msgspec
from lxml import etree

from hinomi.kernel.errors import DataError, Problem, Text
from hinomi.standards.cap.alert import MEDIA_TYPE
from hinomi.standards.cap.xml import Element, parse

ATOM = "http://www.w3.org/2005/Atom"
FEED_TYPE = "application/atom+xml"
RSS_TYPE = "application/rss+xml"


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One message of a list to be written: its address, or the message itself."""

    id: str
    title: str
    updated: datetime
    link: str = ""
    author: str = ""
    category: str = ""
    summary: str = ""
    content: Element = None
    """The alert's element, where the list holds the messages themselves."""


def links(data: bytes) -> list[str]:
    """Return an RSS channel's links, in the document's order.

    Raises:
        DataError: no RSS, or nothing that can be read.
    """
    root = parse(data)
    channel = root.find("channel") if root.tag == "rss" else None
    if channel is None:
        text = Text("RSSではありません。", "This is no RSS 2.0.")
        raise DataError([Problem("cap.not-rss", "/", text, found=str(root.tag)[:100])])
    found = [(item.findtext("link") or "").strip() for item in channel.iterchildren("item")]
    return [link for link in found if link]


def looks_like_rss(data: bytes) -> bool:
    """Tell whether a document's first bytes open RSS."""
    return b"<rss" in data[:1024]


def feed(
    items: Iterable[Item], *, id: str, title: str, here: str, author: str, more: str = ""
) -> bytes:
    """Return an Atom feed; its time is that of its newest message (1970 for none).

    Args:
        items: in the order in which they shall stand.
        id: the feed's identity, an address.
        title: for people.
        here: its own address; empty where it has none (a file).
        author: who publishes it.
        more: address of the next page (RFC 5005).
    """
    listed = list(items)
    root = etree.Element(f"{{{ATOM}}}feed", nsmap={None: ATOM})
    _add(root, "id", id)
    _add(root, "title", title)
    newest = max((one.updated for one in listed), default=datetime(1970, 1, 1, tzinfo=UTC))
    _add(root, "updated", _time(newest))
    _add(_add(root, "author"), "name", author)
    if here:
        _add(root, "link", rel="self", type=FEED_TYPE, href=here)
    if more:
        _add(root, "link", rel="next", type=FEED_TYPE, href=more)
    for one in listed:
        _entry(_add(root, "entry"), one)
    data: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return data


def rss(
    items: Iterable[Item], *, id: str, title: str, here: str, author: str, more: str = ""
) -> bytes:
    """Return the same list as RSS 2.0, whose readers want a page and a description of the channel.

    Args:
        items: in the order in which they shall stand.
        id: the feed's identity, an address; RSS has no place for it but the channel's link.
        title: for people.
        here: its own address.
        author: who publishes it.
        more: address of the next page (RFC 5005).
    """
    listed = list(items)
    root = etree.Element("rss", version="2.0", nsmap={"atom": ATOM})
    channel = etree.SubElement(root, "channel")
    newest = max((one.updated for one in listed), default=datetime(1970, 1, 1, tzinfo=UTC))
    _plain(channel, title=title, link=id, description=f"CAP 1.2, {author}")
    _plain(channel, lastBuildDate=_date(newest))
    _add(channel, "link", rel="self", type=RSS_TYPE, href=here)
    if more:
        _add(channel, "link", rel="next", type=RSS_TYPE, href=more)
    for one in listed:
        item = etree.SubElement(channel, "item")
        _plain(item, title=one.title, link=one.link, description=one.summary)
        etree.SubElement(item, "guid", isPermaLink="false").text = one.id
        _plain(item, pubDate=_date(one.updated), category=one.category)
    data: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return data


def _plain(parent: Element, **texts: str) -> None:
    for name, text in texts.items():
        if text:
            etree.SubElement(parent, name).text = text


def _date(time: datetime) -> str:
    return format_datetime(time.astimezone(UTC), usegmt=True)


def _entry(entry: Element, one: Item) -> None:
    _add(entry, "id", one.id)
    _add(entry, "title", one.title)
    _add(entry, "updated", _time(one.updated))
    if one.author:
        _add(_add(entry, "author"), "name", one.author)
    if one.link:
        _add(entry, "link", rel="alternate", type=MEDIA_TYPE, href=one.link)
    if one.category:
        _add(entry, "category", term=one.category)
    if one.summary:
        _add(entry, "summary", one.summary)
    if one.content is not None:
        _add(entry, "content", type=MEDIA_TYPE).append(one.content)


def _time(time: datetime) -> str:
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _add(parent: Element, name: str, text: str = "", **attributes: str) -> Element:
    child = etree.SubElement(parent, f"{{{ATOM}}}{name}", attributes)
    if text:
        child.text = text
    return child
