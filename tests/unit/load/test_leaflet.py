"""The leaflet law against the Army tables it was fitted to, and the change of mode."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from downwind import atmosphere
from downwind.constants import RHO0
from downwind.load.leaflet import leaflet_law, mode_threshold, switch_height_m

FOOT_M = 0.3048
INCH_M = 0.0254
LAYER_EDGES_FT = np.array([0.0, *np.arange(500.0, 10_000.0, 1_000.0)])


def layer_hours(rate_fps: float, exponent: float) -> np.ndarray:
    """Hours in the lowest 500 ft and the nine layers of 1000 ft above, by the density law."""
    integral = atmosphere.fall_integral_m(LAYER_EDGES_FT * FOOT_M, exponent)
    return np.diff(integral) / (rate_fps * FOOT_M) / 3600.0


def army_layers(shared: Path) -> dict[float, np.ndarray]:
    """The layer times of the autorotating table, by rate of descent."""
    path = shared / "data" / "physics" / "gta33-01-003_table2-3_2-4.csv"
    with path.open() as stream:
        rows = [r for r in csv.reader(stream) if r[0].startswith("2-4")]
    return {float(r[1]): np.array([float(x) for x in r[2:12]]) for r in rows}


@pytest.mark.parametrize(("rate_fps", "hours"), [(1.3, 1.892), (1.8, 1.367), (2.5, 0.984)], ids=str)
def test_vector_4_square_root_law_from_9500_feet(rate_fps: float, hours: float) -> None:
    assert layer_hours(rate_fps, 0.5).sum() == pytest.approx(hours, abs=1.5e-3)


@pytest.mark.parametrize(("rate_fps", "hours"), [(1.3, 1.94), (1.8, 1.40), (2.5, 1.01)], ids=str)
def test_vector_4_sum_of_the_army_table_is_2_6_percent_longer(
    shared: Path, rate_fps: float, hours: float
) -> None:
    table = army_layers(shared)[rate_fps].sum()

    # the column sum of a table in hundredths carries at most a few hundredths of rounding
    assert table == pytest.approx(hours, abs=0.0151)
    assert layer_hours(rate_fps, 0.5).sum() / table - 1.0 == pytest.approx(-0.026, abs=0.006)


def test_vector_4_every_army_cell_is_met_by_the_law(shared: Path) -> None:
    table = army_layers(shared)
    root = [np.abs(layer_hours(r, 0.5) - row).max() for r, row in table.items()]
    fitted = [np.abs(layer_hours(r, 0.37) - row).max() for r, row in table.items()]

    assert sum(row.size for row in table.values()) == 170
    assert max(root) < 0.0115
    assert max(fitted) < 0.0065


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


def test_vector_8_army_drift_is_16_73_nautical_miles(shared: Path) -> None:
    winds_kt = np.array([5, 8, 10, 12, 15, 18, 20, 22, 25, 28])

    by_table = float(army_layers(shared)[2.5] @ winds_kt)
    by_law = float(layer_hours(2.5, 0.37) @ winds_kt)

    assert by_table == pytest.approx(16.73, abs=0.005)
    assert by_law == pytest.approx(16.73, rel=0.01)


def test_the_sides_of_a_leaflet_may_come_in_either_order() -> None:
    assert leaflet_law(0.08, 0.1, 0.2) == leaflet_law(0.08, 0.2, 0.1)


def test_the_law_meets_the_58_cells_as_well_as_it_says(shared: Path) -> None:
    path = shared / "data" / "physics" / "gta33-01-003_table2-1.csv"
    with path.open() as stream:
        cells = list(csv.DictReader(stream))
    right, misses = 0, {"0": [], "1": []}
    for cell in cells:
        law = leaflet_law(
            float(cell["gsm_from_table2_2"]) * 1e-3,
            float(cell["long_in"]) * INCH_M,
            float(cell["short_in"]) * INCH_M,
        )
        spins = cell["autorotates"]
        right += (law.autorotation >= 1.25) == (spins == "1")
        speed = law.speed_autorotating_ms if spins == "1" else law.speed_other_ms
        misses[spins].append(np.log(speed / float(cell["descent_mps"])))

    assert len(cells) == 58
    assert right >= 57
    assert np.sqrt(np.mean(np.square(misses["1"]))) == pytest.approx(0.18, abs=0.01)
    assert np.sqrt(np.mean(np.square(misses["0"]))) == pytest.approx(0.13, abs=0.01)


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
