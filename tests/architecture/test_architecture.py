"""The architecture's tripwires: sizes, the kernel's imports, what light starts must not load."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "hinomi"
KERNEL = sorted((SOURCE / "kernel").glob("*.py"))
PYTHON = sorted(SOURCE.rglob("*.py"))
MAX_FILE_LINES = 400
MAX_KERNEL_LINES = 1500


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_the_kernel_can_be_read_in_an_hour() -> None:
    assert sum(lines(path) for path in KERNEL) <= MAX_KERNEL_LINES


@pytest.mark.parametrize("path", PYTHON, ids=lambda p: str(p.relative_to(SOURCE)))
def test_no_file_outgrows_a_room(path: Path) -> None:
    assert lines(path) <= MAX_FILE_LINES


@pytest.mark.parametrize("path", KERNEL, ids=lambda p: p.name)
def test_the_kernel_needs_the_standard_library_and_msgspec_only(path: Path) -> None:
    allowed = sys.stdlib_module_names | {"msgspec", "hinomi"}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        for name in names:
            assert name.split(".")[0] in allowed
            assert not name.startswith("hinomi.") or name.startswith("hinomi.kernel")


@pytest.mark.parametrize(
    "start",
    [
        "import hinomi.runtime.catalog as c; c.default_catalog()",
        "import hinomi.runtime.web, hinomi.apps.web.app",
        "import hinomi.apps.cli.serving, hinomi.runtime.hub",
        "from hinomi.runtime import areas, peer_node; import hinomi.runtime.federation.following",
    ],
    ids=["catalogue", "web worker", "hub", "light node"],
)
def test_starting_does_not_load_the_heavy_libraries(start: str) -> None:
    heavy = ("numpy", "shapely", "pyarrow", "httpx", "rapidfuzz")
    script = f"import sys; {start}; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_no_path_of_a_machine_and_no_registry_address_is_in_the_tree() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    # Spelled in two parts, so that this file does not find itself.
    forbidden = ["/root" + "/", "/home" + "/", "pythonhosted" + ".org", "registry." + "npmjs"]
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        if path.suffix in {".png", ".zip"} or not path.is_file():
            continue
        text = path.read_text(encoding="utf-8", errors="ignore")
        assert not [word for word in forbidden if word in text], name
