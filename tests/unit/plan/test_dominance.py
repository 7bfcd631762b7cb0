"""What dominates where a load comes down: known answers through the real machinery, and words."""

from __future__ import annotations

import copy
import math
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
import xarray as xr

from downwind.errors import ArgumentError
from downwind.landing.regions import TARGET
from downwind.landing.sensitivity import Estimate
from downwind.plan import dominance
from downwind.plan.advice import (
    CYCLES,
    OBSERVE,
    WITHOUT_RUN,
    advise_wind,
    describe_kind,
    explain_dominance,
)
from downwind.plan.causes import ALL_CAUSES, GROUPS, LEAK_AND_FILL, OWN, TIMER, WIND, CauseGroup
from downwind.plan.dominance import (
    ACROSS,
    ALONG,
    CauseShare,
    KindDominance,
    QuantityShares,
    choose_balloons,
    find_dominance,
)
from downwind.plan.mission import Mission
from downwind.plan.mission_file import parse_mission
from downwind.plan.result import PlanResult
from downwind.plan.solve import fly_mission
from downwind.report.dominance_text import dominance_lines
from downwind.service.demonstration import demonstration_wind
from downwind.sim.draws import Cause
from downwind.times import parse_time
from downwind.vehicle.timer import Z95
from downwind.wind._parts import WindPart
from downwind.wind.cube import WindCube, validate_cube
from downwind.wind.grid import WindGrid, build_grid
from downwind.wind.synthetic import SyntheticWind
from tests.small_mission import SMALL

BOX = (120.0, 33.0, 136.0, 43.0)
SPEEDS_MS = (9.7, 10.3)
SETTING_S = 55 * 60.0
NOTHING = {
    "fill_bias": 0, "fill_scatter": 0, "impurity": [0.01, 0.01, 0.01],
    "superheat_night": ["0 K", "0 K"],
    "relaxation": ["10 min"] * 3, "leak": ["0 %/h"] * 3, "drag": [0.5, 0.5, 0.5],
    "opening": ["0 s"] * 3, "failure": 0, "launch_delay": ["0 s"] * 3,
}  # fmt: skip


def even_wind(east_ms: float) -> SyntheticWind:
    """Return a wind that is the same everywhere and always."""
    hours = np.array([parse_time("2015-04-03T12:00Z"), parse_time("2015-04-04T06:00Z")], float)
    return SyntheticWind(
        "synthetic, even", hours, np.array([0.0, 5_000.0, 20_000.0]),
        np.full((2, 3), east_ms), np.zeros((2, 3)),
        126.5, 38.0, (0.0, 0.0, 0.0, 0.0),
    )  # fmt: skip


@cache
def two_winds() -> WindCube:
    """Return two members, each with an even wind of its own speed."""
    cubes = [even_wind(speed).to_cube(BOX, 2.0, 3 * 3600.0).dataset for speed in SPEEDS_MS]
    joined = xr.concat(
        [data.assign_coords(realization=[m]) for m, data in enumerate(cubes)], "realization"
    )
    return validate_cube(joined.assign_attrs(cubes[0].attrs))


def mission_of(balloons: int, **tables: Any) -> Mission:
    table: dict[str, Any] = copy.deepcopy(SMALL)
    table["mission"]["draws"] = 20
    table["launch"]["spacing"] = "0 s"
    table["item"] = [{"name": "stone", "model": "measured", "mass": "20 g",
                      "family": "packet", "length": "120 mm", "width": "105 mm",
                      "thickness": "10 mm",
                      "speed": ["5 m/s", "5 m/s", "5 m/s"], "scatter": 0}]  # fmt: skip
    table["balloon"] = [
        {**table["balloon"][0], "count": balloons, "timer": "555", "timer_setting": "55 min",
         "load": [{"item": "stone", "count": 300 * balloons}]}
    ]  # fmt: skip
    table["uncertainty"] = NOTHING
    table["turbulence"] = {"air": "still"}
    for name, values in tables.items():
        table[name] = {**table.get(name, {}), **values}
    return parse_mission(table)


@cache
def fly(balloons: int) -> PlanResult:
    mission = mission_of(balloons)
    return fly_mission(mission, build_grid(two_winds(), mission.wind))


@cache
def find(balloons: int, flown: int) -> KindDominance:
    """Find what dominates with so many balloons, of which ``flown`` stand for all."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dominance, "BALLOONS", flown)
        (found,) = again(fly(balloons), draws=300)
    return found


@pytest.mark.parametrize(("balloons", "flown"), [(1, 8), (12, 3)])
def test_given_even_winds_and_a_poor_timer_when_flown_then_indices_are_the_closed_form(
    balloons: int, flown: int
) -> None:
    # an item lands U tau from the site: U the member's speed, tau its time in the air, which is
    # the timer's reading and a fall from the height at which the tube floats
    result, found = fly(balloons), find(balloons, flown)
    tau = SETTING_S + result.kinds[0].fall_s[0]
    batch = own = (SETTING_S * 0.08 / Z95) ** 2 / 2.0
    var_tau = batch + own / balloons
    mean_u, var_u = float(np.mean(SPEEDS_MS)), float(np.var(SPEEDS_MS))
    wind, timer, both = tau**2 * var_u, mean_u**2 * var_tau, var_u * var_tau
    variance = wind + timer + both
    along = found.quantity(ALONG)
    shares = {cause.group.key: cause for cause in along.causes}
    assert found.bearing_deg == pytest.approx(90.0, abs=0.5)
    assert found.distance_m == pytest.approx(mean_u * tau, rel=0.01)
    assert (found.balloons, found.all_balloons) == (min(balloons, flown), balloons)
    assert near(along.variance, variance)
    assert near(shares["wind"].first, wind / variance)
    assert near(shares["timer"].first, timer / variance)
    assert near(shares["wind"].total, (wind + both) / variance)
    assert near(shares["timer"].total, (timer + both) / variance)
    assert along.interaction is not None
    assert near(along.interaction, both / variance)
    assert shares["wind"].first.standard_error < 0.06
    for key in ("leak_and_fill", "drag", "opening", "launch_minute"):
        assert shares[key].total.value == pytest.approx(0.0, abs=1e-9)
    # what every balloon has of its own is within a draw
    expected = mean_u**2 * own * (1.0 - 1.0 / balloons)
    assert along.within == pytest.approx(expected, rel=0.15, abs=400.0)


def near(estimate: Estimate, truth: float) -> bool:
    return abs(estimate.value - truth) <= 3.0 * estimate.standard_error


def test_given_even_winds_when_flown_then_across_and_the_share_in_the_target_do_not_vary() -> None:
    found = find(1, 8)
    assert "vertical_wind" not in {cause.group.key for cause in found.quantity(ALONG).causes}
    assert "turbulence" not in {cause.group.key for cause in found.quantity(ALONG).causes}
    assert found.quantity(TARGET).causes == ()
    assert found.quantity(TARGET).interaction is None
    assert math.sqrt(max(found.quantity(ACROSS).variance.value, 0.0)) < 100.0


def test_given_a_balloon_for_all_when_flown_then_what_is_its_own_is_taken_off() -> None:
    whole, few = find(12, 12), find(12, 3)
    assert (whole.balloons, few.balloons) == (12, 3)
    for name in ("variance", "interaction"):
        a, b = (getattr(found.quantity(ALONG), name) for found in (whole, few))
        assert abs(a.value - b.value) < 3.0 * b.standard_error
    assert whole.quantity(ALONG).within == pytest.approx(few.quantity(ALONG).within, rel=0.15)


def again(result: PlanResult, **changes: Any) -> tuple[KindDominance, ...]:
    return find_dominance(
        replace(result.mission, **changes),
        result.grid,
        tuple(group.setting for group in result.groups),
        result.regions,
        result.steps,
        lambda _stage, _fraction: None,
    )


def test_given_the_same_seed_when_found_again_then_every_figure_is_the_same() -> None:
    result = fly(1)
    assert again(result) == result.dominance
    assert again(result, seed=12) != result.dominance


def test_given_fewer_draws_than_can_tell_when_found_then_nothing_is_shared_out() -> None:
    (found,) = again(fly(1), draws=1)
    assert found.quantities == ()
    assert "in 1 of 1 draws" in describe_kind(found, "", True)


def test_given_a_wind_with_errors_and_no_way_to_draw_others_when_found_then_it_is_an_error() -> (
    None
):
    result = fly(1)
    arrays = result.grid.arrays._replace(has_error=True)
    with pytest.raises(ArgumentError, match="no way given to draw others"):
        again(replace(result, grid=result.grid.with_members(arrays)))


def test_given_a_member_of_little_weight_when_prepared_then_it_is_not_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dominance, "MOST_DRAWS", 4)
    result = fly(1)
    for weights, expected in ((None, 4), ((0.9, 0.1), 10)):
        runs = dominance._Runs.prepare(
            result.mission,
            replace(result.grid, weights=weights),
            tuple(group.setting for group in result.groups),
            result.regions,
            result.steps,
            None,
        )
        assert runs.mission.draws == runs.first.count == expected


def small_grid(mission: Mission) -> WindGrid:
    cube = demonstration_wind().to_cube((110.0, 28.0, 150.0, 50.0), 2.0, 3 * 3600.0)
    return build_grid(cube, mission.wind)


@cache
def small_flight() -> PlanResult:
    table: dict[str, Any] = copy.deepcopy(SMALL)
    # this timer outlasts the flight, so that no leaflet is ever let go
    table["balloon"][1] |= {"timer_setting": "11 h"}
    table["uncertainty"] = {"leak": ["2 %/h", "1 %/h", "4 %/h"], "failure": 0}
    mission = parse_mission(table)
    return fly_mission(mission, small_grid(mission))


def test_given_a_kind_that_never_lands_when_flown_then_it_is_said_and_the_other_is_shared_out() -> (
    None
):
    result = small_flight()
    discs, leaflets = result.dominance
    assert discs.quantities
    assert discs.used_draws == 40
    assert (leaflets.quantities, leaflets.used_draws) == ((), 0)
    assert math.isnan(leaflets.bearing_deg)
    sentences = explain_dominance(result)
    assert "in 0 of 40 draws" in sentences["leaflet-film-12x5"]
    text = "\n".join(dominance_lines(result))
    assert "nothing to share out" in text
    assert "leak and fill" in text


def test_given_errors_of_the_wind_when_flown_then_both_parts_of_the_wind_have_indices() -> None:
    table: dict[str, Any] = copy.deepcopy(SMALL)
    table["balloon"] = table["balloon"][:1]
    table["mission"]["draws"] = 20
    table["wind"] = {"error": {"lead_hours": 48}}
    mission = parse_mission(table)
    result = fly_mission(mission, small_grid(mission))
    (found,) = result.dominance
    along = {cause.group.key: cause for cause in found.quantity(ALONG).causes}
    assert list(along) == [group.key for group in GROUPS]
    # 2.5 m/s over the hour of the flight is 9 km: far more than the rest makes
    assert along["wind"].total.value > 0.4
    assert math.sqrt(found.quantity(ALONG).variance.value) > 2_000.0
    assert "given this wind" not in explain_dominance(result)["dvd"]


def test_given_a_mission_that_does_not_ask_when_flown_then_nothing_is_worked_out() -> None:
    mission = mission_of(1, report={"dominance": False})
    result = fly_mission(mission, build_grid(two_winds(), mission.wind))
    assert result.dominance == ()
    assert dominance_lines(result) == []
    assert explain_dominance(result) == {}


def test_given_every_cause_when_grouped_then_it_stands_in_one_group() -> None:
    assert frozenset(Cause) == ALL_CAUSES | OWN
    assert sum(len(group.causes) for group in GROUPS) == len(ALL_CAUSES)
    assert not ALL_CAUSES & OWN


@pytest.mark.parametrize("count", [1, 3, 8, 9, 178])
def test_given_a_group_when_balloons_are_chosen_then_they_differ_and_lie_inside(count: int) -> None:
    chosen = choose_balloons(count)
    assert np.unique(chosen).size == chosen.size == min(count, 8)
    assert 0 <= chosen.min() <= chosen.max() < count
    assert abs(chosen.mean() - 0.5 * (count - 1)) <= 1.0


# --- the sentence --------------------------------------------------------------------------------


def kind_of(
    shares: dict[CauseGroup, tuple[float, float]],
    interaction: tuple[float, float] = (0.0, 0.05),
    within: float = 4e6,
) -> KindDominance:
    causes = tuple(
        CauseShare(group, Estimate(*first), Estimate(*first)) for group, first in shares.items()
    )
    along = QuantityShares(ALONG, Estimate(1e8, 1e7), within, causes, Estimate(*interaction))
    nothing = QuantityShares(ACROSS, Estimate(0.0, 0.0), 0.0, (), None)
    return KindDominance(
        "dvd", 200, 200, 8, 178, 20.0, 9e4, (along, nothing, replace(nothing, name=TARGET))
    )


def test_given_a_wind_that_makes_most_when_described_then_its_advice_is_given() -> None:
    text = describe_kind(
        kind_of({WIND: (0.71, 0.04), TIMER: (0.2, 0.03)}), "wait for the 12Z run", True
    )
    assert text == (
        "the middle of its landings varies by 10.0 km along the drift (1 sigma); most of it is "
        "the wind (71 ± 4 %): wait for the 12Z run"
    )


def test_given_a_wind_that_may_make_less_than_half_when_described_then_nothing_is_advised() -> None:
    text = describe_kind(
        kind_of({WIND: (0.58, 0.05), TIMER: (0.3, 0.05), LEAK_AND_FILL: (0.05, 0.04)}), "wait", True
    )
    assert text.endswith("; no single cause dominates: wind 58 ± 5 %, timer 30 ± 5 %")
    assert "wait" not in text


@pytest.mark.parametrize(("has_film", "advice"), [(True, "fill one balloon the day before"),
                                                  (False, "weigh the lift")])  # fmt: skip
def test_given_a_leak_that_makes_most_when_described_then_it_is_to_be_measured(
    has_film: bool, advice: str
) -> None:
    text = describe_kind(kind_of({LEAK_AND_FILL: (0.8, 0.05)}), "wait", has_film)
    assert f"most of it is the leak and fill (80 ± 5 %): {advice}" in text
    assert "given this wind" in text


def test_given_each_group_when_it_makes_most_then_there_is_something_to_say() -> None:
    said = {
        describe_kind(kind_of({group: (0.9, 0.02)}), "the wind's advice", True) for group in GROUPS
    }
    assert len(said) == len(GROUPS)
    assert all(": " in text for text in said)


def test_given_causes_that_act_together_when_described_then_none_is_named() -> None:
    text = describe_kind(
        kind_of({WIND: (0.1, 0.05), TIMER: (0.1, 0.05)}, interaction=(0.8, 0.1)), "wait", True
    )
    assert text.endswith(
        "most of it is causes that act together (80 ± 10 %), none of them by itself"
    )


def test_given_errors_as_wide_as_the_indices_when_described_then_it_says_so() -> None:
    text = describe_kind(kind_of({WIND: (0.6, 0.4), TIMER: (0.3, 0.3)}), "wait", True)
    assert text.endswith("these draws do not tell its causes apart")


def test_given_items_further_apart_within_a_draw_when_described_then_that_is_said_too() -> None:
    text = describe_kind(kind_of({WIND: (0.9, 0.02)}, within=4e8), "wait", True)
    assert text.endswith("Within one draw its items lie further apart than that (20.0 km)")


def test_given_nothing_that_varies_when_described_then_it_says_so() -> None:
    found = kind_of({WIND: (0.9, 0.02)})
    still = tuple(replace(found.quantity(ACROSS), name=q.name) for q in found.quantities)
    text = describe_kind(replace(found, quantities=still), "wait", True)
    assert text == "the middle of its landings does not move from draw to draw"


RUN = int(parse_time("2008-12-08T00:00Z"))


def launch(text: str) -> float:
    return float(parse_time(text))


def test_given_a_known_cycle_when_a_newer_run_will_be_out_then_it_is_named() -> None:
    after = launch("2008-12-08T18:30Z")
    assert advise_wind("forecast", "NCEP GFS 0.5 deg", RUN, after) == (
        "wait for the 12Z run of 2008-12-08"
    )
    assert advise_wind("forecast", "ECMWF 0.25 deg", RUN, launch("2008-12-09T12:00Z")) == (
        "wait for the 00Z run of 2008-12-09"
    )


def test_given_a_launch_before_a_newer_run_is_out_when_advised_then_nobody_is_told_to_wait() -> (
    None
):
    early = RUN + 3600.0 * (6.0 + CYCLES["NCEP GFS"].out_after_h)
    assert advise_wind("forecast", "NCEP GFS", RUN, early - 60.0) == OBSERVE
    assert advise_wind("forecast", "NCEP GFS", RUN, early) == "wait for the 06Z run of 2008-12-08"


def test_given_several_winds_when_advised_then_the_one_with_a_newer_run_is_named() -> None:
    result = fly(1)
    start = float(result.start_s)

    def part(source: str, hour: int) -> WindPart:
        run = int(start // 86_400 * 86_400 + hour * 3_600)
        return WindPart(source, "forecast", run, 1, False, 0.5, "", "")

    (found,) = result.dominance
    most = replace(found, quantities=kind_of({WIND: (0.9, 0.02)}).quantities)
    for parts, advice in (
        ((part("NCEP GEFS", 12), part("ECMWF ENS", -12)), "wait for the 00Z run of 2015-04-03 of "
         "ECMWF ENS"),
        ((part("NCEP GEFS", 12), part("ECMWF ENS", 0)), OBSERVE),
    ):  # fmt: skip
        grid = replace(result.grid, parts=parts)
        said = explain_dominance(replace(result, grid=grid, dominance=(most,)))[found.kind]
        assert said.endswith(advice)


def test_given_a_model_of_unknown_cycle_when_advised_then_no_hour_is_named() -> None:
    assert advise_wind("forecast", "DWD ICON", RUN, launch("2008-12-08T18:30Z")) == (
        "wait for a newer run, if one is out before the launch"
    )
    assert advise_wind("forecast", "DWD ICON", RUN, RUN - 60.0) == OBSERVE


@pytest.mark.parametrize("nature", ["observation", "reanalysis", "synthetic"])
def test_given_no_forecast_when_advised_then_nobody_is_told_to_wait(nature: str) -> None:
    text = advise_wind(nature, "NCEP GFS", None, launch("2008-12-08T18:30Z"))
    assert text == WITHOUT_RUN[nature]
    assert "wait" not in text
