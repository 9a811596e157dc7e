"""The settings of the broker: where it is, what is listened to, what is told."""

from __future__ import annotations

from typing import Literal

import msgspec

from hinomi.runtime.mqtt.messages import Form, Mapping


class MqttTopic(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A topic that is listened to, and how its messages are read."""

    topic: str
    """MQTT's wildcards + and # are allowed."""
    form: Form
    mapping: Mapping = Mapping()
    """How a flat object (``plain``) is read."""
    status: Literal["actual", "exercise", "test"] = "actual"


class Mqtt(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An MQTT broker that sensors send to."""

    url: str
    """``mqtt://[USER@]HOST[:PORT]``, ``mqtts://`` with TLS."""
    client_id: str = "hinomi"
    """The broker keeps what comes while we are away under this name."""
    password_file: str = ""
    topics: tuple[MqttTopic, ...] = ()
    """Empty: SensorThings', ChirpStack's and The Things Stack's own."""
    publish: str = ""
    """Topic below which news is told (``sta/v1.1``); empty tells nothing."""
    status_topic: str = "hinomi/status"
    user: str = ""
    """Name of the API key whose rights decide what is told; empty: what everyone may see."""

    @property
    def shown(self) -> str:
        """Return the address without its user and password."""
        return self.url.rpartition("@")[2].removeprefix("mqtt://").removeprefix("mqtts://")
