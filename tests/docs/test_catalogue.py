"""What pages say of the catalogue, of problems and of decisions is what the code has."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hinomi.apps.web import table
from hinomi.kernel.marking import Disclosure, Status
from hinomi.kernel.records import ENVELOPE
from hinomi.runtime.catalog import default_catalog
from hinomi.runtime.drill.play import DRILLS

OURS = {"hazards", "response", "areas", "operations"}
"""The domains of this project; a plugin that is installed beside it is no part of its pages."""
_NAMED = re.compile(r"^(?:hazards|response|operations)\.[a-z_]+$")
MAX_DECISION_LINES = 60


@pytest.fixture(scope="module")
def names() -> set[str]:
    catalog = default_catalog()
    return {*catalog.collections, *catalog.sources, *catalog.models, *catalog.products}


@pytest.mark.skipif(
    {d.id for d in default_catalog().domains} != OURS, reason="a domain of another package is here"
)
def test_the_catalogue_page_is_the_catalogue(root: Path, tmp_path: Path) -> None:
    # In a process of its own: after a deep recursion Python 3.11's ast.parse may raise a
    # SystemError (cpython issue 106905), and the fuzzers recurse deeply.
    rendered = tmp_path / "catalogue.md"
    command = [sys.executable, "-m", "hinomi.testing.reference", rendered]
    subprocess.run(command, check=True, capture_output=True)
    page = root / "docs/reference/catalogue.md"
    assert page.read_bytes() == rendered.read_bytes(), (
        "run: .venv/bin/python -m hinomi.testing.reference docs/reference/catalogue.md"
    )


def test_every_collection_that_a_page_names_is_in_the_catalogue(page: Any, names: set[str]) -> None:
    named = {ticked for ticked in page.ticked() if _NAMED.match(ticked)}
    for block in page.blocks():
        if block.language != "python":
            named |= set(re.findall(r"hinomi find ((?:hazards|response)\.[a-z_]+)", block.text))
            named |= set(re.findall(r"/collections/((?:hazards|response)\.[a-z_]+)", block.text))
    assert named - names <= IN_EXAMPLES


IN_EXAMPLES = {"response.roads"}
"""Collections that only an example makes."""


def test_every_source_and_product_has_a_page_that_tells_of_it(every_page: list[Any]) -> None:
    written = [p for p in every_page if p.path.name != "catalogue.md"]
    ticked = {one for page in written for one in page.ticked()}
    for domain in default_catalog().domains:
        if domain.id in OURS:
            for adapter in (*domain.sources, *domain.models):
                assert adapter.id in ticked, adapter.id
            for product in domain.products:
                assert f"/products/{product.id}" in ticked, product.id


OWNERS = ("areas", "atom", "csv", "feeds", "gauges", "gsi", "intake", "jmaxml", "n03", "shelters")
"""Who finds problems: the first part of their codes."""


def codes(page: Any) -> list[str]:
    """Return the codes that a page names; ``.zone`` and ``-zone`` go on from the one before."""
    found: list[str] = []
    for line in page.prose.splitlines():
        last = ""
        for ticked in re.findall(r"`([^`\s]+)`", line):
            if ticked.startswith(tuple(f"{owner}." for owner in OWNERS)):
                last = ticked
            elif last and re.fullmatch(r"\.[a-z][a-z0-9-]*", ticked):
                last = last.partition(".")[0] + ticked
            elif last and re.fullmatch(r"-[a-z][a-z0-9-]*", ticked):
                last = last.rpartition("-")[0] + ticked
            else:
                continue
            if not ticked.endswith((".py", ".db", ".md", ".tsv", "/")):
                found.append(last)
    return found


def test_every_problem_code_that_a_page_names_is_in_the_code(page: Any, root: Path) -> None:
    source = "\n".join(
        path.read_text(encoding="utf-8") for path in (root / "src/hinomi").rglob("*.py")
    )
    for code in codes(page):
        short = code.partition(".")[2]
        assert f'"{code}"' in source or f'"{short}"' in source, code


def test_a_continued_code_is_read_as_a_whole() -> None:
    class Line:
        prose = "| `jmaxml.unknown-kind`, `-code-type` | x |\n| `jmaxml.xml`, `.too-large` | y |"

    assert codes(Line) == [
        "jmaxml.unknown-kind",
        "jmaxml.unknown-code-type",
        "jmaxml.xml",
        "jmaxml.too-large",
    ]


def test_every_address_and_parameter_of_the_api_is_in_its_page(root: Path) -> None:
    text = (root / "docs/reference/api.md").read_text(encoding="utf-8")
    families = tuple(re.findall(r"`(/[^`…]+/)…`", text))
    for route in table.ROUTES:
        last = route.path.rsplit("/", 1)[-1]
        told = f"{route.path}`" in text or f"…/{last}`" in text or f"{route.path}?" in text
        assert told or route.path.startswith(families), route.path
        for parameter in route.parameters:
            assert f"`{parameter.name}`" in text, parameter.name


def test_every_property_of_the_envelope_is_explained(root: Path) -> None:
    text = (root / "docs/reference/records.md").read_text(encoding="utf-8")
    explained = re.findall(r"^\| (`.+?`) \|", text, flags=re.MULTILINE)
    named = [name for cell in explained for name in re.findall(r"`(\w+)`", cell)]
    assert named == list(ENVELOPE)
    for word in (*Status, *Disclosure):
        assert f"`{word.value if isinstance(word, Status) else word.label}`" in text


def test_every_shipped_drill_is_in_its_page(root: Path) -> None:
    text = (root / "docs/how-to/drill.md").read_text(encoding="utf-8")
    for name in DRILLS:
        assert f"hinomi drill {name}" in text


def test_decisions_are_numbered_without_a_gap_and_fit_a_screen(root: Path) -> None:
    found = sorted((root / "docs/decisions").glob("*.md"))
    assert [int(path.name[:4]) for path in found] == list(range(1, len(found) + 1))
    for path in found:
        lines = path.read_text(encoding="utf-8").splitlines()
        assert len(lines) <= MAX_DECISION_LINES, path.name
        assert lines[0].startswith(f"# {int(path.name[:4])}. "), path.name


def test_decisions_that_the_code_names_are_there(root: Path) -> None:
    for path in (root / "src").rglob("*.py"):
        for name in re.findall(r"docs/[\w/-]+\.md", path.read_text(encoding="utf-8")):
            if "``" not in name:
                assert (root / name).exists(), f"{path.name}: {name}"
