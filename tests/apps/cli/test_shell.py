"""What the command line prints for people."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from hinomi.apps.cli.shell import Shell


def test_a_narrow_terminal_shows_whole_keys_and_the_columns_it_has_room_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    key = "0131000/a-hazard-with-a-long-name"
    row = (key, "2026-06-01 09:00", "actual", "a remark that is far too long for the line")
    shell = Shell(Path("data"), as_json=False, language="en", user=None)
    shell.table(("key", "said", "status", "remark"), [row], least=2)
    told = capsys.readouterr().out
    assert key in told
    assert "2026-06-01 09:00" in told
    assert "actual" in told
    assert "remark" not in told
    shell.table(("key", "said", "status", "remark"), [row])
    assert "remark" in capsys.readouterr().out
