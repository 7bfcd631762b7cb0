"""Ascents of fifteen real balloons beside three laws, as `benchmarks.evidence` reports them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.evidence import pyballoon
from benchmarks.evidence.pyballoon import Ascent, Law, Log
from downwind import atmosphere
from downwind.constants import GRAVITY_MS2

MASS_KG = pyballoon.FLIGHT_MASS_KG


def make_log(law: Law, parameter: float, spacing_m: float = 1_000.0) -> Log:
    """Return a flight that follows a law exactly from 500 m to 30 km."""
    height = np.arange(500.0, 30_001.0, spacing_m)
    seconds = pyballoon.climb_s(law, parameter, height, 400.0, MASS_KG)
    return Log("made", seconds, height, 400.0, height.size, 0, 0, 0, 0, False, 0.0)


@pytest.fixture(scope="module")
def ascents(shared: Path) -> tuple[Ascent, ...]:
    return pyballoon.examine(shared)


@pytest.mark.parametrize(
    ("law", "parameter"), [(Law.CONSTANT, 5.0), (Law.SPHERE, 4.0), (Law.RAMP, 3.8)]
)
def test_given_a_flight_by_a_law_when_measured_then_that_law_foretells_it(
    law: Law, parameter: float
) -> None:
    forecasts = {f.law: f for f in pyballoon.measure_ascent(make_log(law, parameter)).forecasts}

    assert forecasts[law].parameter == pytest.approx(parameter, rel=2e-3)
    assert forecasts[law].error == pytest.approx(0.0, abs=2e-3)
    assert all(abs(f.error) > 0.01 for other, f in forecasts.items() if other is not law)


def test_given_the_sphere_when_climbing_then_the_rate_grows_as_the_sixth_root_of_thinness() -> None:
    heights = np.array([0.0, 9_999.5, 10_000.5])
    climb = pyballoon.climb_s(Law.SPHERE, 5.0, heights, 0.0, MASS_KG)
    thin = float(atmosphere.density_kgm3(0.0) / atmosphere.density_kgm3(10_000.0))

    assert 1.0 / (climb[2] - climb[1]) == pytest.approx(5.0 * thin ** (1.0 / 6.0), rel=1e-4)


def test_given_the_ramp_when_steady_then_drag_balances_free_lift_outside_the_ramp() -> None:
    heights = np.linspace(0.0, 30_000.0, 301)
    volume = 4.0
    speed = pyballoon.ramp_speeds(volume, heights, 0.0, MASS_KG)
    rho, kelvin = atmosphere.density_kgm3(heights), atmosphere.temperature_k(heights)
    diameter = (6.0 / np.pi * volume * rho[0] / rho) ** (1.0 / 3.0)
    reynolds = rho * speed * diameter / (1.458e-6 * kelvin**1.5 / (kelvin + 110.4))
    drag = np.interp(reynolds, [3.35e5, 3.71e5], [0.42, 0.22])
    force = 0.5 * rho * speed**2 * np.pi / 4.0 * diameter**2 * drag
    lift = (volume * rho[0] * (1.0 - 4.002602 / 28.9644) - MASS_KG) * GRAVITY_MS2

    np.testing.assert_allclose(force, lift, rtol=1e-6)
    # fast below, slow above, and one step down between
    assert reynolds[0] > 3.71e5 > 3.35e5 > reynolds[-1]
    assert np.count_nonzero(np.diff(speed) < -1.0) == 1


def test_given_little_lift_when_released_from_rest_then_the_slow_speed_is_kept() -> None:
    heights = np.linspace(0.0, 30_000.0, 301)
    speed = pyballoon.ramp_speeds(3.1, heights, 0.0, MASS_KG)

    assert np.all(np.diff(speed) > 0.0)


def test_given_a_log_when_read_then_odd_rows_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "18-1-2.csv"
    rows = [
        "RB1,01/01/2018,23:58:00,46.5,6.8,500,0,0",
        "01/01/2018,23:59:00,46.5,6.8,500,0,0",
        "",
        "02/01/2018,00:03:00,46.5,6.8,1700,0,0",
        "02/01/2018,00:02:00,46.5,6.8,900,0,0",
        "02/01/2018,00:08:00,46.5,6.8,3200,0,0",
        "02/01/2018,00:13:00,46.5,6.8,4700,0,0",
        "02/01/2018,00:18:00,46.5,6.8,4800,0,0",
        "02/01/2018,00:23:00,46.5,6.8,1800,0,0",
    ]
    path.write_text("\n".join(rows), encoding="utf-8")
    log = pyballoon.read_log(path)

    assert (log.rows, log.prefixed, log.backward) == (8, 1, 1)
    assert (log.before, log.after, log.burst_dropped) == (2, 2, True)
    np.testing.assert_allclose(log.time_s, [300.0, 600.0, 900.0])
    np.testing.assert_allclose(
        log.height_m, atmosphere.geopotential_height([1_700.0, 3_200.0, 4_700.0])
    )


def test_given_a_flight_too_fast_for_any_filling_when_fitted_then_it_is_refused() -> None:
    log = make_log(Law.CONSTANT, 100.0)

    with pytest.raises(ValueError, match="no volume of helium"):
        pyballoon.fit_law(Law.RAMP, log, 15, MASS_KG)


def test_given_the_fifteen_files_when_read_then_altitudes_are_metres_of_an_ascent(
    ascents: tuple[Ascent, ...],
) -> None:
    assert len(ascents) == 15
    assert all(a.log.name.startswith("18-") for a in ascents)
    for a in ascents:
        log = a.log
        assert log.rows == log.before + log.time_s.size + log.after + log.backward
        assert np.all(np.diff(log.time_s) > 0.0)
        assert np.all(np.diff(log.height_m) > 0.0)
        # feet would give a third of this
        assert 27_000.0 < log.height_m[-1] < 33_000.0
        assert 3.5 < a.lower_ms < 7.0
        assert 4.0 < a.upper_ms < 6.0


def test_given_the_fifteen_flights_when_foretold_then_errors_are_those_reported(
    ascents: tuple[Ascent, ...],
) -> None:
    errors = pyballoon.summarise(ascents)

    assert errors[Law.CONSTANT] == pytest.approx((-0.028, 0.105), abs=0.002)
    assert errors[Law.SPHERE] == pytest.approx((0.384, 0.407), abs=0.002)
    assert errors[Law.RAMP] == pytest.approx((0.103, 0.140), abs=0.002)


def test_given_the_fifteen_flights_when_cut_in_layers_then_most_are_slowest_in_the_middle(
    ascents: tuple[Ascent, ...],
) -> None:
    layers = [pyballoon.measure_layers(a.log) for a in ascents]
    slow = [low > middle < high for low, middle, high in filter(None, layers)]

    assert [a.log.name for a, rates in zip(ascents, layers, strict=True) if rates is None] == [
        "18-8-6"
    ]
    assert (sum(slow), len(slow)) == (10, 14)


def test_given_other_masses_when_foretold_then_the_order_of_the_laws_stays(shared: Path) -> None:
    for mass_kg in (2.0, 5.0):
        errors = pyballoon.summarise(pyballoon.examine(shared, mass_kg))
        assert errors[Law.CONSTANT][1] < errors[Law.RAMP][1] < 0.5 * errors[Law.SPHERE][1]
