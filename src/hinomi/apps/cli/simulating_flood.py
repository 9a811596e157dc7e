"""``hinomi simulate flood``: an inundation run from a case's file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hinomi.apps.cli.shell import Shell, common, help_text
from hinomi.kernel.errors import MissingError, Text
from hinomi.kernel.marking import Marking, Status

if TYPE_CHECKING:
    from hinomi.domains.hazards.predict_inundation import FloodCase, Ground


@click.command(
    "flood",
    help=help_text(
        "浸水を計算し、予測として記録します(独自計算。既定は試験)。書き方:"
        " docs/reference/inundation.md",
        "Compute an inundation and record it as a forecast (ours; test unless --status says"
        " otherwise). How to write a CASE: docs/reference/inundation.md",
    ),
)
@click.argument("case", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help=help_text("格子も書く(.nc, .zarr.zip)", "Write the grids too: .nc or .zarr.zip."),
)
@click.option(
    "--restart",
    type=click.Path(dir_okay=False, path_type=Path),
    help=help_text("--outの続きから", "Go on from what --out wrote."),
)
@click.option(
    "--status", type=click.Choice([s.value for s in Status]), default="test", show_default=True
)
@click.option(
    "--dry-run", is_flag=True, help=help_text("記録しない", "Compute, but record nothing.")
)
@common
def flood_command(
    shell: Shell, *, case: Path, out: Path | None, restart: Path | None, status: str, dry_run: bool
) -> None:
    """Run the case, write the grids, append the records."""
    # Imported here: numba and xarray take a second.
    from hinomi.domains.hazards import predict_inundation as predict  # noqa: PLC0415
    from hinomi.domains.hazards import predict_inundation_grids as over_time  # noqa: PLC0415
    from hinomi.runtime.clock import now  # noqa: PLC0415
    from hinomi.science.coverages import zarr_bytes  # noqa: PLC0415
    from hinomi.science.inundation import grids  # noqa: PLC0415
    from hinomi.science.inundation.run import run  # noqa: PLC0415

    if not dry_run:
        shell.operator()
    if not case.is_file():
        raise MissingError(Text("ファイル", "file"), str(case))
    plan = predict.decode_case(case.read_bytes())
    ground = _ground(shell, case.parent, plan)
    since = grids.maps_of(grids.read(restart)) if restart is not None else None
    work = replace(predict.case_of(plan, ground), save_every_s=over_time.every_s(plan, ground))
    frames = over_time.Frames()
    maps = run(work, since=since, saved=frames)
    data = grids.dataset(
        maps,
        grids.Georeference(
            west_m=ground.west_m, north_m=ground.north_m, cell_m=ground.cell_m, crs=plan.crs
        ),
        {"title": plan.title, "limits": predict.LIMITS.en},
    )
    if out is not None:
        grids.write(data, out)
    packed = zarr_bytes(data)
    records = predict.records_of(plan, ground, maps, packed, now(), Marking(Status(status)))
    blobs = [packed]
    if plan.crs:
        played, grid = over_time.depths_record(records[0], plan, ground, frames)
        records.append(played)
        blobs.append(grid)
    if not dry_run:
        from hinomi.runtime.desk import open_desk  # noqa: PLC0415

        desk = open_desk(shell.data, "simulate")
        try:
            for blob in blobs:
                desk.keep(blob)
            desk.append(records)
        finally:
            desk.close()
    whole = records[0].body
    shell.say(
        f"{plan.title}: 最大{whole.deepest_m:.2f} m、浸水面積{whole.area_m2 / 1e6:.3f} km2、"
        f"水量の誤差{whole.balance_error:.1e}。独自計算で、公式の予報ではありません。",
        f"{plan.title}: deepest {whole.deepest_m:.2f} m, {whole.area_m2 / 1e6:.3f} km2 wet, balance"
        f" {whole.balance_error:.1e}. Our own computation, no official forecast.",
    )
    shell.give({"run": whole.run, "grid": whole.grid_digest, "records": len(records)})


def _ground(shell: Shell, folder: Path, plan: FloodCase) -> Ground:
    """Return the case's ground, and tell what was mended in it."""
    from hinomi.runtime.workbench.grounds import ground_of  # noqa: PLC0415

    ground = ground_of(folder, plan, shell.reader)
    for told in ground.told:
        shell.say(told.ja, told.en)
    return ground
