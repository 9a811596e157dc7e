"""What the command line prints for people."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import msgspec
import pytest

from hinomi.apps.cli import main, usage
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


@click.command()
@click.option("--which", type=click.Choice(["a", "b"]))
@click.option("--many", type=click.IntRange(0, 5))
@click.option("--much", type=float)
@click.option("--file", type=click.Path(exists=True, dir_okay=False))
@click.option("--room", type=click.Path(file_okay=False))
@click.option("--flag", is_flag=True)
@click.option("--needed", required=True)
@click.argument("name")
def command(**_: object) -> None:
    """Have every kind of option."""


@pytest.mark.parametrize(
    ("given", "japanese"),
    [
        (["--which", "z"], "--which の値「z」は使えません。使えるもの: a、b"),
        (["--many", "9"], "--many の値 9 は範囲の外です(0<=x<=5)。"),
        (["--many", "y"], "--many の値「y」は数ではありません。"),
        (["--much", "y"], "--much の値「y」は数ではありません。"),
        (["--file", "/no/such"], "--file の「/no/such」がありません。"),
        (["--file", "/"], "--file の「/」はフォルダです。"),
        (["--room", __file__], f"--room の「{__file__}」はファイルです。"),
        (["--flag=1"], "オプション --flag に値は付けられません。"),
        (["--zzz"], "オプション --zzz はありません。"),
        (["--man", "1"], "オプション --man はありません。近い名前: --many"),
        (["--needed"], "オプション --needed には値が必要です。"),
        (["more"], "余分な引数があります: more"),
    ],
)
def test_a_command_line_that_makes_no_sense_is_told_in_japanese(
    given: list[str], japanese: str
) -> None:
    with pytest.raises(click.UsageError) as caught:
        command.main(["name", "--needed", "1", *given], standalone_mode=False)
    assert usage.text_of(caught.value).ja == japanese


def test_usage_is_told_by_locale_and_to_programs_as_one_object(
    capsys: pytest.CaptureFixture[str],
) -> None:
    wrong = ["find", "hazards.warnings", "--limit", "-1"]
    assert main([*wrong, "--lang", "ja"]) == 2
    told = capsys.readouterr().err
    assert told.startswith("使い方: hinomi find")
    assert "--limit の値 -1 は範囲の外です" in told
    assert main([*wrong, "--lang=en"]) == 2
    assert "Error: Invalid value for '--limit'" in capsys.readouterr().err
    assert main([*wrong, "--json"]) == 2
    assert msgspec.json.decode(capsys.readouterr().err)["error"] == "InputError"


def test_who_is_denied_hears_which_rule_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = ["--data", str(tmp_path), "--as", "anonymous"]
    assert main(["backup", "x.tar", *folder, "--lang", "ja"]) == 3
    assert "[規則: operator]" in capsys.readouterr().err
    assert main(["backup", "x.tar", *folder, "--json"]) == 3
    assert msgspec.json.decode(capsys.readouterr().err)["rule"] == "operator"


def test_a_feed_that_is_no_address_is_refused_before_anything_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "--data", str(tmp_path), "--feed", "jma.xml", "--lang", "en"]) == 2
    assert "http://" in capsys.readouterr().err
