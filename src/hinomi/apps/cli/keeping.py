"""``hinomi key``, ``backup``, ``restore`` and ``check``: keeping the folder well."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import click

from hinomi.apps.cli.serving import APP, page
from hinomi.apps.cli.shell import Shell, common, help_text
from hinomi.apps.cli.times import shown
from hinomi.kernel.errors import MissingError, Text
from hinomi.kernel.marking import Disclosure, Principal
from hinomi.runtime import backup, checkup, clock, config, folder, policy
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.keys import Key, Keys
from hinomi.runtime.people import checked_name
from hinomi.vocabulary.acts import ROLES


@click.group("key", help=help_text("APIキー。", "API keys."))
def key_command() -> None:
    """Hold the subcommands."""


@key_command.command(
    "create",
    help=help_text(
        "キーを作ります。秘密の文字列は一度だけ表示します。",
        "Make a key; its secret is shown once.",
    ),
)
@click.argument("name", required=False)
@click.option("--person", help=help_text("人の名前(NAMEの代わり)", "A person's, as NAME."))
@click.option(
    "--role",
    "roles",
    multiple=True,
    help=help_text(
        "役割: 本部(officer, commander)またはポリシー(town-officer等)",
        "What they are: officer or commander in the headquarters, or a role of the policy.",
    ),
)
@click.option(
    "--org",
    "--organisation",
    "organisations",
    multiple=True,
    help=help_text("所属機関(複数可)", "Organisation they act for; repeatable."),
)
@click.option(
    "--clearance",
    help=help_text(
        "閲覧できるTLP区分(既定はCLEAR、ポリシーの役割があればその区分)",
        "Highest TLP label they may see; CLEAR unless given, or what a role of the policy gives.",
    ),
)
@click.option("--purpose", "purposes", multiple=True,
              help=help_text("利用目的(個人情報)", "What personal data are for."))  # fmt: skip
@click.option("--rate", type=click.IntRange(0, 1_000_000), default=0,
              help=help_text("毎分の要求数の上限", "Requests a minute; 0: no limit."))  # fmt: skip
@click.option("--days", type=click.IntRange(1, 36_500),
              help=help_text("有効な日数", "Ends after so many days."))  # fmt: skip
@click.option(
    "--write",
    "writes",
    multiple=True,
    metavar="COLLECTION",
    help=help_text("書き込めるコレクション(*は全て)", "Collection they may write; * is all."),
)
@common
def key_create(  # noqa: PLR0913  (one argument an option)
    shell: Shell,
    name: str | None,
    person: str | None,
    roles: tuple[str, ...],
    organisations: tuple[str, ...],
    clearance: str | None,
    writes: tuple[str, ...],
    purposes: tuple[str, ...],
    rate: int,
    days: int | None,
) -> None:
    """Make a key; whoever has a role sees and writes what is their organisation's own."""
    shell.operator()
    name = person or name
    if name is None:
        raise click.UsageError(shell.text("NAMEか--personが必要です。", "Give NAME or --person."))
    rules = policy.of(shell.data)
    works = _works(rules, roles)
    if works:
        name = checked_name(name)
        organisations = organisations or (config.read(shell.data).organisation,)
    catalog = default_catalog()
    for collection in writes:
        if collection != "*":
            catalog.collection(collection)
    tags = tuple(f"{policy.PURPOSE}{purpose}" for purpose in purposes)
    reach = _reach(clearance, rules, roles)
    principal = Principal(name, organisations, reach, writes, (*roles, *tags))
    until = clock.now() + timedelta(days=days) if days else None
    secret = Keys(shell.data).create(principal, rate=rate, expires_at=until)
    if shell.as_json:
        shell.give({"name": name, "key": secret})
    else:
        shell.note(
            "このキーは今だけ表示します。安全に保管してください。",
            "This key is shown only now; keep it safe.",
        )
        click.echo(secret)


def _works(rules: policy.Policy, roles: tuple[str, ...]) -> bool:
    """Tell whether one of the roles is of people in a headquarters; refuse what is no role."""
    for role in roles:
        if role not in ROLES and role not in rules.roles:
            raise MissingError(Text("役割", "role"), role, [*ROLES, *rules.roles])
    return any(role in ROLES or rules.roles[role].acts for role in roles)


def _reach(clearance: str | None, rules: policy.Policy, roles: tuple[str, ...]) -> Disclosure:
    """Return a key's own clearance: under a role of the policy it is a ceiling."""
    if set(roles) & set(rules.roles):
        return Disclosure.RED if clearance is None else Disclosure.of(clearance)
    label = Disclosure.of(clearance or "CLEAR")
    return max(label, Disclosure.AMBER) if roles else label


@key_command.command(
    "rotate", help=help_text("キーの秘密を新しくします。", "Give a key a new secret.")
)
@click.argument("name")
@click.option("--overlap-hours", type=click.IntRange(0, 8760), default=24, show_default=True,
              help=help_text("旧キーの有効時間", "Hours the old one still opens."))  # fmt: skip
@common
def key_rotate(shell: Shell, name: str, overlap_hours: int) -> None:
    """Rotate a key's secret."""
    shell.operator()
    secret = Keys(shell.data).rotate(name, timedelta(hours=overlap_hours))
    if shell.as_json:
        shell.give({"name": name, "key": secret})
    else:
        click.echo(secret)


@key_command.command("list", help=help_text("キーの一覧。", "All keys."))
@common
def key_list(shell: Shell) -> None:
    """List the keys."""
    shell.operator()
    folder.existing(shell.data)
    keys = Keys(shell.data).every()
    if shell.as_json:
        shell.give(keys)
        return
    rules = policy.of(shell.data)
    names = (
        "name", "roles", "organisations", "clearance", "writes", "a minute", "created", "used",
        "ends", "revoked",
    )  # fmt: skip
    names_ja = (
        "名前", "役割", "機関", "閲覧区分", "書き込み", "毎分", "作成", "最終使用", "期限", "失効",
    )  # fmt: skip
    shell.table(
        names_ja if shell.language == "ja" else names,
        (
            (
                k.name,
                " ".join(k.roles),
                " ".join(k.organisations),
                given.clearance.label,
                " ".join(given.writes),
                k.rate or "",
                shown(k.created_at),
                shown(k.used_at),
                shown(k.expires_at),
                shown(k.revoked_at),
            )
            for k in keys
            # What its roles give, not the ceiling above them.
            for given in [rules.principal(_principal_of(k))]
        ),
    )


def _principal_of(key: Key) -> Principal:
    return Principal(
        key.name, key.organisations, Disclosure.of(key.clearance), key.writes, key.roles
    )


@key_command.command("revoke", help=help_text("キーを失効させます。", "Make a key invalid."))
@click.argument("name")
@common
def key_revoke(shell: Shell, name: str) -> None:
    """Revoke a key."""
    shell.operator()
    folder.existing(shell.data)
    Keys(shell.data).revoke(name)
    shell.say(f"{name}を失効させました。", f"{name} is revoked.")


@click.command(
    "backup",
    help=help_text(
        "データフォルダの写しを1ファイルに取ります(動作中も可)。",
        "Copy the data folder into one file, also while a server runs.",
    ),
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@common
def backup_command(shell: Shell, file: Path) -> None:
    """Back the folder up."""
    shell.operator()
    backup.back_up(shell.data, file)
    size = file.stat().st_size
    if shell.as_json:
        shell.give({"file": str(file), "size_bytes": size})
    shell.say(f"{file}に写しを取りました({size:,} B)。", f"Backed up into {file} ({size:,} B).")


@click.command(
    "restore",
    help=help_text(
        "写しから新しいデータフォルダを作ります。", "Make a new data folder from a back-up."
    ),
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--erased",
    type=click.Path(path_type=Path),
    multiple=True,
    help=help_text(
        "消去の一覧、または元のデータフォルダ(写しの隣の一覧は自動で読みます)。",
        "A list of erasures, or the old data folder; the list beside the back-up is read anyhow.",
    ),
)
@common
def restore_command(shell: Shell, file: Path, erased: tuple[Path, ...]) -> None:
    """Restore into an empty folder."""
    shell.operator()
    done = backup.restore(file, shell.data, erased)
    if shell.as_json:
        shell.give({"data": str(shell.data), "erased": done})
        return
    shell.say(f"{shell.data}に復元しました。", f"Restored into {shell.data}.")
    count = done.statements + done.expired
    shell.say(
        f"個人情報を{count:,}件の記録から再び消去しました(うち保存期限切れ{done.expired:,}件)。",
        f"Erased personal data again from {count:,} statements ({done.expired:,} past their"
        " retention).",
    )
    if not done.lists:
        shell.say(
            "写しの隣に消去の一覧がありません。写しの後に請求で消去した個人情報が戻っている場合が"
            "あります: hinomi personal reapply 一覧または元のフォルダ",
            "No list of erasures lies beside the back-up: what was erased on request after it was"
            " made may be back. hinomi personal reapply LIST-OR-OLD-FOLDER",
        )


@click.command(
    "check",
    help=help_text(
        "導入・カタログ・保存データの整合性・空き容量を調べます。",
        "Check the installation, the catalogue, the store and the disk.",
    ),
)
@common
def check_command(shell: Shell) -> None:
    """Check everything."""
    findings = checkup.check(shell.data, page=page(), app=APP)
    if shell.as_json:
        shell.give(findings)
    else:
        marks = {"good": "✓", "note": "·", "bad": "✗"}
        for finding in findings:
            click.echo(f"{marks[finding.grade]} {shell.of(finding.text)}")
    if any(f.grade == "bad" for f in findings):
        click.get_current_context().exit(1)
