"""``hinomi verify`` and ``hinomi log``: the trust chain, checked and kept."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click
import msgspec

from hinomi.apps.cli.shell import Shell, common, help_text
from hinomi.apps.cli.times import shown
from hinomi.kernel.errors import DataError, DeniedError, InputError, MissingError, Problem, Text

if TYPE_CHECKING:
    from hinomi.runtime.translog.proving import Verdict
    from hinomi.runtime.translog.trust import Receipt, Trust

T = TypeVar("T")
_FIRST = b'{"checkpoint":'
"""How the first line of an exported log begins."""
_RECORD_DIGITS = 32


@click.command(
    "verify",
    help=help_text(
        "証明を確かめます(ネットワーク不要)。FILE: 公開されたファイルか、書き出したログ。"
        "RECORD: 記録のid。log: このフォルダのログ全体。",
        "Verify, offline. FILE: what was published, or an exported log; RECORD: a record's id;"
        " 'log': this folder's whole log.",
    ),
)
@click.argument("what", metavar="FILE|RECORD|log")
@click.option(
    "--receipt",
    type=click.Path(path_type=Path),
    help=help_text(
        "受領証(既定はこのフォルダのログ)", "The receipt; else this folder's own log is asked."
    ),
)
@click.option(
    "--key",
    help=help_text(
        "信じる公開鍵か連携先の名前(既定はこのノードと連携先)",
        "The public key that is trusted, or a partner's name; else this node's and all partners'.",
    ),
)
@common
def verify_command(shell: Shell, what: str, receipt: Path | None, key: str | None) -> None:
    """Verify a file, a record or a log; not good is exit code 3."""
    if what == "log":
        _verify_log(shell)
    elif Path(what).is_file():
        _verify_file(shell, Path(what), receipt, key)
    elif len(what) == _RECORD_DIGITS:
        _verify_record(shell, what)
    else:
        raise MissingError(Text("ファイルまたは記録", "file or record"), what)


def _verify_file(shell: Shell, path: Path, receipt: Path | None, key: str | None) -> None:
    from hinomi.runtime.translog import proving  # noqa: PLC0415

    keys = _trusted(shell, key)
    with path.open("rb") as file:
        if file.read(len(_FIRST)) == _FIRST:
            head = _first_good(keys, lambda public: proving.exported(path, public))
            if shell.as_json:
                shell.give({"good": True, "size": head.size, "root": head.root.hex()})
            shell.say(
                f"正しいログです: {head.size:,}件", f"The log is good: {head.size:,} entries."
            )
            return
    data = _read(path)
    try:
        found = _receipt(shell, receipt, data)
    except MissingError:
        what = Text(
            "公開された内容(途中で変わったか、ほかのノードのもの: --receiptと--key)",
            "published bytes (changed on the way, or another node's: then --receipt and --key)",
        )
        raise MissingError(what, str(path)) from None
    verdict = _first_good(keys, lambda public: proving.receipt(found, data, public))
    _tell(shell, verdict)


def _verify_record(shell: Shell, record_id: str) -> None:
    """Show that a record is what its id says, and which published messages say it."""
    from hinomi.runtime.audit import Audit  # noqa: PLC0415
    from hinomi.runtime.erasing import erased  # noqa: PLC0415
    from hinomi.runtime.translog import proving, records  # noqa: PLC0415

    service = shell.service()
    reader = service.reader(shell.principal(), status=records.ANY)
    with closing(Audit(shell.data)) as audit:

        def told(one: str) -> str:
            found = erased(audit, one)
            return found.event.at if found is not None else ""

        shown_ = records.verify(reader, service.store, record_id, told)
    trust = _trust(shell)
    verdicts = [
        proving.receipt(trust.receipt(subject), None, trust.signer.node.public)
        for subject in trust.log.about(record_id)
    ]
    if shell.as_json:
        shell.give({"good": True, "record": shown_, "published": verdicts})
        return
    if shown_.erased:
        shell.say(
            f"{shown_.collection}/{shown_.key}: 個人情報は{shown_.erased[:19]}に消去済み"
            "(監査ログに記録あり)。idは消去前の内容のものです。",
            f"{shown_.collection}/{shown_.key}: personal data erased at {shown_.erased[:19]}, as"
            " the log says; the id is of what was stated before.",
        )
        return
    shell.say(
        f"{shown_.collection}/{shown_.key}: 内容はidと一致。原文{shown_.origins}件を確認。",
        f"{shown_.collection}/{shown_.key}: what is stated has this id; {shown_.origins} raw"
        " payloads are whole.",
    )
    for verdict in verdicts:
        _tell(shell, verdict)
    if not verdicts:
        shell.say("このidの公開物はありません。", "Nothing was published under this id.")


def _verify_log(shell: Shell) -> None:
    trust = _trust(shell)
    problems = trust.log.check()
    if problems:
        text = Text("ログが壊れているか、改変されています。", "The log is broken or was changed.")
        raise DataError([Problem("trust.log", one, text) for one in problems])
    size, _ = trust.checkpoint()
    if shell.as_json:
        shell.give({"good": True, "size": size, "root": trust.log.root(size).hex()})
    shell.say(f"正しいログです: {size:,}件", f"The log is good: {size:,} entries.")


def _tell(shell: Shell, verdict: Verdict) -> None:
    if shell.as_json:
        shell.give({"good": True, "published": verdict})
        return
    by = "Ed25519 + ML-DSA-65" if verdict.hybrid else "Ed25519"
    shell.say(
        f"正しい: {verdict.name}({verdict.kind})は{verdict.at}にノード{verdict.node}が公開"
        f"({by}、ログ{verdict.size:,}件中の{verdict.index:,}番)。",
        f"Good: {verdict.name} ({verdict.kind}) was published by node {verdict.node} at"
        f" {verdict.at}; {by}, entry {verdict.index:,} of {verdict.size:,}.",
    )


def _trusted(shell: Shell, key: str | None) -> list[bytes]:
    from hinomi.runtime.federation import nodekey  # noqa: PLC0415
    from hinomi.runtime.federation.registry import FILE, Registry  # noqa: PLC0415

    partners = Registry(shell.data).every() if (shell.data / FILE).exists() else []
    if key is not None:
        named = [peer.public for peer in partners if peer.name == key]
        return named or [nodekey.public_of(key)]
    own = [nodekey.load(shell.data).public] if (shell.data / nodekey.FILE).exists() else []
    found = [*own, *(peer.public for peer in partners)]
    if not found:
        raise InputError(
            "Whose key is trusted? Give --key with what `hinomi peer key` prints there.",
            "信じる鍵が必要です。--keyに相手の「hinomi peer key」の出力を指定してください。",
        )
    return found


def _first_good(keys: list[bytes], verify: Callable[[bytes], T]) -> T:
    """Return what the first key shows; where none does, the error that says most."""
    errors: list[DeniedError] = []
    for public in keys:
        try:
            return verify(public)
        except DeniedError as error:
            errors.append(error)
    # Another node's log is the least that can be said.
    raise next((e for e in errors if "another node" not in str(e)), errors[0])


def _receipt(shell: Shell, path: Path | None, data: bytes) -> Receipt:
    from hinomi.runtime.translog.trust import Receipt  # noqa: PLC0415

    if path is None:
        return _trust(shell).receipt(sha256(data).digest())
    try:
        return msgspec.json.decode(_read(path), type=Receipt)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise InputError(
            f"{path} is no receipt ({error}).", f"{path}は受領証ではありません。"
        ) from None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}.", f"{path}を読めません。") from None


def _trust(shell: Shell) -> Trust:
    from hinomi.runtime import folder  # noqa: PLC0415
    from hinomi.runtime.translog.trust import Trust  # noqa: PLC0415

    return Trust(folder.existing(shell.data))


@click.group("log", help=help_text("透明性ログと署名鍵。", "The transparency log and its keys."))
def log_command() -> None:
    """Hold the subcommands."""


@log_command.command("status", help=help_text("件数・先頭・鍵。", "Size, head and keys."))
@common
def log_status(shell: Shell) -> None:
    """Show the log, its keys and what is remembered of partners."""
    shell.operator()
    trust = _trust(shell)
    size, head = trust.checkpoint()
    certificates = trust.signer.certificates()
    seen = trust.log.witnesses()
    if shell.as_json:
        shell.give({"size": size, "checkpoint": head, "keys": certificates, "witnessed": seen})
        return
    click.echo(head, nl=False)
    shell.table(
        ["key", "since", "until", "revoked", "ML-DSA-65"],
        [
            (
                c.key, shown(c.since), shown(c.until), c.reason or shown(c.revoked_at),
                "yes" if c.ml_dsa_65 else "no",
            )
            for c in certificates
        ],
    )  # fmt: skip
    if seen:
        shell.table(["partner node", "entries seen", "at"], seen)


@log_command.command(
    "receipt",
    help=help_text("公開物の証明を書き出します。", "Write the proof for what was published."),
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True,
              help=help_text("出力先", "File to write."))  # fmt: skip
@common
def log_receipt(shell: Shell, file: Path, out: Path) -> None:
    """Write a receipt that goes with a file."""
    found = _trust(shell).receipt(sha256(_read(file)).digest())
    out.write_bytes(msgspec.json.encode(found))
    shell.say(f"{out}に書きました。", f"Wrote {out}.")


@log_command.command("export", help=help_text("ログ全体を書き出します。", "Write the whole log."))
@click.argument("file", type=click.Path(path_type=Path))
@common
def log_export(shell: Shell, file: Path) -> None:
    """Write the log, audit entries included: for the operator alone."""
    from hinomi.runtime.translog import proving  # noqa: PLC0415

    shell.operator()
    count = proving.export(_trust(shell), file)
    shell.say(f"{count:,}件を{file}に書きました。", f"Wrote {count:,} entries to {file}.")


@log_command.command("rotate", help=help_text("署名鍵を新しくします。", "Begin a new signing key."))
@click.option("--overlap-days", type=click.IntRange(0, 365), default=7, show_default=True,
              help=help_text("旧鍵が有効な日数", "Days it may still sign."))  # fmt: skip
@common
def log_rotate(shell: Shell, overlap_days: int) -> None:
    """Rotate the signing key."""
    shell.operator()
    made = _trust(shell).signer.rotate(timedelta(days=overlap_days))
    shell.say(f"新しい署名鍵: {made.key}", f"The signing key is now {made.key}.")


@log_command.command("revoke", help=help_text("署名鍵を失効させます。", "Revoke a signing key."))
@click.argument("key")
@click.option("--reason", required=True, help=help_text("理由", "Why."))
@common
def log_revoke(shell: Shell, key: str, reason: str) -> None:
    """Revoke a signing key: what is logged from now on is not believed of it."""
    shell.operator()
    _trust(shell).signer.revoke(key, reason)
    shell.say(f"{key}を失効させました。", f"{key} is revoked.")
