"""What every test can ask for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of real data named by DOWNWIND_SHARED; skip, or fail in CI, without it."""
    named = os.environ.get("DOWNWIND_SHARED", "")
    folder = Path(named)
    if named and (folder / "data").is_dir():
        return folder
    if os.environ.get("CI"):
        pytest.fail("no real data here: DOWNWIND_SHARED names no folder that holds data/")
    pytest.skip("no real data here")
