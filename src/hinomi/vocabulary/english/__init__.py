"""English for Japanese names: the official one, or as far as the reading is stated."""

from __future__ import annotations

from hinomi.vocabulary.english.names import beside, called, in_english
from hinomi.vocabulary.english.official import (
    area_in_english,
    municipality_in_english,
    municipality_of,
    river_in_english,
)
from hinomi.vocabulary.english.romaji import romaji

__all__ = [
    "area_in_english",
    "beside",
    "called",
    "in_english",
    "municipality_in_english",
    "municipality_of",
    "river_in_english",
    "romaji",
]
