"""``hinomi peer``: partner nodes, what each is shown, and how it is doing."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from hinomi.apps.cli.shell import Shell, common, help_text
from hinomi.apps.cli.times import shown
from hinomi.kernel.errors import InputError, MissingError, Text
from hinomi.kernel.marking import Disclosure, Status
from hinomi.runtime import folder, ledger
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.operations import Alarm

if TYPE_CHECKING:
    from hinomi.runtime.federation.agreement import Agreement

GRAVE = frozenset({"federation.history", "federation.signature"})
"""Alarms of partners that are not over when the line is good again."""


@click.group("peer", help=help_text("連携先(ほかのノード)。", "Partner nodes."))
def peer_command() -> None:
    """Hold the subcommands."""


@peer_command.command(
    "key", help=help_text("このノードの公開鍵(連携先に渡す)。", "This node's public key.")
)
@common
def peer_key(shell: Shell) -> None:
    """Print what a partner pins."""
    from hinomi.runtime.federation import nodekey  # noqa: PLC0415

    shell.operator()
    shell.data.mkdir(parents=True, exist_ok=True)
    key = nodekey.load(shell.data)
    if shell.as_json:
        shell.give({"node": key.node, "key": nodekey.text_of(key.public)})
    else:
        click.echo(nodekey.text_of(key.public))


@peer_command.command(
    "add",
    help=help_text(
        "連携先を加えます(同じ名前と鍵なら協定を書き換えます)。",
        "Add a partner, or change the agreement with one of the same name and key.",
    ),
)
@click.argument("name")
@click.option("--key", required=True, help=help_text("相手の公開鍵", "The partner's public key."))
@click.option("--url", default="", help=help_text("相手の住所", "Its address, if any."))
@click.option("--pull/--no-pull", default=True, help=help_text("取りに行く", "Ask it for news."))
@click.option("--push", is_flag=True, help=help_text("送りに行く", "Send it ours."))
@click.option(
    "--show",
    "collections",
    multiple=True,
    metavar="COLLECTION",
    help=help_text("見せるもの(response.*や*も可)", "What it is shown: NAME, DOMAIN.*, *."),
)
@click.option("--area", "areas", multiple=True, help=help_text("地域コード", "Only these areas."))
@click.option(
    "--status",
    "statuses",
    multiple=True,
    type=click.Choice([s.value for s in Status]),
    default=("actual",),
    show_default=True,
    help=help_text("見せる区分", "Statuses that it is shown."),
)
@click.option("--disclosure", default="CLEAR", show_default=True,
              help=help_text("最も高いTLP", "Highest TLP label."))  # fmt: skip
@click.option("--audience", multiple=True, help=help_text("相手の機関", "Whom it acts for."))
@click.option(
    "--take",
    "takes",
    multiple=True,
    default=("*",),
    show_default=True,
    metavar="COLLECTION",
    help=help_text("受け取るもの", "What is taken from it."),
)
@click.option(
    "--take-status",
    "take_statuses",
    multiple=True,
    type=click.Choice([s.value for s in Status]),
    default=tuple(s.value for s in Status),
    help=help_text("受け取る区分", "Statuses that are taken from it."),
)
@click.option(
    "--take-source",
    "take_sources",
    multiple=True,
    default=("*",),
    show_default=True,
    metavar="SOURCE",
    help=help_text(
        "誰の発表を受け取るか(town-17*も可)", "For whom it may speak: NAME, BEGINNING*."
    ),
)
@click.option("--history", "history_h", type=click.FloatRange(0), default=24.0, show_default=True,
              help=help_text("初回に受ける履歴(時間)", "History at first [h]."))  # fmt: skip
@click.option("--ca-file", default="", help=help_text("認証局", "Certificates of its server."))
@click.option("--cert-file", default="",
              help=help_text("自分の証明書と鍵(PEM)", "Ours, for mutual TLS."))  # fmt: skip
@common
def peer_add(shell: Shell, *, name: str, key: str, history_h: float, **given: object) -> None:
    """Add a partner."""
    from hinomi.runtime.federation import certificates, nodekey  # noqa: PLC0415
    from hinomi.runtime.federation.agreement import Agreement, Peer  # noqa: PLC0415
    from hinomi.runtime.federation.registry import Registry  # noqa: PLC0415

    shell.operator()
    public = nodekey.public_of(key)
    own = nodekey.load(folder_of(shell))
    if public == own.public:
        raise InputError("This is the node's own key.", "このノード自身の鍵です。")
    terms = ("collections", "areas", "statuses", "disclosure", "audience")
    shows = msgspec.convert({n: given.pop(n) for n in terms}, Agreement)
    Disclosure.of(shows.disclosure)
    _check_names((*shows.collections, *_names(given["takes"])))
    names = {"pull": "pulls", "push": "pushes"}
    settings = {names.get(n, n): value for n, value in given.items()}
    peer = msgspec.convert(
        {**settings, "name": name, "public": public, "node": nodekey.node_of(public),
         "history_s": history_h * 3600.0}, Peer,
    )  # fmt: skip
    peer = msgspec.structs.replace(peer, shows=shows)
    if peer.url and not peer.url.startswith(("http://", "https://")):
        raise InputError(f"--url {peer.url!r}: expected http(s)://…")
    # A server runs elsewhere than this command; and it is told now what it could not use then.
    absolute = {
        n: str(Path(f).absolute()) for n in ("ca_file", "cert_file") if (f := str(given[n]))
    }
    peer = msgspec.structs.replace(peer, **absolute)
    certificates.context_of(peer)
    Registry(shell.data).add(peer)
    shell.say(
        f"連携先「{name}」({peer.node})を登録しました。見せるもの: {_terms(peer.shows)}",
        f"Partner {name} ({peer.node}) is set; it is shown: {_terms(peer.shows)}",
    )
    if peer.url.startswith("http://"):
        shell.note(
            "http://は暗号化されません。専用線かVPN以外ではhttps://を使ってください。",
            "http:// is not encrypted; use https:// on anything but a private line.",
        )


@peer_command.command("list", help=help_text("連携先の一覧。", "All partners."))
@common
def peer_list(shell: Shell) -> None:
    """List partners and what they are shown."""
    from hinomi.runtime.federation import nodekey  # noqa: PLC0415
    from hinomi.runtime.federation.registry import Registry  # noqa: PLC0415

    shell.operator()
    peers = Registry(folder_of(shell)).every()
    if shell.as_json:
        shell.give([{**msgspec.to_builtins(p), "public": nodekey.text_of(p.public)} for p in peers])
        return
    shell.table(
        ["name", "node", "url", "shows", "takes", "of sources"],
        [
            (p.name, p.node, p.url, _terms(p.shows), ", ".join(p.takes), ", ".join(p.take_sources))
            for p in peers
        ],
    )


@peer_command.command("status", help=help_text("遅れと障害。", "Lag and trouble of each."))
@common
def peer_status(shell: Shell) -> None:
    """Show how partners are doing."""
    shell.operator()
    partners = shell.service().partners
    lags = partners().lags() if partners is not None else []
    grave = _grave(shell)
    if shell.as_json:
        shell.give(
            [{**msgspec.to_builtins(one), "alarms": grave.get(one.name, [])} for one in lags]
        )
        return
    shell.table(
        ["name", "way", "missing", "to send", "heard", "level", "records", "readings", "trouble"],
        [
            (
                one.name, one.direction, one.missing, one.to_send, _moment(one.heard_at),
                _moment(one.level_at), one.records, one.readings,
                "; ".join([*grave.get(one.name, []), *([one.error] if one.error else [])])
                or (f"refused {one.refused}" if one.refused else ""),
            )
            for one in lags
        ],
    )  # fmt: skip


def _grave(shell: Shell) -> dict[str, list[str]]:
    """Return what is wrong with partners' keys and logs: it stands until somebody has looked."""
    found: dict[str, list[str]] = {}
    for item in ledger.alarm_records(shell.service().store):
        alarm = msgspec.convert(item.body(), Alarm)
        if alarm.code in GRAVE:
            name = alarm.source_id.removeprefix("peer:")
            found.setdefault(name, []).append(shell.text(alarm.text_ja, alarm.text_en))
    return found


@peer_command.command(
    "remove", help=help_text("連携先を外します。", "Forget a partner; what it said stays.")
)
@click.argument("name")
@common
def peer_remove(shell: Shell, *, name: str) -> None:
    """Remove a partner."""
    from hinomi.runtime.federation.registry import Registry  # noqa: PLC0415

    shell.operator()
    Registry(folder_of(shell)).remove(name)
    shell.say(f"連携先「{name}」を外しました。", f"Partner {name} was removed.")


@peer_command.command(
    "blob",
    help=help_text(
        "連携先から来た記録の原文を取り寄せます。",
        "Fetch the raw bytes that led to a partner's record, and keep them.",
    ),
)
@click.argument("record")
@common
def peer_blob(shell: Shell, *, record: str) -> None:
    """Fetch a blob by demand."""
    from hinomi.runtime.desk import open_desk  # noqa: PLC0415
    from hinomi.runtime.federation.blobs import fetch  # noqa: PLC0415

    shell.operator()
    trace = shell.reader(status="any").trace(record)
    data = fetch(folder_of(shell), trace)
    desk = open_desk(shell.data, "peer blob")
    try:
        digest = desk.keep(data)
    finally:
        desk.close()
    shell.say(f"原文 {digest} ({len(data)} B)", f"Raw bytes {digest} ({len(data)} B)")


@peer_command.command(
    "run",
    help=help_text(
        "軽いノード: 画面なし、1プロセスで書き込みと連携だけを行います。",
        "A light node: one process that writes and follows partners, without a page.",
    ),
)
@common
def peer_run(shell: Shell) -> None:
    """Run a light node."""
    from hinomi.runtime.peer_node import Node  # noqa: PLC0415

    shell.operator()
    Node(shell.data).run()


def folder_of(shell: Shell) -> Path:
    """Return the data folder, which must be there."""
    return folder.existing(shell.data)


def _names(value: object) -> tuple[str, ...]:
    return msgspec.convert(value, tuple[str, ...])


def _check_names(patterns: tuple[str, ...]) -> None:
    known = default_catalog().collections
    for pattern in patterns:
        if pattern == "*" or pattern in known:
            continue
        if pattern.endswith(".*") and any(name.startswith(pattern[:-1]) for name in known):
            continue
        raise MissingError(Text("コレクション", "collection"), pattern, known)


def _terms(shows: Agreement) -> str:
    parts = [
        ", ".join(shows.collections) or "-",
        f"TLP:{shows.disclosure}",
        "+".join(shows.statuses),
        f"[{', '.join(shows.audience)}]" if shows.audience else "",
        f"area {', '.join(shows.areas)}" if shows.areas else "",
    ]
    return " ".join(part for part in parts if part)


def _moment(seconds: float) -> str:
    return shown(datetime.fromtimestamp(seconds, UTC)) if seconds else "-"
