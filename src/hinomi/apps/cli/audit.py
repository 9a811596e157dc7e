"""``hinomi audit``: who saw, changed, exported and ran what."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click
import msgspec

from hinomi.apps.cli.shell import Shell, common, help_text
from hinomi.apps.cli.times import moment
from hinomi.runtime import folder
from hinomi.runtime.audit import VERBS, Audit, Event


@click.group("audit", help=help_text("監査ログ。", "The audit log."))
def audit_command() -> None:
    """Hold the subcommands."""


@audit_command.command(
    "find", help=help_text("監査ログを探します(新しい順)。", "Search the audit log, newest first.")
)
@click.option("--who", help=help_text("利用者", "Whose doings."))
@click.option("--verb", type=click.Choice(VERBS), help=help_text("種類", "What was done."))
@click.option("--what", help=help_text("含まれる文字", "Contained in what it was done to."))
@click.option("--since", metavar="TIME", help=help_text("以後", "At this time or later."))
@click.option("--until", metavar="TIME", help=help_text("より前", "Before this time."))
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True,
              help=help_text("件数", "At most so many."))  # fmt: skip
@common
def audit_find(  # noqa: PLR0913  (one argument an option)
    shell: Shell,
    who: str | None,
    verb: str | None,
    what: str | None,
    since: str | None,
    until: str | None,
    limit: int,
) -> None:
    """Search the log."""
    shell.operator()
    words = {"who": who or "", "verb": verb or "", "what": what or ""}
    words |= {
        name: moment(text)[0].isoformat()
        for name, text in (("since", since), ("until", until))
        if text
    }
    with closing(Audit(folder.existing(shell.data))) as audit:
        found = audit.find(words, limit=limit)
    if shell.as_json:
        shell.give(found)
        return
    shell.table(
        ["no.", "at", "who", "verb", "what", "outcome", "note"],
        [
            (
                one.index, one.event.at[:19], one.event.who, one.event.verb, one.event.what,
                one.event.outcome, one.event.reason or one.event.rule or _times(one.event),
            )
            for one in found
        ],
    )  # fmt: skip


@audit_command.command(
    "export", help=help_text("監査ログを書き出します。", "Write the audit log as JSON lines.")
)
@click.argument("file", type=click.Path(path_type=Path))
@common
def audit_export(shell: Shell, file: Path) -> None:
    """Write all entries, oldest first; `hinomi log export` writes what can be verified whole."""
    shell.operator()
    count = 0
    with closing(Audit(folder.existing(shell.data))) as audit, file.open("wb") as out:
        for leaf in audit.log.leaves():
            if leaf.kind == "audit":
                entry = msgspec.json.decode(leaf.entry, type=dict[str, object])
                out.write(msgspec.json.encode({"index": leaf.index, **entry}) + b"\n")
                count += 1
    shell.say(f"{count:,}件を{file}に書きました。", f"Wrote {count:,} entries to {file}.")


def _times(event: Event) -> str:
    return f"× {event.times}" if event.times > 1 else ""
