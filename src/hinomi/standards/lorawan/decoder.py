"""The two network servers' JSON to one struct."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from hinomi.kernel.errors import DataError, Problem, Text
from hinomi.kernel.records import micros

MAX_PAYLOAD = 250
"""Bytes of a frame: LoRaWAN regional parameters allow 242 at most (AS923, DR5 and above)."""
_EUI = re.compile(r"[0-9a-f]{16}")
_FINE = re.compile(r"(\.\d{6})\d+")


class Uplink(msgspec.Struct, frozen=True, kw_only=True):
    """One frame of one device, as its network server tells of it."""

    device: str
    """DevEUI, 16 lower-case hex digits."""
    session: str
    """DevAddr: the frame counter begins anew with each."""
    counter: int
    port: int
    time: int
    """[µs since 1970 UTC] when the network heard it."""
    payload: bytes
    values: dict[str, Any] = {}
    """What the network server's own decoder made of it."""
    name: str = ""
    longitude: float | None = None
    latitude: float | None = None
    """Of the receiving gateway nothing is taken: this is the device's own."""

    @property
    def frame(self) -> tuple[str, str, int]:
        """Return what makes the frame one and the same, however often it is told."""
        return self.device, self.session, self.counter


class _Place(msgspec.Struct):
    latitude: float | None = None
    longitude: float | None = None


class _DeviceInfo(msgspec.Struct, rename="camel"):
    dev_eui: str
    device_name: str = ""


class _ChirpStack(msgspec.Struct, rename="camel"):
    device_info: _DeviceInfo
    time: str
    dev_addr: str = ""
    f_cnt: int = 0
    f_port: int = 0
    data: str = ""
    object: dict[str, Any] | None = None


class _Ids(msgspec.Struct):
    dev_eui: str
    device_id: str = ""
    dev_addr: str = ""


class _Message(msgspec.Struct):
    f_port: int = 0
    f_cnt: int = 0
    frm_payload: str = ""
    decoded_payload: dict[str, Any] | None = None
    received_at: str = ""
    locations: dict[str, _Place] = {}


class _Tts(msgspec.Struct):
    end_device_ids: _Ids
    uplink_message: _Message
    received_at: str = ""


T = TypeVar("T", _ChirpStack, _Tts)


def decode_chirpstack(data: bytes) -> Uplink:
    """Return the uplink of ChirpStack v4's event ``up``.

    Raises:
        DataError: no such event, or a part of it is wrong.
    """
    event = _decoded(data, _ChirpStack, "chirpstack")
    return _uplink(
        "chirpstack",
        (event.device_info.dev_eui, event.dev_addr, event.f_cnt, event.f_port),
        event.time,
        event.data,
        event.object,
        event.device_info.device_name,
    )


def decode_tts(data: bytes) -> Uplink:
    """Return the uplink of The Things Stack v3.

    Raises:
        DataError: no such message, or a part of it is wrong.
    """
    event = _decoded(data, _Tts, "tts")
    message, ids = event.uplink_message, event.end_device_ids
    found = _uplink(
        "tts",
        (ids.dev_eui, ids.dev_addr, message.f_cnt, message.f_port),
        message.received_at or event.received_at,
        message.frm_payload,
        message.decoded_payload,
        ids.device_id,
    )
    own = message.locations.get("user")
    if own is None:
        return found
    return msgspec.structs.replace(found, longitude=own.longitude, latitude=own.latitude)


def _decoded(data: bytes, shape: type[T], codec: str) -> T:
    try:
        return msgspec.json.decode(data, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        text = Text(f"アップリンクではありません({error})", f"no uplink ({error})")
        raise DataError([Problem(f"lorawan.{codec}", "", text)]) from None


def _uplink(
    codec: str,
    frame: tuple[str, str, int, int],
    time: str,
    payload: str,
    values: dict[str, Any] | None,
    name: str,
) -> Uplink:
    """Check the parts, all of them, and put them together."""
    problems: list[Problem] = []

    def tell(path: str, text: Text, found: str) -> None:
        problems.append(Problem(f"lorawan.{codec}", path, text, found=found[:60]))

    device, session, counter, port = frame
    eui = device.lower().replace("-", "").replace(":", "")
    if not _EUI.fullmatch(eui):
        tell("/devEui", Text("DevEUIが正しくありません", "no DevEUI of 16 hex digits"), device)
    if not 0 <= counter < 1 << 32:
        tell("/fCnt", Text("フレーム番号が範囲外です", "no frame counter"), str(counter))
    moment = _time(time)
    if moment is None:
        tell("/time", Text("時刻が正しくありません", "no time with a zone"), time)
    try:
        raw = base64.b64decode(payload, validate=True)
    except (binascii.Error, ValueError):
        raw = bytes(MAX_PAYLOAD + 1)
    if len(raw) > MAX_PAYLOAD:
        tell("/data", Text("base64でないか長すぎます", "not base64, or too long"), payload)
    if problems:
        raise DataError(problems)
    return Uplink(
        device=eui, session=session.lower(), counter=counter, port=port, time=moment or 0,
        payload=raw, values=values or {}, name=name[:100],
    )  # fmt: skip


def _time(text: str) -> int | None:
    try:
        found = datetime.fromisoformat(_FINE.sub(r"\1", text))
    except ValueError:
        return None
    return micros(found) if found.tzinfo is not None and 2000 <= found.year < 2200 else None
