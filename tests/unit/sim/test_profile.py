"""Flights along prescribed profiles against closed forms, in both ways of flying them."""

from __future__ import annotations

import numba as nb
import numpy as np
import pytest

from downwind import atmosphere
from downwind.constants import EARTH_RADIUS_M
from downwind.errors import ArgumentError, SingleTimeError, WindValueError
from downwind.sim.drop import drop_items
from downwind.sim.profile import (
    ProfileArrays,
    Stage,
    StageStop,
    VerticalLaw,
    fly_profiles,
    make_profiles,
    vertical_rate_ms,
)
from downwind.sim.profile.tawhiri import (
    BelowLevels,
    LevelGrid,
    fly_as_tawhiri,
    level_grid_of,
    make_level_grid,
    wind_as_tawhiri,
)
from downwind.wind.synthetic import SyntheticWind
from tests.unit.sim.made_winds import DEG_M, make_items, miss_m, wind_grid

CLIMB, FLOAT, FALL = VerticalLaw.CLIMB, VerticalLaw.FLOAT, VerticalLaw.FALL
DRAG, TRACK = VerticalLaw.TAWHIRI_DESCENT, VerticalLaw.TRACK
HEIGHT, TIME, GROUND = StageStop.HEIGHT, StageStop.TIME, StageStop.GROUND
LEFT, NOT_REACHED = StageStop.LEFT_DATA, StageStop.NOT_REACHED
KM = np.arange(0.0, 26_001.0, 1_000.0)


def steady(u: float, v: float = 0.0):
    return lambda lon, lat, h, t: (u + 0.0 * (lon + lat + h + t), v + 0.0 * (lon + lat + h + t))


# --- the accurate way: closed forms --------------------------------------------------------------


def test_up_along_and_down_in_a_uniform_wind_is_speed_times_time() -> None:
    grid = wind_grid(steady(8.0), height=KM)
    flights = make_profiles(
        0.0,
        0.0,
        0.0,
        100.0,
        [
            Stage(CLIMB, 5.0, HEIGHT, 3_210.0),
            Stage(FLOAT, stop=TIME, limit=4_321.5),
            Stage(FALL, 1.5, exponent=0.4),
        ],
    )
    flown = fly_profiles(grid, flights, max_step_s=300.0)
    fall_s = float(atmosphere.fall_integral_m(3_210.0, 0.4)) / 1.5
    ends = np.array([100.0 + 642.0, 4_321.5, 4_321.5 + fall_s])

    assert flown.reason[0].tolist() == [HEIGHT, TIME, GROUND]
    np.testing.assert_allclose(flown.time_s[0], ends, atol=2e-3)
    np.testing.assert_allclose(flown.longitude[0] * DEG_M, 8.0 * (ends - 100.0), atol=0.02)
    np.testing.assert_allclose(flown.height_m[0], [3_210.0, 3_210.0, 0.0], atol=1e-9)
    assert flown.last_stage.tolist() == [2]


@pytest.mark.parametrize("step", [30.0, 600.0])
def test_in_linear_shear_a_climb_drifts_by_a_z_squared_over_2w(step: float) -> None:
    shear, top, rate = 2.0**-8, 8_000.0, 4.0
    grid = wind_grid(lambda lon, lat, h, t: (shear * h + 0.0 * (lon + lat + t), 0.0), height=KM)
    flown = fly_profiles(
        grid,
        make_profiles(0.0, 0.0, 0.0, 0.0, [Stage(CLIMB, rate, HEIGHT, top)]),
        max_step_s=step,
    )

    assert flown.longitude[0, 0] * DEG_M == pytest.approx(shear * top**2 / (2 * rate), abs=0.01)


def test_on_the_sphere_aloft_the_same_wind_covers_fewer_degrees() -> None:
    grid = wind_grid(steady(10.0))
    flights = make_profiles(0.0, 0.0, 20_000.0, 0.0, [Stage(FLOAT, stop=TIME, limit=10_000.0)])
    low = fly_profiles(grid, flights).longitude[0, 0]
    high = fly_profiles(grid, flights, aloft=True).longitude[0, 0]

    assert low / high == pytest.approx(1.0 + 20_000.0 / EARTH_RADIUS_M, rel=1e-9)


def test_a_fall_lands_where_a_falling_item_does_with_vertical_wind() -> None:
    def wind(lon, lat, h, t):
        return 0.002 * h + 5.0 * np.sin(t / 3_000.0) + 0.0 * (lon + lat), 3.0 + lon - 0.001 * h

    grid = wind_grid(wind, time=np.arange(0.0, 20_001.0, 1_800.0), height=KM, up=0.2)
    flights = make_profiles(0.3, -0.2, 6_000.0, 500.0, [Stage(FALL, 2.0, exponent=0.45)])
    flown = fly_profiles(grid, flights, max_step_s=5.0)
    item = drop_items(grid, make_items(0.3, -0.2, 6_000.0, 500.0, 2.0, exponent=0.45), 5.0)

    assert flown.time_s[0, 0] == pytest.approx(item.time_s[0], abs=2e-3)
    assert (
        miss_m(flown.longitude[0, 0], flown.latitude[0, 0], item.longitude[0], item.latitude[0])
        < 0.5
    )


def test_prescribed_heights_are_not_moved_by_vertical_wind() -> None:
    grid = wind_grid(up=1.0)
    flights = make_profiles(0.0, 0.0, 0.0, 0.0, [Stage(CLIMB, 5.0, HEIGHT, 1_000.0)])

    assert fly_profiles(grid, flights).time_s[0, 0] == pytest.approx(200.0, abs=1e-3)


def test_a_sink_meets_rising_ground_and_a_track_goes_through_it() -> None:
    grid = wind_grid(steady(10.0), terrain=750.0)
    for law, end in ((CLIMB, GROUND), (TRACK, TIME)):
        stage = Stage(law, -2.0, TIME, 400.0)
        flown = fly_profiles(grid, make_profiles(0.0, 0.0, 1_000.0, 0.0, [stage]))
        assert flown.reason[0, 0] == end
        assert flown.time_s[0, 0] == pytest.approx(125.0 if law is CLIMB else 400.0, abs=1e-3)
        assert flown.height_m[0, 0] == pytest.approx(750.0 if law is CLIMB else 200.0, abs=1e-6)


def test_a_flight_that_ends_on_the_ground_goes_no_further() -> None:
    stages = [Stage(CLIMB, -2.0, HEIGHT, 100.0), Stage(CLIMB, 5.0, HEIGHT, 900.0)]
    flown = fly_profiles(wind_grid(terrain=200.0), make_profiles(0.0, 0.0, 1_000.0, 0.0, stages))

    assert flown.reason[0].tolist() == [GROUND, NOT_REACHED]
    assert np.isnan(flown.time_s[0, 1])


@pytest.mark.parametrize(
    ("start", "stage", "seconds"),
    [
        ((0.0, 25_000.0, 0.0), Stage(CLIMB, 5.0, HEIGHT, 30_000.0), 200.0),
        ((4.9, 5_000.0, 0.0), Stage(FLOAT, stop=TIME, limit=80_000.0), 0.1 * DEG_M / 10.0),
        ((0.0, 5_000.0, 86_000.0), Stage(FLOAT, stop=TIME, limit=9e9), 400.0),
        ((0.0, 5_000.0, 86_401.0), Stage(FLOAT, stop=TIME, limit=9e9), 0.0),
        ((9.0, 5_000.0, 0.0), Stage(FLOAT, stop=TIME, limit=9e9), 0.0),
    ],
)
def test_a_flight_that_leaves_the_data_ends_there(start, stage: Stage, seconds: float) -> None:
    longitude, height, time = start
    grid = wind_grid(steady(10.0))
    flown = fly_profiles(grid, make_profiles(longitude, 0.0, height, time, [stage]))

    assert flown.reason[0, 0] == LEFT
    assert flown.time_s[0, 0] - time == pytest.approx(seconds, abs=2e-3)


def test_a_hole_in_time_ends_a_flight_from_either_side() -> None:
    grid = wind_grid(time=(0.0, 3_600.0, 18_000.0, 21_600.0), holes=(1,))
    stage = [Stage(FLOAT, stop=TIME, limit=20_000.0)]
    forward = fly_profiles(grid, make_profiles(0.0, 0.0, 5e3, 600.0, stage))
    stage = [Stage(FLOAT, stop=TIME, limit=600.0)]
    backward = fly_profiles(grid, make_profiles(0.0, 0.0, 5e3, 20_000.0, stage), direction=-1)

    assert [forward.reason[0, 0], backward.reason[0, 0]] == [LEFT, LEFT]
    assert [forward.time_s[0, 0], backward.time_s[0, 0]] == [3_600.0, 18_000.0]


def test_a_flight_backwards_comes_home() -> None:
    def wind(lon, lat, h, t):
        turn = h / 4_000.0 + t / 20_000.0
        speed = 10.0 + 0.002 * h
        return speed * np.cos(turn) + lat, speed * np.sin(turn) - 0.5 * lon

    grid = wind_grid(wind, time=np.arange(0.0, 43_201.0, 3_600.0), height=KM)
    start = np.array([-0.7, 0.1, 0.6])
    there = fly_profiles(
        grid,
        make_profiles(
            start, 0.2, 0.0, [3_000.0, 4_000.0, 5_000.0],
            [Stage(CLIMB, 3.0, HEIGHT, 7_000.0), Stage(DRAG, 6.0)],
        ),
        max_step_s=30.0,
    )  # fmt: skip
    back = fly_profiles(
        grid,
        make_profiles(
            there.longitude[:, 1], there.latitude[:, 1], 0.0, there.time_s[:, 1],
            [Stage(DRAG, 6.0, HEIGHT, 7_000.0), Stage(CLIMB, 3.0)],
        ),
        direction=-1,
        max_step_s=30.0,
    )  # fmt: skip

    assert back.reason.tolist() == [[HEIGHT, GROUND]] * 3
    np.testing.assert_allclose(back.time_s[:, 1], [3_000.0, 4_000.0, 5_000.0], atol=0.01)
    assert np.abs(there.longitude[:, 1] - start).min() > 0.1
    assert miss_m(back.longitude[:, 1], back.latitude[:, 1], start, 0.2).max() < 0.2


def test_the_pole_and_the_antimeridian_are_places_like_others() -> None:
    lat = np.arange(70.0, 90.01, 1.0)
    north = wind_grid(
        steady(0.0, 20.0), latitude=lat, longitude=np.arange(0.0, 361.0, 5.0), height=KM
    )
    stage = [Stage(FLOAT, stop=TIME, limit=0.5 * DEG_M / 20.0)]
    over = fly_profiles(north, make_profiles(40.0, 89.0, 5e3, 0.0, stage), max_step_s=10.0)
    assert over.latitude[0, 0] == pytest.approx(89.5, abs=1e-3)
    assert over.longitude[0, 0] == pytest.approx(40.0, abs=0.05)

    date = wind_grid(steady(20.0), longitude=np.arange(175.0, 186.0))
    along = fly_profiles(date, make_profiles([179.9, -180.1], 0.0, 5e3, 0.0, stage))
    np.testing.assert_allclose(along.longitude[:, 0], -179.6, atol=1e-6)


def test_tracks_hold_even_times_and_the_end() -> None:
    flights = make_profiles(0.0, 0.0, 0.0, 50.0, [Stage(CLIMB, 5.0, HEIGHT, 1_000.0)])
    track = fly_profiles(wind_grid(steady(8.0)), flights, record_s=60.0, record_rows=9).track[0]

    np.testing.assert_allclose(track[:5, 0], [50.0, 110.0, 170.0, 230.0, 250.0], atol=1e-3)
    np.testing.assert_allclose(track[:5, 3], [0.0, 300.0, 600.0, 900.0, 1_000.0], atol=0.01)
    np.testing.assert_allclose(track[:5, 1] * DEG_M, 8.0 * (track[:5, 0] - 50.0), atol=0.01)
    assert np.isnan(track[5:]).all()


@pytest.mark.parametrize(
    "stages",
    [
        [],
        [Stage(FLOAT, stop=HEIGHT, limit=5.0)],
        [Stage(CLIMB, 0.0, GROUND)],
        [Stage(CLIMB, 1.0, LEFT)],
        [Stage(FALL, -1.0)],
    ],
)
def test_chains_that_cannot_be_flown_are_refused(stages: list[Stage]) -> None:
    with pytest.raises(ArgumentError):
        make_profiles(0.0, 0.0, 0.0, 0.0, stages)


def test_starts_that_are_no_numbers_and_directions_that_are_none_are_refused() -> None:
    with pytest.raises(ArgumentError, match="not a number"):
        make_profiles(np.nan, 0.0, 0.0, 0.0, [Stage(FALL, 1.0)])
    with pytest.raises(ArgumentError, match="direction"):
        fly_profiles(
            wind_grid(), make_profiles(0.0, 0.0, 9.0, 0.0, [Stage(FALL, 1.0)]), direction=0
        )


# --- Tawhiri's way -------------------------------------------------------------------------------

LEVELS = np.array([100.0, 1_000.0, 3_000.0, 6_000.0, 10_000.0, 16_000.0, 24_000.0])


def level_grid(
    wind=None,
    longitude=(-5.0, 0.0, 5.0),
    latitude=(-5.0, 0.0, 5.0),
    time=(0.0, 43_200.0),
    heights=LEVELS,
    terrain=0.0,
    below: BelowLevels = BelowLevels.HOLD,
    max_gap_hours: float = 24.0,
) -> LevelGrid:
    x, y, z, t = (np.asarray(a, np.float64) for a in (longitude, latitude, heights, time))
    field = np.zeros((t.size, z.size, 3, y.size, x.size))
    field[:, :, 0] = z[:, None, None]
    if wind is not None:
        u, v = wind(x, y[:, None], z[:, None, None], t[:, None, None, None])
        field[:, :, 1], field[:, :, 2] = u, v
    return make_level_grid(field, t, y, x, terrain, below, max_gap_hours)


def swirl(lon, lat, h, t):
    turn = h / 4_000.0 + t / 20_000.0
    return (10.0 + 0.002 * h) * np.cos(turn) + lat, (8.0 + lon) * np.sin(turn) + 0.0 * lat


def many(count: int) -> ProfileArrays:
    rng = np.random.default_rng(5)
    return make_profiles(
        rng.uniform(-2.0, 2.0, count),
        rng.uniform(-2.0, 2.0, count),
        rng.uniform(0.0, 500.0, count),
        rng.uniform(0.0, 20_000.0, count),
        [
            Stage(CLIMB, rng.uniform(2.0, 7.0, count), HEIGHT, rng.uniform(2e3, 20e3, count)),
            Stage(FLOAT, stop=TIME, limit=rng.uniform(15_000.0, 25_000.0, count)),
            Stage(DRAG, rng.uniform(3.0, 12.0, count)),
        ],
    )


def pick(flights: ProfileArrays, rows: np.ndarray) -> ProfileArrays:
    return ProfileArrays(flights.member, *(column[rows] for column in flights[1:]))


def test_a_climb_in_a_uniform_wind_ends_at_the_last_midpoint_of_a_bisection() -> None:
    grid = level_grid(steady(10.0))
    flights = make_profiles(0.0, 0.0, 0.0, 0.0, [Stage(CLIMB, 5.0, HEIGHT, 1_000.0)])
    flown = fly_as_tawhiri(grid, flights).profiles

    # 180 s and three steps; 20 of 60 s are 0.3333: the seventh midpoint is 43/128 of a step
    assert flown.time_s[0, 0] == 180.0 + 60.0 * 43.0 / 128.0
    assert flown.height_m[0, 0] == pytest.approx(5.0 * flown.time_s[0, 0], abs=1e-9)
    degrees = np.degrees(10.0 / 5.0 * np.log((6_371_009.0 + flown.height_m[0, 0]) / 6_371_009.0))
    assert flown.longitude[0, 0] == pytest.approx(degrees, rel=3e-6)


@pytest.mark.parametrize("law", [DRAG, FALL])
def test_falls_take_the_time_of_their_law(law: VerticalLaw) -> None:
    flights = make_profiles(0.0, 0.0, 20_000.0, 0.0, [Stage(law, 5.0)])
    flown = fly_as_tawhiri(level_grid(), flights, step_s=5.0).profiles
    heights = np.linspace(0.0, 20_000.0, 400_001)
    seconds = np.sum(-0.05 / vertical_rate_ms(law, 0.5 * (heights[1:] + heights[:-1]), 5.0))

    assert flown.time_s[0, 0] == pytest.approx(float(seconds), abs=0.1)


@pytest.mark.parametrize(
    ("below", "wind", "held"),
    [
        (BelowLevels.HOLD, 11.0, 1),
        (BelowLevels.TO_GROUND, 10.5, 1),
        (BelowLevels.EXTRAPOLATE, 10.5, 1),
    ],
)
def test_below_the_lowest_level_its_wind_is_held_and_counted(
    below: BelowLevels, wind: float, held: int
) -> None:
    grid = level_grid(
        lambda lon, lat, h, t: (10.0 + 0.01 * h + 0.0 * (lon + lat + t), 0.0 * h), below=below
    )
    u, _ = wind_as_tawhiri(grid, 0.0, 0.0, 0.0, [50.0, -400.0])
    under = {BelowLevels.HOLD: 11.0, BelowLevels.TO_GROUND: 10.0, BelowLevels.EXTRAPOLATE: 6.0}
    flights = make_profiles(0.0, 0.0, [50.0, 150.0], 0.0, [Stage(CLIMB, 5.0, HEIGHT, 900.0)])
    flown = fly_as_tawhiri(grid, flights)

    np.testing.assert_allclose(u, [wind, under[below]], atol=1e-5)
    assert flown.held.tolist() == [held, 0]


def test_terrain_under_the_flight_ends_a_descent_but_not_a_climb() -> None:
    ground = np.array([[0.0, 1_000.0, 2_000.0]] * 3)
    grid = level_grid(terrain=ground)
    stages = [Stage(CLIMB, 5.0, HEIGHT, 3_000.0), Stage(CLIMB, -4.0)]
    flown = fly_as_tawhiri(grid, make_profiles([0.0, 2.5], 0.0, 500.0, 0.0, stages)).profiles

    assert flown.reason.tolist() == [[HEIGHT, GROUND]] * 2
    np.testing.assert_allclose(flown.height_m[:, 1], [1_000.0, 1_500.0], atol=4.0 * 0.6)


@pytest.mark.parametrize(
    ("start", "stage", "seconds"),
    [
        ((0.0, 23_500.0, 0.0), Stage(CLIMB, 5.0, HEIGHT, 30_000.0), 100.0),
        ((4.9, 5_000.0, 0.0), Stage(FLOAT, stop=TIME, limit=40_000.0), 0.1 * DEG_M / 10.0),
        ((0.0, 5_000.0, 43_000.0), Stage(FLOAT, stop=TIME, limit=9e9), 200.0),
        ((0.0, 5_000.0, 43_201.0), Stage(FLOAT, stop=TIME, limit=9e9), 0.0),
        ((9.0, 5_000.0, 0.0), Stage(FLOAT, stop=TIME, limit=9e9), 0.0),
        ((0.0, 24_001.0, 0.0), Stage(CLIMB, -5.0), 0.0),
    ],
)
def test_beyond_the_data_a_flight_stops_at_the_last_point_inside(
    start, stage: Stage, seconds: float
) -> None:
    longitude, height, time = start
    flights = make_profiles(longitude, 0.0, height, time, [stage])
    flown = fly_as_tawhiri(level_grid(steady(10.0)), flights).profiles

    assert flown.reason[0, 0] == LEFT
    # at most a 128th of a step early, and never late; the flight lies above the sphere at sea
    assert -0.5 <= flown.time_s[0, 0] - time - seconds * (1.0 + 5_000.0 / 6.371e6) <= 0.1


def test_a_gap_in_time_is_a_hole_unless_it_is_allowed() -> None:
    flights = make_profiles(0.0, 0.0, 5e3, 600.0, [Stage(FLOAT, stop=TIME, limit=20_000.0)])
    times = (0.0, 3_600.0, 36_000.0)
    for hours, end in ((24.0, TIME), (6.0, LEFT)):
        grid = level_grid(time=times, max_gap_hours=hours)
        assert fly_as_tawhiri(grid, flights).profiles.reason[0, 0] == end
    inside = make_profiles(0.0, 0.0, 5e3, 9_000.0, [Stage(FLOAT, stop=TIME, limit=20_000.0)])
    assert fly_as_tawhiri(grid, inside).profiles.time_s[0, 0] == 9_000.0


@pytest.mark.parametrize("start", [179.9, -180.1, 539.9])
def test_a_regional_grid_across_the_antimeridian_reads_any_longitude(start: float) -> None:
    def wind(lon, lat, h, t):
        return 20.0 + (lon - 180.0) + 0.0 * (lat + h + t), 0.0 * (lon + lat + h)

    grid = level_grid(wind, longitude=np.arange(175.0, 186.0))
    stage = [Stage(FLOAT, stop=TIME, limit=6_000.0)]
    flown = fly_as_tawhiri(grid, make_profiles(start, 0.0, 5e3, 0.0, stage)).profiles
    u, _ = wind_as_tawhiri(grid, 0.0, 0.0, start, 5e3)

    assert u[0] == pytest.approx(19.9, abs=1e-5)
    assert flown.reason[0, 0] == TIME
    assert -179.2 < flown.longitude[0, 0] < -178.9


def test_a_global_grid_is_closed_at_its_seam_in_either_direction() -> None:
    def wind(lon, lat, h, t):
        return 20.0 * np.cos(np.radians(lon)) + 0.0 * (lat + h + t), 0.0 * (lon + lat + h)

    east = level_grid(wind, longitude=np.arange(0.0, 360.0, 2.0))
    west = level_grid(wind, longitude=np.arange(-180.0, 180.0, 2.0))
    stage = [Stage(FLOAT, stop=TIME, limit=20_000.0)]
    start = np.array([-1.0, 359.0, 179.0, -178.0, 90.0])
    flights = make_profiles(start, 0.0, 5e3, 0.0, stage)
    first, second = (fly_as_tawhiri(g, flights).profiles for g in (east, west))

    assert first.reason[:, 0].tolist() == [TIME] * 5
    np.testing.assert_allclose(first.longitude, second.longitude, atol=1e-9)
    assert first.longitude[0, 0] == pytest.approx(first.longitude[1, 0], abs=1e-9)
    assert first.longitude[0, 0] > 1.5
    assert 170.0 < first.longitude[2, 0] < 177.0


def test_latitudes_may_fall() -> None:
    axis = np.array([5.0, 0.0, -5.0])
    up, down = level_grid(swirl), level_grid(swirl, latitude=axis)
    first, second = (fly_as_tawhiri(g, many(40)).profiles for g in (up, down))

    assert np.array_equal(first.longitude, second.longitude, equal_nan=True)


def test_a_flight_backwards_in_tawhiris_steps_comes_home() -> None:
    grid = level_grid(swirl)
    there = fly_as_tawhiri(
        grid, make_profiles(0.5, -0.5, 120.0, 1_000.0, [Stage(CLIMB, 4.0, TIME, 4_000.0)])
    ).profiles
    back = fly_as_tawhiri(
        grid,
        make_profiles(
            there.longitude[0, 0],
            there.latitude[0, 0],
            there.height_m[0, 0],
            there.time_s[0, 0],
            [Stage(CLIMB, 4.0, TIME, 1_000.0)],
        ),
        direction=-1,
    ).profiles
    left_s = back.time_s[0, 0] - 1_000.0

    assert abs(left_s) < 0.5
    assert back.height_m[0, 0] == pytest.approx(120.0 + 4.0 * left_s, abs=1e-6)
    assert miss_m(back.longitude[0, 0], back.latitude[0, 0], 0.5, -0.5) < 15.0


def test_each_stage_may_have_its_own_step() -> None:
    grid = level_grid(swirl)
    fine = fly_as_tawhiri(grid, many(30), step_s=(60.0, 20.0, 60.0), record=True)
    coarse = fly_as_tawhiri(grid, many(30), step_s=(60.0, 600.0, 60.0), record=True)
    steps = np.diff(coarse.row, axis=1), np.diff(fine.row, axis=1)

    assert np.all(steps[1][:, 0] > 5 * steps[0][:, 0] - 31)
    np.testing.assert_array_equal(fine.row[:, 0], coarse.row[:, 0])


def test_the_track_holds_the_ends_of_the_stages() -> None:
    flights = fly_as_tawhiri(level_grid(swirl), many(70), record=True)
    flown = flights.profiles
    for i in range(70):
        ends = flown.track[i, flights.row[i]]
        np.testing.assert_array_equal(ends[:, 0], flown.time_s[i])
        np.testing.assert_array_equal(ends[:, 1], flown.longitude[i])
        assert np.isfinite(flown.track[i, : flights.row[i, -1] + 1]).all()
        assert np.isnan(flown.track[i, flights.row[i, -1] + 1 :]).all()


def test_bits_do_not_depend_on_order_batch_or_threads() -> None:
    grid, plain = level_grid(swirl), wind_grid(swirl, time=(0.0, 43_200.0), height=KM)
    flights = many(300)
    order = np.random.default_rng(0).permutation(300)
    threads = nb.get_num_threads()
    for fly in (lambda f: fly_as_tawhiri(grid, f).profiles, lambda f: fly_profiles(plain, f)):
        whole = fly(flights)
        assert (whole.reason[:, -1] == GROUND).sum() > 250
        turned = fly(pick(flights, order))
        single = [fly(pick(flights, np.array([i]))) for i in (0, 17, 299)]
        try:
            nb.set_num_threads(1)
            alone = fly(flights)
        finally:
            nb.set_num_threads(threads)
        for name in ("time_s", "longitude", "latitude", "height_m"):
            value = getattr(whole, name)
            assert np.array_equal(getattr(turned, name), value[order], equal_nan=True)
            assert np.array_equal(getattr(alone, name), value, equal_nan=True)
            for i, flown in zip((0, 17, 299), single, strict=True):
                assert np.array_equal(getattr(flown, name)[0], value[i], equal_nan=True)


def test_members_are_flown_in_their_own_wind() -> None:
    field = np.zeros((2, 2, LEVELS.size, 3, 3, 3))
    field[:, :, :, 0] = LEVELS[:, None, None]
    field[1, :, :, 1] = 10.0
    axis = np.array([-5.0, 0.0, 5.0])
    grid = make_level_grid(field, (0.0, 2e4), axis, axis)
    stage = [Stage(FLOAT, stop=TIME, limit=3_600.0)]
    flown = fly_as_tawhiri(grid, make_profiles([0.0, 0.0], 0.0, 5e3, 0.0, stage, [0, 1])).profiles

    assert grid.member_count == 2
    assert flown.longitude[0, 0] == 0.0
    assert flown.longitude[1, 0] * DEG_M == pytest.approx(36_000.0, rel=2e-3)


def test_a_cube_becomes_levels_with_its_heights_and_winds() -> None:
    height = np.array([0.0, 2_000.0, 9_000.0])
    wind = SyntheticWind(
        "synthetic", np.array([0.0, 7_200.0]), height,
        np.array([[1.0, 5.0, 9.0], [2.0, 6.0, 12.0]]), np.zeros((2, 3)), 0.0, 0.0, (1.0, 0, 0, 0),
    )  # fmt: skip
    grid = level_grid_of(wind.to_cube((-2.0, -2.0, 2.0, 2.0), 1.0, 3_600.0))
    u, _ = wind_as_tawhiri(grid, 1_800.0, 0.3, 0.25, 3_400.0)
    truth, _ = wind.wind_ms(0.25, 0.3, 3_400.0, 1_800.0)

    assert u[0] == pytest.approx(float(truth), abs=1e-5)
    assert (grid.start_s, grid.end_s) == (0.0, 7_200.0)


def test_levels_that_do_not_rise_and_single_times_are_refused() -> None:
    with pytest.raises(WindValueError):
        level_grid(heights=LEVELS[::-1])
    with pytest.raises(SingleTimeError):
        level_grid(time=(0.0,))
