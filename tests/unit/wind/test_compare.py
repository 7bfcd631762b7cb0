"""Two winds compared: closed forms, the plain rule as an oracle, honest errors, refusals."""

from __future__ import annotations

import math

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from downwind.errors import WindCoverageError
from downwind.geo.sphere import distance_m
from downwind.wind.compare import cubes as compare
from downwind.wind.compare._columns import sample_columns
from downwind.wind.compare.cubes import compare_cubes, effective_number, summarise
from downwind.wind.cube import TERRAIN, WIND_ERROR, WindCube, interpolate_wind, validate_cube
from downwind.wind.error import LARGE, unresolved_sigma_ms
from downwind.wind.synthetic import SyntheticWind
from downwind.wind.window import Window

HOUR = 3600.0
START = 1_000_000 * HOUR
HEIGHTS = (1_000.0, 3_000.0, 5_000.0)


def make_cube(
    east: float = 0.0,
    north: float = 0.0,
    gradient: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0),
    box: tuple[float, float, float, float] = (120.0, -4.0, 128.0, 4.0),
    spacing: float = 1.0,
    hours: tuple[float, ...] = (0.0, 6.0),
    levels: tuple[float, ...] = (0.0, 2_000.0, 6_000.0),
    run_hour: float | None = None,
) -> WindCube:
    """Return a wind that is the same at all heights and times, with gradients about 124 E, 0 N."""
    shape = (len(hours), len(levels))
    wind = SyntheticWind(
        name="synthetic test",
        time_s=START + HOUR * np.array(hours),
        height_m=np.array(levels),
        east_ms=np.full(shape, east),
        north_ms=np.full(shape, north),
        longitude0=124.0,
        latitude0=0.0,
        gradient=gradient,
    )
    cube = wind.to_cube(box, spacing, 48 * HOUR)
    if run_hour is None:
        return cube
    data = cube.dataset.copy()
    data.attrs["nature"] = "forecast"
    run = np.datetime64(int(START + HOUR * run_hour), "s")
    data.attrs["forecast_reference_time"] = f"{run}Z"
    return validate_cube(data)


def first_times(cube: WindCube, count: int) -> WindCube:
    return WindCube(cube.dataset.isel(time=slice(0, count)))


def test_given_a_constant_offset_when_compared_then_bias_and_rms_are_it_without_error() -> None:
    found = compare_cubes(make_cube(), make_cube(east=3.0, north=-4.0), HEIGHTS)
    assert [row.height_m for row in found.levels] == list(HEIGHTS)
    for row in found.levels:
        d = row.difference
        assert d.n == 2 * 81
        assert (d.mean_u, d.mean_v) == (pytest.approx(3.0), pytest.approx(-4.0))
        assert (d.rms_u, d.rms_v, d.rms_vector) == (
            pytest.approx(3.0), pytest.approx(4.0), pytest.approx(5.0),
        )  # fmt: skip
        assert d.se_mean_u == pytest.approx(0.0, abs=1e-6)
        assert math.isnan(row.default_vector_ms)
        assert math.isnan(row.lead_first_h)


def test_given_a_gradient_when_compared_then_rms_is_that_of_the_nodes() -> None:
    found = compare_cubes(make_cube(), make_cube(gradient=(0.5, 0.0, 0.0, 0.0)), HEIGHTS[:1])
    d = found.levels[0].difference
    east = 0.5 * np.arange(-4.0, 5.0)
    assert d.mean_u == pytest.approx(0.0, abs=1e-6)
    assert d.rms_u == pytest.approx(math.sqrt(np.mean(east**2)), rel=1e-6)
    assert d.rms_v == 0.0


def test_given_two_winds_when_they_change_places_then_the_mean_changes_sign_alone() -> None:
    one, other = make_cube(east=2.0, gradient=(0.3, 0.1, -0.2, 0.4)), make_cube(north=1.0)
    there = compare_cubes(one, other, HEIGHTS).levels[1].difference
    back = compare_cubes(other, one, HEIGHTS).levels[1].difference
    assert back.mean_u == pytest.approx(-there.mean_u)
    assert back.mean_v == pytest.approx(-there.mean_v)
    assert back.rms_vector == pytest.approx(there.rms_vector)
    assert back.se_rms_vector == pytest.approx(there.se_rms_vector, nan_ok=True)


@pytest.mark.parametrize(
    ("box", "spacing"),
    [((120.0, -4.0, 128.0, 4.0), 1.0), ((176.0, 50.0, 186.0, 58.0), 2.0),
     ((-180.0, -60.0, 175.0, 60.0), 5.0)],
)  # fmt: skip
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_given_any_place_inside_when_sampled_then_it_is_the_plain_rule(
    box: tuple[float, float, float, float], spacing: float, data: st.DataObject
) -> None:
    cube = make_rough_cube(box, spacing)
    longitude = data.draw(st.floats(box[0], box[2])) + data.draw(st.sampled_from([-360.0, 0.0]))
    latitude = data.draw(st.floats(box[1], box[3]))
    time = START + data.draw(st.integers(0, 6 * 3600))
    height = data.draw(st.floats(300.0, 5_900.0))
    u, v, error = sample_columns(
        cube, int(time), np.array([longitude]), np.array([latitude]), np.array([height])
    )
    want = interpolate_wind(cube, 0, float(int(time)), longitude, latitude, height)
    assert (u[0, 0], v[0, 0]) == pytest.approx(want, abs=1e-6)
    assert np.isnan(error).all()


def make_rough_cube(box: tuple[float, float, float, float], spacing: float) -> WindCube:
    """Return a cube of random wind on levels that are not flat."""
    cube = make_cube(box=box, spacing=spacing, levels=(0.0, 1_500.0, 3_000.0, 6_200.0))
    data = cube.dataset.copy(deep=True)
    rng = np.random.default_rng(4)
    for name in ("eastward_wind", "northward_wind"):
        data[name].values[:] = rng.normal(0.0, 10.0, data[name].shape)
    data["geopotential_height"].values[:] += rng.uniform(-200.0, 200.0, data[name].shape)
    return validate_cube(data)


def test_given_a_fine_and_a_coarse_grid_when_compared_then_at_nodes_of_the_coarse_inside() -> None:
    fine = make_cube(box=(121.5, -2.5, 126.5, 2.5), spacing=0.5)
    coarse = make_cube(east=1.0, spacing=2.0)
    for pair in ((fine, coarse), (coarse, fine)):
        found = compare_cubes(*pair, HEIGHTS[:1])
        np.testing.assert_allclose(found.longitude, [122.0, 124.0, 126.0])
        np.testing.assert_allclose(found.latitude, [-2.0, 0.0, 2.0])
        assert found.stride == 1


def test_given_a_fine_grid_between_two_coarse_nodes_when_compared_then_at_the_fine_nodes() -> None:
    fine = make_cube(box=(122.5, 0.5, 123.5, 1.5), spacing=0.5)
    found = compare_cubes(make_cube(spacing=2.0), fine, HEIGHTS[:1])
    np.testing.assert_allclose(found.longitude, [122.5, 123.0, 123.5])
    assert found.levels[0].difference.n == 2 * 9


def test_given_longitudes_across_180_when_compared_with_a_global_wind_then_all_nodes_count() -> (
    None
):
    across = make_cube(box=(170.0, -10.0, 190.0, 10.0), spacing=5.0)
    whole = make_cube(east=2.0, box=(-180.0, -20.0, 175.0, 20.0), spacing=5.0)
    found = compare_cubes(across, whole, HEIGHTS[:1])
    assert found.levels[0].difference.n == 2 * 25
    assert found.levels[0].difference.mean_u == pytest.approx(2.0)


def test_given_a_large_grid_when_compared_then_it_is_thinned_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("downwind.wind.compare._overlap.MOST_NODES", 30)
    found = compare_cubes(make_cube(), make_cube(east=1.0), HEIGHTS[:1])
    assert found.stride == 2
    assert found.levels[0].difference.n == 2 * 25


def test_given_a_window_when_compared_then_nodes_inside_it_alone_count() -> None:
    window = Window(west=122.0 - 360.0, south=-1.0, east=124.5 - 360.0, north=3.4)
    found = compare_cubes(make_cube(), make_cube(east=1.0), HEIGHTS[:1], window)
    np.testing.assert_allclose(found.longitude, [122.0, 123.0, 124.0])
    np.testing.assert_allclose(found.latitude, [-1.0, 0.0, 1.0, 2.0, 3.0])
    away = Window(west=10.0, south=0.0, east=20.0, north=5.0)
    with pytest.raises(WindCoverageError, match=r"no box in common.*10 to 20 E was asked for"):
        compare_cubes(make_cube(), make_cube(), HEIGHTS, away)


def test_given_times_of_both_when_compared_then_they_alone_are_taken() -> None:
    found = compare_cubes(
        make_cube(hours=(0.0, 6.0, 12.0)), make_cube(hours=(3.0, 6.0, 9.0, 12.0)), HEIGHTS[:1]
    )
    assert [int(t - START) // 3600 for t in found.times_s] == [6, 12]
    assert not found.is_interpolated


def test_given_no_time_of_both_when_compared_then_interpolated_inside_both_only() -> None:
    first, second = make_cube(hours=(0.0, 6.0)), make_cube(east=2.0, hours=(3.0, 9.0))
    data = second.dataset.copy(deep=True)
    data["eastward_wind"].values[:, 1] = 8.0
    found = compare_cubes(first, validate_cube(data), HEIGHTS[:1])
    assert [int(t - START) // 3600 for t in found.times_s] == [3, 6]
    assert found.is_interpolated
    means = [row.difference.mean_u for row in found.by_time]
    assert means == pytest.approx([2.0, 5.0])


def test_given_a_single_time_when_the_other_holds_it_between_near_times_then_compared() -> None:
    single = first_times(make_cube(hours=(3.0, 9.0)), 1)
    found = compare_cubes(make_cube(), single, HEIGHTS[:1])
    assert found.is_interpolated
    assert found.times_s.size == 1


def test_given_a_long_gap_when_the_time_lies_in_it_then_refused_with_both_spans() -> None:
    single = first_times(make_cube(hours=(3.0, 9.0)), 1)
    with pytest.raises(WindCoverageError, match=r"no time in common.*alone.*6 h apart") as caught:
        compare_cubes(make_cube(hours=(0.0, 7.0)), single)
    assert "6 h forecast of the next" in caught.value.hint


def test_given_no_common_box_or_height_when_compared_then_refused_with_both() -> None:
    with pytest.raises(WindCoverageError, match=r"no box in common.*120 to 128 E.*20 to 28 E"):
        compare_cubes(make_cube(), make_cube(box=(20.0, -4.0, 28.0, 4.0)))
    high = make_cube(levels=(7_000.0, 9_000.0))
    with pytest.raises(WindCoverageError, match=r"no height in common.*0 to 6000.*7000 to 9000"):
        compare_cubes(make_cube(), high)


def test_given_heights_outside_when_compared_then_they_are_named_absent() -> None:
    found = compare_cubes(make_cube(), make_cube(levels=(500.0, 4_000.0)), (400.0, 3e3, 5e3))
    assert [row.height_m for row in found.levels] == [3_000.0]
    assert found.absent_m == (400.0, 5_000.0)


def test_given_ground_above_a_height_when_compared_then_those_nodes_do_not_count() -> None:
    data = make_cube().dataset.copy()
    ground = np.zeros((9, 9), np.float32)
    ground[:, :4] = 2_500.0
    data[TERRAIN] = (("latitude", "longitude"), ground)
    found = compare_cubes(make_cube(), validate_cube(data), (1_000.0, 3_000.0))
    assert [row.difference.n for row in found.levels] == [2 * 9 * 5, 2 * 81]


def test_given_two_forecasts_when_compared_then_leads_and_defaults_are_those_of_each() -> None:
    height = compare.STANDARD_HEIGHTS_M[2]
    found = compare_cubes(
        make_cube(run_hour=-18.0, hours=(0.0, 6.0)), make_cube(run_hour=0.0, hours=(6.0, 12.0)),
        (height,),
    )  # fmt: skip
    (row,) = found.levels
    assert (row.lead_first_h, row.lead_second_h) == (24.0, 6.0)
    assert row.pressure_pa == pytest.approx(85_000.0)
    assert row.default_vector_ms == pytest.approx(math.sqrt(2.0 * (1.9**2 + 1.5**2)), rel=1e-4)


def test_given_an_observation_with_errors_when_compared_then_they_count_and_so_does_the_grid() -> (
    None
):
    data = make_cube(hours=(6.0, 12.0)).dataset.copy()
    data.attrs["nature"] = "observation"
    data[WIND_ERROR] = xr.full_like(data["eastward_wind"], 2.0)
    height = compare.STANDARD_HEIGHTS_M[2]
    found = compare_cubes(
        make_cube(run_hour=0.0, hours=(6.0, 12.0)), validate_cube(data), (height,)
    )
    (row,) = [r for r in found.by_time if r.lead_first_h == 6.0]
    spacing = math.radians(1.0) * 6_371_009.0
    assert row.sigma_second_ms == pytest.approx(2.0)
    want = math.hypot(1.5, float(unresolved_sigma_ms(spacing)))
    assert row.sigma_first_ms == pytest.approx(want, rel=1e-4)


# --- how many differences are independent ------------------------------------------------------


def number(lon: list[float], lat: list[float], hours: list[float]) -> float:
    n = len(lon)
    times = (HOUR * np.array(hours)).astype(np.int64)
    return effective_number(np.array(lon), np.array(lat), times, np.ones(n))


def test_given_two_places_when_counted_then_two_over_one_plus_their_correlation() -> None:
    rho = math.exp(-0.5 * (float(distance_m(0.0, 0.0, 2.0, 0.0)) / LARGE.horizontal_m) ** 2)
    assert number([0.0, 2.0], [0.0, 0.0], [0.0, 0.0]) == pytest.approx(2.0 / (1.0 + rho))
    rho = math.exp(-6.0 / 9.0)
    assert number([0.0, 0.0], [0.0, 0.0], [0.0, 6.0]) == pytest.approx(2.0 / (1.0 + rho))


def test_given_the_same_place_or_far_ones_when_counted_then_one_or_all() -> None:
    assert number([5.0] * 7, [1.0] * 7, [0.0] * 7) == pytest.approx(1.0)
    assert number([0.0, 60.0, 120.0], [0.0, 40.0, -40.0], [0.0] * 3) == pytest.approx(3.0)


def test_given_many_places_when_a_sample_stands_for_all_then_within_a_tenth(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lon, lat = (x.ravel() for x in np.meshgrid(np.arange(0.0, 36.0), np.arange(-15.0, 15.0)))
    times, weight = np.zeros(lon.size, np.int64), np.cos(np.radians(lat))
    sampled = effective_number(lon, lat, times, weight)
    monkeypatch.setattr(compare, "MOST_IN_SUM", 10_000)
    assert lon.size > 800
    assert sampled == pytest.approx(effective_number(lon, lat, times, weight), rel=0.1)


def test_given_fields_with_that_correlation_when_averaged_then_the_standard_error_is_honest() -> (
    None
):
    lon, lat = (x.ravel() for x in np.meshgrid(np.arange(0.0, 32.0, 2.0), np.arange(0.0, 24.0, 2)))
    apart = distance_m(lon[:, None], lat[:, None], lon, lat)
    root = np.linalg.cholesky(LARGE.correlate(apart, 0.0) + 1e-9 * np.eye(lon.size))
    weight = np.ones(lon.size)
    n = effective_number(lon, lat, np.zeros(lon.size, np.int64), weight)
    rng = np.random.default_rng(1)
    u, v = (root @ rng.normal(size=(lon.size, 400)) for _ in range(2))
    found = [summarise(u[:, i], v[:, i], weight, n) for i in range(400)]
    means = np.array([d.mean_u for d in found])
    stated = math.sqrt(np.mean([d.se_mean_u**2 for d in found]))
    assert 8.0 < n < 30.0
    assert stated == pytest.approx(float(means.std()), rel=0.12)
    roots = np.array([d.rms_vector for d in found])
    stated = math.sqrt(np.mean([d.se_rms_vector**2 for d in found]))
    # squares are alike over less than the field is, so that this errs on the safe side
    assert float(roots.std()) < stated < 1.7 * float(roots.std())


def test_given_fewer_than_two_independent_when_summarised_then_no_standard_error() -> None:
    d = summarise(np.array([1.0, 2.0]), np.array([0.0, 1.0]), np.ones(2), 1.9)
    assert math.isnan(d.se_mean_u)
    assert math.isnan(d.se_rms_vector)
    assert d.mean_u == 1.5
