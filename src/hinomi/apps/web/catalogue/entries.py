"""What the catalogue lists, as one caller may see it: the same list for Records and for DCAT.

One entry for each collection, package received, document or coverage, product, and for each
model of which the caller may see a result.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterator
from datetime import datetime
from threading import Lock
from typing import NamedTuple, TypeAlias
from weakref import WeakKeyDictionary

from hinomi.apps.web.catalogue.extents import Extents, extents_of
from hinomi.apps.web.http import CSV, GEOJSON, HTML, JSON, SCHEMA, segment
from hinomi.kernel.collections import Collection, Kind
from hinomi.kernel.errors import Text
from hinomi.kernel.geometry import bounds
from hinomi.kernel.marking import Marking, Status
from hinomi.kernel.ports import Model, Product
from hinomi.kernel.reader import Reader
from hinomi.kernel.records import Stored
from hinomi.runtime.exports import FORMATS
from hinomi.runtime.service import Service
from hinomi.standards.records_api import Contact, Link, Record, Theme, Words, fold
from hinomi.vocabulary.exchange import PACKAGES, Sender

BASE = "{base}"
"""Stands at the head of every address in a kept entry, for the caller's own base."""
RECENT = 2_000
"""Positions of the feed that are looked through for a model's newest result."""
_TILES = "application/vnd.mapbox-vector-tile"
_FIELDS = f"{BASE}/catalogue#fields"
_KINDS = f"{BASE}/catalogue#sip4d"
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
NAMES = ("title", "headline", "name", "caption", "text", "summary")
"""Body properties that name a document, the best first."""
_VIEWS = 4


class Entry(NamedTuple):
    """A record, what is searched in it, and the statuses of what it tells of."""

    record: Record
    text: str


class Listing(NamedTuple):
    """All entries of one view at one position."""

    position: int
    entries: tuple[Entry, ...]

    def search(self, q: str) -> list[Entry]:
        """Return the entries that a ``q`` finds."""
        words = Words.of(q)
        return [self.entries[n] for n in words.search([entry.text for entry in self.entries])]


_View: TypeAlias = tuple[frozenset[Marking], frozenset[Status]]


class Listings:
    """The entries for each set of markings, kept while nothing is appended."""

    def __init__(self) -> None:
        self._kept: OrderedDict[_View, Listing] = OrderedDict()
        self._lock = Lock()

    def of(self, service: Service, reader: Reader) -> Listing:
        """Return the entries that a reader may see."""
        view = (reader.visible(), reader.status)
        position = reader.position()
        with self._lock:
            kept = self._kept.get(view)
        if kept is None or kept.position != position:
            made = _Making(reader, extents_of(service), service.sender or Sender())
            kept = Listing(position, tuple(_searchable(r) for r in made.all()))
            with self._lock:
                self._kept[view] = kept
                self._kept.move_to_end(view)
                while len(self._kept) > _VIEWS:
                    self._kept.popitem(last=False)
        return kept


_LISTINGS: WeakKeyDictionary[Service, Listings] = WeakKeyDictionary()


def listing_of(service: Service, reader: Reader) -> Listing:
    """Return what the catalogue lists for a reader."""
    return _LISTINGS.setdefault(service, Listings()).of(service, reader)


def _searchable(record: Record) -> Entry:
    themes = (" ".join(t) for theme in record.themes for _, t in theme.concepts)
    who = (contact.organization for contact in record.contacts)
    words = (record.id, *record.title, *record.description, *record.keywords, *themes, *who)
    # A line for each: words side by side never reach from one into the next.
    return Entry(record, "\n".join(fold(word) for word in words))


class _Making:
    """One making of the list."""

    def __init__(self, reader: Reader, extents: Extents, sender: Sender) -> None:
        self._reader = reader
        self._extents = extents
        self._catalog = reader.catalog
        self._contact = Contact(organization=sender.author, email=sender.email)
        self._field = {
            thing.id: domain
            for domain in self._catalog.domains
            for thing in (*domain.collections, *domain.models, *domain.products)
            if isinstance(thing, Collection | Model | Product)
        }
        self._marked = () if reader.status == {Status.ACTUAL} else _statuses(reader)

    def all(self) -> Iterator[Record]:
        """Yield every record, the collections first."""
        for collection in self._catalog.collections.values():
            yield self._collection(collection)
        for product in self._catalog.products.values():
            yield self._product(product)
        for model in self._catalog.models.values():
            run = self._run(model)
            if run is not None:
                yield self._model(model, run)
        if PACKAGES.id in self._catalog.collections:
            yield from map(self._package, self._reader.every(PACKAGES.id))
        for collection in self._catalog.collections.values():
            if collection.kind in {Kind.DOCUMENTS, Kind.COVERAGES}:
                yield from (
                    self._document(collection, x) for x in self._reader.every(collection.id)
                )

    def _themes(self, name: str) -> tuple[Theme, ...]:
        domain = self._field.get(name)
        if domain is None:
            return ()
        return (Theme(scheme=_FIELDS, concepts=((domain.id, _both(domain.title)),)),)

    def _collection(self, of: Collection) -> Record:
        extent = self._extents.of(self._reader, of.id)
        here = f"{BASE}/collections/{segment(of.id)}"
        if of.kind is Kind.SERIES:
            links = [
                _link(f"{BASE}/series?collection={segment(of.id)}", "item", JSON, of.title),
                _link(f"{BASE}/series?collection={segment(of.id)}&f=csv", "item", CSV, of.title),
            ]
        else:
            links = [
                _link(f"{here}/items", "item", GEOJSON, of.title),
                _link(f"{here}/items?f=html", "alternate", HTML, of.title),
                _link(f"{here}/tiles", "tiles", JSON, Text("ベクトルタイル", "Vector tiles")),
            ]
            links += [
                _link(f"{here}/export?f={form.extension}", "enclosure", form.media_type,
                      Text(form.title, form.title))
                for form in FORMATS.values()
            ]  # fmt: skip
        links += [_link(here, "collection", JSON), _link(f"{here}/schema", "describedby", SCHEMA)]
        return Record(
            id=of.id,
            type="dataset",
            title=_both(of.title),
            description=_both(of.text),
            keywords=(of.kind.value, of.verb.value, *self._marked),
            bbox=extent.bbox if extent else None,
            start=extent.start if extent else None,
            end=extent.end if extent else None,
            timed=extent is not None,
            licence=of.licence,
            formats=_formats(links),
            contacts=(self._contact,),
            themes=self._themes(of.id),
            external_ids=(("hinomi:collection", of.id),),
            links=tuple(links),
        )

    def _product(self, of: Product) -> Record:
        address = f"{BASE}/products/{segment(of.id)}"
        link = _link(address, "enclosure", of.media_type, of.title)
        needs = [self._catalog.collections[name].title for name in of.needs]
        made_of = Text(
            f"材料: {'、'.join(t.ja for t in needs)}", f"Made of: {', '.join(t.en for t in needs)}"
        )
        return Record(
            id=f"product:{of.id}",
            type="product",
            title=_both(of.title),
            description=_both(made_of),
            keywords=("product", "プロダクト"),
            formats=_formats([link]),
            contacts=(self._contact,),
            themes=self._themes(of.id),
            external_ids=(("hinomi:product", of.id),),
            links=(link, *(_link(f"{BASE}/collections/{segment(n)}", "related", JSON)
                           for n in of.needs)),
        )  # fmt: skip

    def _run(self, of: Model) -> tuple[Stored, str] | None:
        """Return the newest result of a model that the reader may see, with its run's name."""
        after = max(self._reader.position() - RECENT, 0)
        changes = self._reader.changes(after, collections=of.gives, limit=RECENT).items
        recent = [change.record for change in reversed(changes) if change.record is not None][:50]
        for record in recent or self._some(of):
            for origin, _ in self._reader.trace(record.id).origins:
                if origin.run.partition("@")[0] == of.id:
                    return record, origin.run
        return None

    def _some(self, of: Model) -> list[Stored]:
        return [x for name in of.gives for x in self._reader.find(name, limit=20).items]

    def _model(self, of: Model, run: tuple[Stored, str]) -> Record:
        newest, name = run
        gives = [self._catalog.collections[name] for name in of.gives]
        links = [
            _link(f"{BASE}/collections/{segment(c.id)}/items", "item", GEOJSON, c.title)
            for c in gives
            if c.kind is not Kind.SERIES
        ]
        links += [_link(f"{BASE}/records/{newest.id}/trace", "via", JSON,
                        Text("最新の結果の出所", "Where the newest result came from"))]  # fmt: skip
        return Record(
            id=f"model:{of.id}",
            type="model",
            title=_both(of.title),
            description=_both(of.limits),
            keywords=("model", "予測モデル", *of.gives, *self._marked),
            updated=newest.recorded_at,
            licence="; ".join(dict.fromkeys(c.licence for c in gives)),
            formats=_formats(links),
            contacts=(self._contact,),
            themes=self._themes(of.id),
            external_ids=(("hinomi:model", of.id), ("hinomi:run", name)),
            links=tuple(links),
            more={"version": of.version, "reference": of.reference, "needs": list(of.needs),
                  "gives": list(of.gives), "run": name},
        )  # fmt: skip

    def _package(self, of: Stored) -> Record:
        body = of.body()
        here = f"{BASE}/collections/{segment(PACKAGES.id)}/items/{segment(of.key)}"
        links = [_link(here, "item", GEOJSON, PACKAGES.title), *self._bytes(of, "application/zip")]
        layers = [layer for layer in body.get("layers") or () if isinstance(layer, dict)]
        into = list(dict.fromkeys(str(layer.get("collection", "")) for layer in layers))
        links += [_link(f"{BASE}/collections/{segment(n)}/items", "related", GEOJSON)
                  for n in into if n]  # fmt: skip
        metadata = body.get("metadata") or {}
        title, author = str(body["title"]), str(body.get("author") or of.source)
        place = of.place()
        return Record(
            id=f"package:{of.key}",
            type="package",
            title=(title, title),
            description=(" ".join(filter(None, (
                body.get("disaster"), author, *(str(x.get("title", "")) for x in layers)))), ""),
            keywords=tuple(filter(None, (
                "SIP4D-ZIP", body["code"], body.get("disaster"), of.marking.status.value))),
            created=of.said_at,
            updated=of.recorded_at,
            bbox=None if place is None else bounds(place),
            start=of.when.start,
            end=of.when.end,
            timed=True,
            licence=str(metadata.get("license_id") or PACKAGES.licence),
            formats=(("SIP4D-ZIP", "application/zip"), *_formats(links[:1])),
            contacts=(Contact(organization=author, roles=("author",)),),
            themes=(Theme(scheme=_KINDS, concepts=((str(body["code"]), ("", "")),)),
                    *self._themes(PACKAGES.id)),
            external_ids=(("sip4d:package", of.key), ("sip4d:code", str(body["code"]))),
            links=tuple(links),
            more={n: body[n] for n in ("openflg", "testflg", "version", "conforms", "plausible",
                                       "disaster", "features") if n in body},
        )  # fmt: skip

    def _document(self, within: Collection, of: Stored) -> Record:
        body = of.body()
        name = next((str(body[n]) for n in NAMES if body.get(n)), of.key)
        links = [
            _link(f"{BASE}/collections/{segment(within.id)}/items/{segment(of.key)}", "item",
                  GEOJSON, within.title),
            _link(f"{BASE}/stac/collections/{segment(within.id)}/items/{segment(of.key)}",
                  "alternate", GEOJSON, Text("STACアイテム", "STAC item")),
            *self._bytes(of, str(body.get("media_type") or "")),
        ]  # fmt: skip
        place = of.place()
        return Record(
            id=f"{within.kind.value}:{within.id}:{of.key}",
            type="document" if within.kind is Kind.DOCUMENTS else "coverage",
            title=(name, name),
            description=_both(within.title),
            keywords=(within.id, of.marking.status.value),
            created=of.said_at,
            updated=of.recorded_at,
            bbox=None if place is None else bounds(place),
            start=of.when.start or of.said_at,
            end=of.when.end if of.when.start else of.said_at,
            timed=True,
            licence=within.licence,
            formats=_formats(links),
            contacts=(self._contact,),
            themes=self._themes(within.id),
            external_ids=(("hinomi:record", of.id),),
            links=tuple(links),
        )

    def _bytes(self, of: Stored, media_type: str) -> list[Link]:
        """Return links to the bytes that a thing came as."""
        return [
            _link(f"{BASE}/blobs/{digest}?record={of.id}", "enclosure",
                  media_type or "application/octet-stream", Text("原本", "The bytes as they came"))
            for digest in digests(self._reader, of)
        ]  # fmt: skip


def digests(reader: Reader, of: Stored) -> list[str]:
    """Return the digests of the bytes that a record came as, each once, the first first."""
    origins = (origin for origin, _ in reader.trace(of.id).origins)
    return list(dict.fromkeys(o.digest for o in origins if _SHA256.match(o.digest)))


def _statuses(reader: Reader) -> tuple[str, ...]:
    return tuple(sorted(status.value for status in reader.status))


def _both(text: Text) -> tuple[str, str]:
    return text.ja, text.en


def _link(href: str, rel: str, media_type: str, title: Text | None = None) -> Link:
    return Link(
        href=href, rel=rel, type=media_type, title=("", "") if title is None else _both(title)
    )


_FORMAT_NAMES = {GEOJSON: "GeoJSON", CSV.split(";")[0]: "CSV", JSON: "JSON", _TILES: "MVT"}


def _formats(links: list[Link]) -> tuple[tuple[str, str], ...]:
    found = {}
    for link in links:
        media = link.type.split(";")[0]
        if link.rel in {"item", "enclosure"}:
            found[media] = _FORMAT_NAMES.get(media) or link.title[1] or media
    return tuple((name, media) for media, name in found.items())


def newest(record: Record) -> datetime | None:
    """Return when what the record tells of last changed."""
    return record.updated or record.created
