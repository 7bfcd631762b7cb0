"""What a result says besides its numbers: stops, and warnings of wet, ice and hard landings."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import xarray as xr

from downwind.landing.regions import TARGET
from downwind.plan._wind_error import describe_age, describe_wind_error, observed_before_s
from downwind.plan.caption import caption_lines
from downwind.plan.fleet import Setting, draw_balloons, draw_releases
from downwind.plan.mission import Mission
from downwind.plan.mission_file import parse_mission
from downwind.plan.notes import find_alarms, find_stops, find_warnings
from downwind.plan.result import PlanResult
from downwind.plan.solve import fly_mission
from downwind.service.demonstration import demonstration_wind
from downwind.sim.draws import Draws
from downwind.times import format_duration
from downwind.wind.cube import DIMS, EAST, WIND_ERROR, validate_cube
from downwind.wind.grid import WindGrid, build_grid
from downwind.wind.kernels import terrain_at
from downwind.wind.synthetic import SyntheticAir
from tests.small_mission import SMALL

BOX = (110.0, 28.0, 150.0, 50.0)


def mission_of(*items: str, timer: str = "quartz") -> Mission:
    table: dict[str, Any] = copy.deepcopy(SMALL)
    table["mission"]["draws"] = 20
    table["balloon"] = [
        {
            **table["balloon"][0],
            "count": 2,
            "timer": timer,
            "load": [{"item": item, "count": 400} for item in items],
        }
    ]
    return parse_mission(table)


def grid_of(mission: Mission, air: SyntheticAir | None) -> WindGrid:
    wind = replace(demonstration_wind(), air=air)
    return build_grid(wind.to_cube(BOX, 2.0, 3 * 3600.0), mission.wind)


def flown(air: SyntheticAir | None, *items: str, timer: str = "quartz") -> PlanResult:
    mission = mission_of(*items, timer=timer)
    return fly_mission(mission, grid_of(mission, air))


def test_without_humidity_it_is_said_that_wet_and_ice_are_not_judged() -> None:
    warnings = flown(None, "dvd").warnings

    assert any("no humidity and no cloud" in text for text in warnings)


def test_given_a_site_off_the_ground_when_warned_then_how_far_and_from_where_it_flies() -> None:
    result = flown(None, "dvd")
    at = result.grid.arrays
    ground_m = float(terrain_at(at, result.site.longitude, result.site.latitude))

    def said(above_m: float | None) -> str:
        altitude_m = None if above_m is None else ground_m + above_m
        site = replace(result.site, altitude_m=altitude_m)
        return " ".join(t for t in find_warnings(replace(result, site=site)) if "site.alt" in t)

    assert said(None) == said(40.0) == said(-40.0) == ""
    assert "lies 300 m above the ground" in said(300.0)
    assert said(300.0).endswith("launched from that altitude")
    assert "lies 60 m below the ground" in said(-60.0)
    assert said(-60.0).endswith("launched from the ground")


def test_cold_cloud_in_the_fall_layer_warns_of_ice_and_film_stays_dry() -> None:
    air = SyntheticAir(temperature_offset_k=-8.0, cloud_m=(1_200.0, 2_200.0))
    warnings = flown(air, "dvd", "leaflet-film-12x5").warnings

    ice = [text for text in warnings if "ice may form" in text]
    assert len(ice) == 2
    assert "DVD, bare, 120 mm: cloud between -15 and 0 C" in ice[0]
    assert not any("it falls 1.14" in text for text in warnings)


def test_warm_cloud_wets_paper_and_says_how_much_faster_it_falls() -> None:
    air = SyntheticAir(temperature_offset_k=12.0, cloud_m=(500.0, 1_500.0))
    warnings = flown(air, "leaflet-a5-80", "dvd").warnings

    wet = [text for text in warnings if "wet, it falls" in text]
    assert len(wet) == 1
    assert "1.14 to 1.41 times as fast, and wet sheets may cling" in wet[0]
    assert not any("ice may form" in text for text in warnings)


def test_dry_air_or_cloud_above_the_release_warns_of_nothing() -> None:
    for air in (SyntheticAir(), SyntheticAir(cloud_m=(8_000.0, 9_000.0))):
        warnings = flown(air, "leaflet-a5-80").warnings
        assert not any("ice may form" in text or "wet, it falls" in text for text in warnings)


def test_a_timer_feels_the_temperature_of_the_weather_data() -> None:
    mission = mission_of("dvd", timer="chemical")
    setting = Setting(mission.sites[0], mission.launch_times_s[0], 0.1, 1_800.0)
    draw = np.arange(20)
    releases = draw_releases(mission, mission.groups[0], Draws(1), 1_800.0, draw, 0 * draw)
    offsets = [
        draw_balloons(
            mission, 0, Draws(1), grid_of(mission, air), setting, draw, 0 * draw, releases
        ).air_offset_k[0]
        for air in (SyntheticAir(temperature_offset_k=-12.0), None)
    ]

    assert offsets == pytest.approx([-12.0, 0.0], abs=0.3)
    said = "that of the standard atmosphere is taken"
    assert any(said in text for text in flown(None, "dvd", timer="chemical").warnings)
    cold = flown(SyntheticAir(temperature_offset_k=-12.0), "dvd", timer="chemical")
    assert not any(said in text for text in cold.warnings)


def test_what_kills_is_an_alarm_with_its_energy_and_probability() -> None:
    result = flown(None, "dvd")
    text = " ".join(result.alarms)
    bundle = result.groups[0].ground.bundles[0]

    assert "may kill anyone below: a bundle of dvd that never opens" in text
    assert f"({bundle.fast_energy_j:.0f} J; {bundle.unopened.to_text()} of the balloons)" in text
    # an open tube that keeps its load sinks slowly
    assert "a whole load" not in text


def test_a_release_that_does_not_act_or_acts_late_is_an_alarm() -> None:
    table: dict[str, Any] = copy.deepcopy(SMALL)
    table["mission"]["draws"] = 20
    then = [
        {"after": "5 min", "timer": "chemical", "load": [{"item": "dvd", "count": 60}]},
        {"after": "5 min", "timer": "quartz", "load": [{"item": "dvd", "count": 60}]},
    ]
    table["balloon"] = [{**table["balloon"][0], "then": then}]
    mission = parse_mission(table)
    result = fly_mission(mission, grid_of(mission, None))
    text = " ".join(result.alarms)

    second = result.groups[0].releases[1]
    assert second.acts.mean + second.down_before.mean <= 1.0
    late = "release 2 acts after the next one" in text
    idle = "release 2 acts on" in text
    assert late == (second.out_of_turn.mean > 0.05)
    assert idle == (second.acts.mean < 0.5)
    assert late or idle
    assert "release 1 acts" not in text


def test_a_load_that_leaves_the_data_keeps_no_limit() -> None:
    mission = mission_of("leaflet-film-12x5")
    whole = grid_of(mission, None)
    # the data end soon after the release, so that nothing is known of the landings
    times = whole.arrays.time_s
    cube = demonstration_wind().to_cube(BOX, 2.0, 1_800.0)
    keep = cube.dataset.time.values <= np.datetime64("2015-04-03T19:00:00")
    short = build_grid(replace(cube, dataset=cube.dataset.isel(time=keep)), mission.wind)
    result = fly_mission(mission, short)

    assert times[-1] > short.end_s
    assert result.left_data.mean > 0.1
    assert not any(check.is_met for check in result.limits)
    assert not any(check.is_known for check in result.limits if check.share.mean <= check.limit)
    assert "leaves the wind data, so these limits are not known" in " ".join(result.alarms)


def test_what_lands_above_the_limit_under_its_parachute_is_a_stop() -> None:
    stops = find_stops(mission_of("dropsonde-rd41"))

    assert stops[0] == "RULES NOT CHECKED: STOP"
    assert len(stops) == 2
    assert "above 14.9 J: STOP (14 CFR Part 107, category 2)" in stops[1]
    assert find_stops(mission_of("dvd")) == stops[:1]


def test_given_a_wind_with_its_error_then_it_is_told_at_the_site_and_at_the_target() -> None:
    mission = mission_of("dvd")
    cube = demonstration_wind().to_cube(BOX, 2.0, 3 * 3600.0)
    error = xr.zeros_like(cube.dataset[EAST]) + 1.25 + 0.5 * (cube.dataset["latitude"] - 37.75)
    observed = cube.dataset.assign({WIND_ERROR: np.clip(error, 0.0, 9.0).astype(np.float32)})
    observed[WIND_ERROR] = observed[WIND_ERROR].transpose(*DIMS)
    observed.attrs["nature"] = "observation"

    result = fly_mission(mission, build_grid(validate_cube(observed), mission.wind))

    (text,) = [line for line in result.warnings if line.startswith("standard error of the wind")]
    assert "1.2 m/s at the site" in text or "1.3 m/s at the site" in text
    # the border lies some 8 to 15 km north of the site
    assert "1.3 m/s at the near edge of the target" in text
    assert text.endswith("; observed at the launch")
    caption = " ".join(caption_lines(result))
    assert "wind error drawn, each component" in caption
    assert "how the wind changes after it was observed" in caption
    assert "standard error" not in " ".join(flown(None, "dvd").warnings)


def test_given_an_observed_wind_when_it_is_old_at_the_launch_then_it_is_an_alarm() -> None:
    mission = mission_of("dvd")
    cube = demonstration_wind().to_cube(BOX, 2.0, 3 * 3600.0)
    observed = cube.dataset.assign({WIND_ERROR: xr.ones_like(cube.dataset[EAST])})
    observed.attrs["nature"] = "observation"
    result = fly_mission(mission, build_grid(validate_cube(observed), mission.wind))
    air = result.grid.air
    assert air is not None

    for age_h, is_alarm in ((0.0, False), (12.0, False), (12.6, True)):
        times = np.array([result.start_s - 3600.0 * age_h])
        grid = replace(result.grid, air=replace(air, time_s=times))
        aged = replace(result, grid=grid)
        alarm = f"the wind was observed {age_h:.0f} h before the launch, above 12 h"
        assert any(text.startswith(alarm) for text in find_alarms(aged)) is is_alarm
    (text,) = describe_wind_error(aged)
    assert f"observed {format_duration(12.6 * 3600.0)} before the launch" in text
    assert observed_before_s(aged) == pytest.approx(12.6 * 3600.0)
    assert np.isnan(observed_before_s(replace(aged, grid=replace(grid, nature="forecast"))))


def test_given_a_target_that_no_item_reaches_then_it_is_an_alarm() -> None:
    result = flown(None, "dvd")
    none = replace(result.load_shares[TARGET], mean=0.0, standard_error=0.0, hit_draws=0)
    missed = replace(result, load_shares={**result.load_shares, TARGET: none})

    assert result.load_shares[TARGET].hit_draws
    assert "no item reaches the target" not in " ".join(result.alarms)
    assert any("no item reaches the target, North Korea: 0 %" in a for a in find_alarms(missed))


def test_given_a_least_share_in_the_target_when_less_is_expected_then_no_go_and_an_alarm() -> None:
    result = flown(None, "dvd")
    mean = result.load_shares[TARGET].mean
    met = tuple(replace(check, limit=1.0) for check in result.limits)

    for least, enough in ((mean, True), (min(mean + 1e-9, 1.0), False), (None, True)):
        limits = replace(result.mission.limits, target_least=least)
        asked = replace(
            result, mission=replace(result.mission, limits=limits), limits=met, stops=()
        )
        assert asked.verdict == ("GO" if enough else "NO-GO")
        assert any("limits.target_at_least" in a for a in find_alarms(asked)) is not enough


def test_given_soundings_around_the_launch_then_their_ages_and_what_that_adds_are_told() -> None:
    times = np.array([0.0, 12.0, 24.0]) * 3600.0

    last = describe_age(times[:1], 6 * 3600.0, 3_000.0, 2.0)
    between = describe_age(times, 18 * 3600.0, 3_000.0, 2.0)
    high = describe_age(times, 18 * 3600.0, 30_000.0, 2.0)

    assert last.startswith(
        "; observed 6 h 00 min before the launch; a wind changes by about 3.7 m/s"
    )
    assert "which makes it 4.2 m/s at the site" in last
    assert between.startswith(
        "; observed 6 h 00 min before the launch and 6 h 00 min after it; between them"
    )
    assert "2.8 m/s more (measured at one tropical station), which makes it 3.4 m/s" in between
    assert high.endswith("6 h 00 min after it, and what the wind has changed since is not in it")
