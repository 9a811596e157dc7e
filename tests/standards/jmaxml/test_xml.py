"""The XML beneath all telegrams: what is checked before it is read, and what is read only once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from hinomi.kernel.errors import DataError, Problem, Text
from hinomi.standards.jmaxml import meteorology
from hinomi.standards.jmaxml.quantities import positions
from hinomi.standards.jmaxml.xml import METEOROLOGY, Element, Repeats, name, parse_xml, path

PIECE = 65_536


@given(
    st.integers(-4, 4), st.sampled_from([b"\xff", b"\xe3", b"\xe3\x81", b"\xed\xa0\x80", b"\x80"])
)
def test_bytes_that_are_not_utf8_are_found_wherever_they_are(shift: int, wrong: bytes) -> None:
    head = b"<a>" + b"x" * (2 * PIECE + shift - 3)
    data = head + wrong + "い</a>".encode()
    with pytest.raises(UnicodeDecodeError) as known:
        data.decode()
    with pytest.raises(DataError) as refused:
        parse_xml(data)
    problem = refused.value.problems[0]
    assert (problem.code, problem.path) == ("jmaxml.encoding", f"byte {known.value.start}")


@given(st.integers(-4, 4))
def test_a_character_may_lie_across_the_pieces_that_are_checked(shift: int) -> None:
    text = "x" * (PIECE + shift) + "火𠮷"
    assert parse_xml(f"<a>{text}</a>".encode()).text == text


def test_elements_that_say_the_same_are_read_once() -> None:
    root = etree.fromstring("<a><b t='1'>x</b> <b t='1'>x</b><b t='2'>x</b><b t='1'>y</b></a>")
    read: list[str] = []

    def reader(element: Element) -> tuple[str, str]:
        read.append(path(element))
        return element.get("t"), element.text

    repeats = Repeats(reader)
    assert [repeats.read(e) for e in root] == [("1", "x"), ("1", "x"), ("2", "x"), ("1", "y")]
    assert read == ["/a/b[1]", "/a/b[3]", "/a/b[4]"]


def test_a_name_of_another_namespace_is_not_the_same() -> None:
    root = etree.fromstring("<a xmlns:p='urn:p'><b xmlns='urn:q'/><p:b/><b/></a>")
    repeats = Repeats(lambda e: e.tag)
    assert [repeats.read(e) for e in root] == ["{urn:q}b", "{urn:p}b", "b"]


def test_each_of_equal_faults_is_told_with_its_place() -> None:
    item = "<Item><Kind><Name>x</Name><Foo/></Kind><Area><Name>y</Name></Area></Item>"
    body = etree.fromstring(
        f'<Body xmlns="{METEOROLOGY[1:-1]}"><Warning type="z">{item}{item}</Warning></Body>'
    )
    read = meteorology.decode(body)
    assert [p.path for p in read.problems] == [f"/Body/Warning/Item[{n}]/Kind/Foo" for n in (1, 2)]


def test_a_reader_that_finds_fault_is_asked_again() -> None:
    problems: list[Problem] = []

    def reader(element: Element) -> str:
        problems.append(Problem("x", path(element), Text("", "")))
        return name(element)

    repeats = Repeats(reader, problems)
    for element in etree.fromstring("<a><b/><b/></a>"):
        repeats.read(element)
    assert [p.path for p in problems] == ["/a/b[1]", "/a/b[2]"]


DEGREES = st.decimals(-200, 200, places=2, allow_nan=False)


@given(st.lists(st.tuples(DEGREES, DEGREES), min_size=1, max_size=5))
def test_a_line_is_read_like_its_positions_one_by_one(points: list[tuple[object, object]]) -> None:
    texts = [f"{lat:+}{lon:+}" for lat, lon in points]
    apart = [positions(text) for text in texts]
    together = positions("".join(f"{text}/" for text in texts))
    assert together == ([p for found in apart for p in found] if all(apart) else [])
