"""Distances, bearings and the local plane, against closed forms and the mission's distances."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from downwind.constants import EARTH_RADIUS_M
from downwind.geo.sphere import (
    bearing_deg,
    distance_m,
    find_destination,
    local_equal_area,
    wrap_longitude,
)

GANGHWA = (126.49, 37.75)
longitudes = st.floats(-180.0, 179.999)
latitudes = st.floats(-89.0, 89.0)


@pytest.mark.parametrize(
    ("longitude", "latitude", "distance_km", "bearing"),
    [
        pytest.param(126.55, 37.97, 25, 12, id="Kaesong"),
        pytest.param(125.71, 38.04, 76, 295, id="Haeju"),
        pytest.param(125.76, 38.51, 106, 323, id="Sariwon"),
        pytest.param(125.75, 39.02, 155, 336, id="Pyongyang"),
    ],
)
def test_from_ganghwa_the_known_towns_lie_where_they_are_said_to(
    longitude: float, latitude: float, distance_km: int, bearing: int
) -> None:
    assert round(float(distance_m(*GANGHWA, longitude, latitude)) / 1e3) == distance_km
    assert round(float(bearing_deg(*GANGHWA, longitude, latitude))) == bearing


def test_distance_of_a_quarter_and_of_a_half_turn_is_exact() -> None:
    assert distance_m(0, 0, 90, 0) == pytest.approx(EARTH_RADIUS_M * math.pi / 2, rel=1e-15)
    assert distance_m(10, 90, 0, -90) == pytest.approx(EARTH_RADIUS_M * math.pi, rel=1e-15)
    assert distance_m(179.5, 0, -179.5, 0) == pytest.approx(EARTH_RADIUS_M * math.pi / 180)


def test_distance_of_a_millimetre_is_not_lost_to_rounding() -> None:
    step = np.rad2deg(1e-3 / EARTH_RADIUS_M)
    assert distance_m(126.0, 38.0, 126.0, 38.0 + step) == pytest.approx(1e-3, rel=1e-4)


def test_bearing_of_a_point_to_itself_is_zero_and_due_north_is_not_360() -> None:
    assert bearing_deg(5.0, 5.0, 5.0, 5.0) == 0.0
    assert bearing_deg(0.0, 0.0, -1e-18, 10.0) == 0.0


def test_points_broadcast_against_each_other() -> None:
    grid = distance_m(np.zeros((3, 1)), 0.0, 0.0, np.arange(4.0))
    assert grid.shape == (3, 4)
    assert grid.dtype == np.float64


@given(longitudes, latitudes, st.floats(0.0, 359.9), st.floats(1.0, 5e6))
def test_a_destination_is_as_far_and_in_the_direction_that_was_asked(
    longitude: float, latitude: float, bearing: float, distance: float
) -> None:
    end = find_destination(longitude, latitude, bearing, distance)
    assert float(distance_m(longitude, latitude, *end)) == pytest.approx(distance, rel=1e-6)
    if distance > 100.0:
        turn = float(bearing_deg(longitude, latitude, *end)) - bearing
        assert abs((turn + 180.0) % 360.0 - 180.0) < 1e-3


def test_wrapped_longitudes_lie_from_minus_180_to_below_180() -> None:
    wrapped = wrap_longitude([-540.0, -180.0, 0.0, 180.0, 190.0, 359.0])
    np.testing.assert_allclose(wrapped, [-180.0, -180.0, 0.0, -180.0, -170.0, -1.0])


@given(st.floats(-179.0, 179.0), st.floats(-88.0, 88.0), st.floats(-5e5, 5e5), st.floats(-5e5, 5e5))
def test_the_plane_leads_there_and_back(lon: float, lat: float, x: float, y: float) -> None:
    forward, inverse = local_equal_area(lon, lat)
    back = forward(*inverse(x, y))
    np.testing.assert_allclose(back, (x, y), atol=1e-3)


def test_the_plane_keeps_areas_and_near_distances() -> None:
    plane = local_equal_area(179.9, 38.0)
    np.testing.assert_allclose(plane.forward(179.9, 38.0), (0.0, 0.0), atol=1e-9)
    x, y = plane.forward(-179.0, 39.0)
    assert x > 0
    assert y > 0
    assert math.hypot(x, y) == pytest.approx(distance_m(179.9, 38.0, -179.0, 39.0), rel=1e-4)
    # a small cell of the sphere, far from the centre, has its true area
    size = 1e-3
    west, south = 183.0, 41.0
    corners = np.array([(0, 0), (size, 0), (size, size), (0, size)])
    cx, cy = plane.forward(west + corners[:, 0], south + corners[:, 1])
    area = 0.5 * abs(np.dot(cx, np.roll(cy, -1)) - np.dot(cy, np.roll(cx, -1)))
    band = math.sin(math.radians(south + size)) - math.sin(math.radians(south))
    assert area == pytest.approx(EARTH_RADIUS_M**2 * math.radians(size) * band, rel=1e-6)
