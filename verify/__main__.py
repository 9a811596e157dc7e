"""``python -m verify [TOPIC...]``: print the table; exit 1 if a row falls short."""

from __future__ import annotations

import importlib
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from verify.rows import MissingReferenceError, Row

TOPICS = (
    "rain_indices", "rain_files", "shaking", "inundation", "restarts", "depths", "dams",
    "evacuation", "rivers",
)  # fmt: skip
APART = ("nowcast",)
"""Not in the tests (a minute), and in a process of its own: pysteps has been seen to end one badly
at its exit."""


def rows_of(topic: str, *, long: bool = False) -> tuple[list[Row], list[str]]:
    """Return a topic's rows, and the reference data that it did not find.

    The tests leave out the ``LONG_ROWS``, which take minutes.
    """
    rows: list[Row] = []
    missing: list[str] = []
    module = importlib.import_module(f"verify.{topic}")
    for check in (*module.ROWS, *(getattr(module, "LONG_ROWS", ()) if long else ())):
        try:
            rows += check()
        except MissingReferenceError as name:
            missing.append(f"{topic}.{check.__name__}: {name}")
    return rows, missing


def _apart(topic: str) -> tuple[list[Row], list[str]]:
    # By the module's own name: a child does not run a package's __main__, so that it would look for
    # the function in vain.
    from verify.__main__ import rows_of as there  # noqa: PLC0415

    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as child:
        return child.submit(there, topic).result()


def main(topics: list[str]) -> int:
    """Print the table and return the exit status."""
    table = Table(title="Models against others' numbers")
    for title in ("model", "case", "reference", "ours", "theirs", "tolerance", "verdict"):
        table.add_column(
            title, overflow="fold", justify="right" if title in "ourstheirs" else "left"
        )
    short = 0
    absent: list[str] = []
    for topic in topics or (*TOPICS, *APART):
        rows, missing = _apart(topic) if topic in APART else rows_of(topic, long=True)
        absent += missing
        for row in rows:
            verdict = "format only" if row.kind == "format only" else "agrees"
            if not row.good:
                short, verdict = short + 1, "[bold red]FALLS SHORT[/]"
            sign = {"at most": "≤ ", "at least": "≥ "}.get(row.kind, "")
            table.add_row(
                escape(row.model), escape(row.case), escape(row.reference), f"{row.ours:.6g}",
                f"{sign}{row.theirs:.6g}", f"{row.tolerance:.2g}", verdict,
            )  # fmt: skip
    console = Console(width=None if sys.stdout.isatty() else 200)
    console.print(table)
    for name in absent:
        console.print(f"not compared, its reference is not here: {name}")
    console.print(f"{short} of {table.row_count} fall short")
    return 1 if short or not table.row_count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
