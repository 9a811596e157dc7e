"""What is wrong with a command line, in Japanese too: click says it in English alone."""

from __future__ import annotations

import re

import click

from hinomi.kernel.errors import Text

_JAPANESE: tuple[tuple[str, str], ...] = (
    (r"Missing argument '(.+?)'\.(?: .*)?", "引数 {0} がありません。"),
    (r"Missing option '(.+?)'\.(?: .*)?", "オプション {0} がありません。"),
    (r"Missing parameter: (.+)", "{0} がありません。"),
    (r"Missing command\.", "コマンドがありません。"),
    (r"No such command '(.+?)'\.(?: .*)?", "コマンド「{0}」はありません。"),
    (r"No such option:? '?([^' ]+?)'?\.?", "オプション {0} はありません。"),
    (
        r"No such option:? '?([^' ]+?)'?\.?"
        r" \(?(?:Did you mean|Possible options:)(?: one of:)? (.+?)[?)]+",
        "オプション {0} はありません。近い名前: {1}",
    ),
    (r"Option '(.+?)' requires an argument\.", "オプション {0} には値が必要です。"),
    (r"Option '(.+?)' does not take a value\.", "オプション {0} に値は付けられません。"),
    (r"Got unexpected extra arguments? \((.+)\)", "余分な引数があります: {0}"),
    (
        r"Invalid value for (.+?): '(.*)' is not one of (.+)\.",
        "{0} の値「{1}」は使えません。使えるもの: {2}",
    ),
    (
        r"Invalid value for (.+?): (\S+) is not in the range (.+)\.",
        "{0} の値 {1} は範囲の外です({2})。",
    ),
    (
        r"Invalid value for (.+?): '(.*)' is not a valid (?:integer|float)(?: range)?\.",
        "{0} の値「{1}」は数ではありません。",
    ),
    (r"Invalid value for (.+?): \w+ '(.*)' does not exist\.", "{0} の「{1}」がありません。"),
    (r"Invalid value for (.+?): \w+ '(.*)' is a file\.", "{0} の「{1}」はファイルです。"),
    (r"Invalid value for (.+?): \w+ '(.*)' is a directory\.", "{0} の「{1}」はフォルダです。"),
    (r"Invalid value for (.+?): (.+)", "{0} の値が正しくありません: {1}"),
)
"""Click's messages, 8.1 to 8.5; the first that fits is taken."""


def text_of(error: click.ClickException) -> Text:
    """Return a command line's fault in both languages.

    Example:
        >>> text_of(click.UsageError("Missing command.")).ja
        'コマンドがありません。'
    """
    said = error.format_message()
    one_line = " ".join(said.split())
    for pattern, japanese in _JAPANESE:
        if found := re.fullmatch(pattern, one_line):
            parts = (part.strip("'").replace("', '", "、") for part in found.groups())
            return Text(japanese.format(*parts), said)
    return Text(said, said)


def tell(error: click.ClickException, language: str) -> str:
    """Return a fault as people read it: how the command is used, and what is wrong."""
    text = text_of(error).to(language)
    context = error.ctx if isinstance(error, click.UsageError) else None
    if context is None:
        return text
    usage = context.get_usage()
    path = context.command_path
    if language == "ja":
        usage = usage.replace("Usage:", "使い方:", 1)
        return f"{usage}\n説明は {path} --help\n\n{text}"
    return f"{usage}\nTry '{path} --help' for help.\n\nError: {text}"
