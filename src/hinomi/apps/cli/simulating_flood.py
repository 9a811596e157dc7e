"""``hinomi simulate flood``: an inundation run from a case's file."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hinomi.apps.cli.shell import Shell, common, help_text
from hinomi.kernel.errors import DeniedError, InputError, MissingError, Text
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
    ground = _ground(case.parent, plan)
    since = grids.maps_of(grids.read(restart)) if restart is not None else None
    work = replace(predict.case_of(plan, ground), save_every_s=over_time.every_s(plan, ground))
    frames = over_time.Frames()
    maps = run(work, since=since, saved=frames)
    where = grids.Georeference(
        west_m=ground.west_m, north_m=ground.north_m, cell_m=ground.cell_m, crs=plan.crs
    )
    data = grids.dataset(maps, where, {"title": plan.title, "limits": predict.LIMITS.en})
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


def _ground(folder: Path, plan: FloodCase) -> Ground:
    """Read the elevation; gaps are refused, with how many there are."""
    import numpy as np  # noqa: PLC0415

    from hinomi.domains.hazards.predict_inundation import Ground  # noqa: PLC0415
    from hinomi.standards.gsi_dem import decode_png, decode_text  # noqa: PLC0415

    path = (folder / plan.dem).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise DeniedError(f"{plan.dem}: outside the case's folder (フォルダの外です)。", rule="dem")
    if not path.is_file():
        raise MissingError(Text("標高ファイル", "elevation file"), plan.dem)
    data = path.read_bytes()
    height: Any
    cell, west, north = plan.cell_m, plan.west_m, plan.north_m
    if path.suffix == ".asc":
        height, cell, west, north = _esri(data)
    elif path.suffix == ".npy":
        height = np.load(path, allow_pickle=False)
    elif path.suffix in {".txt", ".png"}:
        height = (decode_text if path.suffix == ".txt" else decode_png)(data).height_m
    else:
        raise InputError(f"dem {path.name}: expected .asc, .txt, .png or .npy.", "dem: 不明な形式")
    if cell is None:
        raise InputError(
            "case: cell_m is needed with this elevation.", "この標高にはcell_mが必要です。"
        )
    gaps = int((~np.isfinite(height)).sum())
    if gaps:
        raise InputError(
            f"dem {path.name}: {gaps} cells without data; fill or cut them first.",
            f"標高に欠測が{gaps}セルあります。補間するか切り取ってください。",
        )
    return Ground(height, cell, west or 0.0, north or 0.0, sha256(data).hexdigest())


def _esri(data: bytes) -> tuple[Any, float, float, float]:
    """Return an ESRI ASCII grid: heights, cell, west, north."""
    import numpy as np  # noqa: PLC0415

    words = data.decode("ascii", errors="replace").split()
    head: dict[str, float] = {}
    while len(words) > 2 * len(head) + 1 and words[2 * len(head)][0].isalpha():
        head[words[2 * len(head)].lower()] = float(words[2 * len(head) + 1])
    try:
        rows, columns, cell = int(head["nrows"]), int(head["ncols"]), head["cellsize"]
        flat = np.array(words[2 * len(head) :], float)
        height = flat.reshape(rows, columns)
        south, west = head["yllcorner"], head["xllcorner"]
    except (KeyError, ValueError):
        raise InputError("dem: no ESRI ASCII grid (.asc)", "demが読めません。") from None
    height[height == head.get("nodata_value", -9999.0)] = np.nan
    return height, cell, west, south + rows * cell
