"""``hinomi import``: a town's own table into a collection, looked at first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from hinomi.apps.cli import times
from hinomi.apps.cli.shell import Shell, common, help_text
from hinomi.kernel.errors import InputError, MissingError, Problem, Text
from hinomi.kernel.marking import Status

SHOWN = 20
"""Problems that people see; ``--json`` gives more."""


@click.command(
    "import",
    help=help_text(
        "CSV・Excel・Shapefile(zip)・GeoPackage・GeoJSON・KMLの表を取り込みます。列は推定します。"
        "まず --preview で確かめてください。",
        "Take a table from CSV, Excel, Shapefile (zip), GeoPackage, GeoJSON or KML; its columns are"
        " guessed. Look first with --preview.",
    ),
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--collection", required=True, help=help_text("取り込み先", "Where it goes."))
@click.option(
    "--map", "columns", multiple=True, metavar="COLUMN=PROPERTY",
    help=help_text("列の対応(空なら取り込まない)", "What a column is; empty leaves it out."),
)  # fmt: skip
@click.option(
    "--set", "constants", multiple=True, metavar="PROPERTY=VALUE",
    help=help_text("全行に共通の値", "The same for every row."),
)  # fmt: skip
@click.option("--preview", is_flag=True, help=help_text("書き込まずに見る", "Look, write nothing."))
@click.option("--source", help=help_text("発表者(既定はファイル名)", "Who states it."))
@click.option("--said-at", metavar="TIME", help=help_text("いつの情報か", "When it was stated."))
@click.option("--sheet", default="", help=help_text("シート名", "Sheet or layer."))
@click.option(
    "--status", type=click.Choice([s.value for s in Status]), default="actual", show_default=True,
    help=help_text("通常・訓練・試験", "Actual, exercise or test."),
)  # fmt: skip
@common
def import_command(shell: Shell, file: Path, **options: Any) -> None:
    """Preview or import a table."""
    # Imported here: other commands need none of it.
    from hinomi.runtime import clock, imports  # noqa: PLC0415
    from hinomi.runtime.catalog import default_catalog  # noqa: PLC0415

    plan = imports.Plan(
        collection=options["collection"],
        source=options["source"] or file.stem,
        columns=_pairs("--map", options["columns"]),
        constants=_pairs("--set", options["constants"]),
        status=Status(options["status"]),
        said_at=times.moment(options["said_at"])[0] if options["said_at"] else None,
        sheet=options["sheet"],
    )
    data, catalog, now = _bytes(file), default_catalog(), clock.now()
    if options["preview"]:
        _show(shell, imports.preview(data, file.name, plan, catalog, now))
        return
    shell.operator()
    from hinomi.runtime.desk import open_desk  # noqa: PLC0415

    desk = open_desk(shell.data, "import")
    try:
        taken = imports.take(
            data, file.name, plan, catalog, now, by=shell.principal().name, keep=desk.keep,
            append=desk.append,
        )  # fmt: skip
    finally:
        desk.close()
    if shell.as_json:
        shell.give(taken)
    shell.say(
        f"新規 {taken.new}件、既知 {taken.known}件、拒否 {taken.refused}件",
        f"{taken.new:,} new, {taken.known:,} known, {taken.refused:,} refused",
    )
    _tell(shell, taken.problems, taken.problems_in_all)
    if taken.refused:
        raise click.exceptions.Exit(5)


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        beside = [one.name for one in file.parent.iterdir()] if file.parent.is_dir() else []
        raise MissingError(Text("ファイル", "file"), file.name, beside) from None


def _pairs(option: str, given: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for text in given:
        name, sign, value = text.rpartition("=") if option == "--map" else text.partition("=")
        if not sign or not name:
            raise InputError(
                f"{option} {text!r}: expected NAME=VALUE.", f"{option}「{text}」: 名前=値 です。"
            )
        found[name] = value
    return found


def _show(shell: Shell, found: Any) -> None:
    if shell.as_json:
        shell.give(found)
        return
    rows = [
        (c.name, c.property or "-", f"{c.confidence:.2f}", " / ".join(c.samples)[:60])
        for c in found.columns
    ]
    names = ("column", "property", "confidence", "values")
    names_ja = ("列", "属性", "確からしさ", "値の例")
    shell.table(names_ja if shell.language == "ja" else names, rows)
    shell.say(
        f"{found.format}: {found.rows}行中 {found.good}行を取り込めます(位置なし"
        f" {found.without_place}、拒否 {found.refused})。まだ何も書き込んでいません。",
        f"{found.format}: {found.good:,} of {found.rows:,} rows can be taken"
        f" ({found.without_place:,} without a place, {found.refused:,} refused)."
        " Nothing was written yet.",
    )
    if found.missing:
        listed = ", ".join(found.missing)
        shell.say(
            f"必要な属性がありません: {listed}(--map か --set で指定)",
            f"Needed and not there: {listed} (--map or --set).",
        )
    _tell(shell, found.problems, found.problems_in_all)


def _tell(shell: Shell, problems: list[Problem], in_all: int) -> None:
    if shell.as_json:
        return
    for problem in problems[:SHOWN]:
        click.echo(f"  {shell.problem('', problem)}")
    if in_all > SHOWN:
        shell.say(f"  ほか{in_all - SHOWN}件", f"  and {in_all - SHOWN:,} more")
