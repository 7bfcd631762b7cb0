"""A real canopy's drift in ERA5 beside its satellite fixes, as `benchmarks.evidence` reports it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.evidence import halcyon
from benchmarks.evidence.halcyon import CHOSEN, Drift, Flight
from downwind.errors import SurfaceWindError, TerrainError
from downwind.sim.profile import VerticalLaw
from downwind.wind.grid import WindOptions, build_grid


@pytest.fixture(scope="module")
def drifts(shared: Path) -> tuple[Drift, ...]:
    return halcyon.examine(shared)


def test_given_heights_when_made_stages_then_each_interval_has_its_mean_rate() -> None:
    stages = halcyon.make_stages(
        np.array([40.0, 50.0, 70.0]), np.array([3_000.0, 2_940.0, 2_840.0]), 1_000.0
    )

    assert [s.law for s in stages] == [VerticalLaw.TRACK] * 2
    assert [s.rate_ms for s in stages] == [-6.0, -5.0]
    assert [s.limit for s in stages] == [1_050.0, 1_070.0]


def test_given_the_records_when_read_then_they_are_those_described(shared: Path) -> None:
    flight = halcyon.read_flight(shared)

    assert isinstance(flight, Flight)
    assert flight.find_fix(halcyon.START_S)[0] == pytest.approx(40.51)
    assert flight.find_fix(halcyon.END_S)[0] == pytest.approx(609.11)
    assert flight.height_m.max() == pytest.approx(3_470.8, abs=0.1)
    assert np.interp(609.11, flight.height_s, flight.height_m) == pytest.approx(611.0, abs=0.5)
    assert halcyon.measure_from_pad(flight) == pytest.approx(7_675.0, abs=5.0)


def test_given_the_chosen_options_when_flown_then_the_end_is_within_1500_m_of_the_fix(
    drifts: tuple[Drift, ...],
) -> None:
    chosen = drifts[0]

    assert chosen.choice == CHOSEN
    assert chosen.measured_m == pytest.approx(7_241.0, abs=5.0)
    assert chosen.miss_m <= 1_500.0
    assert chosen.miss_m == pytest.approx(1_117.0, abs=20.0)
    assert np.hypot(chosen.along_m, chosen.across_m) == pytest.approx(chosen.miss_m)
    # the height at the end is measured, not flown
    assert chosen.end_height_m == pytest.approx(611.0 + 130.0, abs=0.5)


def test_given_any_other_choice_when_flown_then_the_end_is_within_1500_m_too(
    drifts: tuple[Drift, ...],
) -> None:
    assert len(drifts) == 1 + len(halcyon.ALTERNATIVES)
    assert max(d.miss_m for d in drifts) <= 1_500.0
    # the choices are not without effect
    assert len({round(d.miss_m) for d in drifts}) >= 12


def test_given_the_hour_of_the_flight_card_when_flown_then_it_is_within_1500_m(
    drifts: tuple[Drift, ...],
) -> None:
    drift = next(d for d in drifts if d.choice.launch == "2023-10-13T13:00Z")

    assert drift.miss_m == pytest.approx(1_135.0, abs=20.0)


def test_given_no_wind_when_flown_then_the_whole_drift_is_missed(shared: Path) -> None:
    flight, cube = halcyon.read_flight(shared), halcyon.read_wind(shared)
    still = cube.dataset.copy()
    for name in ("eastward_wind", "northward_wind"):
        still[name] = xr_zeros(still[name])
    drift = halcyon.fly_drift(flight, replace(cube, dataset=still))

    assert drift.flown_m == pytest.approx(0.0, abs=1e-3)
    assert drift.miss_m == pytest.approx(drift.measured_m, abs=1e-3)
    assert drift.along_m == pytest.approx(-drift.measured_m, rel=1e-6)


def test_given_a_night_without_data_when_flown_then_it_is_refused(shared: Path) -> None:
    flight, cube = halcyon.read_flight(shared), halcyon.read_wind(shared)

    with pytest.raises(RuntimeError, match="LEFT_DATA"):
        halcyon.fly_drift(flight, cube, replace(CHOSEN, launch="2023-10-13T02:00Z"))


def test_given_the_file_when_laid_out_without_options_then_what_it_lacks_is_named(
    shared: Path,
) -> None:
    cube = halcyon.read_wind(shared)

    with pytest.raises(TerrainError, match="no orography"):
        build_grid(cube, WindOptions(surface="log"))
    with pytest.raises(SurfaceWindError, match="above the ground"):
        build_grid(cube, WindOptions(terrain_constant_m=130.0))
    grid = halcyon.lay_out_wind(cube, CHOSEN, -8.28, 39.39)
    assert len(grid.bridges) == 2
    assert [end - start for start, end in grid.holes] == [14 * 3_600.0] * 3


def xr_zeros(values):  # type: ignore[no-untyped-def]
    return (values * 0.0).assign_attrs(values.attrs)
