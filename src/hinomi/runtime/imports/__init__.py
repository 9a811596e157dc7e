"""A town's own table into a collection: read, columns guessed, previewed, confirmed, appended."""

from hinomi.runtime.imports.guessing import Guess, guess
from hinomi.runtime.imports.plans import Plan, Preview
from hinomi.runtime.imports.reading import read
from hinomi.runtime.imports.rows import Made, compose
from hinomi.runtime.imports.sheets import Sheet
from hinomi.runtime.imports.taking import Taken, preview, take

__all__ = [
    "Guess",
    "Made",
    "Plan",
    "Preview",
    "Sheet",
    "Taken",
    "compose",
    "guess",
    "preview",
    "read",
    "take",
]
