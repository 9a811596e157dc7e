"""Satellite reports with any bits in them: decoded or refused, and never a fault."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from hinomi.standards.qzss import decode, message

NOW = datetime(2026, 5, 20, 1, 0, tzinfo=UTC)
PREAMBLES = (0b01010011, 0b10011010, 0b11000110)
"""Of the three sub-frames (IS-QZSS-L1S, section 4.1.1)."""
POLYNOMIAL = 0x1864CFB
"""CRC-24Q."""


def sentence(kind: int, bits: int, preamble: int = PREAMBLES[0]) -> bytes:
    """Return a sentence whose 212 bits after the message type are given; its sums are right."""
    body = preamble << 218 | kind << 212 | bits
    crc = body << 24
    for place in range(249, 23, -1):
        if crc >> place & 1:
            crc ^= POLYNOMIAL << (place - 24)
    # 250 bits are written as 63 digits: two zeros follow.
    text = f"QZQSM,56,{(body << 24 | crc) << 2:063X}"
    checksum = 0
    for byte in text.encode():
        checksum ^= byte
    return f"${text}*{checksum:02X}".encode()


def test_a_made_sentence_has_right_sums() -> None:
    (heard,) = decode(sentence(47, 0), NOW)
    assert heard.problem is not None
    assert heard.problem.code == "qzss.not-for-us", heard.problem


@settings(max_examples=400, deadline=None)
@given(st.sampled_from([43, 44]), st.integers(0, 2**212 - 1), st.sampled_from(PREAMBLES))
def test_any_bits_are_a_report_or_a_refusal(kind: int, bits: int, preamble: int) -> None:
    (heard,) = decode(sentence(kind, bits, preamble), NOW)
    assert (heard.report is None) is not (heard.problem is None)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 13), st.integers(0, 7), st.binary(min_size=26, max_size=26))
def test_any_report_of_each_kind_is_a_report_or_a_refusal(
    disaster: int, classification: int, rest: bytes
) -> None:
    bits = classification << 209 | disaster << 205 | int.from_bytes(rest) >> 3
    (heard,) = decode(sentence(43, bits), NOW)
    assert (heard.report is None) is not (heard.problem is None)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200), st.data())
def test_any_bytes_are_read_without_an_error(noise: bytes, data: st.DataObject) -> None:
    whole = bytearray(sentence(43, 1 << 205))
    for _ in range(data.draw(st.integers(0, 5))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    for line in (noise, b"$QZQSM" + noise, bytes(whole)):
        message(line)
        decode(line, NOW)
