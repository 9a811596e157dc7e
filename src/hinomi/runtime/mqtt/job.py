"""What the hub runs for its broker: the bridge, and what it tells."""

from __future__ import annotations

import threading
from pathlib import Path

from hinomi.kernel.catalog import Catalog
from hinomi.kernel.errors import UnavailableError
from hinomi.kernel.marking import ANONYMOUS
from hinomi.kernel.store import Store
from hinomi.runtime.keys import Keys
from hinomi.runtime.mqtt.publishing import Publisher
from hinomi.runtime.mqtt.sensing import Sensing
from hinomi.runtime.mqtt.settings import Mqtt


def run(
    settings: Mqtt, sensing: Sensing, place: tuple[Store, Catalog, Path], address: str,
    stop: threading.Event,
) -> None:  # fmt: skip
    """Bridge the configured broker until told to stop.

    Raises:
        UnavailableError: the extra ``mqtt`` is not installed.
    """
    store, catalog, data = place
    try:
        from hinomi.runtime.mqtt.bridge import Bridge  # noqa: PLC0415
    except ImportError as error:
        raise UnavailableError(
            f"MQTT needs the extra 'mqtt' (pip install 'hinomi[mqtt]'): {error}",
            f"MQTTにはhinomi[mqtt]が必要です: {error}",
        ) from None
    publisher = None
    if settings.publish:
        principal = Keys(data).named(settings.user) if settings.user else ANONYMOUS
        publisher = Publisher(
            store, catalog, principal, data / "mqtt.json",
            prefix=settings.publish, root=f"{address}/sta/v1.1",
        )  # fmt: skip
    Bridge(settings, sensing, publisher.tell if publisher else None).run(stop)
