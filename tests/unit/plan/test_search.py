"""The search: the best timer that keeps the limits, or the one that breaks them least."""

from __future__ import annotations

import numpy as np
import pytest

from downwind.landing.regions import HOME, LEFT_DATA, TARGET, THIRD_COUNTRY, LandingRegions
from downwind.plan.fleet import Setting
from downwind.plan.mission import Mission
from downwind.plan.mission_file import parse_mission
from downwind.plan.search import limit_table, trace_timers
from downwind.plan.timer_curve import TimerCurve
from downwind.sim.draws import Draws
from downwind.sim.steps import Steps
from downwind.wind.grid import WindGrid
from tests.small_mission import SMALL
from tests.unit.sim.made_winds import wind_grid

LIMITS = {HOME: 0.05, THIRD_COUNTRY: 0.01}
STEPS = Steps(200.0, 60.0, 0.0, 0.0, 0.0)


def make_curve(target: list[float], home: list[float], third: list[float]) -> TimerCurve:
    """Make a curve with given means; the draws scatter evenly about them."""
    spread = np.array([-1e-3, 0.0, 1e-3])
    shares = {
        name: np.array(means)[:, None] + spread
        for name, means in ((TARGET, target), (HOME, home), (THIRD_COUNTRY, third))
    }
    shares[LEFT_DATA] = np.zeros((len(target), 3))
    mission = parse_mission(SMALL)
    setting = Setting(mission.sites[0], mission.launch_times_s[0], 0.1, None)
    times = 600.0 * (1.0 + np.arange(len(target)))
    return TimerCurve(setting, times, shares, np.zeros(len(target)))


def test_the_best_timer_keeps_the_limits_and_has_the_most_in_the_target() -> None:
    curve = make_curve(
        [0.95, 0.60, 0.80, 0.99], [0.06, 0.02, 0.045, 0.00], [0.00, 0.00, 0.009, 0.02]
    )

    assert curve.best(LIMITS) == (2, True)
    assert curve.best({HOME: 1.0, THIRD_COUNTRY: 1.0}) == (3, True)


def test_where_no_timer_keeps_the_limits_the_closest_is_taken_and_said_so() -> None:
    curve = make_curve([0.9, 0.3, 0.5], [0.30, 0.07, 0.05], [0.00, 0.01, 0.06])

    assert curve.excess(LIMITS) == pytest.approx([0.25, 0.02, 0.05])
    assert curve.best(LIMITS) == (1, False)


def test_what_leaves_the_data_counts_as_if_it_fell_short() -> None:
    curve = make_curve([0.3, 0.9], [0.0, 0.02], [0.0, 0.0])
    curve.shares[LEFT_DATA][0] = 0.9

    assert curve.excess(LIMITS) == pytest.approx([0.89, 0.01], abs=0.011)
    assert curve.best({HOME: 0.05, THIRD_COUNTRY: 0.05}) == (1, True)


def test_of_two_equally_close_timers_the_one_with_more_in_the_target_is_taken() -> None:
    curve = make_curve([0.3, 0.4], [0.25, 0.25], [0.0, 0.0])

    assert curve.best(LIMITS) == (1, False)


def test_a_limit_that_is_just_met_is_met() -> None:
    curve = make_curve([0.3], [0.0625], [0.0])

    assert curve.excess({HOME: 0.0625})[0] == pytest.approx(0.0, abs=1e-15)


def test_a_curves_share_has_the_error_of_its_draws() -> None:
    share = make_curve([0.5], [0.0], [0.0]).share(TARGET, 0)

    assert share.mean == pytest.approx(0.5)
    assert share.standard_error == pytest.approx(1e-3 / np.sqrt(3.0))
    assert share.draws == 3


# --- traced in a made wind ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def mission() -> Mission:
    return parse_mission({**SMALL, "keep_out": [{"country": "China", "limit": "2 %"}]})


@pytest.fixture(scope="module")
def regions(mission: Mission) -> LandingRegions:
    return LandingRegions(mission.target, mission.home, tuple(k.region for k in mission.keep_outs))


@pytest.fixture(scope="module")
def northward() -> WindGrid:
    return wind_grid(
        lambda lon, lat, h, t: (0.0 * (lon + lat + h + t), 4.0),
        time=1_428_084_000 + np.arange(0.0, 25.0 * 3_600.0, 3_600.0),
        height=np.arange(0.0, 24_001.0, 500.0),
        latitude=np.arange(34.0, 45.0),
        longitude=np.arange(120.0, 136.0),
    )


def trace(mission: Mission, grid: WindGrid, regions: LandingRegions, timer_s: np.ndarray):
    setting = Setting(mission.sites[0], mission.launch_times_s[0], 0.1, None)
    return trace_timers(mission, 0, Draws(7), grid, regions, STEPS, setting, timer_s)


def test_limits_are_those_of_the_mission(mission: Mission) -> None:
    assert limit_table(mission) == {HOME: 0.05, THIRD_COUNTRY: 0.01, "keep_out:China": 0.02}


def test_in_a_wind_to_the_north_a_longer_timer_falls_less_short(
    mission: Mission, northward: WindGrid, regions: LandingRegions
) -> None:
    curve = trace(mission, northward, regions, np.arange(600.0, 6_001.0, 600.0))
    home = curve.mean(HOME)

    assert home[0] > 0.5 > 0.2 > home[-1]
    assert curve.mean(TARGET)[-1] > curve.mean(TARGET)[0]
    assert np.all(np.diff(curve.on_ground) >= 0.0)
    total = sum(curve.shares[n] for n in (HOME, THIRD_COUNTRY, "sea", "elsewhere", TARGET))
    assert np.all(total <= 1.0 + 1e-9)


def test_a_timer_has_the_same_shares_whatever_others_are_tried_with_it(
    mission: Mission, northward: WindGrid, regions: LandingRegions
) -> None:
    many = trace(mission, northward, regions, np.arange(600.0, 6_001.0, 600.0))
    few = trace(mission, northward, regions, np.array([1_800.0, 6_000.0]))

    for name in regions.names:
        np.testing.assert_array_equal(many.shares[name][[2, 9]], few.shares[name])
