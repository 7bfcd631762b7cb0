"""Steps chosen by measured error."""

from __future__ import annotations

import numpy as np
import pytest

from downwind.sim import steps
from downwind.sim.flight import fly_balloons
from downwind.sim.steps import (
    BALLOON_STEPS_S,
    ITEM_ERROR_STEP_S,
    choose_balloon_step,
    choose_item_step,
)
from downwind.vehicle.envelope import Envelope
from tests.unit.sim.made_winds import DEG_M, LATEX, make_balloon, make_items, wind_grid

EAST = wind_grid(
    lambda lon, lat, h, t: (0.002 * h + 0 * lon * lat * t, 0.0),
    height=np.arange(0.0, 40_001.0, 500.0),
)


@pytest.mark.parametrize(
    "balloons",
    [
        pytest.param(make_balloon(0.01, fire=(2_400.0,), follow=False), id="one release"),
        pytest.param(make_balloon(fire=(2_400.0, np.inf), drop=(4.0, 4.0)), id="one never acts"),
        pytest.param(make_balloon(0.05, fire=(), drop=()), id="without a release"),
        pytest.param(make_balloon(**LATEX), id="latex"),
        pytest.param(make_balloon(0.05, shape=Envelope.SEALED_TUBE), id="sealed"),
    ],
)
def test_the_chosen_balloon_step_has_the_error_that_comes_with_it(balloons) -> None:
    step, place_m, height_m = choose_balloon_step(EAST, balloons)
    fine, coarse = (fly_balloons(EAST, balloons, s) for s in (2.0, step))

    assert step in BALLOON_STEPS_S
    assert place_m <= 10.0
    assert height_m <= 2.0
    if np.all(fine.released) and fine.released.size:
        off_m = abs(fine.release_longitude - coarse.release_longitude).max() * DEG_M
    else:
        off_m = abs(fine.end_longitude - coarse.end_longitude).max() * DEG_M
    assert off_m <= place_m * 1.001 + 1e-6


def test_the_error_of_every_release_counts() -> None:
    first = make_balloon(0.01, fire=(600.0,), drop=(0.0,))
    both = make_balloon(0.01, fire=(600.0, 7_200.0), drop=(0.0, 0.0))

    near = choose_balloon_step(EAST, first)
    far = choose_balloon_step(EAST, both)
    assert far[0] < near[0] or far[1] > near[1]


def test_given_errors_of_the_wind_then_one_odd_flight_does_not_set_the_step_of_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    odd = np.array([11.0, *[1.0] * 99])
    monkeypatch.setattr(steps, "distance_m", lambda *places: odd)
    balloons = make_balloon(0.01, fire=(600.0,))
    even = choose_balloon_step(EAST, balloons)
    erring = EAST.with_members(EAST.arrays._replace(has_error=True))
    # no field has a size, so that the flights are those of the wind as it is
    monkeypatch.setattr(steps, "fly_balloons", lambda _grid, *rest: fly_balloons(EAST, *rest))
    assert even[:2] == (BALLOON_STEPS_S[-1], 11.0)
    assert choose_balloon_step(erring, balloons)[:2] == (BALLOON_STEPS_S[0], 11.0)


def test_given_errors_of_the_wind_then_no_item_steps_over_a_third_of_their_time() -> None:
    deep = wind_grid(
        lambda lon, lat, h, t: (5.0 + 0 * lon * lat * h * t, 0.0), height=np.array([0.0, 9_000.0])
    )
    erring = deep.with_members(deep.arrays._replace(has_error=True))
    items = make_items(np.zeros(3), height=4_000.0, speed=0.5)

    assert choose_item_step(deep, items)[0] > ITEM_ERROR_STEP_S
    assert choose_item_step(erring, items)[0] == ITEM_ERROR_STEP_S
