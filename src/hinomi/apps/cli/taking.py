"""``hinomi ingest``, ``quarantine`` and ``areas``: what comes in."""

from __future__ import annotations

from pathlib import Path

import click

from hinomi.apps.cli.shell import Bar, Shell, common, help_text, plural, write_bytes
from hinomi.apps.cli.times import shown
from hinomi.kernel.errors import DeniedError
from hinomi.kernel.store import Store
from hinomi.runtime import quarantine
from hinomi.runtime.desk import Desk, open_desk
from hinomi.runtime.folder import existing
from hinomi.runtime.operations import INTERNAL
from hinomi.runtime.quarantine import Kept
from hinomi.runtime.report import Finding, Report

SHOWN = 30
"""Findings that people see; ``--json`` gives up to a thousand, the quarantine all."""


@click.command(
    "ingest",
    help=help_text(
        "ファイル・フォルダ・.zip・.tar.*を取り込みます。形式は自動で判別します。",
        "Take files, folders, .zip and .tar.*; what they are is detected.",
    ),
)
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@common
def ingest_command(shell: Shell, paths: tuple[Path, ...]) -> None:
    """Take files."""
    shell.operator()
    desk = open_desk(shell.data, "ingest")
    try:
        with Bar(shell, shell.text("取り込み", "Taking")) as watch:
            report = desk.ingest(paths, watch=watch)
    finally:
        desk.close()
    tell(shell, report)


@click.group(
    "quarantine",
    invoke_without_command=True,
    help=help_text(
        "読み取れなかったものの一覧・表示・再処理。", "What was set aside: list, show, replay."
    ),
)
@click.pass_context
def quarantine_command(context: click.Context) -> None:
    """List without a subcommand."""
    if context.invoked_subcommand is None:
        context.invoke(quarantine_list)


@quarantine_command.command(
    "list", help=help_text("取り置かれたものの一覧。", "What stands in the quarantine.")
)
@common
def quarantine_list(shell: Shell) -> None:
    """List what was set aside."""
    kept = quarantine.list_kept(_store(shell))
    if shell.as_json:
        shell.give(kept)
        return
    rows = [
        (
            one.digest[:12],
            one.state.outcome,
            one.state.source_id,
            one.state.kind,
            one.state.refused,
            shown(one.state.taken_at),
            one.state.name,
        )
        for one in kept
    ]
    names = ("digest", "outcome", "source", "kind", "refused", "taken (JST)", "name")
    names_ja = ("ダイジェスト", "結果", "情報源", "種別", "拒否数", "受信(JST)", "名前")
    shell.table(names_ja if shell.language == "ja" else names, rows)
    shell.say(f"{len(kept)}件", f"{len(kept)} payloads")
    aside = len(quarantine.list_aside(_store(shell)))
    if aside:
        shell.note(
            f"ほかに、予測モデルの入力から外した記録が{aside}件あります: hinomi quarantine records",
            f"And {plural(aside, 'record')} set aside for a model: hinomi quarantine records",
        )


@quarantine_command.command(
    "records",
    help=help_text(
        "予測モデルを3回失敗させ、そのモデルの入力から外した記録。",
        "Records that made a model fail three times, and are set aside for it.",
    ),
)
@common
def quarantine_records(shell: Shell) -> None:
    """List what models are spared."""
    aside = quarantine.list_aside(_store(shell))
    if shell.as_json:
        shell.give(aside)
        return
    names = ("model", "record", "collection", "key", "since (JST)")
    names_ja = ("モデル", "記録", "コレクション", "キー", "外した時刻(JST)")
    shell.table(
        names_ja if shell.language == "ja" else names,
        [(one.model, one.record, one.collection, one.key, shown(one.since)) for one in aside],
    )
    if aside:
        shell.say(
            "ほかのモデルと閲覧には使われています(内容は hinomi trace 記録)。新しい内容が届くか、"
            "モデルが新しくなると、再び使います。",
            "Everyone else sees them: hinomi trace RECORD. A newer statement of the thing, or a"
            " newer version of the model, is read again.",
        )


@quarantine_command.command(
    "show",
    help=help_text("一件の問題点(--rawで原文)。", "One payload's problems; --raw its bytes."),
)
@click.argument("digest")
@click.option("--raw", is_flag=True, help=help_text("原文を出力", "Write the bytes to stdout."))
@common
def quarantine_show(shell: Shell, digest: str, *, raw: bool) -> None:
    """Show one payload."""
    store = _store(shell)
    kept = quarantine.show(store, digest)
    if raw:
        write_bytes(store.blob(kept.digest) or b"")
    elif shell.as_json:
        shell.give(kept)
    else:
        _show(shell, kept)


@quarantine_command.command(
    "replay",
    help=help_text("今のコードで読み直します。", "Read kept payloads again with today's code."),
)
@click.argument("digests", nargs=-1)
@common
def quarantine_replay(shell: Shell, digests: tuple[str, ...]) -> None:
    """Read again those named, or all."""
    shell.operator()
    existing(shell.data)
    desk = open_desk(shell.data, "quarantine replay")
    try:
        with Bar(shell, shell.text("再処理", "Replaying")) as watch:
            report = desk.replay(digests, watch=watch)
    finally:
        desk.close()
    tell(shell, report)


@click.group("areas", help=help_text("地域の境界。", "Area boundaries."))
def areas_command() -> None:
    """Hold the subcommands."""


@areas_command.command(
    "import",
    help=help_text(
        "市区町村の境界(国土数値情報N03のGeoJSON)を読み込みます。",
        "Read municipality boundaries (MLIT N03 GeoJSON).",
    ),
)
@click.argument("file", type=click.Path(path_type=Path))
@common
def areas_import(shell: Shell, file: Path) -> None:
    """Read boundaries and join them to what came before."""
    shell.operator()
    desk: Desk = open_desk(shell.data, "areas import")
    try:
        with Bar(shell, shell.text("境界", "Boundaries")) as watch:
            done = desk.import_areas(file, watch=watch)
    finally:
        desk.close()
    if shell.as_json:
        shell.give(done)
        return
    again = sum(t.payloads for t in done.rejoined.sources.values())
    kinds = " ".join(f"{kind}:{count:,}" for kind, count in sorted(done.counts.items()))
    shell.say(
        f"地域 {kinds} (新規{done.new:,}件)。地域のなかった受信データ{again:,}件を読み直しました。",
        f"areas: {kinds} ({done.new:,} new). {again:,} payloads without a place were read again.",
    )
    for problem in done.problems[:SHOWN]:
        shell.note(shell.problem(file.name, problem), shell.problem(file.name, problem))


def tell(shell: Shell, report: Report) -> None:
    """Print a report and end with its exit code."""
    if shell.as_json:
        shell.give({**_plain(report), "exit_code": report.exit_code})
    else:
        _tell_people(shell, report)
    click.get_current_context().exit(report.exit_code)


def _plain(report: Report) -> dict[str, object]:
    return {name: getattr(report, name) for name in report.__struct_fields__}


def _tell_people(shell: Shell, report: Report) -> None:
    names = ("source", "payloads", "repeated", "understood", "partly", "unknown", "refused")
    names_ja = ("情報源", "受信", "既受信", "理解", "一部拒否", "未知", "拒否")
    rest, rest_ja = ("records", "readings", "kinds"), ("記録", "観測値", "種別")
    columns = (*names_ja, *rest_ja) if shell.language == "ja" else (*names, *rest)
    rows = []
    for source, tally in sorted(report.sources.items()):
        kinds = sorted(tally.kinds.items(), key=lambda k: -k[1])
        listed = " ".join(f"{k}:{n}" for k, n in kinds[:6]) + (" …" if len(kinds) > 6 else "")
        refused = tally.refused + tally.fault
        counts = (tally.payloads, tally.repeated, tally.understood, tally.partly, tally.unknown)
        rows.append((source, *counts, refused, tally.records, tally.readings, listed))
    shell.table(columns, rows)
    for collection, count in sorted(report.collections.items()):
        shell.say(f"  {collection}: {count:,}件", f"  {collection}: {count:,}")
    shell.say(
        f"新規 {report.records_new:,}記録 {report.readings_new:,}観測値、"
        f"既知 {report.records_known:,}記録 {report.readings_known:,}観測値",
        f"new: {plural(report.records_new, 'record')}, {plural(report.readings_new, 'reading')};"
        f" known: {plural(report.records_known, 'record')},"
        f" {plural(report.readings_known, 'reading')}",
    )
    groups = _groups(report)
    for (grade, _, _), findings in list(groups.items())[:SHOWN]:
        first = shell.problem(findings[0].address, findings[0].problem)
        times = f" ×{len(findings):,}" if len(findings) > 1 else ""
        shell.note(f"{_GRADES_JA[grade]}{times}: {first}", f"{grade}{times}: {first}")
    if len(groups) > SHOWN or report.findings_in_all > len(report.findings):
        shell.note(
            "ほかはhinomi quarantine listか--jsonで。",
            "More: hinomi quarantine list, or --json.",
        )


def _groups(report: Report) -> dict[tuple[str, str, str], list[Finding]]:
    """Return the findings, alarms of one kind together, refusals first and each by itself."""
    found: dict[tuple[str, str, str], list[Finding]] = {}
    for number, finding in enumerate(report.findings):
        problem = finding.problem
        what = problem.found or problem.text.en
        key = (problem.grade, problem.code, what if problem.grade == "alarm" else str(number))
        found.setdefault(key, []).append(finding)
    return dict(sorted(found.items(), key=lambda item: item[0][0] != "error"))


_GRADES_JA = {"error": "拒否", "alarm": "要確認", "note": "注記"}


def _show(shell: Shell, kept: Kept) -> None:
    state = kept.state
    lines = (
        ("ダイジェスト", "digest", kept.digest),
        ("名前", "name", state.name),
        ("出所", "address", state.address),
        ("受信", "taken", state.taken_at.isoformat()),
        ("結果", "outcome", state.outcome),
        ("情報源", "source", f"{state.source_id} {state.kind}"),
        ("大きさ", "size", f"{state.size_bytes:,} B"),
    )
    for ja, en, value in lines:
        shell.say(f"{ja}: {value}", f"{en}: {value}")
    for problem in state.problems:
        shell.say(
            f"  {_GRADES_JA[problem.grade]}: {shell.problem('', problem)}",
            f"  {problem.grade}: {shell.problem('', problem)}",
        )


def _store(shell: Shell) -> Store:
    """Return the store for those who may see what was set aside."""
    principal = shell.principal()
    if not principal.may_see(INTERNAL):
        raise DeniedError(
            f"{principal.name} may not see the quarantine.",
            f"{principal.name}は取り置きを閲覧できません。",
            rule="marking",
        )
    return shell.service().store
