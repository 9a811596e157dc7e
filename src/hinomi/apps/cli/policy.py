"""``hinomi policy``: what the policy says, and why somebody sees a record or not."""

from __future__ import annotations

from pathlib import Path

import click

from hinomi.apps.cli.shell import Shell, common, help_text
from hinomi.kernel.errors import DataError, Problem, Text
from hinomi.kernel.reader import statuses
from hinomi.runtime import policy
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.people import People


@click.group("policy", help=help_text("閲覧と操作のポリシー。", "The policy: who sees what."))
def policy_command() -> None:
    """Hold the subcommands."""


@policy_command.command(
    "why",
    help=help_text(
        "利用者(キーの名前、サインイン中の人、anonymous)がその記録(id)を見られる理由・見られない理由。",
        "Why a user (a key's name, who is signed in, or anonymous) sees a record (its id), or not.",
    ),
)
@click.argument("whom", metavar="USER")
@click.argument("record")
@common
def policy_why(shell: Shell, whom: str, record: str) -> None:
    """Explain one decision; for the operator, who sees the record in any case."""
    from hinomi.runtime.policy.explaining import why  # noqa: PLC0415

    shell.operator()
    rules = policy.of(shell.data)
    principal = People(shell.data).named(whom)
    stored = shell.service().reader(shell.principal(), status=statuses("any")).record(record)
    found = why(rules, principal, stored.marking, stored.collection)
    if shell.as_json:
        shell.give({"record": record, "user": whom, "marking": str(stored.marking), "why": found})
        return
    shell.say(
        f"{whom}は{stored.collection}/{stored.key}({stored.marking})を"
        + ("見られます。" if found.sees else "見られません。"),
        f"{whom} {'sees' if found.sees else 'does not see'} {stored.collection}/{stored.key}"
        f" ({stored.marking}).",
    )
    for step in found.steps:
        click.echo(f"  {'✓' if step.holds else '✗'} {step.rule}: {shell.of(step.text)}")


@policy_command.command("show", help=help_text("役割と個人情報。", "Roles and personal data."))
@common
def policy_show(shell: Shell) -> None:
    """Show the policy in force."""
    rules = policy.of(shell.data)
    if shell.as_json:
        shell.give(rules)
        return
    shell.say(
        f"ポリシー{rules.version}({rules.digest})", f"Policy {rules.version} ({rules.digest})"
    )
    shell.table(
        ["role", "title", "clearance", "writes", "acts", "personal"],
        [
            (
                name, role.title.ja if shell.language == "ja" else role.title.en, role.clearance,
                ", ".join(role.writes), ", ".join(role.acts), "yes" if role.personal else "",
            )
            for name, role in rules.roles.items()
        ],
    )  # fmt: skip
    shell.table(
        ["personal data of", "fields", "days", "purposes"],
        [
            (name, ", ".join(one.fields), one.retention_days, ", ".join(one.purposes))
            for name, one in rules.personal.items()
        ],
    )


@policy_command.command(
    "check", help=help_text("ポリシーのファイルを調べます。", "Check a policy's file.")
)
@click.argument("file", type=click.Path(path_type=Path))
@common
def policy_check(shell: Shell, file: Path) -> None:
    """Read a policy as the server would, and hold it to the catalogue."""
    rules = policy.read(file)
    problems = list(_problems(rules))
    if problems:
        raise DataError(problems)
    shell.say(f"正しいポリシーです({rules.digest})。", f"The policy is good ({rules.digest}).")


def _problems(rules: policy.Policy) -> list[Problem]:
    catalog = default_catalog()
    found = []
    for name, personal in rules.personal.items():
        if name not in catalog.collections:
            text = Text("このコレクションはありません", "there is no such collection")
            found.append(Problem("policy.collection", f"personal.{name}", text, found=name))
            continue
        fields = catalog.collections[name].json_schema().get("properties", {})
        unknown = [field for field in personal.fields if field not in fields]
        if unknown:
            text = Text("この属性はありません", "there is no such field")
            found.append(
                Problem("policy.field", f"personal.{name}.fields", text, found=", ".join(unknown))
            )
    return found
