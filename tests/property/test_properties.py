"""Laws that hold whatever the numbers: of winds, of falls, of fills, of draws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from downwind import atmosphere
from downwind.landing.shares import clopper_pearson, estimate_share
from downwind.sim.draws import Cause, Draws
from downwind.sim.drop import drop_items
from downwind.sim.flight import fly_balloons
from downwind.spread import two_piece_lognormal
from downwind.units import parse_quantity
from downwind.vehicle.fill import solve_fill
from downwind.vehicle.film import FilmTube
from downwind.vehicle.gas import HELIUM, HYDROGEN, Gas
from downwind.vehicle.heights import float_height_m
from tests.unit.sim.made_winds import DEG_M, make_balloon, make_items, miss_m, wind_grid

few = settings(max_examples=25, deadline=None)
longitudes = st.floats(-180.0, 179.99)
latitudes = st.floats(-88.0, 88.0)
heights = st.floats(1.0, 9_000.0)
speeds = st.floats(0.3, 35.0)
steps = st.sampled_from([20.0, 60.0, 200.0])
GLOBE = {"latitude": np.arange(-90.0, 91.0, 5.0), "longitude": np.arange(-180.0, 181.0, 5.0)}
CALM = wind_grid(height=np.arange(0.0, 26_001.0, 1_000.0), **GLOBE)
TUBE = FilmTube("6 x 2 m", 6.0, 2.0, 40e-6)


@few
@given(longitudes, latitudes, heights, speeds, st.floats(0.0, 0.6), steps)
def test_without_wind_nothing_drifts_and_the_fall_takes_its_integral(
    lon: float, lat: float, h: float, speed: float, exponent: float, step: float
) -> None:
    falls = drop_items(CALM, make_items(lon, lat, h, speed=speed, exponent=exponent), step)

    assert falls.on_ground[0]
    # cells of 5 degrees, told apart in 32 bits
    assert miss_m(falls.longitude[0], falls.latitude[0], lon, lat) < 0.05
    expected = float(atmosphere.fall_integral_m(h, exponent)) / speed
    assert falls.time_s[0] == pytest.approx(expected, rel=3e-5, abs=2e-3)


@few
@given(st.floats(-20.0, 20.0), st.floats(-20.0, 20.0), st.floats(-70.0, 70.0))
def test_a_float_comes_back_in_the_opposite_wind(u: float, v: float, lat: float) -> None:
    def made(sign: float):
        return wind_grid(
            lambda x, y, h, t: (sign * u + 0.0 * (x + y + h + t), sign * v),
            time=(0.0, 7_200.0),
            latitude=np.arange(-74.0, 75.0, 2.0),
            longitude=np.arange(-30.0, 31.0, 2.0),
        )

    out = drop_items(made(1.0), make_items(1.0, lat, 5e3, speed=0.0), 200.0)
    back = drop_items(made(-1.0), make_items(out.longitude, out.latitude, 5e3, speed=0.0), 200.0)

    # the wind is stored in float32, and the two are each other's exact opposites
    assert miss_m(back.longitude[0], back.latitude[0], 1.0, lat) < 1e-3


@few
@given(st.integers(-12, 12), st.floats(-1.0, 1.0), st.floats(200.0, 8_000.0), speeds)
def test_a_shift_of_longitude_shifts_the_landing(
    turns: int, lon: float, h: float, speed: float
) -> None:
    shift = 30.0 * turns
    lat = np.linspace(30.0, 50.0, 21)

    def made(offset: float):
        return wind_grid(
            lambda x, y, z, t: (
                10.0 + 2.0 * (x - offset) + 0.001 * z + 0.0 * t,
                5.0 - 0.5 * (y - 40.0) + 0.0 * z,
            ),
            latitude=lat,
            longitude=offset + np.linspace(-8.0, 8.0, 17),
        )

    plain = drop_items(made(0.0), make_items(lon, 40.0, h, speed=speed), 200.0)
    moved = drop_items(made(shift), make_items(lon + shift, 40.0, h, speed=speed), 200.0)

    assert plain.on_ground.tolist() == moved.on_ground.tolist()
    assert moved.latitude[0] == pytest.approx(plain.latitude[0], abs=1e-9)
    assert miss_m(moved.longitude[0] - shift, 40.0, plain.longitude[0], 40.0) < 1e-3


@few
@given(st.floats(-30.0, 30.0), st.floats(500.0, 4_000.0), st.floats(1.0, 35.0))
def test_twice_the_wind_is_twice_the_drift_on_the_equator(u: float, h: float, speed: float) -> None:
    ends = [
        drop_items(
            wind_grid(lambda x, y, z, t, k=k: (k * u + 0.0 * (x + y + z + t), 0.0)),
            make_items(height=h, speed=speed),
            200.0,
        ).longitude[0]
        for k in (1.0, 2.0)
    ]

    assert ends[1] * DEG_M == pytest.approx(2.0 * ends[0] * DEG_M, abs=1e-2)


@few
@given(st.floats(0.9, 1.0), st.floats(1.0, 8.0), st.floats(0.02, 0.3), st.floats(0.0, 1_500.0))
def test_the_lift_balance_closes(purity: float, load: float, fraction: float, site: float) -> None:
    fill = solve_fill(TUBE, HELIUM, purity, load, site, free_lift_kg=fraction * load)
    rho = float(atmosphere.density_kgm3(site))
    gas_kg = fill.volume_m3 * rho * (purity * 4.0026 + (1.0 - purity) * 28.9644) / 28.9644
    left = fill.volume_m3 * rho - gas_kg - TUBE.envelope_kg - load - fill.free_lift_kg

    assert abs(left) < 1e-9
    assert fill.gross_lift_kg == pytest.approx(fill.volume_m3 * rho - gas_kg, abs=1e-9)
    assert fill.full_height_m <= fill.float_height_m + 1e-3


@few
@given(st.floats(2.1, 12.0), st.floats(1.01, 1.5), st.floats(2.0, 5.0))
def test_a_denser_gas_never_floats_higher_with_the_same_mass(
    molar_mass: float, factor: float, load: float
) -> None:
    light, dense = Gas("light", molar_mass, 0.4), Gas("dense", molar_mass * factor, 0.4)

    assert float_height_m(TUBE, dense, 1.0, load) <= float_height_m(TUBE, light, 1.0, load)


@few
@given(st.floats(0.8, 1.0), st.floats(0.0, 3.0), st.floats(0.0, 7.0))
def test_more_load_never_floats_higher(purity: float, more: float, load: float) -> None:
    light = float_height_m(TUBE, HYDROGEN, purity, load)

    assert float_height_m(TUBE, HYDROGEN, purity, load + more) <= light + 1e-6


@settings(max_examples=12, deadline=None)
@given(
    st.floats(0.0, 0.05),
    st.sampled_from([0.0, 60.0, 300.0]),
    st.floats(-3.0, 15.0),
    st.sampled_from([10.0, 30.0, 60.0]),
)
def test_a_flight_never_gains_gas_or_passes_its_ceiling(
    leak: float, relaxation: float, superheat: float, step: float
) -> None:
    stops = tuple(np.arange(600.0, 14_401.0, 600.0))
    balloon = make_balloon(
        leak, relaxation_s=relaxation, superheat_k=superheat, drop=(0.0,) * len(stops), fire=stops
    )
    flights = fly_balloons(wind_grid(), balloon, step)
    acted = flights.released[0]
    gas, height = flights.release_gas_kg[0, acted], flights.release_height_m[0, acted]

    assert np.all(np.diff(gas) <= 1e-12)
    # the ceiling with gas as warm as it can be: 1 % of lift a 2.3 K is 80 m of height
    assert height.max() < 7_630.0 + 60.0 * max(superheat, 0.0)


@few
@given(st.integers(0, 2**63), st.integers(0, 10**6), st.integers(0, 10**4), st.integers(0, 10**9))
def test_a_number_is_found_alone_as_in_company(seed: int, d: int, b: int, i: int) -> None:
    draws = Draws(seed)
    alone = float(draws.uniform(Cause.ITEM_SPEED, d, b, i, "x"))
    among = draws.uniform(Cause.ITEM_SPEED, np.array([d + 1, d]), b, np.array([[i], [i + 1]]), "x")

    assert 0.0 < alone < 1.0
    assert among[0, 1] == alone


@few
@given(st.floats(-6.0, 6.0), st.floats(0.01, 100.0), st.floats(1.01, 5.0), st.floats(1.01, 5.0))
def test_two_piece_lognormal_rises_and_is_positive(
    z: float, median: float, below: float, above: float
) -> None:
    here, more = two_piece_lognormal([z, z + 0.1], median, median / below, median * above)

    assert 0.0 < here < more


@few
@given(st.lists(st.floats(0.0, 1.0), min_size=2, max_size=60))
def test_a_share_lies_between_its_draws_and_its_error_is_no_more_than_half_over_root(
    shares: list[float],
) -> None:
    share = estimate_share(np.array(shares))

    assert min(shares) - 1e-12 <= share.mean <= max(shares) + 1e-12
    assert share.standard_error <= 0.5 / np.sqrt(len(shares) - 1) + 1e-12


@few
@given(st.integers(1, 500), st.data())
def test_exact_intervals_hold_the_observed_rate(draws: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, draws))
    low, high = clopper_pearson(hits, draws)

    assert 0.0 <= low <= hits / draws <= high <= 1.0


@few
@given(st.floats(-1e6, 1e6, allow_nan=False), st.sampled_from(["m", "km", "ft", "um"]))
def test_a_length_means_the_same_with_and_without_a_space(value: float, unit: str) -> None:
    assert parse_quantity(f"{value!r} {unit}", "length") == parse_quantity(
        f"{value!r}{unit}", "length"
    )
