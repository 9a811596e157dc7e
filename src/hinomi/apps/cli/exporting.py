"""``hinomi export``: a collection as a file for other software."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from hinomi.apps.cli import times
from hinomi.apps.cli.shell import Shell, common, help_text
from hinomi.kernel.collections import ENVELOPE_TYPES
from hinomi.kernel.errors import InputError
from hinomi.kernel.geometry import BBox, check_bbox
from hinomi.kernel.marking import Status
from hinomi.kernel.reader import Question, statuses


@click.command(
    "export",
    help=help_text(
        "コレクションをファイルに書き出します。形式は拡張子(.gpkg .fgb .parquet .csv .xlsx .kml"
        " .shp .geojson .pmtiles)で決まります。",
        "Write a collection to a file; its extension says how (.gpkg .fgb .parquet .csv .xlsx .kml"
        " .shp .geojson .pmtiles).",
    ),
)
@click.argument("collection")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--bbox", metavar="W,S,E,N", help=help_text("範囲(経度,緯度)", "Box, lon lat."))
@click.option(
    "--when", metavar="TIME[/TIME]", help=help_text("いつ有効なものか", "Valid at or within.")
)
@click.option(
    "--as-of", metavar="TIME", help=help_text("その時点で知っていたこと", "As known then.")
)
@click.option(
    "--status",
    type=click.Choice([s.value for s in Status]),
    default="actual",
    show_default=True,
    help=help_text("通常・訓練・試験", "Actual, exercise or test."),
)
@click.option("--filter", "cql2", metavar="CQL2", help=help_text("CQL2の条件", "CQL2 text."))
@common
def export_command(shell: Shell, collection: str, file: Path, **options: Any) -> None:
    """Write a file."""
    # Imported here: other commands need none of it.
    from hinomi.runtime import clock  # noqa: PLC0415
    from hinomi.runtime.exports import export, format_of, notes_of  # noqa: PLC0415

    as_of = times.moment(options["as_of"])[0] if options["as_of"] else None
    service = shell.service()
    reader = service.reader(shell.principal(), status=statuses(options["status"]), as_of=as_of)
    of = reader.catalog.collection(collection)
    form = format_of(file.suffix[1:])
    question: Question = {}
    if options["bbox"]:
        question["bbox"] = _box(options["bbox"])
    if options["when"]:
        question["when"] = times.span(options["when"])[0]
    if options["cql2"]:
        from hinomi.standards import cql2  # noqa: PLC0415

        types = {**of.property_types(), **ENVELOPE_TYPES}
        question["filter"] = cql2.check(cql2.parse_text(options["cql2"]), types)
    notes = notes_of(service, reader, of, as_of or clock.now(), shell.language)
    target = file.with_suffix(f".{form.extension}")
    if notes.word and notes.word not in target.name:
        target = target.with_name(f"{notes.word}_{target.name}")
    export(
        form.extension, target, reader=reader, catalog=reader.catalog, question=question,
        notes=notes,
    )  # fmt: skip
    size = target.stat().st_size
    if shell.as_json:
        shell.give({"file": str(target), "size_bytes": size, **notes.fields()})
    shell.say(
        f"{target} に書き出しました({size:,}バイト、{notes.fields()['STATUS']})",
        f"Wrote {target} ({size:,} bytes, {notes.fields()['STATUS']}).",
    )


def _box(text: str) -> BBox:
    try:
        return check_bbox([float(part) for part in text.split(",")])
    except ValueError:
        raise InputError(
            f"--bbox {text!r}: expected W,S,E,N in degrees, longitude first.",
            f"--bbox「{text}」: 西,南,東,北(度、経度が先)で指定してください。",
        ) from None
