"""The command ``report``: list, make, and write a template to edit."""

from __future__ import annotations

from pathlib import Path

import click

from hinomi.apps.cli.shell import Shell, common, help_text, write_bytes
from hinomi.apps.cli.times import moment
from hinomi.kernel.errors import InputError
from hinomi.runtime import clock
from hinomi.runtime.reports import FOLDER, Reports

_FORMATS = ("pdf", "xlsx", "html")


@click.group(
    "report",
    help=help_text(
        "報告書を作ります(状況報告、第4号様式、引継書、クロノロジーなど)。",
        "Make reports: situation, form no. 4, hand-over, chronology and others.",
    ),
)
def report_command() -> None:
    """Hold the subcommands."""


@report_command.command("list", help=help_text("作れる報告の一覧", "List the reports."))
@common
def list_command(shell: Shell) -> None:
    """List the reports and what is wrong with the town's own templates."""
    offers = Reports(shell.data / FOLDER).offers()
    if shell.as_json:
        shell.give(offers)
        return
    heads = shell.text("名前,題名,様式,誤り", "name,title,template,fault").split(",")
    own, shipped = shell.text("自前", "own"), shell.text("標準", "shipped")
    shell.table(
        heads,
        (
            (o.name, shell.of(o.title), own if o.own else shipped, shell.of(o.fault) if o.fault
             else "")
            for o in offers
        ),
    )  # fmt: skip


@report_command.command(
    "make",
    help=help_text(
        "報告書をファイルに書きます。書式は拡張子(pdf, xlsx, html)で決まります。",
        "Write a report to a file; its ending (pdf, xlsx, html) says the format.",
    ),
)
@click.argument("name")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), required=True,
    help=help_text("書き出すファイル。- は標準出力(PDF)", "The file; - writes PDF to stdout."),
)  # fmt: skip
@click.option(
    "--as-of", help=help_text("その時点で把握していた内容で", "As it was known at this moment.")
)
@click.option(
    "--status", default="actual", type=click.Choice(["actual", "exercise", "test"]),
    help=help_text("通常・訓練・試験の別", "Whose statements."),
)  # fmt: skip
@click.option(
    "--area", default="", help=help_text("市町村7桁か都道府県2桁", "7 or 2 digits of the area.")
)
@click.option(
    "--base-url", default="http://127.0.0.1:8470", show_default=True,
    help=help_text("リンク先のサーバー", "The server that links lead to."),
)  # fmt: skip
@common
def make_command(  # noqa: PLR0913  (one argument an option)
    shell: Shell, *, name: str, out: Path, as_of: str | None, status: str, area: str, base_url: str
) -> None:
    """Make one report from what the caller may see."""
    form = "pdf" if str(out) == "-" else out.suffix.lstrip(".").lower()
    if form not in _FORMATS:
        raise InputError(
            f"{out}: expected a file that ends in .pdf, .xlsx or .html.",
            f"{out}: 拡張子は .pdf .xlsx .html のいずれかにしてください。",
        )
    at = moment(as_of)[0] if as_of else None
    body = Reports(shell.data / FOLDER).make(
        shell.reader(status=status, as_of=at),
        name,
        form,
        now=clock.now(),
        as_of=at,
        language=shell.language,
        area=area,
        base=base_url,
    )
    if str(out) == "-":
        write_bytes(body)
        return
    _write(out, body)
    shell.say(f"{out} を書きました({len(body):,} B)。", f"Wrote {out} ({len(body):,} B).")


@report_command.command(
    "template",
    help=help_text(
        "テンプレートを書き出します。データフォルダのtemplates/に置いて編集してください。",
        "Write a template to edit: to templates/ of the data folder unless --out says where.",
    ),
)
@click.argument("name")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--check", is_flag=True, help=help_text("調べるだけ", "Only check it."))
@common
def template_command(shell: Shell, *, name: str, out: Path | None, check: bool) -> None:
    """Write a template, or check the town's own."""
    found = Reports(shell.data / FOLDER)
    if check:
        found.template(name)
        shell.say(f"{name}: 誤りはありません。", f"{name}: nothing is wrong.")
        return
    path = out or shell.data / FOLDER / f"{name}.toml"
    if path.exists():
        raise InputError(
            f"{path} is there already; edit it, or name another file with --out.",
            f"{path}は既にあります。それを編集するか、--outで別の名前にしてください。",
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    _write(path, found.text(name).encode())
    shell.say(f"{path} を書きました。", f"Wrote {path}.")


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise InputError(
            f"{path} cannot be written: {error.strerror}.",
            f"{path}に書けません: {error.strerror}",
        ) from None
