"""``hinomi sip4d``: check, read, write and compare SIP4D-ZIP packages."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hinomi.apps.cli.shell import Shell, common, help_text
from hinomi.kernel.errors import DataError, InputError, MissingError, Text

if TYPE_CHECKING:
    from hinomi.standards.sip4d import Ground, Verdict

DOES_NOT_CONFORM = DataError.exit_code
DIFFERS = 1
SHOWN = 50


@click.group(
    "sip4d",
    help=help_text("SIP4D-ZIPの検査・読み取り・作成・比較", "Check, read, write SIP4D-ZIP."),
)
def sip4d_command() -> None:
    """Hold the commands."""


@sip4d_command.command(
    "check",
    help=help_text(
        "パッケージを検査します。終了コード: 0 規格に適合、5 不適合。データフォルダがあれば、"
        "境界と避難所名でも確かめます。",
        "Judge packages. Exit 0: all conform; 5: one does not. Where there is a data folder, places"
        " are compared with its boundaries and shelters.",
    ),
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@common
def check_command(shell: Shell, files: tuple[Path, ...]) -> None:
    """Give both verdicts on each package."""
    from hinomi.standards import sip4d  # noqa: PLC0415

    ground = _ground(shell)
    told = []
    conforms = True
    for path in files:
        with _existing(path).open("rb") as file:
            verdict = sip4d.check(file, ground=ground)
        conforms &= verdict.conforms
        told.append({"file": str(path), "verdict": verdict})
        if not shell.as_json:
            _tell(shell, path, verdict)
    if shell.as_json:
        shell.give(told)
    click.get_current_context().exit(0 if conforms else DOES_NOT_CONFORM)


@sip4d_command.command(
    "read",
    help=help_text(
        "パッケージの中身を、標準の属性名と送信者の属性名で1行1地物のJSONとして出力します。",
        "Print what a package holds: its metadata, or with --features one JSON line a feature with"
        " standard and own names.",
    ),
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--features", is_flag=True, help=help_text("地物を1行ずつ", "One JSON line a feature.")
)
@click.option("--limit", type=click.IntRange(1), help=help_text("最大件数", "At most so many."))
@common
def read_command(shell: Shell, file: Path, *, features: bool, limit: int | None) -> None:
    """Print a package."""
    import msgspec  # noqa: PLC0415

    from hinomi.standards import sip4d  # noqa: PLC0415

    with _existing(file).open("rb") as opened:
        package = sip4d.open_package(opened)
        if not features:
            layers = [
                {
                    "file": layer.file,
                    "title": layer.title,
                    "columns": [f"{c.name} → {c.standard}" for c in layer.columns],
                }
                for layer in package.layers
            ]
            shell.give({"metadata": package.metadata, "layers": layers})
            return
        for layer in package.layers:
            for feature in islice(layer.features(), limit):
                line = {
                    "layer": layer.number,
                    "number": feature.number,
                    "municipality": feature.municipality,
                    "stated": feature.stated,
                    "properties": feature.properties,
                    "geometry": feature.place,
                }
                click.echo(msgspec.json.encode(line))


@sip4d_command.command(
    "write",
    help=help_text(
        "コレクション、または受け取ったパッケージ(response.packagesのキー)をパッケージにします。",
        "Write a collection, or a package that came (its key in response.packages), as a package.",
    ),
)
@click.argument("what")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    help=help_text("出力先のファイル", "The file to write."),
)
@click.option(
    "--status",
    type=click.Choice(["actual", "exercise", "test"]),
    default="actual",
    help=help_text("通常・訓練・試験", "Actual, exercise or test statements."),
)
@common
def write_command(shell: Shell, what: str, out: Path, status: str) -> None:
    """Write a package."""
    from hinomi.runtime import config, exchange, translog  # noqa: PLC0415

    reader = shell.reader(status=status)
    if what in reader.catalog.collections:
        made = exchange.parcel(reader, what, config.read(shell.data).sender)
    elif "." in what:
        raise MissingError(Text("コレクション", "collection"), what, reader.catalog.collections)
    else:
        made = exchange.parcel_again(reader, what)
    translog.published(shell.data, "package", made.data, made.name)
    part = out.with_name(f".{out.name}.part")
    part.write_bytes(made.data)
    part.replace(out)
    if shell.as_json:
        shell.give({"file": str(out), "features": made.features, "left_out": made.left_out})
        return
    shell.say(f"{out}: {made.features:,}件", f"{out}: {made.features:,} features")
    if made.left_out:
        shell.note(
            f"位置のない{made.left_out:,}件は入れられません。",
            f"{made.left_out:,} without a position were left out: no package may hold them.",
        )


@sip4d_command.command(
    "diff",
    help=help_text(
        "2つのパッケージを比べます。終了コード: 0 同じ、1 違う。",
        "Compare two packages. Exit 0: the same but for what the standard lets differ; 1: not.",
    ),
)
@click.argument("left", type=click.Path(path_type=Path))
@click.argument("right", type=click.Path(path_type=Path))
@common
def diff_command(shell: Shell, left: Path, right: Path) -> None:
    """Print what differs."""
    from hinomi.standards import sip4d  # noqa: PLC0415

    with _existing(left).open("rb") as one, _existing(right).open("rb") as two:
        found = list(islice(sip4d.differences(one, two), 10_000))
    if shell.as_json:
        shell.give(found)
    for difference in found[: 0 if shell.as_json else SHOWN]:
        click.echo(f"{difference.path}: {difference.left!r} → {difference.right!r}")
    if len(found) > SHOWN:
        shell.note(f"ほか{len(found) - SHOWN:,}件", f"{len(found) - SHOWN:,} more")
    click.get_current_context().exit(DIFFERS if found else 0)


def _ground(shell: Shell) -> Ground | None:
    """Return what the data folder knows of places; without a folder, nothing."""
    if not shell.data.is_dir():
        return None
    from hinomi.runtime.areas import StoreGazetteer  # noqa: PLC0415
    from hinomi.runtime.ground import StoreGround  # noqa: PLC0415

    store = shell.service().store
    return StoreGround(store, StoreGazetteer(store))


def _existing(path: Path) -> Path:
    if not path.exists():
        near = [str(p) for p in path.parent.glob("*.zip")] if path.parent.is_dir() else []
        raise MissingError(Text("ファイル", "file"), str(path), near)
    if not path.is_file():
        raise InputError(f"{path} is no file.", f"{path}はファイルではありません。")
    return path


def _tell(shell: Shell, path: Path, verdict: Verdict) -> None:
    yes, no = shell.text("はい", "yes"), shell.text("いいえ", "no")
    conforms, plausible = (yes if v else no for v in (verdict.conforms, verdict.plausible))
    shell.say(
        f"{path}: 規格に適合: {conforms}、内容は妥当: {plausible}"
        f" ({verdict.code} {verdict.title} {verdict.features:,}件)",
        f"{path}: conforms: {conforms}, plausible: {plausible}"
        f" ({verdict.code} {verdict.title}, {verdict.features:,} features)",
    )
    shown: dict[str, int] = {}
    for problem in verdict.problems:
        shown[problem.code] = shown.get(problem.code, 0) + 1
        if shown[problem.code] > 3 or problem.grade == "note":
            continue
        click.echo(f"  {shell.problem('', problem)}")
    for code, count in verdict.counts.items():
        if count > 3:
            shell.say(f"  {code}: 全部で{count:,}件", f"  {code}: {count:,} in all")
