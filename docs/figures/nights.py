"""Simulated nights: a prediction from its own draws, and one truth that is a fresh draw.

Each night has a site, a wind, a kind of item, a timer setting and a lead of its own, all from one
seed. The prediction flies two balloons in each draw, with the sample of items that a plan takes.
The
truth is one item of one balloon in a wind with an error of its own, of the same law: what a
prediction says of it ought to hold as often as it says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from downwind.load.catalogue import load_items
from downwind.plan.drop import ItemRows, Outcome, drop_rows, fly_group
from downwind.plan.evaluate import sample_rows
from downwind.plan.fleet import Setting
from downwind.plan.mission import Mission, Site
from downwind.plan.mission_file import parse_mission
from downwind.sim.draws import Cause, Draws
from downwind.sim.steps import Steps
from downwind.sim.wind_error import perturb_grid
from downwind.times import parse_time
from downwind.wind.error import forecast_sigma_ms, unresolved_sigma_ms
from downwind.wind.grid import WindGrid
from downwind.wind.grid_arrays import make_grid_arrays
from downwind.wind.hydrostatic import standard_height_m
from downwind.wind.perturbation import ErrorSize

SEED: Final = 20_261_123
"""Of all nights; it was fixed before any of them was flown."""

KINDS: Final = ("dvd", "leaflet-film-12x5", "leaflet-a5-80")
LOAD_KG: Final = 6.0
LAUNCH_S: Final = float(parse_time("2015-04-03T18:00Z"))
HEIGHT_M: Final = np.array([0.0, 500.0, 1_500.0, 3_000.0, 5_000.0, 7_500.0, 9_500.0, 12_000.0])
PRESSURE_PA: Final = np.array([92_500.0, 85_000.0, 70_000.0, 50_000.0, 30_000.0])
SPACING_M: Final = 28_000.0
"""Spacing of the grid whose unresolved winds are drawn [m]: a quarter of a degree."""

STEPS: Final = Steps(200.0, 60.0, 0.0, 0.0, 0.0)
CELL_M: Final = 2_000.0
"""Cell of the plain histogram [m]."""

_TRIES: Final = 50


@dataclass(frozen=True, slots=True)
class Landings:
    """Landings of opened items, arrays of shape (n,): places [degrees], weight, and draw."""

    longitude: NDArray[np.float64]
    latitude: NDArray[np.float64]
    weight: NDArray[np.float64]
    draw: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Night:
    """A prediction and what came of it.

    Attributes
    ----------
    kind : str
    predicted : Landings
    truth : tuple of float
        Longitude and latitude [degrees].
    """

    kind: str
    predicted: Landings
    truth: tuple[float, float]


@cache
def _template(kind: str) -> Mission:
    """Return a mission of two balloons with a load of one kind."""
    count = 2 * int(LOAD_KG / load_items()[kind].mass_kg)
    return parse_mission(
        {
            "mission": {"name": "simulated night", "seed": 0},
            "site": [{"name": "site", "latitude": 0.0, "longitude": 0.0, "time_zone": "UTC"}],
            "launch": {"times": ["2015-04-03T18:00Z"], "spacing": "5 min"},
            "balloon": [
                {
                    "name": "balloons",
                    "count": 2,
                    "vehicle": "film-7m",
                    "gas": "helium",
                    "free_lift": "10 %",
                    "timer": "quartz",
                    "timer_setting": "40 min",
                    "load": [{"item": kind, "count": count}],
                }
            ],
            "target": {"country": "North Korea"},
            "home": {"country": "South Korea"},
            "limits": {"falling_short": "5 %", "third_country": "1 %"},
            "terrain": {"constant_m": 0},
        }
    )


def draw_wind(rng: np.random.Generator, longitude: float, latitude: float) -> WindGrid:
    """Return a wind with shear and veer that changes over half a day, about a site [degrees]."""
    km = HEIGHT_M / 1_000.0
    hodographs = []
    towards, veer = rng.uniform(0.0, 360.0), rng.normal(0.0, 8.0)
    speed = rng.uniform(1.0, 6.0) + rng.uniform(0.5, 3.5) * np.minimum(km, 10.0)
    for change in (0.0, rng.normal(0.0, 30.0)):
        angle = np.radians(towards + change + veer * km)
        hodographs.append(np.column_stack([speed * np.sin(angle), speed * np.cos(angle)]))
    lat = latitude + np.linspace(-4.0, 4.0, 5)
    lon = longitude + np.linspace(-4.0, 4.0, 5) / np.cos(np.radians(min(abs(latitude), 60.0) + 4.0))
    wind = np.empty((1, 2, HEIGHT_M.size, 5, 5, 2), np.float32)
    wind[0] = np.array(hodographs)[:, :, None, None, :]
    time_s = LAUNCH_S + np.array([-900.0, 7.7 * 3_600.0])
    level = np.zeros((5, 5), np.float32)
    return WindGrid(
        arrays=make_grid_arrays(wind, time_s, np.zeros(1, bool), HEIGHT_M, lat, lon, level),
        source="simulated wind",
        digest="",
        files="",
        nature="synthetic",
        reference_time_s=None,
        bridges=(),
        notes=(),
        has_vertical_wind=False,
        terrain_source="level",
    )


def size_of_error(lead_h: float) -> ErrorSize:
    """Return the default error of a forecast of some lead [h], steady over the night."""
    height = np.array(standard_height_m(PRESSURE_PA), np.float64)
    time_s = LAUNCH_S + np.array([0.0, 12.0 * 3_600.0])
    large = np.column_stack(
        [forecast_sigma_ms(PRESSURE_PA, lead_h + extra) for extra in (0.0, 12.0)]
    )
    return ErrorSize(
        height_m=height,
        time_s=time_s,
        large_ms=large,
        fine_ms=float(unresolved_sigma_ms(SPACING_M)),
        slow_up_ms=0.05,
        fast_up_ms=0.1,
        mountain_up_ms=0.3,
        origin="default",
    )


def fly_night(index: int, draws: int, seed: int = SEED) -> Night:
    """Fly one night: its prediction with some draws, and its truth.

    Parameters
    ----------
    index : int
        Of the night; all that it is made of follows from it and the seed.
    draws : int
    seed : int
    """
    rng = np.random.default_rng([seed, index])
    longitude, latitude = rng.uniform(-180.0, 180.0), rng.uniform(-60.0, 60.0)
    kind = KINDS[int(rng.integers(len(KINDS)))]
    grid = draw_wind(rng, longitude, latitude)
    size = size_of_error(rng.uniform(6.0, 48.0))
    timer_s = float(rng.uniform(12.0, 40.0)) * 60.0
    own, first_truth = (int(n) for n in rng.integers(1 << 62, size=2))
    site = Site("site", latitude, longitude, None, "UTC")
    mission = replace(_template(kind), sites=(site,), draws=draws, seed=own)
    setting = Setting(site, int(LAUNCH_S), 0.1, timer_s)
    predicted = _fly(mission, grid, size, Draws(own, draws), setting, one=False)
    single = replace(mission, draws=1)
    for k in range(_TRIES):
        truth = _fly(single, grid, size, Draws(first_truth + k), setting, one=True)
        if truth.longitude.size:
            place = (float(truth.longitude[0]), float(truth.latitude[0]))
            return Night(kind, predicted, place)
    raise ArithmeticError(f"night {index}: no item of {_TRIES} opened")


def fly_nights(count: int, draws: int, seed: int = SEED) -> Iterator[Night]:
    """Fly some nights, one after the other."""
    for index in range(count):
        yield fly_night(index, draws, seed)


def _fly(
    mission: Mission, grid: WindGrid, size: ErrorSize, draws: Draws, setting: Setting, one: bool
) -> Landings:
    """Fly a mission in all its draws, and return the landings of what opened."""
    site = setting.site
    windy = perturb_grid(grid, size, draws, mission.draws, site.longitude, site.latitude)
    flights = fly_group(mission, 0, draws, windy, setting, STEPS)
    (lot,) = mission.lots
    rows = (
        _one_row(draws, lot.kind.name)
        if one
        else sample_rows(draws, lot.kind, 0, (mission.draws, 2))
    )
    landed = drop_rows(mission, lot, draws, windy, flights, rows, STEPS)
    # one leaflet in tens of thousands is aloft when the wind ends: it counts where it is then, in
    # predictions and truths alike
    aloft = (landed.outcome == Outcome.LEFT_DATA) & np.isfinite(landed.release_s)
    opened = (landed.outcome == Outcome.LANDED) | aloft
    return Landings(
        landed.longitude[opened], landed.latitude[opened], np.ones(int(opened.sum())),
        rows.draw[opened],
    )  # fmt: skip


def _one_row(draws: Draws, label: str) -> ItemRows:
    """Return any one item of the first balloon in the first draw."""
    zero = np.zeros(1, np.int64)
    return ItemRows(
        draw=zero,
        balloon=zero,
        item=zero,
        rank=draws.uniform(Cause.ITEM_SPEED, zero, label=f"{label}/rank"),
        own=draws.normal(Cause.ITEM_SPEED, zero, label=label),
        mode=draws.uniform(Cause.ITEM_MODE, zero, label=label),
        label=label,
    )
