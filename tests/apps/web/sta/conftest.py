"""A town with sensors, in process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from hinomi.apps.web.app import create_app
from hinomi.domains.hazards.observe import sensors
from hinomi.kernel.marking import Disclosure, Principal
from hinomi.kernel.ports import Payload
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.mqtt.messages import Row, Sense
from hinomi.runtime.service import Service
from hinomi.stores.sqlite import SqliteStore

NOW = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
LIST = """sensor_id,name,kind,longitude,latitude,device,decoder,heartbeat_s,status
S1,一番,flood-switch,139.70,35.60,0011223344556677,one-coin-3,3600,
S2,二番,flood-switch,139.71,35.60,0011223344556678,named-switches,3600,
W1,水位,water-gauge,139.90,35.90,,,600,
X1,訓練,flood-switch,139.70,35.60,0011223344556677,one-coin-3,3600,exercise
"""


class Keys:
    """Who holds which key."""

    def principal(self, secret: str) -> Principal | None:
        return {
            "writer": Principal("writer", ("town",), Disclosure.CLEAR, ("*",)),
            "other": Principal("other", ("elsewhere",), Disclosure.CLEAR, ("*",)),
            "reader": Principal("reader", ("town",)),
        }.get(secret)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def service(tmp_path: Path) -> Service:
    found = Service(
        SqliteStore(tmp_path / "town"), default_catalog(), keyring=Keys(), now=lambda: NOW
    )
    payload = Payload(
        data=LIST.encode(),
        name="sensors.csv",
        address="",
        digest="",
        taken_at=NOW - timedelta(days=1),
    )
    parsed = sensors.parse(payload, None)  # type: ignore[arg-type]
    assert not parsed.problems
    found.store.put(parsed.records, at=NOW - timedelta(days=1))
    start = int((NOW - timedelta(hours=1)).timestamp()) * 1_000_000
    rows = [
        Row(f"hazards.sensor_readings.{key}.depth_cm", start + n * 60_000_000, value * 10.0, 0)
        for key in ("S1", "S2")
        for n, value in enumerate((0, 0, 1, 2, 3) if key == "S1" else (0, 0, 0, 0, 0))
    ]
    assert found.sense is not None
    assert found.sense(Sense(rows=tuple(rows))).new == 10
    drill = Row("hazards.sensor_readings.X1.depth_cm", start, 30.0, 0)
    assert found.sense(Sense(rows=(drill,), status="exercise")).new == 1
    return found


@pytest.fixture
async def client(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=create_app(service))
    async with httpx.AsyncClient(transport=transport, base_url="http://town.test") as found:
        yield found
