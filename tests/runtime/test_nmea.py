"""A receiver over TCP: each report once, over broken lines, and addresses that are none."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from hinomi.kernel.errors import InputError, UnavailableError
from hinomi.runtime.nmea import Receiver, check


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_receiver_is_heard_over_broken_connections_each_report_once(shared_data: Path) -> None:
    data = (shared_data / "exchange/qzss-dcr/nmea_messages.txt").read_bytes()
    lines = data.splitlines(keepends=True)
    taken: list[bytes] = []

    def take(data: bytes, name: str, address: str, at: datetime) -> None:
        del name, address, at
        taken.append(data)

    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        receiver = Receiver(f"tcp://127.0.0.1:{port}", take, wait_s=0.05)
        thread = threading.Thread(target=receiver.run, args=(stop,))
        thread.start()
        for part in (lines[:8], lines[4:]):
            line, _ = server.accept()
            with line:
                line.sendall(b"$GPGGA,junk\n" + b"".join(part) + lines[0][:20])
        until(lambda: len(taken) >= 15)
        line, _ = server.accept()
        stop.set()
        line.close()
        thread.join(10)
    assert not thread.is_alive()
    # 16 sentences, of which one repeats another's report from another satellite.
    assert len(taken) == len(set(taken)) == 15
    assert receiver.repeated >= 4


def test_a_report_that_could_not_be_stored_is_taken_when_it_comes_again(shared_data: Path) -> None:
    line = (shared_data / "exchange/qzss-dcr/nmea_messages.txt").read_bytes().splitlines()[1]
    tries: list[int] = []

    def take(data: bytes, name: str, address: str, at: datetime) -> None:
        del data, name, address, at
        tries.append(1)
        if len(tries) == 1:
            raise UnavailableError("disk full")

    receiver = Receiver("tcp://127.0.0.1:1", take)
    for _ in range(3):
        receiver.hear(line)
    assert (len(tries), receiver.taken, receiver.repeated) == (2, 1, 1)


@pytest.mark.parametrize("address", ["tcp://host", "http://a:1", "serial:", "tcp://h:x", ""])
def test_what_is_no_receivers_address_is_refused_at_the_start(address: str) -> None:
    with pytest.raises(InputError, match="tcp://HOST:PORT"):
        check(address)


def test_both_kinds_of_address_are_known() -> None:
    check("tcp://gnss.local:2947")
    check("serial:/dev/ttyUSB0?baud=115200")
