"""What every command shares: the caller, languages, output for people and programs, exit codes."""

from __future__ import annotations

import functools
import logging
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from difflib import get_close_matches
from itertools import pairwise
from pathlib import Path
from typing import Any

import click
import msgspec

from hinomi.kernel.errors import DataError, DeniedError, HinomiError, InputError, Problem, Text
from hinomi.kernel.marking import OPERATOR, Principal
from hinomi.kernel.reader import Reader, statuses
from hinomi.runtime import folder, logs, storing
from hinomi.runtime.intake import Progress, Watch, unwatched
from hinomi.runtime.service import Service

log = logging.getLogger("hinomi.cli")

FAULT, USAGE, INTERRUPTED = 1, 2, 130


def locale() -> str:
    """Return ``ja`` or ``en`` by the locale's variables."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name)
        if value:
            return "ja" if value.startswith("ja") else "en"
    return "en"


def by_locale(ja: str, en: str) -> str:
    """Return the text in the locale's language."""
    return ja if locale() == "ja" else en


help_text = by_locale


def plural(number: int, noun: str) -> str:
    """Return the number and the English noun, in the plural unless it is one."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the names that look like one, or an empty text."""
    return ", ".join(get_close_matches(name, list(known), n=3, cutoff=0.5))


class Shell:
    """One command's surroundings: data folder, caller, language, and where output goes."""

    def __init__(self, data: Path, *, as_json: bool, language: str, user: str | None) -> None:
        self.data = data
        self.as_json = as_json
        self.language = language
        self._user = user

    def principal(self) -> Principal:
        """Return who asks: the local operator, or narrower by ``--as``."""
        if self._user is None:
            return OPERATOR
        from hinomi.runtime.keys import Keys  # noqa: PLC0415

        return Keys(self.data).named(self._user)

    def operator(self) -> None:
        """Let only those pass who may write everything: for commands that change the folder.

        Raises:
            DeniedError: the caller may not.
        """
        principal = self.principal()
        if "*" not in principal.writes:
            raise DeniedError(
                f"{principal.name} may not change this data folder.",
                f"{principal.name}はこのデータフォルダを変更できません。",
                rule="operator",
            )

    def service(self) -> Service:
        """Return the folder for reading."""
        from hinomi.runtime.opening import reading_service  # noqa: PLC0415

        return reading_service(self.data)

    def reader(self, *, status: str = "actual", as_of: datetime | int | None = None) -> Reader:
        """Return the folder as the caller may see it."""
        return self.service().reader(self.principal(), status=statuses(status), as_of=as_of)

    def text(self, ja: str, en: str) -> str:
        """Return the text in the caller's language."""
        return ja if self.language == "ja" else en

    def of(self, text: Text) -> str:
        """Return a kernel text in the caller's language."""
        return text.to(self.language)

    def say(self, ja: str, en: str) -> None:
        """Print a line for people; programs get none."""
        if not self.as_json:
            click.echo(self.text(ja, en))

    def note(self, ja: str, en: str) -> None:
        """Print a line on stderr."""
        click.echo(self.text(ja, en), err=True)

    def give(self, value: Any) -> None:
        """Print a value as JSON."""
        data = msgspec.json.format(msgspec.json.encode(value), indent=2)
        click.echo(data.decode())

    def table(
        self, columns: Sequence[str], rows: Iterable[Sequence[object]], *, least: int | None = None
    ) -> None:
        """Print a table for people.

        A terminal shows the first ``least`` columns (None: all), folded if they must be, and of the
        others those that it has room for. The first is what people copy: it is never folded.
        """
        from rich.console import Console  # noqa: PLC0415
        from rich.table import Table  # noqa: PLC0415

        cells = [["" if cell is None else str(cell) for cell in row] for row in rows]
        # A pipe has no width: rows must not be folded to 80 columns there.
        width = None if sys.stdout.isatty() else 240
        console = Console(file=sys.stdout, width=width, markup=False, highlight=False)
        shown = len(columns)
        if least is not None and width is None:
            shown = max(least, _fitting(columns, cells, console.width))
        drawn = Table(box=None, pad_edge=False, header_style="bold")
        for number, column in enumerate(columns[:shown]):
            drawn.add_column(column, overflow="fold", no_wrap=number == 0)
        for row in cells:
            drawn.add_row(*row[:shown])
        console.print(drawn)

    def problem(self, address: str, problem: Problem) -> str:
        """Return a problem as one line: where, what, found, expected."""
        found = self.text(f"(値: {problem.found})", f"(found {problem.found})")
        expected = self.text(f"(期待: {problem.expected})", f"(expected {problem.expected})")
        joint = "" if problem.path[:1] in {"", "/", "!"} or not address else "/"
        # What is wrong with an archive's member names the whole way already.
        path = problem.path.removeprefix(address)
        parts = [
            f"{address}{joint if path else ''}{path}: {self.of(problem.text)}",
            found if problem.found else "",
            expected if problem.expected else "",
            f"[{problem.code}]",
        ]
        return " ".join(p for p in parts if p)


def _fitting(columns: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> int:
    """Return how many columns stand beside each other in a width, none of them folded."""
    from rich.cells import cell_len  # noqa: PLC0415

    taken = 0
    for number, column in enumerate(columns):
        taken += max([cell_len(column), *(cell_len(row[number]) for row in rows)]) + 2
        if taken - 2 > width:
            return number
    return len(columns)


def write_bytes(data: bytes) -> None:
    """Write bytes to stdout as they are."""
    sys.stdout.buffer.write(data)


class Bar:
    """A progress bar on stderr, only for people who watch."""

    def __init__(self, shell: Shell, title: str) -> None:
        self._shown = sys.stderr.isatty() and not shell.as_json
        self._title = title
        self._bar: Any = None
        self._task: Any = None

    def __enter__(self) -> Watch:
        if not self._shown:
            return unwatched
        from rich.console import Console  # noqa: PLC0415
        from rich.progress import Progress as Drawn  # noqa: PLC0415

        self._bar = Drawn(console=Console(stderr=True), transient=True)
        self._bar.start()
        self._task = self._bar.add_task(self._title, total=None)
        return self._watch

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def _watch(self, progress: Progress) -> None:
        self._bar.update(
            self._task,
            completed=progress.done,
            total=progress.total or None,
            description=f"{self._title} {progress.payloads:,} {progress.name[:40]}",
        )


def common(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that all have, and a Shell as its first argument."""

    @click.option(
        "--data",
        type=click.Path(path_type=Path, file_okay=False),
        default=folder.DEFAULT,
        show_default=True,
        help=help_text("データフォルダ", "Data folder."),
    )
    @click.option(
        "--store",
        metavar="ADDRESS",
        help=help_text(
            "保存先: sqlite:フォルダ または postgresql://…(既定はデータフォルダ)",
            "sqlite:FOLDER or postgresql://…; the data folder unless given.",
        ),
    )
    @click.option(
        "--json",
        "as_json",
        is_flag=True,
        help=help_text("プログラム向けにJSONで出力", "JSON output."),
    )
    @click.option(
        "--as",
        "user",
        metavar="USER",
        help=help_text("この利用者として", "Act as this key's user."),
    )
    @click.option(
        "--lang",
        type=click.Choice(["ja", "en"]),
        default=locale,
        help=help_text("言語", "Language of messages."),
    )
    @functools.wraps(function)
    def wrapped(
        data: Path, *, store: str | None, as_json: bool, user: str | None, lang: str, **rest: Any
    ) -> None:
        context = click.get_current_context()
        shell = Shell(data, as_json=as_json, language=lang, user=user)
        context.find_root().obj = shell
        if store:
            # In the environment: the server's workers hear it, and no list of processes shows it.
            os.environ[storing.VARIABLE] = storing.checked(store)
        from hinomi.apps.cli.audit_ran import ran  # noqa: PLC0415

        ran(shell, context)
        function(shell, **rest)

    return wrapped


def run(group: click.Group, arguments: list[str]) -> int:
    """Run a command; every error becomes a message and the design's exit code."""
    logs.set_up(os.environ.get("HINOMI_LOG", "warning"))
    context: click.Context | None = None
    try:
        context = group.make_context("hinomi", arguments)
        with context:
            group.invoke(context)
    except click.exceptions.Exit as done:
        return int(done.exit_code)
    except click.ClickException as error:
        _tell_usage(error, arguments)
        return error.exit_code
    except HinomiError as error:
        _tell(error, context)
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo(by_locale("中断しました。", "Interrupted."), err=True)
        return INTERRUPTED
    except BrokenPipeError:
        # The reader (head) has seen enough; Python must not complain when it flushes at the end.
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
        return 0
    except Exception:
        log.exception("a fault of ours")
        click.echo(
            by_locale(
                "内部障害です。上の内容を報告してください。", "A fault of ours; please report it."
            ),
            err=True,
        )
        return FAULT
    return 0


def _tell_usage(error: click.ClickException, arguments: Sequence[str]) -> None:
    from hinomi.apps.cli import usage  # noqa: PLC0415 - only for those who need it

    if "--json" in arguments:
        _give_error(InputError.__name__, usage.text_of(error))
        return
    click.echo(usage.tell(error, _asked_language(arguments)), err=True)


def _asked_language(arguments: Sequence[str]) -> str:
    """Return the language of a command line that could not be read whole."""
    for name, value in pairwise([*arguments, ""]):
        language = name.removeprefix("--lang=") if name.startswith("--lang=") else value
        if name.startswith("--lang") and language in {"ja", "en"}:
            return language
    return locale()


def _give_error(name: str, text: Text, **more: object) -> None:
    told = {"error": name, "text": text, "problems": [], **more}
    click.echo(msgspec.json.encode(told).decode(), err=True)


def _tell(error: HinomiError, context: click.Context | None) -> None:
    shell = context.obj if context is not None else None
    problems = error.problems if isinstance(error, DataError) else ()
    rule = {"rule": error.rule} if isinstance(error, DeniedError) and error.rule else {}
    if isinstance(shell, Shell) and shell.as_json:
        _give_error(type(error).__name__, error.text, problems=problems, **rule)
        return
    language = shell.language if isinstance(shell, Shell) else locale()
    named = {"ja": "規則", "en": "rule"}[language]
    says = "".join(f" [{named}: {name}]" for name in rule.values())
    click.echo(f"{error.text.to(language)}{says}", err=True)
    if isinstance(shell, Shell):
        for problem in problems[1:20]:
            click.echo(f"  {shell.problem('', problem)}", err=True)
