"""Measured falls of dropsondes beside the fall law, as `benchmarks.evidence` reports them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.evidence import dropsondes
from benchmarks.evidence.dropsondes import Air, Report, Sonde, cross_validate, did_fall
from downwind import atmosphere
from downwind.constants import RHO0

NEVER_FELL = "20240811_173838"
FASTEST = "20240818_143614"


def make_sonde(speed_ms: float, exponent: float, top_m: float = 12_000.0) -> Sonde:
    """Return a fall by the law through the standard atmosphere, recorded at even heights."""
    height = np.linspace(top_m, 0.0, 3_001)
    way = atmosphere.fall_integral_m(height, exponent)
    kelvin = atmosphere.temperature_k(height)
    return Sonde(
        f"{speed_ms:g}",
        np.asarray((way[0] - way) / speed_ms),
        height,
        atmosphere.pressure_pa(height),
        kelvin,
        kelvin,
        top_m,
        0.0,
    )


@pytest.fixture(scope="module")
def found(shared: Path) -> Report:
    return dropsondes.examine(shared)


@pytest.mark.parametrize("air", Air)
@pytest.mark.parametrize(("speed_ms", "exponent"), [(10.0, 0.5), (7.0, 0.5)])
def test_given_a_fall_by_the_law_when_measured_then_its_speed_and_exponent_come_back(
    air: Air, speed_ms: float, exponent: float
) -> None:
    fall = dropsondes.measure_fall(make_sonde(speed_ms, exponent), air)

    assert fall.speed_ms == pytest.approx(speed_ms, rel=1e-6)
    assert fall.exponent == pytest.approx(exponent, abs=1e-3)
    assert fall.half_error == pytest.approx(0.0, abs=1e-4)


def test_given_another_exponent_when_measured_then_it_is_found_and_the_halves_disagree() -> None:
    fall = dropsondes.measure_fall(make_sonde(10.0, 0.3), Air.DRY)

    assert fall.exponent == pytest.approx(0.3, abs=1e-3)
    # the upper half seems slow by the law of 1/2, so that the lower half seems fast
    assert fall.half_error > 0.1


def test_given_sondes_of_two_speeds_when_split_then_errors_are_those_of_the_closed_form() -> None:
    falls = [dropsondes.measure_fall(make_sonde(v, 0.5), Air.DRY) for v in (10.0, 10.0, 11.0)]
    splits = cross_validate(falls, trained=2)

    assert [s.fitted_on for s in splits] == [("10", "10"), ("10", "11"), ("10", "11")]
    assert splits[0].errors == pytest.approx([0.1], rel=1e-6)
    # nearly equal ways, so that the fitted speed is the harmonic mean
    assert splits[1].errors == pytest.approx([(1.0 + 10.0 / 11.0) / 2.0 - 1.0], abs=1e-3)


@pytest.mark.parametrize("change", ["cabin", "level", "upward", "single"])
def test_given_no_fall_when_recognised_then_it_did_not_and_measuring_says_so(change: str) -> None:
    sonde = make_sonde(10.0, 0.5)
    changed = {
        # an aircraft comes down from a cabin height of 1,500 m within half an hour
        "cabin": replace(
            sonde,
            pressure_pa=np.linspace(84_200.0, 101_300.0, sonde.time_s.size),
            time_s=np.linspace(0.0, 1_800.0, sonde.time_s.size),
        ),
        "level": replace(sonde, pressure_pa=np.full(sonde.time_s.size, 84_200.0)),
        "upward": replace(sonde, pressure_pa=sonde.pressure_pa[::-1]),
        "single": replace(sonde, time_s=sonde.time_s[:1], pressure_pa=sonde.pressure_pa[:1]),
    }[change]

    assert did_fall(sonde)
    assert not did_fall(changed)
    with pytest.raises(ValueError, match="did not fall"):
        dropsondes.measure_fall(changed, Air.DRY)


def test_given_the_eight_sondes_when_recognised_then_one_never_fell(found: Report) -> None:
    assert len(found.sondes) == 8
    assert [s.name for s in found.sondes if not did_fall(s)] == [NEVER_FELL]
    for sonde in found.sondes:
        # the satellite receiver is not part of the criterion
        assert did_fall(sonde) == (sonde.gps_first_m - sonde.gps_last_m > 9_000.0)


@pytest.mark.parametrize(
    ("air", "slowest_ms", "fastest_ms"),
    [(Air.DRY, 10.09, 10.73), (Air.MOIST, 10.07, 10.72), (Air.STANDARD, 10.14, 10.80)],
)
def test_given_real_falls_when_measured_then_speeds_at_sea_level_are_alike(
    found: Report, air: Air, slowest_ms: float, fastest_ms: float
) -> None:
    speeds = [f.speed_ms for f in found.falls[air]]

    assert len(speeds) == 7
    assert min(speeds) == pytest.approx(slowest_ms, abs=0.01)
    assert max(speeds) == pytest.approx(fastest_ms, abs=0.01)


@pytest.mark.parametrize(("air", "exponent"), [(Air.DRY, 0.5), (Air.MOIST, 0.5)])
def test_given_real_falls_in_measured_air_when_fitted_then_the_exponent_is_a_half(
    found: Report, air: Air, exponent: float
) -> None:
    mean, error = dropsondes.summarise_exponent(found.falls[air])

    assert error < 0.02
    assert abs(mean - exponent) < error


def test_given_real_falls_when_foretold_from_four_then_errors_are_those_reported(
    found: Report,
) -> None:
    for air in Air:
        splits = found.splits[air]
        summary = dropsondes.summarise(splits)
        assert summary["choices"] == 35
        assert summary["median_single"] < 0.015
        assert summary["median_of_worst"] < 0.028
        assert 0.05 < summary["worst"] < 0.061


def test_given_real_falls_when_foretold_then_only_one_sonde_is_ever_missed_by_over_5_percent(
    found: Report,
) -> None:
    for air in Air:
        for split in found.splits[air]:
            left_out = [f.name for f in found.falls[air] if f.name not in split.fitted_on]
            missed = [n for n, e in zip(left_out, split.errors, strict=True) if abs(e) > 0.05]
            assert set(missed) <= {FASTEST}
            if FASTEST in split.fitted_on:
                assert split.worst <= 0.05


def test_given_the_density_of_the_sea_when_asked_for_then_speeds_are_at_it(found: Report) -> None:
    sonde = next(s for s in found.sondes if did_fall(s))

    assert sonde.density_kgm3(Air.STANDARD)[-1] == pytest.approx(RHO0, rel=1e-3)
    # warm and moist air over a tropical sea is thinner than the standard
    assert sonde.density_kgm3(Air.MOIST)[-1] < sonde.density_kgm3(Air.DRY)[-1] < RHO0
