"""A broker behind TLS: the certificate is looked at, and what is sent over it comes in."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hinomi.kernel.errors import UnavailableError
from hinomi.runtime.mqtt.client import Address, Client
from hinomi.standards import mqtt
from tests.runtime.mqtt.conftest import MOSQUITTO, Broker, free_port


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Broker]:
    """Mosquitto with a certificate of its own for localhost."""
    if not Path(MOSQUITTO).exists() or not shutil.which("openssl"):
        pytest.skip("mosquitto and openssl are needed")
    key, certificate, port = tmp_path / "key.pem", tmp_path / "cert.pem", free_port()
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out",
         certificate, "-days", "2", "-subj", "/CN=localhost", "-addext",
         "subjectAltName=DNS:localhost"], check=True, capture_output=True,
    )  # fmt: skip
    key.chmod(0o644)
    settings = tmp_path / "m.conf"
    settings.write_text(
        f"listener {port} 127.0.0.1\nallow_anonymous true\nuser root\n"
        f"certfile {certificate}\nkeyfile {key}\n"
    )
    broker = Broker([MOSQUITTO, "-c", str(settings)], port)
    yield broker
    broker.stop()


def client(port: int) -> Client:
    address = Address(f"mqtts://localhost:{port}")
    return Client(address, "town", "", mqtt.Will("status", b"offline"))


def test_what_is_sent_over_tls_comes_back(
    guarded: Broker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    line = client(guarded.port)
    line.open(["a/+"])
    sent = [(f"a/{number}", b"x" * 5_000) for number in range(300)]

    found: list[mqtt.Publish] = []
    until = time.monotonic() + 30
    for topic, data in sent:
        assert line.publish(topic, data)
    while len(found) < len(sent):
        assert time.monotonic() < until
        got = line.receive(0.5)
        line.acknowledge(got)
        found += got
    assert [(one.topic, one.data) for one in found] == sent
    line.close()


def test_a_certificate_that_nobody_vouches_for_is_refused(guarded: Broker) -> None:
    with pytest.raises(UnavailableError, match="certificate"):
        client(guarded.port).open(["a"])


def test_a_server_that_speaks_no_mqtt_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:

        def answer() -> None:
            line, _ = door.accept()
            with line:
                line.recv(1_000)
                line.sendall(b"\xffHTTP/1.1 400 Bad Request\r\n")

        other = threading.Thread(target=answer)
        other.start()
        address = Address(f"mqtt://127.0.0.1:{door.getsockname()[1]}")
        with pytest.raises(UnavailableError, match="No broker answers"):
            Client(address, "town", "", mqtt.Will("status", b"offline")).open(["a"])
        other.join(5)
