"""The command line: ``hinomi``. Each command's module is imported only when it is called."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module

import click

from hinomi import __version__
from hinomi.apps.cli import shell
from hinomi.apps.cli.shell import help_text

COMMANDS = {
    "ingest": "taking",
    "quarantine": "taking",
    "areas": "taking",
    "run": "serving",
    "drill": "drilling",
    "export": "exporting",
    "import": "importing",
    "find": "looking",
    "readings": "looking",
    "list": "listing",
    "trace": "tracing",
    "graph": "listing",
    "report": "reporting",
    "key": "keeping",
    "act": "acting",
    "backup": "keeping",
    "restore": "keeping",
    "check": "keeping",
    "store": "storing",
    "simulate": "simulating",
    "workbench": "workbench",
    "sip4d": "sip4d",
    "cap": "cap",
    "peer": "peering",
    "verify": "verify",
    "log": "verify",
    "audit": "audit",
    "policy": "policy",
    "personal": "personal",
}
"""Command -> module of this package."""


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            near = shell.nearest(cmd_name, COMMANDS)
            if near:
                ctx.fail(
                    shell.by_locale(
                        f"コマンド「{cmd_name}」はありません。近い名前: {near}",
                        f"No command named {cmd_name!r}. Nearest: {near}.",
                    )
                )
            return None
        module = import_module(f"hinomi.apps.cli.{COMMANDS[cmd_name]}")
        command: click.Command = getattr(module, f"{cmd_name}_command")
        return command


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help=help_text(
        "火の見: 社会の安全への脅威を一つの場所で観測し、予測し、対応し、共有します。",
        "Hinomi, the watchtower: observe, predict, respond, share.",
    ),
)
@click.version_option(__version__, prog_name="hinomi")
def cli() -> None:
    """Hold the commands."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return the exit code that the design's error table gives."""
    return shell.run(cli, list(sys.argv[1:] if arguments is None else arguments))
