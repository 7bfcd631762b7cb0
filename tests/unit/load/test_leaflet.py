"""The leaflet law and the change of mode; the tables it was fitted to are in tests/oracle."""

from __future__ import annotations

import numpy as np
import pytest

from downwind import atmosphere
from downwind.constants import RHO0
from downwind.errors import ArgumentError
from downwind.load.leaflet import leaflet_law, mode_threshold, switch_height_m


@pytest.mark.parametrize(
    ("grammage", "length", "width", "expected"),
    [
        pytest.param(80, 0.210, 0.148, (1.1318, 0.6643, 0.7913, 1.0678), id="A5"),
        pytest.param(80, 0.148, 0.105, (1.1318, 0.7886, 0.9363, 1.0137), id="A6"),
        pytest.param(80, 0.1524, 0.0762, (1.1318, 0.9258, 1.3092, 0.6089), id="6x3"),
        pytest.param(45, 0.12, 0.05, (0.8488, 0.8571, 1.3279, 0.4567), id="12x5 cm film"),
    ],
)
def test_vector_7_leaflet_law_to_the_last_digit(
    grammage: float, length: float, width: float, expected: tuple[float, ...]
) -> None:
    law = leaflet_law(grammage * 1e-3, length, width)
    found = (law.reference_speed_ms, law.froude, law.autorotation, law.speed_ms)

    assert found == pytest.approx(expected, abs=1.5e-4)


def test_the_sides_of_a_leaflet_may_come_in_either_order() -> None:
    assert leaflet_law(0.08, 0.1, 0.2) == leaflet_law(0.08, 0.2, 0.1)


def test_threshold_of_the_median_leaflet_is_1_24_and_rises_with_its_number() -> None:
    u = np.array([0.05, 0.5, 0.95])

    threshold = mode_threshold(u)

    assert threshold[1] == pytest.approx(1.24, abs=1e-12)
    np.testing.assert_allclose(1.0 / (1.0 + np.exp(-(threshold - 1.24) / 0.035)), u, rtol=1e-12)


def test_a_leaflet_changes_mode_where_its_local_number_meets_its_threshold() -> None:
    heights = np.array([-1_500.0, 0.0, 700.0, 5_000.0, 10_990.0, 11_010.0, 19_000.0, 40_000.0])
    at_sea_level = 1.1
    local = at_sea_level * np.sqrt(RHO0 / atmosphere.density_kgm3(heights))

    np.testing.assert_allclose(switch_height_m(at_sea_level, local), heights, atol=1e-3)


def test_thresholds_that_no_height_meets_give_one_mode_everywhere() -> None:
    assert switch_height_m(2.0, 0.5) == -np.inf
    assert switch_height_m(0.1, 5.0) == np.inf
    assert switch_height_m(1.3, -0.2) == -np.inf


@pytest.mark.parametrize(
    "sheet",
    [(0.08, 0.0, 0.1), (0.08, 0.1, -0.1), (0.0, 0.1, 0.1), (0.08, 0.1, np.nan), (np.inf, 0.1, 0.1)],
)
def test_given_a_sheet_without_a_side_or_mass_when_asked_then_it_is_refused(
    sheet: tuple[float, float, float],
) -> None:
    with pytest.raises(ArgumentError, match="no sheet has") as caught:
        leaflet_law(*sheet)
    assert caught.value.hint
