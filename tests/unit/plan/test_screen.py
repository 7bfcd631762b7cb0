"""The screen: the same shares whatever the batches and threads; what it says of a made wind."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from downwind.geo.sphere import distance_m
from downwind.landing.regions import HOME, TARGET, LandingRegions
from downwind.plan.fleet import Setting, draw_balloons
from downwind.plan.members import fly_members
from downwind.plan.mission import Mission
from downwind.plan.mission_file import parse_mission
from downwind.plan.screen import Screen, screen_candidates
from downwind.sim.draws import Cause, Draws, RememberedDraws
from downwind.sim.flight import BalloonArrays, fly_balloons
from downwind.sim.kernels import limit_threads
from downwind.sim.steps import Steps
from downwind.sim.track import interpolate_tracks
from downwind.wind.grid import WindGrid
from tests.small_mission import SMALL
from tests.unit.sim.made_winds import shear_and_turn, wind_grid

STEPS = Steps(200.0, 60.0, 0.0, 0.0, 0.0)
TIMERS_S = np.arange(600.0, 4_801.0, 600.0)


@pytest.fixture(scope="module")
def mission() -> Mission:
    load = [{"item": "dvd", "count": 1_300}, {"item": "leaflet-film-12x5", "count": 20_000}]
    table = {
        **SMALL,
        "balloon": [{**SMALL["balloon"][0], "load": load}],
        "launch": {"times": ["2015-04-03T18:00Z", "2015-04-03T21:30Z"], "spacing": "30 s"},
        "search": {**SMALL["search"], "free_lifts": ["8 %", "15 %"]},
    }
    return parse_mission(table)


@pytest.fixture(scope="module")
def regions(mission: Mission) -> LandingRegions:
    return LandingRegions(mission.target, mission.home, ())


@pytest.fixture(scope="module")
def northward() -> WindGrid:
    return wind_grid(
        lambda lon, lat, h, t: (0.0 * (lon + lat + h + t), 4.0 + 0.0003 * h),
        time=1_428_084_000 + np.arange(0.0, 25.0 * 3_600.0, 3_600.0),
        height=np.arange(0.0, 24_001.0, 500.0),
        latitude=np.arange(34.0, 45.0),
        longitude=np.arange(120.0, 136.0),
    )


def screen(mission: Mission, grid: WindGrid, regions: LandingRegions, **options) -> Screen:
    return screen_candidates(
        mission, 0, Draws(7, mission.draws), grid, regions, STEPS, TIMERS_S, **options
    )


def assert_same(one: Screen, other: Screen) -> None:
    for name in ("shares", "kind_mean", "kind_error", "on_ground"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def test_the_size_of_a_batch_and_the_threads_do_not_change_a_screen(
    mission: Mission, northward: WindGrid, regions: LandingRegions
) -> None:
    whole = screen(mission, northward, regions)

    assert_same(whole, screen(mission, northward, regions, rows=1))
    limit_threads(1)
    try:
        assert_same(whole, screen(mission, northward, regions, rows=1_000))
    finally:
        limit_threads(64)


def test_a_candidate_has_the_same_shares_whatever_else_is_screened(
    mission: Mission, northward: WindGrid, regions: LandingRegions
) -> None:
    whole = screen(mission, northward, regions)

    alone = screen(
        mission, northward, regions, starts_s=mission.launch_times_s[1:], free_lifts=(0.15,)
    )

    assert whole.shares.shape == (6, 1, 2, 2, TIMERS_S.size, mission.draws)
    assert whole.falls == 2 * 2 * TIMERS_S.size * mission.draws * 2 * 4
    np.testing.assert_array_equal(alone.shares[:, :, 0, 0], whole.shares[:, :, 1, 1])


def test_the_load_is_the_sum_of_its_kinds_by_mass(
    mission: Mission, northward: WindGrid, regions: LandingRegions
) -> None:
    found = screen(mission, northward, regions)

    mass = np.array([p.count * p.kind.mass_kg for p in mission.groups[0].load])
    expected = np.tensordot(mass / mass.sum(), found.kind_mean, 1)
    np.testing.assert_allclose(found.mean, expected, atol=1e-14)
    assert np.all(found.standard_error <= found.kind_error.max(axis=0) + 1e-12)


def test_with_one_item_a_draw_the_shares_are_those_of_four_within_their_errors(
    mission: Mission, northward: WindGrid, regions: LandingRegions
) -> None:
    four, one = (screen(mission, northward, regions, sample=n) for n in (4, 1))

    error = np.hypot(four.standard_error, one.standard_error)
    assert np.all(np.abs(four.mean - one.mean) <= 4.0 * error + 0.02)
    home = one.mean[one.regions.index(HOME), 0, 0, 0]
    assert home[0] > 0.5 > home[-1]


def test_a_single_draw_has_no_standard_error(
    mission: Mission, northward: WindGrid, regions: LandingRegions
) -> None:
    found = screen(replace(mission, draws=1), northward, regions)

    assert np.isnan(found.standard_error).all()


def test_places_on_tracks_are_those_of_flights_that_end_there(mission: Mission) -> None:
    given = wind_grid(
        lambda lon, lat, h, t: shear_and_turn(lon - 126.5, lat - 38.0, h, t),
        time=1_428_084_000 + np.arange(0.0, 25.0 * 3_600.0, 3_600.0),
        height=np.arange(0.0, 24_001.0, 500.0),
        latitude=np.arange(34.0, 45.0),
        longitude=np.arange(120.0, 136.0),
    )
    draw = np.arange(20)
    setting = Setting(mission.sites[0], mission.launch_times_s[0], 0.1, None)
    films = draw_balloons(mission, 0, Draws(3, 20), given, setting, draw, 0 * draw, None)
    elapsed = np.linspace(5.0, 7_000.0, 41) + np.linspace(0.0, 50.0, 20)[:, None]

    tracked = fly_balloons(given, films, 10.0, 60.0, 125)
    end_s = tracked.end_time_s - films.time_s
    elapsed = np.minimum(elapsed, end_s[:, None] - 1.0)
    lon, lat, h = interpolate_tracks(tracked, elapsed, end_s)

    for k in range(elapsed.shape[1]):
        ended = fly_balloons(given, let_go(films, elapsed[:, k : k + 1]), 10.0)
        miss = distance_m(lon[:, k], lat[:, k], ended.end_longitude, ended.end_latitude)
        assert miss.max() < 10.0
        assert np.abs(h[:, k] - ended.end_height_m).max() < 10.0


def let_go(balloons: BalloonArrays, elapsed_s: np.ndarray) -> BalloonArrays:
    """Return the balloons with one release of everything at a time after launch, shape (n, 1)."""
    steady = {"halving_k": np.inf, "reference_k": 288.15, "slow_below_k": -np.inf, "slow_rate": 1.0}
    return balloons._replace(
        fire_s=elapsed_s.copy(),
        drop_kg=balloons.load_kg[:, None],
        drop_drag_area_m2=np.zeros(elapsed_s.shape),
        **{f"clock_{name}": np.full(elapsed_s.shape, value) for name, value in steady.items()},
    )


def test_remembered_draws_are_the_same_numbers() -> None:
    plain, kept = Draws(5, 40), RememberedDraws(5, 40)
    draw = np.arange(40)

    for name in ("uniform", "normal", "shared_uniform", "shared_normal"):
        first = getattr(kept, name)(Cause.DRAG, draw, label="x")
        np.testing.assert_array_equal(first, getattr(plain, name)(Cause.DRAG, draw, label="x"))
        assert getattr(kept, name)(Cause.DRAG, draw, label="x") is first
        other = getattr(kept, name)(Cause.DRAG, draw, label="y")
        assert not np.array_equal(first, other)


def test_two_members_and_two_releases_are_counted_alike(
    mission: Mission, northward: WindGrid, regions: LandingRegions
) -> None:
    table = {
        **SMALL,
        "balloon": [
            {
                **SMALL["balloon"][0],
                "load": [{"item": "dvd", "count": 600}],
                "then": [{"after": "10 min", "load": [{"item": "dvd", "count": 900}]}],
            }
        ],
    }
    in_turn = parse_mission(table)
    a = northward.arrays
    wind = np.ascontiguousarray(np.concatenate([a.wind, a.wind]))
    base = np.arange(2, dtype=np.int32)
    arrays = a._replace(wind=wind, wind_flat=wind.reshape(-1), base=base)
    both = replace(northward, arrays=arrays)
    setting = Setting(in_turn.sites[0], in_turn.launch_times_s[0], 0.1, 3_000.0)
    draws = Draws(7, in_turn.draws)

    one = fly_members(in_turn, draws, northward, regions, (setting,), STEPS)
    two = fly_members(in_turn, draws, both, regions, (setting,), STEPS)

    np.testing.assert_array_equal(two.counts, np.concatenate([one.counts, one.counts]))
    assert one.items.tolist() == [1_500]


def test_every_item_of_the_manifest_is_counted_once_in_every_member(
    mission: Mission, northward: WindGrid, regions: LandingRegions
) -> None:
    setting = Setting(mission.sites[0], mission.launch_times_s[0], 0.1, 4_800.0)

    draws = Draws(7, mission.draws)
    found = fly_members(mission, draws, northward, regions, (setting,), STEPS)

    down = found.counts.sum(axis=2) + found.left_data
    assert found.items.tolist() == [1_300, 20_000]
    # what failed to leave its balloon or its bundle over the target is in no region
    assert np.all(down <= found.items)
    assert np.all(down >= 0.5 * found.items)
    assert found.shares[0, found.regions.index(TARGET)] > 0.5
