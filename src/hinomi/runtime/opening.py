"""Opening a data folder to read it: what a web worker and the reading commands are given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from hinomi.kernel.records import Record
from hinomi.kernel.store import Put
from hinomi.runtime import config, federation, folder, policy, reports, storing, translog
from hinomi.runtime.audit import Audit
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.mqtt.messages import Sense, Sensed
from hinomi.runtime.oidc_settings import Oidc
from hinomi.runtime.people import People
from hinomi.runtime.photos.opening import opener
from hinomi.runtime.report import Report
from hinomi.runtime.service import Service
from hinomi.runtime.socket import Append, Ingest, Keep, Line, Perform
from hinomi.runtime.websub.subscriptions import Subscriptions

if TYPE_CHECKING:
    from hinomi.runtime.oidc import Provider


def reading_service(data: Path) -> Service:
    """Return a service that reads the folder and writes through its writer's socket.

    Raises:
        MissingError: there is no such folder.
    """
    folder.existing(data)
    line = Line(folder.socket_path(data))

    def append(records: Sequence[Record], *, since: int | None = None) -> Put:
        put: Put = line.ask(Append(list(records), since), Put)
        return put

    def perform(wish: Perform) -> Put:
        put: Put = line.ask(wish, Put)
        return put

    store = storing.open_store(storing.address(data), read_only=True)
    settings = config.read(data)
    people = People(
        data, organisation=settings.organisation, join=settings.join, watch=settings.watched()
    )
    service = Service(
        store,
        default_catalog(),
        append=append,
        perform=perform,
        keyring=people,
        templates=data / reports.FOLDER,
    )

    def sense(given: Sense) -> Sensed:
        sensed: Sensed = line.ask(given, Sensed)
        return sensed

    service.sense = sense
    service.sender = settings.sender
    service.cap = settings.cap
    service.subscriptions = Subscriptions(data / "websub.db")
    service.policy = policy.Watched(data)
    service.oidc = people.oidc = _provider(data, settings.oidc)
    service.audit = Audit(data, policy=policy.of(data).digest)
    service.trust = translog.opener(data)
    publish = translog.publisher(service.trust)
    service.partners = federation.open_door(data, store, service.catalog, publish)
    service.keep = lambda bytes_: str(line.ask(Keep(bytes_), str))
    service.photos = opener(data, service, settings)
    service.take = lambda data_, name: _taken(line, data, data_, name)
    return service


def _provider(data: Path, settings: Oidc | None) -> Callable[[], Provider] | None:
    """Return what opens the configured identity provider, once, with the first use."""

    @cache
    def opened() -> Provider:
        # Imported here: who has none loads no HTTP client and no tokens.
        from hinomi.runtime.oidc import Provider  # noqa: PLC0415

        assert settings is not None  # noqa: S101 - for the type: asked below
        # Its file lies beside the settings that name it, wherever the server was started.
        secret = settings.client_secret_file and str(data / settings.client_secret_file)
        told = msgspec.structs.replace(settings, client_secret_file=secret)
        return Provider(told, lambda: policy.of(data))

    return None if settings is None else opened


def _taken(line: Line, folder_: Path, data: bytes, name: str) -> Report:
    """Have the writer take an uploaded package in; the file is only there for the handing over."""
    spool = folder_ / "uploads"
    spool.mkdir(exist_ok=True)
    path = spool / name
    path.write_bytes(data)
    try:
        report: Report = line.ask(Ingest((str(path.absolute()),)), Report)
    finally:
        path.unlink(missing_ok=True)
    return report
