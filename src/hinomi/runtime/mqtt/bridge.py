"""The bridge to an MQTT broker: messages in, each acknowledged once it is durable; news out.

Messages are gathered for some milliseconds and put in one transaction; only then are they
acknowledged (QoS 1), so a crash loses nothing: the broker sends again, and what was put is known.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import unquote, urlsplit

from hinomi.kernel.errors import HinomiError, InputError
from hinomi.runtime.mqtt.messages import Form, Message, Sense
from hinomi.runtime.mqtt.sensing import Sensing
from hinomi.runtime.mqtt.settings import Mqtt, MqttTopic

if TYPE_CHECKING:
    import paho.mqtt.client as paho

log = logging.getLogger("hinomi.mqtt")

GATHER_S = 0.02
"""So long messages are gathered into one transaction [s]."""
MOST_BATCH = 5_000
"""Messages of one transaction."""
MOST_WAITING = 20_000
"""Messages that may wait; the broker keeps the rest, since they are not acknowledged."""
AGAIN_S = (1, 60)
"""How long the bridge waits before it connects again, at first and at most [s]."""
RETRY_S = 1.0
KEEPALIVE_S = 30


class Address:
    """A broker's address: ``mqtt[s]://[user[:password]@]host[:port]``."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        try:
            port = parts.port
        except ValueError:
            port = -1
        if parts.scheme not in {"mqtt", "mqtts"} or not parts.hostname or port == -1:
            raise InputError(
                f"{url!r}: expected mqtt://HOST:PORT or mqtts://HOST:PORT.",
                f"{url!r}: mqtt://ホスト:ポート の形で指定してください。",
            )
        self.tls = parts.scheme == "mqtts"
        self.host = parts.hostname
        self.port = port or (8883 if self.tls else 1883)
        self.user = unquote(parts.username or "")
        self.password = unquote(parts.password or "")


class Bridge:
    """One broker: a network thread of paho's, and this thread, which puts and acknowledges."""

    def __init__(
        self, settings: Mqtt, sensing: Sensing, publisher: Callable[[Publish], None] | None = None
    ) -> None:
        self._settings = settings
        self._sensing = sensing
        self._address = Address(settings.url)
        self._waiting: queue.Queue[Any] = queue.Queue(MOST_WAITING)
        self._publisher = publisher
        self.connected = threading.Event()
        self._routes = settings.topics or DEFAULT_TOPICS
        self.taken = 0
        """Readings that were new, for tests and for measuring."""

    def run(self, stop: threading.Event) -> None:
        """Bridge until told to stop."""
        client = self._connect()
        client.loop_start()
        try:
            while not stop.is_set():
                batch = self._gather(stop)
                if batch:
                    self._take(client, batch, stop)
                if self._publisher is not None and self.connected.is_set():
                    self._publisher(self._publish(client))
        finally:
            client.publish(self._settings.status_topic, b"offline", qos=1, retain=True)
            client.disconnect()
            client.loop_stop()
            self._sensing.ring()

    def _connect(self) -> paho.Client:
        import paho.mqtt.client as paho  # noqa: PLC0415 - only who has a broker loads it
        from paho.mqtt.enums import CallbackAPIVersion  # noqa: PLC0415

        settings, address = self._settings, self._address
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=settings.client_id,
            clean_session=False,
            manual_ack=True,
        )
        client.max_inflight_messages_set(1_000)
        if address.user:
            client.username_pw_set(address.user, _password(settings, address))
        if address.tls:
            client.tls_set()
        client.will_set(settings.status_topic, b"offline", qos=1, retain=True)
        client.reconnect_delay_set(*AGAIN_S)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        client.connect_async(address.host, address.port, KEEPALIVE_S)
        return client

    def _on_connect(self, client: paho.Client, *given: Any) -> None:
        reason = given[2]
        if reason.is_failure:
            log.error("part=mqtt %s refused us: %s", self._address.host, reason)
            return
        log.info("part=mqtt connected to %s:%s", self._address.host, self._address.port)
        client.subscribe([(route.topic, 1) for route in self._routes])
        client.publish(self._settings.status_topic, b"online", qos=1, retain=True)
        self.connected.set()

    def _on_disconnect(self, *given: Any) -> None:
        self.connected.clear()
        log.warning("part=mqtt disconnected: %s", given[3] if len(given) > 3 else "")

    def _on_message(self, client: paho.Client, _: Any, message: paho.MQTTMessage) -> None:
        del client
        # Full: paho's thread waits here, the socket fills, and the broker holds the rest.
        self._waiting.put(message)

    def _gather(self, stop: threading.Event) -> list[Any]:
        """Return what came within a short time after the first."""
        try:
            batch = [self._waiting.get(timeout=0.1)]
        except queue.Empty:
            return []
        until = time.monotonic() + GATHER_S
        while len(batch) < MOST_BATCH and not stop.is_set():
            try:
                batch.append(self._waiting.get_nowait())
            except queue.Empty:
                left = until - time.monotonic()
                if left <= 0:
                    break
                time.sleep(min(left, 0.005))
        return batch

    def _take(self, client: paho.Client, batch: list[Any], stop: threading.Event) -> None:
        """Put a batch and acknowledge it; while nothing can be put, nothing is acknowledged."""
        messages: dict[str, list[Message]] = {}
        for message in batch:
            if message.payload[:16] == _OWN:
                continue
            route = self._route(message.topic)
            if route is not None:
                topic = message.topic.removeprefix(f"{route.status}/")
                one = Message(route.form, topic, message.payload, route.mapping)
                messages.setdefault(route.status, []).append(one)
        for status, listed in messages.items():
            while True:
                try:
                    sensed = self._sensing.take(
                        Sense(messages=tuple(listed), status=status), self._settings.shown
                    )
                    self.taken += sensed.new
                    break
                except HinomiError:
                    log.exception("hop=4 part=mqtt nothing can be put; the broker keeps them")
                    if stop.wait(RETRY_S):
                        return
        for message in batch:
            client.ack(message.mid, message.qos)

    def _route(self, topic: str) -> MqttTopic | None:
        from paho.mqtt.client import topic_matches_sub  # noqa: PLC0415

        return next((r for r in self._routes if topic_matches_sub(r.topic, topic)), None)

    def _publish(self, client: paho.Client) -> Publish:
        def publish(topic: str, data: bytes, *, retain: bool = False) -> bool:
            return client.publish(topic, data, qos=1, retain=retain).rc == 0

        return publish


Publish = Callable[..., bool]
NOT_ACTUAL: tuple[Literal["exercise", "test"], ...] = ("exercise", "test")
_OWN = b'{"@iot.selfLink"'
"""What we publish ourselves begins so: it is not taken in again."""
_FORMS: tuple[tuple[str, Form], ...] = (
    ("v1.1/Observations", "sensorthings"),
    ("v1.1/+/Observations", "sensorthings"),
    ("v1.1/CreateObservations", "sensorthings"),
    ("application/+/device/+/event/up", "chirpstack"),
    ("v3/+/devices/+/up", "tts"),
)
DEFAULT_TOPICS = (
    *(MqttTopic(topic=topic, form=form) for topic, form in _FORMS),
    *(
        MqttTopic(topic=f"{status}/{topic}", form=form, status=status)
        for status in NOT_ACTUAL
        for topic, form in _FORMS
    ),
)
"""SensorThings (OGC 18-088, clause 13), ChirpStack's and The Things Stack's own topics;
below ``exercise/`` and ``test/`` the same for what is no reality."""


def _password(settings: Mqtt, address: Address) -> str:
    from pathlib import Path  # noqa: PLC0415

    if settings.password_file:
        return Path(settings.password_file).read_text(encoding="utf-8").strip()
    return address.password
