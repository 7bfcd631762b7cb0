"""Two engines on 10,000 random missions in real wind: how far apart they land, by fall speed.

Wind, ground and time axes are those of real files: two global forecasts held steady, with the
model's orography; an ensemble of ten members; hourly and 6-hourly reanalysis with nights missing.
The first engine is measured against the plain one with steps of 5 s.

With an error of the wind the two are measured at the same steps, since it is read once a step.
Where rounding breaks a tie between two lengths of a step, they read it at different places and go
apart. How many the law itself sends apart is seen by the plain engine from releases 0.2 m away.

``python -m tests.oracle.test_fast_against_plain [engine]`` prints the table for several steps, and
that with an error.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from scipy.interpolate import RegularGridInterpolator

from downwind.geo.sphere import distance_m
from downwind.sim.draws import Draws
from downwind.sim.drop import Falls, ItemArrays
from downwind.sim.wind_error import perturb_grid
from downwind.wind.grid import WindGrid, WindOptions, build_grid
from downwind.wind.perturbation import ErrorSize
from downwind.wind.sources import read_weather
from tests.oracle.test_reference_problem import lay_out, released
from tests.unit.sim.made_winds import ENGINES, drop

STEP_S = 200.0
FINE_S = 5.0
TOLERANCE_M = 4.0
NUDGE_DEG, NUDGE_M = 2e-6, 0.05
DRAWS = 20
ERROR = ErrorSize(
    np.array([0.0, 3_000.0, 9_000.0]), np.zeros(1), np.array([[1.9], [2.3], [3.1]]), 3.0, 0.05, 0.1,
    0.3,
)  # fmt: skip
"""Of a forecast 24 h old on a grid of 2.5 degrees."""
BANDS_MS = (0.4, 0.8, 1.5, 3.0, 6.0, 12.0, 30.0)
STEPS_S = (30.0, 60.0, 100.0, 200.0, 300.0)


class Weather(NamedTuple):
    """A file under ``data/grids``, what it needs to be flown in, and how many items fall in it."""

    file: str
    options: WindOptions
    count: int
    top_m: float = 8_000.0


WEATHER = (
    Weather("pygrib_gfs/gfs_2p5_2011100800_f072.grb2", WindOptions(steady_hours=24.0), 3_000),
    Weather(
        "pygrib_gfs/gfs.t12z.pgrbf120.2p5deg_2011011012.grib2",
        WindOptions(steady_hours=24.0),
        3_000,
    ),
    Weather(
        "rocketpy_era5/LASC2019_TATUI_reanalysis_ensemble.nc",
        WindOptions(surface="log", terrain_constant_m=600.0),
        2_000,
    ),
    Weather(
        "rocketpy_era5/euroc_2023_all_windows.nc",
        WindOptions(surface="log", terrain_constant_m=100.0, max_gap_hours=12.0),
        1_000,
    ),
    Weather(
        "rocketpy_era5/valetudo_weather_data_ERA5.nc",
        WindOptions(surface="log", terrain_constant_m=600.0),
        1_000,
        3_500.0,
    ),
)


@dataclass(frozen=True)
class Missions:
    """Grids, and what is dropped in each."""

    sets: list[tuple[WindGrid, ItemArrays]]

    @property
    def speed_ms(self) -> np.ndarray:
        """The slower of the two speeds of every item."""
        both = [np.minimum(items.low_speed_ms, items.high_speed_ms) for _, items in self.sets]
        return np.concatenate(both)

    def fly(self, engine: str, step: float) -> list[Falls]:
        return [drop(grid, items, step, engine) for grid, items in self.sets]

    def with_error(self) -> Missions:
        """The same in winds with errors of ``DRAWS`` draws."""
        sets = []
        for grid, items in self.sets:
            of_wind = np.arange(items.member.size) % (DRAWS // grid.base_count)
            draw = items.member + grid.base_count * of_wind
            sets.append((_perturb(grid), items._replace(member=draw)))
        return Missions(sets)

    def nudged(self) -> Missions:
        """The same from releases hardly away."""
        return Missions(
            [
                (
                    grid,
                    items._replace(
                        longitude=items.longitude + NUDGE_DEG,
                        height_m=items.height_m + NUDGE_M,
                    ),
                )
                for grid, items in self.sets
            ]
        )


def _perturb(grid: WindGrid) -> WindGrid:
    west, south, east, north = grid.box
    at = 0.5 * (west + east), 0.5 * (south + north)
    return perturb_grid(grid, ERROR, Draws(1), DRAWS, *at)


def draw_missions(grid: WindGrid, count: int, top_m: float, seed: int) -> ItemArrays:
    """Draw releases in the box and the hours of the data, 200 m to 8 km above the ground."""
    rng = np.random.default_rng(seed)
    west, south, east, north = grid.box
    lon = rng.uniform(west, east, count)
    sines = np.sin(np.radians([south, north]))
    lat = np.degrees(np.arcsin(rng.uniform(*sines, count)))
    a = grid.arrays
    rows = np.linspace(south, north, a.terrain_m.shape[0])
    columns = np.linspace(west, east, a.terrain_m.shape[1])
    ground = RegularGridInterpolator((rows, columns), a.terrain_m.astype(np.float64))((lat, lon))
    slow, fast = np.exp(rng.uniform(np.log(BANDS_MS[0]), np.log(BANDS_MS[-1]), (2, count)))
    # a quarter has two modes, with speeds up to a factor of 2 apart
    two = rng.random(count) < 0.25
    fast = np.where(two, np.clip(slow * np.exp2(rng.uniform(0, 1, count)), None, 30.0), slow)
    height = ground + rng.uniform(200.0, top_m, count)
    return ItemArrays(
        member=rng.integers(0, grid.member_count, count),
        longitude=lon,
        latitude=lat,
        height_m=height,
        time_s=rng.uniform(grid.start_s, grid.end_s, count),
        bundle_speed_ms=rng.uniform(10.0, 40.0, count),
        opening_s=np.where(rng.random(count) < 0.25, rng.uniform(0.0, 30.0, count), 0.0),
        low_speed_ms=slow,
        high_speed_ms=fast,
        exponent=rng.uniform(0.3, 0.5, count),
        switch_m=np.where(two, ground + rng.uniform(0.0, 1.0, count) * (height - ground), -np.inf),
    )


def read_missions(shared: Path) -> Missions:
    sets = []
    for seed, (file, options, count, top_m) in enumerate(WEATHER):
        grid = build_grid(read_weather([shared / "data" / "grids" / file]), options)
        sets.append((grid, draw_missions(grid, count, top_m, seed)))
    return Missions(sets)


class Band(NamedTuple):
    """How far apart landings of one band of fall speeds are."""

    low_ms: float
    high_ms: float
    landed: int
    median_m: float
    most_m: float  # 99.9 %
    max_m: float


def compare(missions: Missions, ours: list[Falls], truth: list[Falls]) -> list[Band]:
    """Return the distances of landings that both reach, by band of fall speed."""
    miss = np.concatenate(
        [
            distance_m(a.longitude, a.latitude, b.longitude, b.latitude)
            for a, b in zip(ours, truth, strict=True)
        ]
    )
    landed = on_ground(ours) & on_ground(truth)
    speed = missions.speed_ms
    bands = []
    for low, high in pairwise(BANDS_MS):
        d = miss[landed & (speed >= low) & (speed < high)]
        bands.append(Band(low, high, d.size, *np.quantile(d, [0.5, 0.999, 1.0])))
    return bands


class Apart(NamedTuple):
    """How far apart the landings of two runs are."""

    landed: int
    ends_differ: int
    median_m: float
    most_m: float  # 99 %
    max_m: float
    beyond: int  # the tolerance

    def __str__(self) -> str:
        return (
            f"{self.landed} land, {self.ends_differ} end otherwise; median {self.median_m:.3f} m, "
            f"99 % {self.most_m:.2f} m, greatest {self.max_m:.1f} m, {self.beyond} beyond "
            f"{TOLERANCE_M:g} m"
        )


def measure_apart(ours: list[Falls], others: list[Falls]) -> Apart:
    landed = on_ground(ours) & on_ground(others)
    miss = np.concatenate(
        [
            distance_m(a.longitude, a.latitude, b.longitude, b.latitude)
            for a, b in zip(ours, others, strict=True)
        ]
    )[landed]
    differ = int(np.sum(on_ground(ours) != on_ground(others)))
    beyond = int(np.sum(miss > TOLERANCE_M))
    return Apart(miss.size, differ, *np.quantile(miss, [0.5, 0.99, 1.0]), beyond)


def on_ground(falls: list[Falls]) -> np.ndarray:
    return np.concatenate([f.on_ground for f in falls])


def write_table(bands: list[Band]) -> str:
    lines = [f"{'fall m/s':>12} {'landed':>7} {'median m':>9} {'99.9 % m':>9} {'max m':>9}"]
    lines += [
        f"{b.low_ms:5.1f} - {b.high_ms:4.1f} {b.landed:7d} {b.median_m:9.3f} {b.most_m:9.3f} "
        f"{b.max_m:9.3f}"
        for b in bands
    ]
    return "\n".join(lines)


@pytest.fixture(scope="module")
def missions(shared: Path) -> Missions:
    return read_missions(shared)


@pytest.fixture(scope="module")
def truth(missions: Missions) -> list[Falls]:
    return missions.fly("plain", FINE_S)


def test_the_missions_are_10_000_and_try_every_speed_and_both_ends(
    missions: Missions, truth: list[Falls]
) -> None:
    items = [items for _, items in missions.sets]
    assert sum(x.longitude.size for x in items) == 10_000
    assert min(b.landed for b in compare(missions, truth, truth)) > 500
    assert 0.05 < 1.0 - np.mean(on_ground(truth)) < 0.5
    assert all(np.unique(x.opening_s).size > 100 for x in items)
    assert all(np.isfinite(x.switch_m).sum() > 100 for x in items)


@pytest.mark.parametrize("engine", ENGINES)
def test_every_landing_is_that_of_the_plain_engine_in_fine_steps(
    missions: Missions, truth: list[Falls], engine: str
) -> None:
    falls = missions.fly(engine, STEP_S)
    bands = compare(missions, falls, truth)
    table = write_table(bands)

    print(f"\n{engine} at {STEP_S:g} s against plain at {FINE_S:g} s\n{table}")
    assert np.array_equal(on_ground(falls), on_ground(truth))
    assert max(b.max_m for b in bands) <= TOLERANCE_M, table


def test_with_an_error_of_the_wind_the_kernels_go_apart_no_more_than_the_law_itself(
    missions: Missions,
) -> None:
    erring = missions.with_error()
    plain = erring.fly("plain", STEP_S)
    kernels = measure_apart(erring.fly("fast", STEP_S), plain)
    law = measure_apart(erring.nudged().fly("plain", STEP_S), plain)
    moved = measure_apart(missions.fly("fast", STEP_S), plain)

    print(f"\nfast against plain: {kernels}\nreleases 0.2 m away: {law}\nby the error: {moved}")
    assert kernels.landed > 6_000
    assert moved.median_m > 1_000.0
    assert kernels.median_m < 0.1
    assert kernels.most_m < TOLERANCE_M
    assert kernels.beyond < min(law.beyond, 0.003 * kernels.landed)
    assert kernels.ends_differ <= 5


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("step", [30.0, 100.0, 200.0, 1_000.0])
def test_every_landing_of_the_reference_problem_is_that_of_an_eighth_order_solver(
    shared: Path, step: float, engine: str
) -> None:
    reference = dict(np.load(shared / "conformance" / "engine" / "ref1000.npz"))
    falls = drop(lay_out(shared), released(reference), step, engine)
    n = reference["lon_dop"].size
    misses = distance_m(
        falls.longitude[:n], falls.latitude[:n], reference["lon_dop"], reference["lat_dop"]
    )

    assert falls.on_ground.all()
    assert misses.max() <= TOLERANCE_M


if __name__ == "__main__":
    everything = read_missions(Path(os.environ["DOWNWIND_SHARED"]))
    fine = everything.fly("plain", FINE_S)
    name = sys.argv[1] if len(sys.argv) > 1 else "plain"
    for step_s in STEPS_S:
        coarse = everything.fly(name, step_s)
        differ = int(np.sum(on_ground(coarse) != on_ground(fine)))
        print(f"{name} at {step_s:g} s against plain at {FINE_S:g} s; {differ} end otherwise")
        print(write_table(compare(everything, coarse, fine)), end="\n\n")
    erring_ones = everything.with_error()
    for step_s in STEPS_S:
        plain = erring_ones.fly("plain", step_s)
        print(f"with an error, {step_s:g} s: fast against plain:")
        print(f"  {measure_apart(erring_ones.fly('fast', step_s), plain)}")
        print("plain from releases 0.2 m away:")
        print(f"  {measure_apart(erring_ones.nudged().fly('plain', step_s), plain)}")
