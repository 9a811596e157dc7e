"""Sensors: readings over MQTT beside the bare broker, in one run; SensorThings over 10,000.

``python -m benchmarks.sensors`` prints a table. Every rate is from the first message sent to the
last one received; ours is durable and told to an SSE client, the bare one is only received.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hinomi.runtime import simulate

MOSQUITTO = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
SENSORS = 10_000
SINGLES = 20_000
GATEWAY = 50
"""Readings of one gateway's message."""
PACED_PER_S, PACED = 2_000.0, 10_000
AWAY = 200_000
PYTHON = sys.executable

PUBLISH = """
import sys, threading, time
from hinomi.runtime import clock, simulate, simulate_sending
url, count, most, rate, gateway = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]), int(sys.argv[5])
town = simulate.sensors(count)
start = clock.now()
def single():
    for number in range(most):
        after = number / rate
        sensor = town[number % count]
        yield after, simulate.told(sensor, start, after, number // count, "sensorthings")
def gathered():
    import json
    for number in range(most):
        after = number / rate
        arrays = []
        for n in range(number * gateway, (number + 1) * gateway):
            one = simulate.told(town[n % count], start, after + n * 1e-6, n // count, "sensorthings")
            body = json.loads(one.data)
            name = one.topic.split("'")[1]
            arrays.append('{"Datastream":{"@iot.id":"%s"},"components":["phenomenonTime","result"],'
                          '"dataArray":[["%s",%s]]}' % (name, body["phenomenonTime"], body["result"]))
        yield after, simulate.Told("v1.1/CreateObservations", ("[" + ",".join(arrays) + "]").encode())
given = list(gathered() if gateway else single())
print(time.time(), flush=True)
done = simulate_sending.send_mqtt(url, iter(given), 0, threading.Event())
print(time.time(), done, flush=True)
"""  # noqa: E501
RECEIVE = """
import sys, time
import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
host, port, most = "127.0.0.1", int(sys.argv[1]), int(sys.argv[2])
got = 0
def take(client, _, message):
    global got
    got += 1
    if got == most:
        print(time.time(), flush=True)
        client.disconnect()
client = paho.Client(CallbackAPIVersion.VERSION2)
client.on_message = take
client.on_connect = lambda c, *_: c.subscribe("v1.1/+/Observations", 1)
client.on_subscribe = lambda *_: print("ready", flush=True)
client.connect(host, port)
client.loop_forever()
"""


def port() -> int:
    """Return a port that is free."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def await_port(number: int) -> None:
    """Wait until something listens."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", number), 0.2).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"nothing listens at {number}")


@contextmanager
def running(command: list[str], number: int) -> Iterator[int]:
    """Run a server until the block ends; yield its process id."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: RUF100, S603
    try:
        await_port(number)
        yield process.pid
    finally:
        process.terminate()
        process.wait(20)


def publish(url: str, most: int, rate: float, gateway: int = 0) -> subprocess.Popen[str]:
    """Start a publisher; its first line is the time at which it begins."""
    return subprocess.Popen(  # noqa: RUF100, S603
        [PYTHON, "-c", PUBLISH, url, str(SENSORS), str(most), str(rate), str(gateway)],
        stdout=subprocess.PIPE,
        text=True,
    )


def line(process: subprocess.Popen[str]) -> str:
    """Return a process' next line."""
    assert process.stdout is not None  # noqa: S101
    return process.stdout.readline()


def bare(url: str, broker: int) -> float:
    """Return messages/s of publisher, broker and subscriber alone."""
    receiver = subprocess.Popen(  # noqa: RUF100, S603
        [PYTHON, "-c", RECEIVE, str(broker), str(SINGLES)], stdout=subprocess.PIPE, text=True
    )
    line(receiver)
    sender = publish(url, SINGLES, 1e9)
    begun = float(line(sender))
    ended = float(line(receiver))
    sender.wait(60)
    receiver.wait(60)
    return SINGLES / (ended - begun)


class Stream:
    """An SSE client that counts readings, with the time at which each piece came."""

    def __init__(self, base: str, after: int | None = None) -> None:
        url = f"{base}/changes/stream?collections=hazards.sensor_readings"
        if after is not None:
            url += f"&after={after}"
        self._answer = urllib.request.urlopen(url, timeout=120)  # noqa: RUF100, S310
        self.position = 0
        self.batches: list[int] = []

    def until(self, most: int) -> list[tuple[float, int]]:
        """Return (time, readings so far) until so many have come."""
        found: list[tuple[float, int]] = []
        total = 0
        while total < most:
            text = self._answer.readline()
            if not text:
                raise RuntimeError("the stream ended")
            if not text.startswith(b"data:"):
                continue
            change = json.loads(text[5:])
            if change.get("kind") == "readings":
                total += int(change["key"])
                self.position = change["seq"]
                self.batches.append(change["seq"])
                found.append((time.time(), total))
        return found

    def close(self) -> None:
        """Hang up."""
        self._answer.close()


def singles(url: str, base: str) -> float:
    """Return readings/s of publisher, broker, bridge, store and SSE client."""
    stream = Stream(base)
    sender = publish(url, SINGLES, 1e9)
    begun = float(line(sender))
    ended = stream.until(SINGLES)[-1][0]
    sender.wait(60)
    stream.close()
    return SINGLES / (ended - begun)


def paced(url: str, base: str) -> list[float]:
    """Return each reading's delay [ms] at 2,000/s, from its time to be sent to the SSE client."""
    stream = Stream(base)
    sender = publish(url, PACED, PACED_PER_S)
    begun = float(line(sender))
    delays: list[float] = []
    before = 0
    for came, total in stream.until(PACED):
        delays += [(came - begun - n / PACED_PER_S) * 1e3 for n in range(before, total)]
        before = total
    sender.wait(60)
    stream.close()
    return sorted(delays)


def cpu_s(pid: int) -> float:
    """Return what a process has spent [s]: the writer, which holds bridge, store and models."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def gateways(url: str, base: str, readings: int) -> float:
    """Return readings/s of gateways that gather them."""
    stream = Stream(base)
    sender = publish(url, readings // GATEWAY, 1e9, GATEWAY)
    begun = float(line(sender))
    ended = stream.until(readings)[-1][0]
    sender.wait(60)
    stream.close()
    return readings / (ended - begun)


def away(url: str, base: str) -> tuple[int, bool]:
    """Return how many readings a subscriber that was away caught up with, once each in order.

    An hour of 10,000 sensors that send every three minutes passes while it is away.
    """
    stream = Stream(base)
    sender = publish(url, 100, 1e9, GATEWAY)
    line(sender)
    heard = stream.until(1_000)[-1][1]
    cursor = stream.position
    seen = list(stream.batches)
    stream.close()
    sender.wait(60)
    publish(url, AWAY // GATEWAY, 1e9, GATEWAY).wait(300)
    again = Stream(base, cursor)
    missed = again.until(100 * GATEWAY - heard + AWAY)[-1][1]
    again.close()
    every = seen + again.batches
    return missed, every == sorted(set(every)) and heard + missed == 100 * GATEWAY + AWAY


def datastreams(base: str) -> list[float]:
    """Return how long 10,000 datastreams with their latest observation took [ms], sorted."""
    query = (
        "$top=10000&$filter=ObservedProperty/@iot.id%20eq%20'depth_cm'&$expand=Observations($top=1)"
    )
    plain = "$top=10000&$expand=Observations($top=1)"
    found = []
    for asked in (query, *([plain] * 12)):
        begun = time.perf_counter()
        with urllib.request.urlopen(f"{base}/sta/v1.1/Datastreams?{asked}") as answer:  # noqa: RUF100, S310
            body = answer.read()
        found.append((time.perf_counter() - begun) * 1e3)
        assert len(json.loads(body)["value"]) == 10_000  # noqa: S101
    return sorted(found[1:])


def measure(folder: Path) -> dict[str, Any]:
    """Run everything once, one after the other, on one broker and one server."""
    broker, web = port(), port()
    url, base = f"mqtt://127.0.0.1:{broker}", f"http://127.0.0.1:{web}"
    settings = folder / "mosquitto.conf"
    settings.write_text(
        f"listener {broker} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n"
        "max_inflight_messages 1000\nset_tcp_nodelay true\n"
    )
    listed = folder / "sensors.csv"
    listed.write_bytes(simulate.as_list(simulate.sensors(SENSORS), 3_600))
    data = folder / "town"
    hinomi = [PYTHON, "-m", "hinomi.apps.cli"]
    subprocess.run([*hinomi, "ingest", "--data", str(data), str(listed)], check=True,  # noqa: RUF100, S603
                   stdout=subprocess.DEVNULL)  # fmt: skip
    serve = [*hinomi, "run", "--data", str(data), "--port", str(web), "--no-drill", "--mqtt", url,
             "--no-open"]  # fmt: skip
    with running([MOSQUITTO, "-c", str(settings)], broker):
        one = bare(url, broker)
        with running(serve, web) as pid:
            time.sleep(3)
            first = gateways(url, base, SENSORS)
            before = cpu_s(pid)
            ours = singles(url, base)
            spent = cpu_s(pid) - before
            delays = paced(url, base)
            gathered = gateways(url, base, 200_000)
            caught = away(url, base)
            expanded = datastreams(base)
        two = bare(url, broker)
    return {
        "bare broker and client [messages/s]": (one + two) / 2,
        "single readings, durable, to an SSE client [1/s]": ours,
        "ratio": ours / ((one + two) / 2),
        "the writer's CPU a reading, its models included [µs]": spent / SINGLES * 1e6,
        "the first reading of each of 10,000 [readings/s]": first,
        "at 2,000/s: p50 [ms]": delays[len(delays) // 2],
        "at 2,000/s: p99 [ms]": delays[int(len(delays) * 0.99)],
        "gateways of 50, durable, to an SSE client [readings/s]": gathered,
        "caught up by cursor": caught[0],
        "nothing lost or repeated": caught[1],
        "Datastreams?$expand=Observations($top=1), 10,000: median [ms]": expanded[
            len(expanded) // 2
        ],
    }


GOALS: dict[str, tuple[str, Callable[[float], bool]]] = {
    "ratio": (">= 0.8", lambda found: found >= 0.8),
    "at 2,000/s: p99 [ms]": ("< 500", lambda found: found < 500),
    "gateways of 50, durable, to an SSE client [readings/s]": (
        ">= 20,000", lambda found: found >= 20_000,
    ),
    "nothing lost or repeated": ("yes", bool),
    "Datastreams?$expand=Observations($top=1), 10,000: median [ms]": (
        "< 200", lambda found: found < 200,
    ),
}  # fmt: skip


def table(found: dict[str, Any]) -> str:
    """Return the figures as Markdown, each beside its goal."""
    lines = ["| measure | | goal | |", "|---|---:|---:|---|"]
    for name, value in found.items():
        shown = ("yes" if value else "no") if isinstance(value, bool) else f"{value:,.2f}"
        goal, met = GOALS.get(name, ("", None))
        verdict = "" if met is None else "met" if met(value) else "**not met**"
        lines.append(f"| {name} | {shown} | {goal} | {verdict} |")
    return "\n".join(lines)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hinomi-sensors-") as folder:
        found = measure(Path(folder))
    print(json.dumps(found) if options.json else table(found))


if __name__ == "__main__":
    main()
