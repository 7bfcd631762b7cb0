"""The statistics of the fields, as they are read, against what was asked for."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from docs.figures.error_fields import (
    FIELDS,
    FRAME_MS,
    Estimate,
    measure_field,
    size_of,
    uniform_grid,
)
from downwind.atmosphere import pressure_pa
from downwind.sim.draws import Draws
from downwind.sim.wind_error import perturb_grid
from downwind.wind.error import forecast_sigma_ms
from downwind.wind.perturbation import sample_errors
from tests.unit.sim.made_winds import wind_grid


@pytest.mark.parametrize("name", FIELDS)
def test_given_many_members_when_estimated_then_size_lengths_and_time_are_those_asked_for(
    name: str,
) -> None:
    """Estimators of docs/figures/error_fields.py: 250 members, 60 pairs at each of ten lags.

    The bound is 5 % or twice the estimate's own standard error (jackknife over members).
    """
    found = measure_field(name, members=250, points=60)
    estimates = {"sigma_ms": found.sigma_ms, **found.scales}
    assert set(estimates) >= {"sigma_ms", "horizontal_m", "time_s"}
    assert ("vertical_m" in estimates) == (name in ("large", "fine"))
    for what, estimate in estimates.items():
        assert estimate.holds, (what, estimate)
        # the bound means something: the standard error is not the larger part of it
        assert estimate.error < 0.05 * estimate.asked, (what, estimate)


def test_given_an_estimate_when_it_is_off_then_it_does_not_hold() -> None:
    assert Estimate(10.0, 10.4, 0.01).holds
    assert Estimate(10.0, 11.0, 0.6).holds
    assert not Estimate(10.0, 10.6, 0.01).holds


def test_given_two_members_when_compared_then_their_errors_are_independent() -> None:
    grid = perturb_grid(uniform_grid(), size_of("large"), Draws(3), 600, 20.0, 0.0)
    east, north = sample_errors(grid.arrays, np.arange(600), 20.0, 0.0, 5_000.0, 3_600.0)[:2]
    few = 4.0 / math.sqrt(600)
    assert abs(np.corrcoef(east, north)[0, 1]) < few
    assert abs(np.corrcoef(east[1:], east[:-1])[0, 1]) < few
    assert abs(np.corrcoef(east[300:], east[:300])[0, 1]) < few


def test_given_a_place_on_the_ground_when_time_passes_then_the_error_changes_sooner() -> None:
    """With the frame tau is Lagrangian; at one place the lattice passes by as well."""
    grid = perturb_grid(uniform_grid(), size_of("fine"), Draws(5), 800, 20.0, 0.0)
    member, later = np.arange(800), 1_800.0
    start = sample_errors(grid.arrays, member, 20.0, 0.0, 5_000.0, 7_200.0)[0]
    fixed = sample_errors(grid.arrays, member, 20.0, 0.0, 5_000.0, 7_200.0 + later)[0]
    way = np.array(FRAME_MS) * later / 111_194.9
    moved = sample_errors(grid.arrays, member, 20.0 + way[0], way[1], 5_000.0, 7_200.0 + later)[0]
    drift_m = math.hypot(*FRAME_MS) * later
    for found, expected in (
        (np.corrcoef(start, moved)[0, 1], math.exp(-1.0)),
        (np.corrcoef(start, fixed)[0, 1], math.exp(-1.0 - 0.5 * (drift_m / 40_000.0) ** 2)),
    ):
        assert abs(found - expected) < 3.0 / math.sqrt(800)


def test_given_the_table_of_a_forecast_when_drawn_then_the_size_follows_it() -> None:
    """Sizes of 3,000 members, two components: a standard error of 0.9 %, three of which count.

    Between nodes, 3.2 km apart, a size is the mean of squares of its neighbours, which is where
    the table bends up to 3 % off.
    """
    height, lead_h = np.linspace(0.0, 12_000.0, 25), np.array([0.0, 18.0, 36.0])
    size = replace(
        size_of("large"),
        height_m=height,
        time_s=lead_h * 3_600.0,
        large_ms=forecast_sigma_ms(pressure_pa(height)[:, None], 12.0 + lead_h),
    )
    grid = perturb_grid(uniform_grid(), size, Draws(9), 3_000, 20.0, 0.0)
    for h in (0.0, 1_500.0, 3_000.0, 5_500.0, 9_000.0, 12_000.0):
        for hour in (0.0, 10.0, 36.0):
            expected = float(forecast_sigma_ms(pressure_pa(h), 12.0 + hour))
            found = sample_errors(grid.arrays, np.arange(3_000), 20.0, 0.0, h, hour * 3_600.0)
            ratio = found[:2].std() / expected
            assert abs(ratio - 1.0) < 0.03 + 3.0 / math.sqrt(2.0 * 6_000), (h, hour, ratio)


@pytest.mark.parametrize("longitude", [179.9, -179.9])
def test_given_the_antimeridian_when_crossed_then_the_field_goes_on(longitude: float) -> None:
    wind = wind_grid(
        lambda x, y, h, t: (20.0 + 0.0 * (x + y + h), 0.0 * (x + h)),
        longitude=np.linspace(170.0, 190.0, 41),
        latitude=np.linspace(40.0, 50.0, 21),
        height=np.linspace(0.0, 12_000.0, 5),
        time=np.array([0.0, 86_400.0]),
    )
    grid = perturb_grid(wind, size_of("fine"), Draws(1), 5, longitude, 45.0)
    across = np.linspace(179.0, 181.0, 2_001)
    turned = np.where(across > 180.0, across - 360.0, across)
    errors = sample_errors(grid.arrays, np.arange(5)[:, None], turned, 45.0, 3_000.0, 40_000.0)[0]
    # 79 m a step, a fiftieth of L for 100 steps: no jump
    assert np.abs(np.diff(errors, axis=1)).max() < 0.03
    assert errors.std() > 0.3
