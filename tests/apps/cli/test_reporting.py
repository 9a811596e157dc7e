"""``hinomi report``: list, make, templates."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

Hinomi = Callable[..., Any]


@pytest.fixture
def folder(hinomi: Hinomi, data: Path) -> Path:
    for dead, person in (("3", "佐藤"), ("5", "佐藤")):
        made = hinomi(
            "act", "response.report-damage", "area_code=1720400", f"dead={dead}", "--person",
            person, "--status", "exercise",
        )  # fmt: skip
        assert made.code == 0, made.err
    return data


def test_a_report_is_made_with_one_command_in_the_format_of_its_name(
    hinomi: Hinomi, folder: Path, tmp_path: Path
) -> None:
    del folder
    for name, head in (("a.pdf", b"%PDF"), ("a.xlsx", b"PK"), ("a.html", b"<!do")):
        out = tmp_path / name
        made = hinomi("report", "make", "situation", "--out", out, "--status", "exercise")
        assert made.code == 0, made.err
        assert out.read_bytes().startswith(head)
    book = openpyxl.load_workbook(io.BytesIO((tmp_path / "a.xlsx").read_bytes()))
    assert 5 in {c.value for sheet in book for row in sheet for c in row}
    refused = hinomi("report", "make", "situation", "--out", tmp_path / "a.docx")
    assert refused.code == 2


def test_a_town_writes_its_own_template_and_is_told_its_faults(
    hinomi: Hinomi, folder: Path, tmp_path: Path
) -> None:
    assert hinomi("report", "template", "situation").code == 0
    own = folder / "templates" / "situation.toml"
    assert hinomi("report", "template", "situation").code == 2  # Never over the town's own.
    assert hinomi("report", "template", "situation", "--check").code == 0
    text = own.read_text(encoding="utf-8")
    own.write_text(text.replace('kind = "shelters"', 'kind = "sheltars"'), encoding="utf-8")
    told = hinomi("report", "template", "situation", "--check", "--lang", "en")
    assert told.code == 5
    assert "nearest: shelters" in told.err
    listed = {o["name"]: o for o in hinomi("report", "list", "--json").json()}
    assert listed["situation"]["own"]
    assert listed["situation"]["fault"]
    own.write_text(text.replace("災害対策本部", "輪島市災害対策本部"), encoding="utf-8")
    out = tmp_path / "own.html"
    made = hinomi("report", "make", "situation", "--out", out, "--lang", "ja")
    assert made.code == 0, made.err
    assert "輪島市災害対策本部" in out.read_text(encoding="utf-8")
