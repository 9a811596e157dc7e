"""``hinomi store``: moving a town from one store to another."""

from __future__ import annotations

import click

from hinomi.apps.cli.shell import Shell, common, help_text, plural
from hinomi.runtime import storing


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
