"""Features: pages of items, one item, its history and its trace, records and raw bytes."""

from __future__ import annotations

from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec

from hinomi.apps.web import cap, crs, pages, parameters, tables
from hinomi.apps.web.http import CSV, GEOJSON, HTML, Answer, Ask, digest, encode, segment
from hinomi.apps.web.upload import package
from hinomi.kernel.errors import InputError, MissingError, Text
from hinomi.kernel.marking import ANONYMOUS, Marking, Status
from hinomi.kernel.reader import Question, Reader
from hinomi.kernel.records import Origin, Stored
from hinomi.kernel.store import Features, Trace

if TYPE_CHECKING:
    from hinomi.apps.web.app import Web


def items(web: Web, ask: Ask) -> Answer:
    """Answer one page of a collection's current (or as-of) features.

    The tag, the count and the page are of one state of the store.
    """
    return web.settled(lambda: _items(web, ask, ask.arguments["collection"]))


def _items(web: Web, ask: Ask, collection: str) -> Answer:
    reader = web.reader(ask)
    web.catalog.collection(collection)
    question = _question(web, ask, collection)
    uri = parameters.crs_of(ask)
    counted = parameters.flag(ask, "count")
    etag = web.stamp(ask, reader, collection)

    def make() -> Answer:
        matched = reader.count(reader.query(collection, **question)) if counted else None
        if ask.media == "sip4d-zip":
            return package(web, ask, reader, collection, question)
        if ask.media == "cap":
            return cap.collection(web, ask, reader, (collection, question))
        if ask.media not in ("html", "csv"):
            return _page(ask, collection, reader.features(collection, **question), uri, matched)
        page = reader.find(collection, **question)
        if ask.media == "html":
            body = pages.items_page(ask, web.catalog.collection(collection), reader, page, matched)
            return Answer(body=body.encode(), media_type=HTML)
        links = () if page.next is None else (_next_header(ask, page.next),)
        return Answer(body=tables.features_csv(page.items), media_type=CSV, headers=links)

    return web.again(ask, etag, make)


FAST_COUNT_AREA = 10.0
"""[square degrees] Up to this a count reads the index for a few milliseconds at most."""


def counts_fast(ask: Ask) -> bool:
    """Tell whether a count is so small a matter that nobody has to wait for it."""
    query = ask.query
    if any(name in query for name in ("datetime", "as-of", "source", "beside", "token")):
        return False
    box = parameters.bbox_of(ask)
    if box is None:
        return False
    west, south, east, north = box
    return west <= east and (east - west) * (north - south) <= FAST_COUNT_AREA


def _question(web: Web, ask: Ask, collection: str) -> Question:
    """Return the request's question; only what is asked for is set."""
    query = ask.query
    question: Question = {"limit": parameters.limit_of(ask)}
    box = parameters.bbox_of(ask)
    if box is not None:
        question["bbox"] = box
    if "datetime" in query:
        question["when"] = parameters.span(query["datetime"], web.service.now())
    if "filter" in query or "filter-lang" in query or "filter-crs" in query:
        question["filter"] = parameters.filter_of(ask, web.catalog, collection)
    if "source" in query:
        question["sources"] = parameters.names(ask, "source")
    if "beside" in query:
        question["beside"] = parameters.flag(ask, "beside")
    if "token" in query:
        question["after"] = query["token"]
    return question


def _page(ask: Ask, collection: str, page: Features, uri: str, matched: int | None) -> Answer:
    features = page.items
    if parameters.flag(ask, "skip-geometry"):
        # The stored bytes end with the geometry, and nothing inside one has that name.
        features = [b'%b,"geometry":null}' % f[: f.rindex(b',"geometry":')] for f in features]
    elif uri != crs.CRS84:
        features = [crs.move_feature(feature, uri) for feature in features]
    more = "" if matched is None else f'"numberMatched":{matched},'
    head = b'{"type":"FeatureCollection",%b"numberReturned":%d,"links":[%b],"features":[' % (
        more.encode(),
        len(features),
        _links(ask, collection, page.next),
    )
    body = _array(head, features, b"]}")
    return Answer(body=body, media_type=GEOJSON, headers=((b"content-crs", f"<{uri}>".encode()),))


def _array(head: bytes, members: list[bytes], tail: bytes) -> bytes:
    """Return the members between head and tail by one join: a page is copied once."""
    if not members:
        return head + tail
    first, last = head + members[0], members[-1] + tail
    if len(members) == 1:
        return first + tail
    return b",".join([first, *members[1:-1], last])


def _links(ask: Ask, collection: str, token: str | None) -> bytes:
    """Return a page's links as JSON; addresses hold nothing that JSON would escape."""
    query = ask.safe_query
    path = f"{ask.base}{ask.path.decode()}"
    here = f"{path}?{query}" if query else path
    joint = "&" if query else "?"
    other = ask.with_query(f="html") if "f=" in here else f"{here}{joint}f=html"
    links = (
        f'{{"rel":"self","type":"application/geo+json","href":"{here}"}},'
        f'{{"rel":"alternate","type":"text/html","href":"{other}"}},'
        f'{{"rel":"collection","type":"application/json","href":"{_about(ask.base, collection)}"}}'
    )
    if token is not None:
        following = (
            ask.with_query(token=token)
            if "token=" in query
            else f"{here}{joint}token={segment(token)}"
        )
        links += f',{{"rel":"next","type":"application/geo+json","href":"{following}"}}'
    return links.encode()


def _next_header(ask: Ask, token: str) -> tuple[bytes, bytes]:
    return b"link", f'<{ask.with_query(token=token)}>; rel="next"'.encode()


def item(web: Web, ask: Ask) -> Answer:
    """Answer one feature; its ETag is what PUT and DELETE want in If-Match."""
    return web.settled(lambda: _item(web, ask, ask.arguments["collection"], ask.arguments["key"]))


def _item(web: Web, ask: Ask, collection: str, key: str) -> Answer:
    reader = web.reader(ask)
    web.catalog.collection(collection)
    uri = parameters.crs_of(ask)
    found = reader.get(collection, key)
    if ask.media == "cap":
        return cap.statement(web, reader, found.id)
    if ask.media == "html":
        body = pages.item_page(ask, web.catalog.collection(collection), reader, found)
        return Answer(body=body.encode(), media_type=HTML)
    return feature_answer(ask, found, uri, (_modified(found.recorded_at),))


@lru_cache(maxsize=4_096)
def _modified(at: datetime) -> tuple[bytes, bytes]:
    return b"last-modified", format_datetime(at, usegmt=True).encode()


def feature_answer(
    ask: Ask,
    found: Stored,
    uri: str = crs.CRS84,
    headers: tuple[tuple[bytes, bytes], ...] = (),
    status: int = 200,
) -> Answer:
    """Return one stored feature with its links behind it."""
    about = _about(ask.base, found.collection)
    here = f"{about}/items/{segment(found.key)}"
    tail = "" if found.marking.status is Status.ACTUAL else f"?status={found.marking.status.value}"
    html = f"{here}{tail}{'&' if tail else '?'}f=html"
    # Addresses hold nothing that JSON would escape.
    retracted = ',"retracts":true' if found.retracts else ""
    links = (
        f'{retracted},"links":[{{"rel":"self","type":"application/geo+json","href":"{here}{tail}"}},'
        f'{{"rel":"alternate","type":"text/html","href":"{html}"}},'
        f'{{"rel":"collection","type":"application/json","href":"{about}"}},'
        f'{{"rel":"version-history","type":"application/geo+json","href":"{here}/history{tail}"}},'
        f'{{"rel":"via","type":"application/json","href":"{here}/trace{tail}"}}]}}'
    )
    feature, tag = found.feature, tag_of(found)
    if uri != crs.CRS84:
        feature, tag = crs.move_feature(feature, uri), f"{tag}-{uri.rsplit('/', 1)[1]}"
    body = feature[:-1] + links.encode()
    content_crs = (b"content-crs", b"<%b>" % uri.encode())
    return Answer(
        status=status, body=body, media_type=GEOJSON, etag=tag, headers=(content_crs, *headers)
    )


def tag_of(found: Stored) -> str:
    """Return a statement's ETag; a marking that was narrowed later changes it."""
    return f"{found.id}{_marking_tag(found.marking)}"


@lru_cache(maxsize=1_024)
def _marking_tag(marking: Marking) -> str:
    return digest(str(marking))[:8]


@lru_cache(maxsize=1_024)
def _about(base: str, collection: str) -> str:
    return f"{base}/collections/{segment(collection)}"


def address(ask: Ask, found: Stored) -> str:
    """Return a feature's address, its key in one segment."""
    return f"{ask.base}/collections/{segment(found.collection)}/items/{segment(found.key)}"


def history(web: Web, ask: Ask) -> Answer:
    """Answer every statement about a thing, oldest first; a withdrawal says ``retracts``."""
    collection, key = ask.arguments["collection"], ask.arguments["key"]
    reader = web.reader(ask)
    limit = parameters.limit_of(ask)
    etag = web.stamp(ask, reader, collection)

    def make() -> Answer:
        page = reader.history(collection, key, limit=limit, after=ask.query.get("token"))
        if not page.items and "token" not in ask.query:
            raise MissingError(Text("もの", f"item in {collection}"), key)
        if ask.media == "html":
            of = web.catalog.collection(collection)
            shown = pages.history_page(ask, of, reader, key, page)
            return Answer(body=shown.encode(), media_type=HTML)
        said = [_with_retraction(stored) for stored in page.items]
        body = b'{"type":"FeatureCollection","numberReturned":%d,"links":[%b],"features":[%b]}' % (
            len(said), _links(ask, collection, page.next), b",".join(said),
        )  # fmt: skip
        return Answer(body=body, media_type=GEOJSON)

    return web.again(ask, etag, make)


def _with_retraction(stored: Stored) -> bytes:
    return stored.feature[:-1] + b',"retracts":true}' if stored.retracts else stored.feature


def trace(web: Web, ask: Ask) -> Answer:
    """Answer the hops of an item: where it came from, what was made of it."""
    reader = web.reader(ask)
    found = reader.get(ask.arguments["collection"], ask.arguments["key"])
    return _traced(web, ask, reader, reader.trace(found.id))


def record_trace(web: Web, ask: Ask) -> Answer:
    """Answer the hops of one statement."""
    reader = web.reader(ask)
    return _traced(web, ask, reader, reader.trace(ask.arguments["record"]))


def _traced(web: Web, ask: Ask, reader: Reader, found: Trace) -> Answer:
    hops = trace_of(ask, found)
    if ask.media == "html":
        collection = web.catalog.collection(found.record.collection)
        page = pages.trace_page(ask, collection, reader, found.record, hops)
        return Answer(body=page.encode(), media_type=HTML)
    return Answer(body=encode(hops))


def trace_of(ask: Ask, found: Trace) -> dict[str, Any]:
    """Return a trace for the caller; folders of this machine are not for everyone."""
    status = found.record.marking.status.value
    tail = "" if status == "actual" else f"status={status}"
    origins = []
    for origin, recorded_at in found.origins:
        told = msgspec.to_builtins(_seen(origin, ask))
        told["recorded_at"] = recorded_at
        if origin.digest:
            told["blob"] = f"{ask.base}/blobs/{origin.digest}?record={found.record.id}" + (
                f"&{tail}" if tail else ""
            )
        if origin.inputs:
            told["inputs"] = [_record_link(ask, name, tail) for name in origin.inputs]
        origins.append(told)
    return {
        "record": found.record.id,
        "collection": found.record.collection,
        "key": found.record.key,
        "item": f"{address(ask, found.record)}{'?' if tail else ''}{tail}",
        "source": found.record.source,
        "said_at": found.record.said_at,
        "recorded_at": found.record.recorded_at,
        "status": status,
        "origins": origins,
        "made": [_record_link(ask, name, tail) for name in found.made],
    }


def _record_link(ask: Ask, record_id: str, tail: str) -> dict[str, str]:
    href = f"{ask.base}/records/{segment(record_id)}{'?' if tail else ''}{tail}"
    return {"record": record_id, "href": href}


def _seen(origin: Origin, ask: Ask) -> Origin:
    """Return the origin as the caller may see it: names of files, not their folders."""
    if ask.principal != ANONYMOUS or "://" in origin.address:
        return origin
    file, bang, member = origin.address.partition("!")
    hidden = file.replace("\\", "/").rsplit("/", 1)[-1] + bang + member
    return msgspec.structs.replace(origin, address=hidden, entered_by="")


def record(web: Web, ask: Ask) -> Answer:
    """Answer one statement by its id, current or not."""
    reader = web.reader(ask)
    found = reader.record(ask.arguments["record"])
    if ask.media == "html":
        collection = web.catalog.collection(found.collection)
        return Answer(
            body=pages.item_page(ask, collection, reader, found).encode(), media_type=HTML
        )
    return feature_answer(ask, found)


def blob(web: Web, ask: Ask) -> Answer:
    """Answer raw bytes that led to a record that the caller may see."""
    reader = web.reader(ask)
    if "record" not in ask.query:
        raise InputError(
            "Raw bytes are shown to those who see what was made of them: record=ID is missing.",
            "原文は、そこから作られた記録を見られる人に示します。record=IDが必要です。",
        )
    found = reader.record(ask.query["record"])
    data = reader.blob(found, ask.arguments["digest"])
    return Answer(
        body=data,
        media_type="application/octet-stream",
        etag=ask.arguments["digest"],
        headers=((b"content-disposition", b"attachment"),),
    )
