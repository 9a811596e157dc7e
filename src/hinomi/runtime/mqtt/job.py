"""What the hub runs for its broker: the bridge, what it tells, the alarm where there is none."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from hinomi.kernel.catalog import Catalog
from hinomi.kernel.marking import Principal
from hinomi.kernel.store import Store
from hinomi.runtime.mqtt.bridge import Bridge
from hinomi.runtime.mqtt.publishing import Publisher
from hinomi.runtime.mqtt.sensing import Sensing
from hinomi.runtime.mqtt.settings import Mqtt
from hinomi.runtime.outages import Outages

TURN_S = 0.001
"""So long a thread may compute while another waits [s]; Python's own is five times that. A batch of
readings gives way some ten times (socket, SQLite), each time behind a model that computes."""


def run(
    settings: Mqtt, sensing: Sensing, place: tuple[Store, Catalog, Path], address: str,
    principal: Principal, stop: threading.Event,
) -> None:  # fmt: skip
    """Bridge the configured broker until told to stop; it is told what the principal may see."""
    store, catalog, data = place
    sys.setswitchinterval(TURN_S)
    publisher = None
    if settings.publish:
        publisher = Publisher(
            store, catalog, principal, data / "mqtt.json",
            prefix=settings.publish, root=f"{address}/sta/v1.1",
        )  # fmt: skip
    outages = Outages(sensing.writer)
    Bridge(settings, sensing, publisher.tell if publisher else None, outages.broker).run(stop)
