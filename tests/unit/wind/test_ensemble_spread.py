"""The spread of the members of an ensemble, against NumPy and closed forms."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from downwind.errors import ArgumentError
from downwind.wind.cube import WindCube, validate_cube
from downwind.wind.ensemble_spread import ensemble_spread_ms
from downwind.wind.error import forecast_sigma_ms
from downwind.wind.grid import WindGrid, WindOptions, build_grid
from downwind.wind.sources import read_weather
from tests.unit.wind.test_compare import START, make_cube


def make_ensemble(east: list[float], north: list[float]) -> WindCube:
    members = [
        make_cube(east=u, north=v, gradient=(0.1 * u, 0.0, 0.0, 0.0)).dataset.assign_coords(
            realization=[m]
        )
        for m, (u, v) in enumerate(zip(east, north, strict=True))
    ]
    data = xr.concat(members, "realization", combine_attrs="override", data_vars="minimal")
    return validate_cube(data)


def lay_out(cube: WindCube) -> WindGrid:
    return build_grid(cube, WindOptions(terrain_constant_m=0.0))


def test_given_members_when_asked_then_the_spread_is_that_of_numpy() -> None:
    east, north = [1.0, 4.0, -2.0, 5.0], [0.0, 3.0, 1.0, 1.0]
    grid = lay_out(make_ensemble(east, north))
    lon = np.array([124.0, 125.3, 127.9])
    found = ensemble_spread_ms(grid, lon, 0.4, 3_210.0, START + 1_234.0)
    for where, value in zip(lon, found, strict=True):
        u = np.array(east) * (1.0 + 0.1 * (where - 124.0))
        want = np.sqrt(0.5 * (np.var(u, ddof=1) + np.var(north, ddof=1)))
        assert value == pytest.approx(want, rel=1e-5)


def test_given_weights_when_asked_then_a_heavy_member_counts_for_more() -> None:
    grid = lay_out(make_ensemble([0.0, 2.0], [0.0, 0.0]))
    even = float(ensemble_spread_ms(grid, 124.0, 0.0, 1_000.0, START))
    same = replace(grid, weights=(0.5, 0.5))
    assert float(ensemble_spread_ms(same, 124.0, 0.0, 1_000.0, START)) == pytest.approx(even)
    heavy = replace(grid, weights=(0.9, 0.1))
    # two members: unbiased whatever the weights, since x1 - x2 is all there is
    assert float(ensemble_spread_ms(heavy, 124.0, 0.0, 1_000.0, START)) == pytest.approx(even)
    three = lay_out(make_ensemble([0.0, 0.0, 3.0], [0.0, 0.0, 0.0]))
    light = replace(three, weights=(0.45, 0.45, 0.1))
    spread = [float(ensemble_spread_ms(g, 124.0, 0.0, 1_000.0, START)) for g in (three, light)]
    assert spread[1] < spread[0]


def test_given_places_outside_when_asked_then_the_edge_is_held() -> None:
    grid = lay_out(make_ensemble([1.0, 3.0], [0.0, 0.0]))
    east, west = (
        float(ensemble_spread_ms(grid, lon, 0.0, 1e5, START - 1e6)) for lon in (128.0, 120.0)
    )
    assert float(ensemble_spread_ms(grid, 135.0, 9.0, 1e5, START)) == pytest.approx(east)
    assert float(ensemble_spread_ms(grid, 110.0, -9.0, 1e5, START)) == pytest.approx(west)
    assert float(ensemble_spread_ms(grid, -250.0, 0.0, 0.0, START)) > 0.0


def test_given_one_wind_when_asked_then_it_is_refused() -> None:
    with pytest.raises(ArgumentError, match="holds one wind"):
        ensemble_spread_ms(lay_out(make_cube()), 124.0, 0.0, 1_000.0, START)


def test_given_the_era5_ensemble_then_its_ten_members_differ_far_too_little(shared: Path) -> None:
    path = shared / "data/grids/rocketpy_era5/LASC2019_TATUI_reanalysis_ensemble.nc"
    grid = build_grid(read_weather([path]), WindOptions(terrain_constant_m=600.0, surface="log"))
    assert grid.base_count == 10
    spread = ensemble_spread_ms(grid, -48.9, -23.4, 5_574.0, grid.start_s)
    print(f"\nten members differ by {float(spread):.2f} m/s at 500 hPa")
    assert 0.1 < float(spread) < 0.5 * float(forecast_sigma_ms(50_000.0, 6.0))
