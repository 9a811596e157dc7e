"""Full-text search as ``q`` asks for it, in Japanese and English, without a tokeniser.

Terms are divided by commas: any of them will do. Words of a term are divided by spaces, the
full-width one too: as the standard asks they are sought side by side in this order; where nothing
has them so, all of them anywhere will do, as people here write 「輪島市 避難所」. Japanese has no
spaces to divide words by, so a Japanese word that is nowhere as such is sought by its pairs of
characters (bigrams).

References:
    OGC 20-004r1, clause 8.3.4, parameter q. Bigrams for Japanese retrieval: Ogawa & Matsuda 1997,
    "Overlapping statistical word indexing: a new indexing method for Japanese text", SIGIR '97.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import msgspec

ENOUGH = 1 / 2
"""The part of a word's pairs that must occur, two at least: 「避難所一覧」 finds 「避難所」."""
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]{3,}")
_LETTER = re.compile(r"[a-z0-9]")


def fold(text: str) -> str:
    """Return the text as it is compared: widths, cases and runs of spaces made equal (NFKC)."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


class Words(msgspec.Struct, frozen=True):
    """What is sought: terms, each a tuple of folded words."""

    terms: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, text: str) -> Words:
        """Return the terms of a ``q``."""
        pieces = (tuple(fold(piece).split()) for piece in re.split("[,、]", text))
        return cls(tuple(piece for piece in pieces if piece))

    def search(self, texts: Sequence[str]) -> list[int]:
        """Return which of the folded texts fit, by number.

        For each term, texts with its words side by side leave out those that have them only
        apart, and those with the words themselves leave out those with only a word's pairs.
        """
        found: set[int] = set()
        for term in self.terms:
            grades = [_grade(term, text) for text in texts]
            best = max(grades, default=0)
            found |= {n for n, grade in enumerate(grades) if grade and grade == best}
        return sorted(found)


def _grade(term: tuple[str, ...], text: str) -> int:
    if _has(" ".join(term), text):
        return 3
    if all(_has(word, text) for word in term):
        return 2
    return int(all(_has(word, text) or _nearly(word, text) for word in term))


def _has(word: str, text: str) -> bool:
    """Tell whether a word occurs; one that begins with a Latin letter, where a word begins."""
    place = text.find(word)
    if not _LETTER.match(word):
        return place >= 0
    while place >= 0:
        if place == 0 or not _LETTER.match(text[place - 1]):
            return True
        place = text.find(word, place + 1)
    return False


def _nearly(word: str, text: str) -> bool:
    if not _CJK.fullmatch(word):
        return False
    pairs = [word[n : n + 2] for n in range(len(word) - 1)]
    return sum(pair in text for pair in pairs) >= max(2, ENOUGH * len(pairs))
