"""The fill card: first what the balance shows and what to beware of, in 80 columns, no wind."""

from __future__ import annotations

import copy
import dataclasses
import json
import math
import re
from itertools import pairwise

import pytest

from downwind import atmosphere
from downwind.io.fill_json import fill_document
from downwind.load.kinds import Box
from downwind.plan.fill_plan import DEFAULT_CYLINDER, FillPlan, plan_fill
from downwind.plan.mission import BalloonGroup, LoadPart, Release, Uncertainty
from downwind.plan.mission_file import parse_mission
from downwind.report._fill_tables import mark_energy
from downwind.report.fill_card import fill_card, fill_text
from downwind.report.quantities import share_text
from downwind.vehicle.burst_calculator import calculate_burst
from downwind.vehicle.film import TUBES
from downwind.vehicle.gas import HELIUM, HYDROGEN
from downwind.vehicle.latex import LATEX
from downwind.vehicle.parachute import Parachute
from downwind.vehicle.timer import TIMERS
from tests.small_mission import SMALL


@pytest.fixture(scope="module")
def group() -> BalloonGroup:
    """Return six tubes of helium with discs, of which the last carries less."""
    return parse_mission(copy.deepcopy(SMALL)).groups[0]


def write(group: BalloonGroup, **changes) -> str:
    changed = dataclasses.replace(group, **changes)
    return fill_text([plan_fill(changed, Uncertainty(), 0.0, cylinder=DEFAULT_CYLINDER)], "here")


def join(text: str) -> str:
    return " ".join(text.split())


def test_given_a_plan_when_its_card_is_written_then_the_balance_reading_stands_out(small_plan):
    card = fill_card(small_plan)
    for found in small_plan.groups:
        assert f"SHOWS  {found.fill.neck_lift_kg:.2f} kg" in card
        assert f"{found.fill.volume_m3:.2f} m3 of helium each" in card
    assert "WARNING" not in card
    assert "DANGER" not in card
    assert "floats at" in card


def test_given_a_plan_when_its_card_is_written_then_it_flies_with_the_setting_of_the_plan(
    small_plan,
):
    found = small_plan.groups[0]
    weak = dataclasses.replace(found, setting=dataclasses.replace(found.setting, free_lift=0.03))
    card = fill_card(dataclasses.replace(small_plan, groups=(weak,)))
    assert "WARNING: a free lift of 3 % of the load is small" in join(card)
    assert card.index("WARNING") < card.index("SHOWS")
    assert "of the balloons do not rise" in join(card)
    assert "The fleet" not in card


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="open"),
        pytest.param({"gas": HYDROGEN, "count": 7}, id="hydrogen"),
        pytest.param({"vehicle": TUBES["film-7m-sealed"]}, id="sealed"),
        pytest.param({"vehicle": LATEX["kaymont-3000"]}, id="latex"),
        pytest.param(
            {"vehicle": LATEX["kaymont-3000"], "parachute": Parachute(2.0, 0.4)}, id="parachute"
        ),
        pytest.param({"free_lift": 0.001}, id="hardly any lift"),
    ],
)
def test_given_any_balloon_when_written_then_lines_fit_and_nothing_is_no_number(group, changes):
    text = write(group, **changes)
    assert max(map(len, text.splitlines())) <= 80
    assert "nan" not in text.lower()
    assert text.endswith("\n")
    assert "…" not in text


def test_given_the_last_balloon_with_less_when_written_then_its_own_reading_is_in_the_box(group):
    text = write(group)
    last = group.load_kg(5) * (1.0 + group.free_lift)
    assert f"|  balloon 6, load {group.load_kg(5):.2f} kg: until it shows  {last:.2f} kg" in text


def test_given_hydrogen_when_written_then_fire_is_warned_of_before_the_fill(group):
    text = write(group, gas=HYDROGEN)
    assert "!! DANGER: hydrogen burns" in text
    assert text.index("DANGER") < text.index("SHOWS")


def test_given_small_lift_when_written_then_the_share_that_stays_down_is_told(group):
    plan = plan_fill(dataclasses.replace(group, free_lift=0.02), Uncertainty(), 0.0)
    text = join(fill_text([plan]))
    assert f"{100.0 * plan.stays_down:.0f} in 100 of the balloons do not rise" in text
    assert "3 K colder than the air" not in text.split("|")[0]
    cold = plan_fill(dataclasses.replace(group, free_lift=0.01), Uncertainty(), 0.0)
    assert "which is the whole free lift" in join(fill_text([cold]))


def test_given_rubber_when_written_then_its_burst_has_a_range_and_the_tube_its_leaks(group):
    rubber = write(group, vehicle=LATEX["kaymont-3000"], count=12)
    assert "bursts at" in rubber
    assert "90 % between" in rubber
    assert "vents" not in rubber
    tube = write(group)
    for leak in ("0.3 %/h", "1 %/h", "3 %/h"):
        assert f"    {leak} " in tube
    assert "it vents from there" in tube


def test_given_a_parachute_when_written_then_both_landings_are_told(group):
    text = join(write(group, vehicle=LATEX["kaymont-3000"], parachute=Parachute(2.0, 0.4)))
    assert "parachute 400 g" in text
    assert "If the parachute does not open: on the ground after" in text
    assert "If the parachute" not in join(write(group, vehicle=LATEX["kaymont-3000"]))


def test_given_several_groups_when_written_then_the_fleet_stands_before_them(group):
    plans = [
        plan_fill(g, Uncertainty(), 0.0, cylinder=DEFAULT_CYLINDER)
        for g in (group, dataclasses.replace(group, name="other", gas=HYDROGEN))
    ]
    text = fill_text(plans)
    assert text.index("The fleet") < text.index("discs: 6 balloons")
    assert f"all helium           {plans[0].total_m3:.1f} m3" in text
    assert f"all hydrogen         {plans[1].total_m3:.1f} m3" in text


def test_given_cold_air_when_written_then_how_much_colder_is_told(group):
    plan = plan_fill(group, Uncertainty(), 0.0, air_offset_k=-20.0)
    assert "-5.0 C; 20.0 K colder than the standard atmosphere (15.0 C)" in join(fill_text([plan]))


def test_given_the_burst_calculator_when_written_then_its_answer_is_labelled(group):
    balloon = LATEX["kaymont-1000"]
    answer = calculate_burst(balloon, 1.0, ascent_rate_ms=5.0)
    plan = plan_fill(
        dataclasses.replace(group, vehicle=balloon, gas=HELIUM, count=40), Uncertainty(), 0.0
    )
    text = join(fill_text([plan], calculator=answer))
    label = text.index("Burst calculator of CU Spaceflight, with its own constants")
    assert label < text.index("2185 g")
    assert "31891 m after 106 min" in text[label:]
    assert "not to fill by" in text[label:]


def test_given_a_plan_when_turned_into_a_document_then_it_is_json_with_units_in_its_names(group):
    plan = plan_fill(group, Uncertainty(), 0.0, cylinder=DEFAULT_CYLINDER)
    document = json.loads(json.dumps(fill_document([plan], "here"), allow_nan=False))
    found = document["groups"][0]
    assert found["fills"][0]["neck_lift_kg"] == plan.fill.neck_lift_kg
    assert found["fills"][1]["first_balloon"] == 6
    assert found["fills"][0]["burst_altitude_m"] is None
    assert [leak["leak_1s"] * 3.6e5 for leak in found["load_kept"]] == pytest.approx([0.3, 1, 3])
    assert found["climb"][0]["time_s"] == 0.0
    assert found["changes"][0]["title"] == "1 L more"
    assert found["cylinders"]["by_total"] == plan.cylinders.by_total
    assert document["burst_calculator"] is None


# --- rubber: neck, landing, drag crisis ----------------------------------------------------------


def plan_rubber(load_kg: float = 1.0, rate_ms: float = 5.0, **changes) -> FillPlan:
    kind = Box("load", "load", load_kg, 0.3, 0.3, 0.3)
    release = Release(TIMERS["quartz"], 0.0, (LoadPart(kind, 1),))
    group = BalloonGroup(
        "rubber", 1, LATEX["kaymont-1000"], HELIUM, math.nan, None, (release,),
        goal=("ascent_rate", rate_ms),
    )  # fmt: skip
    return plan_fill(dataclasses.replace(group, **changes), Uncertainty(), 0.0)


def test_given_a_neck_lift_over_four_times_the_mass_when_written_then_the_rate_to_go_to_is_told():
    plan = plan_rubber(rate_ms=15.0)
    text = join(fill_text([plan]))
    assert plan.is_over_neck_limit
    assert f"WARNING: a neck lift of {plan.fill.neck_lift_kg:.2f} kg is over the 4.00 kg" in text
    most = float(re.search(r"Lower the ascent rate: to (\d+\.\d+) m/s at most", text)[1])
    assert not plan_rubber(rate_ms=most).is_over_neck_limit
    assert plan_rubber(rate_ms=most + 0.1).is_over_neck_limit
    assert "e+" not in text
    assert "WARNING" not in fill_text([plan_rubber()])


def test_given_a_load_over_the_neck_limit_when_written_then_the_load_is_to_come_down():
    text = join(fill_text([plan_rubber(load_kg=30.0)]))
    assert "Carry less than 4.00 kg, all that its neck is taken to bear" in text


def test_given_no_parachute_when_it_bursts_with_its_load_then_the_energy_is_warned_of():
    plan = plan_rubber()
    energy = 0.5 * 2.0 * plan.median.landing_ms**2
    assert plan.landing_j(plan.median) == pytest.approx(energy)
    text = fill_text([plan])
    assert "!! DANGER: if it bursts with its load kept, 2.00 kg come down without a" in text
    assert text.index("DANGER") < text.index("SHOWS")
    assert f"{energy:.0f} J  > 33.9 J" in text


@pytest.mark.parametrize(
    ("diameter_m", "mark", "warned"), [(0.9, "> 33.9 J", True), (1.5, "> 14.9 J", False),
                                       (4.0, "", False)]
)  # fmt: skip
def test_given_a_parachute_when_written_then_the_mark_is_that_of_its_energy(
    diameter_m: float, mark: str, warned: bool
):
    plan = plan_rubber(parachute=Parachute(diameter_m, 0.08))
    energy = plan.landing_j(plan.median)
    assert mark_energy(energy) == mark
    text = fill_text([plan])
    assert ("come down under its" in join(text)) is warned
    assert any(line.endswith(f"{energy:.1f} J  {mark}".rstrip()) for line in text.splitlines())


@pytest.mark.parametrize(
    ("energy_j", "mark"), [(14.9, ""), (15.0, "> 14.9 J"), (33.9, "> 14.9 J"), (34.0, "> 33.9 J"),
                           (math.nan, "")]
)  # fmt: skip
def test_given_an_energy_when_marked_then_the_highest_limit_that_it_is_above_is_named(
    energy_j: float, mark: str
):
    assert mark_energy(energy_j) == mark


def test_given_the_drag_crisis_aloft_when_written_then_the_slowing_is_explained():
    plan = plan_rubber()
    drops = [b.rate_ms / a.rate_ms for a, b in pairwise(plan.rates)]
    assert min(drops) < 0.9
    assert "km it slows from" in join(fill_text([plan]))
    slow = plan_rubber(rate_ms=2.5)
    assert min(b.rate_ms / a.rate_ms for a, b in pairwise(slow.rates)) > 0.9
    assert "it slows from" not in join(fill_text([slow]))


def test_given_a_site_above_the_sea_when_written_then_the_climb_begins_with_ten_metres(group):
    text = fill_text([plan_fill(group, Uncertainty(), 133.9)])
    assert "   0.13 km " in text
    assert "0.1339" not in text


def test_given_a_sealed_tube_when_written_then_both_heights_of_its_burst_are_told(group):
    plan = plan_fill(
        dataclasses.replace(group, vehicle=TUBES["film-7m-sealed"]), Uncertainty(), 0.0
    )
    burst = [flight.burst_m / 1e3 for flight in plan.flights]
    cold = atmosphere.geometric_altitude(plan.fill.burst_height_m) / 1e3
    text = join(fill_text([plan]))
    assert f"bursts at {min(burst):.2f} to {max(burst):.2f} km with the leaks below" in text
    assert f"{cold:.2f} km with gas as cold as the air" in text
    assert min(burst) > cold


@pytest.mark.parametrize(
    ("share", "text"), [(0.1, "10 %"), (1.0, "100 %"), (9.99, "999 %"), (51.6, "5,160 %")]
)
def test_given_a_share_when_written_then_without_an_exponent(share: float, text: str):
    assert share_text(share) == text
