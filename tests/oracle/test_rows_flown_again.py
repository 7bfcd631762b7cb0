"""The cloud against an independent flight of its rows, and against independent fall laws.

First truth: SciPy's DOP853 in the closed form of the synthetic wind, with the recipe and the
columns of cloud.parquet alone. Second truth: the fall laws written afresh in plain NumPy, with
random numbers of their own and the fall times in closed form.
"""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

from downwind.io.cloud import write_cloud
from downwind.load.items import CATALOGUE, ItemKind, bundle_speed_ms
from downwind.plan.fleet import draw_falls, draw_opening_s
from downwind.plan.mission import Mission
from downwind.plan.mission_file import parse_mission
from downwind.plan.solve import fly_mission
from downwind.service.demonstration import demonstration_wind
from downwind.sim.draws import Draws
from downwind.sim.drop import ItemArrays, drop_items
from downwind.wind.grid import WindGrid, build_grid
from tests.small_mission import SMALL

ROWS = 200
TOLERANCE_M = 5.0
DRAWS = 200
QUANTILES = (0.5, 0.05, 0.95)

# the ICAO standard troposphere, in geopotential height
T0_K, LAPSE_KM = 288.15, 0.0065
DENSITY_POWER = 9.80665 / (287.05287 * LAPSE_KM) - 1.0
TROPOPAUSE_M = 11_000.0


@pytest.fixture(scope="module")
def grid_and_mission() -> tuple[WindGrid, Mission]:
    table: dict[str, Any] = copy.deepcopy(SMALL)
    table["mission"]["draws"] = DRAWS
    table["turbulence"] = {"air": "still"}
    mission = parse_mission(table)
    cube = demonstration_wind().to_cube((110.0, 28.0, 150.0, 50.0), 2.0, 3 * 3600.0)
    return build_grid(cube, mission.wind), mission


@pytest.fixture(scope="module")
def cloud(
    grid_and_mission: tuple[WindGrid, Mission], tmp_path_factory: pytest.TempPathFactory
) -> pa.Table:
    grid, mission = grid_and_mission
    path: Path = tmp_path_factory.mktemp("cloud") / "cloud.parquet"
    write_cloud(fly_mission(mission, grid), path)
    return pq.read_table(path)


# --- first truth: each row flown again ------------------------------------------------------------


def thinning(h_m: float) -> float:
    """Return rho0 / rho."""
    return float((1.0 - LAPSE_KM / T0_K * h_m) ** -DENSITY_POWER)


def height_of_thinning(ratio: float) -> float:
    return T0_K / LAPSE_KM * (1.0 - ratio ** (-1.0 / DENSITY_POWER))


def no_error(
    longitude: float, latitude: float, height_m: float, time_s: float
) -> tuple[float, ...]:
    return 0.0, 0.0, 0.0


def fly_row(
    row: dict[str, Any],
    about: dict[str, Any],
    error: Callable[[float, float, float, float], tuple[float, ...]] = no_error,
    tolerance: float = 1e-9,
) -> tuple[float, float, float]:
    """Return longitude, latitude and time of the landing of one row of the cloud."""
    wind = demonstration_wind()
    radius, geo_radius = about["earth_radius_m"], about["geopotential_radius_m"]
    j0 = about["items"][row["item"]]["autorotation_j0"]
    z = row["release_altitude_m"]
    low_ms, high_ms = row["fall_speed_ms"]
    switch = -math.inf
    if row["mode_threshold"] is not None:
        # J0 sqrt(rho0 / rho) = threshold
        switch = height_of_thinning((row["mode_threshold"] / j0) ** 2)
    t = row["release_time"].timestamp()
    opens = math.inf if row["outcome"] == "unopened" else t + row["opening_delay_s"]
    state = np.array(
        [row["release_longitude"], row["release_latitude"], geo_radius * z / (geo_radius + z)]
    )
    assert state[2] < TROPOPAUSE_M
    is_open = t >= opens
    while True:
        height = float(state[2])
        # modes differ only once open; a knot just reached is behind
        knots = wind.height_m[wind.height_m < height - 1e-6]
        stops = [float(knots.max()) if knots.size else 0.0, 0.0]
        if is_open and switch < height - 1e-6:
            stops.append(switch)
            v0, n = high_ms, row["density_exponent"]
        elif is_open:
            v0, n = low_ms, row["density_exponent"]
        else:
            v0, n = row["bundle_speed_ms"], 0.5
        stop = max(stops)
        later = wind.time_s[wind.time_s > t + 1e-6]
        end = min(float(later[0]), math.inf if is_open else opens)

        def rates(at: float, y: NDArray[np.float64], v0: float = v0, n: float = n) -> list[float]:
            u, v = wind.wind_ms(y[0], y[1], y[2], at)
            du, dv, up = error(y[0], y[1], y[2], at)
            east = (float(u) + du) / (radius * math.cos(math.radians(y[1])))
            north = (float(v) + dv) / radius
            return [math.degrees(east), math.degrees(north), up - v0 * thinning(y[2]) ** n]

        def reach(at: float, y: NDArray[np.float64], stop: float = stop) -> float:
            return float(y[2]) - stop

        reach.terminal = True  # type: ignore[attr-defined]
        found = solve_ivp(
            rates,
            (0.0 + t, end),
            state,
            method="DOP853",
            rtol=tolerance,
            atol=tolerance,
            events=reach,
            max_step=100.0,  # the step that crosses a knot, where the wind bends, stays short
        )
        assert found.success
        t, state = float(found.t[-1]), found.y[:, -1]
        if found.status == 1:
            state[2] = stop
            if stop == 0.0:
                return float(state[0]), float(state[1]), t
        elif end == opens:
            is_open = True


def test_rows_flown_again_by_another_integrator_land_in_the_same_place(cloud: pa.Table) -> None:
    about = json.loads(cloud.schema.metadata[b"downwind"])
    outcome = np.array(cloud["outcome"].cast("string").to_pylist())
    flown = np.flatnonzero(np.isin(outcome, ["landed", "sea", "unopened"]))
    kinds = np.array(cloud["item"].cast("string").to_pylist())[flown]
    rng = np.random.default_rng(1)
    chosen = np.concatenate(
        [rng.choice(flown[kinds == name], ROWS // 2, replace=False) for name in np.unique(kinds)]
    )
    assert chosen.size == ROWS
    misses, delays = [], []
    for row in cloud.take(chosen).to_pylist():
        longitude, latitude, time_s = fly_row(row, about)
        east = math.radians(longitude - row["longitude"]) * math.cos(math.radians(latitude))
        north = math.radians(latitude - row["latitude"])
        misses.append(about["earth_radius_m"] * math.hypot(east, north))
        delays.append(abs(time_s - row["landing_time"].timestamp()))
    print(f"\n{ROWS} rows flown again: {max(misses):.4f} m, {max(delays):.5f} s at most")
    assert max(misses) < TOLERANCE_M
    assert max(delays) < 0.1


# --- second truth: the fall laws, written afresh --------------------------------------------------


def integrate_thinning(h_m: NDArray[np.float64], n: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the integral of (rho/rho0)^n from the sea to H, in closed form."""
    slope, power = LAPSE_KM / T0_K, DENSITY_POWER * n + 1.0
    return (1.0 - (1.0 - slope * h_m) ** power) / (slope * power)


def invert_half(total: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the height whose integral with n = 1/2 is ``total``."""
    slope, power = LAPSE_KM / T0_K, 0.5 * DENSITY_POWER + 1.0
    return (1.0 - (1.0 - slope * power * total) ** (1.0 / power)) / slope


def draw_by_three_points(
    rng: np.random.Generator, size: int, median: float, low: float, high: float
) -> NDArray[np.float64]:
    """Return lognormal numbers, one width below the median and one above."""
    z = rng.standard_normal(size)
    return median * np.where(
        z < 0.0, (low / median) ** (-z / 1.6448536), (high / median) ** (z / 1.6448536)
    )


def fall_ratios(
    rng: np.random.Generator, name: str, height_m: NDArray[np.float64], bundle_ms: float, draws: int
) -> NDArray[np.float64]:
    """Return fall time / I(release height), shape (draws, items), for heights of that shape.

    One draw shares the opening delay, the biases and the density exponent.
    """
    shape = (draws, 1)
    opening = draw_by_three_points(rng, draws, 10.0, 2.0, 30.0).reshape(shape)
    own = rng.standard_normal(height_m.shape)
    if name == "dvd":
        drag = draw_by_three_points(rng, draws, 1.0, 0.75, 1.35).reshape(shape)
        area = math.pi / 4.0 * 0.120**2
        low = np.sqrt(2.0 * 0.0155 * 9.80665 / (1.225 * drag * area)) * np.exp(0.05 * own)
        high, n, switch = low, np.full(shape, 0.5), np.full(height_m.shape, 50_000.0)
    else:
        sigma, long_m, short_m = 0.045, 0.12, 0.05
        v_ref = math.sqrt(2.0 * sigma * 9.80665 / 1.225)
        froude = math.sqrt(sigma / (1.225 * short_m))
        aspect = long_m / short_m
        j0 = froude * math.sqrt(aspect)
        other = v_ref * math.exp(-0.351 + 0.506 * math.log(aspect) - 0.283 * math.log(froude))
        low = other * np.exp(0.13 * rng.standard_normal(shape) + 0.10 * own)
        high = 0.538 * v_ref * np.exp(0.18 * rng.standard_normal(shape) + 0.10 * own)
        n = rng.uniform(0.3, 0.5, shape)
        u = rng.uniform(size=height_m.shape)
        threshold = 1.24 + 0.035 * np.log(u / (1.0 - u))
        slope = LAPSE_KM / T0_K
        switch = (1.0 - (threshold / j0) ** (-2.0 / DENSITY_POWER)) / slope
    half = np.full((1, 1), 0.5)
    whole = integrate_thinning(height_m, half)
    # released so low that the bundle is down before it opens
    is_down = whole <= bundle_ms * opening
    opened = invert_half(np.maximum(whole - bundle_ms * opening, 0.0))
    between = np.clip(switch, 0.0, opened)
    spinning = integrate_thinning(opened, n) - integrate_thinning(between, n)
    seconds = opening + spinning / high + integrate_thinning(between, n) / low
    found: NDArray[np.float64] = np.where(is_down, whole / bundle_ms, seconds) / whole
    return found


def find_quantiles(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.quantile(values, QUANTILES)


@pytest.mark.parametrize(("name", "count"), [("dvd", 434), ("leaflet-film-12x5", 20_000)])
def test_fall_times_of_many_draws_agree_with_laws_written_afresh(
    grid_and_mission: tuple[WindGrid, Mission], name: str, count: int
) -> None:
    """30,000 draws of 8 items leave a sampling error of some 0.2 %; the tolerance is 1 %."""
    grid, mission = grid_and_mission
    draws, items, height_m = 30_000, 8, 4_500.0
    kind: ItemKind = CATALOGUE[name]
    rng = np.random.default_rng(2)
    draw = np.repeat(np.arange(draws), items)
    source = Draws(123)
    columns = draw_falls(
        source, kind, draw, rng.standard_normal(draw.size), rng.uniform(size=draw.size)
    )
    bundle = bundle_speed_ms(count * kind.mass_kg)
    one = np.ones(draw.size)
    start_s = mission.launch_times_s[0] + 0.0
    falls = drop_items(
        grid,
        ItemArrays(
            member=np.zeros(1, np.int64),
            longitude=128.0 * one,
            latitude=39.0 * one,
            height_m=height_m * one,
            time_s=start_s * one,
            bundle_speed_ms=bundle * one[:1],
            opening_s=draw_opening_s(mission, source, kind, draw),
            low_speed_ms=columns.low_speed_ms,
            high_speed_ms=columns.high_speed_ms,
            exponent=columns.exponent,
            switch_m=columns.switch_m,
        ),
        300.0,
    )
    assert falls.on_ground.all()
    whole = float(integrate_thinning(np.array(height_m), np.array(0.5)))
    ours = find_quantiles((falls.time_s - start_s) / whole)
    heights = np.full((draws, items), height_m)
    theirs = find_quantiles(fall_ratios(np.random.default_rng(3), name, heights, bundle, draws))
    off = ours / theirs - 1.0
    print(f"\n{name}, {draws} draws: median, 5, 95 % off by", np.round(100.0 * off, 2), "%")
    assert np.abs(off).max() < 0.01


@pytest.mark.parametrize(("name", "count"), [("dvd", 434), ("leaflet-film-12x5", 20_000)])
def test_fall_times_of_a_cloud_lie_where_as_many_draws_may_put_them(
    cloud: pa.Table, name: str, count: int
) -> None:
    """Two hundred draws sample the shared biases: the limit is four standard deviations of that.

    The spread is that of 200 clouds made by the independent laws with as many draws and with the
    release heights of the cloud.
    """
    about = json.loads(cloud.schema.metadata[b"downwind"])
    kinds = np.array(cloud["item"].cast("string").to_pylist())
    outcome = np.array(cloud["outcome"].cast("string").to_pylist())
    rows = cloud.filter(pa.array((kinds == name) & np.isin(outcome, ["landed", "sea"])))
    z = rows["release_altitude_m"].to_numpy()
    radius = about["geopotential_radius_m"]
    height = radius * z / (radius + z)
    seconds = 1e-6 * (
        rows["landing_time"].cast("int64").to_numpy()
        - rows["release_time"].cast("int64").to_numpy()
    )
    whole = integrate_thinning(height, np.array(0.5))
    ours = find_quantiles(seconds / whole)
    bundle = bundle_speed_ms(count * CATALOGUE[name].mass_kg)
    rng = np.random.default_rng(4)
    found = np.array(
        [
            find_quantiles(fall_ratios(rng, name, rng.choice(height, (DRAWS, 40)), bundle, DRAWS))
            for _ in range(200)
        ]
    )
    expected, spread = found.mean(axis=0), found.std(axis=0, ddof=1)
    off = ours / expected - 1.0
    print(
        f"\n{name}, {DRAWS} draws: median, 5, 95 % off by", np.round(100.0 * off, 2),
        "%, of which sampling has a standard deviation of", np.round(100.0 * spread / expected, 2),
    )  # fmt: skip
    assert (np.abs(ours - expected) < 4.0 * spread).all()
    assert np.abs(off).max() < 0.10
