"""``hinomi store``: moving a town from one store to another."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from hinomi.apps.cli.shell import Shell, common, help_text, plural
from hinomi.runtime import folder, storing


@click.group("store", help=help_text("保存先。", "Where the town is kept."))
def store_command() -> None:
    """Hold the subcommands."""


@store_command.command(
    "copy",
    help=help_text(
        "ストアの全内容を別のストアへ移します。中断しても続きから再開し、最後に両方を照合します。",
        "Move all of a store into another. It goes on where it was left off, and compares both.",
    ),
)
@click.argument("source")
@click.argument("target")
@common
def store_copy(shell: Shell, source: str, target: str) -> None:
    """Copy a store."""
    from hinomi.runtime.copying import copy  # noqa: PLC0415

    shell.operator()

    def watch(kind: str, moved: int) -> None:
        if not shell.as_json:
            click.echo(f"{kind}: {moved:,}", err=True)

    done = copy(storing.checked(source), storing.checked(target), watch=watch)
    if shell.as_json:
        shell.give(done)
        return
    for kind, (count, digest) in done.held.items():
        click.echo(f"{kind:10} {count:>12,}  {digest}")
    shell.say(
        f"位置{done.position:,}まで移しました。両方の内容は一致しています。",
        f"Moved up to position {done.position:,}; both hold the same"
        f" ({plural(sum(done.moved.values()), 'row')} moved now).",
    )
    if done.running:
        shell.note(
            "移行元ではまだサーバが動いています。止めてからもう一度実行すると、続きだけを移します。",
            "A server still writes into the source: stop it and run this again to move the rest.",
        )


@store_command.command(
    "unarchive",
    help=help_text(
        "保存期間を過ぎて保存ファイル(archive/*.parquet)に移した観測値を、しばらくの間ストアに戻し"
        "ます。",
        "Bring readings that retention moved into files (archive/*.parquet) back for some days.",
    ),
)
@click.argument("files", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option(
    "--days",
    type=click.IntRange(1, 3650),
    default=30,
    show_default=True,
    help=help_text("戻しておく日数", "How long they stay."),
)
@common
def store_unarchive(shell: Shell, files: tuple[Path, ...], days: int) -> None:
    """Bring archived readings back."""
    from hinomi.runtime.desk import open_desk  # noqa: PLC0415
    from hinomi.runtime.socket import Unarchive  # noqa: PLC0415

    shell.operator()
    wish = Unarchive(paths=tuple(str(file.absolute()) for file in files), days=days)
    with closing(open_desk(folder.existing(shell.data), "unarchive")) as desk:
        done = desk.unarchive(wish)
    if shell.as_json:
        shell.give(done)
        return
    shell.say(
        f"{done.new:,}件を戻しました(既にあるもの{done.known:,}件)。",
        f"{plural(done.new, 'reading')} came back ({done.known:,} were there).",
    )
    for collection, day in sorted(done.until.items()):
        shell.say(
            f"{collection}: {day}(UTC)に再び保存ファイルへ移ります。",
            f"{collection}: they go into the archive again on {day} (UTC).",
        )
    if done.unknown:
        shell.note(
            f"ストアが知らない系列は戻せません: {', '.join(done.unknown[:10])}",
            f"The store has no definition of these series: {', '.join(done.unknown[:10])}",
        )
