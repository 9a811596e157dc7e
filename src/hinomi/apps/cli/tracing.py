"""``hinomi trace``: the hops of a real record."""

from __future__ import annotations

import re

import click

from hinomi.apps.cli.shell import Shell, common, help_text, write_bytes
from hinomi.apps.cli.times import shown
from hinomi.kernel.reader import Reader
from hinomi.runtime.walk import Delivery, Step, walk

_ID = re.compile(r"^[0-9a-f]{32}$")


@click.command(
    "trace",
    help=help_text(
        "記録から原文へ、また記録から作られたものへたどります。"
        "RECORDは記録ID、またはコレクション/キー(現在の発表)。",
        "From a record back to its bytes, and forward to what was made of it."
        " RECORD is a record's id, or COLLECTION/KEY for what stands now.",
    ),
)
@click.argument("record")
@click.option("--raw", is_flag=True, help=help_text("原文を出力", "Write the raw bytes to stdout."))
@common
def trace_command(shell: Shell, record: str, *, raw: bool) -> None:
    """Trace a record."""
    reader = shell.reader(status="any")
    record_id = _id(reader, record)
    if raw:
        trace = reader.trace(record_id)
        digest = next((o.digest for o, _ in trace.origins if o.digest), "")
        write_bytes(reader.blob(trace.record, digest))
        return
    step = walk(reader, record_id)
    if shell.as_json:
        shell.give(step)
        return
    _tell(shell, step, "")


def _id(reader: Reader, record: str) -> str:
    if _ID.match(record):
        return record
    collection, _, key = record.partition("/")
    return reader.get(collection, key).id


def _tell(shell: Shell, step: Step, indent: str) -> None:
    _tell_record(shell, step, indent)
    for delivery in step.deliveries:
        _tell_delivery(shell, delivery, f"{indent}  ")
    if step.made:
        shell.say(
            f"{indent}  ここから作られたもの({step.made_in_all}):",
            f"{indent}  made of it ({step.made_in_all}):",
        )
        for made in step.made:
            _tell(shell, made, f"{indent}    ") if made.made_in_all else _tell_record(
                shell, made, f"{indent}    "
            )


def _tell_record(shell: Shell, step: Step, indent: str) -> None:
    if not step.collection:
        shell.say(
            f"{indent}{step.id} (閲覧できない、または系列)",
            f"{indent}{step.id} (a series, or not visible)",
        )
        return
    retracts = shell.text(" 取消", " retraction") if step.retracts else ""
    shell.say(
        f"{indent}記録 {step.id} {step.collection}/{step.key}{retracts}",
        f"{indent}record {step.id} {step.collection}/{step.key}{retracts}",
    )
    shell.say(
        f"{indent}  発表 {shown(step.said_at)} JST 発表者 {step.source} [{step.marking}]"
        f" 保存 seq {step.seq} {shown(step.recorded_at)} JST",
        f"{indent}  said {shown(step.said_at)} JST by {step.source} [{step.marking}];"
        f" stored as seq {step.seq} at {shown(step.recorded_at)} JST",
    )


def _tell_delivery(shell: Shell, delivery: Delivery, indent: str) -> None:
    origin = delivery.origin
    if origin.run:
        shell.say(
            f"{indent}← モデル {origin.run} (位置 {origin.position}、"
            f"入力 {delivery.inputs_in_all}件)",
            f"{indent}← model {origin.run} at position {origin.position},"
            f" {delivery.inputs_in_all} inputs",
        )
        for step in delivery.inputs:
            _tell(shell, step, f"{indent}  ")
        return
    if origin.entered_by:
        shell.say(
            f"{indent}← 入力者 {origin.entered_by}", f"{indent}← entered by {origin.entered_by}"
        )
        return
    parsed = f"{delivery.source_id} {delivery.kind}".strip()
    if parsed:
        shell.say(f"{indent}← 解析 {parsed}", f"{indent}← parsed by {parsed}")
    shell.say(
        f"{indent}← 出所 {origin.address} {origin.path}".rstrip(),
        f"{indent}← from {origin.address} {origin.path}".rstrip(),
    )
    if origin.digest:
        size = (
            f"{delivery.size_bytes:,} B"
            if delivery.size_bytes is not None
            else shell.text("原文なし", "no bytes kept")
        )
        shell.say(
            f"{indent}← 原文 sha256:{origin.digest} ({size})",
            f"{indent}← bytes sha256:{origin.digest} ({size})",
        )
