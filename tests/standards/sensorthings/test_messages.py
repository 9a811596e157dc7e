"""Observations as messages: there and back, and nothing that breaks the decoder."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hinomi.kernel.errors import DataError
from hinomi.standards.sensorthings import (
    decode_arrays,
    decode_observation,
    encode_observation,
    parse_topic,
    split_observation_id,
)
from hinomi.standards.sensorthings.messages import MAX_ROWS

TIMES = st.integers(min_value=0, max_value=4_000_000_000_000_000)


@given(TIMES, st.floats(allow_nan=False, allow_infinity=False), st.integers(0, 4))
def test_what_is_encoded_is_decoded(time: int, value: float, quality: int) -> None:
    data = encode_observation("a.b", time, value, quality, "http://h/sta/v1.1")
    found = decode_observation(data, "a.b")
    assert (found.time, found.value, found.quality) == (time, value, quality)
    assert split_observation_id(json.loads(data)["@iot.id"]) == ("a.b", time)


@pytest.mark.parametrize(
    ("topic", "stream"),
    [("v1.1/Observations", ""), ("v1.1/Datastreams('a.b')/Observations", "a.b"),
     ("v1.1/Datastreams(5)/Observations", "5")],
)  # fmt: skip
def test_topics_name_their_datastream(topic: str, stream: str) -> None:
    found = parse_topic(topic)
    assert found is not None
    assert found.datastream == stream


@pytest.mark.parametrize("topic", ["", "v1.1/Things", "v1.0/Observations", "v1.1/Datastreams(a)/x"])
def test_other_topics_create_nothing(topic: str) -> None:
    assert parse_topic(topic) is None


def test_every_fault_of_a_data_array_is_told() -> None:
    body = [{"Datastream": {"@iot.id": 1}, "components": ["phenomenonTime", "result"],
             "dataArray": [["x", 1], ["2026-01-01T00:00:00Z", "y"], ["2026-01-01T00:00:00Z"]]}]  # fmt: skip  # noqa: E501
    with pytest.raises(DataError) as error:
        decode_arrays(json.dumps(body).encode())
    assert [p.path for p in error.value.problems] == [
        "/0/dataArray/0", "/0/dataArray/1", "/0/dataArray/2",
    ]  # fmt: skip


def test_a_message_is_bounded() -> None:
    with pytest.raises(DataError, match="more than"):
        decode_arrays(b"[" + b",".join([b'{"result":1}'] * (MAX_ROWS + 1)) + b"]", "a")


@given(st.one_of(st.binary(max_size=100), st.text(max_size=80).map(str.encode)))
def test_no_bytes_break_the_decoders(data: bytes) -> None:
    for decode in (decode_observation, decode_arrays):
        with contextlib.suppress(DataError):
            decode(data, "a")
