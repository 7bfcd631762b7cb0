"""Flights as Tawhiri flies them against flights, winds and answers that Tawhiri itself made.

``synthetic_region.npz`` is the data it ran on. Where the peer goes on below its lowest level, the
wind of that level is held: the observed cost of that stands beside the bound of what is the same.
"""

from __future__ import annotations

import json
import math
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from downwind.atmosphere import geopotential_height
from downwind.sim.profile import (
    ProfileArrays,
    Profiles,
    Stage,
    StageStop,
    VerticalLaw,
    fly_profiles,
    make_profiles,
    vertical_rate_ms,
)
from downwind.sim.profile.tawhiri import (
    BelowLevels,
    LevelGrid,
    degree_rates,
    fly_as_tawhiri,
    level_grid_of,
    make_level_grid,
    wind_as_tawhiri,
)
from downwind.wind.cube import WindCube
from downwind.wind.grid import WindGrid, WindOptions, build_grid
from downwind.wind.grid_arrays import make_grid_arrays
from downwind.wind.sources import read_weather
from tests.unit.sim.made_winds import miss_m

DATASET_S = 1_795_305_600.0  # 2026-11-22T00Z
ENDS = ("burst", "landing")


@pytest.fixture(scope="module")
def folder(shared: Path) -> Path:
    return shared / "conformance" / "tawhiri"


@pytest.fixture(scope="module")
def region(folder: Path) -> dict[str, np.ndarray]:
    return dict(np.load(folder / "synthetic_region.npz"))


def lay_out(region: dict[str, np.ndarray], below: BelowLevels = BelowLevels.HOLD) -> LevelGrid:
    times = DATASET_S + 3_600.0 * region["hours"]
    return make_level_grid(region["data"], times, region["lat"], region["lng"], below=below)


@pytest.fixture(scope="module")
def levels(region: dict[str, np.ndarray]) -> LevelGrid:
    return lay_out(region)


@pytest.fixture(scope="module")
def cube(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> WindCube:
    """The region as the reader of Tawhiri regions reads it, under the name of its run."""
    link = tmp_path_factory.mktemp("region") / "2026112200.npz"
    link.symlink_to(folder / "synthetic_region.npz")
    return read_weather([link])


@pytest.fixture(scope="module")
def cases(folder: Path) -> list[dict]:
    return json.loads((folder / "standard_20.json").read_text())["cases"]


def standard(launch: dict, burst: object, down: object, up: object) -> ProfileArrays:
    return make_profiles(
        launch["lng"],
        launch["lat"],
        launch["alt"],
        launch["t"],
        [
            Stage(VerticalLaw.CLIMB, up, StageStop.HEIGHT, burst),
            Stage(VerticalLaw.TAWHIRI_DESCENT, down, StageStop.GROUND),
        ],
    )


def standard_20(cases: list[dict]) -> ProfileArrays:
    row = {name: np.array([c[name] for c in cases]) for name in cases[0] if name != "n"}
    return standard(row, row["burst_altitude"], row["descent_rate"], row["ascent_rate"])


def misses(flown: Profiles, cases: list[dict]) -> np.ndarray:
    """Distances [m] from burst and landing, shape (20, 2)."""
    truth = np.array([[c[name] for name in ENDS] for c in cases])
    return miss_m(flown.longitude, flown.latitude, truth[:, :, 2], truth[:, :, 1])


# --- winds, rates and the drag law ---------------------------------------------------------------


@pytest.mark.parametrize("turn", [0.0, -360.0])
def test_200_winds_come_out_of_the_region_alone(
    folder: Path, levels: LevelGrid, turn: float
) -> None:
    table = np.genfromtxt(folder / "get_wind_200.csv", delimiter=",", names=True)
    u, v = wind_as_tawhiri(
        levels,
        DATASET_S + 3_600.0 * table["hour"],
        table["lat"],
        table["lng"] + turn,
        table["alt_m"],
    )

    assert table.size == 200
    assert max(np.abs(u - table["u"]).max(), np.abs(v - table["v"]).max()) < 1e-9
    # the altitude is taken for a geopotential height: converting it would show
    u, _ = wind_as_tawhiri(
        levels,
        DATASET_S + 3_600.0 * table["hour"],
        table["lat"],
        table["lng"],
        geopotential_height(table["alt_m"]),
    )
    assert 0.1 < np.abs(u - table["u"]).max() < 0.5


def test_a_wind_turns_into_the_rates_of_latitude_and_longitude_of_the_peer(folder: Path) -> None:
    known = json.loads((folder / "wind_velocity.json").read_text())
    dlat, dlng = degree_rates(known["u"], known["v"], known["lat"], known["alt"])

    assert dlat == pytest.approx(known["dlat_deg_s"], rel=1e-9)
    assert dlng == pytest.approx(known["dlng_deg_s"], rel=1e-9)


@pytest.mark.parametrize("latitude", [0.0, -0.25, 38.0, -60.0, 89.0, 89.9999])
def test_the_cosine_of_the_rates_is_exact_up_to_the_poles(latitude: float) -> None:
    _, dlng = degree_rates(1.0, 0.0, latitude, 0.0)

    assert dlng == pytest.approx(
        math.degrees(1.0 / (6_371_009.0 * math.cos(math.radians(latitude)))), rel=1e-10
    )


@pytest.mark.parametrize("speed", ["1.0", "5.0", "10.0"])
def test_the_drag_law_is_that_of_the_peer(folder: Path, speed: str) -> None:
    known = json.loads((folder / "drag_descent.json").read_text())["checks"][speed]
    heights = np.array([float(h) for h in known])
    rates = vertical_rate_ms(VerticalLaw.TAWHIRI_DESCENT, heights, float(speed))

    np.testing.assert_allclose(rates, list(known.values()), atol=5e-9)


def test_vector_12_the_drag_descent_has_its_speeds() -> None:
    rates = vertical_rate_ms(VerticalLaw.TAWHIRI_DESCENT, [0.0, 5_000.0], 5.0)

    assert -rates[0] == pytest.approx(4.986, abs=1e-3)
    assert -rates[1] == pytest.approx(6.430, abs=1e-3)


# --- the 20 flights ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("below", "burst_m", "landing_m"),
    [
        (BelowLevels.EXTRAPOLATE, 1e-6, 5e-5),
        (BelowLevels.TO_GROUND, 1e-6, 0.63),
        (BelowLevels.HOLD, 0.99, 1.49),
    ],
)
def test_20_flights_burst_and_land_where_the_peer_says(
    region: dict[str, np.ndarray],
    cases: list[dict],
    below: BelowLevels,
    burst_m: float,
    landing_m: float,
) -> None:
    flown = fly_as_tawhiri(lay_out(region, below), standard_20(cases)).profiles
    truth = np.array([[c[name] for name in ENDS] for c in cases])
    worst = misses(flown, cases).max(axis=0)

    assert flown.reason.tolist() == [[StageStop.HEIGHT, StageStop.GROUND]] * 20
    np.testing.assert_array_equal(flown.time_s, truth[:, :, 0])
    np.testing.assert_allclose(flown.height_m, truth[:, :, 3], atol=1e-4)
    assert burst_m / 100.0 < worst[0] <= burst_m
    assert landing_m / 4.0 < worst[1] <= landing_m


def test_winds_below_the_lowest_level_are_counted_for_each_flight(
    levels: LevelGrid, cases: list[dict]
) -> None:
    flights = fly_as_tawhiri(levels, standard_20(cases), record=True)
    low = np.array([c["alt"] for c in cases]) < 110.0

    # the lowest level lies at 110 m: a start below it asks once for its first wind, and more for
    # as long as it stays there; the last step asks below it again
    assert flights.held.min() >= 1
    assert flights.held[low].min() > 1
    assert flights.held.max() == 10
    # the first and the second part of each flight have as many points as the peer's
    assert flights.row[:, 0].tolist() == [c["n"][0] - 1 for c in cases]
    assert (flights.row[:, 1] - flights.row[:, 0] + 1).tolist() == [c["n"][1] for c in cases]


def test_a_cube_lays_out_as_the_region_does(
    levels: LevelGrid, cube: WindCube, cases: list[dict]
) -> None:
    first = fly_as_tawhiri(levels, standard_20(cases)).profiles
    second = fly_as_tawhiri(
        level_grid_of(cube, below=BelowLevels.HOLD), standard_20(cases)
    ).profiles

    assert np.array_equal(first.longitude, second.longitude)
    assert np.array_equal(first.latitude, second.latitude)


def test_the_region_as_a_weather_file_meets_winds_and_flights_of_the_peer(
    folder: Path, cube: WindCube, cases: list[dict]
) -> None:
    table = np.genfromtxt(folder / "get_wind_200.csv", delimiter=",", names=True)
    times = cube.reference_time_s + 3_600.0 * table["hour"]
    grid = level_grid_of(cube, below=BelowLevels.EXTRAPOLATE)
    u, v = wind_as_tawhiri(grid, times, table["lat"], table["lng"], table["alt_m"])
    flown = fly_as_tawhiri(level_grid_of(cube, below=BelowLevels.HOLD), standard_20(cases)).profiles

    assert cube.reference_time_s == DATASET_S
    assert max(np.abs(u - table["u"]).max(), np.abs(v - table["v"]).max()) < 1e-6
    # with the lowest wind held; the landings lie where the peer goes on below its lowest level
    assert misses(flown, cases)[:, 0].max() < 1.0
    beyond = fly_as_tawhiri(grid, standard_20(cases)).profiles
    assert misses(beyond, cases).max() < 1.0


# --- whole trajectories --------------------------------------------------------------------------


def epoch(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def answer(folder: Path, name: str) -> tuple[dict, list[np.ndarray]]:
    """Request and trajectories of a golden answer: time, latitude, longitude, altitude."""
    known = json.loads((folder / "api" / f"{name}.json").read_text())
    return known["request"], [
        np.array(
            [
                [epoch(p["datetime"]), p["latitude"], p["longitude"], p["altitude"]]
                for p in stage["trajectory"]
            ]
        )
        for stage in known["prediction"]
    ]


def launch_of(request: dict) -> dict[str, float]:
    return {
        "lng": request["launch_longitude"],
        "lat": request["launch_latitude"],
        "alt": request["launch_altitude"],
        "t": epoch(request["launch_datetime"]),
    }


def fly_request(request: dict, levels: LevelGrid):
    if request["profile"] == "float_profile":
        stop = epoch(request["stop_datetime"])
        start = launch_of(request)
        profile = make_profiles(
            start["lng"],
            start["lat"],
            start["alt"],
            start["t"],
            [
                Stage(
                    VerticalLaw.CLIMB,
                    request["ascent_rate"],
                    StageStop.HEIGHT,
                    request["float_altitude"],
                ),
                Stage(VerticalLaw.FLOAT, stop=StageStop.TIME, limit=stop),
            ],
        )
    else:
        profile = standard(
            launch_of(request),
            request["burst_altitude"],
            request["descent_rate"],
            request["ascent_rate"],
        )
    return fly_as_tawhiri(levels, profile, record=True)


@pytest.mark.parametrize(
    ("name", "held_m"),
    [("standard", 1.3), ("standard_low", 1.0), ("tiny_ascent_rate", 21.4), ("float", 0.3)],
)
def test_trajectories_are_those_of_the_golden_answers(
    folder: Path, region: dict[str, np.ndarray], name: str, held_m: float
) -> None:
    request, stages = answer(folder, name)
    worst = {}
    for below in (BelowLevels.EXTRAPOLATE, BelowLevels.HOLD):
        flights = fly_request(request, lay_out(region, below))
        track, row = flights.profiles.track[0], flights.row[0]
        parts = [track[: row[0] + 1], track[row[0] : row[1] + 1]]
        miss = 0.0
        for part, golden in zip(parts, stages, strict=True):
            assert part.shape == golden.shape
            np.testing.assert_allclose(part[:, 0], golden[:, 0], atol=2e-6)
            np.testing.assert_allclose(part[:, 3], golden[:, 3], atol=1e-4)
            miss = max(
                miss, float(miss_m(part[:, 1], part[:, 2], golden[:, 2], golden[:, 1]).max())
            )
        worst[below] = miss

    assert worst[BelowLevels.EXTRAPOLATE] < 1e-4
    assert 0.3 * held_m < worst[BelowLevels.HOLD] <= held_m


def test_a_climb_above_the_top_of_the_data_stops_there(folder: Path, levels: LevelGrid) -> None:
    request, stages = answer(folder, "high_50km")
    flights = fly_request(request, levels)
    flown, row = flights.profiles, flights.row[0]
    top = levels.arrays.lowest_top_m

    assert flown.reason[0].tolist() == [StageStop.LEFT_DATA, StageStop.NOT_REACHED]
    assert row[1] == -1
    assert 47_000.0 < top <= flown.height_m[0, 0] < top + 500.0
    assert flown.height_m[0, 0] < 49_000.0
    # up to there it went as the peer did
    golden = stages[0][: row[0]]
    np.testing.assert_allclose(flown.track[0, : row[0], 0], golden[:, 0], atol=2e-6)
    track = flown.track[0, : row[0]]
    assert miss_m(track[:, 1], track[:, 2], golden[:, 2], golden[:, 1]).max() < 0.5


# --- the accurate way beside the peer's ----------------------------------------------------------


def held_grid(levels: LevelGrid, region: dict[str, np.ndarray]) -> WindGrid:
    """The wind of the levels on even heights, held below the lowest."""
    times = DATASET_S + 3_600.0 * region["hours"]
    heights = np.arange(0.0, 32_001.0, 100.0)
    t, z, y, x = np.meshgrid(times, heights, region["lat"], region["lng"], indexing="ij")
    u, v = wind_as_tawhiri(levels, t.ravel(), y.ravel(), x.ravel(), z.ravel())
    wind = np.stack([u, v], axis=-1).reshape(1, *t.shape, 2).astype(np.float32)
    ground = np.zeros(t.shape[2:])
    holes = np.zeros(times.size - 1, bool)
    arrays = make_grid_arrays(wind, times, holes, heights, region["lat"], region["lng"], ground)
    return WindGrid(arrays, "region", "", "", "synthetic", None, (), (), False, "")


def in_geopotential_heights(flights: ProfileArrays) -> ProfileArrays:
    limit = flights.limit.copy()
    limit[:, 0] = geopotential_height(limit[:, 0])
    return flights._replace(height_m=geopotential_height(flights.height_m), limit=limit)


@pytest.mark.parametrize(
    ("aloft", "convert", "burst_m", "landing_m"),
    [(True, False, 25.3, 28.1), (False, False, 583.0, 626.0), (False, True, 881.0, 920.0)],
)
def test_the_accurate_way_differs_from_the_peer_by_what_its_choices_explain(
    levels: LevelGrid,
    region: dict[str, np.ndarray],
    cases: list[dict],
    aloft: bool,
    convert: bool,
    burst_m: float,
    landing_m: float,
) -> None:
    """Ends found to the millisecond; then a sphere at sea level; then geopotential heights."""
    flights = standard_20(cases)
    flights = in_geopotential_heights(flights) if convert else flights
    flown = fly_profiles(held_grid(levels, region), flights, aloft=aloft)
    miss = misses(flown, cases)

    assert flown.reason.tolist() == [[StageStop.HEIGHT, StageStop.GROUND]] * 20
    assert 0.9 * burst_m < miss[:, 0].max() <= burst_m
    assert 0.9 * landing_m < miss[:, 1].max() <= landing_m


def test_the_accurate_way_on_the_grid_of_a_mission_ends_at_its_heights(
    cube: WindCube, cases: list[dict]
) -> None:
    grid = build_grid(cube, WindOptions(surface="log", terrain_constant_m=0.0))
    flights = standard_20(cases)
    flown = fly_profiles(grid, flights)
    seconds = (flights.limit[:, 0] - flights.height_m) / flights.rate_ms[:, 0]

    np.testing.assert_allclose(flown.height_m[:, 0], flights.limit[:, 0], atol=1e-9)
    np.testing.assert_allclose(flown.time_s[:, 0] - flights.time_s, seconds, atol=1e-3)
    np.testing.assert_allclose(flown.height_m[:, 1], 0.0, atol=1e-9)
    assert misses(flown, cases).max() < 500.0
