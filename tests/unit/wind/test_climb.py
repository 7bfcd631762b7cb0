"""A climb through the wind of one moment: drift in closed form, and what is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest

from downwind.constants import EARTH_RADIUS_M
from downwind.errors import ArgumentError, WindCoverageError
from downwind.wind.compare.climb import climb_through
from downwind.wind.cube import TERRAIN, WindCube, validate_cube
from downwind.wind.synthetic import SyntheticWind

START = 1_000_000 * 3600
PER_M = math.degrees(1.0 / EARTH_RADIUS_M)


def make_cube(low_ms: float, top_ms: float, north_ms: float = 0.0) -> WindCube:
    """Return a wind whose eastward part is linear in height from 0 to 10 km."""
    wind = SyntheticWind(
        name="synthetic climb",
        time_s=np.array([START, START + 6 * 3600.0]),
        height_m=np.array([0.0, 10_000.0]),
        east_ms=np.array([[low_ms, top_ms]] * 2),
        north_ms=np.full((2, 2), north_ms),
        longitude0=0.0,
        latitude0=0.0,
        gradient=(0.0, 0.0, 0.0, 0.0),
    )
    return wind.to_cube((-4.0, -4.0, 4.0, 4.0), 1.0, 6 * 3600.0)


def climb(*cubes: WindCube, **changes: float):
    given = {"longitude": 0.5, "latitude": 0.0, "time_s": START, "rate_ms": 5.0, "top_m": 8_000.0}
    return climb_through(cubes, **(given | changes))  # type: ignore[arg-type]


def test_given_linear_shear_when_climbed_then_the_drift_is_its_integral() -> None:
    even, sheared = climb(make_cube(10.0, 10.0), make_cube(0.0, 20.0))
    assert even.height_m[0] == 0.0
    assert even.elapsed_s[-1] == pytest.approx(1_600.0)
    assert even.longitude[-1] - 0.5 == pytest.approx(10.0 * 1_600.0 * PER_M, rel=1e-6)
    # the integral of 20 h / 10 km over the climb
    assert sheared.longitude[-1] - 0.5 == pytest.approx(8.0 * 1_600.0 * PER_M, rel=1e-6)
    np.testing.assert_allclose(sheared.eastward_ms, sheared.height_m / 500.0, atol=1e-6)
    np.testing.assert_array_equal(even.latitude, 0.0)


def test_given_one_time_when_it_is_the_moment_then_climbed() -> None:
    single = WindCube(make_cube(10.0, 10.0).dataset.isel(time=[1]))
    (found,) = climb(single, time_s=START + 6 * 3600)
    assert found.longitude[-1] > 0.5
    with pytest.raises(WindCoverageError, match="holds no wind at"):
        climb(single, time_s=START + 5 * 3600)


def test_given_ground_and_levels_when_climbed_then_from_the_highest_floor_of_all() -> None:
    data = make_cube(1.0, 1.0).dataset.copy()
    data[TERRAIN] = (("latitude", "longitude"), np.full((9, 9), 250.4, np.float32))
    first, second = climb(make_cube(1.0, 1.0), validate_cube(data))
    assert first.height_m[0] == second.height_m[0] == 251.0


def test_given_what_no_wind_holds_when_climbed_then_refused_by_name() -> None:
    cube = make_cube(10.0, 10.0)
    with pytest.raises(WindCoverageError, match="lies outside synthetic climb"):
        climb(cube, latitude=5.0)
    with pytest.raises(WindCoverageError, match="lies outside synthetic climb"):
        climb(cube, longitude=-4.5)
    with pytest.raises(WindCoverageError, match="whose levels go from 0 to 10000"):
        climb(cube, top_m=10_500.0)
    with pytest.raises(WindCoverageError, match="lies outside"):
        climb(make_cube(190.0, 190.0), longitude=3.9, rate_ms=0.5)
    with pytest.raises(ArgumentError, match="a climb of 0 m/s"):
        climb(cube, rate_ms=0.0)
    with pytest.raises(ArgumentError, match="shall end at -5 m"):
        climb(cube, top_m=-5.0)
