"""The film tube: the 6 m tube of 2 m, its slack and strength, and what cannot fly."""

from __future__ import annotations

import math

import pytest

from downwind.errors import LiftError
from downwind.vehicle.fill import solve_fill
from downwind.vehicle.film import TUBES, FilmTube, expansion_ratio, slack_length_m
from downwind.vehicle.gas import HELIUM, HYDROGEN, Gas
from downwind.vehicle.heights import float_height_m

TUBE = FilmTube("2 x 6 m", 6.0, 2.0, 40e-6)


def test_a_fill_by_free_lift_and_one_by_its_volume_are_the_same_fill() -> None:
    by_lift = solve_fill(TUBE, HELIUM, 0.98, 6.0, 120.0, free_lift_kg=0.9)
    by_volume = solve_fill(TUBE, HELIUM, 0.98, 6.0, 120.0, volume_m3=by_lift.volume_m3)

    assert by_volume.free_lift_kg == pytest.approx(0.9, abs=1e-9)
    assert by_volume.full_height_m == pytest.approx(by_lift.full_height_m, abs=1e-3)
    assert by_lift.neck_lift_kg == pytest.approx(6.9, abs=1e-12)


def test_the_tubes_on_record_float_between_3_and_5_km_with_8_5_kg_in_all() -> None:
    tube = TUBES["film-7m"]

    height = float_height_m(tube, HYDROGEN, 1.0, 8.5 - tube.envelope_kg)

    assert 3_000.0 < height < 5_000.0


@pytest.mark.parametrize("free_lift_kg", [0.0, -0.3])
def test_a_free_lift_that_is_not_positive_is_refused(free_lift_kg: float) -> None:
    with pytest.raises(LiftError, match="lifts nothing off the ground") as caught:
        solve_fill(TUBE, HELIUM, 1.0, 6.0, 0.0, free_lift_kg=free_lift_kg)

    assert f"{free_lift_kg * 1e3:.0f} g" in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("volume_m3", [0.0, -2.0])
def test_a_fill_without_volume_is_refused(volume_m3: float) -> None:
    with pytest.raises(LiftError, match="is no fill"):
        solve_fill(TUBE, HELIUM, 1.0, 6.0, 0.0, volume_m3=volume_m3)


def test_a_load_heavier_than_the_lift_is_refused_with_the_masses() -> None:
    with pytest.raises(LiftError, match=r"9\.42 m3 of hydrogen lift 10\.74 kg.*load 9\.20 kg"):
        solve_fill(TUBE, HYDROGEN, 1.0, 9.2, 0.0, volume_m3=9.4248)


def test_a_tube_too_small_for_its_load_says_what_it_lifts_at_most() -> None:
    with pytest.raises(
        LiftError, match="tube film-7m holds 11.56 m3, which lift at most"
    ) as caught:
        solve_fill(TUBES["film-7m"], HELIUM, 0.99, 15.0, 0.0, free_lift_kg=1.5)

    assert "16.50 kg" in caught.value.message
    assert "larger tube" in caught.value.hint


@pytest.mark.parametrize("purity", [1.0, 0.5])
def test_a_gas_without_lift_is_refused(purity: float) -> None:
    with pytest.raises(LiftError):
        solve_fill(TUBE, Gas("heavy", 44.0, 0.2), purity, 1.0, 0.0, free_lift_kg=0.1)


# --- sealed tubes, slack ------------------------------------------------------------------------


def test_given_a_tube_of_1_m_radius_and_40_um_when_sealed_then_it_bears_400_pa() -> None:
    sealed = FilmTube("sealed", 6.0, 2.0, 40e-6, is_open=False)

    assert sealed.strength_pa == pytest.approx(400.0, rel=1e-12)
    assert TUBE.strength_pa == math.inf
    assert (int(TUBE.shape), int(sealed.shape)) == (0, 1)


@pytest.mark.parametrize(
    ("h_m", "isothermal", "warm_as_air"), [(3_000.0, 1.45, 1.35), (5_000.0, 1.88, 1.66)]
)
def test_given_a_height_when_gas_expands_then_by_pressure_or_by_density(
    h_m: float, isothermal: float, warm_as_air: float
) -> None:
    assert expansion_ratio(h_m, isothermal=True) == pytest.approx(isothermal, abs=0.005)
    assert expansion_ratio(h_m) == pytest.approx(warm_as_air, abs=0.006)
    assert expansion_ratio(h_m, site_m=h_m) == 1.0


@pytest.mark.parametrize(("h_m", "told_m"), [(3_000.0, 5.0), (5_000.0, 6.0)])
def test_given_3_m_of_gas_when_slack_is_reckoned_then_the_developers_bag_holds_it(
    h_m: float, told_m: float
) -> None:
    length = slack_length_m(3.0, h_m, isothermal=True)

    assert told_m - 1.0 < length < told_m


def test_given_the_packaged_tubes_when_read_then_the_documented_lengths_stand_there() -> None:
    lengths = {name: (tube.length_m, tube.is_open) for name, tube in TUBES.items()}

    assert lengths == {
        "film-7m": (7.0, True),
        "film-12m": (12.0, True),
        "film-5m": (5.0, True),
        "film-36ft": (pytest.approx(10.9728), True),
        "film-7m-sealed": (7.0, False),
        "film-12m-sealed": (12.0, False),
    }
    assert all(t.diameter_m == 1.45 and t.film_m == 40e-6 for t in TUBES.values())
