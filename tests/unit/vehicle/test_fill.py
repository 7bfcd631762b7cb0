"""Fills: any one number from any other, heights, ends, and what cannot fly."""

from __future__ import annotations

import itertools
import math

import pytest

from downwind import atmosphere
from downwind.errors import ArgumentError, LiftError
from downwind.vehicle.drag import SPHERE_DRAG, TUBE_DRAG, DragCurve
from downwind.vehicle.envelope import Envelope
from downwind.vehicle.fill import Fill, solve_fill
from downwind.vehicle.film import TUBES, FilmTube
from downwind.vehicle.gas import HELIUM, HYDROGEN, Gas, filling_gas_constant
from downwind.vehicle.heights import End, air_density_kgm3, height_of_air_density
from downwind.vehicle.kernels import Balloon, climb_rate_ms, has_burst
from downwind.vehicle.latex import LATEX, LatexBalloon

TUBE = FilmTube("2 x 6 m", 6.0, 2.0, 40e-6)
SEALED = FilmTube("2 x 6 m", 6.0, 2.0, 40e-6, is_open=False)
BALLOON = LATEX["kaymont-1000"]
RHO = 1.2250


def fill_of(vehicle: FilmTube | LatexBalloon = TUBE, load_kg: float = 8.0, **given: float) -> Fill:
    given = given or {"volume_m3": 9.4248}
    return solve_fill(vehicle, HYDROGEN, 1.0, load_kg, 0.0, drag=0.7, **given)  # type: ignore[arg-type]


def as_flown(vehicle: FilmTube | LatexBalloon, drag: float, gas: Gas, purity: float) -> Balloon:
    return Balloon(
        shape=int(vehicle.shape),
        gas_constant=float(filling_gas_constant(gas, purity)),
        volume_m3=vehicle.volume_m3,
        area_m2=vehicle.area_m2(1.0),
        drag_high=drag,
        drag_low=drag,
        reynolds_start=1e12,
        reynolds_width=1.0,
        strength_pa=vehicle.strength_pa,
        kappa=gas.kappa,
        superheat_k=0.0,
        relaxation_s=0.0,
        leak_1s=0.0,
        remains_drag_area_m2=1.0,
        side=0,
    )


def speed_ms(
    fill: Fill,
    load_kg: float,
    h_m: float,
    vehicle: FilmTube | LatexBalloon = TUBE,
    drag: float = 0.7,
    gas: Gas = HYDROGEN,
    purity: float = 1.0,
) -> float:
    """How fast a filled balloon rises in flight, gas at the temperature of the air [m s-1]."""
    balloon = as_flown(vehicle, drag, gas, purity)
    air_k = float(atmosphere.temperature_k(h_m))
    return float(climb_rate_ms(h_m, air_k, fill.gas_kg, balloon, vehicle.envelope_kg + load_kg))


def test_given_the_codes_of_envelopes_when_kernels_take_them_then_they_are_the_same() -> None:
    from downwind.vehicle import kernels

    assert tuple(Envelope) == (kernels.OPEN_TUBE, kernels.SEALED_TUBE, kernels.LATEX)


# --- tubes --------------------------------------------------------------------------------------


def test_vector_6_the_open_tube_of_2_m_has_its_lifts_and_heights() -> None:
    fill = fill_of()

    assert fill.gross_lift_kg == pytest.approx(10.742, abs=1e-3)
    assert fill.free_lift_kg == pytest.approx(1.123, abs=1e-3)
    assert fill.full_height_m == pytest.approx(6_663.0, abs=1.0)
    assert fill.float_height_m == pytest.approx(7_628.0, abs=1.0)
    assert math.isnan(fill.burst_height_m)
    assert fill.end is End.VENTS_AND_FLOATS
    assert fill.gas_kg == pytest.approx(
        101_325.0 * 9.4248 * 2.016e-3 / (8.314462618 * 288.15), rel=3e-5
    )


@pytest.mark.parametrize(("h_m", "speed"), [(0.0, 2.86), (3_000.0, 3.32), (5_000.0, 3.69)])
def test_vector_6_the_open_tube_rises_by_the_root_of_the_density(h_m: float, speed: float) -> None:
    fill = fill_of()

    assert speed_ms(fill, 8.0, h_m) == pytest.approx(speed, abs=0.01)
    rho = float(atmosphere.density_kgm3(h_m))
    pull_n = fill.free_lift_kg * 9.80665
    assert math.sqrt(2.0 * pull_n / (rho * 0.7 * math.pi)) == pytest.approx(speed, abs=0.01)
    if h_m == 0.0:
        assert fill.ascent_rate_ms == pytest.approx(speed, abs=0.01)


def test_vector_6_the_open_tube_climbs_at_10_ms_without_its_load() -> None:
    assert speed_ms(fill_of(), 0.0, 4_000.0) == pytest.approx(9.97, abs=0.01)


def test_given_the_open_tube_when_it_vents_then_it_slows_down_to_its_float_height() -> None:
    fill = fill_of()

    def speed(h_m: float) -> float:
        return speed_ms(fill, 8.0, h_m)

    top = fill.float_height_m
    assert speed(7_000.0) < speed(fill.full_height_m)
    assert 0.0 < speed(top - 1.0) < 0.15
    assert speed(top + 1.0) == 0.0
    # twice the weight sinks, slack
    assert speed_ms(fill, 16.0, 3_000.0) < -5.0


def test_given_a_sealed_tube_when_it_is_full_then_it_tears_soon_after() -> None:
    fill = fill_of(SEALED)

    assert fill.end is End.BURSTS
    assert math.isnan(fill.float_height_m)
    # gas that kept its temperature would tear the film at strength / (rho g), 67 m above
    above = fill.burst_height_m - fill.full_height_m
    rho = float(atmosphere.density_kgm3(fill.full_height_m))
    assert SEALED.strength_pa / (rho * 9.80665) == pytest.approx(67.0, abs=1.0)
    # gas that takes the temperature of the air needs the share that the lapse takes away
    assert above == pytest.approx(400.0 / (rho * (9.80665 - 287.05287 * 0.0065)), rel=0.01)
    inside = 8.0 + SEALED.envelope_kg
    assert inside < fill.gross_lift_kg
    balloon = as_flown(SEALED, 0.7, HYDROGEN, 1.0)
    torn = [
        bool(has_burst(h, float(atmosphere.temperature_k(h)), fill.gas_kg, balloon))
        for h in (fill.burst_height_m - 1.0, fill.burst_height_m + 1.0)
    ]
    assert torn == [False, True]


def test_given_a_strong_sealed_tube_when_nearly_balanced_then_it_floats_and_keeps_its_gas() -> None:
    strong = FilmTube("strong", 6.0, 2.0, 200e-6, is_open=False)
    load = 4.0
    fill = solve_fill(strong, HELIUM, 0.99, load, 0.0, drag=0.7, free_lift_kg=0.02)

    assert fill.end is End.FLOATS
    assert math.isnan(fill.burst_height_m)
    rho = float(atmosphere.density_kgm3(fill.float_height_m))
    weight = strong.envelope_kg + load + fill.gas_kg
    assert rho * strong.volume_m3 == pytest.approx(weight, rel=1e-9)
    assert fill.float_height_m > fill.full_height_m
    speeds = [
        speed_ms(fill, load, fill.float_height_m + dh, strong, 0.7, HELIUM, 0.99)
        for dh in (-1.0, 1.0)
    ]
    assert speeds[0] > 0.0 > speeds[1]


# --- rubber balloons ----------------------------------------------------------------------------


def test_given_a_rubber_balloon_when_filled_then_it_bursts_at_the_density_of_its_size() -> None:
    fill = solve_fill(BALLOON, HELIUM, 1.0, 1.0, 0.0, drag=SPHERE_DRAG, volume_m3=3.1)

    assert fill.end is End.BURSTS
    assert math.isnan(fill.full_height_m)
    assert math.isnan(fill.float_height_m)
    rho = float(atmosphere.density_kgm3(fill.burst_height_m))
    assert rho * BALLOON.volume_m3 == pytest.approx(RHO * 3.1, rel=1e-4)
    assert fill.neck_lift_kg == pytest.approx(fill.gross_lift_kg - 1.0, abs=1e-12)


def test_given_a_constant_coefficient_when_it_rises_then_by_the_sixth_root_of_the_density() -> None:
    fill = solve_fill(BALLOON, HELIUM, 1.0, 1.0, 0.0, drag=0.3, ascent_rate_ms=5.0)
    high = speed_ms(fill, 1.0, 20_000.0, BALLOON, 0.3, HELIUM)

    rho = float(atmosphere.density_kgm3(20_000.0))
    assert high == pytest.approx(5.0 * (RHO / rho) ** (1.0 / 6.0), rel=5e-5)


def test_given_a_rate_when_filled_for_it_then_drag_balances_lift() -> None:
    fill = solve_fill(BALLOON, HELIUM, 0.99, 1.0, 0.0, drag=0.3, ascent_rate_ms=5.0)

    area = math.pi * (0.75 * fill.volume_m3 / math.pi) ** (2.0 / 3.0)
    assert fill.ascent_rate_ms == pytest.approx(5.0, rel=1e-12)
    assert fill.free_lift_kg * 9.80665 == pytest.approx(0.5 * RHO * 0.3 * area * 25.0, rel=1e-6)
    assert fill.notes == ()


def test_given_a_rate_that_the_crisis_jumps_over_when_filled_then_the_slower_and_a_note() -> None:
    fill = solve_fill(BALLOON, HELIUM, 0.99, 1.0, 0.0, drag=SPHERE_DRAG, ascent_rate_ms=3.5)
    more = solve_fill(
        BALLOON, HELIUM, 0.99, 1.0, 0.0, drag=SPHERE_DRAG, free_lift_kg=fill.free_lift_kg * 1.001
    )

    assert 2.9 < fill.ascent_rate_ms < 3.0
    assert more.ascent_rate_ms > 4.0
    assert "no fill rises steadily at 3.50 m/s" in fill.notes[0]
    assert f"from {fill.ascent_rate_ms:.2f} to 4.08 m/s" in fill.notes[0]
    assert more.notes == ()


def test_given_a_lift_with_several_balances_when_filled_then_the_lowest_and_a_note() -> None:
    jump = solve_fill(BALLOON, HELIUM, 0.99, 1.0, 0.0, drag=SPHERE_DRAG, ascent_rate_ms=3.5)
    fill = solve_fill(
        BALLOON, HELIUM, 0.99, 1.0, 0.0, drag=SPHERE_DRAG, free_lift_kg=jump.free_lift_kg * 0.97
    )

    assert fill.ascent_rate_ms < jump.ascent_rate_ms
    assert "in the drag crisis the same lift also balances at" in fill.notes[0]
    assert f"the lowest speed, {fill.ascent_rate_ms:.2f} m/s, is taken" in fill.notes[0]


def test_given_a_balloon_too_big_for_the_atmosphere_when_filled_then_it_says_so() -> None:
    huge = LatexBalloon("huge", "huge", "", 0.5, 30.0)
    fill = solve_fill(huge, HYDROGEN, 1.0, 0.1, 0.0, drag=0.3, ascent_rate_ms=3.0)

    assert fill.end is End.ABOVE_MODEL
    assert math.isnan(fill.burst_height_m)
    assert "47 km" in fill.notes[0]


# --- warm and cold air --------------------------------------------------------------------------


def test_given_warmer_air_when_filled_for_a_lift_then_more_volume_and_the_same_mass() -> None:
    plain = solve_fill(TUBE, HELIUM, 0.99, 5.0, 0.0, free_lift_kg=0.5)
    warm = solve_fill(TUBE, HELIUM, 0.99, 5.0, 0.0, free_lift_kg=0.5, air_offset_k=10.0)

    assert warm.volume_m3 == pytest.approx(plain.volume_m3 * 298.15 / 288.15, rel=1e-5)
    assert warm.gas_kg == plain.gas_kg
    assert warm.float_height_m < plain.float_height_m


def test_given_an_offset_when_a_density_is_looked_up_then_its_height_comes_back() -> None:
    rho = air_density_kgm3(7_000.0, -12.0)

    assert height_of_air_density(rho, -12.0) == pytest.approx(7_000.0, abs=1e-6)
    with pytest.raises(ValueError, match="no height"):
        height_of_air_density(9.0, -12.0)


# --- what cannot fly ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given",
    [{}, {"volume_m3": 9.0, "free_lift_kg": 1.0}, {"neck_lift_kg": 9.0, "ascent_rate_ms": 2.0}],
)
def test_given_not_just_one_number_when_solved_then_it_is_refused(given: dict[str, float]) -> None:
    with pytest.raises(ArgumentError, match=f"and {len(given)} are given"):
        solve_fill(TUBE, HYDROGEN, 1.0, 8.0, 0.0, drag=0.7, **given)  # type: ignore[arg-type]


def test_given_a_rate_without_drag_when_solved_then_it_is_refused() -> None:
    with pytest.raises(ArgumentError, match="needs the drag"):
        solve_fill(TUBE, HYDROGEN, 1.0, 8.0, 0.0, ascent_rate_ms=2.0)


@pytest.mark.parametrize(
    ("change", "text", "hint"),
    [
        ({"purity": 99}, "a gas of purity 99 cannot be", "at most 1"),
        ({"purity": 0.0}, "a gas of purity 0 cannot be", "above 0"),
        ({"purity": math.nan}, "a gas of purity nan", "above 0"),
        ({"drag": 0.0}, "a balloon of drag coefficient 0 cannot be", "above 0"),
        ({"drag": -1.0}, "a balloon of drag coefficient -1", "above 0"),
        ({"drag": math.nan}, "a balloon of drag coefficient nan", "above 0"),
        ({"drag": DragCurve(0.4, 0.0, 3e5, 1e4)}, "a balloon of drag coefficient 0.4", "curve"),
        ({"site_m": -5_000.0}, "a site at -5000 m lies outside", "from -2000"),
        ({"site_m": 47_000.0}, "a site at 47000 m lies outside", "below 47000"),
        ({"site_m": math.nan}, "a site at nan m lies outside", "above the sea"),
        ({"air_offset_k": -300.0}, "air -300 K warmer than", "which is 15 C at the site"),
        ({"air_offset_k": math.nan}, "air nan K warmer than", "within 100 K"),
    ],
)
@pytest.mark.parametrize("goal", [{"volume_m3": 9.0}, {"ascent_rate_ms": 3.0}])
def test_given_what_cannot_be_when_solved_then_it_is_refused_with_what_can(
    change: dict[str, object], text: str, hint: str, goal: dict[str, float]
) -> None:
    asked: dict[str, object] = {"purity": 0.99, "load_kg": 3.0, "site_m": 0.0, "drag": 0.7}
    with pytest.raises(ArgumentError, match=text) as caught:
        solve_fill(TUBE, HYDROGEN, **{**asked, **goal, **change})  # type: ignore[arg-type]

    assert hint in caught.value.hint


@pytest.mark.parametrize("offset_k", [-100.0, 100.0])
def test_given_the_coldest_and_warmest_air_when_it_thins_out_then_with_every_metre(
    offset_k: float,
) -> None:
    heights = range(-2_000, 47_000, 100)
    densities = [air_density_kgm3(float(h), offset_k) for h in heights]

    assert all(low > high for low, high in itertools.pairwise(densities))


def test_given_a_speed_that_no_lift_gives_when_solved_then_it_is_refused() -> None:
    with pytest.raises(LiftError, match="no fill rises at 1e"):
        fill_of(ascent_rate_ms=1e6)


@pytest.mark.parametrize(
    ("given", "text", "hint"),
    [
        ({"free_lift_kg": 0.0}, "a free lift of 0 g lifts nothing", "10 %"),
        ({"neck_lift_kg": 7.5}, "neck lift of 7.500 kg does not lift a load of 8.000", "0.500 kg"),
        ({"ascent_rate_ms": -1.0}, "ascent rate of -1 m/s lifts nothing", "above 0"),
        ({"volume_m3": -1.0}, "is no fill", "above 0"),
        ({"volume_m3": 8.0}, "8.00 m3 of hydrogen lift 9.12 kg", "more than 8.44 m3 of gas, or"),
        ({"volume_m3": 19.0}, "holds 18.85 m3, which lift at most 19.86 kg", "take 0.17 kg off"),
        ({"ascent_rate_ms": 30.0}, "load and free lift need 131.", "use a larger tube of 116."),
    ],
)
def test_given_what_cannot_fly_when_solved_then_it_says_what_would_help(
    given: dict[str, float], text: str, hint: str
) -> None:
    with pytest.raises(LiftError, match=text) as caught:
        fill_of(**given)

    assert hint in caught.value.hint


def test_given_more_gas_than_rubber_takes_when_solved_then_it_says_at_what_it_bursts() -> None:
    small = LATEX["totex-100"]

    with pytest.raises(LiftError, match="balloon totex-100 bursts at 3.94 m3, which lift at most"):
        solve_fill(small, HELIUM, 0.99, 10.0, 0.0, free_lift_kg=1.0)


def test_given_a_gas_without_lift_or_a_load_below_zero_when_solved_then_it_is_refused() -> None:
    with pytest.raises(LiftError, match="has no lift"):
        solve_fill(TUBE, Gas("heavy", 44.0, 0.2), 1.0, 1.0, 0.0, free_lift_kg=0.1)
    with pytest.raises(LiftError, match="is no load"):
        solve_fill(TUBE, HELIUM, 1.0, -1.0, 0.0, free_lift_kg=0.1)


@pytest.mark.parametrize("name", ["volume_m3", "free_lift_kg", "neck_lift_kg", "ascent_rate_ms"])
def test_given_no_number_when_solved_then_it_is_refused(name: str) -> None:
    with pytest.raises(LiftError):
        fill_of(**{name: math.nan})
    with pytest.raises(LiftError):
        fill_of(load_kg=math.nan, volume_m3=9.0)


def test_given_a_tube_just_full_when_solved_then_it_is_full_at_the_site() -> None:
    fill = solve_fill(
        TUBES["film-7m"], HELIUM, 0.99, 7.0, 250.0, volume_m3=TUBES["film-7m"].volume_m3
    )

    assert fill.full_height_m == pytest.approx(250.0, abs=1e-3)


def test_given_a_law_or_its_median_curve_when_solved_then_the_same() -> None:
    by_law = solve_fill(TUBE, HELIUM, 0.99, 7.0, 0.0, drag=TUBE_DRAG, ascent_rate_ms=3.0)
    by_curve = solve_fill(
        TUBE, HELIUM, 0.99, 7.0, 0.0, drag=DragCurve(*TUBE_DRAG.median), ascent_rate_ms=3.0
    )

    assert by_law.volume_m3 == by_curve.volume_m3
