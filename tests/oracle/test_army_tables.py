"""The leaflet law and the drift method against the Army's own tables, GTA 33-01-003 (June 2014)."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from downwind.load.army import (
    FOOT_M,
    KNOT_MS,
    TABLE_EXPONENT,
    add_drift,
    army_edges_m,
    check_army,
    layer_hours,
)
from downwind.load.leaflet import AUTOROTATION_J, leaflet_law

INCH_M = 0.0254


@pytest.fixture(scope="module")
def cells(shared: Path) -> list[dict[str, str]]:
    """The cells of table 2-1: sheet, rate of descent, whether it autorotates."""
    with (shared / "data" / "physics" / "gta33-01-003_table2-1.csv").open() as stream:
        return list(csv.DictReader(stream))


def read_layers(shared: Path, table: str) -> dict[float, np.ndarray]:
    """Hours by layer of table 2-3 or 2-4, by rate of descent [ft/s]."""
    with (shared / "data" / "physics" / "gta33-01-003_table2-3_2-4.csv").open() as stream:
        rows = [row for row in csv.reader(stream) if row[0].startswith(table)]
    return {float(row[1]): np.array([float(x) for x in row[2:] if x]) for row in rows}


@pytest.fixture(scope="module")
def auto_layers(shared: Path) -> dict[float, np.ndarray]:
    """Table 2-4, autorotating."""
    return read_layers(shared, "2-4")


def sheet_of(cell: dict[str, str]) -> tuple[float, float, float]:
    """Surface density [kg m-2] and sides [m] of a cell."""
    return (
        float(cell["gsm_from_table2_2"]) * 1e-3,
        float(cell["long_in"]) * INCH_M,
        float(cell["short_in"]) * INCH_M,
    )


# --- table 2-1: the leaflet law ------------------------------------------------------------------


def test_given_the_58_cells_when_told_apart_at_1_25_then_57_are_right_and_one_is_named(
    cells: list[dict[str, str]],
) -> None:
    odd = [c for c in cells if leaflet_law(*sheet_of(c)).autorotates != (c["autorotates"] == "1")]

    assert len(cells) == 58
    assert [(c["long_in"], c["short_in"], c["paper_lb"]) for c in odd] == [("8.5", "3.09", "16")]
    assert leaflet_law(*sheet_of(odd[0])).autorotation == pytest.approx(1.31, abs=0.005)


def test_given_the_cells_but_the_odd_one_when_sorted_by_j_then_1_25_lies_in_their_gap(
    cells: list[dict[str, str]],
) -> None:
    spins = {"0": [], "1": []}
    for cell in cells:
        sheet = (cell["long_in"], cell["short_in"], cell["paper_lb"])
        if sheet != ("8.5", "3.09", "16"):
            spins[cell["autorotates"]].append(leaflet_law(*sheet_of(cell)).autorotation)

    assert max(spins["0"]) == pytest.approx(1.183, abs=0.002)
    assert min(spins["1"]) == pytest.approx(1.254, abs=0.002)
    assert max(spins["0"]) < AUTOROTATION_J < min(spins["1"])


@pytest.mark.parametrize(("mode", "rms"), [("1", 0.18), ("0", 0.13)], ids=["spins", "does not"])
def test_given_the_cells_of_a_mode_when_compared_then_the_law_misses_them_by_its_rms(
    cells: list[dict[str, str]], mode: str, rms: float
) -> None:
    misses = []
    for cell in (c for c in cells if c["autorotates"] == mode):
        law = leaflet_law(*sheet_of(cell))
        speed = law.speed_autorotating_ms if mode == "1" else law.speed_other_ms
        misses.append(np.log(speed / (float(cell["descent_fps"]) * FOOT_M)))

    assert np.sqrt(np.mean(np.square(misses))) == pytest.approx(rms, abs=0.01)
    assert abs(np.mean(misses)) < 0.03


# --- tables 2-3 and 2-4: times through layers ----------------------------------------------------


@pytest.mark.parametrize(
    ("rate_fps", "by_table", "by_root"),
    [(1.3, 1.94, 1.892), (1.8, 1.40, 1.367), (2.5, 1.01, 0.984)],
    ids=str,
)
def test_vector_4_fall_from_9500_feet_by_table_and_by_the_root(
    auto_layers: dict[float, np.ndarray], rate_fps: float, by_table: float, by_root: float
) -> None:
    table = auto_layers[rate_fps].sum()
    root = layer_hours(rate_fps * FOOT_M).sum()

    # the sum of ten figures in hundredths carries a few hundredths of rounding
    assert table == pytest.approx(by_table, abs=0.0151)
    assert root == pytest.approx(by_root, abs=1.5e-3)
    assert root / table - 1.0 == pytest.approx(-0.026, abs=0.006)


def test_vector_4_all_170_cells_lie_within_0_011_h_of_the_root_and_0_006_h_of_the_fit(
    auto_layers: dict[float, np.ndarray],
) -> None:
    def worst(exponent: float) -> float:
        return max(
            float(np.abs(layer_hours(rate * FOOT_M, exponent=exponent) - row).max())
            for rate, row in auto_layers.items()
        )

    assert sum(row.size for row in auto_layers.values()) == 170
    assert worst(0.5) < 0.0115
    assert worst(TABLE_EXPONENT) < 0.0065
    # no exponent far from it does as well
    assert worst(0.0) > 0.02
    assert worst(1.0) > 0.02


def test_vector_8_drift_at_2_5_feet_per_second_is_16_73_nautical_miles(
    auto_layers: dict[float, np.ndarray],
) -> None:
    wind_ms = KNOT_MS * np.array([5, 8, 10, 12, 15, 18, 20, 22, 25, 28])

    by_table = add_drift(auto_layers[2.5], wind_ms, np.zeros(10))
    by_law = add_drift(
        layer_hours(2.5 * FOOT_M, exponent=TABLE_EXPONENT), wind_ms * 0.6, wind_ms * 0.8
    )

    assert by_table.distance_nm == pytest.approx(16.73, abs=0.005)
    assert by_law.distance_nm == pytest.approx(16.73, rel=0.01)

    check = check_army(2.5 * FOOT_M, 0.31, army_edges_m(9_500.0 * FOOT_M), wind_ms, np.zeros(10))
    assert check.drift.distance_nm == pytest.approx(16.73, abs=0.05)
    np.testing.assert_allclose(check.layer_hours, auto_layers[2.5], atol=0.0065)


def test_given_the_other_table_when_compared_then_its_surface_layer_is_of_350_feet(
    shared: Path,
) -> None:
    rows = read_layers(shared, "2-3")
    del rows[4.7]  # garbled from 9,000 ft on
    edges = FOOT_M * np.array([0.0, 350.0, *np.arange(500.0, 10_000.0, 1_000.0)])

    for rate, row in rows.items():
        hours = layer_hours(rate * FOOT_M, edges)
        assert row[0] == pytest.approx(hours[0], abs=0.0065)
        np.testing.assert_allclose(row[1:10], hours[2:], atol=0.0115)
