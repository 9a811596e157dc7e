"""``hinomi workbench``: cases, runs under changes, comparisons, scores of any BMI model."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click
import msgspec

from hinomi.apps.cli.shell import Bar, Shell, common, help_text
from hinomi.kernel.errors import MissingError, Text
from hinomi.kernel.marking import Disclosure, Marking, Status

if TYPE_CHECKING:
    from hinomi.domains.hazards.collections.scenarios import Changes, ScenarioRun, Score
    from hinomi.kernel.records import Record

_FILE = click.Path(dir_okay=False, path_type=Path)
_STATUS = click.option(
    "--status", type=click.Choice([s.value for s in Status]), default="test", show_default=True
)


@click.group(
    "workbench",
    help=help_text(
        "浸水シナリオの作業台(流域治水デジタルテストベッド): 条件を変えて計算し、並べて比べます。",
        "The scenario workbench: change conditions, run, compare side by side.",
    ),
)
def workbench_command() -> None:
    """Hold what the workbench does."""


@workbench_command.command(
    "add",
    help=help_text(
        "ケースを登録します(画面で条件を変えて計算できます)。書き方: docs/how-to/workbench.md",
        "Add a case, to be run from the dashboard too. How to write one: docs/how-to/workbench.md",
    ),
)
@click.argument("case", type=_FILE)
@click.option("--name", help=help_text("キー(既定はファイル名)", "Its key; the file's name."))
@_STATUS
@click.option(
    "--disclosure",
    type=click.Choice([d.label for d in Disclosure]),
    default="AMBER",
    show_default=True,
    help=help_text("開示(TLP)。計算結果は常にAMBER以上", "TLP; runs are AMBER or stricter."),
)
@click.option("--audience", multiple=True, help=help_text("見てよい組織", "Who may see it."))
@common
def add_command(
    shell: Shell, *, case: Path, name: str | None, status: str, disclosure: str,
    audience: tuple[str, ...],
) -> None:  # fmt: skip
    """Add a case."""
    shell.operator()
    marking = Marking(Status(status), Disclosure.of(disclosure), audience)
    record, ground = _case(shell, case, name, marking)
    _keep(shell, [record], [ground])
    body = record.body
    shell.say(
        f"{record.key}: {body.title}({body.rows}×{body.columns}セル、{marking})",
        f"{record.key}: {body.title} ({body.rows} x {body.columns} cells, {marking})",
    )
    shell.give({"case": record.key}) if shell.as_json else None


@workbench_command.command(
    "run",
    help=help_text(
        "ケースを計算します。CASEは登録したキーか.tomlファイル。--changesに変更のTOML。",
        "Run a case: its key, or a .toml file. --changes is a TOML of what to change.",
    ),
)
@click.argument("case")
@click.option("--changes", "changed", type=_FILE, help=help_text("変更のTOML", "Changes as TOML."))
@click.option("--title", default="", help=help_text("計算の名称", "The run's title."))
@click.option(
    "--dry-run", is_flag=True, help=help_text("記録しない", "Compute, but record nothing.")
)
@click.option(
    "--limit", type=float, help=help_text("計算量の上限(セル×ステップ)", "Most cells x steps.")
)
@_STATUS
@common
def run_command(  # noqa: PLR0913 - one parameter an option
    shell: Shell, *, case: str, changed: Path | None, title: str, dry_run: bool,
    limit: float | None, status: str,
) -> None:  # fmt: skip
    """Run a case here, and record it."""
    # Imported here: numba and xarray take a second.
    from hinomi.domains.hazards.workbench import records, running  # noqa: PLC0415
    from hinomi.runtime.clock import now  # noqa: PLC0415
    from hinomi.runtime.workbench.work import timed  # noqa: PLC0415

    if not dry_run:
        shell.operator()
    changes = _changes(changed)
    made: list[Record] = []
    if case.endswith(".toml"):
        marking = Marking(Status(status), Disclosure.AMBER)
        record, ground = _case(shell, Path(case), None, marking)
        made.append(record)
        stated, identity, key = record.body, record.identity(), record.key
    else:
        stated, identity, key, marking, ground = _known(shell, case, status)
    at = now()
    principal = shell.principal().name
    body = records.asked(
        stated, identity, key, changes, title=title, asked_by=principal, asked_at=at
    )
    task = running.Task(
        case=stated, changes=changes, ground=ground,
        starts_at=at.replace(second=0, microsecond=0),
        most_cell_steps=limit or running.MOST_CELL_STEPS,
    )  # fmt: skip
    with Bar(shell, stated.title):
        ended = timed(task, lambda _share: None)
    body = records.done(body, stated, ended.outcome, ended.cost)
    run = records.run_key(identity, changes, at, principal)
    own = records.closed(marking, Marking(marking.status, Disclosure.AMBER))
    made += [
        records.run_record(run, body, at, "hinomi", own, entered_by=principal, inputs=(identity,)),
        *records.map_records(run, body, ended.outcome, at, "hinomi", own),
    ]
    if not dry_run:
        _keep(shell, made, [ground, ended.outcome.extremes, ended.outcome.depths])
    _tell(shell, [{"key": run, "run": body, "scores": list(body.scores)}])


@workbench_command.command(
    "compare", help=help_text("計算を並べて比べます。", "Compare runs side by side.")
)
@click.argument("runs", nargs=-1, required=True)
@_STATUS
@common
def compare_command(shell: Shell, *, runs: tuple[str, ...], status: str) -> None:
    """Print runs side by side, with the scores of each against the first."""
    from hinomi.runtime.workbench.comparing import compared  # noqa: PLC0415

    _tell(shell, compared(shell.reader(status=status), runs))


@workbench_command.command(
    "list", help=help_text("ケースと計算の一覧", "List cases and their runs.")
)
@_STATUS
@common
def list_command(shell: Shell, *, status: str) -> None:
    """List cases and runs, the newest first."""
    from hinomi.domains.hazards.collections.scenarios import (  # noqa: PLC0415
        SCENARIO_CASES,
        SCENARIO_RUNS,
    )

    reader = shell.reader(status=status)
    cases = [item.properties() | {"key": item.key} for item in reader.every(SCENARIO_CASES.id)]
    runs = [item.properties() | {"key": item.key} for item in reader.every(SCENARIO_RUNS.id)]
    runs.sort(key=lambda one: str(one["asked_at"]), reverse=True)
    if shell.as_json:
        shell.give({"cases": cases, "runs": runs})
        return
    shell.table(
        [shell.text("ケース", "Case"), shell.text("題名", "Title"), shell.text("格子", "Cells")],
        [(c["key"], c["title"], f"{c['rows']} x {c['columns']}, {c['cell_m']:g} m") for c in cases],
    )
    shell.table(
        [shell.text("計算", "Run"), shell.text("題名", "Title"), shell.text("ケース", "Case"),
         shell.text("状態", "State")],
        [
            (r["key"], r["title"], r["case"], f"{r['state']} {r.get('progress', 0):.0%}")
            for r in runs
        ],
    )  # fmt: skip


@workbench_command.command(
    "score",
    help=help_text(
        "BMIのモデル(MODULE:CLASS)を動かし、観測との差と計算コストを測ります。",
        "Run a BMI model (MODULE:CLASS) on a case; tell its scores and its cost.",
    ),
)
@click.argument("model")
@click.argument("case", type=_FILE)
@common
def score_command(shell: Shell, *, model: str, case: Path) -> None:
    """Score a Basic Model Interface model."""
    from hinomi.domains.hazards.predict_inundation import decode_case  # noqa: PLC0415
    from hinomi.runtime.workbench import bmi_models  # noqa: PLC0415
    from hinomi.runtime.workbench.grounds import ground_of  # noqa: PLC0415

    if not case.is_file():
        raise MissingError(Text("ファイル", "file"), str(case))
    data = case.read_bytes()
    started = bmi_models.loaded(model)
    if bmi_models.is_flood_case(data):
        plan = decode_case(data)
        with TemporaryDirectory(prefix="hinomi-bmi-") as made:
            ground = ground_of(case.parent, plan, shell.reader)
            trial = bmi_models.of_flood_case(plan, ground, Path(made))
            found = bmi_models.tried(started, trial, Path(made))
    else:
        found = bmi_models.tried(started, bmi_models.decode_trial(data), case.parent)
    if shell.as_json:
        shell.give(found)
        return
    shell.say(
        f"{found.model}: CPU {found.cpu_s:.2f}秒、{found.wall_s:.2f}秒、{found.steps}ステップ",
        f"{found.model}: CPU {found.cpu_s:.2f} s, {found.wall_s:.2f} s, {found.steps} steps",
    )
    _scores(shell, [(found.model, list(found.scores))])


def _case(shell: Shell, path: Path, name: str | None, marking: Marking) -> tuple[Record, bytes]:
    """Return a file's case as its statement, and the ground's blob."""
    from hinomi.domains.hazards.predict_inundation import decode_case  # noqa: PLC0415
    from hinomi.domains.hazards.workbench.grounds import case_record, exposure_of  # noqa: PLC0415
    from hinomi.kernel.records import Origin  # noqa: PLC0415
    from hinomi.runtime.clock import now  # noqa: PLC0415
    from hinomi.runtime.workbench.grounds import beside, ground_of  # noqa: PLC0415

    if not path.is_file():
        raise MissingError(Text("ファイル", "file"), str(path))
    plan = decode_case(path.read_bytes())
    ground = ground_of(path.parent, plan, shell.reader)
    for told in ground.told:
        shell.say(told.ja, told.en)
    exposure = None
    if plan.exposure:
        what = Text("人口・建物のCSV", "CSV of people and buildings")
        exposure = exposure_of(beside(path.parent, plan.exposure, what), ground)
    return case_record(
        name or path.stem, plan, ground, exposure, marking, said_at=now(),
        made_from=f"{plan.dem} sha256:{ground.digest}", origin=Origin(address=str(path)),
    )  # fmt: skip


def _known(shell: Shell, key: str, status: str) -> tuple[Any, str, str, Marking, bytes]:
    from hinomi.domains.hazards.collections.scenarios import (  # noqa: PLC0415
        SCENARIO_CASES,
        ScenarioCase,
    )

    reader = shell.reader(status=status)
    known = [item.key for item in reader.every(SCENARIO_CASES.id)]
    if key not in known:
        raise MissingError(Text("ケース", "case"), key, known)
    item = reader.get(SCENARIO_CASES.id, key)
    case = msgspec.convert(item.body(), ScenarioCase)
    return case, item.id, item.key, item.marking, reader.blob(item, case.grid_digest)


def _changes(path: Path | None) -> Changes:
    from hinomi.domains.hazards.collections.scenarios import Changes  # noqa: PLC0415
    from hinomi.domains.hazards.predict_inundation import decoded  # noqa: PLC0415

    if path is None:
        return Changes()
    if not path.is_file():
        raise MissingError(Text("ファイル", "file"), str(path))
    return decoded(path.read_bytes(), Changes, Text("変更", "changes"))


def _keep(shell: Shell, records: list[Record], blobs: list[bytes]) -> None:
    from hinomi.runtime.desk import open_desk  # noqa: PLC0415

    desk = open_desk(shell.data, "workbench")
    try:
        for blob in blobs:
            desk.keep(blob)
        desk.append(records)
    finally:
        desk.close()


_ROWS = (
    ("deepest_m", "最大浸水深 m", "Greatest depth m", "{:.2f}"),
    ("area_m2", "浸水面積 m2", "Flooded area m2", "{:,.0f}"),
    ("volume_m3", "水量 m3", "Volume m3", "{:,.0f}"),
    ("earliest_arrival_min", "最も早い到達 分", "First reached min", "{:.0f}"),
    ("fastest_m_s", "最大流速 m/s", "Fastest m/s", "{:.2f}"),
    ("people", "浸水域の人口", "People inside", "{:,.0f}"),
    ("buildings", "浸水域の建物", "Buildings inside", "{:,.0f}"),
    ("balance_error", "水量の誤差", "Balance error", "{:.1e}"),
)


def _tell(shell: Shell, compared: list[dict[str, Any]]) -> None:
    """Print runs side by side."""
    if shell.as_json:
        shell.give(compared)
        return
    runs: list[ScenarioRun] = [one["run"] for one in compared]
    keys = [str(one["key"]) for one in compared]
    columns = ["", *(f"{key} {run.title}" for key, run in zip(keys, runs, strict=True))]
    rows = [[shell.text("状態", "State"), *(run.state for run in runs)]]
    for name, ja, en, form in _ROWS:
        said = [None if run.figures is None else getattr(run.figures, name) for run in runs]
        rows.append([shell.text(ja, en), *("–" if v is None else form.format(v) for v in said)])
    for rank in range(6):
        said = [run.figures.area_by_rank_m2[rank] if run.figures else None for run in runs]
        if any(said):
            name = shell.text(f"ランク{rank + 1} m2", f"Rank {rank + 1} m2")
            rows.append([name, *("–" if v is None else f"{v:,.0f}" for v in said)])
    rows.append([
        shell.text("計算", "Cost"),
        *(f"CPU {c.cpu_s:.1f} s, {c.cell_steps / 1e6:,.0f} M" if (c := run.cost) else "–"
          for run in runs),
    ])  # fmt: skip
    shell.table(columns, rows)
    _scores(shell, [(key, one["scores"]) for key, one in zip(keys, compared, strict=True)])
    if runs[0].limits:
        shell.say(runs[0].limits, runs[0].limits_en)


def _scores(shell: Shell, scores: list[tuple[str, list[Score]]]) -> None:
    flat = [(of, score) for of, several in scores for score in several]
    if not flat:
        return
    names = ("nse", "kge", "rmse_m", "peak_error_m", "peak_late_min", "csi", "csi_deep")
    columns = [shell.text("計算", "Run"), shell.text("場所", "Of"), shell.text("基準", "Against"),
               "NSE", "KGE", "RMSE m", shell.text("ピーク差 m", "Peak error m"),
               shell.text("遅れ 分", "Late min"), "CSI 5 cm", "CSI 50 cm"]  # fmt: skip
    shell.table(
        columns,
        [
            (of, score.of, score.against,
             *("–" if (v := getattr(score, name)) is None else f"{v:.3f}" for name in names))
            for of, score in flat
        ],
    )  # fmt: skip
