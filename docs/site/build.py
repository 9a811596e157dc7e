"""Build the site: a tree and a build for each language, then the door that leads to them.

``python -m docs.site.build [--only en] [--to site]``. Any warning of a build ends it: a link or an
anchor that leads nowhere, a page that the navigation lacks.
"""

from __future__ import annotations

import argparse
import logging
import re
import shutil
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from mkdocs.commands.build import build as mkdocs_build
from mkdocs.config import load_config
from mkdocs.exceptions import Abort

from docs.site import reference
from docs.site.markdown import PROJECT, ROOT, on_site, rewrite

LANGUAGES = ("ja", "en")
ASSETS = ROOT / "docs/site/assets"
SECTIONS = {
    "Learn": "はじめに",
    "How to": "手順",
    "Every day": "日々の仕事",
    "Set up": "準備",
    "Exercises": "訓練",
    "Exchange": "ほかのシステムと",
    "Extend": "広げる",
    "Explanation": "考え方",
    "Decisions": "決定の記録(英語)",
    "Reference": "資料",
    "Words and commands": "言葉とコマンド",
    "Interfaces": "接続のしかた",
    "Sources": "情報源",
    "Catalogue": "カタログ",
    "Python": "Python(英語)",
    "Project": "プロジェクト",
}
NOT_YET = '!!! note "英語"\n    このページは英語だけです。\n\n'
_JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")


def lay_out(language: str, tree: Path) -> None:
    """Write a language's tree: its own pages, the other's where it has none, files, reference."""
    shutil.rmtree(tree, ignore_errors=True)
    for source in sources():
        there = on_site(source)
        if there is None or (source.endswith(".ja.md") and language != "ja"):
            continue
        own = source.replace(".md", ".ja.md")
        if source.endswith(".md") and language == "ja" and (ROOT / own).exists():
            continue
        target = tree / there
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.endswith(".md"):
            text = rewrite((ROOT / source).read_text(encoding="utf-8"), source, language)
            target.write_text(with_note(text, language), encoding="utf-8")
        else:
            shutil.copy(ROOT / source, target)
    for name, text in reference.pages(language).items():
        target = tree / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    shutil.copytree(ASSETS, tree, dirs_exist_ok=True)


def sources() -> list[str]:
    """Return the files of the site, as paths within the project."""
    found = [path for path in (ROOT / "docs").rglob("*") if path.is_file()]
    hidden = ("docs/site/", "docs/reference/examples")
    names = [path.relative_to(ROOT).as_posix() for path in found if "__pycache__" not in path.parts]
    return sorted([*PROJECT, *(name for name in names if not name.startswith(hidden))])


def with_note(text: str, language: str) -> str:
    """Say at the head of a page in English that it is, where a reader expects Japanese."""
    title, _, rest = text.partition("\n")
    if (
        language == "ja"
        and title.startswith("# ")
        and len(_JAPANESE.findall(text)) < len(text) / 20
    ):
        return f"{title}\n\n{NOT_YET}{rest}"
    return text


SETTINGS = ROOT / "mkdocs.yml"
NAMED = set(re.findall(r"^ +- ([\w/-]+\.md)$", SETTINGS.read_text(encoding="utf-8"), re.MULTILINE))
NAMED.add("reference/catalogue.md")
"""Pages that the settings name."""


def navigation(entries: list[Any], tree: Path, language: str) -> list[Any]:
    """Return the navigation in a language.

    A folder stands for all of its pages, ``folder/*`` for those that nothing else names.
    """
    found: list[Any] = []
    for entry in entries:
        if isinstance(entry, str):
            rest = (tree / entry[:-2]).glob("*.md") if entry.endswith("/*") else ()
            pages = sorted(path.relative_to(tree).as_posix() for path in rest)
            found += [page for page in pages if page not in NAMED] if rest else [entry]
            continue
        ((title, inner),) = entry.items()
        title = SECTIONS[title] if language == "ja" else title
        if isinstance(inner, str):
            found.append({title: _folder(tree / inner, tree, reference.titles(language))})
        else:
            found.append({title: navigation(inner, tree, language)})
    return found


def _folder(folder: Path, tree: Path, titles: dict[str, str]) -> list[Any]:
    """Return a folder's pages, its own first, then its folders under their titles."""
    pages = sorted(folder.glob("*.md"), key=lambda path: (path.stem != "README", path.name))
    inner = sorted(path for path in folder.iterdir() if path.is_dir())
    return [
        *(path.relative_to(tree).as_posix() for path in pages),
        *({titles.get(path.name, path.name): _folder(path, tree, titles)} for path in inner),
    ]


def build(language: str, to: Path, trees: Path) -> None:
    """Lay out and build one language.

    Raises:
        Abort: a page has a fault; what is wrong has been logged.
    """
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
    tree = trees / language
    lay_out(language, tree)
    options = {"docs_dir": str(tree), "site_dir": str(to / language)}
    config = load_config(str(SETTINGS), **options)
    config.nav = navigation(config.nav or [], tree, language)
    config.theme["language"] = language
    config.plugins["material/search"].config["lang"] = ["ja", "en"] if language == "ja" else ["en"]
    config.plugins.on_startup(command="build", dirty=False)
    mkdocs_build(config)


def main() -> int:
    """Build what the command line names; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=LANGUAGES)
    parser.add_argument("--to", type=Path, default=ROOT / "site")
    parser.add_argument("--trees", type=Path, default=ROOT / "build/docs")
    asked = parser.parse_args()
    start = time.monotonic()
    shutil.rmtree(asked.to, ignore_errors=True)
    languages = (asked.only,) if asked.only else LANGUAGES
    with ProcessPoolExecutor(len(languages)) as pool:
        builds = [pool.submit(build, language, asked.to, asked.trees) for language in languages]
        faults = [found for one in builds if (found := one.exception())]
    for fault in faults:
        sys.stderr.write(f"{fault if isinstance(fault, Abort) else repr(fault)}\n")
    shutil.copy(ROOT / "docs/site/door.html", asked.to / "index.html")
    sys.stdout.write(f"{asked.to}/index.html, {time.monotonic() - start:.0f} s\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
