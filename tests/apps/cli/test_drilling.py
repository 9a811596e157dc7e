"""``hinomi drill``: write, check and play a scenario; an as-of question finds its levels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

HEAD = "時刻,種別,対象,値\n,設定,場所,石川県\n"


def test_a_town_writes_checks_and_plays_its_own(hinomi: Any, tmp_path: Path) -> None:
    file = tmp_path / "town.csv"
    assert hinomi("drill", "new", file, "--area", "七尾市").code == 0
    assert hinomi("drill", "new", file, "--area", "七尾市").code == 2
    assert hinomi("drill", "check", file).code == 0
    assert hinomi("drill", file, "--speed", "900000").code == 0
    found = hinomi("find", "hazards.levels", "--status", "exercise", "--json").json()["features"]
    assert "1720200" in {f["id"] for f in found}
    assert hinomi("find", "hazards.levels", "--json").json()["features"] == []
    assert hinomi("drill", "status", "--json").json()["state"] == "ended"


def test_faults_are_told_by_line(hinomi: Any, tmp_path: Path) -> None:
    file = tmp_path / "bad.csv"
    file.write_text(f"{HEAD}0:00,大雨,七屋市,3\n0:10,大雨,七尾市,9\n", encoding="utf-8")
    ran = hinomi("drill", "check", file)
    assert ran.code == 5
    assert "line[3]" in ran.err
    assert "line[4]" in ran.err


def test_without_a_server_an_as_of_view_shows_the_levels_of_then(hinomi: Any) -> None:
    hinomi("drill", "--speed", "900000")
    key = "9820100"
    asked = ("find", "hazards.levels", key, "--history", "--status", "exercise", "--json")
    levels = [f["properties"]["level"] for f in hinomi(*asked).json()["features"]]
    # Each statement was followed at once: the level went up step by step, and down again.
    assert levels == sorted(levels[: levels.index(5) + 1]) + levels[levels.index(5) + 1 :]
    assert {2, 3, 4, 5} <= set(levels)
    assert levels[-1] == 0


def test_commands_need_a_server(hinomi: Any) -> None:
    assert hinomi("drill", "pause").code == 2
    assert hinomi("drill", "list").code == 0
