"""Messages through real brokers: durable before they are acknowledged, told to who may see."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from hinomi.domains.hazards.observe import sensors
from hinomi.kernel.errors import UnavailableError
from hinomi.kernel.marking import ANONYMOUS, OPERATOR
from hinomi.kernel.ports import Payload
from hinomi.kernel.reader import Reader
from hinomi.runtime import clock, operations, simulate, simulate_sending
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.mqtt.bridge import Bridge
from hinomi.runtime.mqtt.client import Address
from hinomi.runtime.mqtt.publishing import Publisher
from hinomi.runtime.mqtt.sensing import Sensing
from hinomi.runtime.mqtt.settings import Mqtt
from hinomi.runtime.outages import Outages
from hinomi.runtime.writer import Writer
from hinomi.stores.sqlite import SqliteStore
from tests.runtime.mqtt.conftest import MOSQUITTO, Broker, free_port

START = clock.now().replace(microsecond=0) - timedelta(minutes=5)


def town(folder: Path, count: int, status: str = "actual") -> Writer:
    store = SqliteStore(folder)
    data = simulate.as_list(simulate.sensors(count), 60, status)
    payload = Payload(data=data, name="s.csv", address="", digest="", taken_at=START)
    parsed = sensors.parse(payload, None)  # type: ignore[arg-type]
    assert not parsed.problems
    store.put(parsed.records, at=START)
    return Writer(store)


@contextmanager
def bridged(
    writer: Writer, url: str, publisher: Any = None, sensing: Any = None, told: Any = None
) -> Iterator[Bridge]:
    bridge = Bridge(Mqtt(url=url), sensing or Sensing(writer), publisher, told)
    stop = threading.Event()
    thread = threading.Thread(target=bridge.run, args=(stop,))
    thread.start()
    try:
        assert bridge.connected.wait(20)
        time.sleep(0.3)
        yield bridge
    finally:
        stop.set()
        thread.join(20)
        assert not thread.is_alive()


def until(true: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.05)


def send(
    url: str, count: int, most: int, status: str = "actual", form: Any = "sensorthings"
) -> int:
    given = simulate.messages(simulate.sensors(count), START, 1e6, form, status)
    return simulate_sending.send_mqtt(url, given, most, threading.Event())


@pytest.mark.parametrize("broker", ["mosquitto", "nats"])
@pytest.mark.parametrize("form", ["sensorthings", "chirpstack"])
def test_what_a_broker_takes_is_in_the_store(
    request: pytest.FixtureRequest, tmp_path: Path, broker: str, form: str
) -> None:
    url = request.getfixturevalue(broker).url
    writer = town(tmp_path / "town", 50)
    with bridged(writer, url) as bridge:
        assert send(url, 50, 150, form=form) == 150
        until(lambda: bridge.taken >= 150 * (2 if form == "chirpstack" else 1))
    reader = Reader(writer.store, default_catalog(), OPERATOR)
    latest = [one for one in reader.series("hazards.sensor_readings") if one.reading]
    assert len(latest) == 50 * (2 if form == "chirpstack" else 1)


def test_nothing_is_acknowledged_before_it_is_durable(mosquitto: Any, tmp_path: Path) -> None:
    writer = town(tmp_path / "town", 10)

    class Full(Sensing):
        refused = 0

        def take(self, *_: Any) -> Any:
            self.refused += 1
            raise UnavailableError("the disk is full")

    full = Full(writer)
    with bridged(writer, mosquitto.url, sensing=full):
        send(mosquitto.url, 10, 30)
        until(lambda: full.refused > 0)
    with bridged(writer, mosquitto.url) as again:
        until(lambda: again.taken == 30)


def test_what_is_sent_while_the_bridge_is_away_comes_later(mosquitto: Any, tmp_path: Path) -> None:
    writer = town(tmp_path / "town", 10)
    with bridged(writer, mosquitto.url):
        pass
    send(mosquitto.url, 10, 40)
    mosquitto.stop()
    mosquitto.start()
    with bridged(writer, mosquitto.url) as bridge:
        until(lambda: bridge.taken == 40)


def test_the_bridge_comes_back_by_itself(mosquitto: Any, tmp_path: Path) -> None:
    writer = town(tmp_path / "town", 10)
    with bridged(writer, mosquitto.url) as bridge:
        mosquitto.stop()
        until(lambda: not bridge.connected.is_set())
        mosquitto.start()
        until(bridge.connected.is_set)
        time.sleep(0.3)
        send(mosquitto.url, 10, 10)
        until(lambda: bridge.taken == 10)


def test_a_broker_that_is_away_is_an_alarm_until_it_is_back(
    mosquitto: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hinomi.runtime.mqtt.bridge.AGAIN_S", (0.05, 0.2))
    writer = town(tmp_path / "town", 10)

    def standing() -> list[tuple[str, str]]:
        reader = Reader(writer.store, default_catalog(), OPERATOR)
        return [(a.key, a.properties()["code"]) for a in reader.every(operations.ALARMS.id)]

    with bridged(writer, mosquitto.url, told=Outages(writer).broker) as bridge:
        assert standing() == []
        mosquitto.stop()
        until(lambda: bool(standing()))
        assert standing() == [(f"broker:127.0.0.1:{mosquitto.port}", "brokers.unreachable")]
        reader = Reader(writer.store, default_catalog(), ANONYMOUS)
        assert not list(reader.every(operations.ALARMS.id)), "the operator's, not everyone's"
        mosquitto.start()
        until(lambda: standing() == [])
        send(mosquitto.url, 10, 10)
        until(lambda: bridge.taken == 10)


def test_a_broker_that_wants_a_password_is_told_one(tmp_path: Path) -> None:
    if not Path(MOSQUITTO).exists() or not shutil.which("mosquitto_passwd"):
        pytest.skip("mosquitto is not installed")
    passwords, port = tmp_path / "passwords", free_port()
    subprocess.run(["mosquitto_passwd", "-c", "-b", passwords, "town", "s p@c:e"], check=True)
    passwords.chmod(0o644)
    settings = tmp_path / "m.conf"
    settings.write_text(f"listener {port} 127.0.0.1\npassword_file {passwords}\nuser root\n")
    broker = Broker([MOSQUITTO, "-c", str(settings)], port)
    heard: list[tuple[int, str]] = []
    writer = town(tmp_path / "town", 1)

    def told(_: str, failures: int, error: str) -> None:
        heard.append((failures, error))

    try:
        wrong = Bridge(Mqtt(url=broker.url), Sensing(writer), None, told)
        stop = threading.Event()
        thread = threading.Thread(target=wrong.run, args=(stop,))
        thread.start()
        until(lambda: bool(heard))
        stop.set()
        thread.join(20)
        assert "not authorised" in heard[0][1]
        with bridged(writer, f"mqtt://town:s%20p%40c%3Ae@127.0.0.1:{port}", told=told):
            assert heard[-1] == (0, "")
    finally:
        broker.stop()


def subscriber(port: int, topic: str, count: int) -> subprocess.Popen[bytes]:
    command = [
        "mosquitto_sub",
        "-p",
        str(port),
        "-t",
        topic,
        "-C",
        str(count),
        "-W",
        "20",
        "-q",
        "1",
    ]
    found = subprocess.Popen(command, stdout=subprocess.PIPE)
    time.sleep(0.5)
    return found


def test_mosquitto_sub_hears_new_observations_and_never_an_exercise(
    mosquitto: Any, tmp_path: Path
) -> None:
    writer = town(tmp_path / "town", 10)
    drill = simulate.as_list(simulate.sensors(10), 60, "exercise")
    payload = Payload(data=drill, name="s.csv", address="", digest="", taken_at=START)
    writer.put(sensors.parse(payload, None).records)  # type: ignore[arg-type]
    publisher = Publisher(
        writer.store, default_catalog(), ANONYMOUS, tmp_path / "mqtt.json",
        prefix="sta/v1.1", root="http://h/sta/v1.1",
    )  # fmt: skip
    with bridged(writer, mosquitto.url, publisher.tell) as bridge:
        heard = subscriber(mosquitto.port, "sta/v1.1/+/Observations", 10)
        send(mosquitto.url, 10, 10, "exercise")
        send(mosquitto.url, 10, 10)
        out, _ = heard.communicate(timeout=25)
        until(lambda: bridge.taken == 20)
    found = [json.loads(line) for line in out.splitlines()]
    assert len({one["@iot.id"] for one in found}) == 10
    reader = Reader(writer.store, default_catalog(), ANONYMOUS)
    assert {s.series.id for s in reader.series("hazards.sensor_readings")} >= {
        one["@iot.id"].partition("@")[0] for one in found
    }


def test_the_status_topic_tells_whether_the_bridge_is_there(mosquitto: Any, tmp_path: Path) -> None:
    writer = town(tmp_path / "town", 1)
    with bridged(writer, mosquitto.url):
        out, _ = subscriber(mosquitto.port, "hinomi/status", 1).communicate(timeout=25)
        assert out.strip() == b"online"
    out, _ = subscriber(mosquitto.port, "hinomi/status", 1).communicate(timeout=25)
    assert out.strip() == b"offline"


HOSTILE = (
    b"", b"{", b'{"result":"x"}', b'{"result":1e999}', b'{"result":NaN}', b"[1]", b"[" * 200_000,
    b"\xff\xfe", b'{"result":1,"phenomenonTime":"9999-12-31T23:59:59-12:00"}',
    b'{"result":"' + b"x" * 1_000_000 + b'"}', b'{"result":1,"x":"' + b"x" * 9_000_000 + b'"}',
)  # fmt: skip


def test_a_message_with_a_fault_does_not_hold_up_the_others(mosquitto: Any, tmp_path: Path) -> None:
    writer = town(tmp_path / "town", 3)
    with bridged(writer, mosquitto.url) as bridge:
        topic = "v1.1/Datastreams('hazards.sensor_readings.sim00000.depth_cm')/Observations"
        command = ["mosquitto_pub", "-p", str(mosquitto.port), "-q", "1", "-t", topic]
        for data in (*HOSTILE, b'{"result":10}'):
            options = ["-s"] if data else ["-n"]
            subprocess.run([*command, *options], input=data, check=True)
        until(lambda: bridge.taken == 1)
    reader = Reader(writer.store, default_catalog(), OPERATOR)
    codes = {alarm.properties()["code"] for alarm in reader.every(operations.ALARMS.id)}
    # 9 MB are more than is held of a packet: told, acknowledged, and never sent again.
    assert "sensors.too-long" in codes


@pytest.mark.parametrize("url", ["http://h", "mqtt://", "mqtt://h:x", "h:1883"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(Exception, match="expected mqtt"):
        Address(url)
