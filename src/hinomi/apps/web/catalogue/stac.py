"""STAC API 1.0 over the collections of documents and coverages: photos, imagery, grids."""

from __future__ import annotations

import mimetypes
from typing import TYPE_CHECKING, Any

from hinomi.apps.web.catalogue.asked import Asked, asked
from hinomi.apps.web.catalogue.entries import NAMES, digests
from hinomi.apps.web.catalogue.extents import extents_of
from hinomi.apps.web.catalogue.records import ABOUT, TITLE
from hinomi.apps.web.http import GEOJSON, JSON, OPENAPI, Answer, Ask, encode, segment
from hinomi.kernel.collections import Collection, Kind
from hinomi.kernel.errors import MissingError, Text
from hinomi.kernel.geometry import bounds
from hinomi.kernel.reader import Question, Reader
from hinomi.kernel.records import Stored
from hinomi.standards import stac
from hinomi.standards.stac import Asset, Item, Link
from hinomi.vocabulary.exchange import Sender

if TYPE_CHECKING:
    from hinomi.apps.web.app import Web

_KINDS = {Kind.DOCUMENTS, Kind.COVERAGES}
_SIMPLE = (str, int, float, bool)


def described(web: Web) -> dict[str, Collection]:
    """Return the collections that have STAC items."""
    return {c.id: c for c in web.catalog.collections.values() if c.kind in _KINDS}


def _one(web: Web, name: str) -> Collection:
    found = described(web)
    if name not in found:
        raise MissingError(Text("STACコレクション", "STAC collection"), name, found)
    return found[name]


def landing(web: Web, ask: Ask) -> Answer:
    """Answer the root of the STAC API."""
    root = f"{ask.base}/stac"
    links = (
        Link(rel="self", href=root, type=JSON),
        Link(rel="root", href=root, type=JSON),
        Link(rel="conformance", href=f"{root}/conformance", type=JSON),
        Link(rel="data", href=f"{root}/collections", type=JSON),
        Link(rel="search", href=f"{root}/search", type=GEOJSON, method="GET"),
        Link(rel="search", href=f"{root}/search", type=GEOJSON, method="POST"),
        Link(rel="service-desc", href=f"{ask.base}/api", type=OPENAPI),
        Link(rel="service-doc", href=f"{ask.base}/api?f=html", type="text/html"),
        *(
            Link(rel="child", href=f"{root}/collections/{segment(c.id)}", type=JSON,
                 title=ask.say(c.title))
            for c in described(web).values()
        ),
    )  # fmt: skip
    body = stac.encode_catalog("hinomi", ask.say(TITLE), ask.say(ABOUT), links)
    return Answer(body=encode(body))


def conformance(_: Web, __: Ask) -> Answer:
    """Answer the conformance classes of the STAC API."""
    return Answer(body=encode({"conformsTo": stac.CONFORMS_TO}))


def collections(web: Web, ask: Ask) -> Answer:
    """Answer every STAC collection."""
    reader = web.reader(ask)
    root = f"{ask.base}/stac"
    links = [
        {"rel": "self", "href": f"{root}/collections", "type": JSON},
        {"rel": "root", "href": root, "type": JSON},
    ]
    found = [_collection(web, ask, reader, c) for c in described(web).values()]
    return Answer(body=encode({"collections": found, "links": links}))


def collection(web: Web, ask: Ask) -> Answer:
    """Answer one STAC collection."""
    of = _one(web, ask.arguments["collection"])
    return Answer(body=encode(_collection(web, ask, web.reader(ask), of)))


def _collection(web: Web, ask: Ask, reader: Reader, of: Collection) -> dict[str, Any]:
    extent = extents_of(web.service).of(reader, of.id)
    root = f"{ask.base}/stac"
    here = f"{root}/collections/{segment(of.id)}"
    return stac.encode_collection(
        stac.Collection(
            id=of.id,
            title=ask.say(of.title),
            description=ask.say(of.text),
            licence=of.licence,
            provider=(web.service.sender or Sender()).author,
            bbox=extent.bbox if extent else None,
            start=extent.start if extent else None,
            end=extent.end if extent else None,
            keywords=(of.kind.value, of.verb.value),
            links=(
                Link(rel="self", href=here, type=JSON),
                Link(rel="root", href=root, type=JSON),
                Link(rel="parent", href=root, type=JSON),
                Link(rel="items", href=f"{here}/items", type=GEOJSON),
                Link(rel="via", href=f"{ask.base}/collections/{segment(of.id)}", type=JSON),
            ),
        )
    )


def items(web: Web, ask: Ask) -> Answer:
    """Answer one page of a collection's items."""
    of = _one(web, ask.arguments["collection"])
    wish = asked(ask, web.service.now())
    return _found(web, ask, wish, [of])


def item(web: Web, ask: Ask) -> Answer:
    """Answer one item."""
    of = _one(web, ask.arguments["collection"])
    reader = web.reader(ask)

    def make() -> Answer:
        found = reader.get(of.id, ask.arguments["key"])
        return Answer(body=encode(_item(ask, reader, of, found)), media_type=GEOJSON)

    return web.again(ask, web.stamp(ask, reader), make)


def search(web: Web, ask: Ask) -> Answer:
    """Answer one page of what is sought in all collections; asked by GET or by POST."""
    wish = asked(ask, web.service.now())
    known = described(web)
    names = list(known) if wish.collections is None else wish.collections
    return _found(web, ask, wish, [known[name] for name in names if name in known])


def _found(web: Web, ask: Ask, wish: Asked, among: list[Collection]) -> Answer:
    reader = web.reader(ask)

    def make() -> Answer:
        return _page(ask, reader, wish, among)

    if ask.method == "POST":
        return make()
    return web.again(ask, web.stamp(ask, reader), make)


def _page(ask: Ask, reader: Reader, wish: Asked, among: list[Collection]) -> Answer:
    features: list[dict[str, Any]] = []
    number, after = wish.place
    following: str | None = None
    for at, of in enumerate(among[number:], number):
        if len(features) >= wish.limit:
            following = f"{at}."
            break
        question: Question = {**wish.question, "limit": wish.limit - len(features), "after": after}
        page = reader.find(of.id, **question)
        features += [_item(ask, reader, of, found) for found in page.items]
        after = None
        if page.next is not None:
            following = f"{at}.{page.next}"
            break
    links = [
        Link(rel="self", href=ask.here, type=GEOJSON),
        Link(rel="root", href=f"{ask.base}/stac", type=JSON),
    ]
    if following is not None:
        links.append(_next(ask, wish, following))
    matched = sum(reader.count(reader.query(of.id, **wish.question)) for of in among)
    body = {
        "type": "FeatureCollection",
        "features": features,
        "links": links,
        "numberMatched": matched,
        "numberReturned": len(features),
    }
    return Answer(body=encode(body), media_type=GEOJSON)


def _next(ask: Ask, wish: Asked, token: str) -> Link:
    if ask.method != "POST":
        return Link(rel="next", href=ask.with_query(token=token), type=GEOJSON, method="GET")
    body = {**wish.given, "token": token}
    return Link(rel="next", href=ask.here, type=GEOJSON, method="POST", body=body)


def _item(ask: Ask, reader: Reader, within: Collection, of: Stored) -> dict[str, Any]:
    root = f"{ask.base}/stac"
    parent = f"{root}/collections/{segment(within.id)}"
    place = of.place()
    body = of.body()
    title = next((str(body[n]) for n in NAMES if body.get(n)), of.key)
    properties = {
        "title": title,
        "created": of.said_at,
        "updated": of.recorded_at,
        "hinomi:status": of.marking.status.value,
        "hinomi:disclosure": of.marking.disclosure.label,
        "hinomi:source": of.source,
        **{f"hinomi:{n}": v for n, v in body.items() if isinstance(v, _SIMPLE)},
    }
    start, end = of.when.start, of.when.end
    return stac.encode_item(
        Item(
            id=of.key,
            collection=within.id,
            geometry=place,
            bbox=None if place is None else bounds(place),
            at=start or of.said_at,
            start=start if start != end else None,
            end=end if start != end else None,
            properties=properties,
            assets=_assets(ask, reader, of, str(body.get("media_type") or "")),
            links=(
                Link(rel="self", href=f"{parent}/items/{segment(of.key)}", type=GEOJSON),
                Link(rel="root", href=root, type=JSON),
                Link(rel="parent", href=parent, type=JSON),
                Link(rel="collection", href=parent, type=JSON),
                Link(rel="via", href=f"{ask.base}/records/{of.id}", type=GEOJSON),
            ),
        )
    )


def _assets(ask: Ask, reader: Reader, of: Stored, media_type: str) -> dict[str, Asset]:
    """Return the bytes that a thing came as; their address is good for who may see the thing."""
    names = {o.digest: o.path or o.address for o, _ in reader.trace(of.id).origins}
    status = "" if of.marking.status.value == "actual" else f"&status={of.marking.status.value}"
    found = {}
    for number, digest in enumerate(digests(reader, of)):
        name = names.get(digest, "").rpartition("/")[2]
        kind = media_type or mimetypes.guess_type(name)[0] or "application/octet-stream"
        found["data" if number == 0 else f"data-{number + 1}"] = Asset(
            href=f"{ask.base}/blobs/{digest}?record={of.id}{status}",
            type=kind,
            title=name,
            roles=("data", "visual") if kind.startswith("image/") else ("data",),
        )
    return found
