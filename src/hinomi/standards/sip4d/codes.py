"""Every finding by its code: which verdict it breaks, how grave it is, what it says.

The table is the documentation's too (docs/reference/sip4d.md is checked against it).
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

from hinomi.kernel.errors import Grade, Problem, Text

Breaks = Literal["conforms", "plausible", "both", "nothing"]


class Code(msgspec.Struct, frozen=True):
    """One kind of finding."""

    breaks: Breaks
    grade: Grade
    text: Text


@cache
def table() -> dict[str, Code]:
    """Return all codes: ``codes.tsv``, in its order."""
    text = files("hinomi.standards.sip4d").joinpath("codes.tsv").read_text("utf-8")
    found = {}
    for line in text.splitlines()[1:]:
        code, breaks, grade, ja, en = line.split("\t")
        found[code] = msgspec.convert(
            {"breaks": breaks, "grade": grade, "text": {"ja": ja, "en": en}}, Code
        )
    return found


CODES = table()

KEPT = 20
"""Findings of one code that are listed; the others are counted."""


class Findings:
    """Collects what is found, at most :data:`KEPT` of a code, so that memory stays bounded."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.counts: dict[str, int] = {}

    def add(
        self,
        code: str,
        path: str,
        *,
        found: object = "",
        expected: str = "",
        more: Text | None = None,
    ) -> None:
        """Note one finding; ``more`` is said after the code's own text."""
        number = self.counts.get(code, 0)
        self.counts[code] = number + 1
        if number >= KEPT:
            return
        kind = CODES[code]
        text = kind.text
        if more is not None:
            text = Text(f"{text.ja}{more.ja}", f"{text.en} {more.en}")
        shown = found if isinstance(found, str) else repr(found)
        self.problems.append(
            Problem(f"sip4d.{code}", path, text, kind.grade, shown[:120], expected[:200])
        )

    def breaks(self, verdict: Literal["conforms", "plausible"]) -> bool:
        """Tell whether something was found that speaks against the verdict."""
        return any(CODES[code].breaks in (verdict, "both") for code in self.counts)
