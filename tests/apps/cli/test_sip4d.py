"""``hinomi sip4d``: exit codes, JSON, and a package written from a data folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hinomi.apps.cli import main

PACKAGES = "exchange/sip4d-zip"
GOOD, BAD = "052_20250801_0000000.zip", "ttid_nashi.zip"


def _run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str]:
    code = main([str(a) for a in arguments])
    return code, capsys.readouterr().out


def test_check_ends_with_0_or_5(
    shared_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = (shared_data / PACKAGES / n for n in (GOOD, BAD))
    none = ("--data", tmp_path / "none")
    assert _run(capsys, "sip4d", "check", good, *none)[0] == 0
    code, out = _run(capsys, "sip4d", "check", good, bad, "--json", *none)
    assert code == 5
    told = json.loads(out)
    assert [t["verdict"]["conforms"] for t in told] == [True, False]
    assert any(p["code"] == "sip4d.wrong-format" for p in told[1]["verdict"]["problems"])
    code, out = _run(capsys, "sip4d", "check", bad, "--lang", "ja", *none)
    assert (code, "規格に適合: いいえ" in out) == (5, True)
    assert _run(capsys, "sip4d", "check", good.with_name("no.zip"))[0] == 4


def test_read_gives_standard_and_own_names(
    shared_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = shared_data / PACKAGES / "kunren_023_01-001-01_20260414140049_1.zip"
    code, out = _run(capsys, "sip4d", "read", path, "--features", "--limit", 2)
    lines = [json.loads(line) for line in out.splitlines()]
    assert (code, len(lines)) == (0, 2)
    assert lines[0]["stated"]["eststts"] == "notopen"
    assert lines[0]["properties"]["eststts"] == "1"


def test_what_is_written_from_a_folder_is_what_came(
    shared_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, out = ("--data", tmp_path / "data"), tmp_path / "again.zip"
    path = shared_data / PACKAGES / GOOD
    assert _run(capsys, "ingest", path, *data)[0] == 0
    key = "5363bffc-5ac8-37ba-905a-7634e2c0060a"
    written = ("sip4d", "write", key, "--status", "exercise", "--out", out, *data)
    assert _run(capsys, *written)[0] == 0
    assert _run(capsys, "sip4d", "diff", path, out)[0] == 0
    assert _run(capsys, "sip4d", "diff", path, path.with_name(BAD), "--json")[0] == 1
    assert _run(capsys, "sip4d", "write", "response.shelter", "--out", out, *data)[0] == 4
    # The actual status holds nothing of a drill.
    assert _run(capsys, "sip4d", "write", key, "--out", out, *data)[0] == 4
