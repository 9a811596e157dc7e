"""``hinomi run``."""

from __future__ import annotations

import sys
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click
import msgspec

from hinomi.apps.cli.shell import Shell, common, help_text
from hinomi.kernel.errors import InputError

if TYPE_CHECKING:
    from hinomi.runtime.config import Config
    from hinomi.runtime.roles import Role

APP = "hinomi.apps.web.app:create_app"


@click.command(
    "run",
    help=help_text(
        "サーバを動かします(書き込み1プロセスと、読み取りのWebプロセス)。",
        "Run the server: one writer, web workers beside it.",
    ),
)
@click.option(
    "--watch",
    multiple=True,
    type=click.Path(file_okay=False),
    help=help_text("このフォルダに来るファイルを取り込む", "Take what comes into a folder."),
)
@click.option(
    "--feed",
    multiple=True,
    metavar="URL",
    help=help_text("Atomフィード(jmaで気象庁の全て)", "Atom feed; 'jma' is all of JMA's."),
)
@click.option(
    "--nmea",
    multiple=True,
    metavar="URL",
    help=help_text(
        "みちびき受信機: tcp://HOST:PORT か serial:/dev/ttyUSB0",
        "QZSS receiver: tcp://HOST:PORT or serial:/dev/ttyUSB0",
    ),
)
@click.option(
    "--mqtt", metavar="URL", help=help_text("センサーのMQTTブローカー", "MQTT broker of sensors.")
)
@click.option("--port", type=click.IntRange(0, 65535), help="8470")
@click.option("--host", help="127.0.0.1")
@click.option(
    "--workers", type=click.IntRange(1, 64), help=help_text("Webプロセス数", "Web workers.")
)
@click.option(
    "--no-drill", is_flag=True, help=help_text("訓練を流さない", "Do not play the shipped drill.")
)
@click.option(
    "--drill",
    metavar="NAME|FILE",
    help=help_text("流す訓練(名前かシナリオのファイル)", "The drill to play, by name or file."),
)
@click.option(
    "--role",
    type=click.Choice(["all", "api", "ingest", "models"]),
    default="all",
    show_default=True,
    envvar="HINOMI_ROLE",
    help=help_text("このプロセスの役割(PostgreSQL)", "What this process does (PostgreSQL)."),
)
@click.option(
    "--nats",
    multiple=True,
    metavar="URL",
    envvar="HINOMI_NATS",
    help=help_text("NATSサーバ(複数可)", "NATS servers: wake-ups and the models' queue."),
)
@click.option(
    "--open/--no-open",
    "opens",
    default=True,
    help=help_text("ブラウザを開く", "Open the page in a browser, where a terminal asks."),
)
@common
def run_command(
    shell: Shell,
    *,
    no_drill: bool,
    drill: str | None,
    opens: bool,
    mqtt: str | None,
    **options: object,
) -> None:
    """Run the server."""
    # Imported here: the other commands need no server.
    from hinomi.runtime import config  # noqa: PLC0415
    from hinomi.runtime.hub import Hub  # noqa: PLC0415
    from hinomi.runtime.people import People  # noqa: PLC0415

    shell.operator()
    role, nats = cast("Role", options.pop("role")), cast("tuple[str, ...]", options.pop("nats"))
    found = config.read(shell.data)
    names = {
        "watch": "watch",
        "feed": "feeds",
        "nmea": "nmea",
        "port": "port",
        "host": "host",
        "workers": "workers",
    }
    given = {names[k]: v for k, v in options.items() if v is not None and v != ()}
    if mqtt:
        from hinomi.runtime.mqtt.settings import Mqtt  # noqa: PLC0415

        kept = found.mqtt or Mqtt(url=mqtt)
        given["mqtt"] = msgspec.structs.replace(kept, url=mqtt)
    if no_drill:
        given["drill"] = False
    elif drill:
        given["drill"] = checked(drill)
    settings = msgspec.structs.replace(found, **given)
    _check_lines(settings)
    hub = Hub(shell.data, settings, APP, role=role, nats=nats)
    if role != "all":
        shell.say(
            f"火の見 {role} {hub.address}/ (データ: {shell.data})",
            f"Hinomi {role} {hub.address}/ (data: {shell.data})",
        )
        hub.run()
        return
    status = "&status=exercise" if settings.drill else ""
    link = f"{hub.address}/?part=hq{status}#sign-in={People(shell.data).link()}"
    if shell.as_json:
        shell.give({"address": hub.address, "data": str(shell.data), "sign_in": link})
    shell.say(
        f"火の見 {hub.address}/ (データ: {shell.data}、止めるにはCtrl-C)",
        f"Hinomi {hub.address}/ (data: {shell.data}; Ctrl-C stops)",
    )
    if settings.drill:
        shell.say(
            f"訓練を再生中: {hub.address}/?status=exercise",
            f"A drill is playing: {hub.address}/?status=exercise",
        )
    shell.say(
        f"記録を書くには(一度だけ有効なリンク): {link}",
        f"To write, sign in by this link (it works once): {link}",
    )
    if opens and not shell.as_json and sys.stdout.isatty():
        webbrowser.open(link)
    hub.run()


def _check_lines(settings: Config) -> None:
    """Refuse lines that can never answer, before anything runs."""
    for feed in settings.feeds:
        if feed != "jma" and not feed.startswith(("http://", "https://")):
            raise InputError(
                f"--feed {feed!r}: an address begins with http:// or https://; 'jma' is all JMA's.",
                f"--feed「{feed}」: http://かhttps://で始まるアドレス、またはjmaです。",
            )
    for receiver in settings.nmea:
        from hinomi.runtime.nmea import check  # noqa: PLC0415

        check(receiver)


def checked(drill: str) -> str:
    """Return a drill's name or its file's full path, once it is known to have no faults."""
    from hinomi.runtime.clock import now  # noqa: PLC0415
    from hinomi.runtime.drill import library  # noqa: PLC0415
    from hinomi.vocabulary.times import day_in_japan  # noqa: PLC0415

    library.load(drill, day_in_japan(now()))
    return drill if drill in library.SHIPPED else str(Path(drill).absolute())


def page() -> Path:
    """Return where the built page lies."""
    return Path(__file__).resolve().parents[1] / "web" / "page" / "index.html"
