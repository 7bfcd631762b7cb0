"""Heights that a file lacks: closed forms, and the heights of real files taken out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from downwind.constants import GRAVITY_MS2, R_AIR
from downwind.wind.cube import (
    HEIGHT,
    SURFACE_PRESSURE,
    TEMPERATURE,
    TERRAIN,
    WindCube,
    validate_cube,
)
from downwind.wind.hydrostatic import standard_height_m
from downwind.wind.sources import read_weather, scan_weather
from downwind.wind.sources._assemble import assemble_dataset
from downwind.wind.sources._fields import Field
from downwind.wind.sources._levels import (
    SHIFTED_ERROR_M,
    STANDARD_ERROR_M,
    STEP_ERROR_M,
    Column,
    Origin,
    find_heights,
    standard_error_m,
)
from tests.unit.wind.weather_files import field_value, grib_bytes, grib_set, height_m

Array = NDArray[np.float64]
GFS = "pygrib_gfs/gfs_2p5_2011100800_f072.grb2"
GFS_WINTER = "pygrib_gfs/gfs.t12z.pgrbf120.2p5deg_2011011012.grib2"
ERA5 = "rocketpy_era5/euroc_2023_all_windows.nc"


def make_column(
    pressure_hpa: Sequence[float],
    height: Sequence[float],
    kelvin: Sequence[float],
    surface: tuple[float, float] | None = None,
) -> Column:
    def stand(values: Sequence[float]) -> Array:
        return np.asarray(values, np.float64)[:, None, None]

    ground = [None, None] if surface is None else [np.full((1, 1), value) for value in surface]
    return Column(
        100.0 * np.asarray(pressure_hpa, np.float64), stand(height), stand(kelvin), *ground
    )


@given(
    kelvin=st.floats(200.0, 310.0),
    known=st.integers(0, 4),
    base=st.floats(-500.0, 30_000.0),
)
def test_given_air_of_one_temperature_when_one_height_is_known_then_the_closed_form(
    kelvin: float, known: int, base: float
) -> None:
    levels = np.array([1000.0, 850.0, 700.0, 500.0, 300.0])
    height = np.full(5, np.nan)
    height[known] = base
    made = find_heights(make_column(levels, list(height), [kelvin] * 5))
    wanted = base + R_AIR * kelvin / GRAVITY_MS2 * np.log(levels[known] / levels)
    np.testing.assert_allclose(made.height_m[:, 0, 0], wanted, atol=1e-6)
    origins = made.origin[:, 0, 0].tolist()
    assert origins.pop(known) == Origin.FILE
    assert set(origins) == {Origin.WEIGHT}


def test_given_two_known_heights_when_filled_then_the_nearest_in_ln_p_counts() -> None:
    nan = np.nan
    made = find_heights(
        make_column([1000, 900, 800, 500], [100.0, nan, nan, 9_000.0], [280.0] * 4)
    ).height_m[:, 0, 0]
    scale = R_AIR * 280.0 / GRAVITY_MS2
    assert made[1] == pytest.approx(100.0 + scale * np.log(1000 / 900))
    assert made[2] == pytest.approx(100.0 + scale * np.log(1000 / 800))
    made = find_heights(make_column([1000, 700, 500], [100.0, nan, 9_000.0], [280.0] * 3)).height_m[
        :, 0, 0
    ]
    assert made[1] == pytest.approx(9_000.0 - scale * np.log(700 / 500))


@pytest.mark.parametrize("surface_hpa", [1050.0, 1000.0, 930.0, 700.0, 500.0])
def test_given_pressure_at_the_ground_when_filled_then_the_air_stands_on_it(
    surface_hpa: float,
) -> None:
    levels, kelvin = np.array([1000.0, 850.0, 500.0]), 270.0
    made = find_heights(
        make_column(levels, [np.nan] * 3, [kelvin] * 3, (100.0 * surface_hpa, 400.0))
    )
    # below the lowest level the air warms with the standard lapse rate
    warm = kelvin * (max(surface_hpa, 1000.0) / 1000.0) ** (R_AIR * 0.0065 / GRAVITY_MS2)
    below = 0.5 * (warm + kelvin) * R_AIR / GRAVITY_MS2
    start = 400.0 + below * np.log(surface_hpa / 1000.0)
    wanted = start + R_AIR * kelvin / GRAVITY_MS2 * np.log(1000.0 / levels)
    np.testing.assert_allclose(made.height_m[:, 0, 0], wanted, atol=1e-6)
    assert set(made.origin.ravel().tolist()) == {Origin.SURFACE}


def test_given_a_step_too_wide_when_filled_then_the_standard_is_shifted_instead() -> None:
    made = find_heights(make_column([1000, 300], [200.0, np.nan], [280.0, 230.0]))
    standard = standard_height_m([100_000.0, 30_000.0])
    assert made.height_m[1, 0, 0] == pytest.approx(standard[1] + 200.0 - standard[0])
    assert made.origin[1, 0, 0] == Origin.SHIFTED
    assert made.reach[1] == pytest.approx(np.log(1000 / 300))


def test_given_no_temperature_when_two_heights_are_known_then_the_deviation_is_interpolated() -> (
    None
):
    levels = [1000.0, 925.0, 850.0, 500.0, 300.0, 200.0]
    standard = standard_height_m(np.array(levels) * 100.0)
    nan = np.nan
    height = [nan, standard[1] + 50.0, nan, nan, standard[4] - 100.0, nan]
    made = find_heights(make_column(levels, height, [nan] * 6))
    share = np.log(925.0 / np.array(levels)) / np.log(925.0 / 300.0)
    wanted = standard + 50.0 - 150.0 * np.clip(share, 0.0, 1.0)
    np.testing.assert_allclose(made.height_m[:, 0, 0], wanted, atol=1e-6)
    nearest = np.minimum(*(np.abs(np.log(np.array(levels) / known)) for known in (925.0, 300.0)))
    np.testing.assert_allclose(made.reach, nearest, atol=1e-12)


@pytest.mark.parametrize("surface_hpa", [1020.0, 880.0])
def test_given_no_temperature_when_the_ground_is_known_then_it_counts_below_the_heights(
    surface_hpa: float,
) -> None:
    levels = np.array([1000.0, 850.0, 500.0])
    standard = standard_height_m(levels * 100.0)
    ground_m = float(standard_height_m(surface_hpa * 100.0)) + 80.0
    height = [np.nan, np.nan, standard[2] + 20.0]
    made = find_heights(make_column(levels, height, [np.nan] * 3, (surface_hpa * 100.0, ground_m)))
    share = np.clip(np.log(surface_hpa / levels) / np.log(surface_hpa / 500.0), 0.0, 1.0)
    np.testing.assert_allclose(made.height_m[:, 0, 0], standard + 80.0 - 60.0 * share, atol=1e-6)


def test_given_nothing_known_when_filled_then_by_temperature_or_by_the_standard() -> None:
    levels = np.array([850.0, 500.0])
    standard = standard_height_m(levels * 100.0)
    bare = find_heights(make_column(levels, [np.nan] * 2, [np.nan] * 2))
    np.testing.assert_allclose(bare.height_m[:, 0, 0], standard)
    assert set(bare.origin.ravel().tolist()) == {Origin.STANDARD}
    warm = find_heights(make_column(levels, [np.nan] * 2, [290.0, 270.0]))
    rise = R_AIR * 280.0 / GRAVITY_MS2 * np.log(850 / 500)
    assert warm.height_m[0, 0, 0] == pytest.approx(standard[0])
    assert warm.height_m[1, 0, 0] == pytest.approx(standard[0] + rise)
    assert set(warm.origin.ravel().tolist()) == {Origin.BASE}


def test_given_points_without_a_height_when_read_then_only_they_are_filled(tmp_path: Path) -> None:
    gap = grib_bytes("gh", level_hpa=850, missing=(0, 1))
    parts = grib_set(("u", "v", "t")), grib_set(("gh",), (1000, 500)), gap
    (tmp_path / "a.grib2").write_bytes(b"".join(parts))
    cube = read_weather([tmp_path / "a.grib2"])
    heights = cube.dataset[HEIGHT].sel(level=85_000.0).values[0, 0]
    lat, lon = cube.latitude[:, None], cube.longitude[None, :]
    off = np.abs(heights - field_value("gh", lat, lon, 850))
    assert off[-1, 1] > 1.0
    off[-1, 1] = 0.0
    assert off.max() < 0.01
    assert any("heights of 850 hPa by the weight of the air" in note for note in cube.notes)
    assert cube.warnings == ()


def test_given_a_level_without_wind_when_it_has_a_height_then_it_is_a_step(tmp_path: Path) -> None:
    parts = (
        grib_set(("u", "v"), (850, 700)),
        grib_set(("t",), (850, 700, 500)),
        grib_bytes("gh", level_hpa=500),
    )
    (tmp_path / "a.grib2").write_bytes(b"".join(parts))
    cube = read_weather([tmp_path / "a.grib2"])
    assert cube.dataset["level"].values.tolist() == [85_000.0, 70_000.0]
    lat, lon = cube.latitude[:, None], cube.longitude[None, :]
    kelvin = {level: field_value("t", lat, lon, level) for level in (850, 700, 500)}
    mean = 0.5 * (kelvin[700] + kelvin[500])
    wanted = field_value("gh", lat, lon, 500) - R_AIR * mean / GRAVITY_MS2 * np.log(700 / 500)
    got = cube.dataset[HEIGHT].sel(level=70_000.0).values[0, 0]
    np.testing.assert_allclose(got, wanted, atol=0.05)
    assert height_m(700) != pytest.approx(float(got[0, 0]), abs=1.0)


# --- real files with their heights taken out ---------------------------------------------------


def read_without(
    shared: Path, name: str, is_lost: Callable[[Field], bool]
) -> tuple[WindCube, WindCube]:
    """Return the cube of a real file, and that of the same file without some of its fields."""
    inventory, _ = scan_weather([shared / "data" / "grids" / name])
    kept = tuple(field for field in inventory.fields if not is_lost(field))
    return (
        validate_cube(assemble_dataset(inventory, "0")),
        validate_cube(assemble_dataset(replace(inventory, fields=kept), "0")),
    )


def error_by_level(cube: WindCube, made: WindCube, share: float = 0.95) -> dict[float, float]:
    """Return the error that a share of the points, by area, stays below, by level [hPa]."""
    off = np.abs(made.dataset[HEIGHT].values - cube.dataset[HEIGHT].values).astype(np.float64)
    weight = np.broadcast_to(np.cos(np.radians(cube.latitude))[:, None], off.shape[-2:]).ravel()
    errors = {}
    for k, level in enumerate(cube.dataset["level"].values):
        values = off[:, :, k].reshape(-1, weight.size)
        weights = np.broadcast_to(weight, values.shape).ravel()
        order = np.argsort(values.ravel())
        total = np.cumsum(weights[order])
        errors[float(level) / 100.0] = float(
            values.ravel()[order][np.searchsorted(total, share * total[-1])]
        )
    return errors


@pytest.mark.parametrize(
    ("name", "anchor_hpa", "limit_m"),
    [(GFS, 500, 13.0), (GFS_WINTER, 500, 13.0), (ERA5, 500, 24.0)],
)
def test_given_a_real_file_with_one_height_when_filled_then_within_metres_of_its_own(
    shared: Path, name: str, anchor_hpa: float, limit_m: float
) -> None:
    cube, made = read_without(
        shared, name, lambda f: f.name == HEIGHT and f.level_pa != 100.0 * anchor_hpa
    )
    errors = error_by_level(cube, made)
    troposphere = {level: error for level, error in errors.items() if level >= 250.0}
    assert max(troposphere.values()) < limit_m, troposphere
    assert max(error for level, error in errors.items() if level >= 10.0) < 70.0, errors
    assert made.warnings == ()
    assert any("by the weight of the air" in note for note in made.notes)


@pytest.mark.parametrize("name", [GFS, GFS_WINTER, ERA5])
@pytest.mark.parametrize("levels_hpa", [(850, 500), (1000, 500, 200, 100)])
def test_given_wide_steps_in_a_real_file_when_filled_then_within_the_error_of_a_step(
    shared: Path, name: str, levels_hpa: tuple[int, ...]
) -> None:
    kept = [100.0 * level for level in levels_hpa]
    cube, made = read_without(
        shared,
        name,
        lambda f: (
            f.level_pa is not None
            and (f.level_pa not in kept or (f.name == HEIGHT and f.level_pa != kept[0]))
        ),
    )
    part = WindCube(cube.dataset.sel(level=made.dataset["level"]))
    errors = error_by_level(part, made)
    steps = np.log(np.array(levels_hpa[:-1]) / np.array(levels_hpa[1:]))
    stated = np.cumsum(STEP_ERROR_M * steps**2)
    for level, limit in zip(levels_hpa[1:], stated, strict=True):
        assert errors[float(level)] <= limit
    assert any("the widest step" in note for note in made.notes)


@pytest.mark.parametrize("name", [GFS, GFS_WINTER])
def test_given_real_pressure_at_the_ground_when_filled_then_within_tens_of_metres(
    shared: Path, name: str
) -> None:
    cube, made = read_without(shared, name, lambda f: f.name == HEIGHT)
    errors = error_by_level(cube, made)
    assert max(error for level, error in errors.items() if 100.0 <= level <= 850.0) < 60.0, errors
    assert made.warnings == ()
    assert any("from the pressure at the ground" in note for note in made.notes)


def test_given_real_files_without_any_hint_when_filled_then_the_stated_error_holds(
    shared: Path,
) -> None:
    lost = (HEIGHT, TEMPERATURE, SURFACE_PRESSURE, TERRAIN)
    measured: dict[float, float] = {}
    for name in (GFS, GFS_WINTER):
        cube, made = read_without(shared, name, lambda f: f.name in lost)
        assert len(made.warnings) == 1
        assert "taken from the standard atmosphere" in made.warnings[0]
        for level, error in error_by_level(cube, made).items():
            measured[level] = max(error, measured.get(level, 0.0))
    for level_pa, stated in STANDARD_ERROR_M.items():
        assert 0.95 * stated <= measured[level_pa / 100.0] <= stated
    for level, error in measured.items():
        assert error <= 1.02 * standard_error_m(100.0 * level), level


@pytest.mark.parametrize("anchor_hpa", [1000.0, 850.0, 500.0, 200.0])
def test_given_real_files_with_one_height_and_no_temperature_when_filled_then_the_error_holds(
    shared: Path, anchor_hpa: float
) -> None:
    lost = (TEMPERATURE, SURFACE_PRESSURE, TERRAIN)
    for name in (GFS, GFS_WINTER):
        cube, made = read_without(
            shared,
            name,
            lambda f: f.name in lost or (f.name == HEIGHT and f.level_pa != 100.0 * anchor_hpa),
        )
        assert "shifted by its deviation" in made.warnings[0]
        for level, error in error_by_level(cube, made).items():
            reach = abs(np.log(level / anchor_hpa))
            assert error <= SHIFTED_ERROR_M * reach + 1e-3
            assert error <= standard_error_m(100.0 * level, reach) + 1e-3, level


def test_given_real_temperature_alone_when_filled_then_all_levels_are_off_alike(
    shared: Path,
) -> None:
    lost = (HEIGHT, SURFACE_PRESSURE, TERRAIN)
    cube, made = read_without(shared, GFS, lambda f: f.name in lost)
    assert "all may be wrong alike by 230 m" in made.warnings[0]
    errors = error_by_level(cube, made)
    assert errors[1000.0] == pytest.approx(229.0, abs=1.0)
    assert errors[500.0] < 250.0
