"""What is read of a large wind: enough that nothing in it carries a flight beyond it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from downwind.constants import EARTH_RADIUS_M
from downwind.geo.sphere import distance_m
from downwind.wind.cube import WindCube
from downwind.wind.reach import Reach, find_fastest, read_reachable
from downwind.wind.store._crop import crop_dataset
from downwind.wind.window import Window
from tests.unit.wind.store_cubes import RUN_S, make_cube


def reach_of(*places: tuple[float, float], flight_h: float = 2.0, ceiling_m: float = np.inf):
    return Reach(places, 3600.0 * flight_h, RUN_S + 3600.0, RUN_S + 7200.0, 3 * 3600.0, ceiling_m)


@settings(max_examples=200, deadline=None)
@given(
    longitude=st.floats(-180.0, 179.9),
    latitude=st.floats(-89.0, 89.0),
    speed_ms=st.floats(1.0, 200.0),
    bearing=st.floats(0.0, 2 * np.pi),
    part=st.floats(0.0, 1.0),
)
def test_given_any_place_when_flown_any_way_then_the_window_holds_the_end(
    longitude: float, latitude: float, speed_ms: float, bearing: float, part: float
) -> None:
    reach = reach_of((longitude, latitude), flight_h=15.0)
    window = reach.window(speed_ms)
    arc = part * speed_ms * reach.flight_s / EARTH_RADIUS_M
    phi = np.radians(latitude)
    end = np.arcsin(
        np.clip(np.sin(phi) * np.cos(arc) + np.cos(phi) * np.sin(arc) * np.cos(bearing), -1, 1)
    )
    turn = np.degrees(
        np.arctan2(
            np.sin(bearing) * np.sin(arc) * np.cos(phi), np.cos(arc) - np.sin(phi) * np.sin(end)
        )
    )
    there = longitude + turn
    assert (
        distance_m(longitude, latitude, there, np.degrees(end))
        == pytest.approx(arc * EARTH_RADIUS_M, abs=1.0)
        or arc > np.pi / 2
    )
    assert window.south - 1e-6 <= np.degrees(end) <= window.north + 1e-6
    assert (there - window.west + 1e-6) % 360.0 <= window.width_deg + 2e-6


def test_given_sites_on_both_sides_of_the_antimeridian_then_one_narrow_window() -> None:
    window = reach_of((179.0, 0.0), (-179.0, 10.0)).window(10.0)
    assert 2.0 < window.width_deg < 6.0
    assert window.holds_time(RUN_S - 3600.0)


@pytest.mark.parametrize(("peak_ms", "reads"), [(12.0, 1), (90.0, 2)])
def test_given_a_wind_when_read_then_as_often_as_it_takes(peak_ms: float, reads: int) -> None:
    whole = make_cube(box=(100.0, 20.0, 150.0, 55.0), peak_ms=peak_ms)
    windows: list[Window] = []

    def read(window: Window) -> WindCube:
        windows.append(window)
        return WindCube(crop_dataset(whole.dataset, window))

    reach = reach_of((126.5, 37.75))
    cube = read_reachable(read, reach)

    assert len(windows) == reads
    fastest = find_fastest(cube)
    needed = reach.window(fastest)
    assert cube.latitude[0] <= needed.south
    assert cube.latitude[-1] >= needed.north
    assert cube.longitude[0] <= needed.west
    assert cube.longitude[-1] >= needed.east
    assert cube.latitude.size < whole.latitude.size
    assert cube.times_s.tolist() == [t for t in whole.times_s if t <= RUN_S + 5 * 3600]


def test_given_a_box_smaller_than_the_reach_when_read_then_all_of_it_and_an_end() -> None:
    whole = make_cube(peak_ms=150.0)
    cube = read_reachable(lambda w: WindCube(crop_dataset(whole.dataset, w)), reach_of((126, 38)))
    assert cube.latitude.size == whole.latitude.size


def test_given_a_ceiling_when_the_fastest_is_sought_then_winds_above_do_not_count() -> None:
    cube = make_cube(levels=6)
    data = cube.dataset.copy(deep=True)
    data["eastward_wind"][:, :, 5] = 150.0
    spoilt = WindCube(data)
    assert find_fastest(spoilt) > 149.0
    assert find_fastest(spoilt, 13_000.0) < 20.0  # levels every 6 km: 12 km, and one above
    assert find_fastest(spoilt, 26_000.0) > 149.0
