"""Simulated messages to a broker or to a server, at their pace."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

from hinomi.kernel.errors import UnavailableError
from hinomi.runtime.simulate import Told


def send_mqtt(
    url: str, given: Iterator[tuple[float, Told]], most: int, stop: threading.Event
) -> int:
    """Publish with QoS 1 until told to stop; return how many the broker has acknowledged."""
    import paho.mqtt.client as paho  # noqa: PLC0415 - only who simulates loads it
    from paho.mqtt.enums import CallbackAPIVersion  # noqa: PLC0415

    from hinomi.runtime.mqtt.client import Address  # noqa: PLC0415

    address = Address(url)
    acknowledged = 0

    def count(*given: object) -> None:
        nonlocal acknowledged
        del given
        acknowledged += 1

    client = paho.Client(CallbackAPIVersion.VERSION2)
    if address.user:
        client.username_pw_set(address.user, address.password)
    if address.tls:
        client.tls_set()
    client.max_inflight_messages_set(1_000)
    client.on_publish = count
    try:
        client.connect(address.host, address.port)
    except OSError as error:
        raise UnavailableError(
            f"No broker answers at {address.host}:{address.port} ({error}).",
            f"{address.host}:{address.port}にブローカーがありません({error})。",
        ) from None
    client.loop_start()
    sent = 0
    try:
        for one in paced(given, most, stop):
            client.publish(one.topic, one.data, qos=1)
            sent += 1
            while sent - acknowledged > 5_000 and not stop.is_set():
                time.sleep(0.005)
        until = time.monotonic() + 10
        while acknowledged < sent and time.monotonic() < until:
            time.sleep(0.01)
    finally:
        client.disconnect()
        client.loop_stop()
    return acknowledged


def send_http(
    url: str, key: str, given: Iterator[tuple[float, Told]], most: int, stop: threading.Event
) -> int:
    """Post each message to a webhook's address; return how many were taken."""
    import httpx  # noqa: PLC0415 - only who simulates loads it

    taken = 0
    with httpx.Client(headers={"X-API-Key": key}, timeout=30) as client:
        for one in paced(given, most, stop):
            try:
                answer = client.post(url, content=one.data)
            except httpx.TransportError as error:
                raise UnavailableError(
                    f"{url}: {error}", f"{url}に接続できません({error})。"
                ) from None
            if answer.status_code >= 400:
                raise UnavailableError(f"{url}: {answer.status_code} {answer.text[:200]}")
            taken += 1
    return taken


def paced(given: Iterator[tuple[float, Told]], most: int, stop: threading.Event) -> Iterator[Told]:
    """Yield each message when it is due."""
    begun = time.monotonic()
    for number, (after_s, one) in enumerate(given):
        if stop.is_set() or (most and number >= most):
            return
        wait_s = begun + after_s - time.monotonic()
        if wait_s > 0.002 and stop.wait(wait_s):
            return
        yield one
