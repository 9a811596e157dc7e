"""Spoilt earthquake, tsunami and volcano telegrams: problems with a path, never a crash."""

from __future__ import annotations

import re
from collections.abc import Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from hinomi.kernel.errors import DataError
from hinomi.kernel.ports import Parsed
from hinomi.stores.statements import check_records

WORDS = [
    "",
    "NaN",
    "-1",
    "1e999",
    "999",
    "取消",
    "0001-01-01T00:00:00+09:00",
    "2200-12-31T23:59:59Z",
    "1999-01-01T00:00:00",
    "+91.0+135.0/",
    "+00.0+000.0-99999999999999999999/",
    "20240101000000 20240101000001",
    "../../etc/passwd",
    "震度５弱以上未入電",
]


def read(parse: Callable[[bytes], Parsed], data: bytes) -> Parsed:
    """Return what is read; of what is refused whole, the problems alone."""
    try:
        return parse(data)
    except DataError as error:
        return Parsed(problems=list(error.problems))


CHECKS = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]


@settings(max_examples=120, deadline=None, suppress_health_check=CHECKS)
@given(data=st.data())
def test_a_spoilt_telegram_is_refused_or_read_with_problems(
    data: st.DataObject, samples: dict[str, bytes], parsed: Callable[[bytes], Parsed]
) -> None:
    ours = sorted(n for n in samples if re.search("VXSE|VTSE|VYSE|VFVO|VFSV|VZSE", n))
    root = etree.fromstring(samples[data.draw(st.sampled_from(ours))])
    every = list(root.iter("*"))[1:600]
    for _ in range(data.draw(st.integers(1, 8))):
        element = data.draw(st.sampled_from(every))
        what = data.draw(st.sampled_from(["text", "drop", "attribute", "move"]))
        if what == "text":
            element.text = data.draw(st.sampled_from(WORDS))
        elif what == "attribute" and element.attrib:
            element.set(sorted(element.attrib)[0], data.draw(st.sampled_from(WORDS)))
        elif what == "move":
            data.draw(st.sampled_from(every)).append(etree.Element(element.tag))
        elif element.getparent() is not None:
            element.getparent().remove(element)
    result = read(parsed, etree.tostring(root))
    check_records(result.records)
    for record in result.records:
        assert len(record.identity()) == 32


@settings(max_examples=60, deadline=None, suppress_health_check=CHECKS)
@given(data=st.data())
def test_cut_or_flipped_bytes_are_refused_or_read(
    data: st.DataObject, samples: dict[str, bytes], parsed: Callable[[bytes], Parsed]
) -> None:
    ours = sorted(n for n in samples if re.search("VXSE4|VXSE52|VYSE|VFVO5|VTSE52", n))
    raw = bytearray(samples[data.draw(st.sampled_from(ours))])
    if data.draw(st.booleans()):
        del raw[data.draw(st.integers(0, len(raw))) :]
    for _ in range(data.draw(st.integers(0, 6))):
        if raw:
            raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    result = read(parsed, bytes(raw))
    check_records(result.records)
    assert result.records or result.complete or result.problems
