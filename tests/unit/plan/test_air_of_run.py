"""The air of a run: turbulence from the weather, and what a launch meets, against the limits."""

from __future__ import annotations

import copy
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from downwind.errors import MissionError
from downwind.plan.air_of_run import (
    NEUTRAL_M,
    find_launch_weather,
    launch_breaches,
    launch_stops,
    settle_turbulence,
)
from downwind.plan.mission import Limits, Mission
from downwind.plan.mission_file import parse_mission
from downwind.report.ground_text import _launch_lines as launch_lines
from downwind.service.demonstration import demonstration_wind
from downwind.sim.turbulence import Turbulence
from downwind.wind.cube import (
    BOUNDARY_LAYER,
    CLOUD_COVER,
    EAST_10M,
    FRICTION_VELOCITY,
    GUST,
    NORTH_10M,
    PRECIPITATION,
    SURFACE_DIMS,
    WindCube,
    validate_cube,
)
from downwind.wind.grid import WindGrid, build_grid
from tests.small_mission import SMALL

BOX = (116.0, 32.0, 136.0, 44.0)
NIGHT = {BOUNDARY_LAYER: 620.0, FRICTION_VELOCITY: 0.34}
LAUNCH = {
    EAST_10M: 3.0, NORTH_10M: -4.0, GUST: 9.0, CLOUD_COVER: 0.4, PRECIPITATION: 1e-3 / 3.6,
}  # fmt: skip


@cache
def bare_cube() -> WindCube:
    return demonstration_wind().to_cube(BOX, 4.0, 3 * 3600.0)


def mission_of(**tables: Any) -> Mission:
    table: dict[str, Any] = copy.deepcopy(SMALL)
    for name, values in tables.items():
        table[name] = {**table.get(name, {}), **values}
    return parse_mission(table)


def grid_of(mission: Mission, fields: dict[str, Any]) -> WindGrid:
    data = bare_cube().dataset
    shape = tuple(data.sizes[d] for d in SURFACE_DIMS)
    for name, value in fields.items():
        grown = np.broadcast_to(np.asarray(value, np.float32), shape).copy()
        data = data.assign({name: (SURFACE_DIMS, grown)})
    return build_grid(validate_cube(data), mission.wind)


def test_given_depth_and_friction_in_the_weather_when_nothing_is_stated_then_they_are_taken() -> (
    None
):
    mission = mission_of()
    air = settle_turbulence(mission, grid_of(mission, NIGHT)).turbulence
    assert (air.boundary_layer_m, air.friction_velocity_ms) == (620.0, 0.34)
    assert air.obukhov_length_m == Turbulence.night().obukhov_length_m
    assert "median of 2015-04-03" in air.text
    assert "boundary layer of 620 m with u* 0.34 m/s" in air.text
    assert "night defaults" not in air.text


def test_given_weather_without_them_when_settled_then_the_night_defaults_stay_and_are_named() -> (
    None
):
    mission = mission_of()
    for fields in ({}, {BOUNDARY_LAYER: 620.0}, {**NIGHT, FRICTION_VELOCITY: np.nan}):
        assert settle_turbulence(mission, grid_of(mission, fields)) is mission
    assert "night defaults" in mission.turbulence.text


@pytest.mark.parametrize("air", ["night", "still"])
def test_given_an_air_that_is_stated_when_settled_then_the_weather_does_not_count(air: str) -> None:
    mission = mission_of(turbulence={"air": air})
    assert settle_turbulence(mission, grid_of(mission, NIGHT)) is mission


def test_given_one_quantity_stated_when_settled_then_it_stays_and_the_other_is_the_weathers() -> (
    None
):
    mission = mission_of(turbulence={"boundary_layer": "300 m", "obukhov_length": "90 m"})
    air = settle_turbulence(mission, grid_of(mission, NIGHT)).turbulence
    assert (air.boundary_layer_m, air.friction_velocity_ms) == (300.0, 0.34)
    assert air.obukhov_length_m == 90.0


def test_given_a_launch_by_day_when_settled_then_the_air_is_neutral() -> None:
    mission = mission_of(launch={"times": ["2015-04-03T22:00Z"]})
    air = settle_turbulence(mission, grid_of(mission, NIGHT)).turbulence
    assert air.obukhov_length_m == NEUTRAL_M
    assert air.scales.neutral == 1.0


def test_given_weather_asked_for_and_not_there_when_settled_then_it_is_an_error() -> None:
    mission = mission_of(turbulence={"air": "weather"})
    with pytest.raises(MissionError, match="no friction velocity at the sites") as caught:
        settle_turbulence(mission, grid_of(mission, {BOUNDARY_LAYER: 620.0}))
    assert "turbulence.boundary_layer" in caught.value.hint


def test_given_hours_that_differ_when_settled_then_the_median_of_the_flight_counts() -> None:
    mission = mission_of()
    times = bare_cube().times_s
    far = np.abs(times - mission.launch_times_s[0]) > 4 * 3600
    depth = np.where(far, 3_000.0, 200.0)[:, None, None]
    air = settle_turbulence(mission, grid_of(mission, {**NIGHT, BOUNDARY_LAYER: depth})).turbulence
    assert air.boundary_layer_m == 200.0


def test_given_a_layer_thinner_than_models_resolve_when_settled_then_it_is_held() -> None:
    mission = mission_of()
    grid = grid_of(mission, {BOUNDARY_LAYER: 0.0, FRICTION_VELOCITY: 0.0})
    air = settle_turbulence(mission, grid).turbulence
    assert (air.boundary_layer_m, air.friction_velocity_ms) == (50.0, 0.02)


def test_given_wind_gust_cloud_and_rain_when_launching_then_each_is_found() -> None:
    mission = mission_of()
    found = find_launch_weather(
        mission, grid_of(mission, LAUNCH), mission.sites[0], mission.launch_times_s[0]
    )
    assert found.wind_ms == pytest.approx(5.0)
    # east 3, north -4: from the north-west, atan2(-3, 4)
    assert found.from_deg == pytest.approx(323.13, abs=0.01)
    assert found.gust_ms == pytest.approx(9.0)
    assert found.cloud_cover == pytest.approx(0.4)
    assert 3600.0 * found.rain_kgm2s == pytest.approx(1.0)
    assert found.end_s - found.start_s == mission.fleet_span_s


def test_given_weather_without_a_10_m_wind_when_launching_then_nothing_is_made_up() -> None:
    mission = mission_of()
    found = find_launch_weather(
        mission, grid_of(mission, {GUST: 9.0}), mission.sites[0], mission.launch_times_s[0]
    )
    assert np.isnan([found.wind_ms, found.from_deg, found.cloud_cover, found.rain_kgm2s]).all()
    assert found.gust_ms == pytest.approx(9.0)


def test_given_gusts_for_a_part_of_the_launch_when_held_against_a_limit_then_not_known() -> None:
    mission = mission_of(limits={"gust": "36 km/h"})
    first_s = mission.launch_times_s[0]
    late = bare_cube().times_s > first_s
    gust = np.where(late, np.nan, 9.0)[None, :, None, None]
    air = find_launch_weather(mission, grid_of(mission, {GUST: gust}), mission.sites[0], first_s)
    assert mission.fleet_span_s > 0.0
    assert np.isnan(air.gust_ms)
    assert "not known to be kept: STOP" in launch_stops(mission.limits, air)[0]


@pytest.mark.parametrize(
    ("limits", "fields", "says"),
    [
        ((None, None), LAUNCH, []),
        ((6.0, 10.0), LAUNCH, []),
        ((4.0, 10.0), LAUNCH, ["10 m wind at Ganghwa reaches 5.0 m/s", "limits.surface_wind (4"]),
        ((6.0, 8.0), LAUNCH, ["gust at Ganghwa reaches 9.0 m/s", "limits.gust (8"]),
        ((6.0, None), {GUST: 9.0}, ["10 m wind", "not in the weather data", "not known"]),
    ],
)
def test_given_launch_limits_when_held_against_the_weather_then_what_breaks_them_is_a_stop(
    limits: tuple[float | None, float | None], fields: dict[str, Any], says: list[str]
) -> None:
    mission = mission_of()
    site, start = mission.sites[0], mission.launch_times_s[0]
    weather = find_launch_weather(mission, grid_of(mission, fields), site, start)
    text = " ".join(launch_stops(Limits(0.05, 0.01, *limits), weather))
    assert ("STOP" in text) == bool(says)
    assert all(part in text for part in says)


@pytest.mark.parametrize(
    ("limits", "fields", "says"),
    [
        ({"cloud": "50 %", "rain": "1.5 mm/h"}, LAUNCH, []),
        ({"cloud": "30 %"}, LAUNCH, ["cloud at Ganghwa reaches 40.0 % of the sky", "(30 % of"]),
        ({"rain": "0.5 mm/h"}, LAUNCH, ["rain at Ganghwa reaches 1.0 mm/h", "limits.rain (0.5"]),
        ({"rain": "0 mm/h"}, {GUST: 9.0}, ["rain", "not in the weather data", "not known"]),
    ],
)
def test_given_limits_of_cloud_and_rain_when_held_against_the_weather_then_breaches_are_told(
    limits: dict[str, str], fields: dict[str, Any], says: list[str]
) -> None:
    mission = mission_of(limits=limits)
    site, start = mission.sites[0], mission.launch_times_s[0]
    weather = find_launch_weather(mission, grid_of(mission, fields), site, start)
    found = launch_breaches(mission.limits, weather)

    assert len(found) == bool(says)
    assert all(part in found[0] for part in says)
    assert launch_stops(mission.limits, weather) == tuple(f"{text}: STOP" for text in found)


def test_given_limits_in_a_mission_when_read_then_they_are_speeds() -> None:
    mission = mission_of(limits={"surface_wind": "12 kt", "gust": "36 km/h"})
    assert mission.limits.surface_wind_ms == pytest.approx(6.17, abs=0.01)
    assert mission.limits.gust_ms == pytest.approx(10.0)
    with pytest.raises(MissionError, match=r"limits\.gust"):
        mission_of(limits={"gust": 9})


def test_given_a_plan_when_written_then_the_launch_stands_with_its_limits(
    small_result: Any,
) -> None:
    text = " ".join(" ".join(launch_lines(small_result)).split())
    assert "At the ground of Ganghwa, 2015-04-04 03:00 KST to 03:04 KST" in text
    assert "10 m wind up to 5.0 m/s from 323 deg (limit 4 m/s: NOT MET)" in text
    assert "gusts up to 9.0 m/s" in text
    assert "sky in cloud 40 % on average" in text
    assert "not in the weather data: rain or snow" in text


@pytest.fixture
def small_result() -> Any:
    """Return the few things that the launch lines read."""

    class Result:
        mission = replace(mission_of(), limits=Limits(0.05, 0.01, 4.0, None))
        grid = grid_of(mission, {k: v for k, v in LAUNCH.items() if k != PRECIPITATION})
        site = mission.sites[0]
        start_s = mission.launch_times_s[0]

    return Result()
