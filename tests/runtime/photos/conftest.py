"""A headquarters for each test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.runtime.photos.town import Town


@pytest.fixture
def open_town(tmp_path: Path) -> Callable[..., Town]:
    return lambda settings=None: Town(tmp_path, settings)


@pytest.fixture
def town(open_town: Callable[..., Town]) -> Town:
    return open_town()
