"""Sizes of forecast error fitted to winds whose errors are known."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from downwind.atmosphere import pressure_pa
from downwind.errors import ArgumentError
from downwind.sim.draws import Draws
from downwind.sim.wind_error import perturb_grid
from downwind.wind.compare.cubes import EVERYWHERE
from downwind.wind.compare.differences import find_differences
from downwind.wind.compare.sizes import FitPair, fit_sizes, lead_bin
from downwind.wind.cube import EAST, NORTH, WIND_ERROR, WindCube, validate_cube
from downwind.wind.error import forecast_sigma_ms, unresolved_sigma_ms
from downwind.wind.error_sizes import FittedSizes, read_sizes, write_sizes
from downwind.wind.grid import WindOptions, build_grid
from downwind.wind.perturbation import ErrorSize, sample_errors
from downwind.wind.synthetic import SyntheticWind

HOUR = 3600.0
START = 400_000 * HOUR
NIGHTS = 12
LEADS_H = (24.0, 30.0, 36.0, 42.0, 48.0)
BOX = (100.0, 20.0, 140.0, 50.0)
HEIGHTS = (1_457.0, 5_574.0, 7_185.0)
FACTOR = 1.3
# heights away from 300 hPa, where the table ends its rise: nodes 3 km apart round that off


def calm_cube(hours: np.ndarray, nature: str, run_hour: float | None = None) -> WindCube:
    levels = np.array([0.0, *HEIGHTS, 12_000.0])
    wind = SyntheticWind(
        name=f"test {nature}",
        time_s=START + HOUR * hours,
        height_m=levels,
        east_ms=np.full((hours.size, levels.size), 12.0),
        north_ms=np.full((hours.size, levels.size), -4.0),
        longitude0=120.0,
        latitude0=35.0,
        gradient=(0.0, 0.0, 0.0, 0.0),
    )
    data = wind.to_cube(BOX, 2.5, 1e9).dataset
    run = "" if run_hour is None else f"{np.datetime64(int(START + HOUR * run_hour), 's')}Z"
    data.attrs = {**data.attrs, "nature": nature, "forecast_reference_time": run}
    return validate_cube(data)


def made_errors(fine_ms: float = 0.0, factor: float = FACTOR) -> list[np.ndarray]:
    """Return errors of each night, shape (2, time, level, y, x), as forecasts of 24 to 48 h."""
    hours = np.array(LEADS_H)
    cube = calm_cube(hours, "forecast", 0.0)
    grid = build_grid(cube, WindOptions(terrain_constant_m=0.0))
    levels = cube.dataset["geopotential_height"].values[0, 0, :, 0, 0].astype(float)
    table = np.linspace(0.0, 12_000.0, 25)
    size = ErrorSize(
        table,
        START + HOUR * hours,
        factor * forecast_sigma_ms(pressure_pa(table)[:, None], hours),
        fine_ms,
        0.0,
        0.0,
        0.0,
    )
    arrays = perturb_grid(grid, size, Draws(3), NIGHTS, 120.0, 35.0).arrays
    t, z, lat, lon = np.meshgrid(
        cube.times_s.astype(float), levels, cube.latitude, cube.longitude, indexing="ij"
    )
    return [
        np.array(sample_errors(arrays, np.full(t.shape, night), lon, lat, z, t)[:2])
        for night in range(NIGHTS)
    ]


def forecast_of(night: int, errors: np.ndarray) -> WindCube:
    hours = 72.0 * night + np.array(LEADS_H)
    data = calm_cube(hours, "forecast", 72.0 * night).dataset.copy(deep=True)
    data[EAST].values[0] += errors[0].astype(np.float32)
    data[NORTH].values[0] += errors[1].astype(np.float32)
    return validate_cube(data)


def truth() -> WindCube:
    hours = np.concatenate([72.0 * night + np.array(LEADS_H) for night in range(NIGHTS)])
    return calm_cube(hours, "reanalysis")


def pair(first: WindCube, second: WindCube) -> FitPair:
    return FitPair(first, second, find_differences(first, second, HEIGHTS, EVERYWHERE))


@pytest.fixture(scope="module")
def errors() -> list[np.ndarray]:
    return made_errors()


@pytest.fixture(scope="module")
def fitted(errors: list[np.ndarray]) -> FittedSizes:
    first = truth()
    return fit_sizes([pair(first, forecast_of(i, own)) for i, own in enumerate(errors)])


def test_given_known_errors_when_fitted_then_sizes_return_within_their_stated_error(
    fitted: FittedSizes,
) -> None:
    off = []
    for entry in fitted.entries:
        want = FACTOR * float(forecast_sigma_ms(entry.pressure_pa, entry.lead_h))
        off.append((entry.sigma_ms - want) / entry.standard_error_ms)
        print(f"\n{entry.pressure_pa / 100:.0f} hPa {entry.lead_h:.0f} h: {entry.sigma_ms:.2f} +- "
              f"{entry.standard_error_ms:.2f}, made with {want:.2f}", end="")  # fmt: skip
        assert entry.standard_error_ms < 0.15 * want
    assert len(off) == 9
    assert np.abs(off).max() < 3.0
    assert np.sqrt(np.mean(np.square(off))) < 1.6


def test_given_known_scales_when_fitted_then_they_return_within_their_stated_error(
    fitted: FittedSizes,
) -> None:
    assert fitted.horizontal_m is not None
    assert fitted.time_s is not None
    length, time = fitted.horizontal_m, fitted.time_s
    print(f"\nL {length.value / 1e3:.0f} +- {length.standard_error / 1e3:.0f} km, tau "
          f"{time.value / HOUR:.1f} +- {time.standard_error / HOUR:.1f} h")  # fmt: skip
    # the lattice follows exp(-d^2 / 2 L^2) within 0.02
    assert abs(length.value - 400e3) < 3.0 * length.standard_error + 10e3
    assert abs(time.value - 9.0 * HOUR) < 3.0 * time.standard_error + 0.5 * HOUR
    assert length.standard_error < 0.15 * length.value


def test_given_a_fit_when_written_then_a_mission_reads_the_same_sizes(
    fitted: FittedSizes, tmp_path: Path
) -> None:
    path = tmp_path / "sizes.toml"
    path.write_text(write_sizes(fitted), "utf-8")
    found = read_sizes(path)
    pressures, leads = np.array([95_000.0, 60_000.0, 20_000.0])[:, None], np.array([6.0, 33.0])
    assert found.sigma_ms(pressures, leads) == pytest.approx(
        fitted.sigma_ms(pressures, leads), rel=1e-4
    )
    assert found.notes == fitted.notes
    assert "test reanalysis counts as exact" in found.notes


def test_given_two_forecasts_when_their_leads_cannot_be_told_apart_then_one_factor_is_fitted(
    errors: list[np.ndarray],
) -> None:
    pairs = []
    for i in range(0, NIGHTS, 2):
        older = forecast_of(i, errors[i])
        data = calm_cube(72.0 * i + np.array(LEADS_H[:2]), "forecast", 72.0 * i + 12.0)
        younger = data.dataset.isel(time=[0]).copy(deep=True)
        one = older.dataset.isel(time=slice(0, 1))
        for c, name in enumerate((EAST, NORTH)):
            base = younger[name].values
            share = float(forecast_sigma_ms(50_000.0, 12.0) / forecast_sigma_ms(50_000.0, 24.0))
            base[0] += share * errors[i + 1][c, :1].astype(np.float32)
        pairs.append(pair(validate_cube(younger), validate_cube(one)))
    found = fit_sizes(pairs)
    assert any("one factor" in note for note in found.notes)
    for entry in (e for e in found.entries if e.pressure_pa < 60_000.0):
        want = FACTOR * float(forecast_sigma_ms(entry.pressure_pa, entry.lead_h))
        assert abs(entry.sigma_ms - want) < 3.0 * entry.standard_error_ms


def test_given_an_observation_when_fitted_then_its_error_and_the_grids_are_taken_off(
    errors: list[np.ndarray],
) -> None:
    rng = np.random.default_rng(5)
    fine = float(unresolved_sigma_ms(math.radians(2.5) * 6_371_000.0))
    pairs = []
    for i, own in enumerate(errors):
        forecast = forecast_of(i, own)
        data = truth().dataset.sel(time=forecast.dataset["time"]).copy(deep=True)
        for name in (EAST, NORTH):
            noise = rng.normal(0.0, math.hypot(2.0, fine), data[name].shape)
            data[name].values += noise.astype(np.float32)
        data[WIND_ERROR] = (data[EAST].dims, np.full(data[EAST].shape, 2.0, np.float32))
        data.attrs = {**data.attrs, "nature": "observation"}
        pairs.append(pair(validate_cube(data), forecast))
    found = fit_sizes(pairs)
    for entry in found.entries:
        want = FACTOR * float(forecast_sigma_ms(entry.pressure_pa, entry.lead_h))
        assert abs(entry.sigma_ms - want) < 3.0 * entry.standard_error_ms
    assert found.horizontal_m is None
    assert any("does not resolve" in note for note in found.notes)
    assert any("length is not fitted" in note for note in found.notes)


def test_given_one_small_box_at_one_time_when_fitted_then_what_it_does_not_bear_is_left_out(
    errors: list[np.ndarray],
) -> None:
    first = truth()
    small = pair(
        *(
            WindCube(cube.dataset.isel(latitude=slice(0, 2), longitude=slice(0, 2), time=[0]))
            for cube in (first, forecast_of(0, errors[0]))
        )
    )
    with pytest.raises(ArgumentError, match="fewer than 2 independent differences"):
        fit_sizes([small])
    some = fit_sizes([pair(first, WindCube(forecast_of(0, errors[0]).dataset.isel(time=[0])))])
    assert some.time_s is None
    assert any("the time is not fitted" in note for note in some.notes)
    with pytest.raises(ArgumentError, match="no forecast error to fit"):
        fit_sizes([pair(first, first)])


def test_leads_are_gathered_by_twelve_hours() -> None:
    assert [lead_bin(lead) for lead in (1, 5.9, 6, 17.9, 18, 24, 29.9, 48)] == [
        0, 0, 1, 1, 2, 2, 2, 4,
    ]  # fmt: skip
