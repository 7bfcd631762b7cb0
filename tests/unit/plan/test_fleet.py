"""The fleet: how loads are spread, what timers do, and which numbers stay the same."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from downwind.errors import LiftError
from downwind.plan.drop import Outcome, drop_rows, fly_group
from downwind.plan.evaluate import SAMPLE, manifest_rows, sample_rows
from downwind.plan.fleet import (
    Setting,
    draw_balloons,
    draw_falls,
    draw_opening_s,
    draw_releases,
    launch_height_m,
    nominal_fill,
)
from downwind.plan.mission import LoadPart, Mission, Site
from downwind.plan.mission_file import parse_mission
from downwind.sim.draws import Draws
from downwind.sim.steps import Steps
from downwind.vehicle.timer import TimerFailure
from downwind.wind.grid import WindGrid
from tests.small_mission import SMALL
from tests.unit.sim.made_winds import wind_grid

START_S = 1_428_084_000
STEPS = Steps(200.0, 60.0, 0.0, 0.0, 0.0)


def small(**tables: Any) -> Mission:
    return parse_mission({**SMALL, **tables})


@pytest.fixture(scope="module")
def grid() -> WindGrid:
    return wind_grid(
        lambda lon, lat, h, t: (6.0 + 0.0 * (lon + lat + h + t), 8.0),
        time=START_S + np.arange(0.0, 25.0 * 3_600.0, 3_600.0),
        height=np.arange(0.0, 24_001.0, 500.0),
        latitude=np.arange(34.0, 45.0),
        longitude=np.arange(120.0, 136.0),
    )


def setting(mission: Mission, timer_s: float | None = 3_000.0) -> Setting:
    return Setting(mission.sites[0], mission.launch_times_s[0], 0.10, timer_s)


def test_a_load_is_spread_evenly_and_the_rest_hangs_on_the_last_balloon() -> None:
    part = LoadPart(small().groups[0].load[0].kind, 2_600)

    assert [part.count_on(b, 6) for b in range(6)] == [434] * 5 + [430]
    assert [LoadPart(part.kind, 8_900).count_on(b, 20) for b in range(20)] == [445] * 20
    assert [LoadPart(part.kind, 2_600).count_on(b, 6) for b in range(6, 8)] == [0, 0]


def test_450_on_each_and_350_on_the_last() -> None:
    part = LoadPart(small().groups[0].load[0].kind, 450 * 9 + 350)
    counts = [part.count_on(b, 10) for b in range(10)]

    assert sum(counts) == 4_400
    assert max(counts) - min(counts[:-1]) == 0


def test_loads_weigh_what_hangs_on_each_balloon() -> None:
    group = small().groups[0]

    assert group.load_kg(0) == pytest.approx(434 * 0.0155)
    assert group.load_kg(5) == pytest.approx(430 * 0.0155)


def test_timers_do_what_their_failures_say() -> None:
    mission = small(uncertainty={"failure": "50 %"})
    draw, balloon = (x.ravel() for x in np.indices((400, 6)))
    timers = draw_releases(mission, mission.groups[0], Draws(3), 3_000.0, draw, balloon)
    kinds = {f: timers.failure == f for f in TimerFailure}

    assert all(mask.sum() > 200 for mask in kinds.values())
    assert np.all(np.isinf(timers.reading_s) == kinds[TimerFailure.NEVER])
    assert np.all(timers.reading_s[kinds[TimerFailure.EARLY]] < 3_000.5)
    assert timers.reading_s[kinds[TimerFailure.EARLY]].mean() == pytest.approx(1_500.0, rel=0.1)
    on_time = kinds[TimerFailure.NONE] | kinds[TimerFailure.PARTIAL] | kinds[TimerFailure.UNOPENED]
    np.testing.assert_allclose(timers.reading_s[on_time], 3_000.0, atol=1.5)
    partial = kinds[TimerFailure.PARTIAL]
    assert np.all(timers.fraction[~partial] == 1.0)
    assert timers.fraction[partial].mean() == pytest.approx(0.5, abs=0.06)


def test_which_balloons_fail_does_not_depend_on_the_setting() -> None:
    mission = small(uncertainty={"failure": "30 %"})
    draw, balloon = np.arange(200), np.arange(200) % 6
    one, other = (
        draw_releases(mission, mission.groups[0], Draws(3), s, draw, balloon) for s in (600.0, 5e3)
    )

    np.testing.assert_array_equal(one.failure, other.failure)
    np.testing.assert_array_equal(one.fraction, other.fraction)
    finite = np.isfinite(one.reading_s)
    np.testing.assert_allclose(
        one.reading_s[finite] / 600.0, other.reading_s[finite] / 5e3, rtol=1e-12
    )


def test_all_candidates_see_the_same_draws(grid: WindGrid) -> None:
    mission = small()
    draw, balloon = (x.ravel() for x in np.indices((20, 6)))
    here = setting(mission)
    later = Setting(Site("b", 38.0, 127.0, None, "Asia/Seoul"), START_S + 7_200, 0.10, 3_000.0)
    one, other = (
        draw_balloons(mission, 0, Draws(5), grid, s, draw, balloon, None) for s in (here, later)
    )

    for name in ("leak_1s", "drag_high", "relaxation_s", "gas_constant", "gas_kg"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    np.testing.assert_array_equal(other.time_s - one.time_s, 7_200.0)
    late = one.time_s - START_S - 30.0 * balloon
    assert late.min() > 0.0
    assert np.median(late) == pytest.approx(60.0, rel=0.3)
    assert np.unique(late).size == late.size


def test_one_more_group_behind_changes_no_draw_of_those_before_it(grid: WindGrid) -> None:
    mission = small()
    third = {**SMALL["balloon"][0], "name": "more discs"}
    longer = small(balloon=[*SMALL["balloon"], third])
    draw, balloon = (x.ravel() for x in np.indices((20, 3)))
    one, other = (
        draw_balloons(m, 1, Draws(5), grid, setting(m), draw, balloon, None)
        for m in (mission, longer)
    )
    kind = mission.groups[1].load[0].kind
    own, mode = np.zeros(60), np.full(60, 0.5)

    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)
    for name in ("low_speed_ms", "high_speed_ms", "exponent", "switch_m"):
        np.testing.assert_array_equal(
            getattr(draw_falls(Draws(5), kind, draw, own, mode), name),
            getattr(draw_falls(Draws(5), longer.groups[1].load[0].kind, draw, own, mode), name),
        )
    np.testing.assert_array_equal(
        draw_opening_s(mission, Draws(5), kind, draw), draw_opening_s(longer, Draws(5), kind, draw)
    )


def test_the_draws_of_a_kind_are_the_same_in_whatever_group_it_flies() -> None:
    swapped = small(balloon=SMALL["balloon"][::-1])
    kind = small().groups[0].load[0].kind
    draw = np.arange(30)
    own, mode = np.zeros(30), np.full(30, 0.5)
    one = draw_falls(Draws(5), kind, draw, own, mode)
    other = draw_falls(Draws(5), swapped.groups[1].load[0].kind, draw, own, mode)

    np.testing.assert_array_equal(one.low_speed_ms, other.low_speed_ms)
    assert np.unique(one.low_speed_ms).size == 30


def test_what_a_draw_shares_is_shared_by_its_balloons_and_the_rest_is_not(grid: WindGrid) -> None:
    mission = small()
    draw, balloon = (x.ravel() for x in np.indices((50, 6)))
    films = draw_balloons(mission, 0, Draws(5), grid, setting(mission), draw, balloon, None)

    for name in ("drag_high", "relaxation_s", "superheat_k", "gas_constant"):
        table = getattr(films, name).reshape(50, 6)
        assert np.all(table == table[:, :1]), name
        assert np.unique(table[:, 0]).size == 50
    leak = np.log(films.leak_1s.reshape(50, 6))
    assert np.unique(leak).size == 300
    shared = leak.mean(axis=1).var(ddof=1) - leak.var(axis=1, ddof=1).mean() / 6.0
    assert shared / leak.var() == pytest.approx(0.5, abs=0.2)


def test_a_launch_is_never_below_the_models_ground() -> None:
    hill = wind_grid(terrain=250.0)

    assert launch_height_m(Site("a", 0.0, 0.0, 40.0, "UTC"), hill) == 250.0
    assert launch_height_m(Site("a", 0.0, 0.0, None, "UTC"), hill) == 250.0
    assert launch_height_m(Site("a", 0.0, 0.0, 2_000.0, "UTC"), hill) == pytest.approx(
        1_999.37, abs=0.01
    )


def test_a_load_that_no_tube_holds_names_its_group(grid: WindGrid) -> None:
    heavy = {**SMALL["balloon"][0], "load": [{"item": "dvd", "count": 12_000}]}
    mission = small(balloon=[heavy])

    with pytest.raises(LiftError, match="group 'discs': tube film-7m holds"):
        nominal_fill(mission, mission.groups[0], setting(mission), grid)


def test_every_item_has_the_outcome_that_its_timer_gives_it(grid: WindGrid) -> None:
    mission = small(uncertainty={"failure": "50 %"})
    flights = fly_group(mission, 0, Draws(3), grid, setting(mission, 1_800.0), STEPS)
    (lot,) = mission.lots_of(0)
    rows = sample_rows(Draws(3), lot.kind, 0, (mission.draws, 6))
    landed = drop_rows(mission, lot, Draws(3), grid, flights, rows, STEPS)
    at = (rows.draw, rows.balloon, 0)
    failure, fired = flights.failure[at], flights.released[at]
    kept = (failure == TimerFailure.PARTIAL) & (rows.rank >= flights.fraction[at])
    expected = np.full(rows.draw.size, Outcome.GROUND_BEFORE_RELEASE)
    expected[fired] = Outcome.LANDED
    expected[fired & (failure == TimerFailure.UNOPENED)] = Outcome.UNOPENED
    expected[fired & kept] = Outcome.NEVER_RELEASED
    expected[failure == TimerFailure.NEVER] = Outcome.NEVER_RELEASED
    in_data = landed.outcome != Outcome.LEFT_DATA

    assert in_data.mean() > 0.9
    np.testing.assert_array_equal(landed.outcome[in_data], expected[in_data])
    assert np.isnan(landed.release_s[landed.outcome == Outcome.NEVER_RELEASED]).all()
    assert np.isfinite(landed.longitude).all()
    whole = landed.outcome == Outcome.LANDED
    bundle = landed.outcome == Outcome.UNOPENED
    fall = landed.landing_s - landed.release_s
    assert np.median(fall[bundle]) < 0.4 * np.median(fall[whole])


def test_a_sample_has_one_item_in_each_quarter_of_the_speeds_and_of_the_modes() -> None:
    kind = small().groups[1].load[0].kind
    rows = sample_rows(Draws(3), kind, 6, (40, 3))
    quarter = np.sort(np.floor(rows.mode * SAMPLE).reshape(-1, SAMPLE), axis=1)
    order = np.argsort(rows.own.reshape(-1, SAMPLE), axis=1)

    assert np.all(quarter == np.arange(SAMPLE))
    assert np.all(order == np.arange(SAMPLE))
    assert abs(np.corrcoef(rows.own, rows.mode)[0, 1]) < 0.15


def test_the_manifest_holds_every_item_once_on_its_balloon() -> None:
    mission = small()
    lot = replace(mission.lots_of(0)[0], first_item=100)
    rows = manifest_rows(mission, Draws(3), lot)

    assert rows.item.tolist() == list(range(100, 2_700))
    assert np.bincount(rows.balloon).tolist() == [434] * 5 + [430]
    assert np.all(rows.draw == rows.item % mission.draws)
    assert rows.rank.min() > 0.0
    assert rows.rank.max() < 1.0
