"""Uplinks of both network servers, and payloads by table."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hinomi.domains.hazards.observe.sensors import decoders
from hinomi.kernel.errors import DataError
from hinomi.standards.lorawan import decode_chirpstack, decode_payload, decode_tts

# After https://www.chirpstack.io/docs/chirpstack/integrations/events.html, "up".
CHIRPSTACK: dict[str, Any] = {
    "deduplicationId": "3ac7e3c4-4401-4b8d-9386-a5c902f9202d",
    "time": "2022-07-18T09:34:15.775023242+00:00",
    "deviceInfo": {"deviceName": "Test device", "devEui": "0101010101010101"},
    "devAddr": "00189440", "dr": 1, "fPort": 1, "fCnt": 24, "data": "AwfQ",
    "object": {"depth_cm": 20},
}  # fmt: skip


def test_chirpstacks_example_is_read() -> None:
    found = decode_chirpstack(json.dumps(CHIRPSTACK).encode())
    assert found.frame == ("0101010101010101", "00189440", 24)
    assert found.time == 1658136855775023
    values = decode_payload(decoders()["one-coin-3"], found.payload, found.values)
    assert [(v.property, v.value, v.sure) for v in values] == [
        ("depth_cm", 20.0, True), ("battery_v", 2.0, True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [{"time": "now"}, {"time": "2022-07-18T09:34:15"}, {"data": "###"}, {"data": "A" * 4_000},
     {"fCnt": -1}, {"deviceInfo": {"devEui": "xyz"}}, {"deviceInfo": None}],
)  # fmt: skip
def test_a_wrong_uplink_is_refused_with_its_place(change: dict[str, Any]) -> None:
    with pytest.raises(DataError):
        decode_chirpstack(json.dumps({**CHIRPSTACK, **change}).encode())


@pytest.mark.parametrize(
    ("decoder", "payload", "depth", "volts"),
    # Dragino LWL02 manual 2.3: 4B D2: leak and 3,026 mV; 0B EA: no leak, 3,050 mV.
    [("dragino-lwl02", "4bd202", 10, 3.026), ("dragino-lwl02", "0bea02", 0, 3.05),
     ("one-coin-1", "010e10", 10, 3.6), ("one-coin-3", "070e10", 30, 3.6)],
)  # fmt: skip
def test_frames_are_read_by_their_table(
    decoder: str, payload: str, depth: float, volts: float
) -> None:
    found = decode_payload(decoders()[decoder], bytes.fromhex(payload), {})
    assert [v.value for v in found] == pytest.approx([depth, volts])


def test_a_short_frame_is_refused() -> None:
    with pytest.raises(DataError, match="battery_v"):
        decode_payload(decoders()["one-coin-3"], b"\x01\x02", {})


@given(st.one_of(st.binary(max_size=200), st.text(max_size=100).map(str.encode)))
def test_no_bytes_break_the_decoders(data: bytes) -> None:
    for decode in (decode_chirpstack, decode_tts):
        with pytest.raises(DataError):
            decode(data)


@given(st.dictionaries(st.sampled_from(sorted(CHIRPSTACK)), st.none() | st.integers() | st.text()))
def test_no_wrong_member_breaks_the_decoder(change: dict[str, Any]) -> None:
    with contextlib.suppress(DataError):
        decode_chirpstack(json.dumps({**CHIRPSTACK, **change}).encode())


@given(st.binary(max_size=12))
def test_no_payload_breaks_a_table(payload: bytes) -> None:
    for decoder in decoders().values():
        with contextlib.suppress(DataError):
            decode_payload(decoder, payload, {})
