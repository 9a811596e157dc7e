"""CSV as municipalities publish it."""

from __future__ import annotations

import csv
import io
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hinomi.kernel.errors import DataError, InputError
from hinomi.standards.opendata_csv import (
    decode,
    flag,
    header_of,
    japanese_time,
    number,
    time_in_name,
)

TEXT = "名称,緯度,経度,災害種別_洪水\r\n山王小学校,３７．０４,136.97,1.0\r\n\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_each_encoding_gives_the_same_table(encoding: str) -> None:
    data = TEXT.encode(encoding)
    table = decode(data)
    assert header_of(data) == table.header == ("名称", "緯度", "経度", "災害種別_洪水")
    assert [(line, row["名称"]) for line, row in table.rows] == [(2, "山王小学校")]
    assert number(table.rows[0][1]["緯度"]) == 37.04


def test_a_row_of_another_length_costs_only_itself() -> None:
    table = decode(b"a,b\n1,2\n3\n4,5,6\n7,8\n")
    assert [row["a"] for _, row in table.rows] == ["1", "7"]
    assert [p.path for p in table.problems] == ["/line[3]", "/line[4]"]


@pytest.mark.parametrize("data", [b"", b"\x81\x20\xff\xff\x00", b"\0\0\0,\0"])
def test_what_is_no_text_is_refused(data: bytes) -> None:
    with pytest.raises(DataError):
        decode(data)


def test_a_cell_of_ten_megabytes_is_a_problem_and_not_a_crash() -> None:
    table = decode(b"a,b\n1,2\n" + b"x" * 10_000_000 + b",3\n")
    assert len(table.rows) == 1
    assert [p.code for p in table.problems] == ["csv.broken"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("令和6年1月9日午後6時", "2024-01-09T18:00:00+09:00"),
        ("令和６年６月２０日正午", "2024-06-20T12:00:00+09:00"),
        ("令和6年8月31日午後1時30分", "2024-08-31T13:30:00+09:00"),
        ("令和元年5月1日午前0時", "2019-05-01T00:00:00+09:00"),
        ("令和8年6月1日午後0時15分時点", "2026-06-01T12:15:00+09:00"),
        ("2024年1月9日18時半", "2024-01-09T18:30:00+09:00"),
        ("平成31年4月30日24時", "2019-05-01T00:00:00+09:00"),
    ],
)
def test_japanese_times_are_read(text: str, expected: str) -> None:
    assert japanese_time(text).isoformat() == expected


def test_a_header_longer_than_what_is_looked_at_is_none() -> None:
    assert header_of(b"x," * 5_000 + b"\n1\n") == ()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("open_2024-01-09-1800.csv", "2024-01-09 18:00:00+09:00"),
        ("open_202401091800.csv", "2024-01-09 18:00:00+09:00"),
        ("open_2024-13-09-1800.csv", "None"),
        ("open.csv", "None"),
    ],
)
def test_a_time_in_a_files_name_is_read(name: str, expected: str) -> None:
    assert str(time_in_name(name)) == expected


@pytest.mark.parametrize("text", ["", "昨日", "令和6年13月9日午後6時", "令和6年1月9日25時"])
def test_what_names_no_moment_gives_none(text: str) -> None:
    assert japanese_time(text) is None


@pytest.mark.parametrize("text", ["nan", "inf", "約300", "1e999", "--"])
def test_what_is_no_number_is_said_to_be_none(text: str) -> None:
    with pytest.raises(InputError):
        number(text)


def test_flags_know_yes_no_and_silence() -> None:
    assert [flag(t) for t in ("1", "１", "○", "有", "0", "×", "", "?")] == [
        True, True, True, True, False, False, None, None,
    ]  # fmt: skip


cells = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12).map(str.strip)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(cells, min_size=3, max_size=3), min_size=1, max_size=6))
def test_what_is_written_is_read(rows: list[list[str]]) -> None:
    out = io.StringIO()
    csv.writer(out).writerows([["a", "b", "c"], *rows])
    table = decode(out.getvalue().encode())
    assert [list(row.values()) for _, row in table.rows] == [r for r in rows if any(r)]


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_random_bytes_give_a_table_or_a_named_refusal(data: bytes) -> None:
    header_of(data)
    with suppress(DataError):
        assert decode(data).header


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40))
def test_random_texts_never_break_the_readers_of_cells(text: str) -> None:
    japanese_time(text)
    flag(text)
    with suppress(InputError):
        assert number(text) is None or isinstance(number(text), float)
