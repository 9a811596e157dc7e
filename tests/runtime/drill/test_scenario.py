"""Scenarios as files: all faults with their lines, a town's own, the example that is written."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from hinomi.kernel.errors import DataError, InputError, MissingError
from hinomi.runtime.drill import example, library
from hinomi.runtime.drill.checking import check
from hinomi.runtime.drill.kinds import KINDS
from hinomi.runtime.drill.reading import read
from hinomi.runtime.drill.rows import after_of, read_rows

HEAD = "時刻,種別,対象,値,経度,緯度,文,期待する行動,期限(分),手がかり\n,設定,場所,石川県\n"
NOW = datetime(2026, 6, 1, 3, tzinfo=UTC)


def faults(text: str, on: date) -> list[tuple[str, str]]:
    scenario, problems = read((HEAD + text).encode(), "t.csv", on)
    assert scenario is None
    return [(p.path, p.text.ja) for p in problems]


def test_every_fault_is_told_with_its_line_and_what_to_write(on: date) -> None:
    found = faults(
        "0:00,大雨,七屋市,3\n0:xx,大雨,七尾市,3\n# a comment\n0:10,大雨,七尾市,9\n"
        "0:20,大水,七尾市,3\n"
        "0:30,停電,七尾市\n0:40,地震,七尾市=8,M6,137,37\n0:50,氾濫,七尾川,3\n1:00,津波,石川県能登,3m\n"
        "1:10,避難所,どこか,10\n1:20,台風,,960hPa,137,33\n",
        on,
    )
    assert [path for path, _ in found] == [
        f"/line[{n}]/{c}"
        for n, c in (
            (3, "対象"), (4, "時刻"), (6, "値"), (7, "種別"), (8, "文"), (9, "対象"), (10, "対象"),
            (11, "値"), (12, "対象"), (13, "値"),
        )
    ]  # fmt: skip
    assert "七尾市" in found[0][1]
    assert "1:30" in found[1][1]
    assert "0 2 3 4 5" in found[2][1]


def test_a_place_that_is_not_named_is_one_fault_not_a_hundred(on: date) -> None:
    _, problems = read(HEAD.replace("石川県", "いしかわ").encode() + b"0:00,x,y,1\n", "t", on)
    assert [p.path for p in problems] == ["/line[2]/値"]


def test_events_after_the_end_and_two_ends_are_faults(on: date) -> None:
    found = faults("0:10,終了\n0:20,大雨,七尾市,3\n0:30,終了\n", on)
    assert {path for path, _ in found} == {"/line[4]/時刻", "/line[5]/時刻"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_what_excel_saves_is_read(encoding: str, on: date) -> None:
    text = (HEAD + "0:00,大雨,七尾市,3\n0:05,終了\n").replace("\n", ",,\r\n")
    scenario, problems = read(text.encode(encoding), "t.csv", on)
    assert problems == []
    assert scenario is not None
    assert scenario.events[0].towns == ("1720200",)


def test_a_file_that_is_no_table_is_refused(on: date) -> None:
    for data in (b"\xff\xfe\x00\x00", b"", b"a,b\n1,2\n", b"x" * 5_000_000):
        with pytest.raises(DataError):
            read(data, "t.csv", on)
    assert read_rows('時刻,種別\n0:00,"open'.encode())[1]


def test_times_are_read_as_people_write_them() -> None:
    for text in ("1:30", "01:30:00", "90分", "+1:30", "１：３０"):
        assert after_of(text) == timedelta(hours=1.5)


@pytest.mark.parametrize("area", ["石川県", "七尾市", "札幌市", "仙台市", "那覇市", "奄美地方"])
def test_the_example_that_is_written_has_no_fault(area: str, on: date) -> None:
    scenario, problems = check(example.write(None, area, on), "new.csv", on, NOW)
    assert [(p.path, p.text.en) for p in problems if p.grade != "note"] == []
    assert scenario is not None
    assert not scenario.fictional


def test_an_example_needs_to_know_where(on: date) -> None:
    with pytest.raises(InputError, match="--area"):
        example.write(None, "", on)
    with pytest.raises(MissingError):
        example.write(None, "七屋市", on)


def test_the_shipped_drills_are_such_files_without_fault(on: date) -> None:
    for name in library.SHIPPED:
        scenario, problems = check(library.data_of(name), name, on, NOW)
        assert scenario is not None
        assert problems == []


def test_every_kind_of_event_is_in_the_page() -> None:
    text = Path(__file__).parents[3].joinpath("docs/reference/scenario.md").read_text("utf-8")
    for kind in KINDS:
        assert kind in text, kind


def test_a_missing_file_and_a_missing_drill_are_told_apart(on: date) -> None:
    with pytest.raises(MissingError, match="scenario file"):
        library.load("nowhere.csv", on)
    with pytest.raises(MissingError, match="typhoon"):
        library.load("typhon", on)
