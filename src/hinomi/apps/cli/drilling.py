"""``hinomi drill``: play an exercise, lead it, write one's own."""

from __future__ import annotations

import threading
import uuid
from datetime import date
from pathlib import Path
from typing import Any

import click

from hinomi.apps.cli.shell import Bar, Shell, common, help_text
from hinomi.kernel.errors import DataError, InputError, Problem
from hinomi.runtime.config import DRILL


class _Drill(click.Group):
    """``hinomi drill NAME`` plays; the words of its commands are no drills' names."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return super().get_command(ctx, cmd_name) or self.commands["play"]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        first = next((a for a in args if not a.startswith("-")), None)
        if first not in self.commands and not {"-h", "--help"} & set(args[:1]):
            args = ["play", *args]
        return super().parse_args(ctx, args)


@click.group(
    "drill",
    cls=_Drill,
    help=help_text(
        "訓練: hinomi drill typhoon --speed 60 で再生。自分の訓練は hinomi drill new FILE。",
        "Exercises: 'hinomi drill typhoon --speed 60' plays one; 'new FILE' begins your own.",
    ),
)
def drill_command() -> None:
    """Hold the commands."""


_speed = click.option(
    "--speed",
    type=click.FloatRange(0.01, 1e6),
    default=60.0,
    show_default=True,
    help=help_text("実際の何倍の速さで流すか", "Times as fast as life."),
)


@drill_command.command(
    "play",
    help=help_text("訓練を流します(名前かファイル)。", "Play a drill, or a scenario's file."),
)
@click.argument("name", default=DRILL)
@_speed
@common
def play_command(shell: Shell, name: str, speed: float) -> None:
    """Play a drill."""
    from hinomi.runtime.desk import open_desk  # noqa: PLC0415

    shell.operator()
    desk = open_desk(shell.data, "drill")
    stop = threading.Event()
    try:
        with Bar(shell, shell.text("訓練", "Drill")) as watch:
            desk.drill(name, speed, watch=watch, stop=stop)
    finally:
        stop.set()
        desk.close()
    shell.say("訓練を終えました。", "The drill is over.")


@drill_command.command("list", help=help_text("備え付けの訓練", "The shipped drills."))
@common
def list_command(shell: Shell) -> None:
    """List the shipped drills."""
    from hinomi.runtime.drill import library  # noqa: PLC0415

    if shell.as_json:
        shell.give([{"name": n, "ja": t.ja, "en": t.en} for n, t in library.SHIPPED.items()])
    for name, text in library.SHIPPED.items():
        shell.say(f"{name}  {text.ja}", f"{name}  {text.en}")


@drill_command.command(
    "check",
    help=help_text("シナリオを点検します(全ての誤りを行番号つきで)。", "Find a scenario's faults."),
)
@click.argument("file")
@common
def check_command(shell: Shell, file: str) -> None:
    """Check a scenario: all faults by line, then a rehearsal through the real sources."""
    from hinomi.runtime.clock import now  # noqa: PLC0415
    from hinomi.runtime.drill import checking, library  # noqa: PLC0415
    from hinomi.vocabulary.times import day_in_japan  # noqa: PLC0415

    on: date = day_in_japan(now())
    scenario, problems = checking.check(library.data_of(file), file, on, now())
    faults = [p for p in problems if p.grade == "error"]
    if faults or scenario is None:
        raise DataError([p.within(file) for p in faults or problems])
    _tell(shell, file, problems)
    length = scenario.length
    shell.say(
        f"誤りはありません: 「{scenario.title}」 {len(scenario.events)}件、{length}",
        f"No faults: {scenario.title!r}, {len(scenario.events)} events, {length}.",
    )


@drill_command.command(
    "new",
    help=help_text(
        "自分の市町村のシナリオのひな型を書きます。",
        "Write an example for your own municipalities.",
    ),
)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--area",
    default="",
    help=help_text("府県予報区(石川県)か市町村", "A 府県予報区 (石川県) or a municipality."),
)
@common
def new_command(shell: Shell, file: Path, area: str) -> None:
    """Write a commented example."""
    from hinomi.runtime.clock import now  # noqa: PLC0415
    from hinomi.runtime.drill import example  # noqa: PLC0415
    from hinomi.vocabulary.times import day_in_japan  # noqa: PLC0415

    if file.exists():
        raise InputError(f"{file} exists already.", f"{file}は既にあります。")
    reader = None if not (shell.data / "hinomi.db").exists() else shell.reader(status="actual")
    file.write_bytes(example.write(reader, area, day_in_japan(now())))
    shell.say(
        f"{file} を書きました。直したら: hinomi drill check {file}",
        f"Wrote {file}. After editing: hinomi drill check {file}",
    )


@drill_command.command("status", help=help_text("訓練の進行", "How the exercise stands."))
@common
def status_command(shell: Shell) -> None:
    """Tell how the latest exercise stands."""
    from hinomi.runtime.clock import now  # noqa: PLC0415
    from hinomi.runtime.drill.looking import standing  # noqa: PLC0415

    found = standing(shell.reader(status="exercise"), now())
    if shell.as_json:
        shell.give(found)
    if found is None:
        shell.say("訓練はまだ行われていません。", "There has been no exercise.")
        return
    where = f"{found['time']} / {found['length']} {found['phase']}"
    shell.say(
        f"{found['title']}: {found['words_ja']} {where}",
        f"{found['title']}: {found['words_en']} {where}",
    )


def _direct(shell: Shell, **direction: Any) -> None:
    """Write a command for the server's conductor."""
    from hinomi.runtime import folder  # noqa: PLC0415
    from hinomi.runtime.desk import RemoteDesk  # noqa: PLC0415
    from hinomi.runtime.drill.directing import record  # noqa: PLC0415

    shell.operator()
    path = folder.socket_path(shell.data)
    if not path.exists():
        raise InputError(
            "No server runs on this data; start one with hinomi run.",
            "このデータのサーバが動いていません。hinomi runで起動してください。",
        )
    from hinomi.runtime.clock import now  # noqa: PLC0415

    desk = RemoteDesk(path)
    key = uuid.uuid4().hex
    try:
        desk.append([record(key, now(), by="operator", **direction)])
        _answered(shell, key)
    finally:
        desk.close()


def _answered(shell: Shell, key: str) -> None:
    """Wait for the conductor's answer, and raise its refusal."""
    from hinomi.runtime.drill.looking import answered  # noqa: PLC0415

    refusal = answered(lambda: shell.reader(status="exercise"), key)
    if refusal is not None and refusal.en:
        raise InputError(refusal.en, refusal.ja)
    shell.say("指示しました。", "Done.")


@drill_command.command("start", help=help_text("サーバで始めます。", "Start in the server."))
@click.argument("name", default=DRILL)
@_speed
@common
def start_command(shell: Shell, name: str, speed: float) -> None:
    """Start an exercise in the server, and come back at once."""
    full = str(Path(name).absolute()) if Path(name).is_file() else name
    _direct(shell, command="start", scenario=full, speed=speed)


@drill_command.command("pause", help=help_text("一時停止", "Pause."))
@common
def pause_command(shell: Shell) -> None:
    """Pause."""
    _direct(shell, command="pause")


@drill_command.command("resume", help=help_text("再開", "Go on."))
@common
def resume_command(shell: Shell) -> None:
    """Go on."""
    _direct(shell, command="resume")


@drill_command.command("speed", help=help_text("速さを変える", "Change the speed."))
@click.argument("speed", type=float)
@common
def speed_command(shell: Shell, speed: float) -> None:
    """Change the speed."""
    _direct(shell, command="speed", speed=speed)


@drill_command.command("jump", help=help_text("局面か時刻へ移る", "Go to a phase or a time."))
@click.argument("phase")
@common
def jump_command(shell: Shell, phase: str) -> None:
    """Go to a phase."""
    _direct(shell, command="jump", phase=phase)


@drill_command.command("stop", help=help_text("途中で終える", "End it now."))
@common
def stop_command(shell: Shell) -> None:
    """End it."""
    _direct(shell, command="stop")


@drill_command.command(
    "inject",
    help=help_text(
        "出来事をいま入れる(例: 通行止 --where 土手町 --text 国道が崩れた)",
        "Inject an event now, as a row of a scenario.",
    ),
)
@click.argument("what")
@click.option("--where", default="", help="対象")
@click.option("--value", default="", help="値")
@click.option("--text", default="", help="文")
@click.option("--lon", default="", help="経度")
@click.option("--lat", default="", help="緯度")
@click.option("--expected", default="", help="期待する行動")
@click.option("--within", default="", help="期限(分)")
@click.option("--clues", default="", help="手がかり")
@common
def inject_command(shell: Shell, **cells: str) -> None:
    """Inject an event."""
    _direct(shell, command="inject", event={k: v for k, v in cells.items() if v})


def _tell(shell: Shell, file: str, problems: list[Problem]) -> None:
    if shell.as_json:
        shell.give([{"path": p.path, "grade": p.grade, "ja": p.text.ja, "en": p.text.en,
                     "found": p.found} for p in problems])  # fmt: skip
        return
    for p in problems:
        found = f" [{p.found}]" if p.found else ""
        shell.say(f"{file}{p.path}: {p.text.ja}{found}", f"{file}{p.path}: {p.text.en}{found}")
