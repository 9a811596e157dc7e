"""Pages as they are written, made into pages of one language's tree.

The pages read well where they lie (any viewer of a repository shows them). On the site a page
stands at ``X.md`` in both languages, so links to ``X.ja.md`` lose their language, links to files
outside of ``docs/`` lead to their copies, and a list may follow its sentence without an empty line.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parents[2]
PROJECT = {
    "README.md": "project/README.md",
    "ARCHITECTURE.md": "project/ARCHITECTURE.md",
    "CONTRIBUTING.md": "project/CONTRIBUTING.md",
    "CHANGELOG.md": "project/CHANGELOG.md",
    "dashboard/README.md": "project/dashboard.md",
}
"""Pages outside of ``docs/`` and where the site has them."""
OTHER_LANGUAGE = re.compile(r"^\[(?:日本語|English)\]\([^)]*\)\n\n?", re.MULTILINE)
"""A line that leads to the page in the other language: on the site its button does."""
_CODE = re.compile(r"^```(?:.|\n)*?^```$|^(?: {4}[^\n]*\n?)+|`[^`\n]+`", re.MULTILINE)
_LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)")
_BROKEN = re.compile(r"(?<=[\u3001-\u9fff\uff01-\uff5e])\n *(?=[\u3001-\u9fff\uff01-\uff5e])")
"""A line's end amid Japanese, which has no spaces between words."""
_ITEM = re.compile(r"^( *)(?:[-*+]|\d+\.) ")


def on_site(source: str) -> str | None:
    """Return where the site has a file of the project, None where it has it not.

    Example:
        >>> on_site("docs/how-to/feeds.ja.md"), on_site("ARCHITECTURE.md"), on_site("src/x.py")
        ('how-to/feeds.md', 'project/ARCHITECTURE.md', None)
    """
    if source in PROJECT:
        return PROJECT[source]
    if (ROOT / source).is_dir():
        return None
    if source.startswith("docs/") and not source.startswith("docs/site/"):
        return source.removeprefix("docs/").replace(".ja.md", ".md")
    return None


def rewrite(text: str, source: str, language: str) -> str:
    """Return a page of the project as a language's tree has it."""
    here = PurePosixPath(source).parent
    page = PurePosixPath(on_site(source) or source).parent

    def link(found: re.Match[str]) -> str:
        mark, shown, target = found.groups()
        path, sharp, anchor = target.partition("#")
        if not path or re.match(r"[a-z]+:", target):
            return found[0]
        # A link's text may be a picture: that has a target of its own.
        shown = _LINK.sub(link, shown)
        meant = os.path.normpath(here / path)
        there = on_site(meant)
        if there is None:
            return f"{shown} (`{meant}`)"
        other = _other_language(meant, language)
        if other and source.endswith(".ja.md") == (language == "ja"):
            address = os.path.relpath(f"../{other}/{_built(there)}", page)
            return f'<a href="{address}{sharp}{anchor}">{shown}</a>'
        if other:  # a page that stands in for this language's: its readers find theirs
            sharp = anchor = ""
        return f"{mark}[{shown}]({os.path.relpath(there, page)}{sharp}{anchor})"

    text = _set_headings_apart(OTHER_LANGUAGE.sub("", text, count=1))
    return outside_code(
        text, lambda prose: _LINK.sub(link, _set_lists_apart(_BROKEN.sub("", prose)))
    )


def _set_headings_apart(text: str) -> str:
    """Put an empty line after each heading: Japanese lines that follow one another are joined."""
    found: list[str] = []
    code = False
    for line in text.split("\n"):
        if found and found[-1].startswith("#") and line and not code:
            found.append("")
        found.append(line)
        code ^= line.startswith("```")
    return "\n".join(found)


def _other_language(source: str, language: str) -> str:
    """Return the language of a page that this language's tree has under another text."""
    if source.endswith(".ja.md"):
        return "" if language == "ja" else "ja"
    own = source.removesuffix(".md") + ".ja.md"
    return "en" if language == "ja" and source.endswith(".md") and (ROOT / own).exists() else ""


def _built(page: str) -> str:
    return re.sub(r"\.md$", ".html", re.sub(r"README\.md$", "index.md", page))


def outside_code(text: str, change: Callable[[str], str]) -> str:
    """Return a text in which all but its code is changed."""
    kept: list[str] = []

    def keep(found: re.Match[str]) -> str:
        kept.append(found[0])
        return f"\0{len(kept) - 1}\0"

    changed = change(_CODE.sub(keep, text))
    return re.sub(r"\0(\d+)\0", lambda found: kept[int(found[1])], changed)


def _set_lists_apart(text: str) -> str:
    """Put an empty line before each list and four spaces before what belongs to an item."""
    lines: list[str] = []
    inside = False
    for line in text.splitlines():
        item = _ITEM.match(line)
        if item and not inside and lines and lines[-1]:
            lines.append("")
        if inside and line.startswith("  ") and not item:
            line = "    " + line.lstrip()
        elif item and item[1]:
            line = "    " * ((len(item[1]) + 1) // 2) + line.lstrip()
        inside = bool(item) or (inside and (not line or line.startswith(" ")))
        inside = inside or (bool(lines) and bool(_ITEM.match(lines[-1])) and bool(line))
        lines.append(line)
    return "\n".join(lines) + "\n"
