"""Several releases in turn: what each lets go, how the rest flies on, and what the screen says."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

from downwind.landing.regions import LandingRegions
from downwind.plan.drop import GroupFlights, Outcome, drop_rows, fly_group
from downwind.plan.evaluate import drop_sample, fly_settings, manifest_rows, summarise_kind
from downwind.plan.fleet import Setting, draw_balloons, draw_releases
from downwind.plan.mission import Mission
from downwind.plan.mission_file import parse_mission
from downwind.plan.screen import Screen, screen_candidates
from downwind.sim.draws import Draws
from downwind.sim.flight import StopRule, fly_balloons
from downwind.sim.steps import Steps
from downwind.vehicle.timer import TimerFailure
from downwind.wind.grid import WindGrid
from tests.small_mission import SMALL
from tests.unit.sim.made_winds import wind_grid

STEPS = Steps(200.0, 60.0, 0.0, 0.0, 0.0)
START_S = 1_428_084_000
STILL = {"air": "still"}


def mission_of(failure: str = "0 %", timer: str = "quartz", **balloon: Any) -> Mission:
    table = copy.deepcopy(SMALL)
    table["balloon"] = [{**table["balloon"][0], "timer": timer, **balloon}]
    return parse_mission({**table, "turbulence": STILL, "uncertainty": {"failure": failure}})


def in_three(failure: str = "0 %", **balloon: Any) -> Mission:
    then = [
        {"after": "10 min", "load": [{"item": "dvd", "count": 600}]},
        {"after": "10 min", "load": [{"item": "leaflet-a6-80", "count": 3_000}]},
    ]
    load = [{"item": "dvd", "count": 1_200}]
    return mission_of(failure, load=load, then=then, **balloon)


@pytest.fixture(scope="module")
def northward() -> WindGrid:
    return wind_grid(
        lambda lon, lat, h, t: (0.0 * (lon + lat + h + t), 4.0 + 0.0003 * h),
        time=START_S + np.arange(0.0, 25.0 * 3_600.0, 3_600.0),
        height=np.arange(0.0, 24_001.0, 500.0),
        latitude=np.arange(34.0, 45.0),
        longitude=np.arange(120.0, 136.0),
    )


def setting_of(mission: Mission, timer_s: float | None = 1_800.0) -> Setting:
    return Setting(mission.sites[0], mission.launch_times_s[0], 0.10, timer_s)


def fly(mission: Mission, grid: WindGrid) -> GroupFlights:
    return fly_group(mission, 0, Draws(3), grid, setting_of(mission), STEPS)


def test_each_release_acts_at_its_own_setting_and_the_balloon_climbs_in_between(
    northward: WindGrid,
) -> None:
    flights = fly(in_three(), northward)

    assert flights.released.all()
    elapsed = flights.time_s - flights.launch_s[..., None]
    np.testing.assert_allclose(elapsed, np.broadcast_to([1_800.0, 2_400.0, 3_000.0], elapsed.shape),
                               atol=1.0)  # fmt: skip
    assert np.all(np.diff(flights.height_m, axis=-1) > 0.0)
    assert np.all(flights.end_reason == StopRule.RELEASED)


def test_a_balloon_lighter_by_its_first_release_climbs_as_one_that_never_carried_it(
    northward: WindGrid,
) -> None:
    mission = in_three()
    draw = np.arange(mission.draws)
    releases = draw_releases(mission, mission.groups[0], Draws(3), 1_800.0, draw, 0 * draw)
    one = draw_balloons(
        mission, 0, Draws(3), northward, setting_of(mission), draw, 0 * draw, releases
    )
    at_once = one._replace(
        fire_s=np.column_stack([np.zeros(draw.size), one.fire_s[:, 1:]]),
        load_kg=one.load_kg,
    )
    never_had = one._replace(
        load_kg=one.load_kg - one.drop_kg[:, 0],
        drop_kg=np.column_stack([np.zeros(draw.size), one.drop_kg[:, 1:]]),
    )

    first, second = (fly_balloons(northward, b, 20.0) for b in (at_once, never_had))

    # the steps are cut at other moments, which moves a height by less than the step's error
    np.testing.assert_allclose(
        first.release_height_m[:, 1:], second.release_height_m[:, 1:], atol=2.0
    )


def test_items_of_every_lot_fall_from_their_own_release(northward: WindGrid) -> None:
    mission = in_three()
    flights = fly(mission, northward)

    released = []
    for lot in mission.lots_of(0):
        rows = manifest_rows(mission, Draws(3), lot)
        found = drop_rows(mission, lot, Draws(3), northward, flights, rows, STEPS)
        assert np.all(found.outcome == Outcome.LANDED)
        np.testing.assert_array_equal(
            found.release_s, flights.time_s[rows.draw, rows.balloon, lot.release]
        )
        released.append(rows.item)
    # the discs of both lots are numbered on, so that no two share their random numbers
    np.testing.assert_array_equal(np.concatenate(released[:2]), np.arange(1_800))


def test_one_release_that_fails_keeps_its_own_part_alone(northward: WindGrid) -> None:
    mission = in_three("50 %")
    flights = fly(mission, northward)
    never = flights.failure == TimerFailure.NEVER

    assert never.any(axis=(0, 1)).all()
    assert not flights.released[never].any()
    others = ~never & (flights.failure != TimerFailure.EARLY)
    assert flights.released[others].mean() > 0.9
    # failures of a balloon's releases are its own
    first, second = never[..., 0].ravel(), never[..., 1].ravel()
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.2
    keeps = never.any(axis=-1) | (flights.failure == TimerFailure.PARTIAL).any(axis=-1)
    assert np.all(flights.end_reason[~keeps] == StopRule.RELEASED)
    assert np.all(flights.end_reason[keeps] != StopRule.RELEASED)


def screen(mission: Mission, grid: WindGrid, **options: Any) -> Screen:
    regions = LandingRegions(mission.target, mission.home, ())
    timers = np.arange(600.0, 3_001.0, 600.0)
    return screen_candidates(
        mission, 0, Draws(7, mission.draws), grid, regions, STEPS, timers, **options
    )


def test_a_load_in_two_equal_releases_at_once_has_the_shares_of_one(northward: WindGrid) -> None:
    whole = mission_of(load=[{"item": "dvd", "count": 1_200}])
    halves = mission_of(
        load=[{"item": "dvd", "count": 600}],
        then=[{"after": "0.001 s", "load": [{"item": "dvd", "count": 600}]}],
    )

    one, two = screen(whole, northward), screen(halves, northward)

    error = np.hypot(one.standard_error, two.standard_error)
    assert np.all(np.abs(one.mean - two.mean) <= 4.0 * error + 0.01)


def test_the_screen_keeps_kinds_that_add_up_to_the_load(northward: WindGrid) -> None:
    mission = in_three()
    found = screen(mission, northward, keep_kinds=True, rows=100)

    assert found.kind_shares is not None
    assert [kind.name for kind in found.kinds] == ["dvd", "leaflet-a6-80"]
    lots = mission.lots_of(0)
    mass = np.array([
        sum(lot.count * lot.kind.mass_kg for lot in lots if lot.kind.name == kind.name)
        for kind in found.kinds
    ])  # fmt: skip
    expected = np.tensordot(mass / mass.sum(), found.kind_shares, 1)
    np.testing.assert_allclose(found.shares, expected, atol=1e-12)
    np.testing.assert_array_equal(found.shares, screen(mission, northward).shares)


@pytest.mark.parametrize("timer", ["quartz", "mcu-rc", "555", "spring", "chemical"])
def test_the_screen_says_of_every_timer_what_the_whole_fleet_does(
    timer: str, northward: WindGrid
) -> None:
    mission = mission_of(timer=timer, load=[{"item": "dvd", "count": 1_200}])
    found = screen(mission, northward)
    regions = LandingRegions(mission.target, mission.home, ())

    for k in (0, -1):
        setting = setting_of(mission, float(found.timer_s[k]))
        draws = Draws(7, mission.draws)
        flights = fly_settings(mission, draws, northward, (setting,), STEPS, lambda *_: None)
        (sample,) = drop_sample(mission, draws, northward, flights, STEPS, lambda *_: None)
        result, _ = summarise_kind(mission, sample, regions)
        for name in ("target", "home"):
            row = found.regions.index(name)
            mean, error = found.mean[row, 0, 0, 0, k], found.standard_error[row, 0, 0, 0, k]
            share = result.shares[name]
            assert abs(mean - share.mean) <= 4.0 * np.hypot(error, share.standard_error) + 0.05
