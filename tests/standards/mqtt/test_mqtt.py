"""MQTT's packets: cut anywhere they are the same; what is none is refused; paho reads ours."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paho.mqtt.client import topic_matches_sub

from hinomi.kernel.errors import DataError, InputError
from hinomi.standards import mqtt

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
MESSAGES = st.builds(
    mqtt.Publish, topic=TEXTS, data=st.binary(max_size=300), qos=st.just(1),
    mid=st.integers(1, 65_535),
)  # fmt: skip


@given(st.lists(MESSAGES, max_size=8), st.lists(st.integers(1, 50), min_size=1))
def test_messages_come_whole_wherever_the_stream_is_cut(
    messages: list[mqtt.Publish], cuts: list[int]
) -> None:
    stream = b"".join(mqtt.publish(m.topic, m.data, m.mid, retain=False) for m in messages)
    splitter, found, at, turn = mqtt.Splitter(), [], 0, 0
    while at < len(stream):
        size = cuts[turn % len(cuts)]
        found += splitter.feed(stream[at : at + size])
        at, turn = at + size, turn + 1
    assert found == messages


@given(st.lists(MESSAGES, max_size=8), st.lists(st.integers(1, 50), min_size=1))
def test_a_message_that_is_too_long_is_told_without_its_data_and_the_others_come(
    messages: list[mqtt.Publish], cuts: list[int]
) -> None:
    stream = b"".join(mqtt.publish(m.topic, m.data, m.mid, retain=False) for m in messages)
    splitter, found, at, turn = mqtt.Splitter(most_bytes=150), [], 0, 0
    while at < len(stream):
        size = cuts[turn % len(cuts)]
        found += splitter.feed(stream[at : at + size])
        at, turn = at + size, turn + 1
    assert [(m.topic, m.mid) for m in found] == [(m.topic, m.mid) for m in messages]  # type: ignore[union-attr]
    for one, whole in zip(found, messages, strict=True):
        assert isinstance(one, mqtt.Publish)
        assert one == whole or (one.data, one.left_out) == (b"", len(whole.data))


@given(st.lists(st.binary(max_size=60), max_size=6))
def test_any_bytes_are_packets_or_refused(pieces: list[bytes]) -> None:
    splitter = mqtt.Splitter(most_bytes=1_000)
    for piece in pieces:
        try:
            found = splitter.feed(piece)
        except DataError:
            return
        assert all(isinstance(one, mqtt.Packet) for one in found)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\x30\xff\xff\xff\xff\x01", "mqtt.length"),
        (b"\x90\xff\xff\xff\x7f", "mqtt.too-long"),
        (b"\x36\x04\x00\x01aa", "mqtt.publish"),
        (b"\x32\x03\x00\x01a", "mqtt.publish"),
        (b"\x30\x03\x00\x09a", "mqtt.publish"),
        (b"\x30\x00", "mqtt.publish"),
        (b"\x30\x03\x00\x01\xff", "mqtt.topic"),
        (b"\x40\x01\x00", "mqtt.packet"),
        (b"\xf0\x00", "mqtt.packet"),
        (b"\x90\x02\x00\x01", "mqtt.packet"),
    ],
)
def test_what_is_no_packet_is_refused_by_name(data: bytes, code: str) -> None:
    with pytest.raises(DataError) as caught:
        mqtt.Splitter().feed(data)
    assert caught.value.problems[0].code == code


def test_a_brokers_answers_are_read() -> None:
    stream = b"\x20\x02\x01\x00\x90\x04\x00\x07\x01\x80\x40\x02\x01\x02\xd0\x00"
    assert mqtt.Splitter().feed(stream) == [
        mqtt.Connected(0, resumed=True), mqtt.Subscribed(7, (1, 128)), mqtt.Acknowledged(258),
        mqtt.Other(13),
    ]  # fmt: skip


def test_a_connect_has_the_standards_fields_in_its_order() -> None:
    """3.1.2 and 3.1.3: flags, keep alive, then client, will, user and password in this order."""
    will = mqtt.Will("w", b"gone")
    sent = mqtt.connect("id", 10, user="u", password="p", will=will)  # noqa: S106
    assert sent[2:12] == bytes([0, 4]) + b"MQTT" + bytes([4, 0b1110_1100, 0, 10])
    assert sent[12:] == b"\0\2id\0\1w\0\4gone\0\1u\0\1p"
    assert sent[1] == len(sent) - 2


def test_a_field_that_mqtt_cannot_hold_is_refused() -> None:
    with pytest.raises(InputError, match="65,535"):
        mqtt.publish("a" * 65_536, b"", 1, retain=False)


PARTS = st.sampled_from(["a", "b", "", "+", "#", "$SYS", "日"])


@given(st.lists(PARTS, min_size=1, max_size=4), st.lists(PARTS, min_size=1, max_size=4))
def test_filters_select_what_paho_says_they_do(wanted: list[str], topic: list[str]) -> None:
    if {"+", "#"} & set(topic) or "#" in wanted[:-1]:
        return
    one, other = "/".join(wanted), "/".join(topic)
    if not one or not other:
        return
    assert mqtt.matches(one, other) == topic_matches_sub(one, other)
