"""``hinomi simulate``."""

from __future__ import annotations

import re
import threading
from pathlib import Path

import click

from hinomi.apps.cli.shell import Shell, common, help_text
from hinomi.apps.cli.simulating_flood import flood_command
from hinomi.kernel.errors import InputError

_RATE = re.compile(r"(\d{1,7}(?:\.\d{1,3})?)/(s|min|h)")
_SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0}


@click.group("simulate", help=help_text("模擬データを流します。", "Send simulated data."))
def simulate_command() -> None:
    """Hold what can be simulated."""


simulate_command.add_command(flood_command)


@simulate_command.command(
    "sensors",
    help=help_text(
        "浸水センサの町を作り、浸水が広がるメッセージを送ります(沈黙とばたつきを含む)。",
        "Make a town of flood sensors and send a flood, silence and flapping included.",
    ),
)
@click.option("--count", type=click.IntRange(1, 1_000_000), default=10_000, show_default=True)
@click.option(
    "--rate",
    default="1/min",
    show_default=True,
    help=help_text(
        "センサー1台あたり(1/s, 1/min, 6/h)", "Messages of each sensor: 1/s, 1/min, 6/h."
    ),
)
@click.option("--mqtt", metavar="URL", help=help_text("送り先のブローカー", "Broker to send to."))
@click.option("--http", "address", metavar="URL", help=help_text("送り先のサーバ", "Server."))
@click.option("--key", default="", envvar="HINOMI_KEY", help=help_text("APIキー", "API key."))
@click.option(
    "--form",
    type=click.Choice(["sensorthings", "chirpstack", "plain"]),
    default="sensorthings",
    show_default=True,
)
@click.option(
    "--messages",
    "most",
    type=click.IntRange(0),
    default=0,
    help=help_text("この数で終わる(0は止めるまで)", "End after so many; 0: until stopped."),
)
@click.option(
    "--list",
    "list_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help=help_text("一覧のCSVを書くだけ", "Only write the list of sensors as CSV."),
)
@click.option(
    "--status", type=click.Choice(["actual", "exercise", "test"]), default="test", show_default=True
)
@common
def sensors_command(  # noqa: PLR0913 - one parameter an option
    shell: Shell,
    *,
    count: int,
    rate: str,
    mqtt: str | None,
    address: str | None,
    key: str,
    form: str,
    most: int,
    list_file: Path | None,
    status: str,
) -> None:
    """Simulate flood sensors."""
    # Imported here: the other commands simulate nothing.
    from hinomi.runtime import simulate, simulate_sending  # noqa: PLC0415
    from hinomi.runtime.clock import now  # noqa: PLC0415

    per_s = rate_of(rate) * count
    town = simulate.sensors(count)
    if list_file is not None:
        list_file.write_bytes(simulate.as_list(town, max(3.0 * count / per_s, 60.0), status))
        _tell(shell, {"sensors": count, "list": str(list_file)})
        return
    if (mqtt is None) is (address is None):
        raise InputError("Give one of --mqtt, --http and --list.", "--mqttか--httpを指定します。")
    stop = threading.Event()
    kind = "chirpstack" if address else form
    given = simulate.messages(town, now(), per_s, kind, status)  # type: ignore[arg-type]
    try:
        if mqtt is not None:
            sent = simulate_sending.send_mqtt(mqtt, given, most, stop)
        else:
            where = f"{address}/hooks/chirpstack?event=up&status={status}"
            sent = simulate_sending.send_http(where, key, given, most, stop)
    except KeyboardInterrupt:
        stop.set()
        return
    _tell(shell, {"sensors": count, "sent": sent})


def _tell(shell: Shell, done: dict[str, object]) -> None:
    if shell.as_json:
        shell.give(done)
        return
    count, what = done.values()
    shell.say(f"センサー{count}台: {what}", f"{count} sensors: {what}")


def rate_of(text: str) -> float:
    """Return messages a second of ``1/s``, ``6/h`` and the like."""
    match = _RATE.fullmatch(text)
    if match is None or float(match.group(1)) <= 0:
        raise InputError(
            f"--rate {text!r}: expected 1/s, 2/min, 6/h.", "--rateが正しくありません。"
        )
    return float(match.group(1)) / _SECONDS[match.group(2)]
