"""One line of the table, and how it is judged."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
"""Reference data that nobody here wrote, beside the project."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """What is compared with whose number, and how near it has to be."""

    model: str
    case: str
    reference: str
    """Whose number: an analytic solution, a published table, other software with its version."""
    ours: float
    theirs: float
    tolerance: float
    kind: Literal["equal", "at most", "at least", "format only"] = "equal"
    """``at most``/``at least``: one-sided. ``format only``: we built the file ourselves from the
    published layout, so agreement shows that we can read it and nothing more."""

    @property
    def good(self) -> bool:
        """Whether ours is near enough; NaN never is."""
        if self.kind == "at most":
            return self.ours <= self.theirs + self.tolerance
        if self.kind == "at least":
            return self.ours >= self.theirs - self.tolerance
        return abs(self.ours - self.theirs) <= self.tolerance


class MissingReferenceError(Exception):
    """The reference data is not on this machine."""


Check = Callable[[], Iterable[Row]]


def data(name: str) -> Path:
    """Return a file or folder of the reference data, or raise MissingReferenceError."""
    path = DATA / name
    if not path.exists():
        raise MissingReferenceError(name)
    return path
