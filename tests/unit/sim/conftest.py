"""What the tests of flights share."""

from __future__ import annotations

import pytest

from tests.unit.sim.made_winds import ENGINES


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """Each engine for falling items in turn."""
    return str(request.param)
