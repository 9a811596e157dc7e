"""What an import is told, and what a preview tells."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from hinomi.kernel.errors import Problem
from hinomi.kernel.marking import Status

KEY, LONGITUDE, LATITUDE, SAID_AT, START, END = (
    "id",
    "longitude",
    "latitude",
    "said_at",
    "start",
    "end",
)
ENVELOPE = (KEY, LONGITUDE, LATITUDE, SAID_AT, START, END)
"""What a column may be beside a property of the collection."""


class Plan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a file becomes records. ``columns``: the file's column to a property, "" to none.

    What ``columns`` does not name is guessed. ``constants`` are the same for every row.
    """

    collection: str
    source: str
    columns: dict[str, str] = {}
    constants: dict[str, str] = {}
    status: Status = Status.ACTUAL
    said_at: datetime | None = None
    """When the sender stated it; None takes the time in the file's name, else that of import."""
    sheet: str = ""
    """Of a workbook; empty: the first."""


class ColumnPreview(msgspec.Struct, frozen=True, kw_only=True):
    """One column of the file: what it is taken for, how sure that is, some of its values."""

    name: str
    property: str
    confidence: float
    """1 as told or by its name, 0 not recognised."""
    samples: list[str]


class RowPreview(msgspec.Struct, frozen=True, kw_only=True):
    """One row: what the sender wrote beside what it is read as."""

    row: int
    said: dict[str, str]
    read: dict[str, Any] | None
    """The feature's properties; None for a row that is refused."""
    place: dict[str, Any] | None = None


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What an import would do."""

    name: str
    digest: str
    format: str
    collection: str
    status: Status
    columns: list[ColumnPreview]
    properties: dict[str, str]
    """What a column may be taken for, with its type."""
    missing: list[str]
    """Properties that every row needs and that no column gives: choose one, or a constant."""
    rows: int
    good: int
    refused: int
    without_place: int
    first: list[RowPreview]
    problems: list[Problem]
    problems_in_all: int
