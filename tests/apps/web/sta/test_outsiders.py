"""FROST's own Python client (frost_sta_client) against a server of ours, unchanged."""

from __future__ import annotations

import asyncio
import threading
import time
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from hinomi.apps.web.app import create_app
from hinomi.runtime.service import Service


@pytest.fixture
def address(service: Service) -> Iterator[str]:
    """Serve on a port of the system's choice, in a thread."""
    import socket  # noqa: PLC0415

    from granian.constants import Interfaces  # noqa: PLC0415
    from granian.server.embed import Server  # noqa: PLC0415

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    server = Server(
        create_app(service), address="127.0.0.1", port=port, interface=Interfaces.ASGI,
        log_enabled=False,
    )  # fmt: skip
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=lambda: loop.run_until_complete(server.serve()))
    thread.start()
    until = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
            break
        except OSError:
            assert time.monotonic() < until
            time.sleep(0.05)
    yield f"http://127.0.0.1:{port}/sta/v1.1"
    loop.call_soon_threadsafe(server.stop)
    thread.join(10)
    loop.close()


def client_of(address: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import frost_sta_client as frost  # noqa: PLC0415

    class Authorised(frost.SensorThingsService):  # type: ignore[misc]
        """The client knows only basic authentication; our key goes in a header."""

        def execute(self, method: str, url: Any, **how: Any) -> Any:
            headers = {**how.pop("headers", {}), "X-API-Key": "writer"}
            return super().execute(method, url, headers=headers, **how)

    return frost, Authorised(address)


def test_frosts_client_creates_reads_changes_and_deletes(address: str) -> None:
    frost, service = client_of(address)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        place = frost.Location(
            name="橋", description="東", encoding_type="application/geo+json",
            location={"type": "Point", "coordinates": [135.0, 34.5]},
        )  # fmt: skip
        thing = frost.Thing(name="計器", description="橋の計器", properties={"a": 1})
        thing.locations = frost.model.ext.entity_list.EntityList(
            entity_class=frost.EntityTypes["Location"]["class"], entities=[place]
        )
        service.create(thing)
        assert thing.id
        found = service.things().find(thing.id)
        assert (found.name, found.properties["a"]) == ("計器", 1)
        listed = service.things().query().filter("name eq '計器'").list()
        assert [one.id for one in listed] == [thing.id]
        stream = frost.Datastream(
            name="水深", description="x", observation_type="http://example.test/OM_Measurement",
            unit_of_measurement=frost.UnitOfMeasurement(name="cm", symbol="cm", definition="ucum:cm"),  # noqa: E501
            thing=frost.Thing(id=thing.id),
            sensor=frost.Sensor(name="s", description="d", encoding_type="text/plain", metadata="m"),  # noqa: E501
            observed_property=frost.ObservedProperty(name="depth", definition="http://d", description="d"),  # noqa: E501
        )  # fmt: skip
        service.create(stream)
        for value in (1, 2, 3):
            service.create(
                frost.Observation(
                    result=value, phenomenon_time=f"2026-07-01T10:0{value}:00Z",
                    datastream=frost.Datastream(id=stream.id),
                )
            )  # fmt: skip
        rows = service.datastreams().find(stream.id).get_observations().query().top(2).list()
        assert [row.result for row in rows] == [3, 2, 1]
        found.name = "新しい計器"
        service.update(found)
        assert service.things().find(thing.id).name == "新しい計器"
        service.delete(found)
        assert not list(service.things().query().filter("name eq '新しい計器'").list())
