"""``hinomi cap``: judge CAP messages, write records as CAP."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from hinomi.apps.cli.shell import Shell, common, help_text, write_bytes
from hinomi.kernel.errors import DataError, InputError, MissingError, Problem, Text

DOES_NOT_CONFORM = DataError.exit_code


@click.group(
    "cap", help=help_text("CAP(共通警報プロトコル)の検査と作成", "Check and write CAP alerts.")
)
def cap_command() -> None:
    """Hold the commands."""


@cap_command.command(
    "check",
    help=help_text(
        "CAP 1.1/1.2の警報(フィードや封筒の中も)を検査します。終了コード: 0 規格に適合、5 不適合。"
        "署名は[cap] trustの証明書で確かめます。",
        "Judge CAP 1.1 and 1.2 alerts, also inside feeds and envelopes. Exit 0: all conform; 5: one"
        " does not. Signatures are verified with the certificates of [cap] trust.",
    ),
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@common
def check_command(shell: Shell, files: tuple[Path, ...]) -> None:
    """Give a verdict on each alert of each file."""
    from hinomi.runtime import config  # noqa: PLC0415

    trust = [Path(n).read_bytes() for n in config.read(shell.data).cap.trust]
    told: list[dict[str, Any]] = []
    for path in files:
        if not path.is_file():
            raise MissingError(Text("ファイル", "file"), str(path))
        told += _judged(path, trust)
    if shell.as_json:
        shell.give(told)
    for one in () if shell.as_json else told:
        verdict = shell.text("適合", "conforms") if one["conforms"] else shell.text("不適合", "NO")
        click.echo(f"{one['file']}{one['path']}: {verdict}; {one['identifier']} {one['signature']}")
        for problem in one["problems"]:
            click.echo(f"  {problem.grade}: {shell.problem('', problem)}")
    good = all(one["conforms"] for one in told)
    click.get_current_context().exit(0 if good else DOES_NOT_CONFORM)


def _judged(path: Path, trust: list[bytes]) -> list[dict[str, Any]]:
    from hinomi.standards.cap.decode import elements, read  # noqa: PLC0415
    from hinomi.standards.cap.signing import verify  # noqa: PLC0415

    try:
        found = elements(path.read_bytes())
    except DataError as error:
        return [_line(path, "", error.problems)]
    told = []
    for place, element in found:
        one = read(place, element)
        signed = verify(element, trust, one.alert.sent if one.alert else None)
        line = _line(path, place, one.problems)
        line["conforms"] = one.conforms and signed.state != "invalid"
        line["identifier"] = one.alert.identifier if one.alert else ""
        line["signature"] = signed.state
        line["signer"] = signed.signer
        told.append(line)
    return told


def _line(path: Path, place: str, problems: tuple[Problem, ...]) -> dict[str, Any]:
    return {
        "file": str(path),
        "path": place,
        "conforms": False,
        "identifier": "",
        "signature": "",
        "signer": "",
        "problems": problems,
    }


@cap_command.command(
    "write",
    help=help_text(
        "記録(そのid)をCAP 1.2として書きます。idの代わりにfeedとすると、発表中のすべてを"
        "警報そのものを含むAtomフィードとして書きます。",
        "Write a record (its id) as CAP 1.2; or, for 'feed', all that stands as an Atom feed that"
        " holds the messages themselves.",
    ),
)
@click.argument("record")
@click.option("--out", type=click.Path(path_type=Path), help=help_text("出力先", "File to write."))
@click.option(
    "--status",
    type=click.Choice(["actual", "exercise", "test"]),
    default="actual",
    help=help_text("通常・訓練・試験", "Actual, exercise or test statements."),
)
@common
def write_command(shell: Shell, record: str, out: Path | None, status: str) -> None:
    """Write a message, or the feed."""
    from hinomi.runtime import cap, clock, config, translog  # noqa: PLC0415

    reader = shell.reader(status=status)
    settings = config.read(shell.data).cap
    if record == "feed":
        data = cap.whole_feed(reader, clock.now(), settings, shell.language)
    else:
        data = cap.document(cap.message(reader, record, settings), settings)
    translog.published(shell.data, "cap", data, record if out is None else out.name)
    if out is None:
        write_bytes(data)
        return
    try:
        out.write_bytes(data)
    except OSError as error:
        raise InputError(f"{out}: {error.strerror}", f"{out}に書けません。") from None
    shell.say(f"{out}: {len(data):,}バイト", f"{out}: {len(data):,} bytes")
