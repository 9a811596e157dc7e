"""``hinomi personal``: personal data that is held, and its erasure."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from hinomi.apps.cli.shell import Shell, common, help_text
from hinomi.kernel.errors import InputError
from hinomi.runtime import folder, storing
from hinomi.runtime.audit import Audit, account
from hinomi.runtime.erasing import Done, Eraser

_SHOWN = 1000


@click.group("personal", help=help_text("個人情報。", "Personal data."))
def personal_command() -> None:
    """Hold the subcommands."""


@personal_command.command(
    "list",
    help=help_text(
        "保有する個人情報と保存期限、書き出しの記録。",
        "Which personal data are held and how long, and who took copies away.",
    ),
)
@common
def personal_list(shell: Shell) -> None:
    """List what is held."""
    shell.operator()
    data = folder.existing(shell.data)
    # To look is no writing: the server may go on meanwhile.
    with closing(storing.open_store(storing.address(data), read_only=True)) as store:
        held = Eraser(store, data).held()
    with closing(Audit(data)) as audit:
        found = audit.find({"verb": "exported"}, limit=_SHOWN)
    copies = [one for one in found if one.event.personal]
    if shell.as_json:
        shell.give({"held": held, "exported": copies})
        return
    names = ("collection", "fields", "statements", "past retention", "days")
    names_ja = ("コレクション", "項目", "件数", "期限切れ", "保存日数")
    shell.table(
        names_ja if shell.language == "ja" else names,
        [(h.collection, ", ".join(h.fields), h.statements, h.due, h.retention_days) for h in held],
    )
    if copies:
        shell.say("書き出された控え(ここからは消去できません):",
                  "Copies that were taken away (they cannot be erased from here):")  # fmt: skip
        shell.table(["at", "who", "what"],
                    [(c.event.at[:19], c.event.who, c.event.what) for c in copies])  # fmt: skip


@personal_command.command(
    "erase",
    help=help_text(
        "期限切れの個人情報を今すぐ消去します。COLLECTIONとKEYを指定すると、その対象の全て"
        "(履歴も)を消去します(--reason必須)。",
        "Erase now what is past its retention; with COLLECTION and KEY all that was ever said about"
        " that thing (give --reason).",
    ),
)
@click.argument("collection", required=False, default="")
@click.argument("key", required=False, default="")
@click.option("--reason", default="", help=help_text("理由(記録されます)", "Why; it is logged."))
@common
def personal_erase(shell: Shell, collection: str, key: str, reason: str) -> None:
    """Erase."""
    from hinomi.runtime.desk import open_desk  # noqa: PLC0415
    from hinomi.runtime.socket import Erase  # noqa: PLC0415

    shell.operator()
    if bool(collection) != bool(key):
        raise InputError("Give COLLECTION and KEY, or neither.",
                         "COLLECTIONとKEYは両方指定するか、両方省いてください。")  # fmt: skip
    who = f"{shell.principal().name} ({account()})"
    with closing(open_desk(folder.existing(shell.data), "personal")) as desk:
        done = desk.erase(Erase(collection=collection, key=key, who=who, reason=reason))
    _tell(shell, done)


@personal_command.command(
    "erased",
    help=help_text(
        "消去の一覧をFILEに書きます(追記)。写しから復元したときに再び消去するためのものです。",
        "Add all erasures to the list FILE, for the day when an older back-up is restored.",
    ),
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@common
def personal_erased(shell: Shell, file: Path) -> None:
    """Write the list."""
    from hinomi.runtime import erasures  # noqa: PLC0415

    shell.operator()
    data = folder.existing(shell.data)
    with closing(storing.open_store(storing.address(data), read_only=True)) as store:
        count = erasures.write(store, file)
    if shell.as_json:
        shell.give({"file": str(file), "orders": count})
    shell.say(f"{file}: 消去{count:,}件。", f"{file}: {count:,} orders of erasure.")


@personal_command.command(
    "reapply",
    help=help_text(
        "消去の一覧(または元のデータフォルダ)にある個人情報を再び消去します。"
        "pg_restoreなどで戻した後に。",
        "Erase again what a list (or the old data folder) names: after pg_restore, or a copied"
        " folder.",
    ),
)
@click.argument("path", type=click.Path(path_type=Path))
@common
def personal_reapply(shell: Shell, path: Path) -> None:
    """Erase again."""
    from hinomi.runtime import erasures  # noqa: PLC0415
    from hinomi.runtime.desk import open_desk  # noqa: PLC0415
    from hinomi.runtime.socket import Erase  # noqa: PLC0415

    shell.operator()
    again = tuple(erasures.read(path))
    done = Done(statements={}, payloads=0)
    if again:
        with closing(open_desk(folder.existing(shell.data), "personal")) as desk:
            done = desk.erase(Erase(again=again))
    _tell(shell, done)


def _tell(shell: Shell, done: Done) -> None:
    if shell.as_json:
        shell.give(done)
        return
    count = sum(done.statements.values())
    shell.say(
        f"{count:,}件の記録から個人情報を消去し、原文{done.payloads:,}件を削除しました。",
        f"Erased personal data from {count:,} statements, and {done.payloads:,} raw payloads.",
    )
    if done.kept:
        shell.say(
            f"原文{len(done.kept)}件は、まだ保存期間内の他の記録の原文でもあるため残しました:"
            f" {', '.join(done.kept)}",
            f"{len(done.kept)} raw payloads stay: statements that are still kept came from them"
            f" too: {', '.join(done.kept)}",
        )
