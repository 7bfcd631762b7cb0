"""The burst calculator against answers of the page itself, and against worked examples."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from downwind.errors import ArgumentError, LiftError
from downwind.vehicle.burst_calculator import calculate_burst, preset_drag
from downwind.vehicle.latex import LATEX, LatexBalloon

GASES = {"he": "helium", "h": "hydrogen"}
MAKERS = {"k": "kaymont", "h": "hwoyee", "p": "pawan"}
PRESETS = {
    "k": (200, 300, 350, 450, 500, 600, 700, 800, 1000, 1200, 1500, 2000, 3000),
    "h": (100, 200, 300, 350, 400, 500, 600, 750, 800, 950, 1000, 1200, 1500, 1600, 2000, 3000),
    "p": (100, 350, 600, 800, 900, 1200, 1600, 2000),
}
"""The balloons of the page [g], by the letter with which it codes their makers."""


def find_preset(code: str) -> LatexBalloon:
    assert int(code[1:]) in PRESETS[code[0]], code
    return LATEX[f"{MAKERS[code[0]]}-{code[1:]}"]


def test_given_the_balloons_of_the_page_when_looked_up_then_each_is_in_the_catalogue() -> None:
    found = [find_preset(f"{maker}{grams}") for maker in PRESETS for grams in PRESETS[maker]]

    assert len({balloon.name for balloon in found}) == 37
    masses_g = [grams for maker in PRESETS for grams in PRESETS[maker]]
    assert [round(1e3 * balloon.mass_kg) for balloon in found] == masses_g


def test_given_the_answers_of_the_page_when_asked_the_same_then_the_same_texts(
    shared: Path,
) -> None:
    cases = json.loads((shared / "conformance" / "tawhiri" / "burst_calc.json").read_text())

    assert len(cases) == 9
    for case in cases:
        asked = case["in"]
        answer = calculate_burst(
            find_preset(asked["mb"]),
            asked["mp_g"] / 1e3,
            GASES[asked["gas"]],
            ascent_rate_ms=asked["tar"] or None,
            burst_altitude_m=asked["tba"] or None,
            air_density_kgm3=asked["rho_a"],
            scale_height_m=asked["adm"],
            gravity_ms2=asked["ga"],
        )
        assert answer.to_page() == case["out"], asked


@pytest.mark.parametrize(
    ("code", "payload_kg", "rate_ms", "gas", "volume_m3", "neck_g", "burst_m"),
    [
        ("k1000", 1.0, 5.0, "helium", 3.1033, 2_185.2, 31_891.0),
        ("k1000", 1.0, 5.0, "hydrogen", 2.7817, 2_101.9, 32_683.0),
        ("h350", 0.25, 5.0, "helium", 1.0526, 730.4, 25_585.0),
        ("h100", 0.02, 4.0, "helium", None, 129.4, 21_213.0),
    ],
)
def test_vector_5_worked_examples_have_their_digits(
    code: str,
    payload_kg: float,
    rate_ms: float,
    gas: str,
    volume_m3: float | None,
    neck_g: float,
    burst_m: float,
) -> None:
    answer = calculate_burst(find_preset(code), payload_kg, gas, ascent_rate_ms=rate_ms)

    assert answer.ascent_rate_ms == pytest.approx(rate_ms, rel=1e-12)
    if volume_m3 is not None:
        assert answer.launch_volume_m3 == pytest.approx(volume_m3, abs=1e-4)
    assert 1e3 * answer.neck_lift_kg == pytest.approx(neck_g, abs=0.1)
    assert answer.burst_altitude_m == pytest.approx(burst_m, abs=1.0)


def test_vector_5_the_first_example_has_its_radius_and_time() -> None:
    answer = calculate_burst(find_preset("k1000"), 1.0, ascent_rate_ms=5.0)

    assert answer.launch_radius_m == pytest.approx(0.9049, abs=1e-4)
    assert answer.time_to_burst_s / 60.0 == pytest.approx(106.3, abs=0.1)


def test_given_a_rate_when_its_burst_altitude_is_aimed_at_then_the_rate_comes_back() -> None:
    there = calculate_burst(find_preset("p1200"), 1.3, ascent_rate_ms=4.4)
    back = calculate_burst(find_preset("p1200"), 1.3, burst_altitude_m=there.burst_altitude_m)

    assert back.ascent_rate_ms == pytest.approx(4.4, rel=1e-9)
    assert back.neck_lift_kg == pytest.approx(there.neck_lift_kg, rel=1e-9)


def test_given_a_mass_when_its_drag_is_asked_then_more_from_600_to_1000_g() -> None:
    drags = {code: preset_drag(find_preset(code)) for code in ("k500", "k600", "h1000", "p1200")}

    assert drags == {"k500": 0.25, "k600": 0.30, "h1000": 0.30, "p1200": 0.25}


def test_given_a_large_balloon_when_it_rises_slowly_then_the_warning_of_the_page() -> None:
    answer = calculate_burst(find_preset("k2000"), 1.0, ascent_rate_ms=4.0)

    assert answer.to_page()["#result"] == "Result (configuration suggests a possible floater)"


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({}, "target ascent rate or a target burst altitude"),
        ({"ascent_rate_ms": 5.0, "burst_altitude_m": 3e4}, "target ascent rate or a target"),
        ({"ascent_rate_ms": 11.0}, "no target ascent rate of 11 m/s"),
        ({"ascent_rate_ms": -1.0}, "no target ascent rate of -1 m/s"),
        ({"burst_altitude_m": 9_000.0}, "no target burst altitude of 9000 m"),
        ({"burst_altitude_m": 41_000.0}, "no target burst altitude of 41000 m"),
        ({"ascent_rate_ms": 5.0, "payload_kg": 0.001}, "no payload of 0.001 kg"),
        ({"ascent_rate_ms": 5.0, "drag": 1.2}, "no drag coefficient of 1.2"),
        ({"ascent_rate_ms": 5.0, "gas": "neon"}, "no density for 'neon'"),
        ({"ascent_rate_ms": 5.0, "gas_density_kgm3": 1.3}, "not physical"),
    ],
)
def test_given_what_the_page_does_not_take_when_asked_then_it_is_refused(
    change: dict[str, object], text: str
) -> None:
    asked = {"payload_kg": 1.0, **change}
    with pytest.raises(ArgumentError, match=text):
        calculate_burst(find_preset("k1000"), **asked)  # type: ignore[arg-type]


def test_given_an_altitude_out_of_reach_when_asked_then_it_says_how_much_lighter() -> None:
    with pytest.raises(LiftError, match="to burst at 40000 m, kaymont-200 takes 0.06 m3") as caught:
        calculate_burst(find_preset("k200"), 1.0, burst_altitude_m=40_000.0)

    assert "kg off the payload" in caught.value.hint
