"""What all tests share."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Machines are shared: an example that takes long is no defect of what it tests.
settings.register_profile("shared", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared")

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data that nobody here wrote; tests that need it are skipped by name."""
    if not SHARED.is_dir():
        pytest.skip(f"real data folder {SHARED.name} is not beside the project")
    return SHARED
