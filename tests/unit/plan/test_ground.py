"""What comes down besides the items: envelopes, whole loads, bundles and plastic."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

from downwind.landing.regions import LEFT_DATA, LandingRegions
from downwind.load.impact import bundle_speed_ms
from downwind.plan.drop import fly_group
from downwind.plan.evaluate import DrawShares
from downwind.plan.fleet import Setting
from downwind.plan.ground import GroundResult, fly_to_ground, measure_plastic
from downwind.plan.mission import Mission
from downwind.plan.mission_file import parse_mission
from downwind.sim.draws import Draws
from downwind.sim.flight import StopRule
from downwind.sim.steps import Steps
from downwind.wind.grid import WindGrid
from tests.small_mission import SMALL
from tests.unit.sim.made_winds import wind_grid

STEPS = Steps(200.0, 30.0, 0.0, 0.0, 0.0)
START_S = 1_428_084_000


def mission_of(**balloon: Any) -> Mission:
    table = copy.deepcopy(SMALL)
    table["balloon"] = [{**table["balloon"][0], **balloon}]
    return parse_mission(table)


@pytest.fixture(scope="module")
def calm() -> WindGrid:
    return wind_grid(
        time=START_S + np.arange(0.0, 40.0 * 3_600.0, 3_600.0),
        height=np.arange(0.0, 40_001.0, 1_000.0),
        latitude=np.arange(36.0, 40.0),
        longitude=np.arange(125.0, 129.0),
    )


def ground_of(mission: Mission, grid: WindGrid, timer_s: float = 1_800.0) -> GroundResult:
    regions = LandingRegions(mission.target, mission.home, ())
    draws = Draws(3, mission.draws)
    setting = Setting(mission.sites[0], START_S, mission.groups[0].free_lift, timer_s)
    fleet = fly_group(mission, 0, draws, grid, setting, STEPS)
    return fly_to_ground(mission, 0, draws, grid, regions, setting, STEPS, fleet)


def test_an_emptied_envelope_goes_high_and_lands_slowly(calm: WindGrid) -> None:
    mission = mission_of()
    ground = ground_of(mission, calm)
    envelope = ground.envelope

    assert envelope.mass_kg == pytest.approx(mission.groups[0].vehicle.envelope_kg)
    down = envelope.flights.reason == StopRule.GROUND
    assert down.mean() > 0.8
    assert np.median(envelope.peak_m) > 15_000.0
    assert 0.3 < envelope.landing_speed_ms[0] < 5.0
    # every emptied envelope has the same mass, so that speed and energy go together
    assert envelope.energy_j == pytest.approx(
        0.5 * envelope.mass_kg * envelope.landing_speed_ms[2] ** 2, rel=0.02
    )
    assert 5.0 < ground.emptied_count <= 6.0


def test_a_load_that_never_releases_comes_down_whole_and_harder(calm: WindGrid) -> None:
    mission = mission_of()
    ground = ground_of(mission, calm)
    group = mission.groups[0]

    whole = ground.unreleased
    assert not whole.flights.released.any()
    assert whole.mass_kg == pytest.approx(group.vehicle.envelope_kg + group.load_kg(0))
    assert whole.energy_j > ground.envelope.energy_j
    assert np.isnan(whole.flights.release_time_s).all()
    assert 0.0 < ground.none_released.mean < 0.1
    assert 0.0 < ground.some_kept.mean < 0.1


def test_a_sealed_tube_bursts_and_its_load_comes_down_fast(calm: WindGrid) -> None:
    vehicle = {
        "name": "sealed", "length": "7 m", "diameter": "1.45 m", "film": "40 um", "open": False,
    }  # fmt: skip
    ground = ground_of(mission_of(vehicle=vehicle), calm)
    braked = ground_of(
        mission_of(vehicle=vehicle, parachute={"diameter": "2 m", "mass": "200 g"}), calm
    )

    assert ground.unreleased.burst.mean == 1.0
    assert ground.unreleased.landing_speed_ms[0] > 8.0
    assert braked.unreleased.landing_speed_ms[0] < 0.85 * ground.unreleased.landing_speed_ms[0]


def test_a_rubber_balloon_without_its_load_bursts_higher_than_with_it(calm: WindGrid) -> None:
    mission = mission_of(
        vehicle="kaymont-1000", free_lift="60 %", load=[{"item": "dvd", "count": 360}]
    )
    ground = ground_of(mission, calm)

    assert ground.unreleased.burst.mean == 1.0
    emptied, loaded = (
        np.nanmedian(x.flights.burst_height_m) for x in (ground.envelope, ground.unreleased)
    )
    # the same gas bursts the same rubber at the same height, whatever hangs on it
    assert emptied == pytest.approx(loaded, abs=300.0)
    assert 20_000.0 < loaded < 40_000.0


def test_bundles_are_those_of_each_release_and_their_number_is_expected(calm: WindGrid) -> None:
    mission = mission_of(
        load=[{"item": "dvd", "count": 1_200}],
        then=[{"after": "5 min", "load": [{"item": "leaflet-a6-80", "count": 6_000}]}],
    )
    ground = ground_of(mission, calm)

    first, second = ground.bundles
    assert (first.release, second.release) == (0, 1)
    assert first.mass_kg == pytest.approx(200 * 0.0155)
    assert first.speed_ms == bundle_speed_ms(first.mass_kg)
    assert first.energy_j == pytest.approx(0.5 * first.mass_kg * first.speed_ms**2)
    assert first.expected == pytest.approx(6 * first.unopened.mean)
    assert first.fast_speed_ms == pytest.approx(first.speed_ms * (1.05 / 0.8) ** 0.5)
    # the whole load stays where all releases fail, which is rarer than that any does
    assert ground.none_released.mean < ground.some_kept.mean


def test_no_bundle_stays_shut_that_is_not_let_go(calm: WindGrid) -> None:
    mission = mission_of(load=[{"item": "dvd", "count": 1_200}])
    late = ground_of(mission, calm, 11.0 * 3_600.0)

    assert late.bundles[0].unopened.mean == 0.0
    assert late.none_released.mean > 0.9
    assert late.emptied_count < 0.6


def test_an_emptied_envelope_that_bursts_falls_with_the_drag_of_its_remains_alone(
    calm: WindGrid,
) -> None:
    mission = mission_of(
        vehicle="kaymont-600", free_lift="60 %", load=[{"item": "dvd", "count": 600}]
    )
    remains = ground_of(mission, calm).envelope
    median_m2 = 0.1 * 0.6

    # sqrt(2 m g / (rho Cd A)) at sea level, with the median drag of the shreds
    expected = (2.0 * 0.6 * 9.80665 / (1.225 * median_m2)) ** 0.5
    assert remains.burst.mean == 1.0
    assert remains.landing_speed_ms[0] == pytest.approx(expected, rel=0.05)


def test_plastic_adds_up_over_items_envelopes_and_regions(calm: WindGrid) -> None:
    mission = mission_of()
    regions = LandingRegions(mission.target, mission.home, ())
    ground = ground_of(mission, calm)
    zero = np.zeros(mission.draws)
    anywhere = {name: zero + 0.75 * (name == "home") for name in regions.names}
    items = {"dvd": DrawShares(anywhere, anywhere, zero + 0.25)}

    plastic = measure_plastic(mission, items, (ground,), regions)

    film = 6 * mission.groups[0].vehicle.envelope_kg
    assert plastic.items_kg == pytest.approx(2_600 * 0.0155)
    assert plastic.envelopes_kg == pytest.approx(film)
    assert plastic.rubber_kg == plastic.parachutes_kg == 0.0
    assert plastic.total_kg == pytest.approx(plastic.items_kg + film)
    # each region holds its part, and what left the data the rest
    everything = sum(mean for mean, _ in plastic.by_region.values())
    assert everything == pytest.approx(plastic.total_kg)
    landed = np.mean(ground.envelope.flights.reason == StopRule.GROUND)
    expected = 0.25 * plastic.items_kg + film * (1.0 - landed)
    assert plastic.by_region[LEFT_DATA][0] == pytest.approx(expected, rel=1e-9)
