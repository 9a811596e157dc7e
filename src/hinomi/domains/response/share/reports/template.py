"""Templates: which sections a report has, with which titles and columns. A town writes its own.

A template is a TOML file; docs/how-to/reports.md describes it. What is wrong in one is told all at
once, each fault with its place and what may stand there.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from difflib import get_close_matches
from importlib.resources import files

import msgspec

from hinomi.domains.response.collections.damage import FIGURES
from hinomi.domains.response.share.reports.damage import SUMS
from hinomi.domains.response.share.reports.kinds import KINDS
from hinomi.domains.response.share.reports.summary import SUMMARY
from hinomi.kernel.errors import DataError, InputError, Problem, Text

DEFAULTS = ("situation", "fdma-4", "handover", "chronology", "orders", "roster", "decisions",
            "evacuation")  # fmt: skip
"""The templates that come with Hinomi, in the order of the buttons."""
BLOCKS = ("summary", "damage", "text", "signatures", "handover", "fdma-4-1", "fdma-4-2")
"""Sections that are more than one table."""
PLACES = ("incident", "number", "area", "moment", "letterhead")
"""What may stand in braces in titles and texts."""
MAX_BYTES = 200_000
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,40}\Z")
_BRACES = re.compile(r"\{(\w*)\}")


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One section. ``kind`` says what; what is left out is as usual."""

    kind: str
    title: str = ""
    title_en: str = ""
    columns: tuple[str, ...] = ()
    """Of a table: its columns in order. Of ``summary`` and ``damage``: the figures."""
    limit: int = 300
    """At most so many rows; 0 shows all."""
    text: str = ""
    text_en: str = ""
    names: tuple[str, ...] = ()
    """Of ``signatures``: the boxes."""
    new_page: bool = False


class Template(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A report's make-up."""

    title: str
    title_en: str = ""
    button: str = ""
    """On the screen; empty: the title without what stands in braces."""
    button_en: str = ""
    letterhead: tuple[str, ...] = ()
    letterhead_en: tuple[str, ...] = ()
    logo: str = ""
    landscape: bool = False
    sections: tuple[Section, ...]

    def called(self) -> Text:
        """Return what the button says."""
        ja = self.button or _BRACES.sub("", self.title)
        return Text(ja, self.button_en or _BRACES.sub("", self.title_en) or ja)


def check_name(name: str) -> str:
    """Return a template's name if it can be one: it becomes a part of addresses and of files.

    Raises:
        InputError: it cannot.
    """
    if not _NAME.match(name):
        raise InputError(
            f"{name!r} is no name of a template: small letters, digits and '-' only.",
            f"「{name}」はテンプレート名にできません(英小文字・数字・ハイフンのみ)。",
        )
    return name


def default_text(name: str) -> str:
    """Return a shipped template as a file to edit."""
    return files(__package__).joinpath("defaults", f"{name}.toml").read_text(encoding="utf-8")


def parse_template(text: str, where: str) -> Template:
    """Return the checked template.

    Args:
        text: the file's content.
        where: its name, for the messages.

    Raises:
        DataError: everything that is wrong with it.
    """
    if len(text.encode()) > MAX_BYTES:
        raise DataError([_problem(where, "大きすぎます", "is too large", f"<= {MAX_BYTES} B")])
    try:
        found = msgspec.convert(tomllib.loads(text), Template)
    except tomllib.TOMLDecodeError as error:
        raise DataError(
            [_problem(where, f"TOMLとして読めません: {error}", f"is no TOML: {error}")]
        ) from None
    except msgspec.ValidationError as error:
        told, _, path = str(error).partition(" - at `$")
        place = f"{where}{path.rstrip('`')}"
        raise DataError([_problem(place, f"項目の誤り: {told}", told)]) from None
    problems = [p for at, s in enumerate(found.sections, 1) for p in _section_faults(where, at, s)]
    problems += _brace_faults(f"{where}.title", (found.title, found.title_en))
    if not found.sections:
        problems.append(_problem(where, "節がありません", "has no section", "[[sections]]"))
    if problems:
        raise DataError(problems)
    return found


def _section_faults(where: str, at: int, section: Section) -> list[Problem]:
    place = f"{where}.sections[{at}]"
    if section.kind not in (*KINDS, *BLOCKS):
        return [_unknown(f"{place}.kind", section.kind, (*KINDS, *BLOCKS))]
    known: tuple[str, ...] = ()
    if section.kind in KINDS:
        known = tuple(KINDS[section.kind].parts)
    elif section.kind == "summary":
        known = tuple(SUMMARY)
    elif section.kind == "damage":
        known = (*FIGURES, *SUMS)
    faults = [_unknown(f"{place}.columns", c, known) for c in section.columns if c not in known]
    if section.limit < 0:
        faults.append(_problem(f"{place}.limit", "負の数です", "is negative", ">= 0"))
    told = (section.title, section.title_en, section.text, section.text_en)
    return faults + _brace_faults(place, told)


def _brace_faults(place: str, texts: Iterable[str]) -> list[Problem]:
    return [
        _unknown(place, name, PLACES)
        for text in texts
        for name in _BRACES.findall(text)
        if name not in PLACES
    ]


def _unknown(place: str, found: str, known: Iterable[str]) -> Problem:
    names = list(known)
    near = get_close_matches(found, names, n=1, cutoff=0.5)
    hint = (f"(近い名前: {near[0]})", f" (nearest: {near[0]})") if near else ("", "")
    return Problem(
        "report.template",
        place,
        Text(f"「{found}」はありません{hint[0]}", f"there is no {found!r}{hint[1]}"),
        found=found,
        expected=", ".join(names) or "nothing",
    )


def _problem(place: str, ja: str, en: str, expected: str = "") -> Problem:
    return Problem("report.template", place, Text(ja, en), expected=expected)
