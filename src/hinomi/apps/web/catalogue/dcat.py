"""``/catalogue.jsonld``: DCAT-AP and GeoDCAT-AP, for CKAN's harvester and others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hinomi.apps.web.catalogue.entries import BASE, listing_of, newest
from hinomi.apps.web.catalogue.records import ABOUT, ID, TITLE, based
from hinomi.apps.web.http import Answer, Ask
from hinomi.standards.dcat import Agent, Catalogue, Dataset, Distribution, Service, encode
from hinomi.standards.records_api import CONFORMS_TO as RECORDS
from hinomi.standards.records_api import Link, Record
from hinomi.standards.stac import CONFORMS_TO as STAC
from hinomi.vocabulary.exchange import Sender

if TYPE_CHECKING:
    from hinomi.apps.web.app import Web

JSONLD = "application/ld+json"
_API = f"{BASE}/catalogue#api"
_STAC = f"{BASE}/catalogue#stac"
_THEME = "http://publications.europa.eu/resource/authority/data-theme/"
_THEMES = {"hazards": ("ENVI",), "response": ("GOVE", "SOCI"), "operations": ("GOVE",),
           "areas": ("REGI",), "health": ("HEAL",), "infrastructure": ("TRAN",),
           "technology": ("TECH",)}  # fmt: skip
"""Our fields in the vocabulary of themes that DCAT-AP asks for."""
_FEATURES = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core"


def catalogue(web: Web, ask: Ask) -> Answer:
    """Answer the whole catalogue as JSON-LD."""
    reader = web.reader(ask)

    def make() -> Answer:
        listing = listing_of(web.service, reader)
        sender = web.service.sender or Sender()
        datasets = tuple(_dataset(entry.record) for entry in listing.entries)
        dates = [d.modified for d in datasets if d.modified is not None]
        found = Catalogue(
            uri=f"{BASE}/catalogue#catalogue",
            title=(TITLE.ja, TITLE.en),
            description=(ABOUT.ja, ABOUT.en),
            homepage=f"{BASE}/collections/{ID}?f=html",
            publisher=Agent(name=sender.author, email=sender.email),
            modified=max(dates, default=None),
            datasets=datasets,
            services=_services(datasets),
        )
        return Answer(body=based(encode(found), ask), media_type=JSONLD)

    return web.again(ask, web.stamp(ask, reader), make)


def _services(datasets: tuple[Dataset, ...]) -> tuple[Service, ...]:
    return (
        Service(
            uri=_API,
            title=("火の見のOGC API", "Hinomi's OGC API"),
            endpoint=f"{BASE}/",
            description=f"{BASE}/api",
            conforms_to=(_FEATURES, RECORDS[0]),
            serves=tuple(d.uri for d in datasets),
        ),
        Service(
            uri=_STAC,
            title=("火の見のSTAC API", "Hinomi's STAC API"),
            endpoint=f"{BASE}/stac",
            description=f"{BASE}/api",
            conforms_to=STAC[:1],
        ),
    )


def _dataset(of: Record) -> Dataset:
    address = f"{BASE}/collections/{ID}/items/{of.id.replace('/', '%2F')}"
    fields = [concept for theme in of.themes for concept, _ in theme.concepts]
    author = next((c for c in of.contacts if "author" in c.roles), None)
    return Dataset(
        uri=address,
        identifier=of.id,
        title=of.title,
        description=of.description,
        licence=of.licence,
        keywords=of.keywords,
        themes=tuple(f"{_THEME}{code}" for name in fields for code in _THEMES.get(name, ())),
        issued=of.created,
        modified=newest(of),
        bbox=of.bbox,
        start=of.start,
        end=of.end,
        landing_page=f"{address}?f=html",
        publisher=None if author is None else Agent(name=author.organization, email=author.email),
        distributions=tuple(
            _distribution(x) for x in of.links if x.rel in {"item", "enclosure", "tiles"}
        ),
    )


def _distribution(of: Link) -> Distribution:
    return Distribution(
        url=of.href,
        title=of.title if any(of.title) else (of.type, of.type),
        media_type=of.type,
        download=of.rel == "enclosure",
        service=_API,
    )
