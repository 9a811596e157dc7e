"""The bridge to an MQTT broker: messages in, each acknowledged once it is durable; news out.

Messages are gathered for some milliseconds and put in one transaction; only then are they
acknowledged (QoS 1), so a crash loses nothing: the broker sends again, and what was put is known.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Literal

from hinomi.kernel.errors import DataError, HinomiError, UnavailableError
from hinomi.runtime.mqtt.client import Address, Client
from hinomi.runtime.mqtt.messages import Form, Mapping, Message, Sense
from hinomi.runtime.mqtt.sensing import Sensing
from hinomi.runtime.mqtt.settings import Mqtt, MqttTopic
from hinomi.standards import mqtt

log = logging.getLogger("hinomi.mqtt")

GATHER_S = 0.01
"""So long messages are gathered into one transaction [s]."""
MOST_BATCH = 5_000
"""Messages of one transaction; the broker keeps the rest, since they are not acknowledged."""
LISTEN_S = 0.1
"""News of ours waits at most so long for a message to come [s]."""
AGAIN_S = (1.0, 60.0)
"""How long the bridge waits before it connects again, at first and at most [s]."""
RETRY_S = 1.0
_TOPICS = 65_536
"""Topics whose route is remembered: each sensor has its own."""

Told = Callable[[str, int, str], None]
"""Hears how connecting went: address, failures in a row (0: we are connected), the last one's."""


class Bridge:
    """One broker, one thread: what comes is put, then acknowledged; then our news is told."""

    def __init__(
        self,
        settings: Mqtt,
        sensing: Sensing,
        publisher: Callable[[Publish], None] | None = None,
        told: Told | None = None,
    ) -> None:
        self._settings = settings
        self._sensing = sensing
        address = Address(settings.url)
        self._client = Client(
            address,
            settings.client_id,
            _password(settings, address),
            mqtt.Will(settings.status_topic, b"offline"),
        )
        self._shown = f"{address.host}:{address.port}"
        self._publisher = publisher
        self._told = told
        self.connected = threading.Event()
        self._routes = settings.topics or DEFAULT_TOPICS
        self._routed = lru_cache(_TOPICS)(self._route)
        self.taken = 0
        """Readings that were new, for tests and for measuring."""

    def run(self, stop: threading.Event) -> None:
        """Bridge until told to stop; come back by itself."""
        failures, wait_s = 0, AGAIN_S[0]
        while not stop.is_set():
            try:
                early = self._client.open([route.topic for route in self._routes])
            except UnavailableError as error:
                log.warning("part=mqtt %s", error.text.en)
                failures += 1
                self._tell(failures, error.text.en)
                stop.wait(wait_s)
                wait_s = min(2 * wait_s, AGAIN_S[1])
                continue
            failures, wait_s = 0, AGAIN_S[0]
            try:
                self._serve(early, stop)
            except (OSError, DataError, UnavailableError) as error:
                log.warning("part=mqtt the line to %s was cut: %s", self._shown, error)
                self._client.drop()
            finally:
                self.connected.clear()
        self._sensing.ring()

    def _serve(self, early: list[mqtt.Publish], stop: threading.Event) -> None:
        """Take and tell until told to stop, or until the line is cut."""
        log.info("part=mqtt connected to %s", self._shown)
        client, status = self._client, self._settings.status_topic
        client.publish(status, b"online", retain=True)
        self._tell(0, "")
        self.connected.set()
        while not stop.is_set():
            batch = early or self._gather()
            early = []
            if batch:
                self._take(batch, stop)
            if self._publisher is not None:
                self._publisher(client.publish)
        client.publish(status, b"offline", retain=True)
        client.close()

    def _tell(self, failures: int, error: str) -> None:
        """Raise or end the alarm; a store that cannot be written to is no reason to stop."""
        if self._told is not None:
            try:
                self._told(self._shown, failures, error)
            except HinomiError:
                log.exception("part=mqtt the state of the line cannot be told")

    def _gather(self) -> list[mqtt.Publish]:
        """Return what came within a short time after the first."""
        batch = self._client.receive(LISTEN_S)
        if not batch:
            return batch
        until = time.monotonic() + GATHER_S
        while len(batch) < MOST_BATCH and (left := until - time.monotonic()) > 0:
            time.sleep(left / 2)
            batch += self._client.receive(0)
        return batch

    def _take(self, batch: list[mqtt.Publish], stop: threading.Event) -> None:
        """Put a batch and acknowledge it; while nothing can be put, nothing is acknowledged."""
        messages: dict[str, list[Message]] = {}
        for message in batch:
            if message.data.startswith(_OWN):
                continue
            route = self._routed(message.topic)
            if route is not None:
                status, form, topic, mapping = route
                one = Message(form, topic, message.data, mapping, message.left_out)
                messages.setdefault(status, []).append(one)
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
                    self._client.keep()
        self._client.acknowledge(batch)

    def _route(self, topic: str) -> tuple[str, Form, str, Mapping] | None:
        """Return status, form, the topic without its status, and the mapping of names."""
        for route in self._routes:
            if mqtt.matches(route.topic, topic):
                plain = topic.removeprefix(f"{route.status}/")
                return route.status, route.form, plain, route.mapping
        return None


Publish = Callable[..., bool]
"""Topic, bytes and whether the broker retains them; False: it does not keep up."""
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
    if settings.password_file:
        return Path(settings.password_file).read_text(encoding="utf-8").strip()
    return address.password
