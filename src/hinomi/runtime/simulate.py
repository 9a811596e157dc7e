"""A town of simulated flood sensors: heartbeats, a flood that rises and falls, faults."""

from __future__ import annotations

import base64
import csv
import io
import json
import math
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from hinomi.domains.hazards.collections.sensors import READINGS

Form = Literal["sensorthings", "chirpstack", "plain"]
CENTRE = (139.6917, 35.6895)
STEP_DEGREES = 0.0015
"""Sensors stand on a grid of some 150 m."""
FLOOD_S = 1_800.0
"""The flood rises and falls in half an hour."""
SILENT_SHARE, FLAP_SHARE = 0.01, 0.005


class Sensor(msgspec.Struct, frozen=True):
    """One simulated sensor."""

    key: str
    device: str
    longitude: float
    latitude: float
    ground: float
    """How high it stands: 0 is the lowest of the town, 1 the highest."""
    fault: Literal["", "silent", "flaps"] = ""


class Told(msgspec.Struct, frozen=True):
    """One message: where it goes and what it says."""

    topic: str
    data: bytes


def sensors(count: int, seed: int = 1) -> list[Sensor]:
    """Return ``count`` sensors on a grid; the same seed gives the same town."""
    dice = random.Random(seed)  # noqa: S311 - a simulation
    side = math.ceil(math.sqrt(count))
    found = []
    for number in range(count):
        column, row = number % side, number // side
        fault: Literal["", "silent", "flaps"] = ""
        share = dice.random()
        if share < SILENT_SHARE:
            fault = "silent"
        elif share < SILENT_SHARE + FLAP_SHARE:
            fault = "flaps"
        found.append(
            Sensor(
                key=f"sim{number:05d}",
                device=f"70b3d5000000{number:04x}"[:16] if number < 65_536 else f"{number:016x}",
                longitude=round(CENTRE[0] + (column - side / 2) * STEP_DEGREES, 6),
                latitude=round(CENTRE[1] + (row - side / 2) * STEP_DEGREES, 6),
                ground=math.hypot(column - side / 2, row - side / 2) / side * math.sqrt(2),
                fault=fault,
            )
        )
    return found


def as_list(town: list[Sensor], heartbeat_s: float, status: str = "actual") -> bytes:
    """Return the town as the CSV that ``hinomi ingest`` takes."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(
        ["sensor_id", "name", "kind", "longitude", "latitude", "device", "decoder", "heartbeat_s",
         "status"]
    )  # fmt: skip
    for one in town:
        writer.writerow(
            [one.key, f"模擬{one.key[3:]}", "flood-switch", one.longitude, one.latitude, one.device,
             "one-coin-3", heartbeat_s, status]
        )  # fmt: skip
    return text.getvalue().encode()


def depth_cm(sensor: Sensor, after_s: float, tick: int) -> int:
    """Return what the switch says so long after the beginning: 0, 10, 20 or 30."""
    if sensor.fault == "flaps":
        return 10 * (tick % 2)
    water = 60.0 * math.sin(math.pi * min(max(after_s / FLOOD_S, 0.0), 1.0))
    return min(30, max(0, 10 * int((water - 100.0 * sensor.ground) // 10)))


def messages(
    town: list[Sensor], start: datetime, rate: float, form: Form, status: str = "actual"
) -> Iterator[tuple[float, Told]]:
    """Yield (seconds after the beginning, message) for ever: ``rate`` messages a second in all."""
    number = 0
    while True:
        sensor = town[number % len(town)]
        tick = number // len(town)
        after_s = number / rate
        number += 1
        if sensor.fault == "silent" and tick > 0:
            continue
        one = told(sensor, start, after_s, tick, form)
        # What is no reality says so in its topic.
        yield after_s, one if status == "actual" else Told(f"{status}/{one.topic}", one.data)


def told(sensor: Sensor, start: datetime, after_s: float, tick: int, form: Form) -> Told:
    """Return one sensor's message."""
    depth = depth_cm(sensor, after_s, tick)
    time = (start + timedelta(seconds=after_s)).isoformat().replace("+00:00", "Z")
    if form == "chirpstack":
        millivolts = 3600 - tick
        payload = bytes([(1 << depth // 10) - 1]) + millivolts.to_bytes(2, "big")
        event = {
            "deviceInfo": {"devEui": sensor.device, "deviceName": sensor.key},
            "devAddr": sensor.device[-8:], "fCnt": tick, "fPort": 1, "time": time,
            "data": base64.b64encode(payload).decode(),
        }  # fmt: skip
        topic = f"application/sim/device/{sensor.device}/event/up"
        return Told(topic, json.dumps(event).encode())
    if form == "plain":
        plain = {"id": sensor.key, "time": time, "depth_cm": depth}
        return Told(f"sensors/{sensor.key}", json.dumps(plain).encode())
    name = f"{READINGS.id}.{sensor.key}.depth_cm"
    body = f'{{"phenomenonTime":"{time}","result":{depth}}}'
    return Told(f"v1.1/Datastreams('{name}')/Observations", body.encode())
