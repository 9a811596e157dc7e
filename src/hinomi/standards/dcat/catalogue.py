"""What DCAT tells: a catalogue, its datasets, how each is had, and the services that give them."""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

import msgspec

BBox: TypeAlias = tuple[float, float, float, float]
Both: TypeAlias = tuple[str, str]
"""The same text in Japanese and in English."""


class Agent(msgspec.Struct, frozen=True, kw_only=True):
    """foaf:Agent: an organisation."""

    name: str
    email: str = ""


class Distribution(msgspec.Struct, frozen=True, kw_only=True):
    """dcat:Distribution: one form in which a dataset is had."""

    url: str
    title: Both
    media_type: str = ""
    download: bool = False
    """The address gives the file itself."""
    service: str = ""
    """The id of the dcat:DataService behind it."""


class Dataset(msgspec.Struct, frozen=True, kw_only=True):
    """dcat:Dataset."""

    uri: str
    identifier: str
    title: Both
    description: Both
    licence: str = ""
    """An SPDX id, an address, or the terms in words."""
    keywords: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    """URIs."""
    issued: datetime | None = None
    modified: datetime | None = None
    bbox: BBox | None = None
    start: datetime | None = None
    end: datetime | None = None
    landing_page: str = ""
    publisher: Agent | None = None
    """Where it is not the catalogue's own."""
    distributions: tuple[Distribution, ...] = ()


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """dcat:DataService."""

    uri: str
    title: Both
    endpoint: str
    description: str = ""
    """Address of the endpoint's description (OpenAPI)."""
    conforms_to: tuple[str, ...] = ()
    serves: tuple[str, ...] = ()
    """Datasets' URIs."""


class Catalogue(msgspec.Struct, frozen=True, kw_only=True):
    """dcat:Catalog."""

    uri: str
    title: Both
    description: Both
    homepage: str
    publisher: Agent
    modified: datetime | None = None
    datasets: tuple[Dataset, ...] = ()
    services: tuple[Service, ...] = ()
