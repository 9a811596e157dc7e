"""The reference that the site makes itself: Python from docstrings, the catalogue from values."""

from __future__ import annotations

from pathlib import Path

from docs.site import examples
from docs.site.markdown import ROOT
from hinomi.runtime.catalog import default_catalog
from hinomi.testing.reference_sheets import Sheets

SOURCE = ROOT / "src/hinomi"
PACKAGES = ("kernel", "vocabulary", "standards/*", "science/*", "testing")
"""What others build on: the contract, the words, codecs, numerics, the conformance suites."""


def pages(language: str) -> dict[str, str]:
    """Return the pages that are made, by where the site has them."""
    return {**python(language), **_sheets(language).pages()}


def titles(language: str) -> dict[str, str]:
    """Return the titles of the catalogue's domains, by their folder."""
    return _sheets(language).titles()


def _sheets(language: str) -> Sheets:
    return Sheets(default_catalog(), language, examples.read())


def python(language: str) -> dict[str, str]:
    """Return a page for each package, in English; the Japanese tree only says where they are."""
    if language != "en":
        return {"reference/python/README.md": JAPANESE}
    packages = [path for pattern in PACKAGES for path in sorted(SOURCE.glob(pattern))]
    packages = [path for path in packages if (path / "__init__.py").exists()]
    made = {f"reference/python/{_name(path)}.md": _package(path) for path in packages}
    rows = [f"| [{_name(path)}]({_name(path)}.md) | {_summary(path)} |" for path in packages]
    made["reference/python/README.md"] = "\n".join([HEAD, *rows, ""])
    return made


HEAD = """\
# Python

What others build upon, from its docstrings: the kernel's contract, the shared vocabulary, the
codecs of the standards, the numerics, the suites that a domain or a store of your own has to pass.

| package | what |
|---|---|"""
JAPANESE = """\
# Python

関数とクラスの説明はソースコードの docstring から作られ、英語です。
画面上部の言語ボタンで英語に切り替えてください。
"""


def _name(package: Path) -> str:
    return "hinomi." + package.relative_to(SOURCE).as_posix().replace("/", ".")


def _summary(package: Path) -> str:
    lines = (package / "__init__.py").read_text(encoding="utf-8").strip('"\n').splitlines()
    return lines[0].strip('"') if lines else ""


def _package(package: Path) -> str:
    modules = sorted(path for path in package.rglob("*.py") if not path.name.startswith("_"))
    names = [
        "hinomi." + path.relative_to(SOURCE).with_suffix("").as_posix().replace("/", ".")
        for path in modules
    ]
    return "\n\n".join([f"# {_name(package)}", _summary(package), *(f"::: {n}" for n in names)])
