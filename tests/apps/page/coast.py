"""A made-up coast behind the real app, for the browser tests; run as a script it serves itself.

``POST /coast/level`` states a new level for a town.
"""

from __future__ import annotations

import asyncio
import socket
import sys
from datetime import datetime, timedelta
from typing import Any

import msgspec

from hinomi.apps.web.app import create_app
from hinomi.domains.hazards.collections.quakes import Quake
from hinomi.domains.hazards.collections.warnings import AlertLevel, InForce
from hinomi.domains.response.collections.shelters import Shelter, Site
from hinomi.kernel.geometry import point
from hinomi.kernel.marking import Marking, Status
from hinomi.kernel.records import Interval, Record, instant
from hinomi.kernel.store import Store
from hinomi.runtime import clock, operations
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.service import Service
from hinomi.stores.memory import MemoryStore

TOWNS = {
    "1720200": ("七尾市", 136.9, 37.0),
    "1720400": ("輪島市", 136.9, 37.3),
    "1720500": ("珠洲市", 137.2, 37.3),
    "1746300": ("<img src=x onerror=alert(1)>町", 137.2, 37.0),
}
KINDS = {
    0: "解除",
    2: "レベル２大雨注意報",
    3: "レベル３大雨警報",
    4: "レベル４大雨危険警報",
    5: "レベル５大雨特別警報",
}
EXERCISE = Marking(Status.EXERCISE)


class Change(msgspec.Struct):
    """What a test asks for."""

    key: str
    level: int
    status: Status = Status.ACTUAL


def level(key: str, number: int, at: datetime, status: Status = Status.ACTUAL) -> Record:
    name, west, south = TOWNS[key]
    corners = [(0, 0), (0.28, 0), (0.28, 0.28), (0, 0.28), (0, 0)]
    kind = InForce(
        hazard="rain",
        kind_name=KINDS[number],
        kind_code="03",
        level=number,
        level_stated=True,
        stated_at=at,
    )
    return Record(
        collection="hazards.levels",
        key=key,
        said_at=at,
        when=Interval(at, None),
        place={"type": "Polygon", "coordinates": [[[west + x, south + y] for x, y in corners]]},
        body=AlertLevel(
            area_code=key,
            area_name=name,
            level=number,
            level_stated=True,
            count=int(number > 0),
            hazards="rain" if number else "",
            in_force=[kind] if number else [],
        ),
        source="jma",
        marking=Marking(status),
    )


def quake(at: datetime) -> Record:
    return Record(
        collection="hazards.quakes",
        key="20261121210000",
        said_at=at,
        when=instant(at),
        place=point(137.27, 37.49),
        body=Quake(
            event_id="20261121210000",
            origin_time=at,
            hypocentre="能登半島沖",
            magnitude=5.4,
            magnitude_text="Ｍ５．４",
            max_intensity="5-",
            max_intensity_at_least=4.5,
            tsunami_text="この地震による津波の心配はありません。",
        ),
        source="jma",
    )


def shelters(at: datetime) -> list[Record]:
    gym = Shelter(
        name="矢田郷地区体育館",
        municipality="七尾市",
        match_key="1720200/矢田郷地区体育館",
        state="open",
        people=120,
        capacity=300,
        earthquake=True,
    )
    sites = [
        Record(
            collection="response.sites",
            key=f"site-{i}",
            said_at=at,
            place=point(136.95 + i / 500, 37.05),
            body=Site(name=f"広場{i}", match_key=f"1720200/広場{i}", tsunami=i % 2 == 0),
            source="gsi",
        )
        for i in range(20)
    ]
    place = point(136.97, 37.05)
    opened = Record(
        collection="response.shelters", key="gym", said_at=at, place=place, body=gym, source="nanao"
    )
    return [opened, *sites]


def heard(source_id: str, title: str, title_en: str, quarantined: int, at: datetime) -> Record:
    state = operations.SourceState(
        title_ja=title,
        title_en=title_en,
        state="amber" if quarantined else "green",
        payloads=40,
        quarantined=quarantined,
        records=300,
        readings=0,
        last_at=at,
        last_kind="VPWW55",
    )
    return operations.source_record(source_id, state, at=at)


def seed(store: Store) -> None:
    """Fill the store as it stood two hours ago."""
    at = clock.now() - timedelta(hours=2)
    records = [
        level("1720200", 3, at),
        level("1720400", 2, at),
        level("1720500", 0, at),
        level("1746300", 4, at),
        level("1720200", 5, at, Status.EXERCISE),
        quake(at),
        *shelters(at),
        heard("jma-xml", "気象庁防災情報XML", "JMA telegrams", 0, at + timedelta(minutes=1)),
        heard("gsi-sites", "指定緊急避難場所", "Evacuation sites", 3, at),
    ]
    store.put(records, at=at)


def coast() -> Any:
    """Return the real app with the test's own doors beside it."""
    store = MemoryStore()
    seed(store)
    app = create_app(Service(store, default_catalog()))

    async def with_doors(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/coast/"):
            await app(scope, receive, send)
            return
        message = await receive()
        asked = msgspec.json.decode(message["body"], type=Change)
        now = clock.now()
        store.put([level(asked.key, asked.level, now, asked.status)], at=now)
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    return with_doors


async def serve(port: int) -> None:
    from granian.constants import Interfaces  # noqa: PLC0415 - only the script serves
    from granian.server.embed import Server  # noqa: PLC0415

    await Server(coast(), address="127.0.0.1", port=port, interface=Interfaces.ASGI).serve()


def main() -> None:
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    with socket.socket() as free:
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        free.bind(("127.0.0.1", port))
        port = free.getsockname()[1]
    sys.stdout.write(f"http://127.0.0.1:{port}\n")
    sys.stdout.flush()
    asyncio.run(serve(port))


if __name__ == "__main__":
    main()
