"""The reference page names every command and option, and nothing that is not there."""

from __future__ import annotations

import re
from pathlib import Path

import click

from hinomi.apps.cli import COMMANDS, cli

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "cli.md"
COMMON = {"--data", "--json", "--as", "--lang", "--help"}


def commands() -> list[click.Command]:
    context = click.Context(cli)
    found: list[click.Command] = []
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command is not None
        found += list(command.commands.values()) if isinstance(command, click.Group) else []
        found.append(command)
    return found


def test_every_command_is_on_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    missing = [name for name in COMMANDS if f"`{name}" not in text]
    assert missing == []


def test_every_option_on_the_page_exists_and_every_option_of_find_and_run_is_told() -> None:
    text = PAGE.read_text(encoding="utf-8")
    told = set(re.findall(r"--[a-z][a-z-]+", text))
    known = {o for c in commands() for p in c.params for o in p.opts if o.startswith("--")}
    assert told - known - COMMON == set()
    for command in commands():
        if command.name in {"find", "run", "readings", "create"}:
            options = {o for p in command.params for o in p.opts if o.startswith("--")}
            assert options - told == set(), command.name


def test_every_command_has_help_in_one_line() -> None:
    without = [c.name for c in commands() if not c.get_short_help_str(100)]
    assert without == []
