"""What becomes of a payload that was parsed."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from hinomi.kernel.errors import Grade, Problem, Text
from hinomi.kernel.ports import Parsed
from hinomi.runtime import files
from hinomi.runtime.areas import StoreGazetteer
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.reading import outcome_of, read, source_of
from hinomi.stores.memory import MemoryStore
from hinomi.testing.strategies import START

SOURCES = tuple(default_catalog().sources.values())


def problem(grade: Grade, code: str = "x.y") -> Problem:
    return Problem(code, "", Text("あ", "a"), grade)


@pytest.mark.parametrize(
    ("problems", "outcome"),
    [
        ([], "unknown"),
        ([problem("alarm")], "unknown"),
        ([problem("note"), problem("alarm")], "unknown"),
        ([problem("note")], "understood"),
        ([problem("note"), problem("error")], "refused"),
        ([problem("note", "x.unknown-type")], "unknown"),
    ],
)
def test_nothing_is_a_success_only_where_the_sender_says_so(
    problems: list[Problem], outcome: str
) -> None:
    assert outcome_of(Parsed(problems=problems)) == outcome


@pytest.mark.parametrize(
    "text",
    [
        '<Report xmlns="http://xml.kishou.go.jp/jmaxml1/">',
        '<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">',
        '<rss xmlns:gdacs="http://www.gdacs.org">',
        '{"type":"FeatureCollection","features":[{"mag":1,"updated":2}]}',
    ],
)
def test_no_source_takes_an_archive_for_the_text_of_a_member_in_it(text: str) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a", text)
    alone = files.payload(text.encode(), "a", "a", START)
    for data in (packed.getvalue(), packed.getvalue()[:-40]):
        assert source_of(files.payload(data, "a.zip", "a.zip", START), SOURCES) is None
    assert source_of(alone, SOURCES) is not None


def test_a_package_is_still_its_sources(shared_data: Path) -> None:
    for path in (shared_data / "exchange/sip4d-zip").glob("*.zip"):
        whole = files.payload(path.read_bytes(), path.name, str(path), START)
        found = source_of(whole, SOURCES)
        assert found is not None
        assert "sip4d" in found.id


def test_boundaries_that_are_ingested_name_the_command_that_takes_them(shared_data: Path) -> None:
    path = shared_data / "exchange/boundaries/N03-21_17_s0010.json"
    (problem,) = read(
        files.payload(path.read_bytes(), path.name, str(path), START),
        SOURCES,
        StoreGazetteer(MemoryStore()),
        START,
    ).parsed.problems
    assert "hinomi areas import" in problem.text.en
    assert "hinomi areas import" in problem.text.ja
    assert problem.grade == "alarm"
