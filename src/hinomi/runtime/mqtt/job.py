"""What the hub runs for its broker: the bridge, and what it tells."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from hinomi.kernel.errors import UnavailableError
from hinomi.kernel.marking import ANONYMOUS
from hinomi.runtime.config import Config
from hinomi.runtime.keys import Keys
from hinomi.runtime.mqtt.publishing import Publisher

if TYPE_CHECKING:
    from hinomi.runtime.desk import LocalDesk


def run(desk: LocalDesk, config: Config, data: Path, address: str, stop: threading.Event) -> None:
    """Bridge the configured broker until told to stop.

    Raises:
        UnavailableError: the extra ``mqtt`` is not installed.
    """
    settings = config.mqtt
    if settings is None:
        return
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
            desk.store, desk.catalog, principal, data / "mqtt.json",
            prefix=settings.publish, root=f"{address}/sta/v1.1",
        )  # fmt: skip
    Bridge(settings, desk.sensing, publisher.tell if publisher else None).run(stop)
