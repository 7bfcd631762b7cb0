"""Suite 5 and 6: stream functions that are conserved, and winds that only a solver can integrate.

Vector 9, the travelling wave, stands here as well.
"""

from __future__ import annotations

import numpy as np
import pytest

from downwind.sim.flight import fly_balloons
from tests.unit.sim.made_winds import (
    DEG_M,
    bound,
    carry,
    drop,
    gridded_wind,
    make_balloon,
    make_items,
    miss_m,
    observed_order,
    place_bound,
    wind_grid,
)

# --- 5: stream functions -------------------------------------------------------------------------


def test_a_gyre_keeps_its_stream_function_to_what_the_grid_resolves(engine: str) -> None:
    side, speed = 4.0, 20.0

    def gyre(lon, lat, h, t):
        x, y = np.pi * (lon + 2.0) / side, np.pi * (lat + 2.0) / side
        u = -speed * np.sin(x) * np.cos(y) * np.cos(np.radians(lat))
        return u, speed * np.cos(x) * np.sin(y)

    def stream(lon, lat):
        return np.sin(np.pi * (lon + 2.0) / side) * np.sin(np.pi * (lat + 2.0) / side)

    start = np.array([-1.5, -1.0, -0.5, 0.8])
    drift = []
    for points in (41, 81, 161):
        axis = np.linspace(-2.0, 2.0, points)
        grid = wind_grid(gyre, latitude=axis, longitude=axis)
        end = drop(grid, make_items(start, 0.3, 5e3, speed=0.0), 200.0, engine)
        drift.append(
            float(np.max(np.abs(stream(end.longitude, end.latitude) - stream(start, 0.3))))
        )

    assert drift[-1] < 2e-4
    assert np.all(np.array(drift[:-1]) / np.array(drift[1:]) > 2.5), drift


def test_a_stommel_gyre_keeps_its_stream_function_with_the_second_order_of_the_spacing(
    engine: str,
) -> None:
    width, layer = 4.0, 0.1

    def stream(lon, lat):
        x, y = (lon + 2.0) / width, (lat + 2.0) / width
        return (1.0 - np.exp(-x / layer) - x) * np.sin(np.pi * y)

    def gyre(lon, lat, h, t):
        x, y = (lon + 2.0) / width, (lat + 2.0) / width
        u = -np.pi * (1.0 - np.exp(-x / layer) - x) * np.cos(np.pi * y)
        v = (np.exp(-x / layer) / layer - 1.0) * np.sin(np.pi * y)
        return 8.0 * u * np.cos(np.radians(lat)), 8.0 * v

    start_lon, start_lat = np.array([-1.7, -1.3, 0.0, 1.0]), np.array([0.0, -0.8, 0.3, 0.9])
    drift, least = [], []
    for points in (41, 81, 161, 321):
        axis = np.linspace(-2.0, 2.0, points)
        grid = wind_grid(gyre, latitude=axis, longitude=axis)
        end = drop(grid, make_items(start_lon, start_lat, 5e3, speed=0.0), 200.0, engine)
        change = stream(end.longitude, end.latitude) - stream(start_lon, start_lat)
        drift.append(float(np.max(np.abs(change))))
        least.append(float(miss_m(end.longitude, end.latitude, start_lon, start_lat).min()))

    assert min(least) > 20e3
    assert drift[-1] < bound(engine, 3e-4, 1.0), drift
    np.testing.assert_allclose(np.log2(np.divide(drift[:-1], drift[1:])), 2.0, atol=0.5)


def test_a_flow_past_a_peninsula_keeps_to_its_stream_lines_with_the_second_order_at_least(
    engine: str,
) -> None:
    def stream(lon, lat):
        return lat * (1.0 - 1.0 / (lon**2 + lat**2))

    def around(lon, lat, h, t):
        # a headland of radius 1 degree; the flow inside it is never entered
        r2 = np.maximum(lon**2 + lat**2, 0.5)
        u = 15.0 * (1.0 - (lon**2 - lat**2) / r2**2)
        return u * np.cos(np.radians(lat)), -15.0 * 2.0 * lon * lat / r2**2

    # ends upstream, beside and behind the headland
    lat0, span = (x.ravel() for x in np.meshgrid([0.4, 0.6, 0.9, 1.4], np.arange(2e4, 5.1e4, 5e3)))
    drift = []
    for points in (81, 161, 321):
        grid = wind_grid(
            around,
            time=(0.0, 50_000.0),
            latitude=np.linspace(0.0, 4.0, points // 2 + 1),
            longitude=np.linspace(-4.0, 4.0, points),
        )
        items = make_items(-3.0, lat0, 5e3, 50_000.0 - span, speed=0.0)
        end = drop(grid, items, 25.0, engine)
        change = stream(end.longitude, end.latitude) - stream(-3.0, lat0)
        drift.append(float(np.sqrt(np.mean(change**2)) * DEG_M))

    # turned aside by 80 km and more; the errors of a potential flow cancel in part
    assert (end.latitude - lat0).max() * DEG_M > 80e3
    assert end.longitude.max() > 1.5
    assert drift[-1] < place_bound(engine, 0.1), drift
    assert np.all(observed_order(drift, engine) > 2.0), drift


# --- 6: double gyre and Bickley jet, against a solver and there and back -------------------------

SPAN = 36_000.0


def double_gyre(lon, lat, h, t):
    """Two gyres of 2 degrees side by side, whose border swings once in six hours."""
    swing = 0.25 * np.sin(2.0 * np.pi * t / 21_600.0)
    x, y = lon / 2.0, lat / 2.0
    f = swing * x**2 + (1.0 - 2.0 * swing) * x
    slope = 2.0 * swing * x + 1.0 - 2.0 * swing
    u = -12.0 * np.sin(np.pi * f) * np.cos(np.pi * y)
    return u * np.cos(np.radians(lat)), 12.0 * np.cos(np.pi * f) * np.sin(np.pi * y) * slope


def bickley_jet(lon, lat, h, t):
    """A jet with a wave that travels along it."""
    y = lat / 0.8
    phase = 2.2 * lon - t / 20_000.0
    u = 25.0 / np.cosh(y) ** 2 * (1.0 + 0.6 * np.cos(phase) * np.tanh(y))
    return u, 12.0 * np.sin(phase) / np.cosh(y) ** 2


AXES = {
    double_gyre: ((0.0, 4.0, 2), (0.0, 2.0, 1), ((0.9, 0.7), (2.6, 1.3), (1.7, 0.4))),
    bickley_jet: ((-3.0, 15.0, 3), (-3.0, 3.0, 1), ((-1.0, 0.3), (0.4, -0.5), (1.2, 0.7))),
}
FIELDS = [pytest.param(f, id=f.__name__) for f in AXES]


def lay_out(field, points: int, spacing: float, back: bool = False):
    (west, east, nx), (south, north, ny), _ = AXES[field]

    def reverse(lon, lat, h, t):
        u, v = field(lon, lat, h, SPAN - t)
        return -u, -v

    return wind_grid(
        reverse if back else field,
        time=np.arange(0.0, SPAN + 1.0, spacing),
        latitude=np.linspace(south, north, ny * points + 1),
        longitude=np.linspace(west, east, nx * points + 1),
    )


def floats(field):
    return make_items(*np.transpose(AXES[field][2]), 5e3, speed=0.0)


def carry_all(field, wind_ms) -> np.ndarray:
    """Return longitudes and latitudes of the ends, shape (2, n), by DOP853."""
    return np.transpose([carry(wind_ms, start, 5e3, (0.0, SPAN)) for start in AXES[field][2]])


@pytest.mark.parametrize("field", FIELDS)
def test_floats_go_as_dop853_does_in_the_same_gridded_wind(field, engine: str) -> None:
    grid = lay_out(field, 40, 1_800.0)
    truth = carry_all(field, gridded_wind(grid))
    errors = []
    for step in (300.0, 100.0, 30.0):
        end = drop(grid, floats(field), step, engine)
        errors.append(float(miss_m(end.longitude, end.latitude, *truth).max()))

    # steps end where the path crosses from cell to cell: without that, 300 s err by 35 m
    assert errors[0] < place_bound(engine, 5.0), errors
    assert errors[-1] < place_bound(engine, 0.5), errors


@pytest.mark.parametrize("field", FIELDS)
def test_floats_go_ever_more_as_dop853_does_in_the_true_wind(field, engine: str) -> None:
    truth = carry_all(field, field)
    errors = []
    for points, spacing in ((20, 3_600.0), (40, 1_800.0), (80, 900.0), (160, 450.0)):
        end = drop(lay_out(field, points, spacing), floats(field), 60.0, engine)
        misses = miss_m(end.longitude, end.latitude, *truth)
        errors.append(float(np.sqrt(np.mean(misses**2))))

    assert errors[-1] < 150.0, errors
    np.testing.assert_allclose(observed_order(errors, engine), 2.0, atol=0.5)


@pytest.mark.parametrize("field", FIELDS)
def test_floats_come_back_through_the_reversed_wind(field, engine: str) -> None:
    there, back = (lay_out(field, 40, 1_800.0, turned) for turned in (False, True))
    start, errors = floats(field), []
    for step in (300.0, 100.0, 30.0):
        out = drop(there, start, step, engine)
        home = drop(back, make_items(out.longitude, out.latitude, 5e3, speed=0.0), step, engine)
        misses = miss_m(home.longitude, home.latitude, start.longitude, start.latitude)
        errors.append(float(misses.max()))

    assert miss_m(out.longitude, out.latitude, start.longitude, start.latitude).min() > 50e3
    assert errors[0] < 12.0, errors
    assert errors[-1] < place_bound(engine, 0.05), errors


def test_a_bickley_jet_agrees_with_an_adaptive_eighth_order_solver(engine: str) -> None:
    truth = carry(bickley_jet, (-1.0, 0.3), 5e3, (0.0, 21_600.0))
    errors = []
    for points, step in ((61, 1_800.0), (121, 900.0), (241, 450.0)):
        grid = wind_grid(
            bickley_jet,
            time=np.arange(0.0, 21_601.0, step),
            latitude=np.linspace(-3.0, 3.0, points),
            longitude=np.linspace(-3.0, 9.0, points),
        )
        end = drop(grid, make_items(-1.0, 0.3, 5e3, speed=0.0), 60.0, engine)
        errors.append(float(miss_m(end.longitude[0], end.latitude[0], *truth)))

    assert errors[-1] < 150.0, errors
    np.testing.assert_allclose(observed_order(errors, engine), 2.0, atol=0.25)


# --- vector 9: the travelling wave ---------------------------------------------------------------


def travelling_wave(points: int, step_s: float):
    amplitude, length, phase_speed = 6.0, 1_200e3, 4.0

    def wave(lon, lat, h, t):
        phase = 2.0 * np.pi * (lon * DEG_M - phase_speed * t) / length
        return 12.0 * np.cos(np.radians(lat)), amplitude * np.sin(phase)

    return wind_grid(
        wave,
        time=np.arange(0.0, 43_201.0, step_s),
        latitude=np.linspace(-0.5, 2.5, 13),
        longitude=np.linspace(-1.0, 7.0, points),
    )


def test_vector_9_travelling_wave_is_met_and_ever_better_on_finer_grids(engine: str) -> None:
    errors = []
    for points, step in ((17, 3_600.0), (33, 1_800.0), (65, 900.0), (129, 450.0)):
        grid = travelling_wave(points, step)
        end = drop(grid, make_items(height=5e3, speed=0.0), 200.0, engine)
        x, y = end.longitude[0] * DEG_M, end.latitude[0] * DEG_M
        assert x == pytest.approx(518_400.0, abs=5.0)
        errors.append(abs(y - 177_115.4))

    assert errors[-1] < 25.0, errors
    np.testing.assert_allclose(observed_order(errors, engine), 2.0, atol=0.35)


def test_vector_9_at_six_hours() -> None:
    grid = travelling_wave(257, 225.0)
    flights = fly_balloons(
        grid, make_balloon(fire=(21_600.0,), follow=False), 60.0
    )  # the wind has no shear: a climbing balloon drifts like a float

    assert flights.end_longitude[0] * DEG_M == pytest.approx(259_200.0, abs=5.0)
    assert flights.end_latitude[0] * DEG_M == pytest.approx(54_737.6, abs=5.0)
