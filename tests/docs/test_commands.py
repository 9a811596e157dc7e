"""Every command, option, make target and setting that a page names exists, as it is written."""

from __future__ import annotations

import contextlib
import re
import shlex
from pathlib import Path
from typing import Any

import click
import msgspec
import pytest

from hinomi.apps.cli import cli
from hinomi.kernel.collections import ENVELOPE_TYPES
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.config import Config
from hinomi.standards.cql2 import check, parse_text

PLACEHOLDERS = re.compile(r"\[|\]|\||…|\.\.\.")


def parse(words: list[str]) -> None:
    """Let click parse a command as it would when typed; nothing is run.

    Raises:
        click.UsageError: there is no such command, option or choice.
    """
    words = words[1:]
    command: click.Command = cli
    context = click.Context(cli, info_name="hinomi")
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        name = words.pop(0)
        found = command.get_command(context, name)
        if found is None:
            raise click.UsageError(f"no command {name}")
        command = found
        context = click.Context(command, info_name=name, parent=context)
    if isinstance(command, click.Group):
        words = []
    # --help ends by itself; a group alone tells of its commands.
    with contextlib.suppress(click.exceptions.Exit, click.exceptions.NoArgsIsHelpError):
        command.make_context(command.name, words, parent=context.parent)


def split(line: str) -> list[list[str]]:
    """Return the commands of a shell's line as words, without its comment."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;()<>")
    lexer.whitespace_split = True
    found: list[list[str]] = [[]]
    for word in lexer:
        if set(word) <= set("|&;()<>"):
            found.append([])
        else:
            found[-1].append(word.removeprefix(".venv/bin/"))
    return found


def commands(page: Any) -> list[list[str]]:
    """Return what a page's blocks call hinomi with."""
    blocks = (b.text for b in page.blocks() if b.language in ("", "sh") and ">>>" not in b.text)
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    found = [words for line in lines if "hinomi " in line for words in split(line)]
    return [words for words in found if words[:1] == ["hinomi"]]


def test_every_command_in_a_block_is_one_that_hinomi_takes(page: Any) -> None:
    for words in commands(page):
        try:
            parse(words)
        except click.UsageError as error:
            pytest.fail(f"{' '.join(words)}: {error.format_message()}")


def test_every_command_in_the_text_exists(page: Any) -> None:
    for ticked in page.ticked():
        words = ticked.removeprefix(".venv/bin/").split()
        if words[0] != "hinomi" or len(words) < 2 or words[1].startswith("-"):
            continue
        assert cli.get_command(click.Context(cli), words[1]) is not None, ticked
        if not PLACEHOLDERS.search(ticked):
            parse(_filled(words))


def _filled(words: list[str]) -> list[str]:
    """Return a command as the text names it, with the arguments and options that it then lacks."""
    for _ in range(MOST_LACKING):
        try:
            parse(words)
        except click.MissingParameter as lacking:
            option = isinstance(lacking.param, click.Option)
            words = [*words, *([lacking.param.opts[0]] if option and lacking.param else []), "x"]
        else:
            break
    return words


MOST_LACKING = 4


def test_every_filter_asks_for_properties_that_the_collection_has(page: Any) -> None:
    collections = default_catalog().collections
    for words in commands(page):
        if words[1] == "find" and "--filter" in words:
            asked = parse_text(words[words.index("--filter") + 1])
            check(asked, {**collections[words[2]].property_types(), **ENVELOPE_TYPES})


def options(command: click.Command) -> set[str]:
    found = {"--help", "-h", "--version"}
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            found |= set(parameter.opts)
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            found |= options(inner)
    return found


OTHERS = {"--profile", "--small"}
"""Options of the benchmarks that pages name on their own."""


def test_every_option_in_the_text_exists(page: Any) -> None:
    known = options(cli) | OTHERS
    for ticked in page.ticked():
        words = ticked.split()
        if words[0].startswith("--"):
            assert words[0].partition("=")[0] in known, ticked


def test_every_command_is_in_the_reference(root: Path) -> None:
    reference = (root / "docs/reference/cli.md").read_text(encoding="utf-8")
    context = click.Context(cli)
    for name in cli.list_commands(context):
        assert f"`{name}" in reference, name
        command = cli.get_command(context, name)
        assert command is not None
        own = options(command) - {"--help", "-h", "--version"}
        for option in own:
            assert option in reference or option in _how_to(root, name), f"{name} {option}"


def _how_to(root: Path, command: str) -> str:
    texts = [path.read_text(encoding="utf-8") for path in (root / "docs/how-to").glob("*.md")]
    return "\n".join(text for text in texts if f"hinomi {command}" in text)


def test_every_make_target_exists(page: Any, root: Path) -> None:
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, flags=re.MULTILINE))
    named = [t.split()[1] for t in page.ticked() if re.match(r"make [a-z-]+$", t)]
    for block in page.blocks():
        named += re.findall(r"^make ([a-z-]+)", block.text, flags=re.MULTILINE)
    assert set(named) <= targets


def test_the_settings_in_the_reference_are_all_and_the_defaults(root: Path) -> None:
    text = (root / "docs/reference/cli.md").read_text(encoding="utf-8")
    block = re.search(r"```toml\n(.*?)```", text, flags=re.DOTALL)
    assert block is not None
    named = re.findall(r"^(\w+) =", block[1], flags=re.MULTILINE)
    assert sorted(named) == sorted(f.name for f in msgspec.structs.fields(Config))
