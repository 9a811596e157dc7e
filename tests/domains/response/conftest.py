"""Payloads from bytes, and a gazetteer that knows what a test tells it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from hinomi.kernel.geometry import Geometry
from hinomi.kernel.ports import Payload

TAKEN = datetime(2025, 11, 5, 11, 44, tzinfo=UTC)

MakePayload = Callable[..., Payload]


class Boundaries:
    """Municipalities' boundaries by code."""

    def __init__(self, places: dict[str, Geometry] | None = None) -> None:
        self.places = places or {}

    def place(self, code: str, on: date) -> Geometry | None:  # noqa: ARG002
        return self.places.get(code)

    def knows(self, code: str, on: date) -> bool:  # noqa: ARG002
        return code in self.places


@pytest.fixture
def make_payload() -> MakePayload:
    def make(data: bytes, name: str = "file", taken_at: datetime = TAKEN) -> Payload:
        return Payload(data=data, name=name, address=name, digest="0" * 64, taken_at=taken_at)

    return make


@pytest.fixture
def nowhere() -> Boundaries:
    return Boundaries()


@pytest.fixture
def around_nanao() -> Boundaries:
    west, south, east, north = 136.7, 36.9, 137.1, 37.3
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return Boundaries({"1720200": {"type": "Polygon", "coordinates": [ring]}})
